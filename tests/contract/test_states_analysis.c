/* test_states_analysis.c - proto's states are the SQL enums, and proto/README.md's views are there
 * with their columns; on a real Postgres. */
#include <stdio.h>
#include <string.h>

#include "analysis-svc/fail.h"
#include "common/str.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/workshop.h"

static int start(void **state)
{
    (void)state;
    return kit_workshop_open() ? 0 : -1;
}

static void states_are_the_enums_in_the_same_order(void **state)
{
    AUTO(str_free) struct str jobs = STR_INIT(1024);
    AUTO(str_free) struct str images = STR_INIT(1024);

    (void)state;
    for (unsigned i = 0; i < JOB_STATE_COUNT_; i++)
        str_addf(&jobs, "%s%s", i ? "," : "", job_state_wire((enum job_state)i));
    for (unsigned i = 0; i < IMAGE_STATE_COUNT_; i++)
        str_addf(&images, "%s%s", i ? "," : "", image_state_wire((enum image_state)i));
    assert_string_equal(
        kit_pg_value("SELECT array_to_string(enum_range(NULL::analysis.job_state), ',')"), jobs.p);
    assert_string_equal(
        kit_pg_value("SELECT array_to_string(enum_range(NULL::analysis.image_state), ',')"),
        images.p);
}

static void columns(const char *view, const char *want)
{
    char sql[512];

    snprintf(sql, sizeof sql,
             "SELECT string_agg(column_name || ' ' || udt_name, ', ' ORDER BY ordinal_position)"
             " FROM information_schema.columns WHERE table_schema = 'analysis' AND table_name ="
             " '%s'",
             view);
    assert_string_equal(kit_pg_value(sql), want);
}

static void the_views_are_those_that_upload_svc_was_promised(void **state)
{
    (void)state;
    columns("snapshot_status",
            "snapshot_id int8, uuid uuid, batch_id uuid, set_id uuid, state text, confidence "
            "float8, fail_code text, fail_note text, attempts int4, cost_micro_usd int8, "
            "accepted_at timestamptz, updated_at timestamptz, processed_at timestamptz");
    columns("snapshot_result",
            "snapshot_id int8, extractor text, version int4, run int4, provider text, model text, "
            "confidence float8, document jsonb, created_at timestamptz");
    columns("snapshot_attempts",
            "snapshot_id int8, attempt_id int8, provider text, model text, transport text, class "
            "text, http_status int4, request_id text, input_tokens int8, output_tokens int8, "
            "cost_micro_usd int8, started_at timestamptz, finished_at timestamptz, message text");
    columns("sheet",
            "sheet_id int8, set_id uuid, extractor text, platform_source text, snapshot_date "
            "date, campaign_id int8, campaign_title text, handle text, confidence float8, "
            "document jsonb, snapshot_ids _int8, updated_at timestamptz, fields _text");
    columns("leaderboard",
            "sheet_id int8, set_id uuid, campaign_id int8, platform_source text, snapshot_date "
            "date, row_no int4, row_key text, rank int4, display_name text, handle text, "
            "total_snaps float8, snaps_24h float8, snaps_7d float8, mindshare_percent float8, "
            "mindshare_change float8, followers float8, smart_followers float8, status text, "
            "badge text, confidence float8, doubtful _text, sources jsonb, notes jsonb, edited "
            "jsonb");
    columns("snapshot_reviews",
            "snapshot_id int8, review_id int8, batch_id uuid, action text, reviewer text, note "
            "text, run int4, at timestamptz, edits jsonb");
    columns("profile", "sheet_id int8, set_id uuid, platform_source text, snapshot_date date, "
                       "handle text, display_name text, confidence float8, doubtful _text, "
                       "document jsonb");
    columns("capabilities", "kind text, document jsonb, place int4, replicas int4");
    columns("events", "xid xid8, seq int8, snapshot_id int8, state text, data jsonb, at "
                      "timestamptz");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_are_the_enums_in_the_same_order),
        cmocka_unit_test(the_views_are_those_that_upload_svc_was_promised),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
