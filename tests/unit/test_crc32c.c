/* Published values: RFC 3720 appendix B.4, the CRC catalogue's check value, and Amazon's trailer
 * example; and both ways of computing agree on every length and cut. */
#include "common/crc32c.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

enum { LONG = 10007 };

static void the_published_values_come_out(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        uint32_t sum;
    } known[] = {
        {"", 0, 0},
        {"123456789", 9, 0xe3069283},
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32, 0x8a9136aa},
        {"\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26\27\30\31\32\33\34\35\36\37",
         32, 0x46dd794e},
        {"\1\300\0\0\0\0\0\0\0\0\0\0\0\0\0\0\24\0\0\0\0\0\4\0\0\0\0\24\0\0\0\30\50\0\0\0\0\0\0\0\2"
         "\0\0\0\0\0\0\0",
         48, 0xd9963a56},
    };
    char ones[32];

    (void)state;
    memset(ones, 0xff, sizeof ones);
    assert_int_equal(crc32c(0, (struct sv){ones, sizeof ones}), 0x62a8ab43);
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        struct sv bytes = {known[i].bytes, known[i].n};

        assert_int_equal(crc32c(0, bytes), known[i].sum);
        assert_int_equal(crc32c_portable(0, bytes), known[i].sum);
    }
}

static void amazons_example_is_written_as_s3_writes_it(void **state)
{
    char *letters = malloc(66560), text[CRC32C_BASE64_SIZE];

    (void)state;
    assert_non_null(letters);
    memset(letters, 'a', 66560);
    crc32c_base64(crc32c(0, (struct sv){letters, 66560}), text);
    assert_string_equal(text, "sOO8/Q==");
    free(letters);
}

/* Any text whose order matters. */
static void fill(char *out, size_t n)
{
    uint32_t x = 1;

    for (size_t i = 0; i < n; i++) {
        x = x * 1664525 + 1013904223;
        out[i] = (char)(x >> 24);
    }
}

static void processor_and_table_agree_at_every_length(void **state)
{
    static char bytes[LONG];

    (void)state;
    fill(bytes, sizeof bytes);
    for (size_t n = 0; n <= LONG; n += n < 80 ? 1 : 331)
        for (size_t from = 0; from < 9 && from <= n; from++) {
            struct sv part = {bytes + from, n - from};

            assert_int_equal(crc32c(7, part), crc32c_portable(7, part));
        }
}

static void it_does_not_matter_where_the_bytes_are_cut(void **state)
{
    static char bytes[LONG];
    uint32_t whole;

    (void)state;
    fill(bytes, sizeof bytes);
    whole = crc32c(0, (struct sv){bytes, LONG});
    for (size_t cut = 0; cut <= LONG; cut += 97) {
        uint32_t first = crc32c(0, (struct sv){bytes, cut});

        assert_int_equal(crc32c(first, (struct sv){bytes + cut, LONG - cut}), whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_values_come_out),
        cmocka_unit_test(amazons_example_is_written_as_s3_writes_it),
        cmocka_unit_test(processor_and_table_agree_at_every_length),
        cmocka_unit_test(it_does_not_matter_where_the_bytes_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
