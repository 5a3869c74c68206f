/*
 * test_events.c - event streams through the real door: in order, none skipped, none doubled,
 * however transactions commit; and the id that a client comes back with.
 * Covers: events events_cursor hub
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/config.h" /* its events are read */
#include "common/clock.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/schema.h"
#include "tests/kit/talk.h"
#include "upload-svc/events.h"
#include "upload-svc/hub.h"

static struct app *app;

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(false);
    return app ? 0 : -1;
}

/* A stream whose client has gone finds out by writing. */
static void streams_go_down_to(int n)
{
    for (int i = 0; i < 100 && app->streams > n; i++) {
        kit_pg_sql("INSERT INTO upload.event_log (snapshot_id, state) VALUES (1, 'pending');"
                   "NOTIFY upload_events");
        clock_sleep_ms(50);
    }
}

static int fresh(void **state)
{
    (void)state;
    streams_go_down_to(0);
    kit_gate_reset();
    return 0;
}

/* ---- the id ---- */
static void an_id_reads_back_as_it_was_written(void **state)
{
    const struct events_cursor all[] = {{0, 0, 0, 0},
                                        {.upload_xid = 740, .analysis_xid = 741, 12, 9},
                                        {.upload_xid = 999999999999999999,
                                         .analysis_xid = 999999999999999999,
                                         999999999999999999,
                                         999999999999999999}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        struct events_cursor back = {1, 1, 1, 1};
        char text[EVENTS_ID_SIZE];

        events_cursor_print(&all[i], text);
        assert_true(events_cursor_parse(sv_of(text), &back));
        assert_memory_equal(&back, &all[i], sizeof back);
    }
}

static void an_id_of_nobody_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "0",
                                      "u",
                                      "u1",
                                      "u1.2",
                                      "u1.2-",
                                      "u1.2-a3",
                                      "u1.2-a3.",
                                      "u1.2-a3.4x",
                                      "u1.2-a3.4 ",
                                      " u1.2-a3.4",
                                      "u-1.2-a3.4",
                                      "u+1.2-a3.4",
                                      "u1.2a3.4",
                                      "a3.4-u1.2",
                                      "u1.2-a3.4-b5.6",
                                      "u1.2-a3.9999999999999999999",
                                      "u18446744073709551616.1-a1.1",
                                      "U1.2-A3.4",
                                      "u1.2-a3.4\r\nX: y",
                                      "u0x1.2-a3.4"};
    struct events_cursor c = {5, 5, 5, 5};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (events_cursor_parse(sv_of(bad[i]), &c))
            fail_msg("taken: %s", bad[i]);
    assert_false(events_cursor_parse((struct sv){"u1.2-a3.4\0", 10}, &c));
    assert_int_equal(c.upload_xid, 5);
}

/* ---- streams ---- */
static struct talk *listen_from(const char *last)
{
    struct talk *talk = talk_open(kit_gate_port());
    char head[512];

    snprintf(head, sizeof head,
             "GET /api/admin/snapshots/events HTTP/1.1\r\nHost: x\r\nAuthorization: "
             "Bearer " KIT_GATE_TOKEN "\r\n%s%s%s\r\n",
             last ? "Last-Event-ID: " : "", last ? last : "", last ? "\r\n" : "");
    talk_say(talk, head);
    return talk;
}

static struct talk *listening(const char *last)
{
    struct talk *talk = listen_from(last);

    assert_true(talk_wait(talk, "event: ready", 5000));
    return talk;
}

/* The numbers of the pictures told so far, "1,2,2,". */
static const char *told(const struct talk *talk)
{
    static char out[65536];
    const char *at = talk->in;

    out[0] = '\0';
    while ((at = strstr(at, "data: {\"id\":"))) {
        at += 12;
        snprintf(out + strlen(out), sizeof out - strlen(out), "%ld,", strtol(at, NULL, 10));
    }
    return out;
}

static void until_told(struct talk *talk, const char *want)
{
    for (int i = 0; i < 60 && strcmp(told(talk), want) != 0; i++)
        (void)talk_wait(talk, "\x01never", 100);
    assert_string_equal(told(talk), want);
}

static void add_event(int snapshot)
{
    char sql[200];

    snprintf(sql, sizeof sql,
             "INSERT INTO upload.event_log (snapshot_id, state, data)"
             " VALUES (%d, 'pending', '{\"fileName\":\"a\"}'); NOTIFY upload_events",
             snapshot);
    kit_pg_sql(sql);
}

static void a_recorded_picture_is_told_at_once(void **state)
{
    AUTO(talk_close) struct talk *talk = listening(NULL);
    struct intake *in;
    int64_t began;

    (void)state;
    clock_sleep_ms(700); /* the hub LISTENs by now */
    in = kit_recorded(1, NULL, 1);
    began = clock_mono_ms();
    assert_true(talk_wait(talk, "\"state\":\"pending\"", 5000));
    assert_true(clock_mono_ms() - began < 1500); /* the notification, not the poll of two seconds */
    assert_true(talk_wait(talk, in->files[0].uuid.text, 1000));
    assert_non_null(strstr(talk->in, "Content-Type: text/event-stream"));
    assert_non_null(strstr(talk->in, "event: snapshot"));
    assert_non_null(strstr(talk->in, "\"processingStatus\":\"pending\""));
    assert_non_null(strstr(talk->in, "\"terminal\":false"));
}

struct writer {
    struct db *db;
    struct db_conn *conn;
};

static struct writer begin(int snapshot)
{
    struct writer w = {NULL, NULL};
    struct err err = ERR_INIT;
    char sql[200];

    assert_ok(db_open(&app->db_conf, &w.db, &err), err);
    assert_ok(db_lease(w.db, 1000, &w.conn, &err), err);
    assert_ok(db_begin(w.conn, &err), err);
    snprintf(sql, sizeof sql,
             "INSERT INTO upload.event_log (snapshot_id, state) VALUES (%d, 'pending')", snapshot);
    assert_ok(db_script(w.conn, sql, &err), err);
    return w;
}

static void commit(struct writer *w)
{
    struct err err = ERR_INIT;

    assert_ok(db_commit(w->conn, &err), err);
    db_release(&w->conn);
    db_close(&w->db);
}

static void what_commits_late_is_neither_skipped_nor_doubled(void **state)
{
    AUTO(talk_close) struct talk *talk = listening(NULL);
    struct writer first = begin(1), second = begin(2);

    (void)state;
    commit(&second); /* the higher number is there, the lower one is not yet */
    add_event(3);
    (void)talk_wait(talk, "\x01never", 2600);
    assert_string_equal(told(talk), ""); /* nothing that would have to be taken back */
    commit(&first);
    until_told(talk, "1,2,3,");
    add_event(4);
    until_told(talk, "1,2,3,4,");
}

static void a_transaction_that_is_rolled_back_holds_nobody_up_for_ever(void **state)
{
    AUTO(talk_close) struct talk *talk = listening(NULL);
    struct writer first = begin(1);

    (void)state;
    add_event(2);
    db_release(&first.conn);
    db_close(&first.db);
    until_told(talk, "2,");
}

/* The id of the last event that was told. */
static void last_id(const struct talk *talk, char out[static EVENTS_ID_SIZE])
{
    const char *at = talk->in, *last = NULL;

    while ((at = strstr(at, "id: u")))
        last = at++;
    assert_non_null(last);
    snprintf(out, EVENTS_ID_SIZE, "%.*s", (int)strcspn(last + 4, "\n"), last + 4);
}

static void who_comes_back_hears_what_was_missed_and_nothing_twice(void **state)
{
    struct talk *talk = listening(NULL);
    char id[EVENTS_ID_SIZE];

    (void)state;
    add_event(1);
    add_event(2);
    until_told(talk, "1,2,");
    last_id(talk, id);
    talk_close(&talk);
    add_event(3);
    add_event(4);
    talk = listening(id);
    until_told(talk, "3,4,");
    talk_close(&talk);
    talk = listening("u0.0-a0.0"); /* from the beginning */
    until_told(talk, "1,2,3,4,");
    talk_close(&talk);
}

/* The client dies while a lower number is still uncommitted and a higher one is there, in both logs
 * at once; whoever comes back from its last id hears each exactly once. */
static void a_stream_that_is_cut_amid_late_commits_loses_and_doubles_nothing(void **state)
{
    struct talk *talk;
    struct writer late, later;
    char id[EVENTS_ID_SIZE];

    (void)state;
    kit_schema_analysis();
    talk = listening(NULL);
    add_event(1);
    until_told(talk, "1,");
    late = begin(2);
    add_event(3);
    kit_schema_image(4, "waiting", "");
    later = begin(5);
    (void)talk_wait(talk, "\x01never", 300);
    last_id(talk, id);
    talk_close(&talk); /* with three events in flight, none of which was told */
    commit(&later);
    add_event(6);
    talk = listening(id);
    (void)talk_wait(talk, "\x01never", 300);
    assert_string_equal(told(talk), ""); /* the first is still missing */
    talk_close(&talk);
    commit(&late);
    talk = listening(id);
    (void)talk_wait(talk, "\"id\":4", 5000);
    (void)talk_wait(talk, "\"id\":6", 5000);
    (void)talk_wait(talk, "\x01never", 200);
    assert_int_equal(strlen(told(talk)), strlen("2,3,5,6,4,"));
    for (const char *n = "23456"; *n; n++) {
        char one[4] = {*n, ',', '\0', '\0'};

        assert_non_null(strstr(told(talk), one));
    }
    last_id(talk, id);
    talk_close(&talk);
    talk = listening(id);
    add_event(7);
    until_told(talk, "7,");
    talk_close(&talk);
}

static void more_than_a_page_of_events_is_told_in_order(void **state)
{
    AUTO(talk_close) struct talk *talk = NULL;
    AUTO(str_free) struct str want = STR_INIT(65536);

    (void)state;
    kit_pg_sql("INSERT INTO upload.event_log (snapshot_id, state)"
               " SELECT i, 'pending' FROM generate_series(1, 450) AS i");
    for (int i = 1; i <= 450; i++)
        str_addf(&want, "%d,", i);
    talk = listening("u0.0-a0.0");
    until_told(talk, want.p);
}

static void what_the_analysis_says_is_told_in_words_for_people(void **state)
{
    AUTO(talk_close) struct talk *talk = NULL;

    (void)state;
    kit_schema_analysis();
    talk = listening(NULL);
    add_event(41);
    until_told(talk, "41,");
    kit_schema_image(41, "waiting", "");
    until_told(talk, "41,41,");
    kit_schema_image(41, "doubtful", "no_rows");
    until_told(talk, "41,41,41,");
    assert_non_null(strstr(talk->in, "\"state\":\"processing\""));
    assert_non_null(strstr(talk->in,
                           "\"state\":\"needs_review\",\"processingStatus\":\"completed\","
                           "\"statusDisplay\":\"Needs review\",\"needsReview\":true"));
}

static void an_id_that_is_garbage_is_a_bad_request(void **state)
{
    AUTO(talk_close) struct talk *talk = listen_from("garbage");

    (void)state;
    assert_int_equal(talk_status(talk_answer(talk)), 400);
}

static void over_the_limit_a_client_is_told_to_come_back(void **state)
{
    struct talk *talk[6];

    (void)state;
    for (int i = 0; i < 4; i++)
        talk[i] = listening(NULL);
    talk[4] = listen_from(NULL);
    assert_true(talk_wait(talk[4], "retry: 15000", 5000));
    assert_true(talk_wait(talk[4], "0\r\n\r\n", 5000)); /* and it ends */
    assert_non_null(strstr(talk[4]->in, "HTTP/1.1 200"));
    talk_close(&talk[0]);
    streams_go_down_to(3);
    talk[5] = listening(NULL);
    for (int i = 1; i < 6; i++)
        talk_close(&talk[i]);
}

/* ---- the hub ---- */
static void *wait_on(void *arg)
{
    struct hub *hub = arg;

    hub_wait(hub, hub_seen(hub), 20000);
    return NULL;
}

static void a_hub_that_ends_wakes_all_who_wait(void **state)
{
    AUTO(hub_close) struct hub *hub = NULL;
    pthread_t threads[3];
    struct err err = ERR_INIT;
    int64_t began = clock_mono_ms();

    (void)state;
    assert_ok(hub_open(app, &hub, &err), err);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, wait_on, hub), 0);
    clock_sleep_ms(100);
    hub_end(hub);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    hub_wait(hub, hub_seen(hub), 20000); /* none waits again */
    assert_true(clock_mono_ms() - began < 5000);
}

static void a_hub_hears_notifications_also_after_its_connection_broke(void **state)
{
    AUTO(hub_close) struct hub *hub = NULL;
    struct err err = ERR_INIT;
    uint64_t seen;

    (void)state;
    assert_ok(hub_open(app, &hub, &err), err);
    clock_sleep_ms(700);
    seen = hub_seen(hub);
    kit_pg_sql("NOTIFY upload_outbox");
    hub_wait(hub, seen, 5000);
    assert_true(hub_seen(hub) > seen);
    kit_pg_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE"
               " '%LISTEN%' AND pid <> pg_backend_pid()");
    clock_sleep_ms(2500);
    seen = hub_seen(hub);
    kit_pg_sql("NOTIFY analysis_events");
    hub_wait(hub, seen, 5000);
    assert_true(hub_seen(hub) > seen);
}

static void waiting_ends_when_its_time_is_over(void **state)
{
    AUTO(hub_close) struct hub *hub = NULL;
    struct err err = ERR_INIT;
    int64_t began;

    (void)state;
    assert_ok(hub_open(app, &hub, &err), err);
    began = clock_mono_ms();
    hub_wait(hub, hub_seen(hub), 150);
    assert_true(clock_mono_ms() - began >= 149);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_reads_back_as_it_was_written),
        cmocka_unit_test(an_id_of_nobody_is_refused),
        T(a_recorded_picture_is_told_at_once),
        T(what_commits_late_is_neither_skipped_nor_doubled),
        T(a_transaction_that_is_rolled_back_holds_nobody_up_for_ever),
        T(who_comes_back_hears_what_was_missed_and_nothing_twice),
        T(more_than_a_page_of_events_is_told_in_order),
        T(what_the_analysis_says_is_told_in_words_for_people),
        T(a_stream_that_is_cut_amid_late_commits_loses_and_doubles_nothing),
        T(an_id_that_is_garbage_is_a_bad_request),
        T(over_the_limit_a_client_is_told_to_come_back),
        T(a_hub_that_ends_wakes_all_who_wait),
        T(a_hub_hears_notifications_also_after_its_connection_broke),
        T(waiting_ends_when_its_time_is_over),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
