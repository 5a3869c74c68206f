/* test_accept.c - batches become rows once, or are refused with the items at fault; on a real
 * Postgres. */
#include <stdio.h>
#include <string.h>

#include "analysis-svc/accept.h"
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

static bool take(const char *body, struct accepted *out, struct err *err)
{
    AUTO(batch_free) struct batch b = {.root = NULL};

    return accept_batch(app, sv_of(body), &b, out, err);
}

/* The reason of item i of a batch that must be refused. */
static const char *reason(const char *body, size_t i)
{
    static char text[160];
    AUTO(batch_free) struct batch b = {.root = NULL};
    struct accepted out;
    struct err err = ERR_INIT;

    assert_fails(accept_batch(app, sv_of(body), &b, &out, &err), err, ERR_UNPROCESSABLE);
    assert_true(i < b.n);
    snprintf(text, sizeof text, "%s", b.list[i].reason);
    return text;
}

static void five_pictures_become_two_jobs_of_one_set(void **state)
{
    struct accepted out;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(take(kit_batch(1, 1, 41, 5, ""), &out, &err), err);
    assert_false(out.known);
    assert_string_equal(out.state, "accepted");
    assert_int_equal(out.items, 5);
    assert_string_equal(
        kit_pg_value(
            "SELECT string_agg(image_count::text, ',' ORDER BY job_id) FROM analysis.jobs"),
        "3,2");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.images i JOIN analysis.jobs j"
                                     " USING (job_id) WHERE i.state = 'waiting'"),
                        "5");
    assert_string_equal(
        kit_pg_value("SELECT count(*) FROM analysis.events WHERE state = 'waiting'"), "5");
}

static void the_same_bytes_are_accepted_once_and_known_again(void **state)
{
    struct accepted out;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(take(kit_batch(1, 1, 41, 2, ""), &out, &err), err);
    assert_ok(take(kit_batch(1, 1, 41, 2, ""), &out, &err), err);
    assert_true(out.known);
    assert_string_equal(out.state, "accepted");
    assert_int_equal(out.items, 2);
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.jobs"), "1");
}

static void the_same_id_with_other_bytes_is_a_conflict(void **state)
{
    struct accepted out;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(take(kit_batch(1, 1, 41, 2, ""), &out, &err), err);
    assert_fails(take(kit_batch(1, 1, 41, 3, ""), &out, &err), err, ERR_CONFLICT);
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.images"), "2");
}

static void over_500_items_are_too_large(void **state)
{
    struct accepted out;
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(take(kit_batch(1, 1, 1, 500, ""), &out, &err), err);
    assert_fails(take(kit_batch(2, 1, 1, 501, ""), &out, &err), err, ERR_TOO_LARGE);
}

static void a_key_of_another_deployment_is_refused_and_named(void **state)
{
    char body[2048], *key;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    snprintf(body, sizeof body, "%s", kit_batch(2, 2, 42, 1, ""));
    key = strstr(body, KIT_DEPLOYMENT);
    memcpy(key, "ffffffff", 8);
    assert_non_null(strstr(reason(body, 0), "reads for " KIT_DEPLOYMENT " only"));
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.batches"), "1");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.images"), "1");
}

static void a_set_keeps_its_facts(void **state)
{
    char body[2048], *platform;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    snprintf(body, sizeof body, "%s", kit_batch(2, 1, 42, 1, ""));
    platform = strstr(body, "cookie.fun");
    memcpy(platform, "yap.market", 10);
    assert_non_null(strstr(reason(body, 0), "another type, platform"));
}

static void a_full_queue_turns_batches_away_but_knows_the_old_ones(void **state)
{
    struct accepted out;
    struct err err = ERR_INIT;
    int64_t before = app->conf.queue_max;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 3, ""));
    app->conf.queue_max = 3;
    assert_fails(take(kit_batch(2, 2, 51, 1, ""), &out, &err), err, ERR_BUSY);
    err = (struct err)ERR_INIT;
    assert_ok(take(kit_batch(1, 1, 41, 3, ""), &out, &err), err);
    assert_true(out.known);
    app->conf.queue_max = before;
}

static void a_small_batch_does_not_wait_for_a_big_one_before_it(void **state)
{
    (void)state;
    kit_accept(app, kit_batch(1, 1, 1, 40, ""));
    kit_accept(app, kit_batch(2, 2, 101, 1, ""));
    assert_string_equal(
        kit_pg_value("SELECT rank FROM (SELECT batch_id, rank() OVER (ORDER BY priority DESC,"
                     " finish, job_id) FROM analysis.jobs) q"
                     " WHERE batch_id = '00000000-0000-4000-8000-000000000002'"),
        "1");
}

/* The jobs in the order of the line, each as the last digit of its batch. */
static const char *line(void)
{
    return kit_pg_value("SELECT string_agg(right(batch_id::text, 1), '' ORDER BY priority DESC,"
                        " finish, job_id) FROM analysis.jobs");
}

static void calls_of_a_small_set_stand_together_and_those_of_a_big_one_in_turns(void **state)
{
    (void)state;
    kit_accept(app, kit_batch(1, 1, 1, 40, ""));
    kit_accept(app, kit_batch(2, 2, 101, 12, ""));
    kit_accept(app, kit_batch(3, 3, 201, 12, ""));
    assert_string_equal(line(), "2223331111111111");
    kit_accept(app, kit_batch(4, 4, 301, 40, ""));
    assert_string_equal(line(), "22233311114444111144441144");
}

static void a_picture_that_moves_to_another_set_leaves_its_old_job(void **state)
{
    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    kit_accept(app, kit_batch(2, 2, 41, 1, ""));
    assert_string_equal(
        kit_pg_value("SELECT string_agg(state::text, ',' ORDER BY job_id) FROM analysis.jobs"),
        "cancelled,ready");
    assert_string_equal(kit_pg_value("SELECT run FROM analysis.images WHERE snapshot_id = 41"),
                        "2");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.batches WHERE ended_at IS NOT"
                                     " NULL"),
                        "1");
}

static void upload_svc_sees_the_views_and_not_the_tables(void **state)
{
    (void)state;
    assert_string_equal(
        kit_pg_value("SELECT bool_and(has_table_privilege('upload_svc', c.oid, 'SELECT') ="
                     " (relkind = 'v')) AND bool_and(NOT has_table_privilege('upload_svc', c.oid,"
                     " 'INSERT')) FROM pg_class c WHERE relnamespace = 'analysis'::regnamespace"
                     " AND relkind IN ('r', 'v')"),
        "t");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(five_pictures_become_two_jobs_of_one_set, kit_workshop_fresh),
        cmocka_unit_test_setup(the_same_bytes_are_accepted_once_and_known_again,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(the_same_id_with_other_bytes_is_a_conflict, kit_workshop_fresh),
        cmocka_unit_test_setup(over_500_items_are_too_large, kit_workshop_fresh),
        cmocka_unit_test_setup(a_key_of_another_deployment_is_refused_and_named,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(a_set_keeps_its_facts, kit_workshop_fresh),
        cmocka_unit_test_setup(a_full_queue_turns_batches_away_but_knows_the_old_ones,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(a_small_batch_does_not_wait_for_a_big_one_before_it,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(calls_of_a_small_set_stand_together_and_those_of_a_big_one_in_turns,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(a_picture_that_moves_to_another_set_leaves_its_old_job,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(upload_svc_sees_the_views_and_not_the_tables, kit_workshop_fresh),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
