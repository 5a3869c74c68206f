/* test_decide.c - what becomes of a job, class by class. */
#include "analysis-svc/decide.h"

#include "analysis-svc/claim.h"
#include "tests/kit/kit.h"

enum { MANY = 9 };
static struct flight_image images[MANY];
static bool good[MANY];
static struct fate fates[MANY];
static const struct retry_plan plan = {.base_ms = 1000, .cap_ms = 60000};

/* A flight of n pictures that the first of two providers was asked for. */
static struct flight of(size_t n)
{
    for (size_t i = 0; i < MANY; i++) {
        images[i] = (struct flight_image){.snapshot_id = 41 + (int64_t)i};
        good[i] = false;
    }
    return (struct flight){
        .images = images, .n = n, .asked = n, .place = 0, .deliveries = 1, .extractor = NULL};
}

static struct ending end(const struct flight *f, enum answer_class class)
{
    struct decide_in in = {.class = class,
                           .bad_image = -1,
                           .retry_after_ms = -1,
                           .good = good,
                           .all = 3,
                           .retry = &plan,
                           .unit = 0.5};

    return decide(f, &in, fates);
}

static void all_good_is_done(void **state)
{
    struct flight f = of(2);
    struct ending e;

    (void)state;
    good[0] = good[1] = true;
    e = end(&f, ANSWER_OK);
    assert_int_equal(e.to, JOB_DONE);
    assert_int_equal(e.judged, 1);
    assert_int_equal(e.groups, 0);
    assert_int_equal(fates[0].todo, FATE_STORE);
    assert_int_equal(fates[1].todo, FATE_STORE);
}

static void the_missing_go_again_in_halves(void **state)
{
    struct flight f = of(8);
    struct ending e;

    (void)state;
    good[0] = good[1] = true;
    e = end(&f, ANSWER_OK);
    assert_int_equal(e.to, JOB_DONE);
    assert_int_equal(e.groups, 2);
    assert_int_equal(fates[1].todo, FATE_STORE);
    for (size_t i = 2; i < 8; i++) {
        assert_int_equal(fates[i].todo, FATE_AGAIN);
        assert_int_equal(fates[i].group, i < 6 ? 0 : 1);
    }
}

static void the_second_split_is_into_singles(void **state)
{
    struct flight f = of(4);
    struct ending e;

    (void)state;
    f.attempts = 1;
    e = end(&f, ANSWER_TOO_BIG);
    assert_int_equal(e.groups, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(fates[i].group, i);
}

static void a_group_that_was_judged_often_enough_ends(void **state)
{
    struct flight f = of(2);
    struct ending e;

    (void)state;
    f.attempts = ATTEMPTS_MAX - 1;
    good[0] = true;
    e = end(&f, ANSWER_OK);
    assert_int_equal(e.to, JOB_DONE);
    assert_int_equal(fates[0].todo, FATE_STORE);
    assert_int_equal(fates[1].todo, FATE_FAIL);
    assert_int_equal(fates[1].fail, FAIL_NONSENSE);
}

static void the_picture_at_fault_is_isolated(void **state)
{
    struct flight f = of(4);
    struct decide_in in = {.class = ANSWER_IMAGE_BAD,
                           .bad_image = 2,
                           .retry_after_ms = -1,
                           .good = good,
                           .all = 3,
                           .retry = &plan};
    struct ending e = decide(&f, &in, fates);

    (void)state;
    assert_int_equal(e.to, JOB_DONE);
    assert_int_equal(e.groups, 2);
    assert_int_equal(fates[2].group, 0);
    assert_int_equal(fates[0].group, 1);
    assert_int_equal(fates[3].group, 1);
}

static void a_fetch_fault_climbs_the_ladder_and_then_ends(void **state)
{
    struct flight f = of(1);
    struct ending e = end(&f, ANSWER_IMAGE_FETCH);

    (void)state;
    assert_int_equal(e.to, JOB_READY);
    assert_int_equal(e.transport, TRANSPORT_BASE64);
    assert_int_equal(e.judged, 0);
    f.transport = f.sent_by = TRANSPORT_BASE64;
    f.tried = 2;
    e = end(&f, ANSWER_IMAGE_FETCH);
    assert_int_equal(e.to, JOB_DEAD);
    assert_int_equal(fates[0].fail, FAIL_FETCH);
}

static void only_the_picture_that_was_not_fetched_travels_as_bytes(void **state)
{
    struct flight f = of(3);
    struct decide_in in = {.class = ANSWER_IMAGE_FETCH,
                           .bad_image = 1,
                           .retry_after_ms = -1,
                           .good = good,
                           .all = 3,
                           .retry = &plan};
    struct ending e = decide(&f, &in, fates);

    (void)state;
    assert_int_equal(e.groups, 2);
    assert_int_equal(fates[1].transport, TRANSPORT_BASE64);
    assert_int_equal(fates[0].transport, TRANSPORT_URL);
}

static void rate_limits_wait_at_least_as_long_as_told(void **state)
{
    struct flight f = of(1);
    struct decide_in in = {.class = ANSWER_RATE,
                           .bad_image = -1,
                           .retry_after_ms = 7000,
                           .good = good,
                           .all = 3,
                           .retry = &plan,
                           .unit = 0.5};
    struct ending e = decide(&f, &in, fates);

    (void)state;
    assert_int_equal(e.to, JOB_READY);
    assert_true(e.due_ms >= 7000);
    assert_int_equal(e.waits, 1);
    assert_int_equal(e.judged, 0);
    assert_int_equal(e.tried, 0);
}

static void an_outage_goes_to_the_next_provider_at_once_and_then_waits(void **state)
{
    struct flight f = of(1);
    struct ending e = end(&f, ANSWER_OVERLOADED);

    (void)state;
    assert_int_equal(e.to, JOB_READY);
    assert_int_equal(e.tried, 1);
    assert_int_equal(e.due_ms, 0);
    f.tried = 1;
    f.place = 1;
    e = end(&f, ANSWER_TIMEOUT);
    assert_int_equal(e.tried, 0);
    assert_int_equal(e.due_ms, 500); /* half of the first ceiling */
    assert_int_equal(e.waits, 1);
}

static void a_provider_that_refuses_the_key_is_not_asked_again(void **state)
{
    struct flight f = of(1);
    struct ending e = end(&f, ANSWER_AUTH);

    (void)state;
    assert_int_equal(e.to, JOB_READY);
    assert_int_equal(e.refused, 1);
    f.refused = 1;
    f.place = 1;
    e = end(&f, ANSWER_QUOTA);
    assert_int_equal(e.to, JOB_DEAD);
    assert_int_equal(e.fail, FAIL_NO_PROVIDER);
}

static void an_unexplained_400_splits_the_group_before_anybody_is_blamed(void **state)
{
    struct flight f = of(2);
    struct ending e = end(&f, ANSWER_REQUEST);

    (void)state;
    assert_int_equal(e.to, JOB_DONE);
    assert_int_equal(e.groups, 2);
    f = of(1);
    f.attempts = 1;
    f.tried = 2;
    e = end(&f, ANSWER_REQUEST);
    assert_int_equal(e.to, JOB_DEAD);
    assert_int_equal(fates[0].fail, FAIL_NO_PROVIDER);
}

static void a_refusal_alone_is_tried_with_the_other_provider_once(void **state)
{
    struct flight f = of(1);
    struct ending e = end(&f, ANSWER_REFUSED);

    (void)state;
    assert_int_equal(e.to, JOB_READY);
    assert_int_equal(e.tried, 1);
    f.place = 1;
    f.tried = 1;
    f.attempts = 1;
    e = end(&f, ANSWER_REFUSED);
    assert_int_equal(e.to, JOB_DEAD);
    assert_int_equal(fates[0].fail, FAIL_REFUSED);
}

static void stored_answers_are_kept_when_the_rest_fails(void **state)
{
    struct flight f = of(2);
    struct ending e;

    (void)state;
    images[0].known = "{}";
    good[0] = true;
    f.asked = 1;
    f.refused = 2;
    e = end(&f, ANSWER_MODEL);
    assert_int_equal(e.to, JOB_DONE);
    assert_int_equal(fates[0].todo, FATE_STORE);
    assert_int_equal(fates[1].fail, FAIL_NO_PROVIDER);
}

static void a_job_without_a_question_is_done(void **state)
{
    struct flight f = of(1);
    struct ending e;

    (void)state;
    images[0].known = "{}";
    good[0] = true;
    f.asked = 0;
    f.place = -1;
    e = end(&f, ANSWER_OK);
    assert_int_equal(e.to, JOB_DONE);
    assert_int_equal(e.judged, 0);
}

static void the_last_delivery_does_not_go_back_to_the_queue(void **state)
{
    struct flight f = of(1);
    struct ending e;

    (void)state;
    f.deliveries = DELIVERIES_MAX;
    e = end(&f, ANSWER_SERVER);
    assert_int_equal(e.to, JOB_DEAD);
    assert_int_equal(e.fail, FAIL_TOO_OFTEN);
}

static void a_cut_off_call_never_goes_to_the_same_model_again(void **state)
{
    struct flight f = of(1);
    struct ending e = end(&f, ANSWER_TRUNCATED);

    (void)state;
    assert_int_equal(e.to, JOB_READY);
    assert_int_equal(e.refused, 1); /* only the other one may have it from now on */
    f.place = 1;
    f.tried = e.tried;
    f.refused = e.refused;
    e = end(&f, ANSWER_OVERLOADED);
    assert_int_equal(e.to, JOB_READY);
    assert_int_equal(e.refused, 1);
    f.attempts = 1;
    e = end(&f, ANSWER_TRUNCATED);
    assert_int_equal(e.to, JOB_DEAD);
    assert_int_equal(e.fail, FAIL_TRUNCATED);
}

static void a_refused_key_is_replaced_by_another_at_once(void **state)
{
    struct flight f = of(3);
    struct ending e = end(&f, ANSWER_KEY);

    (void)state;
    assert_int_equal(e.to, JOB_READY);
    assert_int_equal(e.due_ms, 0);
    assert_int_equal(e.tried, 0);
    assert_int_equal(e.refused, 0);
    assert_int_equal(e.judged, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_off_call_never_goes_to_the_same_model_again),
        cmocka_unit_test(a_refused_key_is_replaced_by_another_at_once),
        cmocka_unit_test(all_good_is_done),
        cmocka_unit_test(the_missing_go_again_in_halves),
        cmocka_unit_test(the_second_split_is_into_singles),
        cmocka_unit_test(a_group_that_was_judged_often_enough_ends),
        cmocka_unit_test(the_picture_at_fault_is_isolated),
        cmocka_unit_test(a_fetch_fault_climbs_the_ladder_and_then_ends),
        cmocka_unit_test(only_the_picture_that_was_not_fetched_travels_as_bytes),
        cmocka_unit_test(rate_limits_wait_at_least_as_long_as_told),
        cmocka_unit_test(an_outage_goes_to_the_next_provider_at_once_and_then_waits),
        cmocka_unit_test(a_provider_that_refuses_the_key_is_not_asked_again),
        cmocka_unit_test(an_unexplained_400_splits_the_group_before_anybody_is_blamed),
        cmocka_unit_test(a_refusal_alone_is_tried_with_the_other_provider_once),
        cmocka_unit_test(stored_answers_are_kept_when_the_rest_fails),
        cmocka_unit_test(a_job_without_a_question_is_done),
        cmocka_unit_test(the_last_delivery_does_not_go_back_to_the_queue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
