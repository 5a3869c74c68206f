/* test_form.c - every rule of every field, with its own code; faults told together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "tests/kit/kit.h"
#include "upload-svc/form.h"

enum { NOW_S = 1795348800 }; /* 2026-11-22T12:00:00Z */

static struct arena arena = ARENA_INIT;

static int done(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct form filled(const char *name, const char *value)
{
    struct form f = form_new(&arena, NOW_S);

    form_field(&f, name, sv_of(value));
    return f;
}

static const struct form_fault *fault_of(const struct form *f, const char *field)
{
    for (size_t i = 0; i < f->fault_count; i++)
        if (strcmp(f->faults[i].field, field) == 0)
            return &f->faults[i];
    return NULL;
}

static void assert_fault(const struct form *f, const char *field, enum err_code code)
{
    const struct form_fault *fault = fault_of(f, field);

    if (!fault)
        fail_msg("no fault of %s", field);
    assert_string_equal(err_wire(fault->code), err_wire(code));
    assert_true(strlen(fault->message) > 5);
}

static void each_rule_refuses_what_it_must_with_its_own_code(void **state)
{
    static const struct {
        const char *field, *value;
        enum err_code code;
    } table[] = {
        {"platformSource", "cookie", ERR_BAD_PLATFORM},
        {"platformSource", "COOKIE.FUN", ERR_BAD_PLATFORM},
        {"platformSource", "cookie.fun.", ERR_BAD_PLATFORM},
        {"snapshotDate", "2026-02-29", ERR_BAD_DATE},
        {"snapshotDate", "2026-13-01", ERR_BAD_DATE},
        {"snapshotDate", "2026-1-1", ERR_BAD_DATE},
        {"snapshotDate", "20261120", ERR_BAD_DATE},
        {"snapshotDate", "2026-11-20T00:00:00Z", ERR_BAD_DATE},
        {"snapshotDate", "yesterday", ERR_BAD_DATE},
        {"snapshotDate", "2014-12-31", ERR_BAD_DATE},
        {"snapshotDate", "2026-11-24", ERR_BAD_DATE},
        {"snapshotType", "a profile", ERR_BAD_TYPE},
        {"snapshotType", "Leaderboard", ERR_BAD_TYPE},
        {"snapshotTimeframe", "0D", ERR_BAD_TIMEFRAME},
        {"snapshotTimeframe", "D", ERR_BAD_TIMEFRAME},
        {"snapshotTimeframe", "7W", ERR_BAD_TIMEFRAME},
        {"snapshotTimeframe", "24h", ERR_BAD_TIMEFRAME},
        {"campaignId", "0", ERR_BAD_CAMPAIGN},
        {"campaignId", "-7", ERR_BAD_CAMPAIGN},
        {"campaignId", "7.5", ERR_BAD_CAMPAIGN},
        {"campaignId", "seven", ERR_BAD_CAMPAIGN},
        {"campaignId", "99999999999999999999", ERR_BAD_CAMPAIGN},
        {"yapperTwitterHandle", "@", ERR_BAD_HANDLE},
        {"yapperTwitterHandle", "@@foo", ERR_BAD_HANDLE},
        {"yapperTwitterHandle", "foo bar", ERR_BAD_HANDLE},
        {"yapperTwitterHandle", "foo-bar", ERR_BAD_HANDLE},
        {"yapperTwitterHandle", "abcdefghijklmnop", ERR_BAD_HANDLE},
        {"yapperTwitterHandle", "f\xc3\xb6\xc3\xb6", ERR_BAD_HANDLE},
        {"metadata", "[]", ERR_BAD_METADATA},
        {"metadata", "\"x\"", ERR_BAD_METADATA},
        {"metadata", "{\"a\":1,\"a\":2}", ERR_BAD_METADATA},
        {"metadata", "{\"a\":1}x", ERR_BAD_METADATA},
        {"metadata", "{'a':1}", ERR_BAD_METADATA},
        {"metadata", "{\"a\":\"\\u0000\"}", ERR_BAD_METADATA},
        {"setId", "12", ERR_BAD_SET},
        {"setId", "0b4c3a77-61ce-4d35-8d4c-1a40f5b0c9dg", ERR_BAD_SET},
        {"setId", "0b4c3a7761ce4d358d4c1a40f5b0c9d2", ERR_BAD_SET},
        {"deadlineS", "0", ERR_BAD_DEADLINE},
        {"deadlineS", "604801", ERR_BAD_DEADLINE},
        {"deadlineS", "1d", ERR_BAD_DEADLINE},
        {"title", "x", ERR_FIELD_UNKNOWN},
        {"PlatformSource", "cookie.fun", ERR_FIELD_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct form f = filled(table[i].field, table[i].value);

        if (f.fault_count != 1)
            fail_msg("%s = %s: %zu faults", table[i].field, table[i].value, f.fault_count);
        assert_fault(&f, table[i].field, table[i].code);
    }
}

static void each_rule_takes_what_it_may(void **state)
{
    static const char *const table[][2] = {
        {"platformSource", "cookie.fun"},
        {"platformSource", "yaps.kaito.ai"},
        {"platformSource", " bantr "},
        {"snapshotDate", "2015-01-01"},
        {"snapshotDate", "2024-02-29"},
        {"snapshotDate", "2026-11-22"},
        {"snapshotDate", "2026-11-23"},
        {"snapshotType", "leaderboard"},
        {"snapshotTimeframe", "24H"},
        {"snapshotTimeframe", "7D"},
        {"campaignId", "7"},
        {"yapperTwitterHandle", "abcdefghijklmno"},
        {"metadata", "{}"},
        {"metadata", "{\"note\":\"\xc3\xa9\"}"},
        {"deadlineS", "1"},
        {"deadlineS", "604800"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct form f = filled(table[i][0], table[i][1]);

        if (f.fault_count != 0)
            fail_msg("%s = %s: %s", table[i][0], table[i][1], f.faults[0].message);
    }
}

static void a_handle_is_kept_in_lower_case_without_its_sign(void **state)
{
    static const char *const table[][2] = {{"@Foo_Bar", "foo_bar"},
                                           {"  @Foo_Bar  ", "foo_bar"},
                                           {"@ Foo_Bar", "foo_bar"},
                                           {"FOO9", "foo9"},
                                           {"_", "_"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct form f = filled("yapperTwitterHandle", table[i][0]);

        assert_true(form_ok(&f));
        assert_string_equal(f.handle, table[i][1]);
    }
}

static void tomorrow_is_taken_until_it_is_the_day_after(void **state)
{
    int64_t midnight;
    struct form f;

    (void)state;
    assert_true(clock_parse_day(SV_LIT("2026-11-22"), &midnight));
    f = form_new(&arena, midnight); /* the first second of the 22nd: the 23rd has begun somewhere */
    form_field(&f, "snapshotDate", SV_LIT("2026-11-23"));
    assert_true(form_ok(&f));
    assert_string_equal(f.date, "2026-11-23");
    f = form_new(&arena, midnight - 1);
    form_field(&f, "snapshotDate", SV_LIT("2026-11-23"));
    assert_fault(&f, "snapshotDate", ERR_BAD_DATE);
}

/* {"a":"xxx..."} of n bytes */
static char *metadata_of(size_t n)
{
    char *text = arena_take(&arena, n + 1);

    memset(text, 'x', n);
    memcpy(text, "{\"a\":\"", 6);
    memcpy(text + n - 2, "\"}", 2);
    return text;
}

static void metadata_may_have_sixteen_kibibytes_and_not_one_more(void **state)
{
    struct form f = filled("metadata", metadata_of(FORM_METADATA_MAX));

    (void)state;
    assert_true(form_ok(&f));
    assert_int_equal(strlen(f.metadata), FORM_METADATA_MAX);
    f = filled("metadata", metadata_of(FORM_METADATA_MAX + 1));
    assert_fault(&f, "metadata", ERR_BAD_METADATA);
    assert_int_equal(form_limit("metadata"), FORM_METADATA_MAX);
}

static void metadata_nested_without_end_is_refused(void **state)
{
    char deep[200] = "";
    struct form f;

    (void)state;
    for (int i = 0; i < 33; i++)
        strncat(deep, "{\"a\":", sizeof deep - strlen(deep) - 1);
    f = filled("metadata", deep);
    assert_fault(&f, "metadata", ERR_BAD_METADATA);
}

static void a_short_field_may_have_512_bytes(void **state)
{
    char text[FORM_TEXT_MAX + 2];
    struct form f = form_new(&arena, NOW_S);

    (void)state;
    memset(text, 'x', sizeof text);
    form_field(&f, "platformSource", (struct sv){text, FORM_TEXT_MAX + 1});
    assert_fault(&f, "platformSource", ERR_BAD_PLATFORM);
    assert_non_null(strstr(f.faults[0].message, "512"));
    assert_int_equal(form_limit("platformSource"), FORM_TEXT_MAX);
    assert_int_equal(form_limit("nothing"), 0);
}

static void bytes_that_are_no_text_are_refused(void **state)
{
    struct form f = form_new(&arena, NOW_S);

    (void)state;
    form_field(&f, "platformSource", (struct sv){"cookie.fun\0x", 12});
    form_field(&f, "setId", (struct sv){"\xff\xfe", 2});
    assert_fault(&f, "platformSource", ERR_BAD_PLATFORM);
    assert_fault(&f, "setId", ERR_BAD_SET);
}

static void a_field_given_twice_is_refused_even_when_it_says_the_same(void **state)
{
    struct form f = filled("campaignId", "7");

    (void)state;
    form_field(&f, "campaignId", SV_LIT("7"));
    assert_int_equal(f.fault_count, 1);
    assert_fault(&f, "campaignId", ERR_BAD_CAMPAIGN);
}

static void an_empty_input_of_a_browser_counts_as_not_given(void **state)
{
    struct form f = filled("campaignId", "");

    (void)state;
    form_field(&f, "yapperTwitterHandle", SV_LIT("  "));
    form_field(&f, "setId", SV_LIT(""));
    form_field(&f, "platformSource", SV_LIT("arbus"));
    form_field(&f, "snapshotDate", SV_LIT("2026-11-20"));
    form_end(&f, 1);
    assert_true(form_ok(&f));
    assert_int_equal(f.campaign_id, 0);
    assert_null(f.handle);
    assert_false(f.set_given);
}

static void several_faults_are_told_at_once(void **state)
{
    struct form f = filled("platformSource", "nowhere");

    (void)state;
    form_field(&f, "campaignId", SV_LIT("x"));
    form_field(&f, "metadata", SV_LIT("x"));
    form_end(&f, 0);
    assert_int_equal(f.fault_count, 5);
    assert_fault(&f, "platformSource", ERR_BAD_PLATFORM);
    assert_fault(&f, "campaignId", ERR_BAD_CAMPAIGN);
    assert_fault(&f, "metadata", ERR_BAD_METADATA);
    assert_fault(&f, "snapshotDate", ERR_FIELD_MISSING);
    assert_fault(&f, "screenshots", ERR_NO_FILE);
}

static void a_form_with_a_thousand_faults_tells_a_bounded_number(void **state)
{
    struct form f = form_new(&arena, NOW_S);

    (void)state;
    for (int i = 0; i < 1000; i++)
        form_field(&f, "nonsense", SV_LIT("x"));
    assert_int_equal(f.fault_count, FORM_FAULTS_MAX);
}

static struct form ended(const char *type, const char *timeframe, const char *handle)
{
    struct form f = filled("platformSource", "cookie.fun");

    form_field(&f, "snapshotDate", SV_LIT("2026-11-20"));
    form_field(&f, "snapshotType", sv_of(type));
    form_field(&f, "snapshotTimeframe", sv_of(timeframe));
    form_field(&f, "yapperTwitterHandle", sv_of(handle));
    form_end(&f, 1);
    return f;
}

static void a_leaderboard_shows_a_day_and_a_profile_a_week(void **state)
{
    struct form f = ended("", "", "");

    (void)state;
    assert_true(form_ok(&f));
    assert_string_equal(f.type, "leaderboard");
    assert_string_equal(f.timeframe, "24H");
    f = ended("yapper_profile", "", "@foo");
    assert_true(form_ok(&f));
    assert_string_equal(f.timeframe, "7D");
    f = ended("yapper_profile", "7D", "@foo");
    assert_true(form_ok(&f));
    f = ended("leaderboard", "7D", "");
    assert_fault(&f, "snapshotTimeframe", ERR_BAD_TIMEFRAME);
    f = ended("yapper_profile", "24H", "@foo");
    assert_fault(&f, "snapshotTimeframe", ERR_BAD_TIMEFRAME);
    f = ended("leaderboard", "30D", "");
    assert_fault(&f, "snapshotTimeframe", ERR_BAD_TIMEFRAME);
}

static struct form of_another_type(const char *timeframe)
{
    struct form f = filled("platformSource", "cookie.fun");

    form_field(&f, "snapshotDate", SV_LIT("2026-11-20"));
    form_field(&f, "snapshotTimeframe", sv_of(timeframe));
    form_field(&f, "snapshotType", SV_LIT("token_table"));
    return f;
}

static void a_type_that_was_dropped_in_keeps_its_own_rules(void **state)
{
    struct form f = of_another_type("");

    (void)state;
    assert_true(f.other_type);
    f.due_timeframe = "30D";
    form_end(&f, 1);
    assert_true(form_ok(&f));
    assert_string_equal(f.timeframe, "30D");
    f = of_another_type("30D");
    f.due_timeframe = "30D";
    form_end(&f, 1);
    assert_true(form_ok(&f));
    f = of_another_type("24H");
    f.due_timeframe = "30D";
    f.due_handle = true;
    form_end(&f, 1);
    assert_int_equal(f.fault_count, 2);
    assert_fault(&f, "snapshotTimeframe", ERR_BAD_TIMEFRAME);
    assert_fault(&f, "yapperTwitterHandle", ERR_FIELD_MISSING);
}

static void a_type_is_taken_on_the_platforms_where_it_is_read(void **state)
{
    static const struct {
        const char *platforms;
        bool taken;
    } cases[] = {{" * ", true},
                 {" cookie.fun ", true},
                 {" arbus cookie.fun bantr ", true},
                 {" arbus bantr ", false},
                 {" cookie ", false},
                 {NULL, true}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct form f = of_another_type("");

        f.due_timeframe = "24H";
        f.due_platforms = cases[i].platforms;
        form_end(&f, 1);
        assert_int_equal(form_ok(&f), cases[i].taken);
        if (!cases[i].taken)
            assert_fault(&f, "platformSource", ERR_BAD_PLATFORM);
    }
}

static void a_profile_needs_its_handle(void **state)
{
    struct form f = ended("yapper_profile", "7D", "");

    (void)state;
    assert_int_equal(f.fault_count, 1);
    assert_fault(&f, "yapperTwitterHandle", ERR_FIELD_MISSING);
    f = ended("yapper_profile", "7D", "no good"); /* given, and told as a bad one only */
    assert_int_equal(f.fault_count, 1);
    assert_fault(&f, "yapperTwitterHandle", ERR_BAD_HANDLE);
}

static void a_request_without_a_set_is_a_set_of_its_own(void **state)
{
    struct form a = form_new(&arena, NOW_S), b = form_new(&arena, NOW_S);
    struct form c = filled("setId", "0B4C3A77-61CE-4D35-8D4C-1A40F5B0C9D2");

    (void)state;
    assert_string_not_equal(a.set_id.text, b.set_id.text);
    assert_false(a.set_given);
    assert_true(c.set_given);
    assert_string_equal(c.set_id.text, "0b4c3a77-61ce-4d35-8d4c-1a40f5b0c9d2");
}

static void the_faults_are_written_as_json_that_reads_back(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(65536);
    AUTO(json_free) struct json *doc = NULL;
    struct form f = filled("tit\"le\n", "x");
    struct err err = ERR_INIT;
    struct jw w = jw_on(&out);
    const struct json *first;

    (void)state;
    jw_open(&w, '{');
    form_write_faults(&f, &w);
    jw_close(&w);
    assert_ok(json_parse(str_sv(&out), &doc, &err), err);
    first = json_first(json_find(doc, "errors"));
    assert_string_equal(json_text_or(first, "field", ""), "tit\"le\n");
    assert_string_equal(json_text_or(first, "code", ""), "field_unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_refuses_what_it_must_with_its_own_code),
        cmocka_unit_test(each_rule_takes_what_it_may),
        cmocka_unit_test(a_handle_is_kept_in_lower_case_without_its_sign),
        cmocka_unit_test(tomorrow_is_taken_until_it_is_the_day_after),
        cmocka_unit_test(metadata_may_have_sixteen_kibibytes_and_not_one_more),
        cmocka_unit_test(metadata_nested_without_end_is_refused),
        cmocka_unit_test(a_short_field_may_have_512_bytes),
        cmocka_unit_test(bytes_that_are_no_text_are_refused),
        cmocka_unit_test(a_field_given_twice_is_refused_even_when_it_says_the_same),
        cmocka_unit_test(an_empty_input_of_a_browser_counts_as_not_given),
        cmocka_unit_test(several_faults_are_told_at_once),
        cmocka_unit_test(a_form_with_a_thousand_faults_tells_a_bounded_number),
        cmocka_unit_test(a_leaderboard_shows_a_day_and_a_profile_a_week),
        cmocka_unit_test(a_type_that_was_dropped_in_keeps_its_own_rules),
        cmocka_unit_test(a_type_is_taken_on_the_platforms_where_it_is_read),
        cmocka_unit_test(a_profile_needs_its_handle),
        cmocka_unit_test(a_request_without_a_set_is_a_set_of_its_own),
        cmocka_unit_test(the_faults_are_written_as_json_that_reads_back),
    };

    return cmocka_run_group_tests(tests, NULL, done);
}
