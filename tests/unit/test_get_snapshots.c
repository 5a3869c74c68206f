/* test_get_snapshots.c - what people are told: states, history, results, campaigns, the picture and
 * the page; with the analysis's views and without. On a real Postgres and S3, through the door.
 * Covers: get_snapshots get_image history row campaigns leaderboard meta page */
#include <stdio.h>
#include <string.h>

#include "analysis-svc/extract.h" /* for the link: schema.h wants that house's migrations */
#include "common/json.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/schema.h"
#include "tests/kit/talk.h"
#include "upload-svc/store.h"

#define ROOT "/api/admin/snapshots"
#define SET  "0b4c3a77-61ce-4d35-8d4c-1a40f5b0c9d2"

static struct app *app;
static bool views; /* the analysis's schema is there */
static struct json *doc;

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(true);
    return app ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    json_free(&doc);
    kit_gate_close();
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    kit_gate_reset();
    if (views)
        kit_pg_sql("TRUNCATE analysis.images, analysis.batches, analysis.sheets CASCADE");
    return 0;
}

/* The answer's JSON; it lives until the next. */
static const struct json *ask(const char *method, const char *path, const char *body, int status)
{
    const char *answer = kit_ask(method, path, NULL, sv_of(body));
    struct err err = ERR_INIT;

    if (talk_status(answer) != status)
        fail_msg("%s %s: %s", method, path, answer);
    json_free(&doc);
    assert_ok(json_parse(sv_of(talk_body(answer)), &doc, &err), err);
    return doc;
}

static const struct json *get(const char *path) { return ask("GET", path, "", 200); }

/* One picture of status/1, by member. */
static const char *seen(const char *member)
{
    const struct json *s = json_find(get(ROOT "/status/1"), "snapshot");

    return json_text_or(s, member, "(none)");
}

static void without_the_analysis_a_picture_is_pending_until_it_is_sent(void **state)
{
    (void)state;
    assert_false(views);
    kit_recorded(1, NULL, 1);
    assert_string_equal(seen("state"), "pending");
    assert_string_equal(seen("statusDisplay"), "Pending");
    kit_pg_sql("INSERT INTO upload.outbox (batch_id, body, item_count, state) VALUES ('" SET
               "', '', 1, 'sent'); UPDATE upload.platform_snapshots SET batch_id = '" SET "'");
    assert_string_equal(seen("state"), "processing");
    get(ROOT "/1");
    assert_int_equal(json_count(json_find(get(ROOT "/history"), "snapshots")), 1);
    get(ROOT "/history?state=processing");
    ask("GET", "/api/leaderboards/1", "", 404);
}

/* From here on the views are there. */
static void make_views(void)
{
    if (!views)
        kit_schema_analysis();
    views = true;
}

static void each_state_of_the_analysis_has_its_word(void **state)
{
    static const struct {
        const char *image, *wire, *old;
    } words[] = {{"waiting", "processing", "processing"},
                 {"extracted", "completed", "completed"},
                 {"doubtful", "needs_review", "completed"},
                 {"failed", "failed", "failed"},
                 {"forgotten", "deleted", "failed"}};

    (void)state;
    make_views();
    kit_recorded(1, NULL, 1);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        kit_schema_image(1, words[i].image, "");
        assert_string_equal(seen("state"), words[i].wire);
        assert_string_equal(seen("processingStatus"), words[i].old);
    }
    assert_true(json_bool_or(json_find(doc, "snapshot"), "terminal", false));
}

static void our_own_end_counts_more_than_what_the_analysis_says(void **state)
{
    (void)state;
    make_views();
    kit_recorded(1, NULL, 1);
    kit_schema_image(1, "extracted", "");
    kit_pg_sql("UPDATE upload.platform_snapshots SET failed_at = now(), fail_code ="
               " 'batch_rejected', fail_note = 'the key lies elsewhere'");
    assert_string_equal(seen("state"), "failed");
    assert_non_null(strstr(seen("errorLog"), "refused this picture's batch. the key lies"));
    kit_pg_sql("UPDATE upload.platform_snapshots SET deleted_at = now()");
    assert_string_equal(seen("state"), "deleted");
    assert_int_equal(json_count(json_find(get(ROOT "/history"), "snapshots")), 0);
    assert_int_equal(json_count(json_find(get(ROOT "/history?state=deleted"), "snapshots")), 1);
    ask("GET", ROOT "/1/image", "", 410);
}

static void a_failure_is_told_as_a_sentence(void **state)
{
    (void)state;
    make_views();
    kit_recorded(1, NULL, 1);
    kit_schema_image(1, "failed", "no_rows");
    assert_string_equal(seen("failCode"), "no_rows");
    assert_string_equal(seen("errorLog"), "No row was found in this picture.");
}

static void a_snapshot_shows_what_was_read_and_what_it_cost(void **state)
{
    const struct json *s;

    (void)state;
    make_views();
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

static void what_is_not_there_is_told_so(void **state)
{
    static const char *const paths[] = {ROOT "/7",       ROOT "/status/7",     ROOT "/7/image",
                                        ROOT "/nothing", ROOT "/status/x",     "/no.js",
                                        "/api/nothing",  "/api/leaderboards/9"};

    (void)state;
    make_views();
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        ask("GET", paths[i], "", 404);
        assert_string_equal(json_text_or(doc, "code", ""), "not_found");
    }
}

static size_t found(const char *query)
{
    char path[300];

    snprintf(path, sizeof path, ROOT "/history?%s", query);
    return json_count(json_find(get(path), "snapshots"));
}

static void history_is_filtered_by_what_people_look_for(void **state)
{
    (void)state;
    make_views();
    kit_recorded(3, NULL, 1);
    kit_pg_sql("INSERT INTO upload.campaigns (title, platform_source) VALUES ('100% Harbor',"
               " 'arbus'); UPDATE upload.platform_snapshots SET platform_source = 'arbus',"
               " campaign_id = 1, uploaded_at = '2026-11-01 23:30Z' WHERE id = 2;");
    kit_schema_image(1, "extracted", "");
    kit_schema_image(3, "doubtful", "");
    assert_int_equal(found(""), 3);
    assert_int_equal(found("platformSource=arbus"), 1);
    assert_int_equal(found("platformSource=all"), 3);
    assert_int_equal(found("campaignId=1"), 1);
    assert_int_equal(found("status=completed"), 2); /* the old word means both */
    assert_int_equal(found("state=completed"), 1);
    assert_int_equal(found("state=needs_review"), 1);
    assert_int_equal(found("status=pending"), 1);
    assert_int_equal(found("snapshotType=yapper_profile"), 0);
    assert_int_equal(found("startDate=2026-11-01&endDate=2026-11-01"), 1);
    assert_int_equal(found("endDate=2026-10-31T10:00:00Z"), 0);
    assert_int_equal(found("q=100%25%20harbor"), 1); /* % and _ mean themselves */
    assert_int_equal(found("q=BOARD%202"), 1);
    assert_int_equal(found("q=_"), 0);
}

static void a_history_filter_that_makes_no_sense_is_refused(void **state)
{
    static const char *const bad[] = {"limit=201",      "limit=0",      "page=x",   "status=lost",
                                      "startDate=soon", "campaignId=a", "cursor=-3"};
    char path[100];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        snprintf(path, sizeof path, ROOT "/history?%s", bad[i]);
        ask("GET", path, "", 400);
    }
}

static void a_cursor_stays_right_while_pictures_come_in(void **state)
{
    const struct json *page;
    char path[100];

    (void)state;
    make_views();
    kit_recorded(5, NULL, 1);
    page = get(ROOT "/history?limit=2");
    assert_int_equal(json_int_or(json_find(page, "pagination"), "total", 0), 5);
    assert_int_equal(json_int_or(json_find(page, "pagination"), "pages", 0), 3);
    snprintf(path, sizeof path, ROOT "/history?limit=2&cursor=%s",
             json_text_or(json_find(page, "pagination"), "nextCursor", ""));
    kit_recorded(3, NULL, 2);
    page = json_find(get(path), "snapshots");
    assert_int_equal(json_int_or(json_at(page, 0), "id", 0), 3);
    assert_int_equal(json_int_or(json_at(page, 1), "id", 0), 2);
    page = json_find(get(ROOT "/history?limit=2&page=4"), "snapshots");
    assert_int_equal(json_int_or(json_at(page, 0), "id", 0), 2);
    assert_null(
        json_text(json_find(json_find(get(ROOT "/history?limit=9"), "pagination"), "nextCursor")));
}

static void campaigns_are_made_renamed_and_archived(void **state)
{
    const struct json *c;

    (void)state;
    ask("POST", "/api/admin/campaigns",
        "{\"title\":\" Moonlit Harbor \",\"platformSource\":\"cookie.fun\"}", 201);
    ask("POST", "/api/admin/campaigns",
        "{\"title\":\"moonlit harbor\",\"platformSource\":\"cookie.fun\"}", 409);
    c = json_at(json_find(get(ROOT "/campaigns?platformSource=cookie.fun"), "campaigns"), 0);
    assert_string_equal(json_text_or(c, "label", ""), "Moonlit Harbor (cookie.fun)");
    assert_int_equal(json_int_or(c, "value", 0), 1);
    assert_int_equal(
        json_count(json_find(get(ROOT "/campaigns?platformSource=arbus"), "campaigns")), 0);
    ask("PATCH", "/api/admin/campaigns/1", "{\"title\":\"Sunlit Harbor\",\"description\":\"d\"}",
        200);
    assert_string_equal(json_text_or(json_find(doc, "campaign"), "title", ""), "Sunlit Harbor");
    ask("PATCH", "/api/admin/campaigns/1", "{\"isActive\":false}", 200);
    assert_int_equal(json_count(json_find(get(ROOT "/campaigns"), "campaigns")), 0);
    ask("PATCH", "/api/admin/campaigns/9", "{\"isActive\":false}", 404);
}

static void a_bad_campaign_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *body;
        int status;
    } bad[] = {{"{\"platformSource\":\"arbus\"}", 422},
               {"{\"title\":\"  \",\"platformSource\":\"arbus\"}", 422},
               {"{\"title\":\"a\",\"platformSource\":\"myspace\"}", 422},
               {"{\"title\":\"a\"}", 422},
               {"{\"title\":7,\"platformSource\":\"arbus\"}", 422},
               {"[]", 400},
               {"{", 400}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        ask("POST", "/api/admin/campaigns", bad[i].body, bad[i].status);
}

static void a_leaderboard_is_the_newest_sheet_of_its_day(void **state)
{
    const struct json *board;

    (void)state;
    make_views();
    kit_pg_sql("INSERT INTO analysis.sheets (set_id, extractor, platform_source, snapshot_date,"
               " timeframe, campaign_id, document) SELECT gen_random_uuid(), 'leaderboard',"
               " 'arbus', d::date, '24H', 7, '{}' FROM unnest(ARRAY['2026-11-19', '2026-11-20'])"
               " AS d;"
               "INSERT INTO analysis.leaderboard_rows (sheet_id, row_no, row_key, rank, handle,"
               " total_snaps) SELECT max(sheet_id), 1, '@a', 1, 'a', 10.5 FROM analysis.sheets");
    board = get("/api/leaderboards/7");
    assert_string_equal(json_text_or(board, "snapshotDate", ""), "2026-11-20");
    board = json_at(json_find(board, "rows"), 0);
    assert_string_equal(json_text_or(board, "handle", ""), "a");
    assert_true(json_num_or(board, "totalSnaps", 0) == 10.5);
    assert_int_equal(json_count(json_find(get("/api/leaderboards/7?date=2026-11-19"), "rows")), 0);
    ask("GET", "/api/leaderboards/7?date=2026-11-18", "", 404);
    ask("GET", "/api/leaderboards/7?date=someday", "", 422);
}

static void the_tables_of_proto_are_told(void **state)
{
    const struct json *meta = get("/api/meta");

    (void)state;
    assert_int_equal(json_count(json_find(meta, "errors")), ERR_COUNT_);
    assert_int_equal(json_count(json_find(meta, "snapshotStates")), 7);
    assert_int_equal(json_count(json_find(meta, "platforms")), 7);
    assert_int_equal(json_int_or(json_find(meta, "limits"), "fileBytes", 0), 7 << 20);
    assert_string_equal(
        json_text_or(json_at(json_find(get(ROOT "/platforms"), "platforms"), 0), "label", ""),
        "Cookie.fun");
}

/* An object under the picture's key, three megabytes and a bit. */
static void put_picture(struct str *bytes)
{
    struct s3_etag etag;
    struct err err = ERR_INIT;

    for (int i = 0; bytes->n < (3 << 20) + 17; i++)
        str_addf(bytes, "%d,", i);
    kit_recorded(1, NULL, 1);
    kit_pg_sql("UPDATE upload.platform_snapshots SET bytes = 1");
    assert_ok(s3_put(app->s3, kit_pg_value("SELECT s3_key FROM upload.platform_snapshots"),
                     "image/png", str_sv(bytes), &etag, &err),
              err);
}

static void a_browser_is_sent_to_s3_for_the_picture(void **state)
{
    AUTO(str_free) struct str bytes = STR_INIT(8 << 20);
    const char *answer;

    (void)state;
    put_picture(&bytes);
    app->conf.s3_browser_endpoint = app->conf.s3_endpoint;
    answer = kit_ask("GET", ROOT "/1/image", NULL, SV_LIT(""));
    assert_int_equal(talk_status(answer), 302);
    assert_non_null(strstr(answer, "X-Amz-Expires=300"));
    assert_non_null(strstr(answer, "X-Amz-Signature="));
}

static void a_picture_is_passed_through_where_s3_is_hidden(void **state)
{
    AUTO(str_free) struct str bytes = STR_INIT(8 << 20), sql = STR_INIT(200);
    AUTO(talk_close) struct talk *talk = NULL;

    (void)state;
    put_picture(&bytes);
    str_addf(&sql, "UPDATE upload.platform_snapshots SET bytes = %d", 100 * 1024);
    kit_pg_sql(sql.p); /* the row decides how much is asked for, piece by piece */
    talk = talk_open(kit_gate_port());
    talk_say(talk,
             "GET " ROOT "/1/image HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer " KIT_GATE_TOKEN
             "\r\n\r\n");
    assert_true(talk_ended(talk, 10000));
    assert_non_null(strstr(talk->in, "Content-Type: image/png\r\n"));
    assert_memory_equal(strstr(talk->in, "\r\n\r\n") + 4, bytes.p, 100 * 1024);
}

static void the_page_and_its_files_are_there_for_everybody(void **state)
{
    static const struct {
        const char *path, *type;
    } files[] = {{"/", "text/html"}, {"/app.js", "text/javascript"}, {"/app.css", "text/css"}};
    char want[80];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        const char *answer = kit_ask("GET", files[i].path, "", SV_LIT(""));

        assert_int_equal(talk_status(answer), 200);
        snprintf(want, sizeof want, "Content-Type: %s; charset=utf-8\r\n", files[i].type);
        assert_non_null(strstr(answer, want));
        assert_non_null(strstr(answer, "script-src 'self'"));
    }
}

#define T(f) cmocka_unit_test_setup(f, fresh)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(without_the_analysis_a_picture_is_pending_until_it_is_sent), /* before the views */
        T(each_state_of_the_analysis_has_its_word),
        T(our_own_end_counts_more_than_what_the_analysis_says),
        T(a_failure_is_told_as_a_sentence),
        T(a_snapshot_shows_what_was_read_and_what_it_cost),
        T(what_is_not_there_is_told_so),
        T(history_is_filtered_by_what_people_look_for),
        T(a_history_filter_that_makes_no_sense_is_refused),
        T(a_cursor_stays_right_while_pictures_come_in),
        T(campaigns_are_made_renamed_and_archived),
        T(a_bad_campaign_is_refused_with_a_reason),
        T(a_leaderboard_is_the_newest_sheet_of_its_day),
        T(the_tables_of_proto_are_told),
        T(a_browser_is_sent_to_s3_for_the_picture),
        T(a_picture_is_passed_through_where_s3_is_hidden),
        T(the_page_and_its_files_are_there_for_everybody),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
