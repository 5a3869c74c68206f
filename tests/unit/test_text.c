/*
 * test_text.c - names as people write them and as pages print them, one a line, with what they
 * become: emoji, flags, marks on letters, right-to-left text, and where a long one is cut.
 */
#include "analysis-svc/text.h"

#include <string.h>

#include "common/nfc.h"
#include "common/utf8.h"
#include "tests/kit/kit.h"

struct line {
    const char *printed;
    size_t max;
    const char *value;
    bool cut;
};
/* NOLINTBEGIN(misc-misleading-bidirectional): these marks are what the table is for. */
static const struct line table[] = {
    /* clang-format off */
    {"Ana", 200, "Ana", false},
    {"Ana B", 200, "Ana B", false},
    {"Dr. Orbit", 200, "Dr. Orbit", false},
    {"ORBIT_99", 200, "ORBIT_99", false},
    {"a", 200, "a", false},
    {"x y z", 200, "x y z", false},
    {"J\u00FCrgen", 200, "J\u00FCrgen", false},
    {"\u00C5sa", 200, "\u00C5sa", false},
    {"Ngu\u1EC5n", 200, "Ngu\u1EC5n", false},
    {"\u0130stanbul", 200, "\u0130stanbul", false},
    {"\u0416\u0443\u043A", 200, "\u0416\u0443\u043A", false},
    {"\u03A9mega", 200, "\u03A9mega", false},
    {"\u5C71\u7530\u592A\u90CE", 200, "\u5C71\u7530\u592A\u90CE", false},
    {"\uD55C\uAD6D\uC5B4", 200, "\uD55C\uAD6D\uC5B4", false},
    {"\u0E01\u0E38\u0E4A\u0E01", 200, "\u0E01\u0E38\u0E4A\u0E01", false},
    {"\u0928\u092E\u0938\u094D\u0924\u0947", 200, "\u0928\u092E\u0938\u094D\u0924\u0947", false},
    {"\u0645\u0631\u062D\u0628\u0627", 200, "\u0645\u0631\u062D\u0628\u0627", false},
    {"\u05E9\u05DC\u05D5\u05DD", 200, "\u05E9\u05DC\u05D5\u05DD", false},
    {"\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645", 200, "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645", false},
    {"\u0645\u0631\u062D\u0628\u0627 Ana", 200, "\u0645\u0631\u062D\u0628\u0627 Ana", false},
    {"Ana \u05D0\u05D1\u05D2 99", 200, "Ana \u05D0\u05D1\u05D2 99", false},
    {"\U0001F680", 200, "\U0001F680", false},
    {"Ana \U0001F680", 200, "Ana \U0001F680", false},
    {"\U0001F680 Ana \U0001F680", 200, "\U0001F680 Ana \U0001F680", false},
    {"\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466", 200, "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466", false},
    {"\U0001F469\U0001F3FD\u200D\U0001F680 Nova", 200, "\U0001F469\U0001F3FD\u200D\U0001F680 Nova", false},
    {"\U0001F3F3\uFE0F\u200D\U0001F308", 200, "\U0001F3F3\uFE0F\u200D\U0001F308", false},
    {"\u2764\uFE0F\u200D\U0001F525 Lia", 200, "\u2764\uFE0F\u200D\U0001F525 Lia", false},
    {"\U0001F1E9\U0001F1EA", 200, "\U0001F1E9\U0001F1EA", false},
    {"Bo \U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", 200, "Bo \U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", false},
    {"\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", 200, "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", false},
    {"1\uFE0F\u20E3 Zed", 200, "1\uFE0F\u20E3 Zed", false},
    {"\U0001F44D\U0001F3FF", 200, "\U0001F44D\U0001F3FF", false},
    {"\u2122", 200, "\u2122", false},
    {"Foo\u00AE", 200, "Foo\u00AE", false},
    {"\u2605 Vega \u2605", 200, "\u2605 Vega \u2605", false},
    {"(Kai)", 200, "(Kai)", false},
    {"Kai | BTC", 200, "Kai | BTC", false},
    {"Kai.eth", 200, "Kai.eth", false},
    {"-", 200, "-", false},
    {"\u2014", 200, "\u2014", false},
    {"N/A", 200, "N/A", false},
    {"0x1234\u2026abcd", 200, "0x1234\u2026abcd", false},
    {"\U0001D54F\U0001D55A\U0001D55F", 200, "\U0001D54F\U0001D55A\U0001D55F", false},
    {"\uFF21\uFF4E\uFF41", 200, "\uFF21\uFF4E\uFF41", false},
    {"\u1D00\u0274\u1D00", 200, "\u1D00\u0274\u1D00", false},
    {"\uFB01n", 200, "\uFB01n", false},
    {"Z\u00B2", 200, "Z\u00B2", false},
    {"\u00BFQu\u00E9\?", 200, "\u00BFQu\u00E9\?", false},
    {"Ana's", 200, "Ana's", false},
    {"Ana\u2019s", 200, "Ana\u2019s", false},
    {"\"Ana\"", 200, "\"Ana\"", false},
    {"<b>Ana</b>", 200, "<b>Ana</b>", false},
    {"Robert'); DROP TABLE", 200, "Robert'); DROP TABLE", false},
    {"Ana\u200DB", 200, "Ana\u200DB", false},
    {"\u0915\u094D\u200D\u0937", 200, "\u0915\u094D\u200D\u0937", false},
    {"\u0DC1\u0DCA\u200D\u0DBB\u0DD3", 200, "\u0DC1\u0DCA\u200D\u0DBB\u0DD3", false},
    {"u\u0308ber", 200, "\u00FCber", false},
    {"Jose\u0301", 200, "Jos\u00E9", false},
    {"A\u030Angstrom", 200, "\u00C5ngstrom", false},
    {"Nguye\u0302\u0303n", 200, "Nguy\u1EC5n", false},
    {"\u1112\u1161\u11AB", 200, "\uD55C", false},
    {"s\u0307\u0323", 200, "\u1E69", false},
    {"s\u0323\u0307", 200, "\u1E69", false},
    {"\u212B", 200, "\u00C5", false},
    {"o\u0302\u0301", 200, "\u1ED1", false},
    {"e\u0301\u0328", 200, "\u0119\u0301", false},
    {"\u0627\u0653", 200, "\u0622", false},
    {"\u05D0\u05B7\u05BC", 200, "\u05D0\u05B7\u05BC", false},
    {"\u0915\u093C", 200, "\u0915\u093C", false},
    {"\u30AB\u3099", 200, "\u30AC", false},
    {"i\u0307", 200, "i\u0307", false},
    {" Ana ", 200, "Ana", false},
    {"Ana  B", 200, "Ana B", false},
    {"Ana\u00A0B", 200, "Ana B", false},
    {"Ana\011B", 200, "Ana B", false},
    {"Ana\012B", 200, "Ana B", false},
    {"Ana\015\012 B", 200, "Ana B", false},
    {"\u3000Ana\u3000B\u3000", 200, "Ana B", false},
    {"Ana\u2009\u202FB", 200, "Ana B", false},
    {"\u2003Ana", 200, "Ana", false},
    {"Ana\u2028B", 200, "Ana B", false},
    {"Ana\302\205B", 200, "Ana B", false},
    {"Ana\007B", 200, "Ana B", false},
    {"\033[1mAna", 200, "[1mAna", false},
    {"Ana\177", 200, "Ana", false},
    {"Ana \u200B B", 200, "Ana B", false},
    {"A\u200Bn\u200Ba", 200, "Ana", false},
    {"\uFEFFAna", 200, "Ana", false},
    {"An\u00ADa", 200, "Ana", false},
    {"An\u2060a", 200, "Ana", false},
    {"Ana\u200B", 200, "Ana", false},
    {"\u1680Ana", 200, "Ana", false},
    {"\u205FAna", 200, "Ana", false},
    {"  \U0001F680  \U0001F680  ", 200, "\U0001F680 \U0001F680", false},
    {"\u200EAna\u200E", 200, "Ana", false},
    {"\u200F\u0645\u0631\u062D\u0628\u0627\u200F", 200, "\u0645\u0631\u062D\u0628\u0627", false},
    {"\u061C\u0645\u0631\u062D\u0628\u0627", 200, "\u0645\u0631\u062D\u0628\u0627", false},
    {"\u2067\u05E9\u05DC\u05D5\u05DD\u2069", 200, "\u05E9\u05DC\u05D5\u05DD", false},
    {"\u2066Ana\u2069 \u2067\u05D0\u05D1\u2069", 200, "Ana \u05D0\u05D1", false},
    {"\u202BAna\u202C", 200, "Ana", false},
    {"Ana\u202E B", 200, "Ana B", false},
    {"\u202Eana\u202C", 200, "ana", false},
    {"Ana \u2067\u05D0\u05D1\u2069", 200, "Ana \u05D0\u05D1", false},
    {"\u2068Ana", 200, "Ana", false},
    {"Ana\u2069", 200, "Ana", false},
    {"\u05D0\u200E99\u200F\u05D1", 200, "\u05D0\u200E99\u200F\u05D1", false},
    {"\u200E \u200F Ana \u200E ", 200, "Ana", false},
    {"\u200F\U0001F680\u200F", 200, "\U0001F680", false},
    {"\u05E9\u05DC\u05D5\u05DD \u200FAna", 200, "\u05E9\u05DC\u05D5\u05DD \u200FAna", false},
    {"\u200DAna", 200, "Ana", false},
    {"\u200CAna", 200, "Ana", false},
    {"\u200D\u200E\u200DAna", 200, "Ana", false},
    {"\u200E1\uFE0F\u20E3\u200E", 200, "1\uFE0F\u20E3", false},
    {"\u2067\U0001F1EE\U0001F1F1 \u05D0\u05D1\u2069", 200, "\U0001F1EE\U0001F1F1 \u05D0\u05D1", false},
    {"Ana B", 3, "Ana", true},
    {"Ana B", 4, "Ana", true},
    {"Ana B", 5, "Ana B", false},
    {"ab\U0001F468\u200D\U0001F469\u200D\U0001F467", 3, "ab", true},
    {"ab\U0001F468\u200D\U0001F469\u200D\U0001F467", 6, "ab", true},
    {"ab\U0001F468\u200D\U0001F469\u200D\U0001F467", 7, "ab\U0001F468\u200D\U0001F469\u200D\U0001F467", false},
    {"\U0001F468\u200D\U0001F469\u200D\U0001F467x", 5, "\U0001F468\u200D\U0001F469\u200D\U0001F467", true},
    {"\U0001F468\u200D\U0001F469\u200D\U0001F467x", 6, "\U0001F468\u200D\U0001F469\u200D\U0001F467x", false},
    {"\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", 2, "\U0001F1E9\U0001F1EA", true},
    {"\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", 3, "\U0001F1E9\U0001F1EA", true},
    {"\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", 4, "\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", false},
    {"a\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", 4, "a\U0001F1E9\U0001F1EA", true},
    {"a\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", 2, "a", true},
    {"e\u0301e\u0301", 1, "\u00E9", true},
    {"e\u0301e\u0301", 2, "\u00E9\u00E9", false},
    {"q\u0323\u0307y", 3, "q\u0323\u0307", true},
    {"aq\u0323\u0307", 2, "a", true},
    {"\U0001F44D\U0001F3FFz", 2, "\U0001F44D\U0001F3FF", true},
    {"a\U0001F44D\U0001F3FF", 2, "a", true},
    {"1\uFE0F\u20E3a", 3, "1\uFE0F\u20E3", true},
    {"a1\uFE0F\u20E3", 3, "a", true},
    {"\u2764\uFE0F\u200D\U0001F525b", 4, "\u2764\uFE0F\u200D\U0001F525", true},
    {"a\u2764\uFE0F\u200D\U0001F525", 4, "a", true},
    {"Ana \U0001F680", 4, "Ana", true},
    {"  Ana  ", 3, "Ana", false},
    {"\u200EAna\u200E", 3, "Ana", false},
    {"A\u200B\u200B\u200Bna", 3, "Ana", false},
    {"\u05E9\u05DC\u05D5\u05DD", 2, "\u05E9\u05DC", true},
    {"\uD55C\uAD6D\uC5B4", 2, "\uD55C\uAD6D", true},
    {"\u1112\u1161\u11AB", 1, "\uD55C", false},
    {"\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007Fb", 7, "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", true},
    {"b\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", 7, "b", true},
    {"z\u0301\u0301\u0301\u0301\u0301y", 3, "\u017A\u0301\u0301", true},
    {"\u00FCbung", 2, "\u00FCb", true},
    {"u\u0308bung", 2, "\u00FCb", true},
    {"", 200, "", false},
    {" ", 200, "", false},
    {"\u200B", 200, "", false},
    {"\u00AD", 200, "", false},
    {"\u200E\u200F", 200, "", false},
    {"\u200D", 200, "", false},
    {"\u2067\u2069", 200, "", false},
    {"\012\011", 200, "", false},
    {"\u3000", 200, "", false},
    /* clang-format on */
};
/* NOLINTEND(misc-misleading-bidirectional) */

static struct arena mem = ARENA_INIT;

static int forget(void **state)
{
    (void)state;
    arena_free(&mem);
    return 0;
}

static void every_name_becomes_what_its_line_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const struct line *l = &table[i];
        bool cut = !l->cut;
        const char *got = text_clean(sv_of(l->printed), l->max, &mem, &cut);

        if (strcmp(got, l->value) != 0 || cut != l->cut)
            fail_msg("line %zu, \"%s\" at most %zu: \"%s\" %d, not \"%s\"", i, l->printed, l->max,
                     got, cut, l->value);
    }
}

static void a_name_that_was_cleaned_stays_as_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        bool cut;

        assert_string_equal(text_clean(sv_of(table[i].value), table[i].max, &mem, &cut),
                            table[i].value);
        assert_false(cut);
    }
}

/* Signs that must not be broken, side by side in any order: every bound leaves a front of whole
 * ones, and the longest that fits. */
static void whatever_the_bound_no_sign_is_broken(void **state)
{
    static const struct {
        const char *sign;
        size_t chars;
    } signs[] = {{"\U0001F468\u200D\U0001F469\u200D\U0001F467", 5},
                 {"\U0001F1E9\U0001F1EA", 2},
                 {"\U0001F44D\U0001F3FF", 2},
                 {"q\u0323\u0307", 3},
                 {"1\uFE0F\u20E3", 3},
                 {"\u0E01\u0E38\u0E4A", 3},
                 {"\u05E9", 1},
                 {"a", 1},
                 {"\u2764\uFE0F\u200D\U0001F525", 4}};
    unsigned long long seed = 20261122;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        AUTO(str_free) struct str text = STR_INIT(1024);
        size_t max, fits = 0, chars = 0, n;

        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        max = 5 + (size_t)(seed >> 50) % 20;
        n = 1 + (size_t)(seed >> 40) % 9;
        for (size_t k = 0; k < n; k++) {
            size_t which;

            seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
            which = (size_t)(seed >> 33) % COUNT_OF(signs);
            str_addz(&text, signs[which].sign);
            chars += signs[which].chars;
            fits = chars <= max ? text.n : fits;
        }
        assert_int_equal(nfc_cut(str_sv(&text), max), fits);
    }
}

static void any_bytes_become_text_of_bounded_length(void **state)
{
    unsigned long long seed = 7;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        char bytes[48] = "";
        const char *got;
        size_t chars = 0;
        bool cut;

        for (size_t i = 0; i + 1 < sizeof bytes; i++) {
            seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
            bytes[i] = (char)(1 + (seed >> 33) % 255);
        }
        got = text_clean(sv_of(bytes), 10, &mem, &cut);
        assert_true(utf8_ok(sv_of(got)));
        for (const char *p = got; *p; p++)
            chars += ((unsigned char)*p & 0xC0) != 0x80 ? 1 : 0;
        assert_true(chars <= 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_becomes_what_its_line_says),
        cmocka_unit_test(a_name_that_was_cleaned_stays_as_it_is),
        cmocka_unit_test(whatever_the_bound_no_sign_is_broken),
        cmocka_unit_test(any_bytes_become_text_of_bounded_length),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
