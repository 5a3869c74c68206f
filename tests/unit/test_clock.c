/* test_clock.c - days and dates. */
#include "common/clock.h"
#include "tests/kit/kit.h"

static void a_time_is_written_in_its_three_forms(void **state)
{
    char iso[CLOCK_ISO_SIZE], day[CLOCK_DAY_SIZE], amz[CLOCK_AMZ_SIZE];

    (void)state;
    clock_iso(1440938160007, iso);
    clock_day(1440938160, day);
    clock_amz(1440938160, amz);
    assert_string_equal(iso, "2015-08-30T12:36:00.007Z");
    assert_string_equal(day, "2015-08-30");
    assert_string_equal(amz, "20150830T123600Z");
}

static void only_real_days_are_taken(void **state)
{
    static const char *const bad[] = {"2026-02-29",  "2026-04-31", "2026-13-01", "2026-00-10",
                                      "2026-1-1",    "2026-01-00", "20260101",   "2026/01/01",
                                      "2026-01-01 ", "",           "tomorrow",   "-026-01-01"};
    int64_t t = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(clock_parse_day(sv_of(bad[i]), &t));
    assert_true(clock_parse_day(SV_LIT("2024-02-29"), &t));
    assert_int_equal(t, 1709164800);
}

static void a_date_of_http_is_read(void **state)
{
    int64_t t = 0;

    (void)state;
    assert_true(clock_parse_http("Sun, 06 Nov 1994 08:49:37 GMT", &t));
    assert_int_equal(t, 784111777);
    assert_false(clock_parse_http("06 Nov 1994", &t));
}

static void sleeping_takes_the_time_it_says(void **state)
{
    int64_t from = clock_mono_us();

    (void)state;
    clock_sleep_ms(20);
    assert_in_range(clock_mono_us() - from, 19000, 5000000);
}

static void an_iso_time_is_read_and_what_is_none_is_refused(void **state)
{
    static const char *const wrong[] = {"", "2026-11-22", "2026-13-22T10:00:01Z",
                                        "2026-11-22 10:00:01", "2026-11-22T+1:00:01Z"};
    int64_t at = -1;

    (void)state;
    assert_true(clock_parse_iso(SV_LIT("2026-11-22T10:00:01Z"), &at));
    assert_int_equal(at, 1795341601);
    assert_true(clock_parse_iso(SV_LIT("1970-01-01T00:00:00.999Z"), &at));
    assert_int_equal(at, 0);
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(clock_parse_iso(sv_of(wrong[i]), &at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_is_written_in_its_three_forms),
        cmocka_unit_test(only_real_days_are_taken),
        cmocka_unit_test(a_date_of_http_is_read),
        cmocka_unit_test(sleeping_takes_the_time_it_says),
        cmocka_unit_test(an_iso_time_is_read_and_what_is_none_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
