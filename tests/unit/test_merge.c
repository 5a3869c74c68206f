#include "analysis-svc/document.h"
#include "analysis-svc/merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/kit/board.h"
#include "tests/kit/kit.h"

enum { PICTURES_MAX = 8 };

/* The pictures of a set, extracted; freed with set_free. */
struct set {
    const char *kind;
    struct extracted e[PICTURES_MAX];
    struct merge_input in[PICTURES_MAX];
    size_t n;
};

static void set_free(struct set *s)
{
    for (size_t i = 0; i < s->n; i++)
        extracted_free(&s->e[i]);
}

static void add(struct set *s, int64_t id, const char *fields)
{
    board_extract(s->kind, fields, "ana", &s->e[s->n]);
    s->in[s->n] = (struct merge_input){.snapshot_id = id, .document = board_document(&s->e[s->n])};
    s->n++;
}

static void merge_in(const struct set *s, const struct merge_input *in, struct str *out,
                     double *confidence)
{
    struct err err = ERR_INIT;
    struct merge_said said;

    str_reset(out);
    assert_ok(merge_documents(board_extractor(s->kind), &(struct merge_set){.in = in, .n = s->n},
                              out, &said, &err),
              err);
    *confidence = said.confidence;
}

/* Whether documents are read back or are at hand still makes no difference. */
static void merge(const struct set *s, struct str *out, double *confidence)
{
    AUTO(str_free) struct str again = STR_INIT(1 << 20);
    struct merge_input in[PICTURES_MAX];
    double same;

    for (size_t i = 0; i < s->n; i++) {
        in[i] = s->in[i];
        in[i].read = s->e[i].as_read ? &s->e[i].paper->doc : NULL;
    }
    merge_in(s, s->in, out, confidence);
    merge_in(s, in, &again, &same);
    assert_string_equal(again.p, out->p);
    assert_true(same == *confidence);
}

static struct json *sheet(const struct set *s)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 20);
    struct json *doc = NULL;
    struct err err = ERR_INIT;
    double confidence = -1;

    merge(s, &out, &confidence);
    assert_ok(json_parse(str_sv(&out), &doc, &err), err);
    assert_true(json_number(board_at(doc, "confidence")) == confidence);
    return doc;
}

static double num(const struct json *doc, const char *path)
{
    const struct json *n = board_at(doc, path);

    assert_int_equal(json_type(n), JSON_NUMBER);
    return json_number(n);
}

static size_t count(const struct json *doc, const char *path)
{
    return json_count(board_at(doc, path));
}

#define HEAD "\"platform\":\"cookie.fun\",\"timeframe\":\"24H\",\"columns\":[\"Rank\",\"Snaps\"],"
#define ROW(rank, handle, snaps)                                                                   \
    "{\"rank\":\"" rank "\",\"handle\":\"" handle                                                  \
    "\",\"display_name\":\"N\",\"total_snaps\":\"" snaps "\"}"

static void overlapping_pictures_become_one_sheet(void **state)
{
    AUTO(set_free) struct set s = {.kind = "leaderboard"};
    AUTO(json_free) struct json *doc = NULL;

    (void)state;
    add(&s, 7,
        HEAD "\"rows\":[" ROW("1", "@ana", "90") "," ROW("2", "@bo", "80") "," ROW("3", "@cy",
                                                                                   "70") "]");
    add(&s, 9, "\"rows\":[" ROW("3", "@Cy", "70") "," ROW("4", "@di", "60") "]");
    doc = sheet(&s);
    assert_int_equal(count(doc, "rows"), 4);
    assert_string_equal(board_text(doc, "rows.2.key"), "@cy");
    assert_int_equal(count(doc, "rows.2.cells.rank.from"), 2);
    assert_true(num(doc, "rows.2.cells.rank.from.0") == 7);
    assert_true(num(doc, "rows.2.cells.rank.from.1") == 9);
    assert_true(num(doc, "rows.3.cells.rank.from.0") == 9);
    assert_null(board_at(doc, "rows.2.cells.rank.conflict"));
    assert_string_equal(board_text(doc, "page.timeframe"), "24H");
    assert_int_equal(count(doc, "page.columns"), 2);
    assert_true(num(doc, "confidence") == 1); /* one picture showed the heading: that is enough */
}

static void a_gap_over_the_whole_sheet_is_found_and_one_of_a_picture_forgotten(void **state)
{
    AUTO(set_free) struct set s = {.kind = "leaderboard"}, t = {.kind = "leaderboard"};
    AUTO(json_free) struct json *doc = NULL, *whole = NULL;

    (void)state;
    add(&s, 1, HEAD "\"rows\":[" ROW("1", "@ana", "90") "," ROW("2", "@bo", "80") "]");
    add(&s, 2, "\"rows\":[" ROW("5", "@di", "60") "]");
    doc = sheet(&s);
    assert_string_equal(board_text(doc, "checks.3.name"), "rank_sequence");
    assert_string_equal(board_text(doc, "checks.3.note"), "ranks 3 to 4 are missing");
    assert_true(num(doc, "confidence") < 0.85);
    add(&t, 1, HEAD "\"rows\":[" ROW("1", "@ana", "90") "," ROW("3", "@cy", "70") "]");
    add(&t, 2, "\"rows\":[" ROW("2", "@bo", "80") "]");
    whole = sheet(&t);
    assert_true(num(whole, "confidence") == 1);
}

static void pictures_that_disagree_keep_both_values(void **state)
{
    AUTO(set_free) struct set s = {.kind = "leaderboard"};
    AUTO(json_free) struct json *doc = NULL;

    (void)state;
    add(&s, 4, HEAD "\"rows\":[" ROW("1", "@ana", "90") "]");
    add(&s, 3, HEAD "\"rows\":[" ROW("1", "@ana", "96") "]");
    add(&s, 5, HEAD "\"rows\":[" ROW("1", "@ana", "90") "]");
    doc = sheet(&s);
    assert_true(num(doc, "rows.0.cells.total_snaps.value") == 90); /* the majority */
    assert_int_equal(count(doc, "rows.0.cells.total_snaps.from"), 2);
    assert_int_equal(count(doc, "rows.0.cells.total_snaps.conflict"), 2);
    assert_true(num(doc, "rows.0.cells.total_snaps.conflict.1.value") == 96);
    assert_true(num(doc, "rows.0.cells.total_snaps.conflict.1.from.0") == 3);
    assert_string_equal(board_text(doc, "rows.0.doubtful.0"), "total_snaps");
    assert_true(num(doc, "rows.0.confidence") == 0.95);
}

static void a_tie_goes_to_the_first_picture_a_doubt_loses_and_null_loses_first(void **state)
{
    AUTO(set_free) struct set s = {.kind = "leaderboard"};
    AUTO(json_free) struct json *doc = NULL;

    (void)state;
    add(&s, 8,
        HEAD "\"rows\":[{\"rank\":\"1\",\"handle\":\"@ana\",\"total_snaps\":\"90\","
             "\"snaps_7d\":\"5\",\"followers\":\"x\",\"unsure\":[\"snaps_7d\"]}]");
    add(&s, 6,
        HEAD "\"rows\":[{\"rank\":\"1\",\"handle\":\"@ana\",\"total_snaps\":\"91\","
             "\"snaps_7d\":\"6\",\"followers\":\"12\",\"unsure\":[\"followers\","
             "\"total_snaps\"]}]");
    doc = sheet(&s);
    assert_true(num(doc, "rows.0.cells.total_snaps.value") == 90);
    assert_true(num(doc, "rows.0.cells.snaps_7d.value") == 6);
    assert_true(num(doc, "rows.0.cells.followers.value") == 12);
    assert_null(board_at(doc, "rows.0.cells.followers.conflict"));
    AUTO(set_free) struct set tie = {.kind = "leaderboard"};
    AUTO(json_free) struct json *tied = NULL;
    add(&tie, 8, HEAD "\"rows\":[" ROW("1", "@ana", "90") "]");
    add(&tie, 6, HEAD "\"rows\":[" ROW("1", "@ana", "91") "]");
    tied = sheet(&tie);
    assert_true(num(tied, "rows.0.cells.total_snaps.value") == 91);
}

static void a_clear_reading_ends_a_doubt(void **state)
{
    AUTO(set_free) struct set s = {.kind = "leaderboard"};
    AUTO(json_free) struct json *doc = NULL;

    (void)state;
    add(&s, 1,
        HEAD "\"rows\":[{\"rank\":\"1\",\"handle\":\"@ana\",\"total_snaps\":\"90\","
             "\"unsure\":[\"total_snaps\"]}]");
    add(&s, 2, HEAD "\"rows\":[{\"rank\":\"1\",\"handle\":\"@ana\",\"total_snaps\":\"90\"}]");
    doc = sheet(&s);
    assert_int_equal(count(doc, "rows.0.doubtful"), 0);
    assert_true(num(doc, "rows.0.confidence") == 1);
}

static void look_alike_handles_at_one_rank_are_one_person(void **state)
{
    AUTO(set_free) struct set s = {.kind = "leaderboard"};
    AUTO(json_free) struct json *doc = NULL;

    (void)state;
    add(&s, 1, HEAD "\"rows\":[" ROW("1", "@bill0", "90") "," ROW("2", "@al", "80") "]");
    add(&s, 2, HEAD "\"rows\":[" ROW("1", "@billo", "90") "," ROW("3", "@ai", "70") "]");
    doc = sheet(&s);
    assert_int_equal(count(doc, "rows"), 3); /* al and ai stand at different ranks */
    assert_string_equal(board_text(doc, "rows.0.key"), "@bill0");
    assert_int_equal(count(doc, "rows.0.cells.handle.conflict"), 2);
    assert_string_equal(board_text(doc, "rows.0.notes.0"), "@billo is read as the same as @bill0");
    assert_string_equal(board_text(doc, "rows.0.doubtful.0"), "handle");
}

static void a_row_whose_handle_was_cut_off_finds_its_person(void **state)
{
    AUTO(set_free) struct set s = {.kind = "leaderboard"}, two = {.kind = "leaderboard"};
    AUTO(json_free) struct json *doc = NULL, *apart = NULL;

    (void)state;
    add(&s, 1, HEAD "\"rows\":[{\"rank\":\"4\",\"display_name\":\"Ana B\",\"followers\":\"5\"}]");
    add(&s, 2, HEAD "\"rows\":[{\"rank\":\"4\",\"display_name\":\"ana b\",\"handle\":\"@ana\"}]");
    doc = sheet(&s);
    assert_int_equal(count(doc, "rows"), 1);
    assert_string_equal(board_text(doc, "rows.0.key"), "@ana");
    assert_true(num(doc, "rows.0.cells.followers.value") == 5);
    add(&two, 1, HEAD "\"rows\":[{\"rank\":\"4\",\"display_name\":\"Ana B\"}]");
    add(&two, 2, HEAD "\"rows\":[{\"rank\":\"4\",\"display_name\":\"Ana B\",\"handle\":\"@ana\"}]");
    add(&two, 3, HEAD "\"rows\":[{\"rank\":\"4\",\"display_name\":\"Ana B\",\"handle\":\"@zoe\"}]");
    apart = sheet(&two);
    assert_int_equal(count(apart, "rows"), 3); /* nobody can say whose it is */
}

static void a_profile_merges_field_by_field_and_list_by_list(void **state)
{
    AUTO(set_free) struct set s = {.kind = "yapper_profile"};
    AUTO(json_free) struct json *doc = NULL;

    (void)state;
    add(&s, 1,
        "\"twitter_handle\":\"@ana\",\"total_snaps_7d\":\"11K\",\"badges\":["
        "{\"title\":\"TOP BULL\"},{\"title\":\"TOP BULL\"},{\"title\":\"#1\"}]");
    add(&s, 2,
        "\"followers\":\"3.0K\",\"badges\":[{\"title\":\"top bull\",\"description\":\"d\"},"
        "{\"title\":\"OG\"}]");
    doc = sheet(&s);
    assert_int_equal(count(doc, "rows"), 1);
    assert_string_equal(board_text(doc, "rows.0.key"), "@ana");
    assert_true(num(doc, "rows.0.cells.total_snaps_7d.value") == 11000);
    assert_true(num(doc, "rows.0.cells.followers.value") == 3000);
    assert_true(num(doc, "rows.0.cells.followers.from.0") == 2);
    assert_int_equal(count(doc, "rows.0.lists.badges"), 4);
    assert_string_equal(board_text(doc, "rows.0.lists.badges.0.description"), "d");
    assert_string_equal(board_text(doc, "rows.0.lists.badges.3.title"), "OG");
}

/* A small generator, so that a failure can be repeated. */
static uint32_t draw(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) % below;
}

static void add_random(struct set *s, int64_t id, uint32_t *seed)
{
    static const char *const handles[] = {"@ana", "@an4", "@bill0", "@billo", "@b1ll0", "", "@cy!"};
    static const char *const names[] = {"Ana", "ANA", "Bill", ""};
    static const char *const totals[] = {"90", "91", "9.1K", "", "-", "x"};
    AUTO(str_free) struct str text = STR_INIT(1 << 16);
    uint32_t rows = draw(seed, 5);

    str_addz(&text, draw(seed, 2) ? HEAD "\"rows\":[" : "\"rows\":[");
    for (uint32_t i = 0; i < rows; i++)
        str_addf(&text,
                 "%s{\"rank\":\"%u\",\"handle\":\"%s\",\"display_name\":\"%s\",\"total_snaps\":"
                 "\"%s\",\"unsure\":[%s]}",
                 i > 0 ? "," : "", draw(seed, 4), handles[draw(seed, 7)], names[draw(seed, 4)],
                 totals[draw(seed, 6)], draw(seed, 3) ? "" : "\"total_snaps\",\"handle\"");
    str_addz(&text, "]");
    add(s, id, text.p);
}

static void shuffle(struct merge_input *in, size_t n, uint32_t *seed)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = draw(seed, (uint32_t)i);
        struct merge_input other = in[i - 1];

        in[i - 1] = in[k];
        in[k] = other;
    }
}

/* All pictures twice and in any order: the same bytes as at first. */
static void same_in_any_order(const struct set *s, uint32_t *seed)
{
    AUTO(str_free) struct str first = STR_INIT(1 << 20), second = STR_INIT(1 << 20);
    struct merge_input mixed[PICTURES_MAX * 2];
    struct merge_set twice = {.in = mixed, .n = 2 * s->n};
    struct merge_said said;
    struct err err = ERR_INIT;
    double confidence = 0;

    merge(s, &first, &confidence);
    for (size_t i = 0; i < s->n; i++)
        mixed[i] = mixed[s->n + i] = s->in[i];
    shuffle(mixed, 2 * s->n, seed);
    assert_ok(merge_documents(board_extractor(s->kind), &twice, &second, &said, &err), err);
    assert_string_equal(first.p, second.p);
    assert_true(confidence == said.confidence);
}

static void add_random_profile(struct set *s, int64_t id, uint32_t *seed)
{
    static const char *const titles[] = {"OG", "og", "#1 SNAPPER", ""};
    static const char *const days[] = {"Aug 13", "", "x"};
    AUTO(str_free) struct str text = STR_INIT(1 << 16);
    uint32_t badges = draw(seed, 4);

    str_addz(&text, "\"twitter_handle\":\"@ana\",\"badges\":[");
    for (uint32_t i = 0; i < badges; i++)
        str_addf(&text, "%s{\"title\":\"%s\",\"earned_on\":\"%s\",\"rank\":\"%s\",\"unsure\":[%s]}",
                 i > 0 ? "," : "", titles[draw(seed, 4)], days[draw(seed, 3)],
                 draw(seed, 2) ? "#1" : "", draw(seed, 2) ? "" : "\"rank\",\"title\"");
    str_addz(&text, "]");
    add(s, id, text.p);
}

/* How many entries of a list have this title and day. */
static size_t count_like(const struct json *list, const struct json *entry)
{
    size_t n = 0;

    for (const struct json *e = json_first(list); e; e = json_next(e))
        n += strcasecmp(json_text_or(e, "title", ""), json_text_or(entry, "title", "")) == 0 &&
             strcmp(json_text_or(e, "earned_on_text", ""),
                    json_text_or(entry, "earned_on_text", "")) == 0;
    return n;
}

/* As many of a kind as the picture that shows most of them, and none that no picture shows. */
static void no_entry_is_lost_or_invented(const struct set *s)
{
    AUTO(str_free) struct str sheet = STR_INIT(1 << 20);
    AUTO(json_free) struct json *doc = NULL;
    const struct json *merged;
    struct err err = ERR_INIT;
    double confidence = 0;

    merge(s, &sheet, &confidence);
    assert_ok(json_parse(str_sv(&sheet), &doc, &err), err);
    merged = board_at(doc, "rows.0.lists.badges");
    for (const struct json *e = json_first(merged); e; e = json_next(e)) {
        size_t most = 0;

        if (!json_find(e, "title") && !json_find(e, "earned_on_text"))
            continue; /* without a key they are the same only where all of them is */
        for (size_t i = 0; i < s->n; i++) {
            AUTO(json_free) struct json *picture = NULL;
            size_t n;

            assert_ok(json_parse(s->in[i].document, &picture, &err), err);
            n = count_like(board_at(picture, "rows.0.lists.badges"), e);
            most = n > most ? n : most;
        }
        assert_int_equal(count_like(merged, e), most);
    }
}

static void the_lists_of_profiles_merge_in_any_order_and_lose_nothing(void **state)
{
    uint32_t seed = 5;

    (void)state;
    for (int round = 0; round < 200; round++) {
        AUTO(set_free) struct set s = {.kind = "yapper_profile"};
        size_t n = draw(&seed, 4) + 1;

        for (size_t i = 0; i < n; i++)
            add_random_profile(&s, (int64_t)i + 1, &seed);
        same_in_any_order(&s, &seed);
        no_entry_is_lost_or_invented(&s);
    }
}

static void the_order_of_pictures_and_pictures_given_twice_change_nothing(void **state)
{
    uint32_t seed = 11;

    (void)state;
    for (int round = 0; round < 300; round++) {
        AUTO(set_free) struct set s = {.kind = "leaderboard"};
        size_t n = draw(&seed, 4) + 1;

        for (size_t i = 0; i < n; i++)
            add_random(&s, (int64_t)i + 1, &seed);
        same_in_any_order(&s, &seed);
    }
}

static bool same_json(const struct json *a, const struct json *b)
{
    if (json_text(a) && json_text(b))
        return strcmp(json_text(a), json_text(b)) == 0;
    return json_type(a) == json_type(b) && json_number(a) == json_number(b);
}

static bool has_id(const struct json *from, int64_t id)
{
    for (const struct json *f = json_first(from); f; f = json_next(f))
        if (json_number(f) == (double)id)
            return true;
    return false;
}

/* This value, from this picture: the chosen one, or one of those in conflict. */
static bool stands(const struct json *cell, const struct json *read, int64_t id)
{
    const struct json *value = json_find(read, "value");
    const struct json *c = json_first(json_find(cell, "conflict"));

    if (has_id(json_find(cell, "from"), id) && same_json(json_find(cell, "value"), value))
        return true;
    for (; c; c = json_next(c))
        if (has_id(json_find(c, "from"), id) && same_json(json_find(c, "value"), value))
            return true;
    return false;
}

static bool took_in(const struct json *row, const char *key)
{
    char said[128];

    if (strcmp(json_text_or(row, "key", ""), key) == 0)
        return true;
    snprintf(said, sizeof said, "%s is read as the same as %s", key, json_text_or(row, "key", ""));
    for (const struct json *n = json_first(json_find(row, "notes")); n; n = json_next(n))
        if (strcmp(json_text(n), said) == 0)
            return true;
    return false;
}

/* The sheet's one row that took in the row of this key. */
static const struct json *taker(const struct json *doc, const char *key)
{
    const struct json *found = NULL;

    for (const struct json *r = json_first(json_find(doc, "rows")); r; r = json_next(r)) {
        if (!took_in(r, key))
            continue;
        assert_null(found);
        found = r;
    }
    return found;
}

static void is_all_there(const struct json *doc, const struct json *picture, int64_t id)
{
    for (const struct json *r = json_first(json_find(picture, "rows")); r; r = json_next(r)) {
        const struct json *row = taker(doc, json_text_or(r, "key", ""));

        assert_non_null(row);
        for (const struct json *c = json_first(json_find(r, "cells")); c; c = json_next(c)) {
            if (json_type(json_find(c, "value")) == JSON_NULL)
                continue;
            if (!stands(json_find(json_find(row, "cells"), json_key(c)), c, id))
                fail_msg("%s of %s, picture %d, is lost", json_key(c), json_text_or(r, "key", ""),
                         (int)id);
        }
    }
}

static void no_row_and_no_value_is_lost_and_each_stands_with_its_picture(void **state)
{
    uint32_t seed = 17;

    (void)state;
    for (int round = 0; round < 300; round++) {
        AUTO(set_free) struct set s = {.kind = "leaderboard"};
        AUTO(json_free) struct json *doc = NULL;

        for (int64_t i = 1; i <= 4; i++)
            add_random(&s, i, &seed);
        doc = sheet(&s);
        for (size_t i = 0; i < s.n; i++) {
            AUTO(json_free) struct json *picture = NULL;
            struct err err = ERR_INIT;

            assert_ok(json_parse(s.in[i].document, &picture, &err), err);
            is_all_there(doc, picture, s.in[i].snapshot_id);
        }
    }
}

static size_t keys_of(const struct json *doc, const char *key)
{
    size_t n = 0;

    for (const struct json *r = json_first(json_find(doc, "rows")); r; r = json_next(r))
        n += strcmp(json_text_or(r, "key", ""), key) == 0 ? 1 : 0;
    return n;
}

static void no_row_is_invented_and_no_key_stands_twice(void **state)
{
    uint32_t seed = 5;

    (void)state;
    for (int round = 0; round < 200; round++) {
        AUTO(set_free) struct set s = {.kind = "leaderboard"};
        AUTO(json_free) struct json *doc = NULL;

        for (int64_t i = 1; i <= 3; i++)
            add_random(&s, i, &seed);
        doc = sheet(&s);
        for (const struct json *r = json_first(json_find(doc, "rows")); r; r = json_next(r)) {
            AUTO(str_free) struct str quoted = STR_INIT(256);

            str_addf(&quoted, "\"key\":\"%s\"", json_text_or(r, "key", ""));
            assert_int_equal(keys_of(doc, json_text_or(r, "key", "")), 1);
            assert_true(strstr(s.in[0].document.p, quoted.p) ||
                        strstr(s.in[1].document.p, quoted.p) ||
                        strstr(s.in[2].document.p, quoted.p));
        }
    }
}

/* A sheet merged again as if it were a picture is the same but for where its cells come from. */
static void a_sheet_merged_again_keeps_its_values(void **state)
{
    AUTO(set_free) struct set s = {.kind = "leaderboard"};
    AUTO(str_free) struct str once = STR_INIT(1 << 20), twice = STR_INIT(1 << 20);
    struct err err = ERR_INIT;
    struct merge_said said;
    double a = 0;

    (void)state;
    add(&s, 1, HEAD "\"rows\":[" ROW("1", "@ana", "90") "," ROW("2", "@bo", "80") "]");
    merge(&s, &once, &a);
    struct merge_input again = {.snapshot_id = 1, .document = str_sv(&once)};
    assert_ok(merge_documents(board_extractor("leaderboard"),
                              &(struct merge_set){.in = &again, .n = 1}, &twice, &said, &err),
              err);
    assert_string_equal(once.p, twice.p);
}

static void what_is_no_document_of_this_kind_is_refused(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 20);
    const struct extractor *x = board_extractor("leaderboard");
    struct merge_input in = {.snapshot_id = 12,
                             .document = SV_LIT("{\"kind\":\"yapper_profile\",\"rows\":[]}")};
    struct err err = ERR_INIT;
    struct merge_said said;

    (void)state;
    assert_fails(merge_documents(x, &(struct merge_set){.in = &in, .n = 1}, &out, &said, &err), err,
                 ERR_UNPROCESSABLE);
    assert_non_null(strstr(err.msg, "snapshot 12"));
    in.document = SV_LIT("nonsense");
    assert_fails(merge_documents(x, &(struct merge_set){.in = &in, .n = 1}, &out, &said, &err), err,
                 ERR_BAD_REQUEST);
}

static void a_set_without_pictures_is_an_empty_sheet(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 20);
    struct err err = ERR_INIT;
    struct merge_said said;

    (void)state;
    assert_ok(merge_documents(board_extractor("leaderboard"), &(struct merge_set){.n = 0}, &out,
                              &said, &err),
              err);
    assert_true(said.confidence == 0);
    assert_non_null(strstr(out.p, "\"rows\":[]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlapping_pictures_become_one_sheet),
        cmocka_unit_test(a_gap_over_the_whole_sheet_is_found_and_one_of_a_picture_forgotten),
        cmocka_unit_test(pictures_that_disagree_keep_both_values),
        cmocka_unit_test(a_tie_goes_to_the_first_picture_a_doubt_loses_and_null_loses_first),
        cmocka_unit_test(a_clear_reading_ends_a_doubt),
        cmocka_unit_test(look_alike_handles_at_one_rank_are_one_person),
        cmocka_unit_test(a_row_whose_handle_was_cut_off_finds_its_person),
        cmocka_unit_test(a_profile_merges_field_by_field_and_list_by_list),
        cmocka_unit_test(the_order_of_pictures_and_pictures_given_twice_change_nothing),
        cmocka_unit_test(the_lists_of_profiles_merge_in_any_order_and_lose_nothing),
        cmocka_unit_test(no_row_and_no_value_is_lost_and_each_stands_with_its_picture),
        cmocka_unit_test(no_row_is_invented_and_no_key_stands_twice),
        cmocka_unit_test(a_sheet_merged_again_keeps_its_values),
        cmocka_unit_test(what_is_no_document_of_this_kind_is_refused),
        cmocka_unit_test(a_set_without_pictures_is_an_empty_sheet),
    };

    return cmocka_run_group_tests(tests, NULL, board_close);
}
