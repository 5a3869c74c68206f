/* test_reextract.c - another version of an extractor reads again, what is asked and once; on a
 * real Postgres. Covers: reextract jobs */
#include "analysis-svc/reextract.h"

#include <stdio.h>
#include <string.h>

#include "analysis-svc/claim.h"
#include "analysis-svc/plan.h"
#include "analysis-svc/reaper.h"
#include "common/clock.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/workshop.h"

static struct app *app;
static struct extractor *board;

static int start(void **state)
{
    (void)state;
    app = kit_workshop_open();
    for (size_t i = 0; app && i < app->extractors.n; i++)
        if (strcmp(app->extractors.items[i].name, "leaderboard") == 0)
            board = &app->extractors.items[i];
    return board ? 0 : -1;
}

static int fresh(void **state)
{
    board->version = 1;
    app->conf.spend_cap = 0;
    return kit_workshop_fresh(state);
}

/* Claim and answer all that waits. */
static void read_all(void)
{
    for (struct flight *f; strcmp(kit_pg_value("SELECT count(*) FROM analysis.images WHERE state ="
                                               " 'waiting'"),
                                  "0") != 0;) {
        f = kit_claim(app);
        assert_non_null(f);
        kit_land_good(app, &f, 0);
    }
}

/* Pictures 41 .. 40 + n of set 1, read with version 1; then there is a version 2. */
static void read_once(int n)
{
    kit_accept(app, kit_batch(1, 1, 41, n, ""));
    read_all();
    board->version = 2;
}

static struct reextract_counts again(bool dry, const char *since)
{
    const struct reextract_ask ask = {"leaderboard", since, dry};
    struct reextract_counts c;
    struct err err = ERR_INIT;

    assert_ok(reextract_run(app, &ask, &c, &err), err);
    return c;
}

static struct reextract_counts queue_again(void) { return again(false, "2026-11-20"); }

static bool parse(const char *words, struct reextract_ask *out, struct err *err)
{
    static char text[200];
    char *argv[16] = {text};
    int argc = 0;

    snprintf(text, sizeof text, "analysis-svc %s", words);
    for (char *w = strtok(text, " "); w; w = strtok(NULL, " "))
        argv[argc++] = w;
    *err = (struct err)ERR_INIT;
    return reextract_parse(argc, argv, out, err);
}

static void the_words_are_read_in_any_order_and_checked(void **state)
{
    static const char *const bad[] = {"--reextract",
                                      "--reextract leaderboard",
                                      "--reextract --since 2026-11-20",
                                      "--reextract leaderboard --since",
                                      "--reextract leaderboard --since 2026-02-30",
                                      "--reextract leaderboard --since 2026-11-20 --force",
                                      "--reextract a --reextract b --since 2026-11-20",
                                      "--reextract a b --since 2026-11-20"};
    struct reextract_ask ask;
    struct err err;

    (void)state;
    assert_ok(parse("--reextract leaderboard --since 2026-11-20", &ask, &err), err);
    assert_string_equal(ask.name, "leaderboard");
    assert_false(ask.dry);
    assert_ok(parse("--reextract leaderboard --dry-run --since 2026-11-20", &ask, &err), err);
    assert_string_equal(ask.since, "2026-11-20");
    assert_true(ask.dry);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_fails(parse(bad[i], &ask, &err), err, ERR_BAD_REQUEST);
}

static void a_dry_run_tells_calls_tokens_and_cost_and_changes_nothing(void **state)
{
    AUTO(str_free) struct str said = STR_INIT(8192);
    const struct reextract_ask ask = {"leaderboard", "2026-11-20", true};
    struct reextract_counts c;

    (void)state;
    read_once(5);
    c = again(true, "2026-11-20");
    assert_int_equal(c.seen, 5);
    assert_int_equal(c.due, 5);
    assert_int_equal(c.sets, 1);
    assert_int_equal(c.calls, 2);
    assert_int_equal(c.queued, 0);
    assert_true(c.of[0].usage.input > 2 * plan_text_tokens(board));
    /* One micro-USD a token: the workshop's price. Each call is rounded up by itself. */
    assert_int_equal(c.of[0].cost_micro_usd, c.of[0].usage.input);
    assert_int_equal(c.of[1].cost_micro_usd, 0);
    reextract_report(app, &ask, &c, &said);
    assert_non_null(strstr(said.p, "leaderboard, version 2, pictures of 2026-11-20 and later:"));
    assert_non_null(strstr(said.p, "in 2 calls for 1 set\n"));
    assert_non_null(strstr(said.p, "-: no price"));
    assert_null(strstr(said.p, "USD in batch"));
    assert_non_null(strstr(said.p, "nothing was queued"));
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.jobs WHERE state <> 'done'"),
                        "0");
    assert_string_equal(kit_pg_value("SELECT max(run) FROM analysis.images"), "1");
}

static void with_time_for_a_batch_api_the_half_price_is_told(void **state)
{
    AUTO(str_free) struct str said = STR_INIT(8192);
    const struct reextract_ask ask = {"leaderboard", "2026-11-20", true};
    struct reextract_counts c;
    double full, half;
    char *line;

    (void)state;
    read_once(5);
    c = again(true, "2026-11-20");
    app->conf.half_price_from = 86400000;
    reextract_report(app, &ask, &c, &said);
    app->conf.half_price_from = 0;
    assert_non_null(strstr(said.p, "USD in batch"));
    line = strstr(said.p, "openai ");
    assert_int_equal(sscanf(line, "openai reader-1 %*d %*d %lf %lf", &full, &half), 2);
    assert_true(full > 0 && half > full * 0.49 && half < full * 0.51);
}

static void only_pictures_of_the_days_that_were_asked_for_are_read_again(void **state)
{
    (void)state;
    read_once(1);
    assert_int_equal(again(false, "2026-11-21").seen, 0);
    assert_int_equal(again(false, "2026-11-20").queued, 1);
}

static void a_version_that_is_read_already_costs_nothing(void **state)
{
    struct reextract_counts c;

    (void)state;
    read_once(3);
    board->version = 1;
    c = queue_again();
    assert_int_equal(c.done, 3);
    assert_int_equal(c.due + c.calls + c.queued, 0);
}

static void said_twice_it_is_done_once_and_at_low_priority(void **state)
{
    struct reextract_counts c;

    (void)state;
    read_once(5);
    c = queue_again();
    assert_int_equal(c.queued, 5);
    assert_int_equal(c.jobs, 2);
    assert_int_equal(c.calls, 2);
    assert_string_equal(kit_pg_value("SELECT string_agg(DISTINCT priority::text, ',') FROM"
                                     " analysis.jobs WHERE state = 'ready'"),
                        "-100");
    c = queue_again();
    assert_int_equal(c.waiting, 5);
    assert_int_equal(c.queued, 0);
    kit_accept(app, kit_batch(2, 2, 61, 1, "")); /* what people wait for goes first */
    struct flight *f = kit_claim(app);
    assert_int_equal(f->images[0].snapshot_id, 61);
    kit_land_good(app, &f, 0);
    read_all();
    c = queue_again();
    assert_int_equal(c.done, 6);
    assert_int_equal(c.queued, 0);
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.batches WHERE ended_at IS"
                                     " NULL"),
                        "0");
}

static void the_old_rows_stand_until_the_new_run_is_stored(void **state)
{
    (void)state;
    read_once(2);
    queue_again();
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.leaderboard"), "3");
    assert_string_equal(
        kit_pg_value("SELECT string_agg(version || '.' || run, ',') FROM analysis.snapshot_result"),
        "1.1,1.1");
    read_all();
    assert_string_equal(
        kit_pg_value("SELECT string_agg(version || '.' || run, ',') FROM analysis.snapshot_result"),
        "2.2,2.2");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.leaderboard"), "3");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.extractions WHERE NOT current"),
                        "2");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.images WHERE stood IS NOT NULL"
                                     " OR state <> 'extracted'"),
                        "0");
}

#define IMAGE_41(what)                                                                             \
    kit_pg_value("SELECT " what " FROM analysis.snapshot_status WHERE snapshot_id = 41")

static void a_run_that_brings_no_answer_leaves_what_stood(void **state)
{
    struct flight *f;
    char before[200];

    (void)state;
    read_once(1);
    kit_accept(app, kit_review(2, 41, "\"action\":\"approve\""));
    snprintf(before, sizeof before, "%s", IMAGE_41("concat_ws(' ', state, confidence)"));
    queue_again();
    assert_string_equal(IMAGE_41("state"), "waiting");
    f = kit_claim(app);
    kit_land(app, &f, ANSWER_REFUSED, ""); /* by the first provider, then by the second */
    f = kit_claim(app);
    kit_land(app, &f, ANSWER_REFUSED, "");
    assert_string_equal(IMAGE_41("concat_ws(' ', state, confidence)"), before);
    assert_non_null(strstr(before, "validated"));
    assert_string_equal(IMAGE_41("coalesce(fail_code, 'none')"), "none");
    assert_string_equal(kit_pg_value("SELECT version FROM analysis.snapshot_result"), "1");
    assert_int_equal(queue_again().queued, 1); /* it may be tried again */
}

static void a_deadline_leaves_what_stood_too(void **state)
{
    struct reaped r;
    struct err err = ERR_INIT;

    (void)state;
    read_once(2);
    queue_again();
    kit_pg_sql("UPDATE analysis.jobs SET deadline_at = now() WHERE state = 'ready'");
    assert_ok(reaper_turn(app, &r, &err), err);
    assert_int_equal(r.ended, 1);
    assert_string_equal(kit_pg_value("SELECT string_agg(state || ' ' || attempts, ',') FROM"
                                     " analysis.images WHERE stood IS NULL"),
                        "extracted 1,extracted 1");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.leaderboard"), "3");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.batches WHERE ended_at IS"
                                     " NULL"),
                        "0");
}

static void corrections_survive_and_an_approval_of_the_old_rows_does_not(void **state)
{
    (void)state;
    read_once(1);
    kit_accept(app, kit_review(2, 41, "\"action\":\"approve\""));
    kit_accept(app, kit_review(3, 41,
                               "\"action\":\"edit\",\"edits\":[{\"row_key\":\"@picture_41\","
                               "\"field\":\"followers\",\"value\":\"1.2K\"}]"));
    queue_again();
    read_all();
    assert_string_equal(IMAGE_41("state"), "extracted");
    assert_string_equal(kit_pg_value("SELECT followers FROM analysis.leaderboard WHERE row_key ="
                                     " '@picture_41'"),
                        "1200");
    assert_string_equal(kit_pg_value("SELECT version FROM analysis.snapshot_result"), "2");
}

static void what_is_forgotten_rejected_waiting_or_unread_is_left_alone(void **state)
{
    struct reextract_counts c;
    struct flight *f;

    (void)state;
    read_once(2);
    kit_accept(app, kit_batch(2, 1, 41, 1, "\"op\":\"forget\","));
    kit_accept(app, kit_review(3, 42, "\"action\":\"reject\""));
    kit_accept(app, kit_batch(4, 2, 51, 1, ""));
    for (int i = 0; i < 2; i++) { /* both providers decline: nothing was read */
        f = kit_claim(app);
        kit_land(app, &f, ANSWER_REFUSED, "");
    }
    kit_accept(app, kit_batch(5, 3, 61, 1, ""));
    c = queue_again();
    assert_int_equal(c.seen, 3);
    assert_int_equal(c.rejected, 1);
    assert_int_equal(c.unread, 1);
    assert_int_equal(c.waiting, 1);
    assert_int_equal(c.due + c.queued, 0);
    assert_string_equal(
        kit_pg_value("SELECT state FROM analysis.images WHERE snapshot_id = 41 AND run = 1"),
        "forgotten");
}

static void a_picture_that_is_forgotten_on_its_way_stays_forgotten(void **state)
{
    struct flight *f;

    (void)state;
    read_once(1);
    queue_again();
    f = kit_claim(app);
    kit_accept(app, kit_batch(2, 1, 41, 1, "\"op\":\"forget\","));
    assert_false(kit_land_good(app, &f, 0).images > 0);
    assert_string_equal(IMAGE_41("state"), "forgotten");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.extractions"), "0");
}

static void the_same_bytes_that_this_version_read_before_need_no_call(void **state)
{
    struct reextract_counts c;
    struct flight *f;

    (void)state;
    read_once(2);
    kit_accept(app, kit_batch(2, 2, 61, 1, "")); /* read with version 2, the bytes of 42 */
    kit_pg_sql("UPDATE analysis.images SET sha256 = repeat('a', 64) WHERE snapshot_id IN (42, 61)");
    read_all();
    c = again(true, "2026-11-20");
    assert_int_equal(c.due, 2);
    assert_int_equal(c.cached, 1);
    assert_int_equal(c.done, 1);
    assert_int_equal(c.calls, 1);
    queue_again();
    f = kit_claim(app);
    assert_int_equal(f->n, 2);
    assert_int_equal(f->asked, 1);
    kit_land_good(app, &f, 0);
    assert_string_equal(kit_pg_value("SELECT string_agg(snapshot_id || ' ' || reused, ',' ORDER BY"
                                     " snapshot_id) FROM analysis.extractions WHERE version = 2"),
                        "41 false,42 true,61 false");
}

static void a_replica_that_has_another_version_forbids_it(void **state)
{
    const struct reextract_ask ask = {"leaderboard", "2026-11-20", false};
    struct reextract_counts c;
    struct err err = ERR_INIT;

    (void)state;
    read_once(1);
    kit_pg_sql("INSERT INTO analysis.replicas (id, lives_until, extractors, providers) VALUES"
               " ('old', now() + interval '1 minute', '[{\"name\":\"leaderboard\",\"version\":1}]',"
               " '[]')");
    assert_fails(reextract_run(app, &ask, &c, &err), err, ERR_CONFLICT);
    assert_non_null(strstr(err.msg, "version 1 of leaderboard, not 2"));
    assert_int_equal(again(true, "2026-11-20").due, 1);
    kit_pg_sql("UPDATE analysis.replicas SET lives_until = now()");
    assert_int_equal(queue_again().queued, 1);
}

static void a_name_that_no_folder_has_is_told(void **state)
{
    const struct reextract_ask ask = {"scoreboard", "2026-11-20", true};
    struct reextract_counts c;
    struct err err = ERR_INIT;

    (void)state;
    assert_fails(reextract_run(app, &ask, &c, &err), err, ERR_NOT_FOUND);
    assert_non_null(strstr(err.msg, "leaderboard"));
}

static void a_full_queue_ends_it_and_the_rest_comes_later(void **state)
{
    const struct reextract_ask ask = {"leaderboard", "2026-11-20", false};
    int64_t before = app->conf.queue_max;
    struct reextract_counts c;
    struct err err = ERR_INIT;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 2, ""));
    kit_accept(app, kit_batch(2, 2, 51, 2, ""));
    read_all();
    board->version = 2;
    app->conf.queue_max = 2;
    assert_fails(reextract_run(app, &ask, &c, &err), err, ERR_BUSY);
    app->conf.queue_max = before;
    assert_int_equal(c.queued, 2);
    assert_int_equal(queue_again().queued, 2);
}

static void the_daily_cap_holds_for_it(void **state)
{
    struct flight *list[CLAIM_MAX];
    struct err err = ERR_INIT;
    size_t n;

    (void)state;
    read_once(1);
    app->conf.spend_cap = 1;
    queue_again();
    assert_ok(claim_jobs(app, 1, list, &n, &err), err);
    assert_int_equal(n, 0);
    assert_string_equal(
        kit_pg_value("SELECT waits_for FROM analysis.jobs WHERE state = 'deferred'"), "spend_cap");
}

static void more_sets_than_a_page_holds_are_all_found(void **state)
{
    (void)state;
    kit_pg_sql("INSERT INTO analysis.batches (batch_id, op, body_sha256, item_count) VALUES"
               " ('00000000-0000-4000-8000-000000000001', 'extract', '', 1)");
    kit_pg_sql("INSERT INTO analysis.sheets (set_id, extractor, platform_source, snapshot_date,"
               " timeframe) SELECT lpad(n::text, 32, '0')::uuid, 'leaderboard', 'cookie.fun',"
               " '2026-11-20', '24H' FROM generate_series(1, 700) AS n");
    kit_pg_sql("INSERT INTO analysis.images (snapshot_id, uuid, batch_id, set_id, s3_key, state)"
               " SELECT n, gen_random_uuid(), '00000000-0000-4000-8000-000000000001',"
               " lpad(n::text, 32, '0')::uuid, 'k', 'extracted' FROM generate_series(1, 700) AS n"
               " WHERE n < 10 OR n > 400");
    kit_pg_sql("INSERT INTO analysis.extractions (snapshot_id, extractor, version, run, state,"
               " provider, model, sha256, answer, confidence, document) SELECT snapshot_id,"
               " 'leaderboard', 1, 1, 'extracted', 'openai', 'reader-1', '', '', 1, '{}' FROM"
               " analysis.images");
    board->version = 2;
    assert_int_equal(again(true, "2026-11-20").due, 309);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_words_are_read_in_any_order_and_checked),
        cmocka_unit_test_setup(a_dry_run_tells_calls_tokens_and_cost_and_changes_nothing, fresh),
        cmocka_unit_test_setup(with_time_for_a_batch_api_the_half_price_is_told, fresh),
        cmocka_unit_test_setup(only_pictures_of_the_days_that_were_asked_for_are_read_again, fresh),
        cmocka_unit_test_setup(a_version_that_is_read_already_costs_nothing, fresh),
        cmocka_unit_test_setup(said_twice_it_is_done_once_and_at_low_priority, fresh),
        cmocka_unit_test_setup(the_old_rows_stand_until_the_new_run_is_stored, fresh),
        cmocka_unit_test_setup(a_run_that_brings_no_answer_leaves_what_stood, fresh),
        cmocka_unit_test_setup(a_deadline_leaves_what_stood_too, fresh),
        cmocka_unit_test_setup(corrections_survive_and_an_approval_of_the_old_rows_does_not, fresh),
        cmocka_unit_test_setup(what_is_forgotten_rejected_waiting_or_unread_is_left_alone, fresh),
        cmocka_unit_test_setup(a_picture_that_is_forgotten_on_its_way_stays_forgotten, fresh),
        cmocka_unit_test_setup(the_same_bytes_that_this_version_read_before_need_no_call, fresh),
        cmocka_unit_test_setup(a_replica_that_has_another_version_forbids_it, fresh),
        cmocka_unit_test_setup(a_name_that_no_folder_has_is_told, fresh),
        cmocka_unit_test_setup(a_full_queue_ends_it_and_the_rest_comes_later, fresh),
        cmocka_unit_test_setup(the_daily_cap_holds_for_it, fresh),
        cmocka_unit_test_setup(more_sets_than_a_page_holds_are_all_found, fresh),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
