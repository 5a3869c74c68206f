/*
 * test_examples.c - the golden messages of proto/examples, and the same made by one service and
 * read by the other: what upload-svc freezes, analysis-svc takes.
 */
#include <stdio.h>
#include <string.h>

#include "analysis-svc/batch.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "upload-svc/relay.h"

static struct app *app;
static struct extractors extractors;
static const struct batch_rules rules = {&extractors, "", ""};

static int start(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    app = kit_gate_open(false);
    return app && extractors_load("analysis-svc/extractors", &extractors, &err) ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    extractors_free(&extractors);
    kit_gate_close();
    return 0;
}

static void example(const char *name, struct str *text, struct json **doc)
{
    char path[100], piece[4096];
    struct err err = ERR_INIT;
    size_t n;
    FILE *f;

    snprintf(path, sizeof path, "proto/examples/%s.json", name);
    f = fopen(path, "r");
    assert_non_null(f);
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        str_add(text, piece, n);
    fclose(f);
    assert_ok(json_parse(str_sv(text), doc, &err), err);
}

/* The only batch in the outbox, as analysis-svc reads it. */
static void read_frozen(struct batch *b)
{
    AUTO(str_free) struct str body = STR_INIT(4 << 20);
    struct err err = ERR_INIT;
    bool any = false;

    kit_pg_sql("UPDATE upload.sets SET closes_at = now()");
    assert_ok(relay_freeze(app, &any, &err), err);
    assert_true(any);
    str_addz(&body, kit_pg_value("SELECT body FROM upload.outbox"));
    assert_ok(batch_read(str_sv(&body), &rules, b, &err), err);
}

static void a_frozen_leaderboard_is_taken_as_it_was_meant(void **state)
{
    AUTO(batch_free) struct batch b = {.root = NULL};
    struct intake *in;

    (void)state;
    kit_pg_sql("INSERT INTO upload.campaigns (title, platform_source)"
               " VALUES ('Moonlit \"Harbor\" \xe2\x9a\x93', 'cookie.fun')");
    in = kit_recorded(3, "0b4c3a77-61ce-4d35-8d4c-1a40f5b0c9d2", 1);
    kit_pg_sql("UPDATE upload.sets SET campaign_id = 1, deadline_s = 77");
    read_frozen(&b);
    assert_int_equal(b.op, BATCH_EXTRACT);
    assert_int_equal(b.n, 3);
    assert_int_equal(b.list[2].snapshot_id, in->files[2].id);
    assert_int_equal(b.list[2].bytes, 181233);
    assert_string_equal(b.set_id.text, "0b4c3a77-61ce-4d35-8d4c-1a40f5b0c9d2");
    assert_string_equal(b.type, "leaderboard");
    assert_string_equal(b.platform, "cookie.fun");
    assert_string_equal(b.date, "2026-11-20");
    assert_string_equal(b.timeframe, "24H");
    assert_string_equal(b.campaign_title, "Moonlit \"Harbor\" \xe2\x9a\x93");
    assert_int_equal(b.campaign_id, 1);
    assert_int_equal(b.deadline_s, 77);
    assert_string_equal(b.deployment, app->deployment); /* out of the keys */
    assert_string_equal(b.handle, "");
}

static void a_frozen_profile_names_its_person(void **state)
{
    AUTO(batch_free) struct batch b = {.root = NULL};

    (void)state;
    kit_recorded(1, id_new().text, 1);
    kit_pg_sql("UPDATE upload.sets SET snapshot_type = 'yapper_profile',"
               " snapshot_timeframe = '7D', yapper_twitter_handle = 'foo_bar'");
    read_frozen(&b);
    assert_string_equal(b.extractor->name, "yapper_profile");
    assert_string_equal(b.handle, "foo_bar");
    assert_false(b.has_campaign);
}

static void every_type_of_the_form_has_an_extractor_of_the_same_timeframe(void **state)
{
    (void)state;
#define SNAPSHOT_TYPE(name, wire, frame, needs_handle)                                             \
    assert_non_null(extractors_find(&extractors, wire));                                           \
    assert_string_equal(extractors_find(&extractors, wire)->timeframe, frame);
#include "proto/snapshot_type.def"
#undef SNAPSHOT_TYPE
}

static void what_analysis_refuses_upload_ends_item_by_item(void **state)
{
    AUTO(str_free) struct str text = STR_INIT(65536);
    AUTO(json_free) struct json *doc = NULL;
    struct err err = ERR_INIT;
    char id[64];

    (void)state;
    example("batch_rejected", &text, &doc);
    kit_pg_sql("ALTER TABLE upload.platform_snapshots ALTER COLUMN id RESTART WITH 41");
    kit_recorded(2, NULL, 1);
    snprintf(id, sizeof id, "%s", kit_pg_value("SELECT batch_id FROM upload.outbox"));
    assert_ok(relay_settle(app, id, 422, str_sv(&text), &err), err);
    assert_string_equal(kit_pg_value("SELECT string_agg(id || ' ' || (failed_at IS NULL), ', '"
                                     " ORDER BY id) FROM upload.platform_snapshots"),
                        "41 false, 42 true");
}

static void the_golden_review_is_taken(void **state)
{
    AUTO(str_free) struct str text = STR_INIT(65536);
    AUTO(json_free) struct json *doc = NULL;
    AUTO(batch_free) struct batch b = {.root = NULL};
    struct err err = ERR_INIT;

    (void)state;
    example("batch_review", &text, &doc);
    assert_ok(batch_read(str_sv(&text), &rules, &b, &err), err);
    assert_int_equal(b.op, BATCH_REVIEW);
    assert_int_equal(b.review.action, REVIEW_APPROVE);
    assert_int_equal(json_count(b.review.edits), 2);
}

static void the_golden_forget_and_acceptance_have_their_members(void **state)
{
    AUTO(str_free) struct str forget = STR_INIT(65536), accepted = STR_INIT(65536);
    AUTO(json_free) struct json *a = NULL, *f = NULL;
    AUTO(batch_free) struct batch b = {.root = NULL};
    struct err err = ERR_INIT;

    (void)state;
    example("batch_forget", &forget, &f);
    assert_ok(batch_read(str_sv(&forget), &rules, &b, &err), err);
    assert_int_equal(b.op, BATCH_FORGET);
    example("batch_accepted", &accepted, &a);
    assert_int_equal(strlen(json_text_or(a, "batch_id", "")), 36);
    assert_string_equal(json_text_or(a, "state", ""), "accepted");
    assert_int_equal(json_int_or(a, "items", 0), 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, kit_gate_fresh)
    const struct CMUnitTest tests[] = {
        T(a_frozen_leaderboard_is_taken_as_it_was_meant),
        T(a_frozen_profile_names_its_person),
        T(every_type_of_the_form_has_an_extractor_of_the_same_timeframe),
        T(what_analysis_refuses_upload_ends_item_by_item),
        T(the_golden_review_is_taken),
        T(the_golden_forget_and_acceptance_have_their_members),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
