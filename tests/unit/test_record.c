/*
 * test_record.c - the end of a form on a real Postgres: all of it or nothing, no picture twice, and
 * the truth after a COMMIT that nobody answered.
 * Covers: record record_ask arrival
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "analysis-svc/config.h" /* its views are read */
#include "common/clock.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/schema.h"
#include "tests/kit/toll.h"
#include "upload-svc/arrival.h"
#include "upload-svc/metrics.h"
#include "upload-svc/queries.h"
#include "upload-svc/record.h"

#define SET          "0b4c3a77-61ce-4d35-8d4c-1a40f5b0c9d2"
#define COUNT(table) kit_pg_value("SELECT count(*) FROM upload." table)

static struct app *app;

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(false);
    return app ? 0 : -1;
}

/* A statement with a file's uuid in place of %s, as the superuser. */
static void sql_of(const char *fmt, const struct intake_file *f)
{
    AUTO(str_free) struct str sql = STR_INIT(2048);
    const char *mark = strstr(fmt, "$UUID");

    str_addf(&sql, "%.*s'%s'%s", (int)(mark - fmt), fmt, f->uuid.text, mark + 5);
    kit_pg_sql(sql.p);
}

static void a_form_becomes_rows_events_and_a_set_and_its_arrivals_go(void **state)
{
    struct intake *in;

    (void)state;
    kit_pg_sql("INSERT INTO upload.arrivals (uuid, s3_key) VALUES (gen_random_uuid(), 'other')");
    in = kit_recorded(3, SET, 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(in->files[i].fate, INTAKE_RECORDED);
        assert_true(in->files[i].id > 0);
        assert_int_equal(strlen(in->files[i].uploaded_at), 24);
    }
    assert_string_equal(COUNT("platform_snapshots WHERE set_id = '" SET "' AND batch_id IS NULL"
                              " AND uploaded_by = 'kit' AND etag = 'etag-1' AND bytes = 181233"
                              " AND width = 1280 AND height = 971 AND content_type = 'image/png'"
                              " AND snapshot_timeframe = '24H' AND metadata = '{}'"),
                        "3");
    assert_string_equal(COUNT("sets WHERE waiting AND closes_at > now() + interval '3 s'"
                              " AND closes_at < now() + interval '6 s' AND deadline_s = 86400"),
                        "1");
    assert_string_equal(COUNT("event_log WHERE state = 'pending' AND data ->> 'setId' = '" SET "'"),
                        "3");
    assert_string_equal(kit_pg_value("SELECT string_agg(s3_key, ',') FROM upload.arrivals"),
                        "other");
}

static void without_a_set_id_its_batch_is_due_at_once(void **state)
{
    struct intake *in;

    (void)state;
    in = kit_recorded(2, NULL, 1);
    assert_string_equal(COUNT("sets WHERE NOT waiting AND closes_at <= now()"), "1");
    assert_string_equal(COUNT("outbox o JOIN upload.platform_snapshots s USING (batch_id, set_id)"
                              " WHERE o.state = 'ready' AND o.due_at <= now() AND item_count = 2"),
                        "2");
    kit_recorded(1, in->form.set_id.text, 2); /* that may still be joined, as any other */
    assert_string_equal(COUNT("sets WHERE waiting"), "1");
}

static void a_batch_holds_only_what_was_recorded(void **state)
{
    struct intake *in = kit_intake(3, NULL, 1);
    struct err err = ERR_INIT;

    (void)state;
    sql_of("UPDATE upload.arrivals SET state = 'dead' WHERE uuid = $UUID", &in->files[1]);
    assert_ok(record_form(in, &err), err);
    assert_string_equal(
        kit_pg_value(
            "SELECT item_count || ' ' || string_agg(i ->> 'uuid', ',' ORDER BY i ->> 'snapshot_id')"
            " = '2 ' || (SELECT string_agg(uuid::text, ',' ORDER BY id) FROM"
            " upload.platform_snapshots) FROM upload.outbox,"
            " jsonb_array_elements(body::jsonb -> 'items') AS i GROUP BY item_count"),
        "t");
    kit_recorded(3, NULL, 1); /* two are there already */
    assert_string_equal(kit_pg_value("SELECT string_agg(item_count::text, ',' ORDER BY born_at)"
                                     " FROM upload.outbox"),
                        "2,1");
    kit_recorded(3, NULL, 1); /* and now all are */
    assert_string_equal(COUNT("outbox"), "2");
}

static void a_late_picture_opens_its_set_again(void **state)
{
    (void)state;
    kit_recorded(1, SET, 1);
    kit_pg_sql("UPDATE upload.sets SET waiting = false, closes_at = '2026-01-01'");
    kit_recorded(1, SET, 2);
    assert_string_equal(COUNT("sets WHERE waiting AND closes_at > now()"), "1");
    assert_string_equal(COUNT("platform_snapshots"), "2");
}

static void a_file_that_the_sweeper_took_fails_alone(void **state)
{
    struct intake *in = kit_intake(3, SET, 1);
    struct err err = ERR_INIT;

    (void)state;
    sql_of("UPDATE upload.arrivals SET state = 'dead' WHERE uuid = $UUID", &in->files[1]);
    assert_ok(record_form(in, &err), err);
    assert_int_equal(in->files[0].fate, INTAKE_RECORDED);
    assert_int_equal(in->files[1].fate, INTAKE_REJECTED);
    assert_int_equal(in->files[1].err.code, ERR_TIMEOUT);
    assert_int_equal(in->files[2].fate, INTAKE_RECORDED);
    assert_string_equal(COUNT("platform_snapshots"), "2");
    assert_string_equal(COUNT("arrivals WHERE state = 'dead'"), "1");
}

static void a_file_whose_arrival_is_gone_fails_alone(void **state)
{
    struct intake *in = kit_intake(2, NULL, 1);
    struct err err = ERR_INIT;

    (void)state;
    sql_of("DELETE FROM upload.arrivals WHERE uuid = $UUID", &in->files[0]);
    assert_ok(record_form(in, &err), err);
    assert_int_equal(in->files[0].fate, INTAKE_REJECTED);
    assert_int_equal(in->files[1].fate, INTAKE_RECORDED);
}

static void pictures_of_another_kind_do_not_join_a_set(void **state)
{
    struct intake *in;
    struct err err = ERR_INIT;

    (void)state;
    kit_recorded(1, SET, 1);
    in = kit_intake(2, SET, 2);
    in->form.date = "2026-11-19";
    assert_fails(record_form(in, &err), err, ERR_BAD_SET);
    assert_false(form_ok(&in->form));
    assert_int_equal(in->form.faults[0].code, ERR_BAD_SET);
    assert_string_equal(in->form.faults[0].field, "setId");
    assert_int_equal(in->files[0].fate, INTAKE_STORED); /* to be undone by who asked */
    assert_string_equal(COUNT("platform_snapshots"), "1");
    assert_string_equal(COUNT("arrivals WHERE state = 'open'"), "2");
    assert_string_equal(kit_pg_value("SELECT snapshot_date FROM upload.sets"), "2026-11-20");
}

static void one_bad_row_takes_the_whole_form_back(void **state)
{
    struct intake *in = kit_intake(3, NULL, 1);
    struct err err = ERR_INIT;

    (void)state;
    snprintf(in->files[2].object.sha256, SHA256_HEX_SIZE, "no sum"); /* the table refuses it */
    assert_fails(record_form(in, &err), err, ERR_INTERNAL);
    assert_string_equal(COUNT("platform_snapshots"), "0");
    assert_string_equal(COUNT("sets"), "0");
    assert_string_equal(COUNT("event_log"), "0");
    assert_string_equal(COUNT("arrivals WHERE state = 'open'"), "3");
    for (int i = 0; i < 3; i++)
        assert_int_equal(in->files[i].fate, INTAKE_STORED);
}

static void the_same_bytes_again_are_answered_with_the_first(void **state)
{
    struct intake *a = kit_recorded(1, NULL, 7), *b = kit_recorded(1, NULL, 7);

    (void)state;
    assert_int_equal(b->files[0].fate, INTAKE_SAME);
    assert_int_equal(b->files[0].id, a->files[0].id);
    assert_string_equal(b->files[0].same_uuid.text, a->files[0].uuid.text);
    assert_string_equal(b->files[0].same_key, a->files[0].key);
    assert_string_equal(b->files[0].uploaded_at, a->files[0].uploaded_at);
    assert_string_equal(b->files[0].same_word->wire, "pending");
    assert_string_equal(COUNT("platform_snapshots"), "1");
    assert_string_equal(COUNT("event_log"), "1");
    /* its object must go: the sweeper knows, should we die now */
    assert_string_equal(kit_pg_value("SELECT uuid FROM upload.arrivals WHERE state = 'dead'"),
                        b->files[0].uuid.text);
}

static void the_same_bytes_twice_in_one_form_become_one_row(void **state)
{
    struct intake *in = kit_intake(2, NULL, 7);
    struct err err = ERR_INIT;

    (void)state;
    in->files[1].object = in->files[0].object;
    assert_ok(record_form(in, &err), err);
    assert_int_equal(in->files[0].fate, INTAKE_RECORDED);
    assert_int_equal(in->files[1].fate, INTAKE_SAME);
    assert_int_equal(in->files[1].id, in->files[0].id);
    assert_string_equal(COUNT("platform_snapshots"), "1");
}

static void the_same_bytes_for_another_purpose_are_another_picture(void **state)
{
    struct err err = ERR_INIT;
    struct intake *in;

    (void)state;
    kit_recorded(1, NULL, 7);
    in = kit_intake(1, NULL, 7);
    in->form.date = "2026-11-19";
    assert_ok(record_form(in, &err), err);
    assert_int_equal(in->files[0].fate, INTAKE_RECORDED);
    in = kit_intake(1, NULL, 7);
    in->form.handle = "someone";
    assert_ok(record_form(in, &err), err);
    assert_int_equal(in->files[0].fate, INTAKE_RECORDED);
    in = kit_intake(1, NULL, 7);
    in->form.platform = "arbus";
    assert_ok(record_form(in, &err), err);
    assert_int_equal(in->files[0].fate, INTAKE_RECORDED);
    assert_string_equal(COUNT("platform_snapshots"), "4");
}

static void failed_and_deleted_pictures_do_not_count_as_there(void **state)
{
    (void)state;
    kit_recorded(1, NULL, 7);
    kit_pg_sql("UPDATE upload.platform_snapshots SET failed_at = now()");
    assert_int_equal(kit_recorded(1, NULL, 7)->files[0].fate, INTAKE_RECORDED);
    kit_pg_sql("UPDATE upload.platform_snapshots SET deleted_at = now()");
    assert_int_equal(kit_recorded(1, NULL, 7)->files[0].fate, INTAKE_RECORDED);
    assert_int_equal(kit_recorded(1, NULL, 7)->files[0].fate, INTAKE_SAME);
    assert_string_equal(COUNT("platform_snapshots"), "3");
}

static void a_picture_whose_analysis_failed_is_taken_again(void **state)
{
    struct intake *in, *again;

    (void)state;
    kit_schema_analysis();
    in = kit_recorded(1, NULL, 7);
    kit_schema_image(in->files[0].id, "extracted", "");
    again = kit_recorded(1, NULL, 7);
    assert_int_equal(again->files[0].fate, INTAKE_SAME);
    assert_string_equal(again->files[0].same_word->wire, "completed");
    kit_schema_image(in->files[0].id, "failed", "no_rows");
    in = kit_recorded(1, NULL, 7);
    assert_int_equal(in->files[0].fate, INTAKE_RECORDED);
    assert_string_equal(COUNT("platform_snapshots WHERE live"), "1");
    assert_string_equal(COUNT("platform_snapshots"), "2");
    assert_int_equal(kit_recorded(1, NULL, 7)->files[0].fate, INTAKE_SAME);
    kit_pg_sql("TRUNCATE analysis.images CASCADE");
}

static struct intake *forced(int seed)
{
    struct intake *in = kit_intake(1, NULL, seed);
    struct err err = ERR_INIT;

    in->forced = true;
    assert_ok(record_form(in, &err), err);
    return in;
}

static void what_is_forced_is_stored_although_it_is_there(void **state)
{
    struct intake *a = kit_recorded(1, NULL, 7), *b = forced(7), *c = forced(7);

    (void)state;
    assert_int_equal(b->files[0].fate, INTAKE_RECORDED);
    assert_int_equal(c->files[0].fate, INTAKE_RECORDED);
    assert_int_equal(kit_recorded(1, NULL, 7)->files[0].id, a->files[0].id); /* the oldest */
    kit_pg_sql("UPDATE upload.platform_snapshots SET deleted_at = now() WHERE forced = 0");
    assert_int_equal(kit_recorded(1, NULL, 7)->files[0].id, b->files[0].id);
    kit_pg_sql("UPDATE upload.platform_snapshots SET failed_at = now()");
    assert_int_equal(kit_recorded(1, NULL, 7)->files[0].fate, INTAKE_RECORDED);
    assert_string_equal(COUNT("platform_snapshots"), "4");
}

static void a_form_of_nothing_new_leaves_no_set(void **state)
{
    (void)state;
    kit_recorded(2, NULL, 7);
    kit_recorded(2, NULL, 7);
    assert_string_equal(COUNT("sets"), "1");
    kit_recorded(2, SET, 8);
    kit_recorded(2, SET, 8);
    assert_string_equal(COUNT("sets"), "2"); /* the set that has pictures stays */
}

enum { RACERS = 8 };
struct racer {
    pthread_t thread;
    struct intake *in;
    struct err err;
    bool ok;
};

static void *race(void *arg)
{
    struct racer *r = arg;
    AUTO(arena_free) struct arena own = {0}; /* a request's memory belongs to its thread */

    r->in->form.arena = &own;
    r->ok = record_form(r->in, &r->err);
    r->in->form.arena = NULL;
    return NULL;
}

static void of_many_that_send_the_same_at_once_exactly_one_makes_a_row(void **state)
{
    (void)state;
    for (int round = 0; round < 10; round++) {
        struct racer r[RACERS] = {{.ok = false}};
        int recorded = 0, same = 0;

        for (int i = 0; i < RACERS; i++)
            r[i].in = kit_intake(2, i % 2 ? SET : NULL, 100 + round);
        for (int i = 0; i < RACERS; i++)
            assert_int_equal(pthread_create(&r[i].thread, NULL, race, &r[i]), 0);
        for (int i = 0; i < RACERS; i++) {
            pthread_join(r[i].thread, NULL);
            assert_ok(r[i].ok, r[i].err);
            recorded += r[i].in->files[0].fate == INTAKE_RECORDED;
            same += r[i].in->files[0].fate == INTAKE_SAME;
        }
        assert_int_equal(recorded, 1);
        assert_int_equal(same, RACERS - 1);
        for (int i = 1; i < RACERS; i++)
            assert_int_equal(r[i].in->files[0].id, r[0].in->files[0].id);
    }
    assert_string_equal(COUNT("platform_snapshots"), "20");
}

/* Two forms hold the same two pictures in opposite order: each may wait for the other. */
static void forms_that_cross_end_all_the_same(void **state)
{
    (void)state;
    for (int round = 0; round < 5; round++) {
        struct racer r[2] = {{.ok = false}, {.ok = false}};
        struct s3_object swap;

        for (int i = 0; i < 2; i++)
            r[i].in = kit_intake(2, NULL, 200 + round);
        swap = r[1].in->files[0].object;
        r[1].in->files[0].object = r[1].in->files[1].object;
        r[1].in->files[1].object = swap;
        for (int i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&r[i].thread, NULL, race, &r[i]), 0);
        for (int i = 0; i < 2; i++) {
            pthread_join(r[i].thread, NULL);
            assert_ok(r[i].ok, r[i].err);
        }
        assert_int_equal(r[0].in->files[0].id, r[1].in->files[1].id);
        assert_int_equal(r[0].in->files[1].id, r[1].in->files[0].id);
    }
    assert_string_equal(COUNT("platform_snapshots"), "10");
    assert_string_equal(COUNT("sets"), "5");
}

/* ---- a COMMIT without an answer ---- */
static struct app beyond(struct kit_toll *toll)
{
    struct app far = {.conf = app->conf, .db_conf = app->db_conf};
    struct err err = ERR_INIT;

    far.db_conf.url = secret_of(kit_toll_url(toll));
    assert_ok(db_open(&far.db_conf, &far.db, &err), err);
    return far;
}

static void lose(const char *set, enum kit_loss what, bool ok, enum err_code code)
{
    AUTO(kit_toll_close) struct kit_toll *toll = kit_toll_open(kit_pg_url("upload_svc"));
    struct app far = beyond(toll);
    struct intake *in = kit_intake(3, set, 1);
    struct err err = ERR_INIT;
    int64_t uncertain;
    bool done;

    in->app = &far;
    kit_toll_lose(toll, what);
    uncertain = metric_value(M_UNCERTAIN, 0);
    done = record_form(in, &err);
    assert_int_equal(metric_value(M_UNCERTAIN, 0), uncertain + 1);
    db_close(&far.db);
    if (done != ok)
        fail_msg("%s", err.msg);
    assert_string_equal(err_wire(err.code), err_wire(code));
    assert_string_equal(COUNT("platform_snapshots"), "3");
    assert_string_equal(COUNT("event_log"), "3");
    assert_string_equal(COUNT("sets"), "1");
    assert_string_equal(COUNT("outbox"), set ? "0" : "1");
    for (int i = 0; i < 3; i++) {
        if (ok)
            assert_int_equal(in->files[i].fate, INTAKE_RECORDED);
        if (ok)
            assert_true(in->files[i].id > 0);
        else
            assert_false(in->files[i].announced); /* nothing is undone */
    }
}

static void a_commit_whose_answer_was_lost_is_found_to_have_happened(void **state)
{
    (void)state;
    lose(SET, KIT_LOSE_ANSWER, true, ERR_NONE);
    assert_string_equal(COUNT("arrivals"), "0");
    kit_gate_reset();
    lose(NULL, KIT_LOSE_ANSWER, true, ERR_NONE);
    assert_string_equal(COUNT("arrivals"), "0");
}

static void a_commit_that_never_arrived_is_done_once_more(void **state)
{
    (void)state;
    lose(SET, KIT_LOSE_COMMIT, true, ERR_NONE);
    assert_string_equal(COUNT("arrivals"), "0");
    kit_gate_reset();
    lose(NULL, KIT_LOSE_COMMIT, true, ERR_NONE);
    assert_string_equal(COUNT("arrivals"), "0");
}

static void while_nobody_can_be_asked_nothing_is_undone(void **state)
{
    (void)state;
    lose(NULL, KIT_LOSE_SERVER, false, ERR_UNCERTAIN);
}

/* ---- arrivals ---- */
static void a_heartbeat_makes_rows_young_that_are_still_open(void **state)
{
    struct intake *in = kit_intake(3, NULL, 1);
    AUTO(str_free) struct str uuids = STR_INIT(1024);

    (void)state;
    kit_pg_sql("UPDATE upload.arrivals SET heartbeat_at = now() - interval '1 h'");
    sql_of("UPDATE upload.arrivals SET state = 'dead' WHERE uuid = $UUID", &in->files[2]);
    str_addf(&uuids, "{%s,%s}", in->files[0].uuid.text, in->files[2].uuid.text);
    arrival_beat(app, uuids.p);
    assert_string_equal(COUNT("arrivals WHERE heartbeat_at > now() - interval '1 min'"), "1");
}

static void a_form_beats_for_all_its_files_once_in_a_while(void **state)
{
    struct intake *in = kit_intake(3, NULL, 1);

    (void)state;
    in->files[2].announced = false;
    kit_pg_sql("UPDATE upload.arrivals SET heartbeat_at = now() - interval '1 h'");
    intake_beat(in); /* too soon */
    assert_string_equal(COUNT("arrivals WHERE heartbeat_at > now() - interval '1 min'"), "0");
    in->beat_ms = clock_mono_ms() - app->conf.arrival_stale / 4;
    intake_beat(in);
    assert_string_equal(COUNT("arrivals WHERE heartbeat_at > now() - interval '1 min'"), "2");
}

static void parts_are_made_known_only_while_the_arrival_is_open(void **state)
{
    struct intake *in = kit_intake(1, NULL, 1);
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(arrival_parts(app, &in->files[0].uuid, "upload-7", &err), err);
    assert_string_equal(kit_pg_value("SELECT s3_upload_id FROM upload.arrivals"), "upload-7");
    kit_pg_sql("UPDATE upload.arrivals SET state = 'dead'");
    assert_fails(arrival_parts(app, &in->files[0].uuid, "upload-8", &err), err, ERR_TIMEOUT);
    assert_string_equal(kit_pg_value("SELECT s3_upload_id FROM upload.arrivals"), "upload-7");
}

static void what_s3_does_not_delete_is_left_to_the_sweeper(void **state)
{
    struct intake *in = kit_intake(1, NULL, 1);

    (void)state; /* nobody listens at our S3 */
    arrival_undo(app, &in->files[0].uuid, in->files[0].key, false);
    assert_string_equal(COUNT("arrivals"), "1");
}

/* Which indexes of the pictures does the planner take, who knows nothing of them yet and must keep
 * to what it takes? */
static void planned_along(int q, const char *values, const char *index)
{
    static const char plan_of[] =
        "CREATE FUNCTION pg_temp.plan_of(sql text, args text) RETURNS text LANGUAGE plpgsql AS $f$"
        "  DECLARE j json; BEGIN"
        "  PERFORM set_config('plan_cache_mode', 'force_generic_plan', true);"
        "  EXECUTE 'PREPARE q AS ' || sql;"
        "  EXECUTE 'EXPLAIN (FORMAT JSON) EXECUTE q' || args INTO j;"
        "  DEALLOCATE q;"
        "  RETURN (SELECT string_agg(DISTINCT m[1], ' ')"
        "    FROM regexp_matches(j::text, '(platform_snapshots_[a-z_]+|Seq Scan)', 'g') AS m);"
        "  END $f$;";
    AUTO(str_free) struct str sql = STR_INIT(65536);

    str_addf(&sql, "%sSELECT pg_temp.plan_of($q$%s$q$, $q$%s$q$)", plan_of, upload_queries[q].sql,
             values);
    assert_string_equal(kit_pg_value(sql.p), index);
}

static void in_a_young_table_pictures_are_found_by_their_sum_and_by_their_set(void **state)
{
    static const char born[] =
        "('" SET "', '" SET "', 'n', 'k', 'image/png', 1, '', '', 100, 100, 'cookie.fun',"
        " 'leaderboard', '24H', '2026-11-20', NULL, NULL, '{}', 'kit', false, NULL)";

    static const char many[] =
        "('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',"
        " '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')";

    (void)state;
    kit_recorded(10, NULL, 1); /* of all that is there, each has the same platform and type */
    planned_along(Q_SNAPSHOT_SAME, "('', 'cookie.fun', 'leaderboard', '2026-11-20', NULL, NULL)",
                  "platform_snapshots_same");
    planned_along(Q_SNAPSHOT_BORN, born, "platform_snapshots_same");
    planned_along(Q_SNAPSHOTS_BORN, many, "platform_snapshots_same");
    planned_along(Q_SET_ITEMS, "('" SET "')", "platform_snapshots_unsent");
    planned_along(Q_BATCH_TAKE, "('" SET "', '{1,2,3}', '" SET "')", "platform_snapshots_unsent");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, kit_gate_fresh)
    const struct CMUnitTest tests[] = {
        T(a_form_becomes_rows_events_and_a_set_and_its_arrivals_go),
        T(without_a_set_id_its_batch_is_due_at_once),
        T(a_batch_holds_only_what_was_recorded),
        T(a_late_picture_opens_its_set_again),
        T(a_file_that_the_sweeper_took_fails_alone),
        T(a_file_whose_arrival_is_gone_fails_alone),
        T(pictures_of_another_kind_do_not_join_a_set),
        T(one_bad_row_takes_the_whole_form_back),
        T(the_same_bytes_again_are_answered_with_the_first),
        T(the_same_bytes_twice_in_one_form_become_one_row),
        T(the_same_bytes_for_another_purpose_are_another_picture),
        T(failed_and_deleted_pictures_do_not_count_as_there),
        T(a_picture_whose_analysis_failed_is_taken_again),
        T(what_is_forced_is_stored_although_it_is_there),
        T(a_form_of_nothing_new_leaves_no_set),
        T(forms_that_cross_end_all_the_same),
        T(of_many_that_send_the_same_at_once_exactly_one_makes_a_row),
        T(a_commit_whose_answer_was_lost_is_found_to_have_happened),
        T(a_commit_that_never_arrived_is_done_once_more),
        T(while_nobody_can_be_asked_nothing_is_undone),
        T(a_heartbeat_makes_rows_young_that_are_still_open),
        T(a_form_beats_for_all_its_files_once_in_a_while),
        T(parts_are_made_known_only_while_the_arrival_is_open),
        T(what_s3_does_not_delete_is_left_to_the_sweeper),
        T(in_a_young_table_pictures_are_found_by_their_sum_and_by_their_set),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
