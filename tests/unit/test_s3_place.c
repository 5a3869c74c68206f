#include <string.h>

#include "common/s3_internal.h"
#include "tests/kit/kit.h"

static const struct {
    const char *endpoint;
    bool path_style;
    const char *origin, *host;
} good[] = {
    {"", false, "https://pictures.s3.eu-west-1.amazonaws.com",
     "pictures.s3.eu-west-1.amazonaws.com"},
    {"", true, "https://s3.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"},
    {"http://127.0.0.1:7480", true, "http://127.0.0.1:7480", "127.0.0.1:7480"},
    {"http://s3.example.net:80/", true, "http://s3.example.net:80", "s3.example.net"},
    {"https://s3.example.net:443", false, "https://pictures.s3.example.net:443",
     "pictures.s3.example.net"},
    {"https://s3.example.net:80", true, "https://s3.example.net:80", "s3.example.net:80"},
    {"s3.example.net:9000", true, "https://s3.example.net:9000", "s3.example.net:9000"},
    {"http://[::1]:9000", true, "http://[::1]:9000", "[::1]:9000"},
};

static struct s3_conf conf_of(bool path_style)
{
    return (struct s3_conf){.region = "eu-west-1", .bucket = "pictures", .path_style = path_style};
}

static void an_endpoint_is_read_in_all_its_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        AUTO(s3_place_free) struct s3_place place = {.origin = STR_INIT(0), .host = STR_INIT(0)};
        const struct s3_conf conf = conf_of(good[i].path_style);
        struct err err = ERR_INIT;

        assert_ok(s3_place_open(&conf, good[i].endpoint, &place, &err), err);
        assert_string_equal(place.origin.p, good[i].origin);
        assert_string_equal(place.host.p, good[i].host);
    }
}

static void what_is_no_endpoint_is_refused_by_name(void **state)
{
    static const char *const wrong[] = {
        "ftp://s3.example.net", "https://",     "/", "https://s3.example.net/base", "https://a b",
        "https://user@host",    "https://h?x=1"};
    const struct s3_conf conf = conf_of(true);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct s3_place place;
        struct err err = ERR_INIT;

        assert_fails(s3_place_open(&conf, wrong[i], &place, &err), err, ERR_BAD_REQUEST);
        assert_non_null(strstr(err.msg, wrong[i]));
    }
}

static void an_address_cannot_carry_the_bucket_in_its_name(void **state)
{
    static const char *const addresses[] = {"http://127.0.0.1:7480", "http://[::1]:7480"};
    const struct s3_conf conf = conf_of(false);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        struct s3_place place;
        struct err err = ERR_INIT;

        assert_fails(s3_place_open(&conf, addresses[i], &place, &err), err, ERR_BAD_REQUEST);
        assert_non_null(strstr(err.msg, "path style"));
    }
}

static void aws_is_reached_by_dualstack_and_in_china_by_its_own_domain(void **state)
{
    static const struct {
        const char *region, *origin;
        bool dualstack;
    } rows[] = {
        {"eu-west-1", "https://pictures.s3.dualstack.eu-west-1.amazonaws.com", true},
        {"cn-north-1", "https://pictures.s3.cn-north-1.amazonaws.com.cn", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(s3_place_free) struct s3_place place = {.origin = STR_INIT(0), .host = STR_INIT(0)};
        struct s3_conf conf = conf_of(false);
        struct err err = ERR_INIT;

        conf.region = rows[i].region;
        conf.dualstack = rows[i].dualstack;
        assert_ok(s3_place_open(&conf, "", &place, &err), err);
        assert_string_equal(place.origin.p, rows[i].origin);
    }
}

static void a_bucket_with_a_dot_fits_no_certificate(void **state)
{
    AUTO(s3_place_free) struct s3_place place = {.origin = STR_INIT(0), .host = STR_INIT(0)};
    struct s3_conf conf = conf_of(false);
    struct err err = ERR_INIT;

    (void)state;
    conf.bucket = "our.pictures";
    assert_fails(s3_place_open(&conf, "", &place, &err), err, ERR_BAD_REQUEST);
    assert_non_null(strstr(err.msg, "path style"));
    assert_ok(s3_place_open(&conf, "http://s3.example.net", &place, &err), err);
    assert_string_equal(place.host.p, "our.pictures.s3.example.net");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_endpoint_is_read_in_all_its_forms),
        cmocka_unit_test(what_is_no_endpoint_is_refused_by_name),
        cmocka_unit_test(aws_is_reached_by_dualstack_and_in_china_by_its_own_domain),
        cmocka_unit_test(a_bucket_with_a_dot_fits_no_certificate),
        cmocka_unit_test(an_address_cannot_carry_the_bucket_in_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
