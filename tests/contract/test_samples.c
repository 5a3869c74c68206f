/*
 * What a perfect reader would answer for the sample boards becomes the truth beside them: every
 * row, every figure, with no doubt; and the three parts of the long board become one sheet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analysis-svc/merge.h"
#include "common/json_write.h"
#include "tests/kit/board.h"
#include "tests/kit/kit.h"

static const char *const columns[][2] = {
    {"snaps", "total_snaps"},           {"snaps_7d", "snaps_7d"},
    {"mindshare", "mindshare_percent"}, {"change", "mindshare_change"},
    {"followers", "followers"},         {"smart_followers", "smart_followers"}};

static struct json *truth_of(const char *name)
{
    static char text[1 << 20];
    struct json *truth = NULL;
    struct err err = ERR_INIT;
    char path[128];
    FILE *f;
    size_t n;

    snprintf(path, sizeof(path), "local/samples/%s.json", name);
    f = fopen(path, "re");
    assert_non_null(f);
    n = fread(text, 1, sizeof(text), f);
    fclose(f);
    assert_ok(json_parse((struct sv){text, n}, &truth, &err), err);
    return truth;
}

static void write_row(const struct json *row, struct jw *w)
{
    char rank[16];

    snprintf(rank, sizeof(rank), "%d", (int)json_int_or(row, "rank", 0));
    jw_open(w, '{');
    jw_text(w, "rank", rank);
    jw_text(w, "display_name", json_text_or(row, "display_name", ""));
    jw_text(w, "handle", json_text_or(row, "handle", ""));
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        jw_text(w, columns[i][1], json_text_or(json_find(row, "text"), columns[i][0], ""));
    jw_close(w);
}

static void extract(const struct json *truth, struct extracted *out)
{
    const struct json *form = json_find(truth, "form");
    struct expected want = {json_text_or(form, "platformSource", ""), "24H", "", "",
                            json_text_or(form, "snapshotDate", "")};
    AUTO(str_free) struct str text = STR_INIT(1 << 20);
    AUTO(json_free) struct json *item = NULL;
    struct jw w = jw_on(&text);

    jw_open(&w, '{');
    jw_text(&w, "platform", want.platform);
    jw_text(&w, "timeframe", "24H");
    jw_key(&w, "rows");
    jw_open(&w, '[');
    for (const struct json *r = json_first(json_find(truth, "rows")); r; r = json_next(r))
        write_row(r, &w);
    jw_close(&w);
    jw_close(&w);
    text.p[text.n - 1] = '\0'; /* board_item puts the braces itself */
    item = board_item("leaderboard", text.p + 1);
    extract_document(board_extractor("leaderboard"), item, &want, out);
}

static void is_as_true(const struct json *cells, const struct json *row)
{
    const struct json *values = json_find(row, "values");

    assert_true(json_number(board_at(cells, "rank.value")) == json_num_or(row, "rank", -1));
    assert_string_equal(board_text(cells, "display_name.text"),
                        json_text_or(row, "display_name", ""));
    assert_int_equal(strcasecmp(board_text(cells, "handle.value"), json_text_or(row, "handle", "")),
                     0);
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        const struct json *want = json_find(values, columns[i][0]);
        const struct json *got = json_find(json_find(cells, columns[i][1]), "value");

        assert_int_equal(want != NULL, got != NULL);
        if (want && json_number(want) != json_number(got))
            fail_msg("%s: %.17g, not %.17g", columns[i][1], json_number(got), json_number(want));
    }
}

static struct json *parse(struct sv text)
{
    struct json *doc = NULL;
    struct err err = ERR_INIT;

    assert_ok(json_parse(text, &doc, &err), err);
    return doc;
}

static void every_sample_reads_as_its_truth(void **state)
{
    static const char *const names[] = {"dark-desktop", "light-split", "purple-retina",
                                        "neon-jpeg",    "phone",       "paper-all-columns",
                                        "long-1",       "long-2",      "long-3"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO(json_free) struct json *truth = truth_of(names[i]), *doc = NULL;
        AUTO(extracted_free) struct extracted e;
        const struct json *rows = json_find(truth, "rows");

        extract(truth, &e);
        if (e.state != IMAGE_EXTRACTED)
            fail_msg("%s: %s", names[i], e.note);
        doc = parse(board_document(&e));
        assert_int_equal(json_count(json_find(doc, "rows")), json_count(rows));
        for (size_t r = 0; r < json_count(rows); r++) {
            const struct json *got = json_at(json_find(doc, "rows"), r);

            is_as_true(json_find(got, "cells"), json_at(rows, r));
            assert_int_equal(json_count(json_find(got, "doubtful")), 0);
        }
    }
}

static void the_long_board_is_one_sheet_without_gaps_or_conflicts(void **state)
{
    static const char *const names[] = {"long-3", "long-1", "long-2"};
    AUTO(str_free) struct str sheet = STR_INIT(1 << 20);
    AUTO(json_free) struct json *doc = NULL;
    struct extracted e[COUNT_OF(names)];
    struct merge_input in[COUNT_OF(names)];
    struct err err = ERR_INIT;
    struct merge_said said;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO(json_free) struct json *truth = truth_of(names[i]);

        extract(truth, &e[i]);
        in[i] = (struct merge_input){.snapshot_id = (int64_t)i, .document = board_document(&e[i])};
    }
    assert_ok(merge_documents(board_extractor("leaderboard"),
                              &(struct merge_set){.in = in, .n = COUNT_OF(names)}, &sheet, &said,
                              &err),
              err);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        extracted_free(&e[i]);
    doc = parse(str_sv(&sheet));
    assert_int_equal(json_count(json_find(doc, "rows")), 24);
    assert_null(strstr(sheet.p, "\"conflict\""));
    for (size_t r = 0; r < 24; r++)
        assert_true(json_number(board_at(json_at(json_find(doc, "rows"), r), "cells.rank.value")) ==
                    (double)(r + 1));
    assert_true(said.confidence > 0.95);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_reads_as_its_truth),
        cmocka_unit_test(the_long_board_is_one_sheet_without_gaps_or_conflicts),
    };

    return cmocka_run_group_tests(tests, NULL, board_close);
}
