/* test_person.c - whom a JWT's claims speak of, and what that person may do. */
#include <string.h>

#include "common/utf8.h"
#include "tests/kit/kit.h"
#include "upload-svc/person.h"

static enum err_code read_claims(const char *text, const char *claim, struct door_who *out)
{
    AUTO(json_free) struct json *claims = NULL;
    struct err err = ERR_INIT;

    *out = (struct door_who){.role = DOOR_OPEN};
    assert_ok(json_parse(sv_of(text), &claims, &err), err);
    return person_read(claims, claim, out, &err) ? ERR_NONE : err.code;
}

static void a_role_is_found_wherever_the_setting_points(void **state)
{
    static const struct {
        const char *claims, *claim;
        enum door_role role;
    } cases[] = {
        {"{\"sub\":\"a\",\"role\":\"viewer\"}", "role", DOOR_VIEWER},
        {"{\"sub\":\"a\",\"role\":\"ADMIN\"}", "role", DOOR_ADMIN},
        {"{\"sub\":\"a\",\"roles\":[\"viewer\",\"uploader\",\"x\",7]}", "roles", DOOR_UPLOADER},
        {"{\"sub\":\"a\",\"realm_access\":{\"roles\":[\"admin\"]}}", "realm_access.roles",
         DOOR_ADMIN},
        {"{\"sub\":\"a\",\"scope\":\"openid  uploader viewer\"}", "scope", DOOR_UPLOADER},
        {"{\"sub\":\"a\",\"https://x.example/role\":\"viewer\"}", "https://x.example/role",
         DOOR_VIEWER},
        {"{\"sub\":\"a\",\"a.b\":\"viewer\",\"a\":{\"b\":\"admin\"}}", "a.b", DOOR_VIEWER},
    };
    struct door_who who;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (read_claims(cases[i].claims, cases[i].claim, &who) != ERR_NONE)
            fail_msg("%s", cases[i].claims);
        assert_int_equal(who.role, cases[i].role);
        assert_string_equal(who.name, "jwt:a");
        assert_int_equal(who.id, 0);
    }
}

static void without_a_role_of_ours_nobody_comes_in(void **state)
{
    static const char *const claims[] = {
        "{\"sub\":\"a\"}",
        "{\"sub\":\"a\",\"role\":\"superadmin\"}",
        "{\"sub\":\"a\",\"role\":\"open\"}",
        "{\"sub\":\"a\",\"role\":\"\"}",
        "{\"sub\":\"a\",\"role\":7}",
        "{\"sub\":\"a\",\"role\":null}",
        "{\"sub\":\"a\",\"role\":{\"admin\":true}}",
        "{\"sub\":\"a\",\"role\":[[\"admin\"]]}",
        "{\"sub\":\"a\",\"Role\":\"admin\"}",
    };
    struct door_who who;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        if (read_claims(claims[i], "role", &who) != ERR_FORBIDDEN)
            fail_msg("%s", claims[i]);
        assert_int_equal(who.role, DOOR_OPEN);
    }
    assert_int_equal(read_claims("{\"sub\":\"a\",\"role\":\"admin\"}", "role.x", &who),
                     ERR_FORBIDDEN);
    assert_int_equal(read_claims("{\"sub\":\"a\",\"role\":\"admin\"}", ".", &who), ERR_FORBIDDEN);
}

static void without_a_name_nobody_comes_in(void **state)
{
    static const char *const claims[] = {"{\"role\":\"admin\"}",
                                         "{\"sub\":\"\",\"role\":\"admin\"}",
                                         "{\"sub\":7,\"role\":\"admin\"}"};
    struct door_who who;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(claims); i++)
        assert_int_equal(read_claims(claims[i], "role", &who), ERR_UNAUTHENTICATED);
}

static void long_names_are_cut_and_stay_apart(void **state)
{
    static const char first[] =
        "{\"sub\":\"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh1\","
        "\"role\":\"viewer\"}";
    static const char umlauts[] =
        "{\"sub\":\"abcdefghijklmnopqrstuvwxy\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
        "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
        "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\",\"role\":\"viewer\"}";
    char other[sizeof first];
    struct door_who a, b;

    (void)state;
    memcpy(other, first, sizeof first);
    *strchr(other, '1') = '2';
    assert_int_equal(read_claims(first, "role", &a), ERR_NONE);
    assert_int_equal(read_claims(other, "role", &b), ERR_NONE);
    assert_int_equal(strlen(a.name), 63);
    assert_string_not_equal(a.name, b.name);
    assert_memory_equal(a.name, "jwt:abcdef", 10);
    assert_int_equal(read_claims(umlauts, "role", &a), ERR_NONE);
    assert_true(utf8_ok(sv_of(a.name)));
    assert_true(strlen(a.name) < 64);
}

static void each_role_has_its_word(void **state)
{
    (void)state;
    for (unsigned i = DOOR_VIEWER; i <= DOOR_ADMIN; i++)
        assert_int_equal(person_role(sv_of(person_word((enum door_role)i))), i);
    assert_int_equal(person_role(SV_LIT("open")), DOOR_OPEN);
    assert_int_equal(person_role(SV_LIT("")), DOOR_OPEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_is_found_wherever_the_setting_points),
        cmocka_unit_test(without_a_role_of_ours_nobody_comes_in),
        cmocka_unit_test(without_a_name_nobody_comes_in),
        cmocka_unit_test(long_names_are_cut_and_stay_apart),
        cmocka_unit_test(each_role_has_its_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
