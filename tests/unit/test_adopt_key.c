/* test_adopt_key.c - addresses of every form that the back end before this one kept, and what is
 * none of our bucket. */
#include <stdio.h>
#include <string.h>

#include "common/arena.h"
#include "tests/kit/kit.h"
#include "upload-svc/adopt.h"

#define BUCKET "team.pictures"
#define KEY    "snapshots/2025/08/abc board.png"

static const struct {
    const char *address;
    const char *key; /* NULL: none */
    enum adopt_form form;
} cases[] = {
    {"https://" BUCKET ".s3.eu-west-1.amazonaws.com/snapshots/2025/08/abc%20board.png", KEY,
     ADOPT_HOST},
    {"https://" BUCKET ".s3.amazonaws.com/snapshots/2025/08/abc%20board.png", KEY, ADOPT_HOST},
    {"https://" BUCKET ".s3-us-west-2.amazonaws.com/a", "a", ADOPT_HOST},
    {"https://" BUCKET ".s3.dualstack.us-east-1.amazonaws.com/a", "a", ADOPT_HOST},
    {"HTTP://" BUCKET ".rgw.example:8080/a?X-Amz-Signature=0000#top", "a", ADOPT_HOST},
    {"https://s3.eu-west-1.amazonaws.com/" BUCKET "/snapshots/2025/08/abc%20board.png", KEY,
     ADOPT_PATH},
    {"http://127.0.0.1:9000/" BUCKET "/a/b", "a/b", ADOPT_PATH},
    {"s3://" BUCKET "/a/b", "a/b", ADOPT_PATH},
    {"https://storage.googleapis.com/" BUCKET "/a/b", "a/b", ADOPT_GCS},
    {"https://" BUCKET ".storage.googleapis.com/a/b", "a/b", ADOPT_GCS},
    {"https://storage.cloud.google.com/" BUCKET "/a/b", "a/b", ADOPT_GCS},
    {"gs://" BUCKET "/a/b", "a/b", ADOPT_GCS},
    {"  https://s3.example/" BUCKET "/a+b%2Bc ", "a+b+c", ADOPT_PATH},
    {"https://s3.example/" BUCKET "/" BUCKET "/a", BUCKET "/a", ADOPT_PATH},
    {"https://s3.example/another/a", NULL, ADOPT_PATH},
    {"https://another.s3.amazonaws.com/a", NULL, ADOPT_HOST},
    {"https://" BUCKET ".s3.amazonaws.com/", NULL, ADOPT_HOST},
    {"https://" BUCKET, NULL, ADOPT_HOST},
    {"https://s3.example/" BUCKET, NULL, ADOPT_PATH},
    {"https://s3.example/" BUCKET "/a%00b", NULL, ADOPT_PATH},
    {"https://s3.example/" BUCKET "/a%ff", NULL, ADOPT_PATH},
    {"/uploads/snapshots/a.png", NULL, ADOPT_KEY},
    {"ftp://" BUCKET "/a", NULL, ADOPT_KEY},
    {"", NULL, ADOPT_KEY},
};

static void every_form_of_an_address_gives_its_key_and_no_other_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = ARENA_INIT;
        enum adopt_form form = ADOPT_FORMS_;
        const char *key = adopt_key(&arena, sv_of(cases[i].address), BUCKET, &form);

        if (!key != !cases[i].key || (key && strcmp(key, cases[i].key) != 0))
            fail_msg("%s: %s", cases[i].address, key ? key : "no key");
        if (key)
            assert_int_equal(form, cases[i].form);
        arena_free(&arena);
    }
}

static const char *found(const char *file_path, const char *s3_url, const char *s3_key,
                         enum adopt_form *form)
{
    static char text[200];
    struct arena arena = ARENA_INIT;
    const struct adopt_places row = {sv_of(file_path), sv_of(s3_url), sv_of(s3_key)};
    const char *key = adopt_find(&arena, &row, BUCKET, form);

    snprintf(text, sizeof text, "%s", key ? key : "none");
    arena_free(&arena);
    return text;
}

static void an_address_is_believed_before_a_key_that_was_noted(void **state)
{
    enum adopt_form form;

    (void)state;
    assert_string_equal(found("https://s3.example/" BUCKET "/right", "", BUCKET "/right", &form),
                        "right");
    assert_int_equal(form, ADOPT_PATH);
    assert_string_equal(found("/uploads/x.png", "gs://" BUCKET "/g", "noted", &form), "g");
    assert_int_equal(form, ADOPT_GCS);
    assert_string_equal(found("/uploads/x.png", "", " noted/x.png ", &form), "noted/x.png");
    assert_int_equal(form, ADOPT_KEY);
    assert_string_equal(found("", "", BUCKET "/x.png", &form), "x.png");
    assert_string_equal(found("", "", BUCKET "/", &form), "none");
    assert_string_equal(found("/uploads/x.png", "", "", &form), "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_an_address_gives_its_key_and_no_other_does),
        cmocka_unit_test(an_address_is_believed_before_a_key_that_was_noted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
