/* test_form.c - the rules of the upload form, each with its own code, all faults at once. */
#include <string.h>

#include "common/clock.h"
#include "tests/kit/kit.h"
#include "upload-svc/form.h"

static struct arena arena = ARENA_INIT;
static struct form form;

static int fresh(void **state)
{
    int64_t now = 0;

    (void)state;
    arena_free(&arena);
    if (!clock_parse_day(SV_LIT("2026-11-22"), &now))
        return -1;
    form = form_new(&arena, now + 12 * 3600);
    return 0;
}

static int clear(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void give(const char *name, const char *value) { form_field(&form, name, sv_of(value)); }

static void a_full_form_is_taken_as_it_is_meant(void **state)
{
    (void)state;
    give("platformSource", " cookie.fun ");
    give("snapshotDate", "2026-11-20");
    give("snapshotType", "yapper_profile");
    give("snapshotTimeframe", "7D");
    give("campaignId", "7");
    give("yapperTwitterHandle", "  @Foo_Bar ");
    give("metadata", "{\"a\":[1,2]}");
    give("setId", "0B4C3A77-61CE-4D35-8D4C-1A40F5B0C9D2");
    give("deadlineS", "3600");
    form_end(&form, 1);
    assert_true(form_ok(&form));
    assert_string_equal(form.platform, "cookie.fun");
    assert_string_equal(form.date, "2026-11-20");
    assert_string_equal(form.type, "yapper_profile");
    assert_string_equal(form.timeframe, "7D");
    assert_int_equal(form.campaign_id, 7);
    assert_string_equal(form.handle, "foo_bar");
    assert_string_equal(form.metadata, "{\"a\":[1,2]}");
    assert_string_equal(form.set_id.text, "0b4c3a77-61ce-4d35-8d4c-1a40f5b0c9d2");
    assert_true(form.set_given);
    assert_int_equal(form.deadline_s, 3600);
}

static void what_is_left_out_has_a_default(void **state)
{
    (void)state;
    give("platformSource", "arbus");
    give("snapshotDate", "2026-11-22");
    give("campaignId", ""); /* an empty select */
    give("yapperTwitterHandle", " ");
    form_end(&form, 1);
    assert_true(form_ok(&form));
    assert_string_equal(form.type, "leaderboard");
    assert_string_equal(form.timeframe, "24H");
    assert_string_equal(form.metadata, "{}");
    assert_int_equal(form.campaign_id, 0);
    assert_null(form.handle);
    assert_false(form.set_given);
    assert_int_equal(strlen(form.set_id.text), 36);
}

static void each_bad_field_has_its_own_code(void **state)
{
    static const struct {
        const char *name, *value;
        enum err_code code;
    } bad[] = {
        {"platformSource", "myspace", ERR_BAD_PLATFORM},
        {"snapshotDate", "2026-02-30", ERR_BAD_DATE},
        {"snapshotDate", "20.11.2026", ERR_BAD_DATE},
        {"snapshotDate", "2014-12-31", ERR_BAD_DATE},
        {"snapshotDate", "2026-11-24", ERR_BAD_DATE},
        {"snapshotType", "poster", ERR_BAD_TYPE},
        {"snapshotTimeframe", "30D", ERR_BAD_TIMEFRAME},
        {"campaignId", "seven", ERR_BAD_CAMPAIGN},
        {"campaignId", "-1", ERR_BAD_CAMPAIGN},
        {"yapperTwitterHandle", "two words", ERR_BAD_HANDLE},
        {"yapperTwitterHandle", "@", ERR_BAD_HANDLE},
        {"yapperTwitterHandle", "sixteen_letters_", ERR_BAD_HANDLE},
        {"metadata", "[1]", ERR_BAD_METADATA},
        {"metadata", "{\"a\":1,\"a\":2}", ERR_BAD_METADATA},
        {"metadata", "{\"a\":\"\\u0000\"}", ERR_BAD_METADATA},
        {"setId", "not-a-uuid", ERR_BAD_SET},
        {"deadlineS", "0", ERR_BAD_DEADLINE},
        {"deadlineS", "604801", ERR_BAD_DEADLINE},
        {"color", "red", ERR_FIELD_UNKNOWN},
        {"snapshotDate", "\xff\xfe", ERR_BAD_DATE},
    };

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        fresh(state);
        give(bad[i].name, bad[i].value);
        assert_int_equal(form.fault_count, 1);
        assert_string_equal(form.faults[0].field, bad[i].name);
        assert_string_equal(err_wire(form.faults[0].code), err_wire(bad[i].code));
        assert_true(strlen(form.faults[0].message) > 10);
    }
}

static void tomorrow_is_today_somewhere(void **state)
{
    (void)state;
    give("snapshotDate", "2026-11-23");
    assert_true(form_ok(&form));
}

static void a_field_given_twice_is_refused(void **state)
{
    (void)state;
    give("platformSource", "arbus");
    give("platformSource", "bantr");
    assert_int_equal(form.fault_count, 1);
    assert_string_equal(form.platform, "arbus");
}

static void all_faults_are_told_at_once(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(4096);
    struct jw w = jw_on(&out);

    (void)state;
    give("snapshotDate", "yesterday");
    give("snapshotType", "yapper_profile");
    give("snapshotTimeframe", "24H");
    form_end(&form, 0);
    jw_open(&w, '{');
    form_write_faults(&form, &w);
    jw_close(&w);
    assert_int_equal(form.fault_count, 5);
    assert_non_null(strstr(out.p, "{\"field\":\"snapshotDate\",\"code\":\"bad_date\""));
    assert_non_null(strstr(out.p, "{\"field\":\"platformSource\",\"code\":\"field_missing\""));
    assert_non_null(strstr(out.p, "{\"field\":\"snapshotTimeframe\",\"code\":\"bad_timeframe\""));
    assert_non_null(strstr(out.p, "{\"field\":\"yapperTwitterHandle\",\"code\":\"field_missing\""));
    assert_non_null(strstr(out.p, "{\"field\":\"screenshots\",\"code\":\"no_file\""));
}

static void a_field_is_read_no_further_than_its_limit(void **state)
{
    AUTO(str_free) struct str long_one = STR_INIT(20000);

    (void)state;
    assert_int_equal(form_limit("metadata"), FORM_METADATA_MAX);
    assert_int_equal(form_limit("color"), 0);
    str_addz(&long_one, "{\"a\":\"");
    while (long_one.n < FORM_METADATA_MAX)
        str_addz(&long_one, "0123456789");
    str_addz(&long_one, "\"}");
    form_field(&form, "metadata", str_sv(&long_one));
    assert_int_equal(form.faults[0].code, ERR_BAD_METADATA);
}

static void a_flood_of_faults_stays_within_its_table(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        give("unheard", "of");
    assert_int_equal(form.fault_count, FORM_FAULTS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_full_form_is_taken_as_it_is_meant, fresh, clear),
        cmocka_unit_test_setup_teardown(what_is_left_out_has_a_default, fresh, clear),
        cmocka_unit_test_setup_teardown(each_bad_field_has_its_own_code, fresh, clear),
        cmocka_unit_test_setup_teardown(tomorrow_is_today_somewhere, fresh, clear),
        cmocka_unit_test_setup_teardown(a_field_given_twice_is_refused, fresh, clear),
        cmocka_unit_test_setup_teardown(all_faults_are_told_at_once, fresh, clear),
        cmocka_unit_test_setup_teardown(a_field_is_read_no_further_than_its_limit, fresh, clear),
        cmocka_unit_test_setup_teardown(a_flood_of_faults_stays_within_its_table, fresh, clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
