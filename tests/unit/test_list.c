#include "analysis-svc/list.h"

#include <string.h>

#include "tests/kit/board.h"
#include "tests/kit/kit.h"

enum { BADGE_FIELDS = 7 };
static struct arena mem = ARENA_INIT;
static const struct document part_of = {.mem = &mem, .date = "2026-11-20"};

static int forget(void **state)
{
    arena_free(&mem);
    return board_close(state);
}

/* The badges of an item; list number 1 of the profile's rules. */
static struct list badges(const char *fields, struct notes *notes)
{
    AUTO(json_free) struct json *item = board_item("yapper_profile", fields);
    struct list *lists = list_make(board_extractor("yapper_profile"), &mem);
    struct list copy;

    list_extract(&lists[1], item, &part_of, notes);
    copy = lists[1];
    for (size_t i = 0; i < copy.n; i++) /* the item's texts end with it */
        for (size_t f = 0; f < BADGE_FIELDS; f++)
            copy.entries[i].values[f].text =
                arena_copy(&mem, sv_of(copy.entries[i].values[f].text));
    return copy;
}

static void writes_as(const struct list *list, const char *want)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 16);
    struct jw w = jw_on(&out);

    jw_open(&w, '{');
    list_write(list, &w);
    jw_close(&w);
    assert_string_equal(out.p, want);
}

static void lists_are_those_of_the_rules(void **state)
{
    (void)state;
    assert_int_equal(list_count(board_extractor("yapper_profile")), 6);
    assert_int_equal(list_count(board_extractor("leaderboard")), 0);
    assert_null(list_make(board_extractor("leaderboard"), &mem));
}

static void empty_members_are_left_out_and_empty_entries_noted(void **state)
{
    struct notes notes = {NULL, 0, 0};
    struct list l = badges("\"badges\":[{\"title\":\"OG\"},{},{\"title\":\"#1\",\"earned_on\":"
                           "\"Aug 13\"}]",
                           &notes);

    (void)state;
    writes_as(&l, "{\"badges\":[{\"title\":\"OG\"},{\"title\":\"#1\",\"earned_on\":\"2026-08-13\","
                  "\"earned_on_text\":\"Aug 13\"}]}");
    assert_int_equal(notes.n, 1);
    assert_string_equal(notes.items[0], "badges: 1 entries without text left out");
}

static void numbers_stand_beside_their_print_and_bad_ones_are_noted(void **state)
{
    AUTO(json_free)
    struct json *item =
        board_item("yapper_profile", "\"smart_followers_trend\":[{\"period\":\"Mon\",\"value\":"
                                     "\"1.2K\",\"change\":\"many\"}]");
    struct list *lists = list_make(board_extractor("yapper_profile"), &mem);
    struct notes notes = {NULL, 0, 0};

    (void)state;
    list_extract(&lists[4], item, &part_of, &notes);
    writes_as(&lists[4],
              "{\"smart_followers_trend\":[{\"period\":\"Mon\",\"value\":1200,\"value_text\":"
              "\"1.2K\",\"change\":null,\"change_text\":\"many\"}]}");
    assert_string_equal(notes.items[0],
                        "smart_followers_trend: change: \"many\" is no whole number");
}

static void what_was_written_reads_back(void **state)
{
    AUTO(json_free)
    struct json *item =
        board_item("yapper_profile", "\"connections\":[{\"handle\":\"@Ana\",\"display_name\":"
                                     "\"A\"},{\"handle\":\"a b\"}]");
    AUTO(json_free) struct json *doc = NULL;
    AUTO(str_free) struct str once = STR_INIT(1 << 16);
    struct list *lists = list_make(board_extractor("yapper_profile"), &mem);
    struct list *again = list_make(board_extractor("yapper_profile"), &mem);
    struct notes notes = {NULL, 0, 0};
    struct err err = ERR_INIT;
    struct jw w = jw_on(&once);

    (void)state;
    list_extract(&lists[2], item, &part_of, &notes);
    jw_open(&w, '{');
    list_write(&lists[2], &w);
    jw_close(&w);
    assert_ok(json_parse(str_sv(&once), &doc, &err), err);
    list_read(&again[2], doc, &mem);
    writes_as(&again[2], once.p);
    assert_non_null(strstr(once.p, "\"handle\":\"ana\",\"handle_text\":\"@Ana\""));
    assert_non_null(strstr(once.p, "\"handle\":null,\"handle_text\":\"a b\""));
}

static void merging_joins_the_same_entries_and_loses_none(void **state)
{
    struct notes notes = {NULL, 0, 0};
    struct list into = badges("\"badges\":[{\"title\":\"OG\"},{\"title\":\"OG\"}]", &notes);
    struct list more = badges("\"badges\":[{\"title\":\"og\",\"description\":\"d\"},{\"title\":"
                              "\"OG\",\"earned_on\":\"May 1\"},{\"description\":\"no title\"}]",
                              &notes);
    static const char want[] =
        "{\"badges\":[{\"title\":\"OG\",\"description\":\"d\"},{\"title\":\"OG\"},{\"title\":"
        "\"OG\",\"earned_on\":\"2026-05-01\",\"earned_on_text\":\"May 1\"},"
        "{\"description\":\"no title\"}]}";

    (void)state;
    list_merge(&into, &more, &mem, &notes);
    writes_as(&into, want);
    list_merge(&into, &more, &mem, &notes);
    writes_as(&into, want);
}

static void what_an_entry_doubts_stays_doubtful_until_a_picture_shows_it_plainly(void **state)
{
    static const char plain[] = "\"badges\":[{\"title\":\"OG\",\"rank\":\"#1\"}]";
    static const char dim[] = "\"badges\":[{\"title\":\"OG\",\"rank\":\"#1\",\"category\":\"Foo\","
                              "\"unsure\":[\"rank\",\"category\",\"nothing\"]}]";
    static const char doubted[] = "{\"badges\":[{\"title\":\"OG\",\"rank\":1,\"rank_text\":\"#1\","
                                  "\"category\":\"Foo\",\"doubtful\":[\"rank\",\"category\"]}]}";
    static const char want[] = "{\"badges\":[{\"title\":\"OG\",\"rank\":1,\"rank_text\":\"#1\","
                               "\"category\":\"Foo\",\"doubtful\":[\"category\"]}]}";
    struct notes notes = {NULL, 0, 0};
    struct list one = badges(dim, &notes), other = badges(plain, &notes);
    struct list back = badges(plain, &notes), more = badges(dim, &notes),
                twice = badges(dim, &notes);

    (void)state;
    writes_as(&one, doubted);
    list_merge(&one, &twice, &mem, &notes); /* nobody saw it plainly */
    writes_as(&one, doubted);
    list_merge(&one, &other, &mem, &notes);
    writes_as(&one, want);
    list_merge(&back, &more, &mem, &notes); /* the other way round */
    writes_as(&back, want);
}

static void a_list_is_bounded_and_says_so(void **state)
{
    AUTO(str_free) struct str fields = STR_INIT(1 << 16);
    struct notes notes = {NULL, 0, 0};
    struct list l;

    (void)state;
    str_addz(&fields, "\"badges\":[");
    for (int i = 0; i < 201; i++)
        str_addf(&fields, "%s{\"title\":\"b%d\"}", i ? "," : "", i);
    str_addz(&fields, "]");
    l = badges(fields.p, &notes);
    assert_int_equal(l.n, 200);
    assert_string_equal(notes.items[0], "badges: more than 200 entries, the rest left out");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_those_of_the_rules),
        cmocka_unit_test(empty_members_are_left_out_and_empty_entries_noted),
        cmocka_unit_test(numbers_stand_beside_their_print_and_bad_ones_are_noted),
        cmocka_unit_test(what_was_written_reads_back),
        cmocka_unit_test(merging_joins_the_same_entries_and_loses_none),
        cmocka_unit_test(what_an_entry_doubts_stays_doubtful_until_a_picture_shows_it_plainly),
        cmocka_unit_test(a_list_is_bounded_and_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
