/* test_metric.c - what Prometheus reads. */
#include <string.h>

#include "common/metric.h"
#include "tests/kit/kit.h"

enum { M_FILES, M_FLIGHT, M_WAIT };
static const char *const outcomes[] = {"ok", "failed"};
static const struct metric_desc table[] = {
    [M_FILES] = {METRIC_COUNTER, "files_total", "Files by outcome", "code", outcomes, 2},
    [M_FLIGHT] = {METRIC_GAUGE, "in_flight", "Uploads under way", NULL, NULL, 0},
    [M_WAIT] = {METRIC_HISTOGRAM, "wait_seconds", "Waiting", NULL, NULL, 0},
};

static void counters_and_gauges_are_rendered_with_their_labels(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 16);

    (void)state;
    metric_open(table, COUNT_OF(table));
    metric_add(M_FILES, 1, 3);
    metric_set(M_FLIGHT, 0, 2);
    metric_add(M_FLIGHT, 0, -1);
    metric_render(&out);
    assert_non_null(strstr(out.p, "# TYPE files_total counter\nfiles_total{code=\"ok\"} "
                                  "0\nfiles_total{code=\"failed\"} 3\n"));
    assert_non_null(strstr(out.p, "in_flight 1\n"));
    assert_int_equal(metric_value(M_FILES, 1), 3);
    metric_close();
    assert_int_equal(metric_value(M_FILES, 1), 0);
}

static void a_histogram_counts_upwards_and_ends_with_all(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 16);

    (void)state;
    metric_open(table, COUNT_OF(table));
    metric_observe_ms(M_WAIT, 0, 3);
    metric_observe_ms(M_WAIT, 0, 1e9);
    metric_render(&out);
    assert_non_null(strstr(out.p, "wait_seconds_bucket{le=\"0.0025\"} 0\n"));
    assert_non_null(strstr(out.p, "wait_seconds_bucket{le=\"0.005\"} 1\n"));
    assert_non_null(strstr(out.p, "wait_seconds_bucket{le=\"+Inf\"} 2\n"));
    assert_non_null(strstr(out.p, "wait_seconds_count{} 2\n"));
    metric_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_and_gauges_are_rendered_with_their_labels),
        cmocka_unit_test(a_histogram_counts_upwards_and_ends_with_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
