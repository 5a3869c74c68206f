/* test_flight_list.c - the flights whose leases are renewed. */
#include "analysis-svc/flight_list.h"

#include <stdlib.h>
#include <string.h>

#include "analysis-svc/claim.h"
#include "analysis-svc/metrics.h"
#include "tests/kit/kit.h"

enum { FLIGHTS = 3 };

static struct flight_list list = FLIGHT_LIST_INIT;
static struct flight *flights[FLIGHTS];

static int three_on_it(void **state)
{
    static const char *const tokens[FLIGHTS] = {"token-one", "token-two", "token-three"};

    (void)state;
    for (size_t i = 0; i < FLIGHTS; i++) {
        flights[i] = flight_new();
        flights[i]->job_id = (int64_t)i + 1;
        flights[i]->token = tokens[i];
        flight_list_add(&list, flights[i]);
    }
    return 0;
}

static int all_gone(void **state)
{
    (void)state;
    for (size_t i = 0; i < FLIGHTS; i++) {
        flight_list_drop(&list, flights[i]);
        flight_free(&flights[i]);
    }
    return flight_list_count(&list) == 0 ? 0 : -1;
}

/* The jobs whose leases would be renewed, as bits. */
static unsigned renewed(void)
{
    size_t n;
    struct claim_lease *leases = flight_list_leases(&list, &n);
    unsigned jobs = 0;

    assert_int_equal(n, flight_list_count(&list));
    for (size_t i = 0; i < n; i++)
        jobs |= 1u << leases[i].job_id;
    free(leases);
    return jobs;
}

static void every_flight_on_it_keeps_its_lease(void **state)
{
    (void)state;
    assert_int_equal(flight_list_count(&list), 3);
    assert_int_equal(metric_value(M_IN_FLIGHT, 0), 3);
    assert_int_equal(renewed(), 1u << 1 | 1u << 2 | 1u << 3);
}

static void leases_are_copies(void **state)
{
    size_t n;
    struct claim_lease *leases = flight_list_leases(&list, &n);

    (void)state;
    all_gone(NULL);
    assert_string_equal(leases[0].token, "token-three"); /* the newest first */
    assert_string_equal(leases[2].token, "token-one");
    free(leases);
}

static void whoever_lands_leaves_the_others_where_they_are(void **state)
{
    (void)state;
    flight_list_drop(&list, flights[1]);
    assert_int_equal(renewed(), 1u << 1 | 1u << 3);
    flight_list_drop(&list, flights[2]);
    assert_int_equal(renewed(), 1u << 1);
    flight_list_drop(&list, flights[0]);
    assert_int_equal(renewed(), 0);
    assert_int_equal(metric_value(M_IN_FLIGHT, 0), 0);
}

static void landing_twice_does_no_harm(void **state)
{
    (void)state;
    flight_list_drop(&list, flights[0]);
    flight_list_drop(&list, flights[0]);
    assert_int_equal(renewed(), 1u << 2 | 1u << 3);
}

static int start(void **state)
{
    (void)state;
    analysis_metrics_open();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_flight_on_it_keeps_its_lease, three_on_it, all_gone),
        cmocka_unit_test_setup(leases_are_copies, three_on_it),
        cmocka_unit_test_setup_teardown(whoever_lands_leaves_the_others_where_they_are, three_on_it,
                                        all_gone),
        cmocka_unit_test_setup_teardown(landing_twice_does_no_harm, three_on_it, all_gone),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
