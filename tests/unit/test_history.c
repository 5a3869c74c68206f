/*
 * test_history.c - what people read: the list and its filters, one picture, its image, a
 * leaderboard; with and without the analysis's views. Through the real door.
 * Covers: history row store get_snapshots get_image leaderboard meta
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/config.h" /* its views are read */
#include "common/json.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/rgw.h"
#include "tests/kit/schema.h"
#include "tests/kit/talk.h"
#include "upload-svc/app.h"

#define ROOT "/api/admin/snapshots"
#define SET  "0b4c3a77-61ce-4d35-8d4c-1a40f5b0c9d2"

static struct app *app;
static const struct json *doc;

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(true);
    return app ? 0 : -1;
}

static int status_of(const char *path) { return kit_status("GET", path, ""); }

static const struct json *get(const char *path) { return doc = kit_json("GET", path, "", NULL); }

/* The numbers of the list, "3,2,1,". */
static const char *ids(const char *query)
{
    static char out[4096];
    char path[600];
    const struct json *list;

    snprintf(path, sizeof path, ROOT "/history%s%s", *query ? "?" : "", query);
    list = json_find(get(path), "snapshots");
    out[0] = '\0';
    for (const struct json *it = json_first(list); it; it = json_next(it))
        snprintf(out + strlen(out), sizeof out - strlen(out), "%d,", (int)json_int_or(it, "id", 0));
    return out;
}

static int64_t total(void) { return json_int_or(json_find(doc, "pagination"), "total", -1); }

/* Six pictures: 1 failed, 2 deleted, 3 sent, 4 a profile of @foo, 5 of arbus, 6 as it came. */
static void six(void)
{
    kit_recorded(6, NULL, 1);
    kit_pg_sql("INSERT INTO upload.campaigns (title, platform_source)"
               " VALUES ('Moonlit Harbor', 'cookie.fun');"
               "INSERT INTO upload.outbox (batch_id, body, item_count, state) VALUES"
               " ('00000000-0000-4000-8000-000000000009', '{}', 1, 'sent');"
               "UPDATE upload.platform_snapshots SET failed_at = now(), fail_code ="
               " 'batch_rejected', fail_note = 'because' WHERE id = 1;"
               "UPDATE upload.platform_snapshots SET deleted_at = now() WHERE id = 2;"
               "UPDATE upload.platform_snapshots SET batch_id ="
               " '00000000-0000-4000-8000-000000000009' WHERE id = 3;"
               "UPDATE upload.platform_snapshots SET snapshot_type = 'yapper_profile',"
               " yapper_twitter_handle = 'foo_bar', uploaded_at = '2026-11-10 23:59:59Z'"
               " WHERE id = 4;"
               "UPDATE upload.platform_snapshots SET platform_source = 'arbus', campaign_id = 1,"
               " uploaded_at = '2026-11-11 00:00:00Z' WHERE id = 5;"
               "UPDATE upload.platform_snapshots SET original_file_name = '50%_Off [a-z].PNG'"
               " WHERE id = 6");
}

static void all_filters_do_what_they_say(void)
{
    static const char *const table[][2] = {
        {"", "6,5,4,3,1,"},
        {"platformSource=arbus", "5,"},
        {"platformSource=all&status=all&campaignId=&q=", "6,5,4,3,1,"},
        {"platformSource=nowhere", ""},
        {"campaignId=1", "5,"},
        {"campaignId=2", ""},
        {"snapshotType=yapper_profile", "4,"},
        {"status=failed", "1,"},
        {"state=failed", "1,"},
        {"state=deleted", "2,"},
        {"status=deleted", "2,"},
        {"status=pending", "6,5,4,"},
        {"status=processing", "3,"},
        {"status=completed", ""},
        {"startDate=2026-11-11&endDate=2026-11-11", "5,"},
        {"endDate=2026-11-10", "4,"},
        {"startDate=2026-11-11T10:00:00.000Z&endDate=2026-11-12", "5,"},
        {"q=moonlit", "5,"},
        {"q=FOO_B", "4,"},
        {"q=50%25_off", "6,"},
        {"q=%25", "6,"}, /* a percent sign is one, not "anything" */
        {"q=[a-z]", "6,"},
        {"q='%20OR%20true%20--", ""},
        {"platformSource=cookie.fun&status=pending&q=png", "6,4,"},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const char *got = ids(table[i][0]);

        if (strcmp(got, table[i][1]) != 0)
            fail_msg("%s: %s instead of %s", table[i][0], got, table[i][1]);
    }
}

static void without_the_analysis_a_picture_is_pending_until_it_is_sent(void **state)
{
    const struct json *one;

    (void)state;
    kit_recorded(1, NULL, 1);
    one = json_find(get(ROOT "/status/1"), "snapshot");
    assert_string_equal(json_text_or(one, "state", ""), "pending");
    assert_string_equal(json_text_or(one, "statusDisplay", ""), "Pending");
    kit_pg_sql("INSERT INTO upload.outbox (batch_id, body, item_count, state) VALUES ('" SET
               "', '', 1, 'sent'); UPDATE upload.platform_snapshots SET batch_id = '" SET "'");
    one = json_find(get(ROOT "/status/1"), "snapshot");
    assert_string_equal(json_text_or(one, "state", ""), "processing");
    assert_string_equal(ids("state=processing"), "1,");
    assert_int_equal(status_of("/api/leaderboards/1"), 404);
}

static void filters_work_before_the_analysis_was_ever_started(void **state)
{
    (void)state;
    assert_string_equal(kit_pg_value("SELECT to_regclass('analysis.snapshot_status') IS NULL"),
                        "t");
    six();
    all_filters_do_what_they_say();
}

static void filters_work_with_the_analysis_views(void **state)
{
    (void)state;
    six();
    all_filters_do_what_they_say();
}

static void what_the_analysis_says_is_the_state(void **state)
{
    static const char *const map[][3] = {{"waiting", "processing", "processing"},
                                         {"extracted", "completed", "completed"},
                                         {"doubtful", "needs_review", "completed"},
                                         {"failed", "failed", "failed"},
                                         {"forgotten", "deleted", "failed"}};

    (void)state;
    kit_recorded(1, NULL, 1);
    for (size_t i = 0; i < COUNT_OF(map); i++) {
        const struct json *one;

        kit_schema_image(1, map[i][0], i > 1 ? "no_rows" : "");
        one = json_find(get(ROOT "/status/1"), "snapshot");
        assert_string_equal(json_text_or(one, "state", ""), map[i][1]);
        assert_string_equal(json_text_or(one, "processingStatus", ""), map[i][2]);
        assert_int_equal(json_bool_or(one, "needsReview", false), i == 2);
        if (i > 1)
            assert_string_equal(json_text_or(one, "errorLog", ""),
                                "No row was found in this picture.");
        else
            assert_int_equal(json_type(json_find(one, "errorLog")), JSON_NULL);
    }
    kit_schema_image(1, "doubtful", "");
    assert_string_equal(ids("status=completed"), "1,");
    assert_string_equal(ids("state=completed"), "");
    assert_string_equal(ids("state=needs_review"), "1,");
}

static void our_own_end_comes_before_what_the_analysis_says(void **state)
{
    const struct json *one;

    (void)state;
    kit_recorded(1, NULL, 1);
    kit_schema_image(1, "extracted", "");
    kit_pg_sql("UPDATE upload.platform_snapshots SET failed_at = now(), fail_code ="
               " 'batch_rejected', fail_note = 'the key lies outside'");
    one = json_find(get(ROOT "/status/1"), "snapshot");
    assert_string_equal(json_text_or(one, "state", ""), "failed");
    assert_string_equal(json_text_or(one, "errorLog", ""),
                        "The analysis service refused this picture's batch. the key lies outside");
    assert_string_equal(json_text_or(one, "failCode", ""), "batch_rejected");
    assert_int_equal(json_type(json_find(one, "processedAt")), JSON_TEXT);
    kit_pg_sql("UPDATE upload.platform_snapshots SET deleted_at = now()");
    one = json_find(get(ROOT "/status/1"), "snapshot");
    assert_string_equal(json_text_or(one, "state", ""), "deleted");
    assert_true(json_bool_or(one, "terminal", false));
}

static void pages_and_cursors_give_each_picture_once(void **state)
{
    const struct json *pages;
    char query[100];

    (void)state;
    kit_recorded(7, NULL, 1);
    assert_string_equal(ids("limit=3"), "7,6,5,");
    pages = json_find(doc, "pagination");
    assert_int_equal(total(), 7);
    assert_int_equal(json_int_or(pages, "pages", 0), 3);
    assert_string_equal(json_text_or(pages, "nextCursor", ""), "5");
    assert_string_equal(ids("limit=3&page=2"), "4,3,2,");
    assert_string_equal(ids("limit=3&page=3"), "1,");
    assert_int_equal(json_type(json_find(json_find(doc, "pagination"), "nextCursor")), JSON_NULL);
    assert_string_equal(ids("limit=3&page=4"), "");
    kit_recorded(2, NULL, 2); /* newer ones come in between: the cursor stays where it was */
    snprintf(query, sizeof query, "limit=3&cursor=5");
    assert_string_equal(ids(query), "4,3,2,");
    assert_string_equal(ids("limit=3&cursor=2"), "1,");
    assert_int_equal(total(), 9);
}

static void a_question_that_makes_no_sense_is_a_bad_request(void **state)
{
    static const char *const bad[] = {
        "limit=0",         "limit=201",    "limit=x",           "page=0",
        "page=-1",         "page=1.5",     "cursor=0",          "cursor=abc",
        "campaignId=x",    "state=weird",  "status=weird",      "startDate=2026-02-30",
        "endDate=tuesday", "startDate=20", "limit=99999999999", "page=9223372036854775807"};
    char path[200];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        snprintf(path, sizeof path, ROOT "/history?%s", bad[i]);
        if (status_of(path) != 400)
            fail_msg("%s: %d", bad[i], status_of(path));
    }
}

static void one_picture_is_told_with_all_that_is_known(void **state)
{
    struct intake *in = kit_recorded(1, NULL, 1);
    const struct json *one = json_find(get(ROOT "/1"), "snapshot");

    (void)state;
    assert_string_equal(json_text_or(one, "uuid", ""), in->files[0].uuid.text);
    assert_string_equal(json_text_or(one, "sha256", ""), in->files[0].object.sha256);
    assert_string_equal(json_text_or(one, "fileName", ""), "board 1.png");
    assert_string_equal(json_text_or(one, "snapshotDate", ""), "2026-11-20");
    assert_string_equal(json_text_or(one, "uploadedBy", ""), "kit");
    assert_string_equal(json_text_or(one, "imageUrl", ""), ROOT "/1/image");
    assert_int_equal(json_int_or(one, "bytes", 0), 181233);
    assert_int_equal(json_type(json_find(one, "metadata")), JSON_OBJECT);
    assert_int_equal(json_type(json_find(one, "document")), JSON_NULL);
    assert_int_equal(json_type(json_find(one, "confidenceScore")), JSON_NULL);
    assert_int_equal(json_type(json_find(one, "campaignTitle")), JSON_NULL);
}

static void a_snapshot_shows_what_was_read_and_what_it_cost(void **state)
{
    const struct json *s;

    (void)state;
    kit_recorded(1, SET, 1);
    kit_schema_image(1, "extracted", "");
    kit_pg_sql(
        "UPDATE analysis.images SET confidence = 0.97, cost_micro_usd = 1200, attempts = 1;"
        "INSERT INTO analysis.extractions (snapshot_id, extractor, version, run, state, provider,"
        " model, sha256, answer, confidence, document) VALUES (1, 'leaderboard', 1, 1,"
        " 'extracted', 'kit', 'reader-1', 'x', '{}', 0.97, '{\"rows\":[{\"key\":\"@a\"}]}');"
        "INSERT INTO analysis.sheets (set_id, extractor, platform_source, snapshot_date,"
        " timeframe, document, snapshot_ids) VALUES ('" SET "', 'leaderboard', 'cookie.fun',"
        " '2026-11-20', '24H', '{\"rows\":[{\"key\":\"@a\"},{\"key\":\"@b\"}]}', '{1}')");
    s = json_find(get(ROOT "/1"), "snapshot");
    assert_int_equal(json_count(json_find(json_find(s, "sheet"), "rows")), 2);
    assert_int_equal(json_count(json_find(json_find(s, "document"), "rows")), 1);
    assert_string_equal(json_text_or(json_find(s, "extraction"), "model", ""), "reader-1");
    assert_int_equal(json_int_or(s, "costMicroUsd", 0), 1200);
    assert_true(json_num_or(s, "confidenceScore", 0) == 0.97);
    assert_int_equal(json_type(json_find(s, "attempts")), JSON_ARRAY);
    assert_string_equal(json_text_or(s, "imageUrl", ""), ROOT "/1/image");
}

static void numbers_of_no_picture_are_not_found(void **state)
{
    static const char *const bad[] = {
        ROOT "/7",        ROOT "/status/7", ROOT "/7/image", ROOT "/x",
        ROOT "/status/x", ROOT "/-1",       ROOT "/1.5",     ROOT "/99999999999999999999",
        ROOT "/1%27--",   ROOT "/status/",  ROOT "/nothing", "/api/nothing"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (status_of(bad[i]) != 404)
            fail_msg("%s: %d", bad[i], status_of(bad[i]));
    assert_non_null(strstr(kit_get(bad[0]), "\"code\":\"not_found\""));
}

static void the_image_passes_through_where_browsers_do_not_reach_s3(void **state)
{
    AUTO(str_free) struct str bytes = STR_INIT(1 << 20);
    struct intake *in = kit_recorded(1, NULL, 1);
    struct s3_etag etag;
    struct err err = ERR_INIT;
    const char *answer;

    (void)state;
    assert_int_equal(status_of(ROOT "/1/image"), 404); /* its object is not there */
    str_addz(&bytes, "not a real picture, but these very bytes");
    assert_ok(s3_put(app->s3, in->files[0].key, "image/png", str_sv(&bytes), &etag, &err), err);
    kit_pg_sql("UPDATE upload.platform_snapshots SET bytes = 40");
    answer = kit_ask("GET", ROOT "/1/image", NULL, SV_LIT(""));
    assert_int_equal(talk_status(answer), 200);
    assert_non_null(strstr(answer, "Content-Type: image/png\r\n"));
    assert_non_null(strstr(answer, "\r\nnot a real picture, but these very bytes\r\n"));
    kit_pg_sql("UPDATE upload.platform_snapshots SET deleted_at = now()");
    assert_int_equal(status_of(ROOT "/1/image"), 410);
}

/* The row decides how much is asked for, piece by piece. */
static void a_large_image_passes_through_whole(void **state)
{
    AUTO(str_free) struct str bytes = STR_INIT(8 << 20);
    AUTO(talk_close) struct talk *talk = NULL;
    struct intake *in = kit_recorded(1, NULL, 1);
    struct s3_etag etag;
    struct err err = ERR_INIT;

    (void)state;
    for (int i = 0; bytes.n < (3 << 20) + 17; i++)
        str_addf(&bytes, "%d,", i);
    assert_ok(s3_put(app->s3, in->files[0].key, "image/png", str_sv(&bytes), &etag, &err), err);
    kit_pg_sql("UPDATE upload.platform_snapshots SET bytes = 102400");
    talk = talk_open(kit_gate_port());
    talk_say(talk,
             "GET " ROOT "/1/image HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer " KIT_GATE_TOKEN
             "\r\n\r\n");
    assert_true(talk_ended(talk, 10000));
    assert_non_null(strstr(talk->in, "Content-Type: image/png\r\n"));
    assert_memory_equal(strstr(talk->in, "\r\n\r\n") + 4, bytes.p, 102400);
}

static void a_browser_that_reaches_s3_is_sent_there_for_five_minutes(void **state)
{
    const char *answer;

    (void)state;
    kit_recorded(1, NULL, 1);
    app->conf.s3_browser_endpoint = app->conf.s3_endpoint;
    answer = kit_ask("GET", ROOT "/1/image", NULL, SV_LIT(""));
    app->conf.s3_browser_endpoint = "";
    assert_int_equal(talk_status(answer), 302);
    assert_non_null(strstr(answer, "X-Amz-Expires=300"));
    assert_non_null(strstr(answer, "X-Amz-Signature="));
    assert_non_null(strstr(answer, "/" KIT_RGW_BUCKET "/"));
}

static void a_leaderboard_is_the_newest_sheet_of_its_campaign(void **state)
{
    const struct json *got, *row;

    (void)state;
    assert_int_equal(status_of("/api/leaderboards/7"), 404);
    kit_pg_sql(
        "INSERT INTO analysis.sheets (set_id, extractor, platform_source, snapshot_date,"
        " timeframe, campaign_id, campaign_title, confidence, snapshot_ids, document, updated_at)"
        " VALUES (gen_random_uuid(), 'leaderboard', 'cookie.fun', '2026-11-19', '24H', 7,"
        "         'Moonlit Harbor', 0.9, '{1}', '{}', '2026-11-21'),"
        "        (gen_random_uuid(), 'leaderboard', 'cookie.fun', '2026-11-20', '24H', 7,"
        "         'Moonlit Harbor', 0.9, '{2}', '{}', '2026-11-20'),"
        "        (gen_random_uuid(), 'leaderboard', 'cookie.fun', '2026-11-20', '24H', 7,"
        "         'Moonlit Harbor', 0.9, '{3}', '{}', '2026-11-21');"
        "INSERT INTO analysis.leaderboard_rows (sheet_id, row_no, row_key, rank, handle,"
        " followers, total_snaps) VALUES (3, 2, '@b', 2, 'b', 10, 7), (3, 1, '@a', 1, 'a', 1200, "
        "10.5)");
    got = get("/api/leaderboards/7");
    assert_int_equal(json_int_or(got, "sheetId", 0), 3);
    row = json_first(json_find(got, "rows"));
    assert_string_equal(json_text_or(row, "handle", ""), "a");
    assert_int_equal(json_int_or(row, "followers", 0), 1200);
    assert_true(json_num_or(row, "totalSnaps", 0) == 10.5);
    assert_int_equal(json_count(json_find(got, "rows")), 2);
    assert_int_equal(json_int_or(get("/api/leaderboards/7?date=2026-11-19"), "sheetId", 0), 1);
    assert_int_equal(status_of("/api/leaderboards/7?date=2026-11-18"), 404);
    assert_int_equal(status_of("/api/leaderboards/7?date=soon"), 422);
    assert_int_equal(status_of("/api/leaderboards/8"), 404);
}

static void meta_tells_what_the_analysis_can_read(void **state)
{
    const struct json *list;

    (void)state;
    kit_pg_sql("TRUNCATE analysis.replicas; INSERT INTO analysis.replicas VALUES"
               " ('a', now(), now(), now() + interval '1 min', '[{\"name\":\"board\"}]',"
               "  '[{\"name\":\"z\"},{\"name\":\"b\"}]'),"
               " ('dead', now(), now(), now() - interval '1 s', '[{\"name\":\"old\"}]', '[]')");
    list = json_find(get("/api/meta"), "extractors");
    assert_int_equal(json_count(list), 1);
    assert_string_equal(json_text_or(json_at(list, 0), "name", ""), "board");
    assert_int_equal(json_int_or(json_at(list, 0), "replicas", 0), 1);
    list = json_find(doc, "providers"); /* in the order in which they are asked */
    assert_int_equal(json_count(list), 2);
    assert_string_equal(json_text_or(json_at(list, 0), "name", ""), "z");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, kit_gate_fresh)
#define A(f) cmocka_unit_test_setup(f, kit_schema_fresh)
    const struct CMUnitTest tests[] = {
        T(without_the_analysis_a_picture_is_pending_until_it_is_sent),
        T(filters_work_before_the_analysis_was_ever_started),
        T(pages_and_cursors_give_each_picture_once),
        T(a_question_that_makes_no_sense_is_a_bad_request),
        T(one_picture_is_told_with_all_that_is_known),
        T(numbers_of_no_picture_are_not_found),
        T(the_image_passes_through_where_browsers_do_not_reach_s3),
        T(a_large_image_passes_through_whole),
        T(a_browser_that_reaches_s3_is_sent_there_for_five_minutes),
        A(filters_work_with_the_analysis_views),
        A(what_the_analysis_says_is_the_state),
        A(our_own_end_comes_before_what_the_analysis_says),
        A(a_snapshot_shows_what_was_read_and_what_it_cost),
        A(a_leaderboard_is_the_newest_sheet_of_its_campaign),
        A(meta_tells_what_the_analysis_can_read),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
