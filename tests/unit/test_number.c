#include "analysis-svc/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/kit/kit.h"

struct sample {
    const char *text;
    double value;
};

static void reads_as(enum number_kind kind, const struct sample *samples, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double value = -99;
        enum number_read read = number_parse(sv_of(samples[i].text), kind, &value);

        if (read != NUMBER_OK || value != samples[i].value)
            fail_msg("%s: read %d as %.17g", samples[i].text, (int)read, value);
    }
}

static void is(enum number_kind kind, enum number_read want, const char *const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double value = -99;

        if (number_parse(sv_of(texts[i]), kind, &value) != want || value != -99)
            fail_msg("\"%s\" was read as %g", texts[i], value);
    }
}

static void printed_figures_become_exact_numbers(void **state)
{
    static const struct sample samples[] = {
        {"0", 0},
        {"7", 7},
        {"1,234", 1234},
        {"1,234.50", 1234.5},
        {"12,345,678", 12345678},
        {"1.2K", 1200},
        {"10.29K", 10290},
        {"11.06k", 11060},
        {"1.5M", 1500000},
        {"2B", 2e9},
        {"3.25bn", 3.25e9},
        {"1T", 1e12},
        {"999T", 999e12},
        {"0.1", 0.1},
        {".5", 0.5},
        {"83.6K", 83600},
        {"0.005K", 5},
        {" 42 ", 42},
        {"1.2 K", 1200},
        {"$1,200", 1200},
        {"$ 3.5M", 3500000},
        {"\u20AC5", 5},
        {"5\u20AC", 5},
        {"12\u00A0345", 12345},
        {"999999999999999", 999999999999999.0},
        {"007", 7},
        {"0.000000000000001", 1e-15},
    };

    (void)state;
    reads_as(NUMBER_ANY, samples, COUNT_OF(samples));
}

static void signs_and_arrows_give_the_direction(void **state)
{
    static const struct sample samples[] = {
        {"+5", 5},         {"-3", -3},        {"\u22123", -3},
        {"\u20133", -3},   {"\u25B2 12", 12}, {"\u25BC0.5", -0.5},
        {"\u2193 -4", -4}, {"\u2191+4", 4},   {"7 \u25BC", -7},
        {"-$5", -5},       {"$-5", -5},       {"(+1.2)", 1.2},
        {"-0", 0},         {"(\u22122)", -2}, {"\U0001F53B 1.5", -1.5}};

    (void)state;
    reads_as(NUMBER_ANY, samples, COUNT_OF(samples));
}

static void percent_is_in_percent_points(void **state)
{
    static const struct sample samples[] = {
        {"0.022%", 0.022},      {"9.08 %", 9.08},       {"0.022", 0.022},
        {"\u22127.52%", -7.52}, {"\u25B2 12.5%", 12.5}, {"1,200%", 1200},
        {"24bps", 0.24},        {"+5 bps", 0.05},       {"0.5% \u25BC", -0.5}};

    (void)state;
    reads_as(NUMBER_PERCENT, samples, COUNT_OF(samples));
}

static void whole_numbers_may_be_ranks(void **state)
{
    static const struct sample samples[] = {
        {"#3", 3},      {"1", 1},         {"2nd", 2},        {"11TH", 11},      {"4.", 4},
        {"3.0K", 3000}, {"1.234K", 1234}, {"14,051", 14051}, {"\U0001F947", 1}, {"\U0001F949 ", 3}};
    static const char *const bad[] = {"1.5", "1.2345K", "#", "th", "\U0001F947 2"};

    (void)state;
    reads_as(NUMBER_WHOLE, samples, COUNT_OF(samples));
    is(NUMBER_WHOLE, NUMBER_BAD, bad, COUNT_OF(bad));
}

static void nothing_printed_is_none(void **state)
{
    static const char *const none[] = {"",       " ",       "-",   "--",  "\u2013", "\u2014",
                                       "\u2212", "\u00A0-", "N/A", "n/a", "NA"};

    (void)state;
    is(NUMBER_ANY, NUMBER_NONE, none, COUNT_OF(none));
    is(NUMBER_PERCENT, NUMBER_NONE, none, COUNT_OF(none));
}

static void what_could_be_meant_in_two_ways_is_bad(void **state)
{
    static const char *const bad[] = {"1,23",
                                      "1.234,50",
                                      "1,2345",
                                      "12,34,567",
                                      "1 234",
                                      "10K+",
                                      "<1",
                                      "~5",
                                      "1O",
                                      "l2K",
                                      "1.2KK",
                                      "K",
                                      "$",
                                      "5.",
                                      "1.2.3",
                                      "1e5",
                                      "0x10",
                                      "inf",
                                      "nan",
                                      "--5",
                                      "+-5",
                                      "(12)",
                                      "12)",
                                      "5%",
                                      "\u25B2 -5",
                                      "\u25BC+5",
                                      "1,234\u00A0567",
                                      ",123",
                                      "1,,234",
                                      "3.5.K",
                                      "#3",
                                      "2nd",
                                      "1000000000000000",
                                      "999999999T",
                                      "1000T",
                                      "0.0000000000000001",
                                      "1.2345678901234567",
                                      "$5$",
                                      "..",
                                      "1\u2009 234",
                                      "\u20B9123,45,678",
                                      "\u20B91,23",
                                      "\u20B91,23,45"};

    (void)state;
    is(NUMBER_ANY, NUMBER_BAD, bad, COUNT_OF(bad));
}

/* Every value that is printed with up to two decimals and K comes back as the decimal it is. */
static void decimal_arithmetic_is_exact(void **state)
{
    (void)state;
    for (int i = 0; i < 100000; i += 7) {
        char text[32];
        double value = 0;

        snprintf(text, sizeof(text), "%d.%02dK", i / 100, i % 100);
        assert_int_equal(number_parse(sv_of(text), NUMBER_ANY, &value), NUMBER_OK);
        assert_true(value == (double)(i * 10));
        snprintf(text, sizeof(text), "%d.%03d", i / 1000, i % 1000);
        assert_int_equal(number_parse(sv_of(text), NUMBER_ANY, &value), NUMBER_OK);
        assert_true(value == strtod(text, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printed_figures_become_exact_numbers),
        cmocka_unit_test(signs_and_arrows_give_the_direction),
        cmocka_unit_test(percent_is_in_percent_points),
        cmocka_unit_test(whole_numbers_may_be_ranks),
        cmocka_unit_test(nothing_printed_is_none),
        cmocka_unit_test(what_could_be_meant_in_two_ways_is_bad),
        cmocka_unit_test(decimal_arithmetic_is_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
