#include "analysis-svc/page_platform.h"

#include "tests/kit/kit.h"

static enum seen seen(const char *text, const char *expected)
{
    const char *other = "";

    return page_platform(sv_of(text), expected, &other);
}

static void the_expected_site_is_found_in_all_its_spellings(void **state)
{
    (void)state;
    assert_int_equal(seen("Cookie.fun", "cookie.fun"), SEEN_SAME);
    assert_int_equal(seen("COOKIE", "cookie.fun"), SEEN_SAME);
    assert_int_equal(seen("https://www.cookie.fun/campaigns", "cookie.fun"), SEEN_SAME);
    assert_int_equal(seen("Yap Market", "yap.market"), SEEN_SAME);
    assert_int_equal(seen("yapmarket", "yap.market"), SEEN_SAME);
    assert_int_equal(seen("Kaito \u2014 Yaps", "yaps.kaito.ai"), SEEN_SAME);
    assert_int_equal(seen("Bantr vs Kaito", "bantr"), SEEN_SAME);
}

static void another_known_site_is_told_by_its_label(void **state)
{
    const char *other = "";

    (void)state;
    assert_int_equal(page_platform(sv_of("kaito"), "cookie.fun", &other), SEEN_OTHER);
    assert_string_equal(other, "Kaito Yaps");
}

static void unknown_words_and_parts_of_words_are_none(void **state)
{
    (void)state;
    assert_int_equal(seen("", "cookie.fun"), SEEN_NONE);
    assert_int_equal(seen("Leaderboard", "cookie.fun"), SEEN_NONE);
    assert_int_equal(seen("cookies", "cookie.fun"), SEEN_NONE);
    assert_int_equal(seen("c0okie.fun", "cookie.fun"), SEEN_NONE);
    assert_int_equal(seen("\u00E9cookie", "cookie.fun"), SEEN_NONE);
}

static void platforms_are_known_by_their_wire_names(void **state)
{
    (void)state;
    assert_true(page_platform_known("cookie.fun"));
    assert_false(page_platform_known("Cookie.fun"));
    assert_false(page_platform_known(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_expected_site_is_found_in_all_its_spellings),
        cmocka_unit_test(another_known_site_is_told_by_its_label),
        cmocka_unit_test(unknown_words_and_parts_of_words_are_none),
        cmocka_unit_test(platforms_are_known_by_their_wire_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
