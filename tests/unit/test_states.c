/*
 * test_states.c - who is in a state: what the list, its count and the summary find by an index is
 * what each picture says of itself. Pictures in every mixture of what can befall them.
 * Covers: history again post_process
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/config.h" /* its views are read */
#include "common/json.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/schema.h"
#include "upload-svc/app.h"
#include "upload-svc/state.h"

#define ROOT "/api/admin/snapshots"
enum { PICTURES = 150, LIST = 4096 };

static struct json *doc;

static int start(void **state)
{
    (void)state;
    return kit_gate_open(false) ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    json_free(&doc);
    kit_gate_close();
    return 0;
}

static const struct json *get(const char *path)
{
    struct err err = ERR_INIT;

    json_free(&doc);
    assert_ok(json_parse(sv_of(kit_get(path)), &doc, &err), err);
    return doc;
}

/* Some fail here, some are deleted, some were sent again; batches in each state, lost ones too. */
static void make_pictures(void)
{
    char sql[4000];

    snprintf(
        sql, sizeof sql,
        "SELECT setseed(0.5);"
        "INSERT INTO upload.sets (id, platform_source, snapshot_type, snapshot_timeframe,"
        " snapshot_date, deadline_s, closes_at) VALUES (md5('set')::uuid, 'arbus',"
        " 'leaderboard', '24H', '2026-11-20', 1, now());"
        "INSERT INTO upload.outbox (batch_id, body, item_count, state, ended_at)"
        " SELECT md5('b' || b)::uuid, '', 1,"
        "  (ARRAY['ready', 'sent', 'sent', 'sent', 'split', 'dead'])[b],"
        "  CASE WHEN b > 2 THEN now() END FROM generate_series(1, 6) AS b;"
        "INSERT INTO upload.platform_snapshots (uuid, set_id, original_file_name, s3_key,"
        " content_type, bytes, sha256, etag, width, height, platform_source, snapshot_type,"
        " snapshot_timeframe, snapshot_date, batch_id, rev, failed_at, fail_code, deleted_at,"
        " object_gone_at) SELECT gen_random_uuid(), md5('set')::uuid, 'a', 'k' || i, '', 1,"
        "  md5('a' || i) || md5('b' || i), '', 1, 1,"
        "  (ARRAY['arbus', 'bantr'])[1 + i %% 2], 'leaderboard', '24H', '2026-11-20',"
        "  CASE WHEN random() < 0.8 THEN md5('b' || 1 + floor(random() * 6)::int)::uuid END,"
        "  1 + floor(random() * 2)::int, CASE WHEN f THEN now() END, CASE WHEN f THEN 'x' END,"
        "  CASE WHEN random() < 0.1 THEN now() END, CASE WHEN random() < 0.1 THEN now() END"
        " FROM generate_series(1, %d) AS i, LATERAL (SELECT random() < 0.15 AND i > 0) AS r(f)",
        PICTURES);
    kit_pg_sql(sql);
}

static void read_pictures(void)
{
    kit_pg_sql("TRUNCATE analysis.batches, analysis.images CASCADE;"
               "INSERT INTO analysis.batches (batch_id, op, body_sha256, item_count)"
               " SELECT md5('b' || b)::uuid, 'extract', '', 1 FROM generate_series(1, 6) AS b;"
               "SELECT setseed(0.75);"
               "INSERT INTO analysis.images (snapshot_id, uuid, batch_id, s3_key, state, review,"
               " fail_code) SELECT id, uuid, CASE WHEN random() < 0.7 THEN coalesce(batch_id,"
               "  md5('b1')::uuid) ELSE md5('b' || 1 + floor(random() * 6)::int)::uuid END, '',"
               "  (enum_range(NULL::analysis.image_state))[1 + floor(random() * 5)::int],"
               "  (ARRAY['approve', 'reject', NULL])[1 + floor(random() * 3)::int],"
               "  (ARRAY['review_rejected', 'bad', NULL])[1 + floor(random() * 3)::int]"
               " FROM upload.platform_snapshots WHERE random() < 0.75");
}

/* The numbers that a question of the list gives, newest first, "9,7,". */
static void ids_of(const char *query, char out[LIST])
{
    char path[200];
    size_t n = 0;

    snprintf(path, sizeof path, ROOT "/history?%s", query);
    out[0] = '\0';
    for (const struct json *it = json_first(json_find(get(path), "snapshots")); it;
         it = json_next(it))
        n += (size_t)snprintf(out + n, LIST - n, "%d,", (int)json_int_or(it, "id", 0));
}

/* The same from each picture's own word; platform NULL: of any. */
static void ids_in_truth(const char *word, const char *platform, char out[LIST])
{
    size_t n = 0;

    out[0] = '\0';
    for (int id = PICTURES; id > 0; id--) {
        char path[64];
        const struct json *one;

        snprintf(path, sizeof path, ROOT "/status/%d", id);
        one = json_find(get(path), "snapshot");
        if (strcmp(json_text_or(one, "state", ""), word) == 0 &&
            (!platform || strcmp(json_text_or(one, "platformSource", ""), platform) == 0))
            n += (size_t)snprintf(out + n, LIST - n, "%d,", id);
    }
}

static int count(const char *ids)
{
    int n = 0;

    for (; *ids != '\0'; ids++)
        n += *ids == ',';
    return n;
}

static void each_state_lists_its_own(void)
{
    char found[LIST], truth[LIST], query[100];

    for (size_t i = 0; i < COUNT_OF(snapshot_words); i++) {
        const char *word = snapshot_words[i].wire, *platform = i % 2 ? "arbus" : NULL;

        ids_in_truth(word, platform, truth);
        snprintf(query, sizeof query, "limit=200&state=%s&platformSource=%s", word,
                 platform ? platform : "");
        ids_of(query, found);
        if (strcmp(found, truth) != 0)
            fail_msg("%s: %s\ninstead of %s", word, found, truth);
        assert_int_equal(json_int_or(json_find(doc, "pagination"), "total", -1), count(truth));
    }
}

static void add(char list[LIST], const char *more)
{
    size_t n = strlen(list);

    snprintf(list + n, LIST - n, "%s", more);
}

/* Page by page, by cursor and by number: each once, in order. */
static void pages_are_parts_of_the_whole(const char *filter)
{
    char whole[LIST], page[LIST], by_cursor[LIST] = "", by_page[LIST] = "", query[200], last[32];

    snprintf(query, sizeof query, "limit=200&%s", filter);
    ids_of(query, whole);
    for (int i = 1; i <= PICTURES / 7 + 1; i++) {
        snprintf(query, sizeof query, "limit=7&page=%d&%s", i, filter);
        ids_of(query, page);
        add(by_page, page);
    }
    last[0] = '\0';
    do {
        snprintf(query, sizeof query, "limit=7&%s%s&%s", *last ? "cursor=" : "", last, filter);
        ids_of(query, page);
        add(by_cursor, page);
        snprintf(last, sizeof last, "%s",
                 json_text_or(json_find(doc, "pagination"), "nextCursor", ""));
    } while (*last);
    assert_string_equal(by_page, whole);
    assert_string_equal(by_cursor, whole);
}

static void waiting_is_counted_as_each_says(void)
{
    char failed[LIST], pending[LIST], sql[2 * LIST + 600], total[32];

    ids_in_truth("failed", NULL, failed);
    ids_in_truth("pending", NULL, pending);
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM upload.platform_snapshots s LEFT JOIN analysis.images a ON"
             " a.snapshot_id = s.id AND s.failed_at IS NULL AND a.state = 'failed' WHERE s.id = ANY"
             " ('{%s%s0}') AND object_gone_at IS NULL AND a.fail_code IS DISTINCT FROM"
             " 'review_rejected'",
             failed, pending);
    snprintf(total, sizeof total, "%d",
             (int)json_int_or(get(ROOT "/pending-summary"), "totalPending", -1));
    assert_string_equal(total, kit_pg_value(sql));
}

static void a_state_lists_whoever_says_that_he_is_in_it(void **state)
{
    (void)state;
    make_pictures();
    each_state_lists_its_own(); /* nobody has been analysed: there are no views yet */
    kit_schema_analysis();
    each_state_lists_its_own(); /* views, and nothing in them */
    read_pictures();
    each_state_lists_its_own();
    waiting_is_counted_as_each_says();
    pages_are_parts_of_the_whole("");
    pages_are_parts_of_the_whole("status=completed");
    pages_are_parts_of_the_whole("state=failed");
    pages_are_parts_of_the_whole("state=pending&platformSource=bantr");
}

static void whom_the_analysis_lost_is_shown_for_an_hour(void **state)
{
    char found[LIST];

    (void)state;
    kit_schema_analysis();
    make_pictures();
    kit_pg_sql("TRUNCATE analysis.images CASCADE; UPDATE upload.platform_snapshots SET failed_at ="
               " NULL, deleted_at = NULL, batch_id = md5('b1')::uuid;"
               "UPDATE upload.platform_snapshots SET batch_id = md5('b2')::uuid WHERE id = 5;"
               "UPDATE upload.platform_snapshots SET batch_id = md5('b3')::uuid WHERE id = 6;"
               "UPDATE upload.outbox SET ended_at = now() - interval '2 hours'"
               " WHERE batch_id = md5('b3')::uuid");
    ids_of("state=processing", found);
    assert_string_equal(found, "5,");
    ids_of("limit=200", found); /* the whole list shows all there is */
    assert_int_equal(count(found), PICTURES);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, kit_gate_fresh)
    const struct CMUnitTest tests[] = {
        T(a_state_lists_whoever_says_that_he_is_in_it),
        T(whom_the_analysis_lost_is_shown_for_an_hour),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
