#include "analysis-svc/page_period.h"

#include "tests/kit/kit.h"

static void periods_are_read_as_pages_print_them(void **state)
{
    static const struct {
        const char *text;
        int64_t hours;
    } samples[] = {{"24H", 24},           {"24h", 24},
                   {"Last 24 hours", 24}, {"1D", 24},
                   {"Daily", 24},         {"past day", 24},
                   {"7D", 168},           {"Past 7 days", 168},
                   {"1W", 168},           {"This is weekly", 168},
                   {"30D", 720},          {"1 month", 720},
                   {"3M", 2160},          {"90 days", 2160},
                   {"YTD", PERIOD_YTD},   {"All time", PERIOD_ALL},
                   {"7D Snaps", 168},     {"24H Change", 24},
                   {"\u25BC 24H", 24},    {"24H / 1D", 24}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++)
        if (page_period(sv_of(samples[i].text)) != samples[i].hours)
            fail_msg("%s: %lld", samples[i].text, (long long)page_period(sv_of(samples[i].text)));
}

static void a_row_of_tabs_names_several(void **state)
{
    (void)state;
    assert_int_equal(page_period(sv_of("24H 7D 30D")), PERIOD_SEVERAL);
    assert_int_equal(page_period(sv_of("7D | All")), PERIOD_SEVERAL);
}

static void other_words_name_none(void **state)
{
    static const char *const none[] = {"",      "Season 3", "2AH", "h",  "d 7",
                                       "hours", "Snaps",    "24",  "0H", "99999 days"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(none); i++)
        assert_int_equal(page_period(sv_of(none[i])), PERIOD_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(periods_are_read_as_pages_print_them),
        cmocka_unit_test(a_row_of_tabs_names_several),
        cmocka_unit_test(other_words_name_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
