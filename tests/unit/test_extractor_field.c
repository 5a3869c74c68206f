#include <string.h>

#include "analysis-svc/extractor_own.h"
#include "tests/kit/kit.h"

static void every_kind_has_a_name_that_reads_back(void **state)
{
    enum field_kind kind = FIELD_TEXT;

    (void)state;
    for (int k = FIELD_TEXT; k <= FIELD_DATE; k++) {
        assert_true(extractor_kind_parse(extractor_kind_name((enum field_kind)k), &kind));
        assert_int_equal(kind, k);
    }
    assert_false(extractor_kind_parse("money", &kind));
}

static void a_field_says_what_it_is_and_how_it_is_printed(void **state)
{
    AUTO(json_free) struct json *rule = NULL;
    struct extractor_field f = {.name = ""};
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(json_parse(SV_LIT("{\"name\":\"earned_on\",\"kind\":\"date\",\"max\":40,"
                                "\"decimal\":\",\",\"order\":\"month day\"}"),
                         &rule, &err),
              err);
    assert_ok(extractor_field_read(rule, &f, &err), err);
    assert_string_equal(f.name, "earned_on");
    assert_int_equal(f.kind, FIELD_DATE);
    assert_int_equal(f.max_chars, 40);
    assert_true(f.comma);
    assert_int_equal(f.order, DAY_ORDER_MONTH_FIRST);
}

static void what_is_wrong_in_a_field_is_named(void **state)
{
    static const char *const samples[][2] = {
        {"{\"kind\":\"text\",\"max\":1}", "name"},
        {"{\"name\":\"a\",\"kind\":\"money\",\"max\":1}", "kind: \"money\""},
        {"{\"name\":\"a\",\"kind\":\"text\",\"max\":0}", "max"},
        {"{\"name\":\"a\",\"kind\":\"text\"}", "max"},
        {"{\"name\":\"a\",\"kind\":\"number\",\"max\":1,\"decimal\":\";\"}", "decimal"},
        {"{\"name\":\"a\",\"kind\":\"date\",\"max\":1,\"order\":\"day\"}", "order"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        AUTO(json_free) struct json *rule = NULL;
        struct extractor_field f;
        struct err err = ERR_INIT;

        assert_ok(json_parse(sv_of(samples[i][0]), &rule, &err), err);
        assert_fails(extractor_field_read(rule, &f, &err), err, ERR_UNPROCESSABLE);
        if (!strstr(err.msg, samples[i][1]))
            fail_msg("%s: %s", samples[i][0], err.msg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_name_that_reads_back),
        cmocka_unit_test(a_field_says_what_it_is_and_how_it_is_printed),
        cmocka_unit_test(what_is_wrong_in_a_field_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
