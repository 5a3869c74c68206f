/*
 * test_creds_sources.c - each source of keys against a scripted server or files of its own: what it
 * is asked, what it may answer, and that no message holds a secret.
 * Covers: creds_fetch creds_web creds_profile creds_container creds_instance
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/creds_internal.h"
#include "common/http.h"
#include "tests/kit/kit.h"
#include "tests/kit/place.h"
#include "tests/kit/wire.h"

#define JSON                                                                                       \
    "{\"Code\":\"Success\",\"AccessKeyId\":\"ASIAKIT\",\"SecretAccessKey\":\"kit-secret\","        \
    "\"Token\":\"kit-token\",\"Expiration\":\"2099-01-01T00:00:00Z\"}"
#define STS                                                                                        \
    "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"      \
    "<AssumeRoleWithWebIdentityResult><Credentials><SessionToken>kit-token</SessionToken>"         \
    "<SecretAccessKey>kit-secret</SecretAccessKey><Expiration>2099-01-01T00:00:00Z</Expiration>"   \
    "<AccessKeyId>ASIAKIT</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>"           \
    "</AssumeRoleWithWebIdentityResponse>"
enum { END_OF_2098 = 4070908800 - 1 }; /* 2099-01-01T00:00:00Z less one */

static char dir[KIT_PLACE_SIZE];
static struct kit_wire *wire;
static struct creds_conf conf;
static struct creds_key key = CREDS_KEY_INIT;
static bool present;

/* A file in our folder; its path is good until the next call of the same name. */
static const char *file(const char *name, const char *text)
{
    static char paths[4][KIT_PLACE_SIZE + 16];
    static size_t at;
    char *path = paths[at++ % COUNT_OF(paths)];
    int fd;

    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    return path;
}

static void script(const struct kit_step *steps, size_t n)
{
    kit_wire_close(&wire);
    wire = kit_wire_open(steps, n);
}
#define SCRIPT(...)                                                                                \
    static const struct kit_step steps_[] = {__VA_ARGS__};                                         \
    script(steps_, COUNT_OF(steps_))

static bool find(creds_find_fn *source, struct err *err)
{
    creds_key_free(&key);
    key = (struct creds_key)CREDS_KEY_INIT;
    present = false;
    conf.wait_ms = 1000;
    return source(&conf, &key, &present, err);
}

static void assert_kit_key(void)
{
    assert_true(present);
    assert_string_equal(key.id.p, "ASIAKIT");
    assert_string_equal(key.secret.p, "kit-secret");
    assert_string_equal(key.token.p, "kit-token");
    assert_int_equal(key.expires_s, (int64_t)END_OF_2098 + 1);
}

/* It fails, says this, and nothing that it must not. */
static void assert_says(creds_find_fn *source, enum err_code code, const char *text)
{
    struct err err = ERR_INIT;

    assert_fails(find(source, &err), err, code);
    if (!strstr(err.msg, text))
        fail_msg("\"%s\" does not say \"%s\"", err.msg, text);
    assert_null(strstr(err.msg, "secret"));
    assert_null(strstr(err.msg, "kit-token"));
}

static void sts_changes_the_platforms_token_for_keys(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 200, .body = STS});
    conf = (struct creds_conf){.token_file = file("web", "platform token/+\n"),
                               .role_arn = "arn:aws:iam::1:role/x",
                               .role_session = "pod 1",
                               .sts_endpoint = kit_wire_url(wire)};
    assert_ok(find(creds_web, &err), err);
    assert_kit_key();
    assert_true(sv_starts(sv_of(kit_wire_head(wire, 0)), "POST / HTTP/1.1\r\n"));
    assert_non_null(
        strstr(kit_wire_head(wire, 0), "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
    assert_string_equal(kit_wire_body(wire, 0),
                        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
                        "&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx&RoleSessionName=pod%201"
                        "&WebIdentityToken=platform%20token%2F%2B");
    conf.token_file = NULL;
    assert_ok(find(creds_web, &err), err);
    assert_false(present);
}

static void sts_that_refuses_or_fails_says_so_without_the_token(void **state)
{
    (void)state;
    SCRIPT({.status = 403,
            .body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>kit-token"
                    "</Message></Error></ErrorResponse>"},
           {.status = 200, .body = "<html>kit-token</html>"}, {.status = 500}, {.status = 503},
           {.status = 502});
    conf = (struct creds_conf){.token_file = file("web", "kit-token"),
                               .role_arn = "arn",
                               .sts_endpoint = kit_wire_url(wire)};
    assert_says(creds_web, ERR_STORAGE, "HTTP 403 AccessDenied: check AWS_ROLE_ARN");
    assert_says(creds_web, ERR_STORAGE, "not as documented");
    assert_int_equal(kit_wire_count(wire), 2);
    assert_says(creds_web, ERR_STORAGE, "HTTP 502");
    assert_int_equal(kit_wire_count(wire), 5);
    conf.role_arn = "";
    assert_says(creds_web, ERR_BAD_REQUEST, "AWS_ROLE_ARN is not");
    conf.role_arn = "arn";
    conf.token_file = "/nowhere/token";
    assert_says(creds_web, ERR_BAD_REQUEST, "AWS_WEB_IDENTITY_TOKEN_FILE: /nowhere/token");
    assert_int_equal(kit_wire_count(wire), 5);
}

static void a_container_is_asked_with_its_token(void **state)
{
    char full[100];
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 200, .body = JSON});
    conf = (struct creds_conf){.container_relative = "/v2/credentials/abc?x=1",
                               .container_host = kit_wire_url(wire)};
    assert_ok(find(creds_container, &err), err);
    assert_kit_key();
    assert_null(strstr(kit_wire_head(wire, 0), "Authorization"));
    snprintf(full, sizeof full, "%s/keys", kit_wire_url(wire));
    conf = (struct creds_conf){.container_full = full, .container_token = secret_of("Bearer one")};
    assert_ok(find(creds_container, &err), err);
    assert_kit_key();
    assert_non_null(strstr(kit_wire_head(wire, 1), "\r\nAuthorization: Bearer one\r\n"));
    conf.container_token_file = file("pod", "Bearer two\n");
    assert_ok(find(creds_container, &err), err);
    assert_non_null(strstr(kit_wire_head(wire, 2), "\r\nAuthorization: Bearer two\r\n"));
    assert_string_equal(kit_wire_log(wire), "GET /v2/credentials/abc?x=1 0\nGET /keys 0\n"
                                            "GET /keys 0\n");
    conf = (struct creds_conf){.role_arn = "arn"};
    assert_ok(find(creds_container, &err), err);
    assert_false(present);
}

static void only_hosts_that_are_near_are_asked_without_tls(void **state)
{
    static const char *const refused[] = {"http://10.0.0.1/keys",
                                          "http://example.net/keys",
                                          "http://127.0.0.1.evil.net/k",
                                          "http://169.254.170.22/k",
                                          "http://localhost.evil.net/",
                                          "ftp://127.0.0.1/keys",
                                          "http://user@10.0.0.1/keys",
                                          "http://127.0.0.1@evil.net/",
                                          "127.0.0.1/keys",
                                          "http://[fd00:ec2::24]/k",
                                          "http:///keys",
                                          "http://1270.0.1:80/k"};
    static const char *const taken[] = {"http://127.0.0.1:1/k", "http://127.9.9.9:1/k",
                                        "http://localhost:1/k", "http://[::1]:1/k",
                                        "https://127.0.0.1:1/k"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        conf = (struct creds_conf){.container_full = refused[i]};
        assert_says(creds_container, ERR_BAD_REQUEST, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    }
    for (size_t i = 0; i < COUNT_OF(taken); i++) { /* asked, and nobody is there */
        conf = (struct creds_conf){.container_full = taken[i]};
        assert_says(creds_container, ERR_UPSTREAM, ":1");
    }
}

static void a_container_that_answers_nonsense_is_an_error(void **state)
{
    (void)state;
    SCRIPT({.status = 200, .body = "secret"}, {.status = 200, .body = "{}"},
           {.status = 200, .body = "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"secret\"}"},
           {.status = 404, .body = "secret"}, {.status = 500}, {.status = 500},
           {.status = 200, .body = "{\"AccessKeyId\":7}"});
    conf = (struct creds_conf){.container_relative = "/k", .container_host = kit_wire_url(wire)};
    assert_says(creds_container, ERR_STORAGE, "not JSON");
    assert_says(creds_container, ERR_STORAGE, "holds no keys");
    assert_says(creds_container, ERR_STORAGE, "when the keys end");
    assert_says(creds_container, ERR_STORAGE, "HTTP 404");
    assert_says(creds_container, ERR_STORAGE, "holds no keys"); /* at the third try */
    assert_int_equal(kit_wire_count(wire), 7);
    conf.container_token = secret_of("one\r\nX-Evil: 1");
    assert_says(creds_container, ERR_BAD_REQUEST, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    conf.container_token = secret_of(NULL);
    conf.container_relative = "no-slash";
    assert_says(creds_container, ERR_BAD_REQUEST, "begins with a slash");
    assert_int_equal(kit_wire_count(wire), 7);
}

static void an_instance_is_asked_by_version_2_alone(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 200, .body = "imds-token"}, {.status = 200, .body = "app role\nother\n"},
           {.status = 200, .body = JSON});
    conf = (struct creds_conf){.imds_endpoint = kit_wire_url(wire)};
    assert_ok(find(creds_instance, &err), err);
    assert_kit_key();
    assert_string_equal(kit_wire_log(wire),
                        "PUT /latest/api/token 0\n"
                        "GET /latest/meta-data/iam/security-credentials/ 0\n"
                        "GET /latest/meta-data/iam/security-credentials/app%20role 0\n");
    assert_non_null(
        strstr(kit_wire_head(wire, 0), "\r\nX-aws-ec2-metadata-token-ttl-seconds: 21600\r\n"));
    for (size_t i = 1; i < 3; i++)
        assert_non_null(
            strstr(kit_wire_head(wire, i), "\r\nX-aws-ec2-metadata-token: imds-token\r\n"));
    conf.imds_off = true;
    assert_ok(find(creds_instance, &err), err);
    assert_false(present);
    assert_int_equal(kit_wire_count(wire), 3);
}

static void no_instance_is_no_error_and_one_without_a_role_is(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    SCRIPT({.status = 403}, {.act = KIT_TORN}, {.status = 200, .body = "imds-token"},
           {.status = 404}, {.status = 200, .body = "imds-token"}, {.status = 200, .body = "role"},
           {.status = 404});
    conf = (struct creds_conf){.imds_endpoint = kit_wire_url(wire)};
    for (int i = 0; i < 2; i++) {
        assert_ok(find(creds_instance, &err), err);
        assert_false(present);
    }
    assert_says(creds_instance, ERR_STORAGE, "no role (HTTP 404)");
    assert_says(creds_instance, ERR_STORAGE, "HTTP 404");
    kit_wire_close(&wire);
    conf.imds_endpoint = "http://127.0.0.1:1/";
    assert_ok(find(creds_instance, &err), err);
    assert_false(present);
}

static const char credentials[] =
    "# of nobody\n[other]\naws_access_key_id = OTHER\naws_secret_access_key = other-secret\n"
    "\n[default]\r\naws_access_key_id=AKIADEFAULT   # comment\r\n"
    "aws_secret_access_key = a/b+c=d;e#f\r\n"
    "s3 =\r\n  aws_access_key_id = NESTED\r\n"
    "[temporary]\nAWS_ACCESS_KEY_ID = ASIATEMP\naws_secret_access_key=s\n"
    "aws_session_token = t ; comment\n[half]\naws_access_key_id = AKIAHALF\n[empty]\n";
static const char config[] =
    "[default]\nregion = eu-west-1\n[profile app]\naws_access_key_id = AKIAAPP\n"
    "aws_secret_access_key = app\n[app2]\naws_access_key_id = NOT\naws_secret_access_key = x\n"
    "[profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = app\n"
    "[profile  half ]\naws_secret_access_key = lonely\n";

static void profiles_are_read_from_both_files(void **state)
{
    static const struct {
        const char *profile, *id, *secret, *token;
    } rows[] = {
        {NULL, "AKIADEFAULT", "a/b+c=d;e#f", ""},      {"", "AKIADEFAULT", "a/b+c=d;e#f", ""},
        {"default", "AKIADEFAULT", "a/b+c=d;e#f", ""}, {"other", "OTHER", "other-secret", ""},
        {"temporary", "ASIATEMP", "s", "t"},           {"app", "AKIAAPP", "app", ""},
    };
    struct err err = ERR_INIT;

    (void)state;
    conf = (struct creds_conf){.credentials_file = file("credentials", credentials),
                               .config_file = file("config", config)};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        conf.profile = rows[i].profile;
        assert_ok(find(creds_profile, &err), err);
        assert_true(present);
        assert_string_equal(key.id.p, rows[i].id);
        assert_string_equal(key.secret.p, rows[i].secret);
        assert_string_equal(key.token.p, rows[i].token);
        assert_int_equal(key.expires_s, 0);
    }
}

static void a_profile_that_cannot_serve_says_why(void **state)
{
    static const struct {
        const char *profile, *says;
    } rows[] = {
        {"nobody", "there is no profile \"nobody\""},
        {"app2", "there is no profile \"app2\""},
        {"empty", "there are no keys in profile \"empty\""},
        {"half", "profile \"half\" lacks"},
        {"role", "from a role, SSO or a program"},
    };

    (void)state;
    conf = (struct creds_conf){.credentials_file = file("credentials", credentials),
                               .config_file = file("config", config)};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = ERR_INIT;

        conf.profile = rows[i].profile;
        assert_fails(find(creds_profile, &err), err, ERR_BAD_REQUEST);
        if (!strstr(err.msg, rows[i].says))
            fail_msg("%s", err.msg);
    }
    conf.credentials_file = "/nowhere/credentials";
    assert_says(creds_profile, ERR_BAD_REQUEST, "AWS_SHARED_CREDENTIALS_FILE: /nowhere/");
}

static void the_home_folder_is_looked_into_and_may_lack_everything(void **state)
{
    char home[KIT_PLACE_SIZE + 8];
    struct err err = ERR_INIT;

    (void)state;
    snprintf(home, sizeof home, "%s/.aws", dir);
    assert_int_equal(access(home, F_OK), -1);
    conf = (struct creds_conf){.home = dir};
    assert_ok(find(creds_profile, &err), err);
    assert_false(present);
    conf.home = NULL;
    assert_ok(find(creds_profile, &err), err);
    assert_false(present);
    conf.config_file = file("config", config);
    assert_ok(find(creds_profile, &err), err); /* its default has a region only */
    assert_false(present);
}

static int start(void **state)
{
    (void)state;
    return kit_place("creds", dir) ? 0 : -1;
}

static int finish(void **state)
{
    static const char *const names[] = {"web", "pod", "credentials", "config"};
    char path[KIT_PLACE_SIZE + 16];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
    creds_key_free(&key);
    kit_wire_close(&wire);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sts_changes_the_platforms_token_for_keys),
        cmocka_unit_test(sts_that_refuses_or_fails_says_so_without_the_token),
        cmocka_unit_test(a_container_is_asked_with_its_token),
        cmocka_unit_test(only_hosts_that_are_near_are_asked_without_tls),
        cmocka_unit_test(a_container_that_answers_nonsense_is_an_error),
        cmocka_unit_test(an_instance_is_asked_by_version_2_alone),
        cmocka_unit_test(no_instance_is_no_error_and_one_without_a_role_is),
        cmocka_unit_test(profiles_are_read_from_both_files),
        cmocka_unit_test(a_profile_that_cannot_serve_says_why),
        cmocka_unit_test(the_home_folder_is_looked_into_and_may_lack_everything),
    };

    http_global_open();
    return cmocka_run_group_tests(tests, start, finish);
}
