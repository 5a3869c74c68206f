#include "common/xml.h"

#include <string.h>

#include "tests/kit/kit.h"

static const char page[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!-- a > comment --><List xmlns=\"http://example.net/a>b\">"
    "<Prefix>top</Prefix><Contents><Key>a &amp; b</Key><Prefix>inner</Prefix></Contents>"
    "<Empty/><Contents a='x' ><Key><![CDATA[<c>]]>&#x1F600;&#65;</Key></Contents ></List>\n";

static void elements_are_found_one_level_at_a_time(void **state)
{
    struct sv list, entry, rest;
    char text[32];

    (void)state;
    assert_true(xml_child(SV_LIT(page), "List", &list));
    assert_false(xml_child(SV_LIT(page), "Contents", &entry)); /* not a child of the document */
    rest = list;
    assert_true(xml_next(&rest, "Contents", &entry));
    assert_true(xml_child_text(entry, "Key", text, sizeof text));
    assert_string_equal(text, "a & b");
    assert_true(xml_next(&rest, "Contents", &entry));
    assert_true(xml_child_text(entry, "Key", text, sizeof text));
    assert_string_equal(text, "<c>\xf0\x9f\x98\x80"
                              "A");
    assert_false(xml_next(&rest, "Contents", &entry));
    assert_true(xml_child_text(list, "Prefix", text, sizeof text));
    assert_string_equal(text, "top");
    assert_true(xml_child_text(list, "Empty", text, sizeof text));
    assert_string_equal(text, "");
}

static void a_child_of_the_same_name_does_not_end_its_parent(void **state)
{
    struct sv inner;

    (void)state;
    assert_true(xml_child(SV_LIT("<a><a>x</a><b/></a><c/>"), "a", &inner));
    assert_true(sv_eqz(inner, "<a>x</a><b/>"));
}

static void what_is_not_well_formed_is_not_found(void **state)
{
    static const char *const wrong[] = {
        "",
        "<",
        "<a",
        "<a>",
        "<a>x",
        "<a>x</b>",
        "</a>",
        "<a><b></a></b>",
        "< a>x</a>",
        "<a b=\"></a>",
        "<!DOCTYPE a><a>x</a>",
        "<!-- <a>x</a>",
        "<![CDATA[<a>x</a>",
        "<?x <a>x</a>",
        "<a>x</a/>",
        "<a <b>x</a>",
    };
    struct sv inner;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        if (xml_child(sv_of(wrong[i]), "a", &inner))
            fail_msg("found in %s", wrong[i]);
    assert_false(xml_child((struct sv){NULL, 0}, "a", &inner));
}

static void text_that_is_none_is_refused(void **state)
{
    static const char *const wrong[] = {
        "&",          "&amp",
        "&nbsp;",     "&#;",
        "&#x;",       "&#xD800;",
        "&#1114112;", "&#0;",
        "&#x1;",      "<b>x</b>",
        "&#65 ;",     "&#x4g;",
        "<!x",        "&verylongentityname;",
        "&;",         "&#999999999999;",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        AUTO(str_free) struct str out = STR_INIT(100);

        if (xml_text(sv_of(wrong[i]), &out))
            fail_msg("taken: %s", wrong[i]);
    }
}

static void entities_of_every_length_become_utf8(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(100);

    (void)state;
    assert_true(xml_text(SV_LIT("&lt;&gt;&quot;&apos;&#233;&#x20AC;&#x1f600;&#10;"), &out));
    assert_string_equal(out.p, "<>\"'\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n");
}

static void nesting_ends_at_a_wall(void **state)
{
    struct sv inner;

    (void)state;
    for (size_t depth = XML_DEPTH_MAX; depth <= XML_DEPTH_MAX + 1; depth++) {
        AUTO(str_free) struct str deep = STR_INIT(1000);

        for (size_t i = 0; i < 2 * depth; i++)
            str_addz(&deep, i < depth ? "<a>" : "</a>");
        assert_int_equal(xml_child(str_sv(&deep), "a", &inner), depth == XML_DEPTH_MAX);
    }
}

static void a_text_longer_than_its_place_is_refused(void **state)
{
    char out[4] = "old";

    (void)state;
    assert_false(xml_child_text(SV_LIT("<a>1234</a>"), "a", out, sizeof out));
    assert_string_equal(out, "old");
    assert_true(xml_child_text(SV_LIT("<a>123</a>"), "a", out, sizeof out));
    assert_string_equal(out, "123");
    assert_false(xml_child_text(SV_LIT("<a>1\0</a>"), "a", out, sizeof out));
}

static void what_is_escaped_reads_back(void **state)
{
    AUTO(str_free) struct str xml = STR_INIT(100);
    AUTO(str_free) struct str text = STR_INIT(100);

    (void)state;
    xml_escape(SV_LIT("a<b>&\"c"), &xml);
    assert_string_equal(xml.p, "a&lt;b&gt;&amp;\"c");
    assert_true(xml_text(str_sv(&xml), &text));
    assert_string_equal(text.p, "a<b>&\"c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_found_one_level_at_a_time),
        cmocka_unit_test(a_child_of_the_same_name_does_not_end_its_parent),
        cmocka_unit_test(what_is_not_well_formed_is_not_found),
        cmocka_unit_test(text_that_is_none_is_refused),
        cmocka_unit_test(entities_of_every_length_become_utf8),
        cmocka_unit_test(nesting_ends_at_a_wall),
        cmocka_unit_test(a_text_longer_than_its_place_is_refused),
        cmocka_unit_test(what_is_escaped_reads_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
