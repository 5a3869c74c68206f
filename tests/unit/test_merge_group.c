#include "analysis-svc/merge_group.h"

#include "analysis-svc/row_key.h"
#include "analysis-svc/rules.h"
#include "tests/kit/board.h"
#include "tests/kit/kit.h"

static struct arena mem = ARENA_INIT;

static int forget(void **state)
{
    arena_free(&mem);
    return board_close(state);
}

struct person {
    const char *handle, *name; /* NULL: not visible */
    double rank;               /* 0: not visible */
    int64_t picture;           /* 0: its own */
};

static void groups(const char *kind, const struct person *people, size_t n, const size_t *want)
{
    const struct extractor *x = board_extractor(kind);
    struct row *rows = arena_take(&mem, n * sizeof(*rows));
    size_t *group = arena_take(&mem, n * sizeof(*group));

    for (size_t i = 0; i < n; i++) {
        struct cell *c = arena_take(&mem, x->field_count * sizeof(*c));
        int rank = rules_role(x, "rank");

        rows[i].cells = c;
        rows[i].snapshot = people[i].picture ? people[i].picture : 100 + (int64_t)i;
        if (people[i].handle)
            c[rules_role(x, "handle")].value = (struct value){CELL_WORD, "", 0, people[i].handle};
        if (people[i].name)
            c[rules_role(x, "name")].value = (struct value){CELL_WORD, "", 0, people[i].name};
        if (people[i].rank > 0 && rank != FIELD_NONE)
            c[rank].value = (struct value){CELL_NUMBER, "", people[i].rank, NULL};
        rows[i].key = row_key(x, &rows[i], &mem);
        rows[i].key = rows[i].key ? rows[i].key : "-";
    }
    merge_group(x, rows, n, &mem, group);
    for (size_t i = 0; i < n; i++)
        if (group[i] != want[i])
            fail_msg("row %zu is in group %zu, not %zu", i, group[i], want[i]);
}

#define GROUPS(kind, people, ...)                                                                  \
    groups(kind, people, COUNT_OF(people), (const size_t[]){__VA_ARGS__})

static void the_same_key_is_the_same_person(void **state)
{
    static const struct person people[] = {{"ana", "Ana", 1, 0},
                                           {"bo", "Bo", 2, 0},
                                           {"ANA", "Other", 7, 0},
                                           {NULL, "Cy", 3, 0},
                                           {NULL, "Cy", 3, 0}};

    (void)state;
    GROUPS("leaderboard", people, 0, 1, 0, 3, 3);
}

static void look_alikes_one_edit_apart_are_one_at_the_same_rank_only(void **state)
{
    static const struct person people[] = {
        {"bill0", "B", 1, 0}, {"billo", "B", 1, 0}, {"billo", "B", 2, 0}, {"bil1o", "B", 0, 0},
        {"corn", "C", 5, 0},  {"com", "D", 5, 0},   {"c0rn", "C", 6, 0}};

    (void)state;
    GROUPS("leaderboard", people, 0, 0, 0, 3, 4, 4, 6); /* billo at 2 by its key */
}

static void two_edits_are_too_many_but_one_may_lead_to_the_next(void **state)
{
    static const struct person two[] = {{"bill0", "B", 1, 0}, {"bi1lo", "B", 1, 0}};
    static const struct person chain[] = {
        {"bill0", "B", 1, 0}, {"bi1lo", "B", 1, 0}, {"billo", "B", 1, 0}};

    (void)state;
    GROUPS("leaderboard", two, 0, 1);
    GROUPS("leaderboard", chain, 0, 0, 0);
}

static void look_alikes_that_one_picture_shows_side_by_side_are_two_people(void **state)
{
    static const struct person two[] = {{"al", "A", 4, 1}, {"ai", "B", 4, 1}};
    static const struct person again[] = {
        {"al", "A", 4, 1}, {"ai", "B", 4, 1}, {"al", "A", 4, 2}, {"a1", "?", 4, 3}};
    static const struct person doubled[] = {
        {"al", "A", 4, 1}, {"al", "A", 4, 1}, {"a1", "A", 4, 2}};

    (void)state;
    GROUPS("leaderboard", two, 0, 1);
    GROUPS("leaderboard", again, 0, 1, 0, 3); /* a1 may be either */
    GROUPS("leaderboard", doubled, 0, 0, 0);
}

static void a_row_without_handle_joins_one_but_never_one_of_two(void **state)
{
    static const struct person one[] = {
        {NULL, "ana b", 4, 0}, {"ana", "Ana B", 4, 0}, {NULL, "Ana B", 5, 0}};
    static const struct person two[] = {
        {NULL, "Ana", 4, 0}, {"ana", "Ana", 4, 0}, {"zoe", "Ana", 4, 0}};
    static const struct person alike[] = {
        {NULL, "Ana", 4, 0}, {"al", "Ana", 4, 0}, {"a1", "Ana", 4, 0}};

    (void)state;
    GROUPS("leaderboard", one, 0, 0, 2);
    GROUPS("leaderboard", two, 0, 1, 2);
    GROUPS("leaderboard", alike, 0, 0, 0);
}

/* The board's rules with another way to merge. */
static void groups_by(const char *rows_by, const size_t *want)
{
    AUTO(json_free) struct json *rules = NULL;
    struct extractor x = *board_extractor("leaderboard");
    struct row rows[4] = {{.key = "@al"}, {.key = "@al"}, {.key = "@ai"}, {.key = "#4 Ana"}};
    AUTO(str_free) struct str text = STR_INIT(4096);
    struct err err = ERR_INIT;
    size_t group[4];

    str_addf(&text,
             "{\"roles\":{\"rank\":\"rank\",\"name\":\"display_name\",\"handle\":\"handle\"},"
             "\"merge\":{\"rows_by\":[%s]}}",
             rows_by);
    assert_ok(json_parse(str_sv(&text), &rules, &err), err);
    x.rules = rules;
    for (size_t i = 0; i < 4; i++) {
        struct cell *c = arena_take(&mem, x.field_count * sizeof(*c));

        rows[i].cells = c;
        rows[i].snapshot = 100 + (int64_t)i;
        c[rules_role(&x, "rank")].value = (struct value){CELL_NUMBER, "", 4, NULL};
        c[rules_role(&x, "name")].value = (struct value){CELL_WORD, "", 0, "Ana"};
        if (i < 3)
            c[rules_role(&x, "handle")].value = (struct value){CELL_WORD, "", 0, rows[i].key + 1};
    }
    merge_group(&x, rows, 4, &mem, group);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(group[i], want[i]);
}

static void the_rules_say_by_what_rows_are_joined(void **state)
{
    (void)state;
    groups_by("\"key\"", (const size_t[]){0, 0, 2, 3});
    groups_by("\"key\",\"look_alike\"", (const size_t[]){0, 0, 0, 3});
    groups_by("\"key\",\"look_alike\",\"rank_and_name\"", (const size_t[]){0, 0, 0, 0});
    groups_by("\"key\",\"rank_and_name\"", (const size_t[]){0, 0, 2, 3}); /* of two people */
}

static void one_subject_is_one_group(void **state)
{
    static const struct person people[] = {
        {"ana", "A", 0, 0}, {NULL, NULL, 0, 0}, {"bo", "B", 0, 0}};

    (void)state;
    GROUPS("yapper_profile", people, 0, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_key_is_the_same_person),
        cmocka_unit_test(look_alikes_one_edit_apart_are_one_at_the_same_rank_only),
        cmocka_unit_test(two_edits_are_too_many_but_one_may_lead_to_the_next),
        cmocka_unit_test(look_alikes_that_one_picture_shows_side_by_side_are_two_people),
        cmocka_unit_test(a_row_without_handle_joins_one_but_never_one_of_two),
        cmocka_unit_test(the_rules_say_by_what_rows_are_joined),
        cmocka_unit_test(one_subject_is_one_group),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
