/* test_snapshot.c - keys, cleaned names, and the words for states. Covers: snapshot state */
#include <string.h>

#include "tests/kit/kit.h"
#include "upload-svc/snapshot.h"
#include "upload-svc/state.h"

#define PREFIX "team/0a1b2c3d/snapshots/"
#define UUID   "9b0b3f0e-58d5-4ad9-8e0d-5b1f3a2c4d01"

static void a_key_holds_deployment_day_and_uuid_only(void **state)
{
    char prefix[SNAPSHOT_PREFIX_SIZE], key[SNAPSHOT_KEY_SIZE];
    struct id uuid = {UUID}, back;

    (void)state;
    snapshot_prefix("team/", "0a1b2c3d", prefix);
    assert_string_equal(prefix, PREFIX);
    snapshot_key(prefix, 1795348800, &uuid, IMAGE_JPEG, key);
    assert_string_equal(key, PREFIX "2026-11-22/" UUID ".jpg");
    assert_true(snapshot_key_parse(prefix, key, &back));
    assert_string_equal(back.text, UUID);
}

static void only_our_exact_keys_are_ours(void **state)
{
    static const char *const foreign[] = {
        PREFIX "2026-11-22/" UUID ".txt",
        PREFIX "2026-11-22/" UUID,
        PREFIX "2026-11-22/" UUID ".png.bak",
        PREFIX "2026-02-30/" UUID ".png",
        PREFIX "2026-11-22/9B0B3F0E-58D5-4AD9-8E0D-5B1F3A2C4D01.png",
        PREFIX "2026-11-22/9b0b3f0e-58d5-4ad9-8e0d-5b1f3a2c4d0.png",
        PREFIX "2026-11-22/x/" UUID ".png",
        "team/ffffffff/snapshots/2026-11-22/" UUID ".png",
        "daily-snapshots/2026-11-22/7/board.png",
        PREFIX,
        "",
    };
    struct id uuid;

    (void)state;
    assert_true(snapshot_key_parse(PREFIX, PREFIX "2026-11-22/" UUID ".png", &uuid));
    for (size_t i = 0; i < COUNT_OF(foreign); i++)
        assert_false(snapshot_key_parse(PREFIX, foreign[i], &uuid));
}

static void names_lose_what_is_no_text(void **state)
{
    static const struct {
        const char *sent, *kept;
    } names[] = {
        {"board.png", "board.png"},
        {"../../etc/pass\nwd\x7f", "../../etc/passwd"},
        {"caf\xc3\xa9 \xe2\x80\xae.png", "caf\xc3\xa9 .png"}, /* a right-to-left override */
        {"\xc2\x85"
         "a\xe2\x81\xa6z",
         "az"},
        {"b\xff\xfe\xc3.png", "b.png"},
        {"", "unnamed"},
        {"\x01\x02", "unnamed"},
        {"\xe2\x98\x83\xf0\x9f\x8f\x86.gif", "\xe2\x98\x83\xf0\x9f\x8f\x86.gif"},
    };
    char kept[SNAPSHOT_NAME_MAX + 1];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snapshot_name(sv_of(names[i].sent), kept);
        assert_string_equal(kept, names[i].kept);
    }
}

static void a_long_name_ends_between_characters(void **state)
{
    char sent[600], kept[SNAPSHOT_NAME_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof sent; i += 3)
        memcpy(sent + i, "\xe2\x98\x83", 3);
    snapshot_name((struct sv){sent, sizeof sent}, kept);
    assert_int_equal(strlen(kept), 255);
    snapshot_name((struct sv){sent + 3, 256}, kept);
    assert_int_equal(strlen(kept), 255);
}

static void needs_review_shows_as_completed_in_the_old_words(void **state)
{
    const struct snapshot_word *w = snapshot_word_of("needs_review");

    (void)state;
    assert_string_equal(w->old, "completed");
    assert_int_equal(w->progress, 90);
    assert_true(snapshot_needs_review(w));
    assert_false(snapshot_needs_review(snapshot_word_of("completed")));
    assert_string_equal(snapshot_word_of("what?")->wire, "pending");
}

/* Every state of analysis-svc, present and to come. */
static void each_image_state_has_its_word(void **state)
{
    static const char *const images[] = {
#define TO(x)                       0
#define IMAGE_STATE(name, wire, to) wire,
#include "proto/image_state.def"
#undef IMAGE_STATE
#undef TO
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(images); i++)
        assert_string_not_equal(snapshot_wire_of_image(images[i]), "pending");
    assert_string_equal(snapshot_wire_of_image("waiting"), "processing");
    assert_string_equal(snapshot_wire_of_image("extracted"), "completed");
    assert_string_equal(snapshot_wire_of_image("doubtful"), "needs_review");
    assert_string_equal(snapshot_wire_of_image("unheard of"), "pending");
}

static void each_fail_code_has_its_sentence(void **state)
{
    (void)state;
    assert_non_null(strstr(fail_sentence("no_rows"), "No row"));
    assert_null(fail_sentence(""));
    assert_null(fail_sentence("unheard_of"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_holds_deployment_day_and_uuid_only),
        cmocka_unit_test(only_our_exact_keys_are_ours),
        cmocka_unit_test(names_lose_what_is_no_text),
        cmocka_unit_test(a_long_name_ends_between_characters),
        cmocka_unit_test(needs_review_shows_as_completed_in_the_old_words),
        cmocka_unit_test(each_image_state_has_its_word),
        cmocka_unit_test(each_fail_code_has_its_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
