#include "analysis-svc/judge.h"

#include <string.h>

#include "common/file.h"
#include "tests/kit/board.h"
#include "tests/kit/kit.h"

enum { IDS = 3 };
static const char *const ids[IDS] = {"a1", "b2", "c3"};

/* A complete result of the profile extractor under an id. */
static void add_result(struct str *out, const char *id)
{
    AUTO(json_free) struct json *item = board_item("yapper_profile", "\"display_name\":\"Ana\"");
    AUTO(str_free) struct str text = STR_INIT(1 << 16);

    json_print(item, &text);
    str_addf(out, "%s{\"id\":\"%s\",%s", out->n > 12 ? "," : "", id, text.p + 1);
}

static bool judge(const char *text, struct json **doc, struct judged *out, struct err *err)
{
    return judge_answer(board_extractor("yapper_profile"), sv_of(text),
                        &(struct judge_ids){ids, IDS}, doc, out, err);
}

static void one_good_result_per_id_is_good(void **state)
{
    AUTO(str_free) struct str text = STR_INIT(1 << 20);
    AUTO(json_free) struct json *doc = NULL;
    struct judged out[IDS];
    struct err err = ERR_INIT;

    (void)state;
    str_addz(&text, "{\"results\":[");
    add_result(&text, "c3");
    add_result(&text, "a1");
    add_result(&text, "b2");
    str_addz(&text, "]}");
    assert_ok(judge(text.p, &doc, out, &err), err);
    for (size_t i = 0; i < IDS; i++) {
        assert_int_equal(out[i].verdict, VERDICT_GOOD);
        assert_string_equal(json_text_or(out[i].item, "id", ""), ids[i]);
        assert_string_equal(json_text_or(out[i].item, "display_name", ""), "Ana");
    }
}

static void good_results_are_kept_beside_missing_doubled_unknown_and_wrong_ones(void **state)
{
    AUTO(str_free) struct str text = STR_INIT(1 << 20);
    AUTO(json_free) struct json *doc = NULL;
    struct judged out[IDS];
    struct err err = ERR_INIT;

    (void)state;
    str_addz(&text, "{\"results\":[");
    add_result(&text, "a1");
    add_result(&text, "b2");
    add_result(&text, "b2");
    add_result(&text, "zz");
    str_addz(&text, ",{},7]}");
    assert_ok(judge(text.p, &doc, out, &err), err);
    assert_int_equal(out[0].verdict, VERDICT_GOOD);
    assert_int_equal(out[1].verdict, VERDICT_DOUBLED);
    assert_string_equal(out[1].note, "2 results for this picture");
    assert_int_equal(out[2].verdict, VERDICT_MISSING);
    assert_null(out[2].item);
}

static void a_result_that_breaks_the_schema_is_told_with_its_path(void **state)
{
    AUTO(str_free) struct str text = STR_INIT(1 << 20);
    AUTO(json_free) struct json *doc = NULL;
    struct judged out[IDS];
    struct err err = ERR_INIT;
    char *bio;

    (void)state;
    str_addz(&text, "{\"results\":[");
    add_result(&text, "a1");
    add_result(&text, "b2");
    str_addz(&text, ",{\"id\":\"c3\"}]}");
    bio = strstr(strstr(text.p, "\"b2\""), "\"bio\":\"\"");
    assert_non_null(bio);
    bio[6] = '4'; /* "bio":42 */
    bio[7] = '2';
    assert_ok(judge(text.p, &doc, out, &err), err);
    assert_int_equal(out[0].verdict, VERDICT_GOOD);
    assert_int_equal(out[1].verdict, VERDICT_INVALID);
    assert_string_equal(out[1].note, "results[1].bio: a text is required, not a number");
    assert_int_equal(out[2].verdict, VERDICT_INVALID);
    assert_string_equal(out[2].note, "results[2]: a member is missing: platform");
}

static void nonsense_is_refused_whole_and_never_repaired(void **state)
{
    static const char *const wrong[] = {
        "",
        "no JSON",
        "Here: ```json\n{\"results\":[]}\n```",
        "```json\n{\"results\":[]}\n``` and more",
        "```json {\"results\":[]}```",
        "```\n```",
        "``````",
        "{\"results\":[]} and more",
        "{\"results\":[],\"results\":[]}",
        "{\"results\":[],\"more\":1}",
        "{\"results\":{}}",
        "{\"result\":[]}",
        "[]",
        "{\"results\":[NaN]}",
        "{\"results\":[",
        "{\"results\":[],}",
        "{\"results\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct json *doc = NULL;
        struct judged out[IDS];
        struct err err = ERR_INIT;

        if (judge(wrong[i], &doc, out, &err))
            fail_msg("taken: %s", wrong[i]);
        assert_null(doc);
        assert_non_null(strstr(err.msg, "the model's answer"));
    }
}

static void an_empty_answer_misses_every_picture(void **state)
{
    AUTO(json_free) struct json *doc = NULL;
    struct judged out[IDS];
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(judge("{\"results\":[]}", &doc, out, &err), err);
    for (size_t i = 0; i < IDS; i++)
        assert_int_equal(out[i].verdict, VERDICT_MISSING);
}

/* Else the fuzzer would never come behind the judge: a schema that grew would shut it out. */
static void the_fuzzers_seeds_are_good_answers(void **state)
{
    static const struct {
        const char *kind, *path;
    } seeds[] = {{"leaderboard", "tests/fuzz/corpus/judge/board"},
                 {"yapper_profile", "tests/fuzz/corpus/judge/profile"},
                 {"token_table", "tests/fuzz/corpus/judge/tokens"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(seeds); i++) {
        AUTO(str_free) struct str seed = STR_INIT(1 << 16);
        AUTO(json_free) struct json *doc = NULL;
        struct judged out[IDS];
        struct err err = ERR_INIT;

        assert_ok(file_read(seeds[i].path, &seed, &err), err);
        assert_int_equal(seed.p[0], seeds[i].kind[0]);
        assert_ok(judge_answer(board_extractor(seeds[i].kind), sv_of(seed.p + 1),
                               &(struct judge_ids){ids, 2}, &doc, out, &err),
                  err);
        assert_int_equal(out[0].verdict, VERDICT_GOOD);
        assert_int_equal(out[1].verdict, VERDICT_GOOD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_good_result_per_id_is_good),
        cmocka_unit_test(good_results_are_kept_beside_missing_doubled_unknown_and_wrong_ones),
        cmocka_unit_test(a_result_that_breaks_the_schema_is_told_with_its_path),
        cmocka_unit_test(nonsense_is_refused_whole_and_never_repaired),
        cmocka_unit_test(an_empty_answer_misses_every_picture),
        cmocka_unit_test(the_fuzzers_seeds_are_good_answers),
    };

    return cmocka_run_group_tests(tests, NULL, board_close);
}
