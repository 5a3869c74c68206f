/* test_export.c - what was read, for people and spreadsheets: exports, a person's days, and what
 * changed from day to day. Through the real door, from rows that stand in Postgres.
 * Covers: export profiles intelligence */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/config.h" /* its views are read */
#include "common/json.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/schema.h"
#include "tests/kit/talk.h"
#include "upload-svc/app.h"

#define ROOT "/api/admin/snapshots"

static struct app *app;
static const struct json *doc;

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(false);
    return app ? 0 : -1;
}

/* A sheet of a day with rows "('key', rank, 'name', snaps)", days before today. */
static void sheet(int campaign, int days_ago, const char *rows)
{
    char sql[4096];

    snprintf(sql, sizeof sql,
             "WITH r(key, rank, name, snaps) AS (VALUES %s), s AS (INSERT INTO analysis.sheets"
             " (set_id, extractor, platform_source, snapshot_date, timeframe, campaign_id,"
             "  campaign_title, confidence, snapshot_ids, document) SELECT gen_random_uuid(),"
             " 'leaderboard', 'cookie.fun', current_date - %d, '24H', %d, 'Harbor, the moonlit',"
             " 0.9, '{1}', jsonb_build_object('rows', jsonb_agg(jsonb_build_object('key', key,"
             "  'confidence', 1, 'doubtful', '[\"rank\"]'::jsonb, 'cells', jsonb_build_object("
             "  'rank', jsonb_build_object('text', rank::text, 'value', rank),"
             "  'display_name', jsonb_build_object('text', name, 'value', name,"
             "    'edited', jsonb_build_object('by', 'anna'))))))"
             " FROM r RETURNING sheet_id)"
             " INSERT INTO analysis.leaderboard_rows (sheet_id, row_no, row_key, rank, handle,"
             "  display_name, total_snaps) SELECT sheet_id, row_number() OVER (), key, rank,"
             "  ltrim(key, '@'), name, snaps FROM s, r",
             rows, days_ago, campaign);
    kit_pg_sql(sql);
}

static int status_of(const char *path) { return kit_status("GET", path, ""); }

/* The body of a chunked answer, put together. */
static const char *body_of(const char *path)
{
    static char out[256 * 1024];
    const char *answer = kit_ask("GET", path, NULL, SV_LIT("")), *at = talk_body(answer);
    size_t n = 0;

    out[0] = '\0';
    assert_non_null(strstr(answer, "Transfer-Encoding: chunked"));
    for (char *end = NULL;; at += 2) {
        size_t size = (size_t)strtoul(at, &end, 16);

        if (end == at || size == 0 || strncmp(end, "\r\n", 2) != 0)
            return out;
        memcpy(out + n, end + 2, size);
        n += size;
        out[n] = '\0';
        at = end + 2 + size;
    }
}

static const struct json *get(const char *path) { return doc = kit_json("GET", path, "", NULL); }

static void csv_opens_in_a_spreadsheet_without_a_formula(void **state)
{
    const char *csv;

    (void)state;
    sheet(7, 0, "('@nora', 1, '=HYPERLINK(\"x\")', 5.5), ('@ben', 2, 'Ben', 4)");
    csv = body_of(ROOT "/export?format=csv");
    assert_non_null(strstr(csv,
                           "snapshotDate,platformSource,campaignId,campaignTitle,setId,sheetId,"
                           "rowKey,rank,display_name,confidence,doubtful,edited\r\n"));
    assert_non_null(strstr(csv, ",cookie.fun,7,\"Harbor, the moonlit\","));
    assert_non_null(
        strstr(csv, ",1,\"'@nora\",1,\"'=HYPERLINK(\"\"x\"\")\",1,rank,display_name\r\n"));
    assert_non_null(strstr(csv, ",1,\"'@ben\",2,Ben,1,rank,display_name\r\n"));
    assert_non_null(strstr(kit_ask("GET", ROOT "/export", NULL, SV_LIT("")),
                           "Content-Disposition: attachment; filename=\"snapkey-"));
}

static void json_and_lines_say_the_same_with_provenance(void **state)
{
    AUTO(json_free) struct json *line = NULL, *all = NULL;
    struct err err = ERR_INIT;
    const char *text;

    (void)state;
    sheet(7, 0, "('@nora', 1, 'Nora', 5), ('@ben', 2, 'Ben', 4)");
    assert_ok(json_parse(sv_of(body_of(ROOT "/export?format=json")), &all, &err), err);
    assert_int_equal(json_count(json_find(all, "rows")), 2);
    text = body_of(ROOT "/export?format=ndjson");
    assert_ok(json_parse((struct sv){text, strcspn(text, "\n")}, &line, &err), err);
    assert_string_equal(json_text_or(line, "rowKey", ""), "@nora");
    assert_int_equal(json_int_or(json_find(line, "values"), "rank", 0), 1);
    assert_string_equal(
        json_text_or(json_find(json_find(line, "edited"), "display_name"), "by", ""), "anna");
}

static size_t lines(const char *query)
{
    char path[300];
    size_t n = 0;

    snprintf(path, sizeof path, ROOT "/export?format=ndjson%s", query);
    for (const char *at = body_of(path); (at = strchr(at, '\n')); at++)
        n++;
    return n;
}

static void filters_and_pages_give_each_row_once(void **state)
{
    char query[100];

    (void)state;
    for (int i = 0; i < 45; i++) /* more than two pages of sheets */
        sheet(i % 3 + 1, i % 10, "('@nora', 1, 'Nora', 5), ('@ben', 2, 'Ben', 4)");
    assert_int_equal(lines(""), 90);
    assert_int_equal(lines("&campaignId=2"), 30);
    assert_int_equal(lines("&platformSource=arbus"), 0);
    assert_int_equal(lines("&snapshotType=yapper_profile"), 0);
    snprintf(query, sizeof query, "&startDate=%s", kit_pg_value("SELECT current_date - 1"));
    assert_int_equal(lines(query), 20);
    snprintf(query, sizeof query, "&endDate=%s", kit_pg_value("SELECT current_date - 9"));
    assert_int_equal(lines(query), 8);
}

static void an_export_of_nothing_is_empty_and_whole(void **state)
{
    (void)state;
    assert_string_equal(body_of(ROOT "/export?format=json"), "{\"success\":true,\"rows\":[\n]}\n");
    assert_string_equal(body_of(ROOT "/export?format=csv"),
                        "snapshotDate,platformSource,campaignId,campaignTitle,setId,sheetId,rowKey,"
                        "confidence,doubtful,edited\r\n");
    assert_int_equal(status_of(ROOT "/export?format=xls"), 400);
    assert_int_equal(status_of(ROOT "/export?startDate=x"), 400);
    assert_int_equal(status_of(ROOT "/export?campaignId=x"), 400);
}

/* ---- people ---- */

static void profile(const char *handle, int days_ago, int followers)
{
    char sql[2000];

    snprintf(sql, sizeof sql,
             "WITH s AS (INSERT INTO analysis.sheets (set_id, extractor, platform_source,"
             " snapshot_date, timeframe, handle, confidence, document) VALUES (gen_random_uuid(),"
             " 'yapper_profile', 'cookie.fun', current_date - %d, '7D', '%s', 0.8,"
             " '{\"rows\":[{\"key\":\"@x\",\"cells\":{\"followers\":{\"text\":\"x\",\"value\":%d}},"
             "\"confidence\":1,\"doubtful\":[],\"lists\":{\"badges\":[{\"title\":\"a\"}],"
             "\"connections\":[]},\"derived\":{\"badge_types\":[\"x\",\"y z\"],\"mean\":null,"
             "\"total_badges\":1}}]}') RETURNING sheet_id, document)"
             " INSERT INTO analysis.yapper_profiles (sheet_id, handle, confidence, document)"
             " SELECT sheet_id, '%s', 0.8, document FROM s",
             days_ago, handle, followers, handle);
    kit_pg_sql(sql);
}

static void a_persons_days_are_told_newest_first(void **state)
{
    const struct json *days;
    char path[200];

    (void)state;
    profile("nora_k", 0, 10);
    profile("nora_k", 0, 12); /* a later sheet of the same day */
    profile("nora_k", 3, 7);
    profile("nora_k", 200, 1);
    profile("ben", 0, 99);
    days = json_find(get("/api/yapper-profiles/@Nora_K/timeline"), "timeline");
    assert_int_equal(json_count(days), 2);
    assert_int_equal(json_int_or(json_find(json_at(days, 0), "values"), "followers", 0), 12);
    assert_int_equal(json_count(json_find(json_find(json_at(days, 1), "lists"), "badges")), 1);
    assert_int_equal(json_int_or(json_find(json_at(days, 1), "derived"), "total_badges", 0), 1);
    assert_int_equal(json_count(json_find(
                         get("/api/yapper-profiles/nora_k/timeline?days=365&limit=2"), "timeline")),
                     2);
    snprintf(path, sizeof path, "/api/yapper-profiles/nora_k/%s",
             kit_pg_value("SELECT current_date - 3"));
    assert_int_equal(
        json_int_or(json_find(json_find(get(path), "profile"), "values"), "followers", 0), 7);
    assert_int_equal(status_of("/api/yapper-profiles/nora_k/2019-01-01"), 404);
    assert_int_equal(status_of("/api/yapper-profiles/nora_k/yesterday"), 422);
    assert_int_equal(status_of("/api/yapper-profiles/nobody/timeline"), 404);
    assert_int_equal(status_of("/api/yapper-profiles/a%20b/timeline"), 404);
    assert_int_equal(status_of("/api/yapper-profiles/nora_k/timeline?limit=0"), 400);
}

static void a_persons_lists_and_what_follows_from_them_are_exported_too(void **state)
{
    const char *csv, *line;

    (void)state;
    profile("nora_k", 0, 10);
    csv = body_of(ROOT "/export?format=csv&snapshotType=yapper_profile");
    assert_non_null(strstr(csv, "rowKey,followers,badges,connections,badge_types,mean,"
                                "total_badges,confidence,doubtful,edited\r\n"));
    line = strstr(csv, "\"'@x\",");
    assert_non_null(line);
    assert_string_equal(line, "\"'@x\",10,\"[{\"\"title\"\":\"\"a\"\"}]\",,x y z,,1,1,,\r\n");
    assert_non_null(strstr(body_of(ROOT "/export?format=ndjson&snapshotType=yapper_profile"),
                           "\"derived\": {\"mean\": null, "));
}

static void what_changed_is_computed_from_rows(void **state)
{
    const struct json *day, *list;

    (void)state;
    sheet(7, 3, "('@nora', 1, 'Nora', 5), ('@ben', 2, 'Ben', 4), ('@kim', 3, 'Kim', 3)");
    sheet(7, 1, "('@ben', 1, 'Ben', 9), ('@nora', 3, 'Nora', 5), ('@lee', 2, 'Lee', 6)");
    sheet(8, 1, "('@zoe', 1, 'Zoe', 2)"); /* the first of its campaign: nobody is new in it */
    assert_int_equal(json_count(json_find(get(ROOT "/intelligence/cookie.fun"), "intelligence")),
                     2);
    day = json_at(json_find(doc, "intelligence"), 0);
    assert_int_equal(json_int_or(json_find(day, "totals"), "rows", 0), 4);
    assert_int_equal(json_int_or(json_find(day, "totals"), "totalSnaps", 0), 22);
    list = json_find(day, "movers");
    assert_int_equal(json_count(list), 2);
    assert_string_equal(json_text_or(json_at(list, 0), "handle", ""), "nora");
    assert_int_equal(json_int_or(json_at(list, 0), "change", 0), -2);
    assert_int_equal(json_int_or(json_at(list, 1), "change", 0), 1);
    list = json_find(day, "newEntrants");
    assert_int_equal(json_count(list), 1);
    assert_string_equal(json_text_or(json_at(list, 0), "handle", ""), "lee");
    assert_int_equal(json_count(json_find(day, "topPerformers")), 4);
    day = json_at(json_find(doc, "intelligence"), 1);
    assert_int_equal(json_count(json_find(day, "newEntrants")), 0);
    assert_int_equal(json_count(json_find(get(ROOT "/intelligence/bantr"), "intelligence")), 0);
    assert_int_equal(status_of(ROOT "/intelligence/nowhere"), 404);
    assert_int_equal(status_of(ROOT "/intelligence/bantr?days=0"), 400);
}

static void who_moved_came_and_went_is_told_between_two_days(void **state)
{
    const struct json *list;
    char path[200];

    (void)state;
    sheet(7, 3, "('@nora', 1, 'Nora', 5), ('@ben', 2, 'Ben', 4), ('@kim', 3, 'Kim', 3)");
    sheet(7, 1, "('@ben', 1, 'Ben', 9), ('@nora', 3, 'Nora', 5), ('@lee', 2, 'Lee', 6)");
    list = json_find(get("/api/leaderboards/7/movers"), "movers");
    assert_string_equal(json_text_or(doc, "dateBefore", ""),
                        kit_pg_value("SELECT current_date - 3"));
    assert_int_equal(json_count(list), 2);
    assert_string_equal(json_text_or(json_at(list, 0), "handle", ""), "nora");
    assert_int_equal(json_int_or(json_at(list, 0), "change", 0), -2);
    assert_string_equal(json_text_or(json_first(json_find(doc, "newEntrants")), "handle", ""),
                        "lee");
    assert_string_equal(json_text_or(json_first(json_find(doc, "gone")), "handle", ""), "kim");
    snprintf(path, sizeof path, "/api/leaderboards/7/movers?date=%s",
             kit_pg_value("SELECT current_date - 3"));
    assert_int_equal(json_count(json_find(get(path), "newEntrants")), 0); /* nothing before it */
    assert_int_equal(json_type(json_find(doc, "dateBefore")), JSON_NULL);
    assert_int_equal(status_of("/api/leaderboards/7/movers?date=2019-01-01"), 404);
    assert_int_equal(status_of("/api/leaderboards/9/movers"), 404);
}

static void the_most_of_a_metric_is_found_over_campaigns(void **state)
{
    const struct json *rows;

    (void)state;
    sheet(7, 1, "('@ben', 1, 'Ben', 9), ('@nora', 2, 'Nora', 5)");
    sheet(8, 1, "('@zoe', 1, 'Zoe', 7)");
    sheet(8, 3, "('@zoe', 1, 'Zoe', 70)"); /* an older day */
    rows = json_find(get("/api/top/totalSnaps?platformSource=cookie.fun&limit=2"), "rows");
    assert_int_equal(json_count(rows), 2);
    assert_string_equal(json_text_or(json_at(rows, 0), "handle", ""), "ben");
    assert_string_equal(json_text_or(json_at(rows, 1), "handle", ""), "zoe");
    assert_int_equal(json_int_or(json_at(rows, 1), "value", 0), 7);
    assert_int_equal(json_count(json_find(get("/api/top/totalSnaps?campaignId=8"), "rows")), 1);
    assert_int_equal(json_count(json_find(get("/api/top/followers"), "rows")), 0); /* none seen */
    assert_int_equal(json_count(json_find(get("/api/top/totalSnaps?platformSource=bantr"), "rows")),
                     0);
    assert_int_equal(status_of("/api/top/shoes"), 404);
    assert_int_equal(status_of("/api/top/followers?platformSource=nowhere"), 400);
    assert_int_equal(status_of("/api/top/followers?limit=0"), 400);
    assert_int_equal(status_of("/api/top/followers?date=soon"), 422);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, kit_schema_fresh)
    const struct CMUnitTest tests[] = {
        T(csv_opens_in_a_spreadsheet_without_a_formula),
        T(json_and_lines_say_the_same_with_provenance),
        T(filters_and_pages_give_each_row_once),
        T(an_export_of_nothing_is_empty_and_whole),
        T(a_persons_days_are_told_newest_first),
        T(a_persons_lists_and_what_follows_from_them_are_exported_too),
        T(what_changed_is_computed_from_rows),
        T(who_moved_came_and_went_is_told_between_two_days),
        T(the_most_of_a_metric_is_found_over_campaigns),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
