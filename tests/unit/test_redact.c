#include "analysis-svc/redact.h"

#include <string.h>

#include "tests/kit/kit.h"

static void becomes(const char *from, const char *want)
{
    char out[240];

    redact_copy(sv_of(from), out, sizeof(out));
    assert_string_equal(out, want);
}

static void the_query_of_an_address_is_cut_out(void **state)
{
    (void)state;
    becomes("Timeout while downloading https://b.s3.example.com/0a/x.png?X-Amz-Algorithm=AWS4&"
            "X-Amz-Signature=abc123 now.",
            "Timeout while downloading https://b.s3.example.com/0a/x.png?*** now.");
    becomes("(HTTP://h/x?sig=1)", "(HTTP://h/x?***)");
    becomes("see https://docs.example.com/limits.", "see https://docs.example.com/limits.");
    becomes("\"https://h/a?b=c\",\"https://h/d?e\"", "\"https://h/a?***\",\"https://h/d?***\"");
}

static void signature_parameters_and_keys_go_without_an_address_too(void **state)
{
    (void)state;
    becomes("X-Amz-Credential=AKIA/2026 x", "X-Amz-*** x");
    becomes("a&x-amz-security-token=FwoG&b", "a&x-amz-***");
    becomes("Incorrect API key provided: sk-abcd1234. Find it",
            "Incorrect API key provided: sk-*** Find it");
    becomes("Authorization: Bearer abc.def", "Authorization: Bearer ***");
    becomes("the task-force and a risk-free disk", "the task-force and a risk-free disk");
}

static void a_long_text_is_cut_at_a_whole_character(void **state)
{
    char out[6];

    (void)state;
    redact_copy(sv_of("abc\u00E9\u00E9"), out, sizeof(out));
    assert_string_equal(out, "abc\u00E9");
    redact_copy(sv_of("abcd\u00E9"), out, sizeof(out));
    assert_string_equal(out, "abcd");
}

static void line_ends_become_blanks_and_bad_bytes_marks(void **state)
{
    (void)state;
    becomes("a\r\nb\tc", "a  b c");
    becomes("a\xFF"
            "b",
            "a?b");
    becomes("", "");
}

static void a_secret_is_gone_wherever_the_text_is_cut(void **state)
{
    static const char text[] = "x https://h/p?X-Amz-Signature=SECRET y X-Amz-Credential=SECRET z";

    (void)state;
    for (size_t size = 1; size < sizeof(text) + 1; size++) {
        char out[sizeof(text) + 1];

        redact_copy(sv_of(text), out, size);
        assert_true(strlen(out) < size);
        assert_null(strstr(out, "SEC"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_query_of_an_address_is_cut_out),
        cmocka_unit_test(signature_parameters_and_keys_go_without_an_address_too),
        cmocka_unit_test(a_long_text_is_cut_at_a_whole_character),
        cmocka_unit_test(line_ends_become_blanks_and_bad_bytes_marks),
        cmocka_unit_test(a_secret_is_gone_wherever_the_text_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
