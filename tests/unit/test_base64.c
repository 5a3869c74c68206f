/* Vectors: RFC 4648 section 10. */
#include "common/base64.h"

#include <string.h>

#include "tests/kit/kit.h"

static const char *const vectors[][2] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

static void the_published_examples_hold_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        AUTO(str_free) struct str text = STR_INIT(100);
        AUTO(str_free) struct str bytes = STR_INIT(100);

        base64_encode(sv_of(vectors[i][0]), &text);
        assert_string_equal(text.p, vectors[i][1]);
        assert_true(base64_decode(str_sv(&text), &bytes));
        assert_string_equal(bytes.p, vectors[i][0]);
    }
}

static void every_byte_survives_the_way_and_back(void **state)
{
    AUTO(str_free) struct str text = STR_INIT(1000);
    AUTO(str_free) struct str bytes = STR_INIT(1000);
    char all[256];

    (void)state;
    for (int i = 0; i < 256; i++)
        all[i] = (char)i;
    base64_encode((struct sv){all, sizeof all}, &text);
    assert_true(base64_decode(str_sv(&text), &bytes));
    assert_int_equal(bytes.n, sizeof all);
    assert_memory_equal(bytes.p, all, sizeof all);
}

static void line_ends_are_skipped(void **state)
{
    AUTO(str_free) struct str bytes = STR_INIT(100);

    (void)state;
    assert_true(base64_decode(SV_LIT("Zm9v\r\nYm\nE=\r\n"), &bytes));
    assert_string_equal(bytes.p, "fooba");
}

static void what_is_not_base64_is_refused(void **state)
{
    static const char *const wrong[] = {
        "Z",     "Zg",     "Zg=",  "Zg===", "=",    "====", "Zm9v=",  "Zg==Zg==",
        "Zm 9v", "Zm9v-_", "Zh==", "Zm9=",  "Z===", "Zm=9", "Zm9v\t", "\xff\xff\xff\xff",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        AUTO(str_free) struct str bytes = STR_INIT(100);

        if (base64_decode(sv_of(wrong[i]), &bytes))
            fail_msg("\"%s\" was taken", wrong[i]);
    }
    AUTO(str_free) struct str bytes = STR_INIT(100);
    assert_false(base64_decode(SV_LIT("Zm\0v"), &bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_examples_hold_both_ways),
        cmocka_unit_test(every_byte_survives_the_way_and_back),
        cmocka_unit_test(line_ends_are_skipped),
        cmocka_unit_test(what_is_not_base64_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
