/* test_throttle.c - who fails too often has to wait; who was right lately has not. */
#include <stdio.h>

#include "tests/kit/kit.h"
#include "upload-svc/throttle.h"

enum { NOW = 1000000 };

static struct throttle *t;

static int start(void **state)
{
    (void)state;
    t = throttle_open(3, 20);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    throttle_close(&t);
    return 0;
}

static int wait_of(const char *address, int64_t now)
{
    struct err err = ERR_INIT;

    if (throttle_admit(t, address, now, &err))
        return 0;
    assert_int_equal(err.code, ERR_RATE);
    assert_true(err.retry_s > 0);
    return err.retry_s;
}

static void fails(const char *address, int times, int64_t now)
{
    for (int i = 0; i < times; i++)
        throttle_failed(t, address, now);
}

static void an_address_that_fails_too_often_waits_for_the_window_to_end(void **state)
{
    (void)state;
    fails("192.0.2.1", 2, NOW);
    assert_int_equal(wait_of("192.0.2.1", NOW), 0);
    fails("192.0.2.1", 1, NOW + 10000);
    assert_int_equal(wait_of("192.0.2.1", NOW + 10000), 50);
    assert_int_equal(wait_of("192.0.2.1", NOW + 59999), 1);
    assert_int_equal(wait_of("192.0.2.1", NOW + 60000), 0);
    assert_int_equal(wait_of("192.0.2.2", NOW + 10000), 0);
    fails("192.0.2.1", 1, NOW + 60000); /* a new window */
    assert_int_equal(wait_of("192.0.2.1", NOW + 60000), 0);
}

static void an_ipv6_customer_is_one_address_and_a_mapped_one_is_ipv4(void **state)
{
    (void)state;
    fails("2001:db8:1:2:3:4:5:6", 3, NOW);
    assert_true(wait_of("2001:db8:1:2:ffff::1", NOW) > 0);
    assert_int_equal(wait_of("2001:db8:1:3::1", NOW), 0);
    fails("::ffff:192.0.2.9", 3, NOW);
    assert_true(wait_of("192.0.2.9", NOW) > 0);
    fails("no address", 3, NOW);
    assert_true(wait_of("neither", NOW) > 0);
    assert_int_equal(wait_of("0.0.0.0", NOW), 0);
}

static void when_all_together_fail_too_often_everybody_new_waits(void **state)
{
    char address[32];

    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(wait_of("203.0.113.7", NOW), 0);
        snprintf(address, sizeof address, "198.51.100.%d", i);
        fails(address, 1, NOW);
    }
    assert_int_equal(wait_of("203.0.113.7", NOW), 60);
    assert_int_equal(wait_of("203.0.113.7", NOW + 60000), 0);
}

static void a_token_that_was_right_lately_is_known(void **state)
{
    static const char sum[] = "00000001aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    static const char neighbour[] =
        "00000001bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    (void)state;
    assert_false(throttle_known(t, sum, NOW));
    throttle_right(t, sum, NOW);
    assert_true(throttle_known(t, sum, NOW + THROTTLE_KNOWN_MS - 1));
    assert_false(throttle_known(t, sum, NOW + THROTTLE_KNOWN_MS));
    assert_false(throttle_known(t, neighbour, NOW));
    throttle_right(t, neighbour, NOW);
    assert_true(throttle_known(t, neighbour, NOW));
    assert_false(throttle_known(t, sum, NOW)); /* they share a place: it is looked at anew */
}

static void many_addresses_do_not_push_out_the_worst(void **state)
{
    char address[32];

    (void)state;
    throttle_close(&t);
    t = throttle_open(3, 1000000);
    fails("192.0.2.1", 1000, NOW);
    for (int i = 0; i < 100000; i++) {
        snprintf(address, sizeof address, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
        fails(address, 1, NOW + 1);
    }
    assert_true(wait_of("192.0.2.1", NOW + 2) > 0);
}

static void what_other_replicas_counted_counts_here(void **state)
{
    (void)state;
    fails("192.0.2.1", 1, NOW);
    throttle_told(t, "192.0.2.1", NOW, (struct throttle_count){.failures = 3, .age_ms = 20000});
    assert_int_equal(wait_of("192.0.2.1", NOW), 40);
    throttle_told(t, "192.0.2.1", NOW, (struct throttle_count){.failures = 1, .age_ms = 0});
    assert_int_equal(wait_of("192.0.2.1", NOW), 40); /* never less than we know ourselves */
    throttle_told(t, "192.0.2.2", NOW, (struct throttle_count){.failures = 2, .age_ms = 0});
    assert_int_equal(wait_of("192.0.2.2", NOW), 0);
    fails("192.0.2.2", 1, NOW);
    assert_true(wait_of("192.0.2.2", NOW) > 0);
    throttle_told(t, NULL, NOW, (struct throttle_count){.failures = 20, .age_ms = 59000});
    assert_int_equal(wait_of("192.0.2.3", NOW), 1);
}

static void an_address_is_written_as_it_is_counted(void **state)
{
    char one[THROTTLE_WHO_SIZE], other[THROTTLE_WHO_SIZE];

    (void)state;
    throttle_who("2001:db8:1:2:3:4:5:6", one);
    throttle_who("2001:db8:1:2:ffff::1", other);
    assert_string_equal(one, "0620010db800010002");
    assert_string_equal(one, other);
    throttle_who("::ffff:192.0.2.1", one);
    throttle_who("192.0.2.1", other);
    assert_string_equal(one, "04c000020100000000");
    assert_string_equal(one, other);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, stop)
    const struct CMUnitTest tests[] = {
        T(an_address_that_fails_too_often_waits_for_the_window_to_end),
        T(an_ipv6_customer_is_one_address_and_a_mapped_one_is_ipv4),
        T(when_all_together_fail_too_often_everybody_new_waits),
        T(a_token_that_was_right_lately_is_known),
        T(many_addresses_do_not_push_out_the_worst),
        T(what_other_replicas_counted_counts_here),
        T(an_address_is_written_as_it_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
