/* test_multipart.c - forms in every kind of pieces, good ones and bad ones. */
#include "common/multipart.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/form_kit.h"
#include "tests/kit/kit.h"

#define CORPUS "tests/fuzz/corpus/multipart"
#define PART(name, body)                                                                           \
    "--bnd\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" body "\r\n"
#define END "--bnd--\r\n"

static void reads_like(struct sv body, struct form_pace pace, struct sv want)
{
    AUTO(str_free) struct str got = STR_INIT(1 << 24);
    form_read(body, pace, &got);
    if (!sv_eq(str_sv(&got), want)) /* pictures hold NUL bytes */
        fail_msg("pieces of %zu, then %zu: %s != %.*s", pace.first, pace.then, got.p, SV(want));
}

static void reads_as(struct sv body, struct form_pace pace, const char *want)
{
    reads_like(body, pace, sv_of(want));
}

/* The transcript of a seed; the first byte of each file is the fuzzer's. */
static void seed_reads_as(const char *name, const char *want)
{
    char path[200], body[8192];
    snprintf(path, sizeof(path), CORPUS "/%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t n = fread(body, 1, sizeof(body), file);
    fclose(file);
    assert_in_range(n, 1, sizeof(body) - 1);
    reads_as((struct sv){body + 1, n - 1}, (struct form_pace){0}, want);
}

static void every_seed_reads_the_same_however_it_is_split(void **state)
{
    (void)state;
    DIR *dir = opendir(CORPUS);
    struct dirent *entry;
    size_t seeds = 0;
    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        char path[400], body[8192];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), CORPUS "/%s", entry->d_name);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        size_t n = fread(body, 1, sizeof(body), file);
        fclose(file);
        AUTO(str_free) struct str want = STR_INIT(1 << 24);
        struct sv form = {body + 1, n > 0 ? n - 1 : 0};
        form_reference(form, &want);
        for (size_t at = 1; at <= form.n; at++) {
            reads_like(form, (struct form_pace){.first = at}, str_sv(&want));
            reads_like(form, (struct form_pace){.first = at, .then = 1, .peek = at}, str_sv(&want));
            reads_like(form, (struct form_pace){.first = at, .room = 100}, str_sv(&want));
            reads_like(form, (struct form_pace){.then = at, .room = 1 + at % 40}, str_sv(&want));
        }
        for (size_t step = 1; step < 80; step++)
            reads_like(form, (struct form_pace){step, step, 0, 0}, str_sv(&want));
        seeds++;
    }
    closedir(dir);
    assert_true(seeds >= 20);
}

static void fields_and_files_come_in_the_order_they_are_sent(void **state)
{
    (void)state;
    seed_reads_as("fields", "platformSource|(field)||cookie.fun\n"
                            "snapshotDate|(field)||2026-11-20\nend\n");
    seed_reads_as("empty_parts", "a|(field)||\nf||application/octet-stream|\nend\n");
    seed_reads_as("preamble", "a|(field)||1\nend\n");
    seed_reads_as("close_at_end", "a|(field)||x\nend\n");
    seed_reads_as("no_empty_line", "a|(field)||\nb|(field)||\nend\n");
    seed_reads_as("only_close", "end\n");
}

static void what_only_looks_like_a_boundary_is_content(void **state)
{
    (void)state;
    reads_as(SV_LIT(PART("a", "--bndx\r\n--bnd-\r\n--bnd--x\r\n --bnd") END), (struct form_pace){0},
             "a|(field)||--bndx\r\n--bnd-\r\n--bnd--x\r\n --bnd\nend\n");
    seed_reads_as("nested", "a|(field)|multipart/mixed; boundary=bndinner|"
                            "--bndinner\r\n\r\nx\r\n--bndinner--\r\n\nend\n");
    seed_reads_as("padding", "a|(field)||x\r\n--bnd  --\nend\n");
}

static void bad_forms_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"line_feeds", "cut_in_headers",  "no_name", "empty_name",
                                      "no_headers", "two_names",       "folded",  "encoded",
                                      "empty",      "two_dispositions"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        seed_reads_as(bad[i], "refused\n");
    seed_reads_as("cut_off", "a|(field)||x\nrefused\n");
}

/* The names of the files of an entry, one a line; its fields are left out. */
static void files_of(const char *entry, const char *want)
{
    AUTO(str_free) struct str got = STR_INIT(1 << 20);
    AUTO(str_free) struct str names = STR_INIT(1 << 20);
    char path[200], body[8192];
    snprintf(path, sizeof(path), CORPUS "/client_%s", entry);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t n = fread(body, 1, sizeof(body), file);
    fclose(file);
    form_read((struct sv){body + 1, n - 1}, (struct form_pace){0}, &got);
    for (char *c = got.p; c < got.p + got.n; c++)
        *c = *c ? *c : '.';
    assert_non_null(strstr(got.p, "platformSource|(field)|"));
    assert_true(got.n > 4 && strcmp(got.p + got.n - 4, "end\n") == 0);
    for (const char *at = got.p; (at = strstr(at, "screenshots|")); at++) {
        const char *name = at + strlen("screenshots|");
        str_add(&names, name, strcspn(name, "|"));
        str_addc(&names, '\n');
    }
    assert_string_equal(names.p, want);
}

/* Recorded from the programs themselves: curl 7.88, Chromium, Node 20's fetch and form-data 4,
 * Python requests 2.34. The others are written as their sources write them. */
static void forms_of_real_clients_are_read_with_their_names(void **state)
{
    (void)state;
    static const char weird[] = "\xc3\xbc"
                                "bersicht \"7\".png\n";
    char two[64];
    snprintf(two, sizeof(two), "a b.png\n%s", weird);
    files_of("curl", two);
    files_of("curl_chunked", "empty.png\n");
    files_of("chromium", two);
    files_of("node_form_data", two);
    files_of("requests", two);
    files_of("node_fetch", "a b.png\n\xc3\xbc"
                           "bersicht \"7\"\n.png\n(field)\n");
    files_of("firefox", weird);
    files_of("safari_nfd", "u\xcc\x88"
                           "bersicht.png\n");
    files_of("go", "\xc3\xbc"
                   "bersicht \"7\" \\ x.png\n");
    files_of("okhttp", "IMG_0001 \"7\".jpg\n");
    files_of("alamofire", "IMG_0001.HEIC\n");
    files_of("urlsession", "Bildschirmfoto 2026-11-20 um 10.00.00.png\n");
    files_of("dart", "a\r\nb.png\n");
    files_of("dotnet", "\xc3\xbc"
                       "bersicht.png\n");
    files_of("apache_http", "a.png\n");
    files_of("urllib3_old", weird);
}

/* Where a source put its bytes. */
struct placing {
    const char *from, *to;
    struct sv left;
};

static bool place(void *arg, char *buf, size_t n, size_t *got, struct err *err)
{
    struct placing *p = arg;
    (void)err;
    *got = n < p->left.n ? n : p->left.n;
    memcpy(buf, p->left.p, *got);
    p->left = (struct sv){p->left.p + *got, p->left.n - *got};
    p->from = buf;
    p->to = buf + *got;
    return true;
}

/* But for a boundary's length at the seam of two reads, bytes are given out where the source put
 * them. */
static void the_bytes_of_a_file_are_not_copied(void **state)
{
    (void)state;
    AUTO(str_free) struct str body = STR_INIT(4 << 20);
    AUTO(multipart_free) struct multipart *mp = NULL;
    struct multipart_part part;
    struct err err = ERR_INIT;
    struct sv bytes;
    bool more;
    size_t moved = 0, all = 0;
    str_addz(&body, "--bnd\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\n");
    for (int i = 0; i < 1 << 17; i++)
        str_addz(&body, "\r\n--bn no");
    str_addz(&body, "\r\n" END);
    struct placing p = {.left = str_sv(&body)};
    assert_ok(multipart_open(sv_of(FORM_TYPE), place, &p, 5, &mp, &err), err);
    assert_ok(multipart_next(mp, &part, &more, &err), err);
    do {
        assert_ok(multipart_read(mp, NO_ROOM, &bytes, &err), err);
        all += bytes.n;
        moved += bytes.n > 0 && bytes.p < p.from ? (size_t)(p.from - bytes.p) : 0;
        assert_true(bytes.p + bytes.n <= p.to);
    } while (bytes.n > 0);
    assert_int_equal(all, (1 << 17) * 9);
    assert_true(moved <= all / (60 * 1024) * 8); /* eight bytes a window */
}

/* A source that gives a text and then fails. */
struct failing {
    const char *text;
    bool given;
};

static bool fail_later(void *arg, char *buf, size_t n, size_t *got, struct err *err)
{
    struct failing *f = arg;
    if (f->given)
        return err_set(err, ERR_SLOW_BODY, "too slow");
    *got = strlen(f->text) < n ? strlen(f->text) : n;
    memcpy(buf, f->text, *got);
    f->given = true;
    return true;
}

static void the_sources_error_passes_through_and_the_form_is_over(void **state)
{
    (void)state;
    struct failing source = {PART("a", "12345") "--bn", false};
    AUTO(multipart_free) struct multipart *mp = NULL;
    struct multipart_part part;
    struct err err = ERR_INIT;
    struct sv bytes;
    bool more;
    assert_ok(multipart_open(sv_of(FORM_TYPE), fail_later, &source, 5, &mp, &err), err);
    assert_ok(multipart_next(mp, &part, &more, &err), err);
    assert_true(more);
    assert_ok(multipart_read(mp, NO_ROOM, &bytes, &err), err);
    assert_true(sv_eqz(bytes, "12345"));
    assert_fails(multipart_read(mp, NO_ROOM, &bytes, &err), err, ERR_SLOW_BODY);
    assert_fails(multipart_read(mp, NO_ROOM, &bytes, &err), err, ERR_BAD_FORM);
    assert_fails(multipart_next(mp, &part, &more, &err), err, ERR_BAD_FORM);
    assert_fails(multipart_peek(mp, 5, &bytes, &err), err, ERR_BAD_FORM);
}

static void limits_are_told_as_too_large(void **state)
{
    (void)state;
    struct failing source = {PART("a", "1") PART("b", "2") END, false};
    AUTO(multipart_free) struct multipart *mp = NULL;
    AUTO(str_free) struct str big = STR_INIT(100000);
    struct multipart_part part;
    struct err err = ERR_INIT;
    bool more;
    assert_ok(multipart_open(sv_of(FORM_TYPE), fail_later, &source, 1, &mp, &err), err);
    assert_ok(multipart_next(mp, &part, &more, &err), err);
    assert_fails(multipart_next(mp, &part, &more, &err), err, ERR_TOO_LARGE);
    assert_non_null(strstr(err.msg, "more than 1 parts"));
    multipart_free(&mp);
    str_addz(&big, "--bnd\r\nContent-Disposition: form-data; name=a\r\nX-Long: ");
    for (int i = 0; i < 9000; i++)
        str_addc(&big, 'x');
    str_addz(&big, "\r\n\r\n1\r\n" END);
    source = (struct failing){big.p, false};
    assert_ok(multipart_open(sv_of(FORM_TYPE), fail_later, &source, 1, &mp, &err), err);
    assert_fails(multipart_next(mp, &part, &more, &err), err, ERR_TOO_LARGE);
}

static void parts_that_are_not_read_are_skipped(void **state)
{
    (void)state;
    struct failing source = {PART("a", "skipped") PART("b", "read") END, false};
    AUTO(multipart_free) struct multipart *mp = NULL;
    struct multipart_part part;
    struct err err = ERR_INIT;
    struct sv bytes;
    bool more;
    assert_ok(multipart_open(sv_of(FORM_TYPE), fail_later, &source, 5, &mp, &err), err);
    assert_ok(multipart_read(mp, NO_ROOM, &bytes, &err), err);
    assert_int_equal(bytes.n, 0); /* no part yet */
    assert_ok(multipart_next(mp, &part, &more, &err), err);
    assert_ok(multipart_next(mp, &part, &more, &err), err);
    assert_string_equal(part.name, "b");
    assert_ok(multipart_peek(mp, 2, &bytes, &err), err);
    assert_true(sv_eqz(bytes, "re"));
    assert_ok(multipart_read(mp, NO_ROOM, &bytes, &err), err);
    assert_true(sv_eqz(bytes, "read"));
    assert_ok(multipart_next(mp, &part, &more, &err), err);
    assert_false(more);
    assert_ok(multipart_next(mp, &part, &more, &err), err);
    assert_false(more);
}

/* Larger than the window, full of beginnings of a boundary, with the boundary in every position
 * against the window's end. */
static void a_large_file_is_whole_wherever_the_window_ends(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 24; extra++) {
        AUTO(str_free) struct str body = STR_INIT(1 << 20);
        AUTO(str_free) struct str want = STR_INIT(1 << 20);
        str_addz(&body, "--bnd\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\n");
        str_addz(&want, "f|x||");
        for (size_t i = 0; i < (64 * 1024 + 40) / 8 + 3; i++) {
            str_addz(&body, "\r\n--bn\r\n");
            str_addz(&want, "\r\n--bn\r\n");
        }
        for (size_t i = 0; i < extra; i++) {
            str_addc(&body, '\r');
            str_addc(&want, '\r');
        }
        str_addz(&body, "\r\n" END);
        str_addz(&want, "\nend\n");
        reads_as(str_sv(&body), (struct form_pace){.peek = 32 * 1024}, want.p);
        reads_as(str_sv(&body), (struct form_pace){extra + 1, 4096 - extra, 0, extra}, want.p);
    }
}

struct text {
    struct sv left;
    size_t step;
};

static bool next_text(void *arg, char *buf, size_t n, size_t *got, struct err *err)
{
    struct text *t = arg;
    (void)err;
    n = n < t->step ? n : t->step;
    *got = n < t->left.n ? n : t->left.n;
    memcpy(buf, t->left.p, *got);
    t->left = (struct sv){t->left.p + *got, t->left.n - *got};
    return true;
}

/* What is foretold of the part `name` of a form. */
static int64_t foretold(struct sv form, const char *name, size_t step)
{
    AUTO(multipart_free) struct multipart *mp = NULL;
    struct text text = {form, step};
    struct multipart_part part = {.name = ""};
    struct sv head;
    struct err err = ERR_INIT;
    bool more = true;
    assert_ok(multipart_open(SV_LIT(FORM_TYPE), next_text, &text, 20, &mp, &err), err);
    while (strcmp(part.name, name) != 0)
        assert_ok(multipart_next(mp, &part, &more, &err) && more, err);
    assert_ok(multipart_peek(mp, 3, &head, &err), err);
    return multipart_foretell(mp, (int64_t)text.left.n);
}

static void the_length_of_the_last_part_is_foretold(void **state)
{
    (void)state;
    for (size_t step = 1; step < 300; step += 7) {
        assert_int_equal(foretold(SV_LIT(PART("a", "x") PART("b", "12345") END), "b", step), 5);
        assert_int_equal(foretold(SV_LIT(PART("b", "") END), "b", step), 0);
        /* what is behind it counts: the caller must find out */
        assert_true(foretold(SV_LIT(PART("b", "12345") PART("c", "x") END), "b", step) > 5);
    }
}

/* A part of n bytes, in which much looks like the beginning of a boundary. */
static void add_part(struct str *form, const char *name, size_t n)
{
    str_addf(form, "--bnd\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n", name);
    for (size_t i = 0; i < n; i++)
        str_addc(form, "x\r\n--bn"[i * 31 % 7]);
    str_addz(form, "\r\n");
}

enum { LARGE = 70 * 1000, ROOM = 400 * 1000 }; /* more than the window */

/* With room enough, what follows a file comes along with its end: more than the window holds. */
static void what_follows_a_file_is_read_wherever_it_came_to_lie(void **state)
{
    static const size_t rooms[] = {1, 1000, LARGE, 3 * LARGE, ROOM};
    AUTO(str_free) struct str form = STR_INIT(1 << 24);
    AUTO(str_free) struct str want = STR_INIT(1 << 24);
    (void)state;
    add_part(&form, "a", 3 * LARGE);
    add_part(&form, "b", 5);
    add_part(&form, "c", 2 * LARGE);
    add_part(&form, "d", LARGE);
    str_addz(&form, END);
    form_reference(str_sv(&form), &want);
    for (size_t i = 0; i < COUNT_OF(rooms); i++) {
        reads_like(str_sv(&form), (struct form_pace){.room = rooms[i]}, str_sv(&want));
        reads_like(str_sv(&form), (struct form_pace){.then = 100 * 1000, .room = rooms[i]},
                   str_sv(&want));
        reads_like(str_sv(&form), (struct form_pace){.peek = 100, .room = rooms[i]}, str_sv(&want));
    }
}

static void what_was_read_ahead_counts_for_the_length_that_is_foretold(void **state)
{
    AUTO(multipart_free) struct multipart *mp = NULL;
    AUTO(str_free) struct str form = STR_INIT(1 << 24);
    AUTO(str_free) struct str space = STR_INIT(ROOM);
    struct text text = {.step = ROOM};
    struct multipart_part part;
    struct sv bytes = {"", 1};
    struct err err = ERR_INIT;
    bool more = false;
    (void)state;
    add_part(&form, "a", LARGE);
    add_part(&form, "b", 3 * LARGE);
    str_addz(&form, END);
    text.left = str_sv(&form);
    str_reserve(&space, ROOM);
    assert_ok(multipart_open(SV_LIT(FORM_TYPE), next_text, &text, 20, &mp, &err), err);
    assert_ok(multipart_next(mp, &part, &more, &err), err);
    while (bytes.n > 0)
        assert_ok(multipart_read(mp, (struct room){space.p, ROOM}, &bytes, &err), err);
    assert_int_equal(text.left.n, 0); /* all of it has come */
    assert_ok(multipart_next(mp, &part, &more, &err), err);
    assert_int_equal(multipart_foretell(mp, 0), 3 * LARGE);
}

static void without_a_length_nothing_is_foretold(void **state)
{
    (void)state;
    AUTO(multipart_free) struct multipart *mp = NULL;
    struct text text = {SV_LIT(PART("a", "x") END), 300};
    struct multipart_part part;
    struct err err = ERR_INIT;
    bool more = false;
    assert_ok(multipart_open(SV_LIT(FORM_TYPE), next_text, &text, 20, &mp, &err), err);
    assert_int_equal(multipart_foretell(mp, 100), -1); /* no part has begun */
    assert_ok(multipart_next(mp, &part, &more, &err), err);
    assert_int_equal(multipart_foretell(mp, -1), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_seed_reads_the_same_however_it_is_split),
        cmocka_unit_test(fields_and_files_come_in_the_order_they_are_sent),
        cmocka_unit_test(what_only_looks_like_a_boundary_is_content),
        cmocka_unit_test(bad_forms_are_refused),
        cmocka_unit_test(forms_of_real_clients_are_read_with_their_names),
        cmocka_unit_test(the_bytes_of_a_file_are_not_copied),
        cmocka_unit_test(the_sources_error_passes_through_and_the_form_is_over),
        cmocka_unit_test(limits_are_told_as_too_large),
        cmocka_unit_test(parts_that_are_not_read_are_skipped),
        cmocka_unit_test(a_large_file_is_whole_wherever_the_window_ends),
        cmocka_unit_test(the_length_of_the_last_part_is_foretold),
        cmocka_unit_test(what_follows_a_file_is_read_wherever_it_came_to_lie),
        cmocka_unit_test(what_was_read_ahead_counts_for_the_length_that_is_foretold),
        cmocka_unit_test(without_a_length_nothing_is_foretold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
