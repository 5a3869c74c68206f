/* test_reaper.c - deadlines, worn-out jobs, old raw answers; on a real Postgres. */
#include "analysis-svc/reaper.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analysis-svc/fail.h"
#include "analysis-svc/metrics.h"
#include "analysis-svc/queries.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/workshop.h"

static struct app *app;

static int start(void **state)
{
    (void)state;
    app = kit_workshop_open();
    return app ? 0 : -1;
}

static struct reaped turn(void)
{
    struct reaped r;
    struct err err = ERR_INIT;

    assert_ok(reaper_turn(app, &r, &err), err);
    return r;
}

static void a_passed_deadline_ends_the_pictures_with_the_reason(void **state)
{
    int64_t before = metric_value(M_REAPED, FAIL_DEADLINE);

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 2, ""));
    assert_int_equal(turn().ended, 0);
    kit_pg_sql("UPDATE analysis.jobs SET deadline_at = now() - interval '1 s'");
    assert_int_equal(turn().ended, 1);
    assert_string_equal(
        kit_pg_value("SELECT string_agg(DISTINCT state || ' ' || fail_code || ' ' || fail_note,"
                     " ',') FROM analysis.snapshot_status"),
        "failed deadline No provider answered in time.");
    assert_string_equal(kit_pg_value("SELECT state || ' ' || fail_code FROM analysis.jobs"),
                        "dead deadline");
    assert_string_equal(kit_pg_value("SELECT ended_at IS NOT NULL FROM analysis.batches"), "t");
    assert_int_equal(metric_value(M_REAPED, FAIL_DEADLINE), before + 1);
}

static void a_call_that_is_out_at_the_deadline_is_stored_nowhere(void **state)
{
    struct flight *f;

    (void)state;
    f = kit_claim_of(app, 1);
    kit_pg_sql("UPDATE analysis.jobs SET deadline_at = now() - interval '1 s'");
    assert_int_equal(turn().ended, 1);
    assert_false(kit_land_good(app, &f, 0).fenced);
    assert_string_equal(kit_pg_value("SELECT state FROM analysis.images"), "failed");
    assert_string_equal(kit_pg_value("SELECT class FROM analysis.attempts"), "stale");
}

static void a_job_claimed_too_often_ends(void **state)
{
    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    kit_pg_sql("UPDATE analysis.jobs SET deliveries = 20");
    assert_int_equal(turn().ended, 1);
    assert_string_equal(kit_pg_value("SELECT fail_code FROM analysis.images"), "too_many_tries");
}

static void what_the_reaper_ended_can_be_sent_again(void **state)
{
    struct flight *f;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    kit_pg_sql("UPDATE analysis.jobs SET deadline_at = now() - interval '1 s'");
    turn();
    kit_accept(app, kit_batch(2, 1, 41, 1, ""));
    f = kit_claim(app);
    assert_int_equal(kit_land_good(app, &f, 0).images, 1);
    assert_string_equal(kit_pg_value("SELECT state || ' ' || (fail_code IS NULL) || ' ' || run"
                                     " FROM analysis.images"),
                        "extracted true 2");
}

static void raw_answers_are_dropped_when_they_are_old(void **state)
{
    struct flight *f;

    (void)state;
    f = kit_claim_of(app, 1);
    kit_land_good(app, &f, 0);
    turn();
    assert_string_equal(kit_pg_value("SELECT raw IS NOT NULL FROM analysis.attempts"), "t");
    kit_pg_sql("UPDATE analysis.attempts SET finished_at = now() - interval '31 d'");
    turn();
    assert_string_equal(kit_pg_value("SELECT raw IS NOT NULL FROM analysis.attempts"), "f");
}

/* In a process of its own: a job is asked about twice, the second answer is stored, and before the
 * first one is heard of the process is killed. */
static void crash_between_winner_and_loser(void)
{
    AUTO(db_rows_free) struct db_rows *twin = NULL;
    AUTO(db_release) struct db_conn *conn = NULL;
    struct err err = ERR_INIT;
    struct flight *f;

    assert_ok(db_open(&app->db_conf, &app->db, &err), err);
    f = kit_claim(app);
    assert_ok(db_lease(app->db, 1000, &conn, &err), err);
    assert_ok(db_run(conn, Q_TWIN_BORN, &twin, &err, P(f->job_id), P(f->token), P("anthropic"),
                     P("claude-kit"), P("url"), P("{41}"), P((int64_t)500)),
              err);
    f->attempt_id = db_int(twin, 0, "attempt_id");
    assert_true(kit_land_good(app, &f, 0).fenced);
    raise(SIGKILL);
}

static const char *first_call(void)
{
    return kit_pg_value("SELECT COALESCE(class, 'open') || ' ' || (finished_at IS NOT NULL)"
                        " FROM analysis.attempts ORDER BY attempt_id LIMIT 1");
}

static void the_row_of_a_call_that_lost_does_not_stay_open_when_its_worker_dies(void **state)
{
    int status = 0;
    pid_t child;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    child = fork();
    if (child == 0)
        crash_between_winner_and_loser();
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    turn();
    assert_string_equal(first_call(), "open false"); /* it might be on its way still */
    kit_pg_sql("UPDATE analysis.attempts SET started_at = started_at - interval '1 h'");
    turn();
    assert_string_equal(first_call(), "lost true");
    assert_string_equal(kit_pg_value("SELECT class FROM analysis.attempts"
                                     " ORDER BY attempt_id DESC LIMIT 1"),
                        "ok");
}

static void a_call_that_is_out_for_long_and_has_its_job_is_left_alone(void **state)
{
    AUTO(flight_free) struct flight *f = NULL;

    (void)state;
    f = kit_claim_of(app, 1);
    kit_pg_sql("UPDATE analysis.attempts SET started_at = started_at - interval '1 h'");
    turn();
    assert_string_equal(first_call(), "open false");
}

static void rows_of_a_set_that_is_not_complete_are_shown_after_a_while(void **state)
{
    struct flight *f;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 9, "")); /* three calls */
    for (int i = 0; i < 2; i++) {
        f = kit_claim(app);
        kit_land_good(app, &f, 0);
    }
    turn();
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.sheet"), "0");
    kit_pg_sql("UPDATE analysis.sheets SET dirty_at = now() - interval '2 s'");
    turn();
    assert_string_equal(kit_pg_value("SELECT cardinality(snapshot_ids) FROM analysis.sheet"), "6");
    f = kit_claim(app);
    kit_land_good(app, &f, 0);
    assert_string_equal(kit_pg_value("SELECT cardinality(snapshot_ids) || ' ' || dirty"
                                     " FROM analysis.sheets"),
                        "9 false");
}

static void what_came_before_a_deadline_is_merged(void **state)
{
    struct flight *f;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 9, ""));
    for (int i = 0; i < 2; i++) {
        f = kit_claim(app);
        kit_land_good(app, &f, 0);
    }
    kit_pg_sql("UPDATE analysis.jobs SET deadline_at = now() - interval '1 s'"
               " WHERE state = 'ready'");
    assert_int_equal(turn().ended, 1);
    assert_string_equal(kit_pg_value("SELECT cardinality(snapshot_ids) || ' ' || dirty"
                                     " FROM analysis.sheets"),
                        "6 false");
}

static void the_queue_is_counted_for_the_metrics(void **state)
{
    AUTO(flight_free) struct flight *f = NULL;

    (void)state;
    f = kit_claim_of(app, 5);
    turn();
    assert_int_equal(metric_value(M_QUEUE, JOB_READY), 1);
    assert_int_equal(metric_value(M_QUEUE, JOB_LEASED), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_passed_deadline_ends_the_pictures_with_the_reason,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(a_call_that_is_out_at_the_deadline_is_stored_nowhere,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(a_job_claimed_too_often_ends, kit_workshop_fresh),
        cmocka_unit_test_setup(what_the_reaper_ended_can_be_sent_again, kit_workshop_fresh),
        cmocka_unit_test_setup(raw_answers_are_dropped_when_they_are_old, kit_workshop_fresh),
        cmocka_unit_test_setup(the_row_of_a_call_that_lost_does_not_stay_open_when_its_worker_dies,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(a_call_that_is_out_for_long_and_has_its_job_is_left_alone,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(rows_of_a_set_that_is_not_complete_are_shown_after_a_while,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(what_came_before_a_deadline_is_merged, kit_workshop_fresh),
        cmocka_unit_test_setup(the_queue_is_counted_for_the_metrics, kit_workshop_fresh),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
