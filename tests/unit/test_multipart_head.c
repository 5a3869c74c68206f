/* test_multipart_head.c - what the header lines of a form may say, and how. */
#include "common/multipart_head.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"

static void a_boundary_is_found_as_token_and_quoted(void **state)
{
    (void)state;
    static const struct {
        const char *type, *boundary;
    } good[] = {
        {"multipart/form-data; boundary=abc", "abc"},
        {"Multipart/Form-Data ;  BOUNDARY=\"a b'()+_,-./:=?c\" ; charset=utf-8",
         "a b'()+_,-./:=?c"},
        {"multipart/form-data; charset=x; boundary=----WebKitFormBoundaryAbC",
         "----WebKitFormBoundaryAbC"},
        {"multipart/form-data; "
         "boundary=0123456789012345678901234567890123456789012345678901234567890123456789",
         "0123456789012345678901234567890123456789012345678901234567890123456789"},
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct err err = ERR_INIT;
        struct sv boundary;
        assert_ok(multipart_head_boundary(sv_of(good[i].type), &boundary, &err), err);
        assert_true(sv_eqz(boundary, good[i].boundary));
    }
}

static void a_content_type_without_a_good_boundary_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        enum err_code code;
    } bad[] = {
        {"", ERR_MEDIA_TYPE},
        {"application/json", ERR_MEDIA_TYPE},
        {"multipart/mixed; boundary=abc", ERR_MEDIA_TYPE},
        {"multipart/form-datax; boundary=abc", ERR_MEDIA_TYPE},
        {"multipart/form-data", ERR_BAD_FORM},
        {"multipart/form-data; boundary=", ERR_BAD_FORM},
        {"multipart/form-data; boundary=\"\"", ERR_BAD_FORM},
        {"multipart/form-data; boundary=\"abc", ERR_BAD_FORM},
        {"multipart/form-data; boundary=\"abc\"x", ERR_BAD_FORM},
        {"multipart/form-data; boundary=\"abc \"", ERR_BAD_FORM},
        {"multipart/form-data; boundary=a*b", ERR_BAD_FORM},
        {"multipart/form-data; boundary=a; boundary=b", ERR_BAD_FORM},
        {"multipart/form-data; boundary", ERR_BAD_FORM},
        {"multipart/form-data; "
         "boundary=01234567890123456789012345678901234567890123456789012345678901234567890",
         ERR_BAD_FORM},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct err err = ERR_INIT;
        struct sv boundary;
        assert_fails(multipart_head_boundary(sv_of(bad[i].type), &boundary, &err), err,
                     bad[i].code);
    }
}

#define CD "Content-Disposition: form-data; "

static void names_are_read_as_browsers_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *block, *name, *file_name;
    } good[] = {
        {CD "name=\"a\"", "a", NULL},
        {"content-disposition:form-data;name=a;filename=b c.png", "a", "b c.png"},
        {CD "name=\"a\"; filename=\"\"", "a", ""},
        {CD "name=\"say %22hi%22%0d%0A\"", "say \"hi\"\r\n", NULL},
        {CD "name=\"100%\"", "100%", NULL},
        {CD "name=\"%41\"", "%41", NULL}, /* browsers escape nothing else */
        {CD "name=\"a\\\"b\\\\c\"", "a\"b\\c", NULL},
        {CD "name=\"a\"; filename=\"C:\\dir\\x.png\"", "a", "C:\\dir\\x.png"},
        {CD "name=\"a;b=c\"; filename=\"x;y.png\"", "a;b=c", "x;y.png"},
        {CD "name=\"\xd0\xba\"; filename=\"\xe2\x82\xac.png\"", "\xd0\xba", "\xe2\x82\xac.png"},
        {CD "name=\"a\"; filename=\"\xff.png\"", "a", "\xef\xbf\xbd.png"},
        {CD "name=a; filename=\"p.png\"; filename*=UTF-8''%e2%82%ac.png", "a", "\xe2\x82\xac.png"},
        {CD "name=a; filename*=utf-8'en'x%20y; filename=p.png", "a", "x y"},
        {CD "name=a; filename=p.png; filename*=ISO-8859-1''%e4", "a", "p.png"},
        {CD "name=a; filename=p.png; filename*=UTF-8''%zz", "a", "p.png"},
        {CD "name=a; filename*=ISO-8859-1''%e4.png", "a", "ISO-8859-1''%e4.png"},
        {CD "name=a;; other=\"x\" ;", "a", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        AUTO(arena_free) struct arena arena = ARENA_INIT;
        struct multipart_part part;
        struct err err = ERR_INIT;
        assert_ok(multipart_head_part(sv_of(good[i].block), &part, &arena, &err), err);
        assert_string_equal(part.name, good[i].name);
        assert_string_equal(part.type, "");
        if (!good[i].file_name)
            assert_null(part.file_name);
        else
            assert_string_equal(part.file_name, good[i].file_name);
    }
}

static void what_could_be_read_in_two_ways_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "Content-Type: image/png",
        CD "filename=\"x\"",
        CD "name=\"\"",
        CD "name=\"a",
        CD "name=\"a\"b",
        CD "name",
        CD "name=a; name=b",
        CD "name=a; filename=x; filename=y",
        CD "name=a; filename*=UTF-8''x; filename*=UTF-8''y",
        CD "name=a\r\n" CD "name=b",
        CD "name=a\r\nContent-Type: a/b\r\nContent-Type: c/d",
        CD "name=a\r\n folded: x",
        CD "name=a\nContent-Type: x/y",
        CD "name=a\r\nno colon",
        CD "name=a\r\n: empty name",
        CD "name=a\r\nContent-Transfer-Encoding: quoted-printable",
        "Content-Disposition: attachment; name=a",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        AUTO(arena_free) struct arena arena = ARENA_INIT;
        struct multipart_part part;
        struct err err = ERR_INIT;
        assert_fails(multipart_head_part(sv_of(bad[i]), &part, &arena, &err), err, ERR_BAD_FORM);
    }
}

static void a_part_may_tell_its_own_length(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int64_t want;
    } tells[] = {{"", -1},
                 {"\r\nContent-Length: 12", 12},
                 {"\r\ncontent-length:0", 0},
                 {"\r\nContent-Length: -3", -1},
                 {"\r\nContent-Length: many", -1}};
    for (size_t i = 0; i < COUNT_OF(tells); i++) {
        AUTO(arena_free) struct arena arena = ARENA_INIT;
        char block[200];
        struct multipart_part part;
        struct err err = ERR_INIT;
        snprintf(block, sizeof(block), CD "name=a%s", tells[i].line);
        assert_ok(multipart_head_part(sv_of(block), &part, &arena, &err), err);
        assert_int_equal(part.length, tells[i].want);
    }
}

static void a_nul_byte_in_a_header_is_refused(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena arena = ARENA_INIT;
    struct multipart_part part;
    struct err err = ERR_INIT;
    assert_fails(multipart_head_part(SV_LIT(CD "name=\"a\0b\""), &part, &arena, &err), err,
                 ERR_BAD_FORM);
}

static void the_type_is_given_as_sent(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena arena = ARENA_INIT;
    struct multipart_part part;
    struct err err = ERR_INIT;
    struct sv block = sv_of("Content-Type:  image/png; x=y \r\n" CD "name=a\r\n"
                            "Content-Transfer-Encoding: Binary\r\nX-Other: y");
    assert_ok(multipart_head_part(block, &part, &arena, &err), err);
    assert_string_equal(part.type, "image/png; x=y");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_boundary_is_found_as_token_and_quoted),
        cmocka_unit_test(a_content_type_without_a_good_boundary_is_refused),
        cmocka_unit_test(names_are_read_as_browsers_write_them),
        cmocka_unit_test(what_could_be_read_in_two_ways_is_refused),
        cmocka_unit_test(a_nul_byte_in_a_header_is_refused),
        cmocka_unit_test(the_type_is_given_as_sent),
        cmocka_unit_test(a_part_may_tell_its_own_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
