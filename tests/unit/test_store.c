/* test_store.c - the fenced transaction: results, children, late answers, reuse; on a real
 * Postgres. Covers: land read flight store_lists */
#include <string.h>

#include "analysis-svc/claim.h"
#include "analysis-svc/reaper.h"
#include "analysis-svc/store.h"
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

static const char *job_states(void)
{
    return kit_pg_value("SELECT string_agg(state || ':' || image_count || ':' || attempts, ','"
                        " ORDER BY job_id) FROM analysis.jobs");
}

static const char *images_in(void)
{
    return kit_pg_value("SELECT string_agg(state::text, ',' ORDER BY snapshot_id)"
                        " FROM analysis.images");
}

static void a_good_answer_is_stored_whole(void **state)
{
    struct flight *f;
    struct stored done;

    (void)state;
    f = kit_claim_of(app, 2);
    done = kit_land_good(app, &f, 0);
    assert_true(done.fenced);
    assert_int_equal(done.images, 2);
    assert_string_equal(job_states(), "done:2:1");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.snapshot_result"), "2");
    assert_string_equal(kit_pg_value("SELECT class || ' ' || input_tokens || ' ' || cost_micro_usd"
                                     " FROM analysis.attempts"),
                        "ok 1000 1000");
    assert_string_equal(
        kit_pg_value("SELECT string_agg(cost_micro_usd || ':' || attempts, ',')"
                     " FROM analysis.snapshot_status WHERE processed_at IS NOT NULL"),
        "500:1,500:1");
    assert_string_equal(
        kit_pg_value("SELECT string_agg(handle, ',' ORDER BY row_no) FROM analysis.leaderboard"),
        "shared_star,picture_41,picture_42");
    assert_string_equal(kit_pg_value("SELECT ended_at IS NOT NULL FROM analysis.batches"), "t");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.events"), "4");
}

static void an_answer_after_the_lease_had_gone_changes_nothing(void **state)
{
    struct flight *stale, *now;
    struct stored done;
    struct reaped r;
    struct err err = ERR_INIT;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    stale = kit_claim(app);
    kit_pg_sql("UPDATE analysis.jobs SET lease_until = now() - interval '1 s'");
    assert_ok(reaper_turn(app, &r, &err), err);
    now = kit_claim(app);
    done = kit_land_good(app, &now, 0);
    assert_int_equal(done.images, 1);
    done = kit_land_good(app, &stale, 0);
    assert_false(done.fenced);
    assert_int_equal(done.images, 0);
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.extractions"), "1");
    assert_string_equal(kit_pg_value("SELECT string_agg(class, ',' ORDER BY attempt_id)"
                                     " FROM analysis.attempts"),
                        "stale,ok");
    assert_string_equal(kit_pg_value("SELECT cost_micro_usd FROM analysis.images"), "2000");
}

static void a_missing_picture_goes_again_and_the_good_ones_are_kept(void **state)
{
    struct flight *f;
    struct stored done;

    (void)state;
    f = kit_claim_of(app, 4);
    done = kit_land_good(app, &f, 1U << 2);
    assert_int_equal(done.images, 3);
    assert_int_equal(done.children, 1);
    assert_string_equal(job_states(), "done:4:1,ready:1:1");
    assert_string_equal(kit_pg_value("SELECT parent_id FROM analysis.jobs WHERE job_id = 2"), "1");
    assert_string_equal(kit_pg_value("SELECT ended_at IS NULL FROM analysis.batches"), "t");
    f = kit_claim(app);
    assert_int_equal(f->images[0].snapshot_id, 43);
    done = kit_land_good(app, &f, 0);
    assert_int_equal(done.images, 1);
    assert_string_equal(kit_pg_value("SELECT ended_at IS NULL FROM analysis.batches"), "f");
    assert_string_equal(kit_pg_value("SELECT cardinality(snapshot_ids) FROM analysis.sheet"), "4");
}

static void a_truncated_group_is_halved_then_single_then_ends(void **state)
{
    struct flight *f;
    int calls = 0;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 4, ""));
    for (; (f = kit_claim(app)) != NULL && calls < 40; calls++)
        kit_land(app, &f, ANSWER_TRUNCATED, "");
    /* 4, then 2 and 2, then four alone with each of two providers */
    assert_int_equal(calls, 11);
    assert_string_equal(images_in(), "failed,failed,failed,failed");
    assert_string_equal(kit_pg_value("SELECT string_agg(DISTINCT fail_code, ',')"
                                     " FROM analysis.images"),
                        "model_truncated");
    assert_string_equal(kit_pg_value("SELECT max(attempts) FROM analysis.images"), "4");
}

static void nonsense_ends_after_four_judged_answers(void **state)
{
    struct flight *f;
    int calls = 0;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    for (; (f = kit_claim(app)) != NULL && calls < 40; calls++)
        kit_land(app, &f, ANSWER_OK, "{\"results\":[");
    assert_int_equal(calls, 4);
    assert_string_equal(kit_pg_value("SELECT state || ' ' || fail_code FROM analysis.images"),
                        "failed model_nonsense");
    assert_string_equal(kit_pg_value("SELECT state || ' ' || attempts FROM analysis.jobs"),
                        "dead 4");
}

static void an_outage_costs_deliveries_but_no_attempts(void **state)
{
    struct flight *f;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 2, ""));
    for (int i = 0; i < 3; i++) {
        f = kit_claim(app);
        assert_non_null(f);
        kit_land(app, &f, ANSWER_SERVER, "");
    }
    assert_string_equal(kit_pg_value("SELECT deliveries || ' ' || attempts FROM analysis.jobs"),
                        "3 0");
    assert_string_equal(kit_pg_value("SELECT string_agg(provider, ',' ORDER BY attempt_id)"
                                     " FROM analysis.attempts"),
                        "openai,anthropic,openai");
    f = kit_claim(app);
    assert_int_equal(kit_land_good(app, &f, 0).images, 2);
}

static void twenty_deliveries_are_enough(void **state)
{
    struct flight *f;
    int calls = 0;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 1, ""));
    for (; (f = kit_claim(app)) != NULL && calls < 40; calls++)
        kit_land(app, &f, ANSWER_RATE, "");
    assert_int_equal(calls, 20);
    assert_string_equal(kit_pg_value("SELECT fail_code FROM analysis.images"), "too_many_tries");
}

static void refused_by_every_provider_ends_with_that_reason(void **state)
{
    struct flight *f;

    (void)state;
    f = kit_claim_of(app, 1);
    kit_land(app, &f, ANSWER_AUTH, "");
    assert_string_equal(images_in(), "waiting");
    f = kit_claim(app);
    assert_int_equal(f->place, 1);
    kit_land(app, &f, ANSWER_QUOTA, "");
    assert_string_equal(kit_pg_value("SELECT state || ' ' || fail_code FROM analysis.images"),
                        "failed no_provider");
}

static void a_picture_that_cannot_be_fetched_travels_as_bytes(void **state)
{
    struct flight *f;

    (void)state;
    f = kit_claim_of(app, 1);
    assert_int_equal(f->sent_by, TRANSPORT_URL);
    kit_land(app, &f, ANSWER_IMAGE_FETCH, "");
    f = kit_claim(app);
    assert_int_equal(f->sent_by, TRANSPORT_BASE64);
    assert_string_equal(kit_pg_value("SELECT string_agg(transport, ',' ORDER BY attempt_id)"
                                     " FROM analysis.attempts"),
                        "url,base64");
    assert_int_equal(kit_land_good(app, &f, 0).images, 1);
}

static void two_batches_of_one_set_make_one_sheet(void **state)
{
    struct flight *f;

    (void)state;
    f = kit_claim_of(app, 1);
    kit_land_good(app, &f, 0);
    kit_accept(app, kit_batch(2, 1, 42, 1, ""));
    f = kit_claim(app);
    kit_land_good(app, &f, 0);
    assert_string_equal(kit_pg_value("SELECT count(*) || ' ' || max(cardinality(snapshot_ids))"
                                     " FROM analysis.sheet"),
                        "1 2");
    assert_string_equal(kit_pg_value("SELECT sources ->> 'handle' FROM analysis.leaderboard"
                                     " WHERE handle = 'shared_star'"),
                        "[41, 42]");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.leaderboard"), "3");
}

static void the_same_bytes_in_another_set_need_no_call(void **state)
{
    AUTO(str_free) struct str body = STR_INIT(65536);
    struct flight *f;
    struct stored done;
    char *sha;

    (void)state;
    f = kit_claim_of(app, 1);
    kit_land_good(app, &f, 0);
    str_addz(&body, kit_batch(2, 2, 42, 1, ""));
    sha = strstr(body.p, "0000042\",\"width");
    memcpy(sha, "0000041", 7);
    kit_accept(app, body.p);
    f = kit_claim(app);
    assert_int_equal(f->asked, 0);
    assert_int_equal(f->place, -1);
    done = kit_land(app, &f, ANSWER_OK, "");
    assert_int_equal(done.images, 1);
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.attempts"), "1");
    assert_string_equal(kit_pg_value("SELECT reused || ' ' || model FROM analysis.extractions"
                                     " WHERE snapshot_id = 42"),
                        "true reader-1");
    assert_string_equal(kit_pg_value("SELECT attempts FROM analysis.images WHERE snapshot_id = 42"),
                        "0");
}

static void the_same_picture_sent_again_is_asked_again(void **state)
{
    struct flight *f;

    (void)state;
    f = kit_claim_of(app, 1);
    kit_land_good(app, &f, 0);
    kit_accept(app, kit_batch(2, 1, 41, 1, ""));
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.leaderboard"), "2");
    f = kit_claim(app);
    assert_int_equal(f->asked, 1);
    kit_land_good(app, &f, 0);
    assert_string_equal(kit_pg_value("SELECT string_agg(run || ':' || current, ',' ORDER BY run)"
                                     " FROM analysis.extractions"),
                        "1:false,2:true");
}

static void a_run_that_fails_leaves_the_rows_of_the_run_before(void **state)
{
    struct flight *f;

    (void)state;
    f = kit_claim_of(app, 1);
    kit_land_good(app, &f, 0);
    kit_accept(app, kit_batch(2, 1, 41, 1, ""));
    kit_accept(app, kit_batch(3, 1, 42, 1, ""));
    kit_pg_sql("UPDATE analysis.jobs SET refused = '{anthropic}' WHERE job_id = 2");
    f = kit_claim(app);
    assert_int_equal(f->images[0].snapshot_id, 41);
    kit_land(app, &f, ANSWER_AUTH, "");
    f = kit_claim(app);
    kit_land_good(app, &f, 0);
    assert_string_equal(images_in(), "failed,extracted");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.leaderboard"), "3");
}

static void an_empty_board_fails_and_is_not_merged(void **state)
{
    AUTO(str_free) struct str text = STR_INIT(65536);
    struct flight *f;

    (void)state;
    f = kit_claim_of(app, 1);
    str_addf(&text,
             "{\"results\":[{\"id\":\"%s\",\"platform\":\"\",\"title\":\"\",\"timeframe\":\"\","
             "\"columns\":[],\"rows\":[]}]}",
             f->images[0].tag);
    kit_land(app, &f, ANSWER_OK, text.p);
    assert_string_equal(kit_pg_value("SELECT state || ' ' || fail_code FROM analysis.images"),
                        "failed no_rows");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.sheet"), "0");
}

/* As a model may copy the address that it was given: what is stored is shorter, and still whole. */
static void a_signature_in_a_title_reaches_no_row_however_it_is_written(void **state)
{
    static const char *const titles[] = {"?X-Amz-Signature=5eed5eed&x=1",
                                         "?X-Amz-Signature\\u003d5eed5eed&x=1"};
    AUTO(str_free) struct str text = STR_INIT(8192);
    struct flight *f;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 2, ""));
    f = kit_claim(app);
    str_addz(&text, "{\"results\":[");
    for (size_t i = 0; i < COUNT_OF(titles); i++)
        str_addf(&text,
                 "%s{\"id\":\"%s\",\"platform\":\"\",\"title\":\"%s\",\"timeframe\":\"\","
                 "\"columns\":[],\"rows\":[]}",
                 i ? "," : "", f->images[i].tag, titles[i]);
    str_addz(&text, "]}");
    kit_land(app, &f, ANSWER_OK, text.p);
    assert_string_equal(kit_pg_value("SELECT string_agg((answer::jsonb ->> 'title'), ' '"
                                     " ORDER BY snapshot_id) FROM analysis.extractions"),
                        "?X-Amz-Signature=***&x=1 ?X-Amz-Signature=***&x=1");
    assert_string_equal(
        kit_pg_value("SELECT position('=***&x=1' IN raw) > 0 FROM analysis.attempts"), "t");
}

/* The good answer to a call, judged and ready to be stored. */
static void judge_good(struct flight *f, struct land *l)
{
    struct provider_answer said = {.class = ANSWER_OK,
                                   .text = STR_INIT(1 << 20),
                                   .usage = {.input = 1000, .output = 10},
                                   .retry_after_ms = -1,
                                   .bad_image = -1};

    kit_good(f, 0, &said.text);
    land_open(app, f, &said, 0, l);
}

static void calls_stored_together_have_each_their_own_fence(void **state)
{
    struct flight *f[3];
    struct land lands[3];
    struct stored done[3];
    struct reaped r;
    struct err err = ERR_INIT;

    (void)state;
    kit_accept(app, kit_batch(1, 1, 41, 4, ""));
    kit_accept(app, kit_batch(2, 2, 51, 1, ""));
    kit_accept(app, kit_batch(3, 2, 52, 1, ""));
    for (int i = 0; i < 3; i++)
        f[i] = kit_claim(app);
    kit_pg_sql("UPDATE analysis.jobs SET lease_until = now() - interval '1 s' WHERE job_id = 2");
    assert_ok(reaper_turn(app, &r, &err), err);
    for (int i = 0; i < 3; i++)
        judge_good(f[i], &lands[i]);
    assert_ok(lands_store(app, lands, 3, done, &err), err);
    for (int i = 0; i < 3; i++) {
        bool late = f[i]->job_id == 2;

        assert_int_equal(done[i].fenced, !late);
        assert_int_equal(done[i].images, late ? 0 : f[i]->n);
        land_free(&lands[i]);
        flight_free(&f[i]);
    }
    assert_string_equal(kit_pg_value("SELECT string_agg(class, ',' ORDER BY job_id)"
                                     " FROM analysis.attempts"),
                        "ok,stale,ok");
    assert_string_equal(images_in(), "extracted,extracted,extracted,extracted,waiting,extracted");
    assert_string_equal(kit_pg_value("SELECT string_agg(cost_micro_usd || ':' || attempts, ','"
                                     " ORDER BY snapshot_id) FROM analysis.images"),
                        "250:1,250:1,250:1,250:1,1000:0,1000:1");
    assert_string_equal(kit_pg_value("SELECT string_agg(cardinality(snapshot_ids)::text, ','"
                                     " ORDER BY sheet_id) FROM analysis.sheets WHERE NOT dirty"),
                        "4");
    assert_string_equal(kit_pg_value("SELECT string_agg((ended_at IS NULL)::text, ','"
                                     " ORDER BY batch_id) FROM analysis.batches"),
                        "false,true,false");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_signature_in_a_title_reaches_no_row_however_it_is_written,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(a_good_answer_is_stored_whole, kit_workshop_fresh),
        cmocka_unit_test_setup(an_answer_after_the_lease_had_gone_changes_nothing,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(a_missing_picture_goes_again_and_the_good_ones_are_kept,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(a_truncated_group_is_halved_then_single_then_ends,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(nonsense_ends_after_four_judged_answers, kit_workshop_fresh),
        cmocka_unit_test_setup(an_outage_costs_deliveries_but_no_attempts, kit_workshop_fresh),
        cmocka_unit_test_setup(twenty_deliveries_are_enough, kit_workshop_fresh),
        cmocka_unit_test_setup(refused_by_every_provider_ends_with_that_reason, kit_workshop_fresh),
        cmocka_unit_test_setup(a_picture_that_cannot_be_fetched_travels_as_bytes,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(two_batches_of_one_set_make_one_sheet, kit_workshop_fresh),
        cmocka_unit_test_setup(the_same_bytes_in_another_set_need_no_call, kit_workshop_fresh),
        cmocka_unit_test_setup(the_same_picture_sent_again_is_asked_again, kit_workshop_fresh),
        cmocka_unit_test_setup(a_run_that_fails_leaves_the_rows_of_the_run_before,
                               kit_workshop_fresh),
        cmocka_unit_test_setup(an_empty_board_fails_and_is_not_merged, kit_workshop_fresh),
        cmocka_unit_test_setup(calls_stored_together_have_each_their_own_fence, kit_workshop_fresh),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
