/* test_state.c - what a person is told: the words of proto/ and nothing beside them. */
#include <string.h>

#include "tests/kit/kit.h"
#include "upload-svc/state.h"

static void every_state_has_one_of_the_five_old_words(void **state)
{
    static const char *const old[] = {"pending", "processing", "completed", "validated", "failed"};

    (void)state;
    for (size_t i = 0; i < SNAPSHOT_STATE_COUNT_; i++) {
        const struct snapshot_word *w = &snapshot_words[i];
        bool known = false;

        for (size_t k = 0; k < COUNT_OF(old); k++)
            known = known || strcmp(w->old, old[k]) == 0;
        assert_true(known);
        assert_ptr_equal(snapshot_word_of(w->wire), w);
        assert_true(w->progress >= 0 && w->progress <= 100);
    }
}

static void only_what_waits_or_runs_is_not_at_its_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < SNAPSHOT_STATE_COUNT_; i++)
        assert_int_equal(snapshot_words[i].terminal,
                         i != SNAPSHOT_PENDING && i != SNAPSHOT_PROCESSING);
}

static void needs_review_shows_as_completed_with_a_mark(void **state)
{
    const struct snapshot_word *w = snapshot_word_of("needs_review");

    (void)state;
    assert_string_equal(w->old, "completed");
    assert_true(snapshot_needs_review(w));
    assert_false(snapshot_needs_review(snapshot_word_of("completed")));
}

static void an_unknown_word_is_pending(void **state)
{
    (void)state;
    assert_string_equal(snapshot_word_of("pondering")->wire, "pending");
    assert_string_equal(snapshot_word_of("")->wire, "pending");
    assert_string_equal(snapshot_wire_of_image("pondering"), "pending");
}

static void each_state_of_the_analysis_has_its_word(void **state)
{
    static const char *const map[][2] = {{"waiting", "processing"},
                                         {"extracted", "completed"},
                                         {"doubtful", "needs_review"},
                                         {"failed", "failed"},
                                         {"forgotten", "deleted"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(map); i++)
        assert_string_equal(snapshot_wire_of_image(map[i][0]), map[i][1]);
#define IMAGE_STATE(name, wire, to)                                                                \
    assert_string_not_equal(snapshot_wire_of_image(wire), "pending");
#include "proto/image_state.def"
#undef IMAGE_STATE
}

static void every_fail_code_has_a_sentence_and_nothing_else_has(void **state)
{
    (void)state;
#define FAIL(name, wire, sentence)                                                                 \
    if (*(wire) != '\0')                                                                           \
        assert_string_equal(fail_sentence(wire), sentence);
#include "proto/fail.def"
#undef FAIL
    assert_null(fail_sentence(""));
    assert_null(fail_sentence("moonphase"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_has_one_of_the_five_old_words),
        cmocka_unit_test(only_what_waits_or_runs_is_not_at_its_end),
        cmocka_unit_test(needs_review_shows_as_completed_with_a_mark),
        cmocka_unit_test(an_unknown_word_is_pending),
        cmocka_unit_test(each_state_of_the_analysis_has_its_word),
        cmocka_unit_test(every_fail_code_has_a_sentence_and_nothing_else_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
