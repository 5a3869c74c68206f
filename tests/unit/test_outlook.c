/* test_outlook.c - our bucket's host as models see it, and its robots.txt. */
#include "analysis-svc/outlook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/robots.h"
#include "tests/kit/ear.h"
#include "tests/kit/kit.h"
#include "tests/kit/wire.h"

static void hosts_that_only_we_reach_are_known(void **state)
{
    static const char *const closed[] = {"127.0.0.1", "10.1.2.3",    "172.20.0.1", "192.168.1.1",
                                         "[::1]",     "169.254.1.1", "localhost",  "rgw",
                                         "s3.local",  "a.internal",  "",           "[fd00::1]"};
    static const char *const open[] = {"s3.eu-west-1.amazonaws.com", "8.8.8.8", "172.32.0.1",
                                       "pictures.example.com", "[2001:4860::1]"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(closed); i++)
        if (!outlook_private(sv_of(closed[i])))
            fail_msg("%s", closed[i]);
    for (size_t i = 0; i < COUNT_OF(open); i++)
        if (outlook_private(sv_of(open[i])))
            fail_msg("%s", open[i]);
}

static struct analysis_conf conf_of(const char *s3_url)
{
    return (struct analysis_conf){.s3_endpoint = s3_url,
                                  .region = "us-east-1",
                                  .bucket = "pictures",
                                  .access_key = "k",
                                  .secret_key = secret_of("s"),
                                  .aws_imds_off = true,
                                  .path_style = true,
                                  .s3_prefix = "",
                                  .s3_timeout = 2000,
                                  .s3_tries = 1};
}

static void open_s3(struct app *app, struct err *err)
{
    const struct s3_conf conf = {S3_CONF_OF(&app->conf), .model_endpoint = "",
                                 .browser_endpoint = "", .total_ms = 2000};

    assert_ok(s3_open(&conf, &app->s3, err), *err);
}

static void a_bucket_in_the_path_has_no_robots_file_of_its_own(void **state)
{
    struct app app = {.conf = conf_of("https://s3.example.com")};
    struct outlook o;
    struct err err = ERR_INIT;

    (void)state;
    open_s3(&app, &err);
    assert_ok(outlook_of(&app, &o, &err), err);
    assert_string_equal(o.origin, "https://s3.example.com");
    assert_string_equal(o.path, "/pictures/");
    assert_fails(outlook_place_robots(&app, &err), err, ERR_UNPROCESSABLE);
    assert_non_null(strstr(err.msg, "S3_PATH_STYLE"));
    s3_close(&app.s3);
    app.conf.path_style = false;
    open_s3(&app, &err);
    assert_ok(outlook_of(&app, &o, &err), err);
    assert_string_equal(o.origin, "https://pictures.s3.example.com");
    assert_string_equal(o.path, "/");
    s3_close(&app.s3);
}

/* The same server is the store and the host that models see. */
static void place(const struct kit_step *steps, size_t n, enum err_code want, struct str *heads)
{
    struct kit_wire *wire = kit_wire_open(steps, n);
    struct app app = {.conf = conf_of(kit_wire_url(wire))};
    struct err err = ERR_INIT;

    app.conf.cdn_url = kit_wire_url(wire);
    app.cdn = (struct cloudfront *)(void *)&app; /* it is only asked whether there is one */
    if (want == ERR_NONE)
        assert_ok(outlook_place_robots(&app, &err), err);
    else
        assert_fails(outlook_place_robots(&app, &err), err, want);
    str_addz(heads, kit_wire_head(wire, 0));
    if (strcmp(kit_wire_body(wire, 0), ROBOTS_PERMISSIVE) != 0)
        fail_msg("placed: %s", kit_wire_body(wire, 0));
    kit_wire_close(&wire);
}

static void the_file_is_placed_and_looked_at_from_outside(void **state)
{
    static const struct kit_step good[] = {{KIT_ANSWER, 200, "ETag: \"e\"\r\n", ""},
                                           {KIT_ANSWER, 200, NULL, ROBOTS_PERMISSIVE}};
    static const struct kit_step hidden[] = {{KIT_ANSWER, 200, "ETag: \"e\"\r\n", ""},
                                             {KIT_ANSWER, 403, NULL, "<Error/>"}};
    static const struct kit_step other[] = {
        {KIT_ANSWER, 200, "ETag: \"e\"\r\n", ""},
        {KIT_ANSWER, 200, NULL, "User-agent: *\nDisallow: /\n"}};
    AUTO(str_free) struct str heads = STR_INIT(65536);

    (void)state;
    place(good, 2, ERR_NONE, &heads);
    assert_non_null(strstr(heads.p, "PUT /pictures/robots.txt"));
    assert_non_null(strcasestr(heads.p, "x-amz-acl: public-read"));
    place(hidden, 2, ERR_FORBIDDEN, &heads);
    place(other, 2, ERR_CONFLICT, &heads);
}

/* What is said at the start to who has Anthropic at that address and models at that host. */
static const char *warned(const char *provider, const char *models_at)
{
    struct app app = {.conf = conf_of("https://s3.example.com")};

    app.conf.cdn_url = models_at;
    app.cdn = (struct cloudfront *)(void *)&app;
    app.roster.n = 1;
    app.roster.items[0] = (struct provider){
        .base_url = provider, .dialect = DIALECT_MESSAGES, .caps = {.urls = true}};
    kit_ear_open();
    outlook_warn(&app);
    return kit_ear_close();
}

static void a_host_that_a_cloud_cannot_reach_is_warned_of(void **state)
{
    (void)state;
    assert_non_null(strstr(warned("https://api.anthropic.com", "http://192.168.7.7:9000"),
                           "\"event\":\"bucket.private\""));
    assert_string_equal(warned("http://127.0.0.1:8000", "http://192.168.7.7:9000"), "");
}

/* 0x7f.0.0.1 is this machine, and does not look so. */
static void a_robots_file_that_forbids_or_hides_is_warned_of(void **state)
{
    static const struct {
        struct kit_step step;
        const char *word;
    } files[] = {
        {{KIT_ANSWER, 200, NULL, "User-agent: *\nDisallow: /\n"}, " forbids fetchers"},
        {{KIT_ANSWER, 403, NULL, "<Error/>"}, " hides its /robots.txt"},
        {{KIT_ANSWER, 404, NULL, ""}, NULL},
        {{KIT_ANSWER, 200, NULL, ROBOTS_PERMISSIVE}, NULL},
    };
    char url[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct kit_wire *wire = kit_wire_open(&files[i].step, 1);
        const char *said;

        snprintf(url, sizeof url, "http://0x7f.0.0.1%s", strrchr(kit_wire_url(wire), ':'));
        said = warned("https://api.anthropic.com", url);
        assert_string_equal(kit_wire_log(wire), "GET /robots.txt 0\n");
        if (files[i].word)
            assert_non_null(strstr(said, files[i].word));
        else
            assert_string_equal(said, "");
        kit_wire_close(&wire);
    }
}

static int start(void **state)
{
    (void)state;
    http_global_open();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_that_only_we_reach_are_known),
        cmocka_unit_test(a_bucket_in_the_path_has_no_robots_file_of_its_own),
        cmocka_unit_test(the_file_is_placed_and_looked_at_from_outside),
        cmocka_unit_test(a_host_that_a_cloud_cannot_reach_is_warned_of),
        cmocka_unit_test(a_robots_file_that_forbids_or_hides_is_warned_of),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
