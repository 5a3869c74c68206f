/* test_adopt.c - a table as the back end before this one made it, beside a real bucket: its
 * pictures become ours, once, and what is none is told and left. */
#include <stdio.h>
#include <string.h>

#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/talk.h"
#include "upload-svc/adopt.h"
#include "upload-svc/relay.h"

#define ROOT         "/api/admin/snapshots"
#define COUNT(table) kit_pg_value("SELECT count(*) FROM upload." table)
#define TABLE        "public.platform_snapshots"

static struct app *app;

/* Its columns as that back end's library made them; 'pictures.example' is put right below. */
static const char old_table[] =
    "DROP TABLE IF EXISTS public.platform_snapshots, public.campaigns;"
    "CREATE TABLE public.campaigns (id serial PRIMARY KEY, title varchar(255), \"platformSource\" "
    "text,"
    "  description text, \"isActive\" boolean);"
    "INSERT INTO public.campaigns VALUES (31, 'Moonlit Harbor', 'cookie.fun', '', true);"
    "CREATE TABLE public.platform_snapshots (id serial PRIMARY KEY,"
    "  \"platformSource\" varchar(50) NOT NULL DEFAULT 'cookie.fun', \"filePath\" varchar(500) NOT "
    "NULL UNIQUE,"
    "  \"s3Url\" varchar(500), \"s3Key\" varchar(500), \"originalFileName\" varchar(100),"
    "  \"processingStatus\" varchar(20) NOT NULL DEFAULT 'pending', \"snapshotType\" varchar(20),"
    "  \"snapshotTimeframe\" varchar(10) DEFAULT '24H', \"snapshotDate\" date NOT NULL, "
    "\"campaignId\" int,"
    "  \"yapperTwitterHandle\" varchar(100), metadata jsonb, \"processedData\" jsonb,"
    "  \"uploadTimestamp\" timestamp NOT NULL DEFAULT now());"
    "GRANT USAGE ON SCHEMA public TO upload_svc;"
    "GRANT SELECT ON public.platform_snapshots, public.campaigns TO upload_svc;"
    "INSERT INTO public.platform_snapshots (id, \"filePath\", \"s3Key\", \"originalFileName\","
    "    \"processingStatus\", \"snapshotType\", \"snapshotDate\", \"campaignId\", "
    "\"yapperTwitterHandle\","
    "    metadata, \"processedData\", \"uploadTimestamp\") VALUES"
    " (1, 'https://BUCKET.s3.eu-west-1.amazonaws.com/old/one.png', NULL, 'one.png', 'completed',"
    "  'leaderboard', '2025-08-01', 31, NULL, '{\"note\":\"a\"}', '{\"big\":1}', '2025-08-01 "
    "10:00'),"
    " (2, 'https://storage.googleapis.com/BUCKET/old/two%20b.png', 'BUCKET/old/two b.png', "
    "'two.png',"
    "  'pending', 'leaderboard', '2025-08-01', 31, NULL, NULL, NULL, '2025-08-01 10:00'),"
    " (3, 'http://rgw.example:8000/BUCKET/old/three.png', NULL, NULL, 'failed', 'yapper_profile',"
    "  '2025-08-02', NULL, '@Ada_Moon', NULL, NULL, '2025-08-02 10:00'),"
    " (4, '/uploads/snapshots/4.png', 'old/four.png', 'four.png', 'processing', NULL, "
    "'2025-08-03', 77,"
    "  NULL, '[1]', NULL, '2025-08-03 10:00'),"
    " (5, '/uploads/snapshots/5.png', NULL, 'lost.png', 'pending', 'leaderboard', '2025-08-03', "
    "NULL,"
    "  NULL, NULL, NULL, now()),"
    " (6, 'https://BUCKET.s3.amazonaws.com/old/gone.png', NULL, 'gone.png', 'pending', "
    "'leaderboard',"
    "  '2025-08-03', NULL, NULL, NULL, NULL, now()),"
    " (7, 'https://BUCKET.s3.amazonaws.com/old/text.png', NULL, 'text.png', 'pending', "
    "'leaderboard',"
    "  '2025-08-03', NULL, NULL, NULL, NULL, now()),"
    " (8, 'https://elsewhere.s3.amazonaws.com/old/one.png', NULL, 'x.png', 'pending', "
    "'leaderboard',"
    "  '2025-08-03', NULL, NULL, NULL, NULL, now()),"
    " (9, 'https://BUCKET.s3.amazonaws.com/old/nobody.png', NULL, 'n.png', 'pending', "
    "'yapper_profile',"
    "  '2025-08-03', NULL, NULL, NULL, NULL, now());";

static void put(const char *key, struct sv body)
{
    struct s3_etag etag;
    struct err err = ERR_INIT;

    assert_ok(s3_put(app->s3, key, "application/octet-stream", body, &etag, &err), err);
}

/* 320 by 200. */
static void put_png(const char *key, const char *more)
{
    static const char head[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01@\0\0\0\xc8\b\x02\0\0\0crc!"
                               "\0\0\0\x04IDAT";
    AUTO(str_free) struct str body = STR_INIT(2000000);

    str_add(&body, head, sizeof head - 1);
    str_addz(&body, more);
    put(key, str_sv(&body));
}

static void make_old(void)
{
    AUTO(str_free) struct str sql = STR_INIT(65536);
    struct sv rest = SV_LIT(old_table);
    const char *mark;

    while ((mark = memmem(rest.p, rest.n, "BUCKET", 6))) {
        size_t n = (size_t)(mark - rest.p);

        str_add(&sql, rest.p, n);
        str_addz(&sql, app->conf.bucket);
        rest = (struct sv){mark + 6, rest.n - n - 6};
    }
    str_addv(&sql, rest);
    kit_pg_sql(sql.p);
    put_png("old/one.png", "1234");
    put_png("old/two b.png", "5678");
    put_png("old/three.png", "9012");
    put_png("old/four.png", "3456");
    put_png("old/nobody.png", "7890");
    put("old/text.png", SV_LIT("no picture, whatever its name may say"));
    kit_pg_sql("SELECT upload.campaigns_pull('public.campaigns')");
}

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(true);
    return app ? 0 : -1;
}

static int fresh(void **state)
{
    int status = kit_gate_fresh(state);

    make_old();
    return status;
}

static void adopt(bool dry, struct str *report)
{
    struct err err = ERR_INIT;

    str_reset(report);
    assert_ok(adopt_all(app, TABLE, dry, report, &err), err);
}

static void says(const struct str *report, const char *line)
{
    if (!strstr(report->p, line))
        fail_msg("no line \"%s\" in\n%s", line, report->p);
}

static void pictures_of_the_old_back_end_become_ours_and_the_rest_is_told(void **state)
{
    AUTO(str_free) struct str report = STR_INIT(65536);

    (void)state;
    adopt(false, &report);
    says(&report, "rows there                   9\n");
    says(&report, "adopted                      4\n");
    says(&report, "  by the bucket in the host  1\n");
    says(&report, "  by the bucket in the path  1\n");
    says(&report, "  by an address of Google's  1\n");
    says(&report, "  by the key that was noted  1\n");
    says(&report, "  without their campaign     1\n");
    says(&report, "left                         5\n");
    says(&report, "left  5: it names no object of the bucket ");
    says(&report, "left  6: the bucket holds no such object\n");
    says(&report, "left  7: not a picture that is taken");
    says(&report, "left  8: it names no object of the bucket ");
    says(&report, "left  9: yapperTwitterHandle: yapper_profile is about one person");
    says(&report, "S3_READ_PREFIXES=old/\n");
    assert_string_equal(
        kit_pg_value("SELECT string_agg(s3_key || ' ' || original_file_name || ' ' ||"
                     " snapshot_type || ' ' || snapshot_timeframe, ', ' ORDER BY id)"
                     " FROM upload.platform_snapshots"),
        "old/one.png one.png leaderboard 24H, old/two b.png two.png leaderboard 24H,"
        " old/three.png unnamed yapper_profile 7D,"
        " old/four.png four.png leaderboard 24H");
    assert_string_equal(COUNT("platform_snapshots WHERE width = 320 AND height = 200 AND bytes = 45"
                              " AND content_type = 'image/png' AND etag <> '' AND sha256 IS NULL"
                              " AND uploaded_by = 'adopted'"),
                        "4");
    assert_string_equal(COUNT("platform_snapshots WHERE campaign_id = 31 AND uploaded_at ="
                              " '2025-08-01 10:00Z'"),
                        "2");
    assert_string_equal(COUNT("platform_snapshots WHERE yapper_twitter_handle = 'ada_moon'"), "1");
    assert_string_equal(kit_pg_value("SELECT metadata FROM upload.platform_snapshots ORDER BY id"),
                        "{\"note\": \"a\", \"adopted\": {\"id\": 1, \"from\": \"" TABLE
                        "\", \"processingStatus\": \"completed\"}}");
    assert_string_equal(COUNT("sets"), "3"); /* the first two belong together */
}

static void adopting_again_changes_nothing_and_takes_what_is_new(void **state)
{
    AUTO(str_free) struct str report = STR_INIT(65536);

    (void)state;
    adopt(false, &report);
    adopt(false, &report);
    says(&report, "adopted                      0\n");
    says(&report, "here already                 4\n");
    put_png("old/gone.png", "late");
    adopt(false, &report);
    says(&report, "adopted                      1\n");
    assert_string_equal(COUNT("platform_snapshots"), "5");
    assert_string_equal(COUNT("event_log WHERE state = 'pending'"), "5");
}

static void a_dry_run_tells_the_same_and_keeps_nothing(void **state)
{
    AUTO(str_free) struct str report = STR_INIT(65536);

    (void)state;
    adopt(true, &report);
    says(&report, "would be adopted             4\n");
    assert_string_equal(COUNT("platform_snapshots"), "0");
    assert_string_equal(COUNT("sets"), "0");
}

static void what_was_adopted_waits_until_somebody_asks_and_is_then_sent(void **state)
{
    AUTO(str_free) struct str report = STR_INIT(65536);
    struct err err = ERR_INIT;
    bool any = true;

    (void)state;
    adopt(false, &report);
    assert_ok(relay_freeze(app, &any, &err), err);
    assert_false(any);
    assert_non_null(strstr(kit_get(ROOT "/pending-summary"), "\"totalPending\" : 4"));
    assert_int_equal(
        talk_status(kit_ask("POST", ROOT "/process", NULL, SV_LIT("{\"snapshotIds\":[1]}"))), 200);
    assert_ok(relay_freeze(app, &any, &err), err);
    assert_true(any); /* with the other one of its set */
    assert_string_equal(kit_pg_value("SELECT string_agg(item ->> 's3_key', ',') FROM upload.outbox,"
                                     " jsonb_array_elements(body::jsonb -> 'items') AS item"),
                        "old/one.png,old/two b.png");
}

static void an_adopted_picture_is_shown_and_its_object_stays_when_it_goes(void **state)
{
    AUTO(str_free) struct str report = STR_INIT(65536);
    struct s3_head head;
    struct err err = ERR_INIT;

    (void)state;
    adopt(false, &report);
    app->conf.s3_browser_endpoint = app->conf.s3_endpoint;
    assert_non_null(
        strstr(kit_ask("GET", ROOT "/1/image", NULL, SV_LIT("")), "/old/one.png?X-Amz-"));
    assert_int_equal(talk_status(kit_ask("DELETE", ROOT "/1", NULL, SV_LIT(""))), 200);
    assert_ok(s3_stat(app->s3, "old/one.png", &head, &err), err);
}

static void a_table_that_is_not_there_is_said_so(void **state)
{
    AUTO(str_free) struct str report = STR_INIT(65536);
    struct err err = ERR_INIT;

    (void)state;
    assert_false(adopt_all(app, "public.nowhere", false, &report, &err));
    assert_non_null(strstr(err.msg, "adopting the rows of public.nowhere"));
    assert_non_null(strstr(err.msg, "there is no table public.nowhere"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
    const struct CMUnitTest tests[] = {
        T(pictures_of_the_old_back_end_become_ours_and_the_rest_is_told),
        T(adopting_again_changes_nothing_and_takes_what_is_new),
        T(a_dry_run_tells_the_same_and_keeps_nothing),
        T(what_was_adopted_waits_until_somebody_asks_and_is_then_sent),
        T(an_adopted_picture_is_shown_and_its_object_stays_when_it_goes),
        T(a_table_that_is_not_there_is_said_so),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
