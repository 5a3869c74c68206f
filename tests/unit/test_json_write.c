/* test_json_write.c - JSON without a tree. */
#include <math.h>

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
        cmocka_unit_test(numbers_take_their_shortest_form_that_reads_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
