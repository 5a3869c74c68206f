/* test_forget.c - a deleted picture leaves nothing, in whatever order the messages come; on a real
 * Postgres. Covers: batch_locks */
#include "analysis-svc/forget.h"

#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/workshop.h"

#define FORGET "\"op\":\"forget\","

static struct app *app;

static int start(void **state)
{
    (void)state;
    app = kit_workshop_open();
    return app ? 0 : -1;
}

static void results_go_and_the_sheet_is_merged_again(void **state)
{
    struct flight *f;

    (void)state;
    f = kit_claim_of(app, 2);
    kit_land_good(app, &f, 0);
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.leaderboard"), "3");
    kit_accept(app, kit_batch(2, 1, 41, 1, FORGET));
    assert_string_equal(
        kit_pg_value("SELECT string_agg(handle, ',' ORDER BY row_no) FROM analysis.leaderboard"),
        "shared_star,picture_42");
    assert_string_equal(kit_pg_value("SELECT snapshot_ids FROM analysis.sheet"), "{42}");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.extractions"), "1");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.attempts WHERE raw IS NULL"),
                        "1");
    assert_string_equal(kit_pg_value("SELECT state FROM analysis.events ORDER BY seq DESC LIMIT 1"),
                        "forgotten");
    kit_accept(app, kit_batch(3, 1, 42, 1, FORGET));
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.sheet"), "0");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.leaderboard"), "0");
}

static void a_late_answer_for_a_forgotten_picture_changes_nothing(void **state)
{
    struct flight *f;
    struct stored done;

    (void)state;
    f = kit_claim_of(app, 2);
    kit_accept(app, kit_batch(2, 1, 41, 1, FORGET));
    done = kit_land_good(app, &f, 0);
    assert_true(done.fenced);
    assert_int_equal(done.images, 1);
    assert_int_equal(done.dropped, 1);
    assert_string_equal(kit_pg_value("SELECT snapshot_id FROM analysis.extractions"), "42");
    assert_string_equal(
        kit_pg_value("SELECT state || ' ' || fail_code || ' ' || cost_micro_usd FROM"
                     " analysis.images WHERE snapshot_id = 41"),
        "forgotten forgotten 0");
}

static void a_job_without_pictures_is_closed_while_it_is_out(void **state)
{
    struct flight *f;
    struct stored done;

    (void)state;
    f = kit_claim_of(app, 1);
    kit_accept(app, kit_batch(2, 1, 41, 1, FORGET));
    assert_string_equal(kit_pg_value("SELECT state FROM analysis.jobs"), "cancelled");
    assert_string_equal(
        kit_pg_value("SELECT count(*) FROM analysis.batches WHERE ended_at IS NULL"), "0");
    done = kit_land_good(app, &f, 0);
    assert_false(done.fenced);
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.extractions"), "0");
}

static void a_batch_that_comes_after_its_own_deletion_finds_it_forgotten(void **state)
{
    (void)state;
    kit_accept(app, kit_batch(2, 1, 41, 1, FORGET));
    kit_accept(app, kit_batch(1, 1, 41, 2, ""));
    assert_string_equal(kit_pg_value("SELECT string_agg(state::text, ',' ORDER BY snapshot_id)"
                                     " FROM analysis.images"),
                        "forgotten,waiting");
    assert_string_equal(kit_pg_value("SELECT image_count FROM analysis.jobs"), "1");
}

static void forgetting_twice_is_harmless(void **state)
{
    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    kit_accept(app, kit_batch(2, 1, 41, 1, FORGET));
    kit_accept(app, kit_batch(3, 1, 41, 1, FORGET));
    assert_string_equal(
        kit_pg_value("SELECT count(*) FROM analysis.events WHERE state = 'forgotten'"), "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(results_go_and_the_sheet_is_merged_again, kit_workshop_fresh),
        cmocka_unit_test_setup(a_late_answer_for_a_forgotten_picture_changes_nothing,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(a_job_without_pictures_is_closed_while_it_is_out,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(a_batch_that_comes_after_its_own_deletion_finds_it_forgotten,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(forgetting_twice_is_harmless, kit_workshop_fresh),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
