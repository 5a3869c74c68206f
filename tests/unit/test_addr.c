/* test_addr.c - addresses, networks, and who stands behind a chain of proxies. */
#include "common/addr.h"

#include <string.h>

#include "tests/kit/kit.h"

static struct addr addr(const char *text)
{
    struct addr a = {{0}};
    assert_true(addr_parse(sv_of(text), &a));
    return a;
}

static void an_address_reads_back_as_it_is_written(void **state)
{
    (void)state;
    static const char *const good[] = {"127.0.0.1", "203.0.113.255", "::1", "2001:db8::a:1"};
    static const char *const bad[] = {"",          "1.2.3", "1.2.3.4.5", "localhost",
                                      "1.2.3.4/8", ":::",   "1.2.3.4 ",  "12345::"};
    char text[ADDR_TEXT_SIZE];
    struct addr a;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        a = addr(good[i]);
        addr_text(&a, text);
        assert_string_equal(text, good[i]);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(addr_parse(sv_of(bad[i]), &a));
    a = addr("::ffff:192.0.2.1"); /* as a socket of both kinds tells it */
    addr_text(&a, text);
    assert_string_equal(text, "192.0.2.1");
}

static void a_network_holds_its_addresses_and_no_others(void **state)
{
    (void)state;
    static const struct {
        const char *list, *address;
        bool in;
    } cases[] = {
        {"10.0.0.0/8", "10.255.0.1", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"192.0.2.128/25", "192.0.2.200", true},
        {"192.0.2.128/25", "192.0.2.100", false},
        {"192.0.2.7", "192.0.2.7", true},
        {"192.0.2.7", "192.0.2.8", false},
        {"2001:db8::/32", "2001:db8:9::1", true},
        {"2001:db8::/32", "2001:db9::1", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "203.0.113.9", true},
        {"", "127.0.0.1", false},
        {"10.0.0.0/8, 127.0.0.1", "127.0.0.1", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct addr a = addr(cases[i].address);
        assert_true(addr_list_ok(sv_of(cases[i].list)));
        assert_int_equal(addr_listed(sv_of(cases[i].list), &a), cases[i].in);
    }
    assert_false(addr_list_ok(SV_LIT("10.0.0.0/33")));
    assert_false(addr_list_ok(SV_LIT("10.0.0.0/-1")));
    assert_false(addr_list_ok(SV_LIT("10.0.0.1, proxy.example")));
}

static const char *client_of(const char *value, const char *trusted, const char *before)
{
    static char text[ADDR_TEXT_SIZE];
    struct addr client = addr(before);
    (void)addr_forwarded(sv_of(value), sv_of(trusted), &client);
    addr_text(&client, text);
    return text;
}

static void the_client_is_the_last_one_that_no_trusted_proxy_added(void **state)
{
    (void)state;
    static const char trusted[] = "10.0.0.0/8";
    assert_string_equal(client_of("203.0.113.5", trusted, "10.0.0.1"), "203.0.113.5");
    assert_string_equal(client_of("203.0.113.5, 10.1.1.1", trusted, "10.0.0.1"), "203.0.113.5");
    /* What the client wrote itself stands to the left, and is not believed. */
    assert_string_equal(client_of("127.0.0.1, 203.0.113.5", trusted, "10.0.0.1"), "203.0.113.5");
    assert_string_equal(client_of("198.51.100.1:4711", trusted, "10.0.0.1"), "198.51.100.1");
    assert_string_equal(client_of("[2001:db8::5]:99", trusted, "10.0.0.1"), "2001:db8::5");
    assert_string_equal(client_of("2001:db8::5", trusted, "10.0.0.1"), "2001:db8::5");
    assert_string_equal(client_of("unknown", trusted, "10.0.0.1"), "10.0.0.1");
    assert_string_equal(client_of("nonsense, 10.9.9.9", trusted, "10.0.0.1"), "10.9.9.9");
    assert_string_equal(client_of("", trusted, "10.0.0.1"), "10.0.0.1");
}

static void only_ipv6_is_counted_by_its_network(void **state)
{
    (void)state;
    struct addr a = addr("2001:db8:1:2:aaaa::1"), b = addr("2001:db8:1:2:bbbb::2");
    struct addr c = addr("192.0.2.1"), d = addr("192.0.2.2");
    a = addr_home(&a);
    b = addr_home(&b);
    c = addr_home(&c);
    d = addr_home(&d);
    assert_memory_equal(&a, &b, sizeof a);
    assert_memory_not_equal(&c, &d, sizeof c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_reads_back_as_it_is_written),
        cmocka_unit_test(a_network_holds_its_addresses_and_no_others),
        cmocka_unit_test(the_client_is_the_last_one_that_no_trusted_proxy_added),
        cmocka_unit_test(only_ipv6_is_counted_by_its_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
