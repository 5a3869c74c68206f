/* test_roster.c - which providers are in use, and the sentences when none is. */
#include "analysis-svc/roster.h"

#include <string.h>

#include "tests/kit/kit.h"

static struct analysis_conf base(void)
{
    return (struct analysis_conf){.provider_order = "openai,anthropic",
                                  .openai_url = "https://api.openai.com/v1",
                                  .openai_model = "",
                                  .openai_server = "openai",
                                  .openai_api = "",
                                  .openai_detail = "high",
                                  .openai_effort = "",
                                  .models = "analysis-svc/models.json",
                                  .anthropic_url = "https://api.anthropic.com",
                                  .anthropic_model = "",
                                  .images_per_call = 4};
}

static void with_nothing_configured_the_variables_are_named(void **state)
{
    struct analysis_conf c = base();
    struct roster r;
    struct err err = ERR_INIT;

    (void)state;
    assert_fails(roster_make(&c, &r, &err), err, ERR_UNPROCESSABLE);
    assert_non_null(strstr(err.msg, "OPENAI_API_KEY"));
    assert_non_null(strstr(err.msg, "ANTHROPIC_API_KEY"));
    assert_non_null(strstr(err.msg, "OPENAI_BASE_URL"));
}

static void a_key_configures_a_provider(void **state)
{
    struct analysis_conf c = base();
    struct roster r;
    struct err err = ERR_INIT;

    (void)state;
    c.anthropic_key = secret_of("k");
    c.anthropic_model = "m";
    assert_ok(roster_make(&c, &r, &err), err);
    assert_int_equal(r.n, 1);
    assert_string_equal(r.items[0].name, "anthropic");
    assert_int_equal(r.items[0].dialect, DIALECT_MESSAGES);
}

static void a_base_url_of_ones_own_needs_no_key(void **state)
{
    struct analysis_conf c = base();
    struct roster r;
    struct err err = ERR_INIT;

    (void)state;
    c.openai_url = "http://127.0.0.1:8090/v1";
    c.openai_model = "reader";
    c.openai_api = "chat";
    assert_ok(roster_make(&c, &r, &err), err);
    assert_int_equal(r.n, 1);
    assert_int_equal(r.items[0].dialect, DIALECT_CHAT);
}

static void a_provider_without_a_model_is_a_fault(void **state)
{
    struct analysis_conf c = base();
    struct roster r;
    struct err err = ERR_INIT;

    (void)state;
    c.openai_key = secret_of("k");
    assert_fails(roster_make(&c, &r, &err), err, ERR_UNPROCESSABLE);
    assert_non_null(strstr(err.msg, "set OPENAI_MODEL"));
}

static void the_order_is_the_operators(void **state)
{
    struct analysis_conf c = base();
    struct roster r;
    struct err err = ERR_INIT;

    (void)state;
    c.openai_key = c.anthropic_key = secret_of("k");
    c.openai_model = c.anthropic_model = "m";
    c.provider_order = " anthropic , openai";
    assert_ok(roster_make(&c, &r, &err), err);
    assert_string_equal(r.items[0].name, "anthropic");
    assert_string_equal(r.items[1].name, "openai");
    c.provider_order = "anthropic,mystery";
    assert_fails(roster_make(&c, &r, &err), err, ERR_UNPROCESSABLE);
    assert_non_null(strstr(err.msg, "mystery"));
    err = (struct err)ERR_INIT;
    c.provider_order = "openai,openai";
    assert_fails(roster_make(&c, &r, &err), err, ERR_UNPROCESSABLE);
}

static void sets_of_providers_go_to_sql_and_back(void **state)
{
    struct analysis_conf c = base();
    AUTO(str_free) struct str out = STR_INIT(256);
    struct roster r;
    struct err err = ERR_INIT;

    (void)state;
    c.openai_key = c.anthropic_key = secret_of("k");
    c.openai_model = "plain";
    c.anthropic_model = "with \"quotes\"";
    assert_ok(roster_make(&c, &r, &err), err);
    for (unsigned bits = 0; bits <= roster_all(&r); bits++) {
        str_reset(&out);
        roster_array(&r, bits, &out);
        assert_int_equal(roster_bits(&r, str_sv(&out)), bits);
    }
    assert_string_equal(out.p, "{openai,anthropic}");
    assert_int_equal(roster_bits(&r, sv_of("{retired,anthropic}")), 2);
    str_reset(&out);
    roster_models(&r, &out);
    assert_string_equal(out.p, "{\"plain\",\"with \\\"quotes\\\"\"}");
}

static void a_server_of_another_kind_has_its_own_habits(void **state)
{
    struct analysis_conf c = base();
    struct roster r;
    struct err err = ERR_INIT;

    (void)state;
    c.openai_server = "ollama";
    c.openai_model = "any";
    c.openai_key = secret_of("k");
    assert_fails(roster_make(&c, &r, &err), err, ERR_UNPROCESSABLE);
    assert_non_null(strstr(err.msg, "OPENAI_BASE_URL"));
    c.openai_url = "http://127.0.0.1:11434/v1";
    c.images_per_call = 30;
    assert_ok(roster_make(&c, &r, &err), err);
    assert_int_equal(r.items[0].dialect, DIALECT_CHAT);
    assert_false(r.items[0].caps.urls);
    assert_int_equal(r.items[0].images_max, 16);
    c.openai_api = "responses";
    assert_ok(roster_make(&c, &r, &err), err);
    assert_int_equal(r.items[0].dialect, DIALECT_RESPONSES);
}

static void a_price_that_is_set_wins_over_the_file(void **state)
{
    struct analysis_conf c = base();
    struct roster r;
    struct err err = ERR_INIT;

    (void)state;
    c.anthropic_key = secret_of("k");
    c.anthropic_model = "claude-haiku-5-5";
    assert_ok(roster_make(&c, &r, &err), err);
    assert_int_equal(r.items[0].caps.price_in, 100000);
    c.anthropic_price_in = 7;
    assert_ok(roster_make(&c, &r, &err), err);
    assert_int_equal(r.items[0].caps.price_in, 7);
    assert_int_equal(r.items[0].caps.cliff_price_in, 7);
    assert_int_equal(r.items[0].caps.cliff_price_out, 2500000);
    c.models = "no/such/file";
    assert_fails(roster_make(&c, &r, &err), err, ERR_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_nothing_configured_the_variables_are_named),
        cmocka_unit_test(a_key_configures_a_provider),
        cmocka_unit_test(a_base_url_of_ones_own_needs_no_key),
        cmocka_unit_test(a_provider_without_a_model_is_a_fault),
        cmocka_unit_test(the_order_is_the_operators),
        cmocka_unit_test(a_server_of_another_kind_has_its_own_habits),
        cmocka_unit_test(a_price_that_is_set_wins_over_the_file),
        cmocka_unit_test(sets_of_providers_go_to_sql_and_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
