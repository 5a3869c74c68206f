/*
 * test_scribe.c - the rows of many forms in one transaction: the same as of each alone, and nobody
 * suffers for another.
 * Covers: scribe record_batch
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/toll.h"
#include "upload-svc/arrival.h"
#include "upload-svc/metrics.h"
#include "upload-svc/record.h"

#define SET          "0b4c3a77-61ce-4d35-8d4c-1a40f5b0c9d2"
#define COUNT(table) kit_pg_value("SELECT count(*) FROM upload." table)

enum { FORMS = 8, GATHER_MS = 200, PATIENCE_MS = 10000 };

static struct app *app;

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(false);
    return app ? 0 : -1;
}

/* ---- what is written ---- */

/* All that stands in the tables of the form's end, but for numbers, names and times. */
static const char *rows_of(const char *set_id)
{
    static char text[8192];
    AUTO(str_free) struct str sql = STR_INIT(8192);

    str_addf(
        &sql,
        "SELECT concat_ws(' ', to_jsonb(p) - '{id,uuid,set_id,batch_id,s3_key,sha256,etag,"
        "uploaded_at}'::text[], to_jsonb(s) - '{id,closes_at,created_at}'::text[],"
        " to_jsonb(o) - '{batch_id,set_id,body,due_at,born_at}'::text[],"
        " o.body::jsonb - '{batch_id,set_id,items}'::text[],"
        " (o.body::jsonb #> '{items,0}') - '{snapshot_id,uuid,s3_key,sha256}'::text[], e.state,"
        " s.closes_at <= now() AND o.due_at <= now()"
        " AND o.body::jsonb #>> '{items,0,snapshot_id}' = p.id::text"
        " AND o.body::jsonb #>> '{items,0,uuid}' = p.uuid::text"
        " AND o.body::jsonb #>> '{items,0,sha256}' = p.sha256"
        " AND o.body::jsonb ->> 'batch_id' = p.batch_id::text"
        " AND o.body::jsonb ->> 'set_id' = s.id::text AND e.data ->> 'uuid' = p.uuid::text"
        " AND e.data ->> 'setId' = s.id::text AND e.data ->> 'fileName' ="
        " p.original_file_name)"
        " FROM upload.platform_snapshots p JOIN upload.sets s ON s.id = p.set_id"
        " JOIN upload.outbox o ON o.batch_id = p.batch_id AND o.set_id = s.id"
        " JOIN upload.event_log e ON e.snapshot_id = p.id WHERE s.id = '%s'",
        set_id);
    snprintf(text, sizeof text, "%s", kit_pg_value(sql.p));
    return text;
}

/* A form with all that one may say. */
static struct intake *full_form(int seed)
{
    struct intake *in = kit_intake(1, NULL, seed);

    in->form.campaign_id = 1;
    in->form.campaign_title = "The \"snapshot_id\":7 of Caf\xc3\xa9";
    in->form.handle = "someone";
    in->form.metadata = "{\"a\":[1,\"b\"]}";
    in->form.deadline_s = 4711;
    return in;
}

static void it_is_what_a_form_alone_would_write(void **state)
{
    struct intake *in;
    struct together *scribe = app->scribe;
    struct err err = ERR_INIT;
    char many[8192];

    (void)state;
    kit_pg_sql("INSERT INTO upload.campaigns (title, platform_source) VALUES"
               " (E'The \"snapshot_id\":7 of Caf\\u00e9', 'cookie.fun')");
    in = full_form(1);
    assert_true(scribe_takes(in));
    assert_ok(scribe_record(in, &err), err);
    assert_int_equal(in->files[0].fate, INTAKE_RECORDED);
    assert_int_equal(strlen(in->files[0].uploaded_at), 24);
    assert_non_null(in->answer.p);
    snprintf(many, sizeof many, "%s", rows_of(in->form.set_id.text));
    assert_non_null(strstr(many, "4711"));
    in = full_form(2);
    app->scribe = NULL;
    assert_ok(record_form(in, &err), err);
    app->scribe = scribe;
    assert_string_equal(rows_of(in->form.set_id.text), many);
    assert_string_equal(many + strlen(many) - 9, "pending t");
    assert_string_equal(COUNT("arrivals"), "0");
}

static void what_is_not_summed_is_written_too(void **state)
{
    struct intake *a = kit_intake(1, NULL, 1), *b = kit_intake(1, NULL, 1);
    struct err err = ERR_INIT;

    (void)state;
    *a->files[0].object.sha256 = *b->files[0].object.sha256 = '\0';
    assert_ok(scribe_record(a, &err), err);
    assert_ok(scribe_record(b, &err), err);
    assert_string_equal(COUNT("platform_snapshots WHERE sha256 IS NULL"), "2");
    assert_string_equal(COUNT("outbox WHERE body::jsonb #> '{items,0,sha256}' = 'null'"), "2");
}

static void only_forms_that_nobody_else_knows_are_taken(void **state)
{
    struct intake *in = kit_intake(1, NULL, 1);

    (void)state;
    assert_true(scribe_takes(in));
    in->forced = true;
    assert_false(scribe_takes(in));
    assert_false(scribe_takes(kit_intake(2, NULL, 2)));
    assert_false(scribe_takes(kit_intake(1, SET, 3)));
}

/* ---- many at once ---- */

struct form_thread {
    pthread_t thread;
    struct intake *in;
    struct err err;
    bool ok;
};

static void *record(void *arg)
{
    struct form_thread *f = arg;
    AUTO(arena_free) struct arena own = {0}; /* a request's memory belongs to its thread */

    f->in->form.arena = &own;
    f->ok = record_form(f->in, &f->err);
    f->in->form.arena = NULL;
    return NULL;
}

static void wait_for(const char *sql, const char *value)
{
    int64_t until = clock_mono_ms() + PATIENCE_MS;

    while (strcmp(kit_pg_value(sql), value) != 0 && clock_mono_ms() < until)
        clock_sleep_ms(5);
    assert_string_equal(kit_pg_value(sql), value);
}

/* The first form's page is held up until the others wait for the next one. */
static void all_at_once(struct form_thread f[static FORMS])
{
    AUTO(db_release) struct db_conn *conn = NULL;
    struct err err = ERR_INIT;

    assert_ok(db_lease(app->db, APP_DB_WAIT_MS, &conn, &err), err);
    assert_ok(db_begin(conn, &err), err);
    assert_ok(db_script(conn, "LOCK TABLE upload.arrivals IN ACCESS EXCLUSIVE MODE", &err), err);
    for (int i = 0; i < FORMS; i++) {
        assert_int_equal(pthread_create(&f[i].thread, NULL, record, &f[i]), 0);
        if (i == 0)
            wait_for("SELECT count(*) FROM pg_locks WHERE NOT granted", "1");
    }
    clock_sleep_ms(GATHER_MS);
    db_release(&conn);
    for (int i = 0; i < FORMS; i++)
        pthread_join(f[i].thread, NULL);
}

static void forms_of_one_moment_are_one_transaction(void **state)
{
    struct form_thread f[FORMS] = {{.ok = false}};

    (void)state;
    for (int i = 0; i < FORMS; i++)
        f[i].in = kit_intake(1, NULL, 10 + i);
    all_at_once(f);
    for (int i = 0; i < FORMS; i++) {
        AUTO(str_free) struct str sql = STR_INIT(256);

        assert_ok(f[i].ok, f[i].err);
        str_addf(&sql, "SELECT id FROM upload.platform_snapshots WHERE uuid = '%s'",
                 f[i].in->files[0].uuid.text);
        assert_int_equal(f[i].in->files[0].id, strtoll(kit_pg_value(sql.p), NULL, 10));
    }
    assert_string_equal(kit_pg_value("SELECT count(DISTINCT xmin::text) || ' ' || count(*)"
                                     " FROM upload.platform_snapshots"),
                        "2 8");
    assert_string_equal(COUNT("sets"), "8");
    assert_string_equal(COUNT("outbox"), "8");
    assert_string_equal(COUNT("arrivals"), "0");
}

static void the_same_bytes_in_one_page_become_one_row(void **state)
{
    struct form_thread f[FORMS] = {{.ok = false}};
    int recorded = 0;

    (void)state;
    for (int i = 0; i < FORMS; i++)
        f[i].in = kit_intake(1, NULL, i == 0 ? 5 : 6);
    all_at_once(f);
    for (int i = 0; i < FORMS; i++) {
        assert_ok(f[i].ok, f[i].err);
        recorded += f[i].in->files[0].fate == INTAKE_RECORDED;
        if (i > 0)
            assert_int_equal(f[i].in->files[0].id, f[1].in->files[0].id);
    }
    assert_int_equal(recorded, 2);
    assert_string_equal(COUNT("platform_snapshots"), "2");
    assert_string_equal(COUNT("sets"), "2");
    assert_string_equal(COUNT("outbox"), "2");
    assert_string_equal(COUNT("event_log"), "2");
    assert_string_equal(COUNT("arrivals WHERE state = 'dead'"), "6"); /* their objects go */
}

static void nobody_suffers_for_another(void **state)
{
    struct form_thread f[FORMS] = {{.ok = false}};
    AUTO(str_free) struct str sql = STR_INIT(256);

    (void)state;
    for (int i = 0; i < FORMS; i++)
        f[i].in = kit_intake(1, NULL, 10 + i);
    memset(f[3].in->files[0].object.sha256, 'z', 64); /* no row takes that */
    str_addf(&sql, "UPDATE upload.arrivals SET state = 'dead' WHERE uuid = '%s'",
             f[5].in->files[0].uuid.text);
    kit_pg_sql(sql.p); /* the sweeper was quicker */
    all_at_once(f);
    assert_false(f[3].ok);
    assert_int_equal(f[3].in->files[0].fate, INTAKE_STORED); /* to be undone */
    for (int i = 0; i < FORMS; i++)
        if (i != 3)
            assert_ok(f[i].ok, f[i].err);
    assert_int_equal(f[5].in->files[0].fate, INTAKE_REJECTED);
    assert_string_equal(COUNT("platform_snapshots"), "6");
    assert_string_equal(COUNT("arrivals WHERE state = 'dead'"), "1");
    assert_string_equal(kit_pg_value("SELECT count(*) = (SELECT count(*) FROM upload.sets) AND"
                                     " count(*) = (SELECT count(*) FROM upload.outbox) FROM"
                                     " upload.platform_snapshots"),
                        "t");
}

/* ---- files that arrive ---- */

static void files_arrive_alone_where_a_page_fails(void **state)
{
    struct intake *in = kit_intake(1, NULL, 1);
    struct intake_file *f = &in->files[0];
    struct err err = ERR_INIT;

    (void)state;
    f->announced = false;
    arrival_begin(app, f); /* it is there already, which spoils the page */
    assert_ok(arrival_await(app, f, &err), err);
    assert_true(f->announced);
    assert_string_equal(COUNT("arrivals"), "1");
}

/* ---- a COMMIT without an answer ---- */

static void lose(enum kit_loss what)
{
    AUTO(kit_toll_close) struct kit_toll *toll = kit_toll_open(kit_pg_url("upload_svc"));
    struct app far = {.conf = app->conf, .db_conf = app->db_conf};
    struct intake *in = kit_intake(1, NULL, 1);
    struct err err = ERR_INIT;
    int64_t uncertain = metric_value(M_UNCERTAIN, 0);

    far.db_conf.url = secret_of(kit_toll_url(toll));
    assert_ok(db_open(&far.db_conf, &far.db, &err), err);
    assert_ok(scribe_open(&far, &err), err);
    in->app = &far;
    kit_toll_lose(toll, what);
    assert_ok(record_form(in, &err), err);
    assert_int_equal(metric_value(M_UNCERTAIN, 0), uncertain + 1);
    together_close(&far.scribe);
    db_close(&far.db);
    assert_int_equal(in->files[0].fate, INTAKE_RECORDED);
    assert_int_equal(in->files[0].id,
                     strtoll(kit_pg_value("SELECT id FROM upload.platform_snapshots"), NULL, 10));
    assert_non_null(memmem(in->answer.p, in->answer.n, in->files[0].uploaded_at, 24));
    assert_string_equal(COUNT("platform_snapshots"), "1");
    assert_string_equal(COUNT("outbox"), "1");
    assert_string_equal(COUNT("arrivals"), "0");
}

static void a_page_whose_answer_was_lost_is_found_to_be_written(void **state)
{
    (void)state;
    lose(KIT_LOSE_ANSWER);
}

static void a_page_that_never_arrived_is_written_by_each_alone(void **state)
{
    (void)state;
    lose(KIT_LOSE_COMMIT);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, kit_gate_fresh)
    const struct CMUnitTest tests[] = {
        T(it_is_what_a_form_alone_would_write),
        T(what_is_not_summed_is_written_too),
        T(only_forms_that_nobody_else_knows_are_taken),
        T(forms_of_one_moment_are_one_transaction),
        T(the_same_bytes_in_one_page_become_one_row),
        T(nobody_suffers_for_another),
        T(files_arrive_alone_where_a_page_fails),
        T(a_page_whose_answer_was_lost_is_found_to_be_written),
        T(a_page_that_never_arrived_is_written_by_each_alone),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
