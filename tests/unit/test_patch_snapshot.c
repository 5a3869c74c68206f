/* test_patch_snapshot.c - a corrected picture moves to another set, and is packed there once more.
 * Through the real door. */
#include <stdio.h>
#include <string.h>

#include "analysis-svc/config.h" /* its views are read */
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/schema.h"
#include "tests/kit/talk.h"
#include "upload-svc/relay.h"

#define ROOT        "/api/admin/snapshots"
#define SET1        "0b4c3a77-61ce-4d35-8d4c-1a40f5b0c9d2"
#define SET2        "1b4c3a77-61ce-4d35-8d4c-1a40f5b0c9d2"
#define ONE(column) kit_pg_value("SELECT " column " FROM upload.platform_snapshots WHERE id = 1")

static struct app *app;

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(false);
    return app ? 0 : -1;
}

static int fresh(void **state)
{
    int failed = kit_schema_fresh(state);

    kit_pg_sql("INSERT INTO upload.campaigns (title, platform_source) VALUES"
               " ('Moonlit Harbor', 'cookie.fun'), ('Old Mill', 'cookie.fun');"
               "UPDATE upload.campaigns SET is_active = false WHERE id = 2");
    return failed;
}

static const char *patch(int id, const char *body)
{
    char path[64];

    snprintf(path, sizeof path, ROOT "/%d", id);
    return kit_ask("PATCH", path, NULL, sv_of(body));
}

static int status(int id, const char *body) { return talk_status(patch(id, body)); }

static void freeze(void)
{
    struct err err = ERR_INIT;
    bool any = true;

    while (any)
        assert_ok(relay_freeze(app, &any, &err), err);
}

static void a_corrected_picture_is_packed_in_another_set(void **state)
{
    (void)state;
    kit_recorded(2, SET1, 1);
    freeze();
    kit_pg_sql("UPDATE upload.outbox SET state = 'sent'");
    kit_schema_image(1, "extracted", "");
    assert_int_equal(status(1, "{\"snapshotDate\":\"2026-11-19\",\"campaignId\":1}"), 200);
    assert_string_equal(ONE("snapshot_date || ' ' || campaign_id || ' ' || rev || ' ' || moved"),
                        "2026-11-19 1 2 true");
    assert_string_equal(ONE("set_id = '" SET1 "'"), "f");
    assert_non_null(strstr(kit_get(ROOT "/status/1"), "\"state\":\"pending\""));
    freeze();
    assert_string_equal(
        kit_pg_value("SELECT (body::jsonb ->> 'snapshot_date') || ' ' || (body::jsonb -> 'campaign'"
                     " ->> 'title') || ' ' || (body::jsonb -> 'items' -> 0 ->> 'moved')"
                     " FROM upload.outbox WHERE state = 'ready'"),
        "2026-11-19 Moonlit Harbor true");
    assert_string_equal(
        kit_pg_value("SELECT data ->> 'moved' FROM upload.event_log ORDER BY seq DESC LIMIT 1"),
        "true");
}

static void pictures_of_one_set_that_are_corrected_alike_meet_again(void **state)
{
    (void)state;
    kit_recorded(3, SET1, 1);
    assert_int_equal(status(1, "{\"snapshotDate\":\"2026-11-19\"}"), 200);
    assert_int_equal(status(2, "{\"snapshotDate\":\"2026-11-19\"}"), 200);
    assert_int_equal(status(3, "{\"snapshotDate\":\"2026-11-18\"}"), 200);
    assert_string_equal(kit_pg_value("SELECT string_agg(n::text, ',' ORDER BY n) FROM (SELECT"
                                     " count(*) AS n FROM upload.platform_snapshots GROUP BY"
                                     " set_id) AS t"),
                        "1,2");
}

static void the_set_may_be_named_if_it_fits(void **state)
{
    (void)state;
    kit_recorded(1, SET1, 1);
    kit_recorded(1, SET2, 2);
    assert_int_equal(status(1, "{\"setId\":\"" SET2 "\"}"), 200);
    assert_string_equal(ONE("set_id"), SET2);
    assert_int_equal(status(1, "{\"setId\":\"" SET1 "\",\"snapshotDate\":\"2026-11-18\"}"), 422);
    assert_string_equal(ONE("set_id"), SET2);
}

static void nothing_to_correct_changes_nothing(void **state)
{
    (void)state;
    kit_recorded(1, SET1, 1);
    assert_int_equal(status(1, "{}"), 200);
    assert_int_equal(status(1, "{\"platformSource\":\"cookie.fun\",\"campaignId\":null}"), 200);
    assert_string_equal(ONE("rev || ' ' || set_id"), "1 " SET1);
}

static void a_correction_keeps_the_rules_of_the_form(void **state)
{
    static const char *const bad[] = {
        "{\"snapshotDate\":\"2026-02-30\"}",
        "{\"snapshotDate\":null}",
        "{\"platformSource\":\"nowhere\"}",
        "{\"campaignId\":77}",
        "{\"campaignId\":2}",
        "{\"campaignId\":\"x\"}",
        "{\"yapperTwitterHandle\":\"not a handle\"}",
        "{\"snapshotDate\":\"2099-01-01\"}",
        "{\"snapshotType\":\"yapper_profile\"}",
        "{\"uuid\":\"x\"}",
        "{\"snapshotDate\":[]}",
    };

    (void)state;
    kit_recorded(1, SET1, 1);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (status(1, bad[i]) != 422)
            fail_msg("%s: %s", bad[i], patch(1, bad[i]));
    assert_non_null(strstr(patch(1, "{\"snapshotDate\":\"x\",\"platformSource\":\"y\"}"),
                           "\"field\":\"platformSource\"")); /* all faults at once */
    assert_string_equal(ONE("rev"), "1");
    assert_int_equal(status(7, "{}"), 404);
    kit_pg_sql("UPDATE upload.platform_snapshots SET deleted_at = now()");
    assert_int_equal(status(1, "{}"), 410);
}

static void a_picture_that_is_there_already_is_a_conflict(void **state)
{
    (void)state;
    kit_recorded(1, SET1, 1);
    assert_int_equal(status(1, "{\"snapshotDate\":\"2026-11-19\"}"), 200);
    kit_recorded(1, SET2, 1); /* the same bytes for the old day */
    assert_int_equal(status(1, "{\"snapshotDate\":\"2026-11-20\"}"), 409);
    assert_string_equal(ONE("snapshot_date"), "2026-11-19");
}

static void a_handle_is_normalised_and_can_be_taken_away(void **state)
{
    (void)state;
    kit_recorded(1, SET1, 1);
    assert_int_equal(status(1, "{\"yapperTwitterHandle\":\" @Foo_Bar \"}"), 200);
    assert_string_equal(ONE("yapper_twitter_handle"), "foo_bar");
    assert_int_equal(status(1, "{\"yapperTwitterHandle\":null}"), 200);
    assert_string_equal(ONE("yapper_twitter_handle IS NULL"), "t");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
    const struct CMUnitTest tests[] = {
        T(a_corrected_picture_is_packed_in_another_set),
        T(pictures_of_one_set_that_are_corrected_alike_meet_again),
        T(the_set_may_be_named_if_it_fits),
        T(nothing_to_correct_changes_nothing),
        T(a_correction_keeps_the_rules_of_the_form),
        T(a_picture_that_is_there_already_is_a_conflict),
        T(a_handle_is_normalised_and_can_be_taken_away),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
