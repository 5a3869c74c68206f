/* test_csv.c - fields of a CSV file: quoted where RFC 4180 asks for it, and no formula among them.
 */
#include "upload-svc/csv.h"

#include "tests/kit/kit.h"

static void a_text_is_quoted_when_it_must_be_and_never_a_formula(void **state)
{
    static const char *const table[][2] = {
        {"", ""},
        {"plain", "plain"},
        {"Nora \xe2\x9a\x93", "Nora \xe2\x9a\x93"},
        {"a,b", "\"a,b\""},
        {"a;b", "\"a;b\""},
        {"say \"hi\"", "\"say \"\"hi\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {"=1+1", "\"'=1+1\""},
        {"+49", "\"'+49\""},
        {"-2", "\"'-2\""},
        {"@nora", "\"'@nora\""},
        {"\tx", "\"'\tx\""},
        {"\rx", "\"'\rx\""},
        {"  =cmd|' /C calc'!A0", "\"'  =cmd|' /C calc'!A0\""},
        {"\xc2\xa0=1", "\"'\xc2\xa0=1\""},
        {"\xef\xbc\x9d"
         "1",
         "\"'\xef\xbc\x9d"
         "1\""},
        {"=\"a\"", "\"'=\"\"a\"\"\""},
        {"a=b", "a=b"},
        {"\xc2", "\xc2"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        AUTO(str_free) struct str out = STR_INIT(1000);

        csv_text(&out, sv_of(table[i][0]));
        assert_string_equal(out.p, table[i][1]);
    }
}

static void a_number_stays_one(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1000);

    (void)state;
    csv_number(&out, -3.5);
    csv_comma(&out);
    csv_number(&out, 10290);
    csv_end(&out);
    assert_string_equal(out.p, "-3.5,10290\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_quoted_when_it_must_be_and_never_a_formula),
        cmocka_unit_test(a_number_stays_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
