/* test_door_head.c - heads and chunks: what is one, what is none, and never two readings. */
#include "common/door_head.h"

#include <string.h>

#include "tests/kit/kit.h"

static bool parses(const char *text, struct door_head *out)
{
    struct err err = ERR_INIT;
    struct sv head = sv_of(text);
    assert_int_equal(door_head_length(head), head.n);
    bool ok = door_head_parse(head, out, &err);
    assert_int_equal(ok, err.code == ERR_NONE);
    return ok;
}

static void a_head_gives_its_words_and_lines(void **state)
{
    (void)state;
    struct door_head h;
    assert_true(
        parses("\r\n\r\nPOST /a/b?c=d?e HTTP/1.1\r\nHost: x\r\nX-A:\t b c \r\nEmpty:\r\n\r\n", &h));
    assert_true(sv_eqz(h.method, "POST") && sv_eqz(h.path, "/a/b") && sv_eqz(h.query, "c=d?e"));
    assert_int_equal(h.header_count, 3);
    assert_true(sv_eqz(h.headers[1].name, "X-A") && sv_eqz(h.headers[1].value, "b c"));
    assert_int_equal(h.headers[2].value.n, 0);
    assert_false(h.old);
    assert_true(parses("GET / HTTP/1.0\r\n\r\n", &h));
    assert_true(h.old && h.header_count == 0 && h.query.n == 0);
    assert_true(parses("GET http://other.example/x?y HTTP/1.1\r\nHost: x\r\n\r\n", &h));
    assert_true(sv_eqz(h.path, "/x") && sv_eqz(h.query, "y"));
    assert_true(parses("GET https://other.example HTTP/1.1\r\nHost: x\r\n\r\n", &h));
    assert_true(sv_eqz(h.path, "/"));
}

static void what_two_readers_could_read_differently_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "GET  / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1 \r\n\r\n",
        "GET /\r\n\r\n",
        "GET ?a HTTP/1.1\r\n\r\n",
        "GET a/b HTTP/1.1\r\n\r\n",
        " GET / HTTP/1.1\r\n\r\n",
        "G@T / HTTP/1.1\r\n\r\n",
        "GET /a\tb HTTP/1.1\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
        "GET / http/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        "GET / HTTP/1.1\r\nA : b\r\n\r\n",
        "GET / HTTP/1.1\r\n: b\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\nB: c\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
        "GET / HTTP/1.1\r\nA: \x01\r\n\r\n",
        "GET / HTTP/1.1\r\nA\xc3\xa4: b\r\n\r\n",
    };
    struct door_head h;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (parses(bad[i], &h))
            fail_msg("this was taken: %s", bad[i]);
}

static void a_head_is_whole_at_its_empty_line_and_not_before(void **state)
{
    (void)state;
    static const char text[] = "GET / HTTP/1.1\r\nA: b\r\n\r\nbody";
    size_t head = sizeof text - 5;
    for (size_t n = 0; n < head; n++)
        assert_int_equal(door_head_length((struct sv){text, n}), 0);
    assert_int_equal(door_head_length((struct sv){text, head}), head);
    assert_int_equal(door_head_length(SV_LIT(text)), head);
    assert_int_equal(door_head_length(SV_LIT("GET / HTTP/1.1\nA: b\n\n")), 0);
}

static void what_can_be_no_head_is_known_by_its_first_bytes(void **state)
{
    static const char whole[] = "\r\n\r\nGET / HTTP/1.1\r\nA: b\r\n\r\n";
    (void)state;
    for (size_t n = 0; n < sizeof whole; n++)
        assert_false(door_head_hopeless((struct sv){whole, n}));
    assert_false(door_head_hopeless(SV_LIT("BREW")));
    assert_true(door_head_hopeless(SV_LIT("\x16\x03\x01")));
    assert_true(door_head_hopeless(SV_LIT(" GET")));
    assert_true(door_head_hopeless(SV_LIT("\n")));
    assert_true(door_head_hopeless(SV_LIT("\r\n\n")));
    assert_true(door_head_hopeless(SV_LIT("\rG")));
    assert_true(door_head_hopeless(SV_LIT("GET / HTTP/1.1\n")));
}

/* Feed the raw bytes in pieces of `step`; the data that comes out. False: refused. */
static bool read_chunks(struct sv raw, size_t step, char *data, size_t *rest)
{
    struct door_chunks c = {.left = 0};
    struct err err = ERR_INIT;
    size_t at = 0, seen = step < raw.n ? step : raw.n, used;
    for (;;) {
        if (!door_chunks_step(&c, (struct sv){raw.p + at, seen - at}, &used, &err))
            return false;
        at += used;
        if (c.at == CHUNK_OVER)
            break;
        if (c.at == CHUNK_DATA && at < seen) {
            size_t n = (int64_t)(seen - at) < c.left ? seen - at : (size_t)c.left;
            strncat(data, raw.p + at, n);
            at += n;
            c.left -= (int64_t)n;
            continue;
        }
        assert_true(seen < raw.n);
        seen = seen + step < raw.n ? seen + step : raw.n;
    }
    *rest = raw.n - at;
    return true;
}

static void chunks_give_the_same_bytes_in_whatever_pieces_they_come(void **state)
{
    (void)state;
    static const char raw[] = "3\r\nabc\r\n00a;name=\"v\"\r\n0123456789\r\n1 ; x\r\n!\r\n0\r\n"
                              "Trailer: dropped\r\n\r\nNEXT";
    for (size_t step = 1; step < sizeof raw; step++) {
        char data[64] = "";
        size_t rest;
        assert_true(read_chunks(SV_LIT(raw), step, data, &rest));
        assert_string_equal(data, "abc0123456789!");
        assert_in_range(rest, 4, 4);
    }
}

static void malformed_chunks_are_refused_in_whatever_pieces_they_come(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\r\n",
        "g\r\n",
        "-1\r\n",
        "+1\r\n",
        "0x3\r\nabc\r\n",
        "3 4\r\nabc\r\n",
        "3\nabc\n",
        "3\r\nabcd\r\n",
        "3\r\nabc\n0",
        "1000000000000000\r\n",
        "ffffffffffffffffffff\r\n",
        " 3\r\nabc\r\n",
        "3\x01\r\nabc",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        for (size_t step = 1; step < 5; step++) {
            char data[64] = "";
            size_t rest;
            if (read_chunks(sv_of(bad[i]), step, data, &rest))
                fail_msg("this was taken: %s", bad[i]);
        }
}

static void endless_lines_and_trailers_are_refused(void **state)
{
    (void)state;
    char raw[6000];
    struct err err = ERR_INIT;
    struct door_chunks c = {.left = 0};
    size_t used;
    memset(raw, '1', sizeof raw);
    assert_fails(door_chunks_step(&c, (struct sv){raw, 300}, &used, &err), err, ERR_BAD_REQUEST);
    err = (struct err)ERR_INIT;
    c = (struct door_chunks){.at = CHUNK_TRAILER};
    assert_fails(door_chunks_step(&c, (struct sv){raw, sizeof raw}, &used, &err), err,
                 ERR_BAD_REQUEST);
}

static void check_cookie(const char *header, const char *want)
{
    struct sv got = door_head_cookie(sv_of(header), "session");
    if (!sv_eqz(got, want))
        fail_msg("\"%s\" gave \"%.*s\"", header, SV(got));
}

static void a_cookie_is_found_among_others_by_its_whole_name(void **state)
{
    (void)state;
    check_cookie("session=abc", "abc");
    check_cookie("a=1; session=abc; b=2", "abc");
    check_cookie("a=1;session=abc=def==;b=2", "abc=def==");
    check_cookie("  session=abc\t ;", "abc");
    check_cookie("session=first; session=second", "first");
    check_cookie("mysession=x; session2=y; sess=z", "");
    check_cookie("Session=x", "");
    check_cookie("session", "");
    check_cookie("session =x", "");
    check_cookie("a=\"session=x\"", "");
    check_cookie(";;;=;==", "");
    check_cookie("", "");
}

static void a_bearer_token_is_what_follows_the_scheme(void **state)
{
    static const struct {
        const char *header, *want;
    } cases[] = {
        {"Bearer abc", "abc"}, {"bearer abc", "abc"}, {"BEARER   abc\t", "abc"},
        {"Bearer a b", "a b"}, {"Bearer ", ""},       {"Bearer", ""},
        {"Bearerabc", ""},     {"Basic abc", ""},     {"", ""},
        {" Bearer abc", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_true(sv_eqz(door_head_bearer(sv_of(cases[i].header)), cases[i].want));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_gives_its_words_and_lines),
        cmocka_unit_test(what_two_readers_could_read_differently_is_refused),
        cmocka_unit_test(a_head_is_whole_at_its_empty_line_and_not_before),
        cmocka_unit_test(what_can_be_no_head_is_known_by_its_first_bytes),
        cmocka_unit_test(chunks_give_the_same_bytes_in_whatever_pieces_they_come),
        cmocka_unit_test(malformed_chunks_are_refused_in_whatever_pieces_they_come),
        cmocka_unit_test(endless_lines_and_trailers_are_refused),
        cmocka_unit_test(a_cookie_is_found_among_others_by_its_whole_name),
        cmocka_unit_test(a_bearer_token_is_what_follows_the_scheme),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
