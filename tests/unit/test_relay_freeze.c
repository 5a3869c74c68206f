/*
 * test_relay_freeze.c - due sets become frozen batches, and answers become rows; on a real
 * Postgres.
 * Covers: relay_freeze relay_settle frozen
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "upload-svc/record.h"
#include "upload-svc/relay.h"

#define SET          "0b4c3a77-61ce-4d35-8d4c-1a40f5b0c9d2"
#define COUNT(table) kit_pg_value("SELECT count(*) FROM upload." table)

static struct app *app;

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(false);
    return app ? 0 : -1;
}

static bool freeze(void)
{
    struct err err = ERR_INIT;
    bool any = false;

    assert_ok(relay_freeze(app, &any, &err), err);
    return any;
}

/* A set of its own, for which nobody waits any longer. */
static void recorded_and_due(int files, int seed)
{
    kit_recorded(files, id_new().text, seed);
    kit_pg_sql("UPDATE upload.sets SET closes_at = now()");
}

static const char *batch_id(void)
{
    static char id[64];

    snprintf(id, sizeof id, "%s",
             kit_pg_value("SELECT batch_id FROM upload.outbox ORDER BY born_at DESC LIMIT 1"));
    return id;
}

static void settle(int status, const char *body)
{
    struct err err = ERR_INIT;

    assert_ok(relay_settle(app, batch_id(), status, sv_of(body), &err), err);
}

static void read_file(const char *path, struct str *out)
{
    FILE *f = fopen(path, "r");
    char piece[4096];
    size_t n;

    assert_non_null(f);
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        str_add(out, piece, n);
    fclose(f);
}

/* The same members in the same order, of the same types, at every depth. */
static void same_shape(const struct json *a, const struct json *b)
{
    const struct json *x = json_first(a), *y = json_first(b);

    assert_int_equal(json_type(a), json_type(b));
    for (; x && y; x = json_next(x), y = json_next(y)) {
        assert_string_equal(json_key(x), json_key(y));
        same_shape(x, y);
    }
    assert_true(!x && !y);
}

static void a_batch_has_the_shape_of_the_golden_example(void **state)
{
    AUTO(str_free) struct str golden = STR_INIT(65536);
    AUTO(json_free) struct json *want = NULL, *got = NULL;
    struct err err = ERR_INIT;
    const struct json *item;
    struct intake *in;

    (void)state;
    kit_pg_sql("INSERT INTO upload.campaigns (title, platform_source)"
               " VALUES ('Moonlit \"Harbor\"', 'cookie.fun')");
    in = kit_recorded(1, SET, 1);
    kit_pg_sql("UPDATE upload.sets SET closes_at = now(), campaign_id = 1");
    assert_true(freeze());
    read_file("proto/examples/batch_extract.json", &golden);
    assert_ok(json_parse(str_sv(&golden), &want, &err), err);
    assert_ok(json_parse(sv_of(kit_pg_value("SELECT body FROM upload.outbox")), &got, &err), err);
    same_shape(want, got);
    assert_string_equal(json_text_or(got, "set_id", ""), SET);
    assert_string_equal(json_text_or(json_find(got, "campaign"), "title", ""),
                        "Moonlit \"Harbor\"");
    item = json_first(json_find(got, "items"));
    assert_int_equal(json_int_or(item, "snapshot_id", 0), in->files[0].id);
    assert_string_equal(json_text_or(item, "s3_key", ""), in->files[0].key);
    assert_string_equal(json_text_or(item, "sha256", ""), in->files[0].object.sha256);
}

static void without_campaign_and_handle_both_are_null(void **state)
{
    AUTO(json_free) struct json *got = NULL;
    struct err err = ERR_INIT;

    (void)state;
    kit_recorded(1, NULL, 1);
    assert_false(freeze()); /* it is, with its form */
    assert_ok(json_parse(sv_of(kit_pg_value("SELECT body FROM upload.outbox")), &got, &err), err);
    assert_int_equal(json_type(json_find(got, "campaign")), JSON_NULL);
    assert_int_equal(json_type(json_find(got, "yapper_handle")), JSON_NULL);
    assert_string_equal(json_text_or(json_first(json_find(got, "items")), "sha256", ""),
                        kit_pg_value("SELECT sha256 FROM upload.platform_snapshots"));
    assert_string_equal(json_text_or(got, "batch_id", ""), batch_id());
}

static void a_picture_that_nobody_summed_up_has_no_sum(void **state)
{
    struct intake *in = kit_intake(1, NULL, 2);
    struct err err = ERR_INIT;

    (void)state;
    recorded_and_due(1, 1);
    kit_pg_sql("UPDATE upload.platform_snapshots SET sha256 = NULL");
    assert_true(freeze());
    in->files[0].object.sha256[0] = '\0';
    assert_ok(record_form(in, &err), err);
    assert_string_equal(COUNT("outbox WHERE body LIKE '%\"sha256\":null,%'"), "2");
}

static void a_set_waits_until_it_closes(void **state)
{
    (void)state;
    kit_recorded(2, SET, 1);
    assert_false(freeze());
    kit_pg_sql("UPDATE upload.sets SET closes_at = now()");
    assert_true(freeze());
    assert_false(freeze());
    assert_string_equal(COUNT("outbox WHERE item_count = 2 AND state = 'ready'"), "1");
    assert_string_equal(COUNT("platform_snapshots s JOIN upload.outbox USING (batch_id)"), "2");
    assert_string_equal(COUNT("sets WHERE waiting"), "0");
}

static void pictures_of_several_forms_of_a_set_go_together(void **state)
{
    (void)state;
    kit_recorded(2, SET, 1);
    kit_recorded(1, SET, 2);
    kit_recorded(1, NULL, 3);
    kit_pg_sql("UPDATE upload.sets SET closes_at = now()");
    assert_true(freeze());
    assert_false(freeze());
    assert_string_equal(kit_pg_value("SELECT string_agg(item_count::text, ',' ORDER BY item_count)"
                                     " FROM upload.outbox"),
                        "1,3");
}

static void a_late_picture_goes_in_a_further_batch_and_the_first_keeps_its_bytes(void **state)
{
    char before[4096];

    (void)state;
    kit_recorded(1, SET, 1);
    kit_pg_sql("UPDATE upload.sets SET closes_at = now()");
    assert_true(freeze());
    snprintf(before, sizeof before, "%s", kit_pg_value("SELECT body FROM upload.outbox"));
    kit_recorded(1, SET, 2);
    kit_pg_sql("UPDATE upload.sets SET closes_at = now()");
    assert_true(freeze());
    assert_string_equal(COUNT("outbox"), "2");
    assert_string_equal(kit_pg_value("SELECT body FROM upload.outbox ORDER BY born_at LIMIT 1"),
                        before);
    settle(202, "");
    assert_string_equal(kit_pg_value("SELECT body FROM upload.outbox ORDER BY born_at LIMIT 1"),
                        before);
}

static void a_set_of_more_than_500_goes_in_several_batches(void **state)
{
    (void)state;
    kit_recorded(1, SET, 1);
    kit_pg_sql("INSERT INTO upload.platform_snapshots (uuid, set_id, original_file_name, s3_key,"
               " content_type, bytes, sha256, etag, width, height, platform_source, snapshot_type,"
               " snapshot_timeframe, snapshot_date) SELECT gen_random_uuid(), '" SET "', 'n',"
               " 'k' || i, 'image/png', 1, lpad(i::text, 64, '0'), '', 100, 100, 'cookie.fun',"
               " 'leaderboard', '24H', '2026-11-20' FROM generate_series(5000, 5999) AS i;"
               "UPDATE upload.sets SET closes_at = now()");
    assert_true(freeze());
    assert_false(freeze());
    assert_string_equal(kit_pg_value("SELECT string_agg(item_count::text, ',' ORDER BY item_count)"
                                     " FROM upload.outbox"),
                        "1,500,500");
    assert_string_equal(COUNT("platform_snapshots WHERE batch_id IS NULL"), "0");
}

static void a_set_whose_pictures_are_gone_makes_no_batch(void **state)
{
    (void)state;
    recorded_and_due(1, 1);
    kit_pg_sql("UPDATE upload.platform_snapshots SET deleted_at = now()");
    assert_true(freeze());
    assert_false(freeze());
    assert_string_equal(COUNT("outbox"), "0");
}

enum { RELAYS = 6, SETS = 30 };

static void *freeze_all(void *arg)
{
    struct err err = ERR_INIT;
    bool any = true, *ok = arg;

    *ok = true;
    while (any && *ok)
        *ok = relay_freeze(app, &any, &err);
    return NULL;
}

static void many_relays_never_put_a_picture_into_two_batches(void **state)
{
    pthread_t threads[RELAYS];
    bool ok[RELAYS] = {false};

    (void)state;
    for (int i = 0; i < SETS; i++)
        recorded_and_due(2, i + 1);
    for (int i = 0; i < RELAYS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, freeze_all, &ok[i]), 0);
    for (int i = 0; i < RELAYS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(ok[i]);
    }
    assert_string_equal(COUNT("outbox WHERE item_count = 2"), "30");
    assert_string_equal(kit_pg_value("SELECT count(DISTINCT set_id) FROM upload.outbox"), "30");
    assert_string_equal(kit_pg_value("SELECT count(DISTINCT item ->> 'snapshot_id') FROM"
                                     " upload.outbox, jsonb_array_elements(body::jsonb -> 'items')"
                                     " AS item"),
                        "60");
}

static void each_status_has_its_verdict(void **state)
{
    static const int again[] = {0, 301, 302, 401, 403, 404, 405, 408, 429, 500, 502, 503, 504};
    static const int dead[] = {400, 409, 413, 415};

    (void)state;
    assert_int_equal(relay_judge(200), RELAY_SENT);
    assert_int_equal(relay_judge(202), RELAY_SENT);
    assert_int_equal(relay_judge(422), RELAY_SPLIT);
    for (size_t i = 0; i < COUNT_OF(again); i++)
        assert_int_equal(relay_judge(again[i]), RELAY_AGAIN);
    for (size_t i = 0; i < COUNT_OF(dead); i++)
        assert_int_equal(relay_judge(dead[i]), RELAY_DEAD);
}

static struct intake *sent(int files) { return kit_recorded(files, NULL, 1); }

static void an_accepted_batch_is_over(void **state)
{
    (void)state;
    sent(2);
    settle(202, "{\"batch_id\":\"x\",\"state\":\"accepted\",\"items\":2}");
    assert_string_equal(COUNT("outbox WHERE state = 'sent' AND last_status = 202"
                              " AND ended_at IS NOT NULL"),
                        "1");
    assert_string_equal(COUNT("platform_snapshots WHERE failed_at IS NOT NULL"), "0");
}

static void a_conflict_ends_the_batch_and_its_pictures(void **state)
{
    (void)state;
    sent(2);
    settle(409, "{\"success\":false,\"message\":\"that batch came with other bytes\"}");
    assert_string_equal(COUNT("outbox WHERE state = 'dead' AND last_status = 409"), "1");
    assert_string_equal(COUNT("platform_snapshots WHERE failed_at IS NOT NULL AND fail_code ="
                              " 'batch_rejected' AND fail_note = 'that batch came with other"
                              " bytes'"),
                        "2");
    assert_string_equal(COUNT("event_log WHERE state = 'failed' AND data ->> 'failCode' ="
                              " 'batch_rejected'"),
                        "2");
}

static void an_answer_that_is_no_json_still_counts_by_its_status(void **state)
{
    (void)state;
    sent(1);
    settle(413, "<html>too big</html>");
    assert_string_equal(kit_pg_value("SELECT fail_note FROM upload.platform_snapshots"),
                        "analysis-svc answered 413");
}

static void refused_items_fail_and_the_rest_goes_again(void **state)
{
    struct intake *in = sent(3);
    char body[512];

    (void)state;
    snprintf(body, sizeof body,
             "{\"success\":false,\"code\":\"unprocessable\",\"message\":\"1 item cannot be"
             " accepted\",\"items\":[{\"snapshot_id\":%lld,\"reason\":\"the key lies\\noutside"
             "\"}]}",
             (long long)in->files[1].id);
    settle(422, body);
    assert_string_equal(kit_pg_value("SELECT id || ' ' || fail_note FROM upload.platform_snapshots"
                                     " WHERE failed_at IS NOT NULL"),
                        "2 the key liesoutside");
    assert_string_equal(COUNT("outbox WHERE state = 'split'"), "1");
    assert_true(freeze());
    assert_string_equal(kit_pg_value("SELECT string_agg(item ->> 'snapshot_id', ',') FROM"
                                     " upload.outbox, jsonb_array_elements(body::jsonb -> 'items')"
                                     " AS item WHERE state = 'ready'"),
                        "1,3");
    assert_string_equal(COUNT("event_log WHERE state = 'failed'"), "1");
}

static void the_golden_refusal_is_understood(void **state)
{
    AUTO(str_free) struct str golden = STR_INIT(65536);

    (void)state;
    kit_pg_sql("ALTER TABLE upload.platform_snapshots ALTER COLUMN id RESTART WITH 41");
    sent(2);
    read_file("proto/examples/batch_rejected.json", &golden);
    settle(422, golden.p);
    assert_string_equal(kit_pg_value("SELECT id || ': ' || fail_note FROM upload.platform_snapshots"
                                     " WHERE failed_at IS NOT NULL"),
                        "41: the key lies outside the prefixes this service may read");
    assert_true(freeze());
}

static void a_refusal_that_names_nobody_of_ours_means_all(void **state)
{
    static const char *const bodies[] = {
        "",
        "{}",
        "[]",
        "{\"items\":7}",
        "{\"items\":[]}",
        "{\"items\":[{\"snapshot_id\":999}]}",
        "{\"items\":[{\"snapshot_id\":\"1\"}]}",
        "{\"items\":[null,1,\"x\"],\"message\":\"no such extractor\"}"};

    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        (void)kit_gate_fresh(state);
        sent(2);
        settle(422, bodies[i]);
        assert_string_equal(COUNT("outbox WHERE state = 'dead'"), "1");
        assert_string_equal(COUNT("platform_snapshots WHERE failed_at IS NOT NULL"), "2");
        assert_false(freeze());
    }
}

static void an_item_of_another_batch_is_not_touched(void **state)
{
    struct intake *other = kit_recorded(1, NULL, 9);
    char body[256];

    (void)state;
    sent(2);
    snprintf(body, sizeof body,
             "{\"items\":[{\"snapshot_id\":%lld,\"reason\":\"x\"},{\"snapshot_id\":%lld}]}",
             (long long)other->files[0].id, (long long)other->files[0].id + 1);
    settle(422, body);
    assert_string_equal(kit_pg_value("SELECT string_agg(id::text, ',') FROM"
                                     " upload.platform_snapshots WHERE failed_at IS NOT NULL"),
                        "2");
}

static void a_second_answer_to_the_same_batch_changes_nothing(void **state)
{
    (void)state;
    sent(2);
    settle(202, "");
    settle(409, "");
    assert_string_equal(COUNT("outbox WHERE state = 'sent' AND last_status = 202"), "1");
    assert_string_equal(COUNT("platform_snapshots WHERE failed_at IS NOT NULL"), "0");
}

static void what_a_refusal_says_reaches_the_row_as_clean_bounded_text(void **state)
{
    AUTO(str_free) struct str body = STR_INIT(65536);

    (void)state;
    sent(1);
    str_addz(&body, "{\"message\":\"a\\u0007b\\u202e ");
    for (int i = 0; i < 1000; i++)
        str_addz(&body, "long ");
    str_addz(&body, "\"}");
    settle(409, body.p);
    assert_string_equal(kit_pg_value("SELECT octet_length(fail_note) <= 255 AND fail_note LIKE"
                                     " 'ab long%' FROM upload.platform_snapshots"),
                        "t");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, kit_gate_fresh)
    const struct CMUnitTest tests[] = {
        T(a_batch_has_the_shape_of_the_golden_example),
        T(without_campaign_and_handle_both_are_null),
        T(a_picture_that_nobody_summed_up_has_no_sum),
        T(a_set_waits_until_it_closes),
        T(pictures_of_several_forms_of_a_set_go_together),
        T(a_late_picture_goes_in_a_further_batch_and_the_first_keeps_its_bytes),
        T(a_set_of_more_than_500_goes_in_several_batches),
        T(a_set_whose_pictures_are_gone_makes_no_batch),
        T(many_relays_never_put_a_picture_into_two_batches),
        T(each_status_has_its_verdict),
        T(an_accepted_batch_is_over),
        T(a_conflict_ends_the_batch_and_its_pictures),
        T(an_answer_that_is_no_json_still_counts_by_its_status),
        T(refused_items_fail_and_the_rest_goes_again),
        T(the_golden_refusal_is_understood),
        T(a_refusal_that_names_nobody_of_ours_means_all),
        T(an_item_of_another_batch_is_not_touched),
        T(a_second_answer_to_the_same_batch_changes_nothing),
        T(what_a_refusal_says_reaches_the_row_as_clean_bounded_text),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
