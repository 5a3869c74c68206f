#include "analysis-svc/derive.h"

#include <string.h>

#include "analysis-svc/list.h"
#include "tests/kit/board.h"
#include "tests/kit/kit.h"

static struct arena mem = ARENA_INIT;

static int forget(void **state)
{
    arena_free(&mem);
    return board_close(state);
}

/* The profile's extractor with these rules of what is derived; NULL: it is as shipped. */
static struct extractor profile_with(const char *derived, struct json **rules)
{
    struct extractor x = *board_extractor("yapper_profile");
    AUTO(str_free) struct str text = STR_INIT(1 << 16), all = STR_INIT(1 << 16);
    const char *from, *to;
    struct err err = ERR_INIT;

    json_print(x.rules, &all);
    from = strstr(all.p, "\"derived\":");
    to = strstr(from, ",\"checks\"");
    str_addv(&text, (struct sv){all.p, (size_t)(from - all.p)});
    str_addf(&text, "\"derived\":%s%s", derived, to);
    assert_ok(json_parse(str_sv(&text), rules, &err), err);
    x.rules = *rules;
    return x;
}

/* What the rules make of a picture with these members. */
static void gives(const char *derived, const char *fields, const char *want)
{
    AUTO(json_free) struct json *rules = NULL, *item = board_item("yapper_profile", fields);
    struct extractor x = profile_with(derived, &rules);
    struct document d = {.mem = &mem, .x = &x, .date = "2026-11-20"};
    AUTO(str_free) struct str out = STR_INIT(1 << 16);
    struct row row = {.key = "@x"};
    struct jw w = jw_on(&out);

    row.cells = arena_take(&mem, x.field_count * sizeof *row.cells);
    row.lists = list_make(&x, &mem);
    for (size_t i = 0; i < list_count(&x); i++)
        list_extract(&row.lists[i], item, &d, &row.notes);
    jw_open(&w, '{');
    derive_write(&x, &row, &mem, &w);
    jw_close(&w);
    assert_string_equal(out.p, want);
}

#define TOKEN(token, mood) "{\"token\":\"" token "\",\"sentiment\":\"" mood "\"}"
#define TOKENS(list)       "\"token_sentiments\":[" list "]"

static void words_are_taken_once_in_their_order(void **state)
{
    static const char rule[] = "{\"t\":{\"how\":\"take\",\"list\":\"token_sentiments\",\"field\":"
                               "\"token\",\"where\":{\"sentiment\":\"bull\"}}}";

    (void)state;
    gives(rule,
          TOKENS(TOKEN("$B", "BULLISH") "," TOKEN("$A", "Bearish") "," TOKEN(
              "$A", "bullish ▲") "," TOKEN("$B", "Bullish") "," TOKEN("", "Bullish") "," TOKEN("$C",
                                                                                               "")),
          "{\"derived\":{\"t\":[\"$B\",\"$A\"]}}");
    gives(rule, "\"display_name\":\"A\"", "{\"derived\":{\"t\":[]}}");
}

static void the_most_frequent_word_wins_and_two_that_tie_do_not(void **state)
{
    static const char rule[] = "{\"m\":{\"how\":\"most\",\"list\":\"token_sentiments\",\"field\":"
                               "\"sentiment\"}}";

    (void)state;
    gives(rule,
          TOKENS(TOKEN("$A", "Bearish") "," TOKEN("$B", "Bullish") "," TOKEN("$C", "BULLISH")),
          "{\"derived\":{\"m\":\"Bullish\"}}");
    gives(rule, TOKENS(TOKEN("$A", "Bearish") "," TOKEN("$B", "Bullish")),
          "{\"derived\":{\"m\":null}}");
    gives(rule, TOKENS(TOKEN("$A", "")), "{\"derived\":{\"m\":null}}");
    gives(rule, TOKENS(""), "{\"derived\":{\"m\":null}}");
}

static void figures_of_nothing_are_null_never_naught(void **state)
{
    static const char rule[] =
        "{\"mean\":{\"how\":\"mean\",\"list\":\"mindshare_history\",\"field\":\"value\"},"
        "\"share\":{\"how\":\"share\",\"list\":\"connections\",\"where\":{\"strength\":\"strong\"}}"
        ","
        "\"n\":{\"how\":\"count\",\"list\":\"connections\",\"where\":{\"strength\":\"strong\"}},"
        "\"seen\":{\"how\":\"seen\"}}";

    (void)state;
    gives(rule, TOKENS(""), "{\"derived\":{\"mean\":null,\"share\":null,\"n\":0,\"seen\":0}}");
    gives(rule,
          "\"mindshare_history\":[{\"value\":\"1%\"},{\"value\":\"?\"},{\"value\":\"-2%\"},{"
          "\"value\":"
          "\"0.5%\"}],\"connections\":[{\"handle\":\"@a\",\"strength\":\"Strong\"},{\"handle\":\"@"
          "b\"},"
          "{\"handle\":\"@c\"}]",
          "{\"derived\":{\"mean\":-0.1667,\"share\":0.3333,\"n\":1,\"seen\":0}}");
}

static void an_extractor_without_such_rules_writes_nothing(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 10);
    const struct row row = {.key = "@x"};
    struct jw w = jw_on(&out);

    (void)state;
    jw_open(&w, '{');
    derive_write(board_extractor("leaderboard"), &row, &mem, &w);
    jw_close(&w);
    assert_string_equal(out.p, "{}");
}

static void rules_that_cannot_be_followed_are_refused_with_their_name(void **state)
{
#define LIST "\"list\":\"badges\""
    static const struct {
        const char *rule, *want;
    } cases[] = {
        {"{\"how\":\"count\"," LIST "}", ""},
        {"{\"how\":\"guess\"," LIST "}", "how: nobody knows guess"},
        {"{" LIST "}", "how: nobody knows ?"},
        {"{\"how\":\"count\",\"list\":\"medals\"}", "lists has none named medals"},
        {"{\"how\":\"count\"}", "lists has none named"},
        {"{\"how\":\"seen\"," LIST "}", "needs no list: badges"},
        {"{\"how\":\"take\"," LIST ",\"field\":\"size\"}", "the list has no field size"},
        {"{\"how\":\"take\"," LIST "}", "the list has no field ?"},
        {"{\"how\":\"count\"," LIST ",\"where\":{\"size\":\"x\"}}", "where: "},
        {"{\"how\":\"count\"," LIST ",\"where\":{\"title\":1}}", "where: "},
        {"{\"how\":\"count\"," LIST ",\"filter\":{}}", "nobody knows filter"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(str_free) struct str derived = STR_INIT(1 << 10);
        AUTO(json_free) struct json *rules = NULL;
        struct err err = ERR_INIT;
        struct extractor x;

        str_addf(&derived, "{\"x\":%s}", cases[i].rule);
        x = profile_with(derived.p, &rules);
        assert_int_equal(derive_check(&x, &err), *cases[i].want == '\0');
        if (!strstr(err.msg, cases[i].want) || (*cases[i].want && !strstr(err.msg, "derived.x: ")))
            fail_msg("%s: %s", cases[i].rule, err.msg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_taken_once_in_their_order),
        cmocka_unit_test(the_most_frequent_word_wins_and_two_that_tie_do_not),
        cmocka_unit_test(figures_of_nothing_are_null_never_naught),
        cmocka_unit_test(an_extractor_without_such_rules_writes_nothing),
        cmocka_unit_test(rules_that_cannot_be_followed_are_refused_with_their_name),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
