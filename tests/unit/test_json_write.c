/* test_json_write.c - JSON without a tree. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/json_plain.h"
#include "common/json_write.h"
#include "tests/kit/kit.h"

static void commas_stand_where_they_are_due(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1024);
    struct jw w = jw_on(&out);

    (void)state;
    jw_open(&w, '{');
    jw_text(&w, "a", "x");
    jw_key(&w, "list");
    jw_open(&w, '[');
    jw_int(&w, NULL, 1);
    jw_open(&w, '{');
    jw_close(&w);
    jw_raw(&w, NULL, SV_LIT("[2]"));
    jw_close(&w);
    jw_bool(&w, "b", false);
    jw_text(&w, "none", NULL);
    jw_raw(&w, "empty", (struct sv){"", 0});
    jw_close(&w);
    assert_string_equal(
        out.p, "{\"a\":\"x\",\"list\":[1,{},[2]],\"b\":false,\"none\":null,\"empty\":null}");
}

static void text_is_escaped_and_bad_bytes_are_replaced(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1024);

    (void)state;
    json_quote(&out, SV_LIT("a\"b\\c\n\x01\x7f\xc3\xa9\xff\xed\xa0\x80."));
    assert_string_equal(out.p, "\"a\\\"b\\\\c\\n\\u0001\\u007f\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef"
                               "\xbf\xbd\xef\xbf\xbd.\"");
}

/* A byte that needs an escape, at each place of texts of each length around a word's. */
static void an_odd_byte_is_found_wherever_it_stands(void **state)
{
    static const char odd[] = {'"', '\\', '\n', 0x1f, 0x7f};
    (void)state;
    for (size_t n = 1; n < 41; n++)
        for (size_t at = 0; at < n; at++)
            for (size_t k = 0; k < sizeof odd; k++) {
                char *exact = malloc(n); /* so that reading past it is seen */

                assert_non_null(exact);
                memset(exact, 'x', n);
                exact[at] = odd[k];
                assert_int_equal(json_plain(exact, n), at);
                exact[at] = 'y';
                assert_int_equal(json_plain(exact, n), n);
                free(exact);
            }
}

static void what_a_caller_adds_by_himself_is_a_member_like_others(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1024);
    struct jw w = jw_on(&out);
    char *to;

    (void)state;
    jw_open(&w, '{');
    assert_false(jw_more(&w));
    to = str_ready(&out, 10 + JSON_NUM_MAX);
    assert_non_null(to);
    str_took(&out, json_put_num(json_put(json_put_plain(to, SV_LIT("a")), SV_LIT(":")), -0.5));
    jw_int(&w, "b", 2);
    assert_true(jw_more(&w));
    jw_close(&w);
    assert_string_equal(out.p, "{\"a\":-0.5,\"b\":2}");
}

static void each_number_is_written_as_printf_would(void **state)
{
    char ours[JSON_NUM_MAX + 1], theirs[64];

    (void)state;
    for (int64_t k = -2000001; k <= 2000001; k += k > -50 && k < 50 ? 1 : 9973) {
        double n = (double)k / 10000;

        *json_put_num(ours, n) = '\0';
        snprintf(theirs, sizeof theirs, "%.15g", n);
        if (fabs(n) >= 0.0001)
            assert_string_equal(ours, theirs);
        assert_true(strtod(ours, NULL) == n);
    }
    for (int64_t n = INT64_MAX; n > 0; n = n / 10 - n / 997) {
        AUTO(str_free) struct str out = STR_INIT(64);

        json_int(&out, -n);
        snprintf(theirs, sizeof theirs, "%lld", (long long)-n);
        assert_string_equal(out.p, theirs);
    }
}

static void numbers_take_their_shortest_form_that_reads_back(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1024);
    struct jw w = jw_on(&out);

    (void)state;
    jw_open(&w, '[');
    jw_num(&w, NULL, 10290);
    jw_num(&w, NULL, 0.022);
    jw_num(&w, NULL, 0.1 + 0.2);
    jw_num(&w, NULL, (double)NAN);
    jw_int(&w, NULL, INT64_MIN);
    jw_close(&w);
    assert_string_equal(out.p, "[10290,0.022,0.30000000000000004,null,-9223372036854775808]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_stand_where_they_are_due),
        cmocka_unit_test(text_is_escaped_and_bad_bytes_are_replaced),
        cmocka_unit_test(an_odd_byte_is_found_wherever_it_stands),
        cmocka_unit_test(what_a_caller_adds_by_himself_is_a_member_like_others),
        cmocka_unit_test(each_number_is_written_as_printf_would),
        cmocka_unit_test(numbers_take_their_shortest_form_that_reads_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
