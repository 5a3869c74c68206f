/*
 * test_sweep.c - the broom on a real Postgres and a real S3: what was not recorded goes, all else
 * stays, and a wrong database deletes nothing.
 * Covers: sweep sweep_stray sweep_mark
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/id.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/rgw.h"
#include "upload-svc/arrival.h"
#include "upload-svc/metrics.h"
#include "upload-svc/record.h"
#include "upload-svc/sweep.h"

#define COUNT(table) kit_pg_value("SELECT count(*) FROM upload." table)
#define AGE          "UPDATE upload.arrivals SET heartbeat_at = now() - interval '1 h'"

static struct app *app;

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(true);
    return app ? 0 : -1;
}

static int fresh(void **state)
{
    (void)state;
    kit_gate_reset();
    app->conf.stray_age = -2000; /* what was just written is old enough */
    app->conf.stray_period = 100;
    return 0;
}

static void put(const char *key)
{
    struct s3_etag etag;
    struct err err = ERR_INIT;

    assert_ok(s3_put(app->s3, key, "image/png", SV_LIT("picture"), &etag, &err), err);
}

/* A key of our own pattern. */
static const char *own_key(void)
{
    static char key[SNAPSHOT_KEY_SIZE];
    struct id uuid = id_new();

    snapshot_key(app->key_prefix, clock_wall_s() - 86400 * 2, &uuid, IMAGE_PNG, key);
    return key;
}

/* All but the sweeper's own mark. */
static size_t objects(void)
{
    AUTO(s3_list_free) struct s3_list page = {0};
    struct err err = ERR_INIT;
    size_t n = 0;

    assert_ok(s3_list(app->s3, "", NULL, &page, &err), err);
    assert_null(page.next);
    for (size_t i = 0; i < page.n; i++)
        n += strstr(page.items[i].key, "/sweep-mark") == NULL;
    return n;
}

static bool there(const char *key)
{
    struct s3_head head;
    struct err err = ERR_INIT;

    if (s3_stat(app->s3, key, &head, &err))
        return true;
    assert_int_equal(err.code, ERR_NOT_FOUND);
    return false;
}

static void sweep(void)
{
    struct err err = ERR_INIT;

    kit_pg_sql("UPDATE upload.sweeper SET listed_at = '-infinity'");
    assert_ok(sweep_once(app, &err), err);
}

/* n recorded pictures with their objects. */
static void store(int n)
{
    for (int done = 0; done < n; done += 10) {
        struct intake *in = kit_recorded(n - done < 10 ? n - done : 10, NULL, done + 1);

        for (size_t i = 0; i < in->file_count; i++)
            put(in->files[i].key);
    }
}

static void an_abandoned_upload_goes_with_its_object_and_a_living_one_stays(void **state)
{
    struct intake *dead = kit_intake(2, NULL, 1), *alive;

    (void)state;
    put(dead->files[0].key); /* the second died before its object */
    kit_pg_sql(AGE);
    alive = kit_intake(1, NULL, 2);
    put(alive->files[0].key);
    sweep();
    assert_false(there(dead->files[0].key));
    assert_true(there(alive->files[0].key));
    assert_string_equal(kit_pg_value("SELECT string_agg(uuid::text, ',') FROM upload.arrivals"),
                        alive->files[0].uuid.text);
}

static void age_goes_by_heartbeat_not_by_birth(void **state)
{
    struct intake *in = kit_intake(1, NULL, 1);

    (void)state;
    put(in->files[0].key);
    kit_pg_sql("UPDATE upload.arrivals SET born_at = now() - interval '2 days'");
    sweep();
    assert_true(there(in->files[0].key));
    assert_string_equal(COUNT("arrivals WHERE state = 'open'"), "1");
}

static void parts_of_an_abandoned_upload_are_aborted(void **state)
{
    AUTO(s3_strays_free) struct s3_strays left = {0};
    struct intake *in = kit_intake(1, NULL, 1);
    char id[S3_UPLOAD_ID_SIZE];
    struct err err = ERR_INIT;
    struct s3_etag etag;

    (void)state;
    assert_ok(s3_mpu_create(app->s3, in->files[0].key, "image/png", id, &err), err);
    assert_ok(s3_mpu_part(app->s3, &(struct s3_mpu){in->files[0].key, id}, 1, SV_LIT("part"), &etag,
                          &err),
              err);
    assert_ok(arrival_parts(app, &in->files[0].uuid, id, &err), err);
    sweep();
    assert_ok(s3_mpu_list(app->s3, app->key_prefix, &left, &err), err);
    assert_int_equal(left.n, 1); /* alive */
    s3_strays_free(&left);
    kit_pg_sql(AGE);
    sweep();
    assert_ok(s3_mpu_list(app->s3, app->key_prefix, &left, &err), err);
    assert_int_equal(left.n, 0);
    assert_string_equal(COUNT("arrivals"), "0");
}

static void parts_that_no_row_knows_are_aborted_too(void **state)
{
    AUTO(s3_strays_free) struct s3_strays left = {0};
    const char *key = own_key();
    char id[S3_UPLOAD_ID_SIZE], foreign[S3_UPLOAD_ID_SIZE];
    struct err err = ERR_INIT;

    (void)state;
    assert_ok(s3_mpu_create(app->s3, key, "image/png", id, &err), err);
    assert_ok(s3_mpu_create(app->s3, "old/screens.png", "image/png", foreign, &err), err);
    sweep();
    assert_ok(s3_mpu_list(app->s3, app->key_prefix, &left, &err), err);
    assert_int_equal(left.n, 0);
    s3_strays_free(&left);
    assert_ok(s3_mpu_list(app->s3, "old/", &left, &err), err);
    assert_int_equal(left.n, 1);
    assert_ok(s3_mpu_abort(app->s3, "old/screens.png", foreign, &err), err);
}

static void a_form_that_ends_after_the_sweep_finds_its_file_given_up(void **state)
{
    struct intake *in = kit_intake(2, NULL, 1);
    struct err err = ERR_INIT;

    (void)state;
    put(in->files[0].key);
    put(in->files[1].key);
    kit_pg_sql(AGE);
    sweep();
    assert_ok(record_form(in, &err), err);
    assert_int_equal(in->files[0].fate, INTAKE_REJECTED);
    assert_int_equal(in->files[1].fate, INTAKE_REJECTED);
    assert_string_equal(COUNT("platform_snapshots"), "0");
    assert_int_equal(objects(), 0);
}

static void a_stray_goes_and_what_a_row_knows_stays(void **state)
{
    char stray[SNAPSHOT_KEY_SIZE];

    (void)state;
    store(120);
    snprintf(stray, sizeof stray, "%s", own_key());
    put(stray);
    sweep();
    assert_false(there(stray));
    assert_int_equal(objects(), 120);
    assert_string_equal(COUNT("sweeper WHERE tripped_at IS NULL AND listed_at > now() - interval"
                              " '1 min'"),
                        "1");
}

static void a_young_stray_stays(void **state)
{
    char stray[SNAPSHOT_KEY_SIZE];

    (void)state;
    app->conf.stray_age = 3600000;
    store(120);
    snprintf(stray, sizeof stray, "%s", own_key());
    put(stray);
    sweep();
    assert_true(there(stray));
}

static void objects_of_others_are_never_touched(void **state)
{
    char foreign[6][SNAPSHOT_KEY_SIZE];
    struct id uuid = id_new();

    (void)state;
    store(110);
    snprintf(foreign[0], sizeof foreign[0], "uploads/screenshots-1700000000000-1.png");
    snprintf(foreign[1], sizeof foreign[1], "ffffffff/snapshots/2026-11-01/%s.png", uuid.text);
    snprintf(foreign[2], sizeof foreign[2], "%snotes.txt", app->key_prefix);
    snprintf(foreign[3], sizeof foreign[3], "%s2026-11-01/%s.png.bak", app->key_prefix, uuid.text);
    snprintf(foreign[4], sizeof foreign[4], "ffffffff/derived/%s/s.png", uuid.text);
    snprintf(foreign[5], sizeof foreign[5], "x/%s2026-11-01/%s.png", app->key_prefix, uuid.text);
    for (size_t i = 0; i < COUNT_OF(foreign); i++)
        put(foreign[i]);
    sweep();
    for (size_t i = 0; i < COUNT_OF(foreign); i++)
        if (!there(foreign[i]))
            fail_msg("deleted: %s", foreign[i]);
    assert_string_equal(COUNT("sweeper WHERE tripped_at IS NULL"), "1");
}

static void the_fuse_blows_over_a_hundred_or_over_one_in_a_hundred_but_lets_a_few_go(void **state)
{
    static const struct {
        size_t strays, listed;
        bool blows;
    } rows[] = {
        {0, 0, false},  {0, 5, false},     {1, 1, true},        {1, 2, false},
        {1, 99, false}, {1, 100, false},   {2, 3, true},        {3, 6, false},
        {3, 5, true},   {4, 8, true},      {4, 399, true},      {4, 400, false},
        {8, 20, true},  {100, 9999, true}, {100, 10000, false}, {101, 10000000, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (sweep_fuse_blows(rows[i].strays, rows[i].listed) != rows[i].blows)
            fail_msg("%zu of %zu", rows[i].strays, rows[i].listed);
}

static void a_small_bucket_is_swept_too(void **state)
{
    char stray[SNAPSHOT_KEY_SIZE];

    (void)state;
    store(5);
    snprintf(stray, sizeof stray, "%s", own_key());
    put(stray);
    sweep();
    assert_false(there(stray));
    assert_int_equal(objects(), 5);
}

static void a_full_bucket_that_no_row_knows_keeps_everything_until_it_is_lifted(void **state)
{
    struct intake *dead;
    struct err err = ERR_INIT;

    (void)state;
    for (int i = 0; i < 5; i++)
        put(own_key());
    dead = kit_intake(1, NULL, 1);
    put(dead->files[0].key);
    kit_pg_sql(AGE);
    sweep();
    assert_int_equal(objects(), 5); /* the abandoned upload stands in a row of this database */
    assert_string_equal(COUNT("arrivals"), "0");
    assert_string_equal(COUNT("sweeper WHERE tripped_why = '5 of 5 objects are in no row'"), "1");
    assert_int_equal(metric_value(M_FUSE, 0), 1);
    assert_int_equal(metric_value(M_STRAYS, 0), 5);
    sweep(); /* and stays a dry run */
    assert_int_equal(objects(), 5);
    assert_ok(sweep_lift(app, &err), err);
    sweep();
    assert_int_equal(objects(), 0);
    assert_int_equal(metric_value(M_FUSE, 0), 0);
    put(own_key()); /* lifted once, not for ever */
    sweep();
    assert_int_equal(objects(), 1);
    assert_string_equal(COUNT("sweeper WHERE tripped_at IS NOT NULL"), "1");
}

static void rows_lost_by_the_score_delete_nothing(void **state)
{
    (void)state;
    store(20);
    kit_pg_sql("DELETE FROM upload.platform_snapshots WHERE id > 12");
    sweep();
    assert_int_equal(objects(), 20);
    assert_string_equal(COUNT("sweeper WHERE tripped_at IS NOT NULL"), "1");
}

/* What pg_dump of yesterday holds: rows, arrivals on their way then, and the sweeper's own row. */
static void remember(void)
{
    kit_pg_sql("DROP TABLE IF EXISTS public.old_sweeper, public.old_arrivals;"
               "CREATE TABLE public.old_sweeper AS TABLE upload.sweeper;"
               "CREATE TABLE public.old_arrivals AS TABLE upload.arrivals");
}

static void restore(void)
{
    kit_pg_sql("DELETE FROM upload.sweeper; INSERT INTO upload.sweeper TABLE public.old_sweeper;"
               "DELETE FROM upload.arrivals; INSERT INTO upload.arrivals TABLE public.old_arrivals;"
               "DROP TABLE public.old_sweeper, public.old_arrivals");
}

static void a_database_of_yesterday_deletes_not_even_what_it_takes_for_abandoned(void **state)
{
    struct intake *then;
    struct err err = ERR_INIT;

    (void)state;
    store(10);
    sweep();
    then = kit_intake(1, NULL, 90); /* on its way when the backup was made ... */
    put(then->files[0].key);
    remember();
    assert_ok(record_form(then, &err), err); /* ... and recorded after it */
    store(1);
    sweep();
    assert_int_equal(objects(), 12);
    restore();
    kit_pg_sql("DELETE FROM upload.platform_snapshots WHERE id > 10");
    kit_pg_sql(AGE);
    for (int i = 0; i < 2; i++) {
        sweep(); /* two strays of twelve would pass by number */
        assert_int_equal(objects(), 12);
        assert_string_equal(COUNT("arrivals WHERE state = 'open'"), "1");
        assert_int_equal(metric_value(M_FUSE, 0), 1);
    }
    assert_string_equal(COUNT("sweeper WHERE tripped_why LIKE '%newer database%'"), "1");
    assert_ok(sweep_lift(app, &err), err); /* an operator knows better */
    sweep();
    assert_int_equal(objects(), 10);
    assert_string_equal(COUNT("arrivals"), "0");
    sweep(); /* and the bucket is this database's from now on */
    assert_int_equal(metric_value(M_FUSE, 0), 0);
}

static void a_fresh_database_that_takes_the_old_ones_name_deletes_nothing(void **state)
{
    (void)state;
    store(3);
    sweep();
    kit_pg_sql("DELETE FROM upload.platform_snapshots; DELETE FROM upload.sweeper;"
               "INSERT INTO upload.sweeper DEFAULT VALUES");
    store(3); /* so that half of the objects are known */
    sweep();
    assert_int_equal(objects(), 6);
    assert_string_equal(COUNT("sweeper WHERE tripped_why LIKE '%newer database%'"), "1");
}

static void a_crash_between_the_two_halves_of_a_mark_leaves_it_ours(void **state)
{
    bool ours = false;
    struct err err = ERR_INIT;

    (void)state;
    store(1);
    sweep();
    kit_pg_sql("UPDATE upload.sweeper SET next_mark = 'another'"); /* before S3 heard of it */
    assert_ok(sweep_mark_is_ours(app, &ours, &err), err);
    assert_true(ours);
    kit_pg_sql("UPDATE upload.sweeper SET next_mark = mark, mark = 'older'"); /* and after */
    assert_ok(sweep_mark_is_ours(app, &ours, &err), err);
    assert_true(ours);
    kit_pg_sql("UPDATE upload.sweeper SET next_mark = 'x', mark = NULL");
    assert_ok(sweep_mark_is_ours(app, &ours, &err), err);
    assert_false(ours);
}

static void abandoned_uploads_do_not_wait_for_the_fuse_of_strays(void **state)
{
    struct intake *dead;
    struct err err = ERR_INIT;

    (void)state;
    put(own_key());
    sweep();
    assert_int_equal(objects(), 1);
    assert_int_equal(metric_value(M_FUSE, 0), 1);
    app->conf.stray_period = 3600000; /* the bucket is not listed in this round */
    dead = kit_intake(1, NULL, 1);
    put(dead->files[0].key);
    kit_pg_sql(AGE);
    assert_ok(sweep_once(app, &err), err);
    assert_int_equal(objects(), 1);
    assert_string_equal(COUNT("arrivals"), "0");
    assert_int_equal(metric_value(M_FUSE, 0), 1); /* which holds */
}

static void derived_pictures_live_while_their_snapshot_does(void **state)
{
    char of_row[SNAPSHOT_KEY_SIZE], of_arrival[SNAPSHOT_KEY_SIZE], odd[SNAPSHOT_KEY_SIZE];
    struct intake *in, *here;

    (void)state;
    store(5);
    in = kit_recorded(1, NULL, 50);
    put(in->files[0].key);
    here = kit_intake(1, NULL, 51);
    snprintf(of_row, sizeof of_row, "%sderived/%s/scaled-1600.jpg", app->root,
             in->files[0].uuid.text);
    snprintf(of_arrival, sizeof of_arrival, "%sderived/%s/scaled-1600.jpg", app->root,
             here->files[0].uuid.text); /* no snapshot yet: nothing can be made of it */
    snprintf(odd, sizeof odd, "%sderived/%s/Notes of mine.txt", app->root,
             here->files[0].uuid.text);
    put(of_row);
    put(of_arrival);
    put(odd);
    sweep();
    assert_true(there(of_row));
    assert_false(there(of_arrival));
    assert_true(there(odd));
    kit_pg_sql("DELETE FROM upload.platform_snapshots WHERE id = 6");
    sweep();
    assert_false(there(of_row));
    assert_false(there(in->files[0].key));
    assert_int_equal(objects(), 6);
}

static void a_recorded_picture_protects_no_unfinished_upload(void **state)
{
    AUTO(s3_strays_free) struct s3_strays left = {0};
    char id[S3_UPLOAD_ID_SIZE], alive[S3_UPLOAD_ID_SIZE];
    struct intake *in, *here;
    struct err err = ERR_INIT;

    (void)state;
    in = kit_recorded(1, NULL, 1);
    put(in->files[0].key);
    here = kit_intake(1, NULL, 2);
    assert_ok(s3_mpu_create(app->s3, in->files[0].key, "image/png", id, &err), err);
    assert_ok(s3_mpu_create(app->s3, here->files[0].key, "image/png", alive, &err), err);
    sweep();
    assert_ok(s3_mpu_list(app->s3, app->root, &left, &err), err);
    assert_int_equal(left.n, 1);
    assert_string_equal(left.items[0].upload_id, alive);
    assert_true(there(in->files[0].key));
    assert_ok(s3_mpu_abort(app->s3, here->files[0].key, alive, &err), err);
}

static void a_dry_run_counts_and_changes_nothing(void **state)
{
    struct intake *dead;
    struct sweep_counts c;
    char id[S3_UPLOAD_ID_SIZE], key[SNAPSHOT_KEY_SIZE];
    struct err err = ERR_INIT;

    (void)state;
    store(5);
    put(own_key());
    dead = kit_intake(1, NULL, 70);
    put(dead->files[0].key);
    snprintf(key, sizeof key, "%s", own_key());
    assert_ok(s3_mpu_create(app->s3, key, "image/png", id, &err), err);
    kit_pg_sql(AGE);
    app->conf.sweep_dry_run = true;
    sweep();
    assert_int_equal(objects(), 7);
    assert_int_equal(metric_value(M_STRAYS, 0), 1);
    assert_int_equal(metric_value(M_STALE, 0), 1);
    assert_int_equal(metric_value(M_LISTED, 0), 7);
    assert_int_equal(metric_value(M_STRAY_PARTS, 0), 1);
    assert_ok(sweep_dry_run(app, &c, &err), err);
    assert_int_equal(c.arrivals, 1);
    assert_int_equal(c.listed, 7);
    assert_int_equal(c.strays, 1);
    assert_int_equal(c.parts, 1);
    assert_false(c.blown);
    assert_int_equal(objects(), 7);
    assert_string_equal(COUNT("arrivals WHERE state = 'open'"), "1");
    assert_string_equal(COUNT("sweeper WHERE mark IS NULL"), "1");
    app->conf.sweep_dry_run = false;
    sweep();
    assert_int_equal(objects(), 5);
    kit_pg_sql("DELETE FROM upload.platform_snapshots");
    assert_ok(sweep_dry_run(app, &c, &err), err);
    assert_true(c.blown);
    assert_false(c.foreign);
    assert_string_equal(COUNT("sweeper WHERE tripped_at IS NULL"), "1");
}

static void *sweep_on(void *arg)
{
    uintptr_t bad = 0;

    (void)arg;
    for (int i = 0; i < 6; i++) {
        struct err err = ERR_INIT;

        bad += !sweep_once(app, &err);
        clock_sleep_ms(10);
    }
    return (void *)bad;
}

static void two_sweepers_at_once_remove_each_thing_once(void **state)
{
    int64_t arrivals = metric_value(M_SWEPT, BROOM_ARRIVAL);
    int64_t strays = metric_value(M_SWEPT, BROOM_STRAY);
    pthread_t threads[2];
    void *bad;

    (void)state;
    store(10);
    for (int i = 0; i < 3; i++)
        put(own_key());
    for (int i = 0; i < 4; i++)
        put(kit_intake(1, NULL, 60 + i)->files[0].key);
    kit_pg_sql(AGE);
    app->conf.stray_period = 1;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sweep_on, NULL), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &bad);
        assert_null(bad);
    }
    assert_int_equal(objects(), 10);
    assert_string_equal(COUNT("arrivals"), "0");
    assert_int_equal(metric_value(M_SWEPT, BROOM_ARRIVAL) - arrivals, 4);
    assert_int_equal(metric_value(M_SWEPT, BROOM_STRAY) - strays, 3);
}

static void the_bucket_is_listed_only_when_its_time_has_come(void **state)
{
    struct err err = ERR_INIT;
    char stray[SNAPSHOT_KEY_SIZE];

    (void)state;
    app->conf.stray_period = 3600000;
    store(110);
    sweep();
    snprintf(stray, sizeof stray, "%s", own_key());
    put(stray);
    assert_ok(sweep_once(app, &err), err);
    assert_true(there(stray));
}

static void one_replica_sweeps_at_a_time(void **state)
{
    AUTO(db_close) struct db *other = NULL;
    AUTO(db_release) struct db_conn *conn = NULL;
    struct intake *dead = kit_intake(1, NULL, 1);
    struct err err = ERR_INIT;
    char got[8];

    (void)state;
    kit_pg_sql(AGE);
    assert_ok(db_open(&app->db_conf, &other, &err), err);
    assert_ok(db_lease(other, 1000, &conn, &err), err);
    assert_ok(
        db_script_value(conn, "SELECT pg_try_advisory_lock(7316042257319)", got, sizeof got, &err),
        err);
    assert_string_equal(got, "t");
    assert_ok(sweep_once(app, &err), err);
    assert_string_equal(COUNT("arrivals WHERE state = 'open'"), "1");
    db_release(&conn);
    db_close(&other); /* the other replica dies */
    clock_sleep_ms(200);
    sweep();
    assert_string_equal(COUNT("arrivals"), "0");
    assert_false(there(dead->files[0].key));
}

static void sessions_that_are_over_are_tidied(void **state)
{
    (void)state;
    kit_pg_sql("INSERT INTO upload.sessions (sha256, token_sha256, expires_at) VALUES"
               " ('a', 't', now() - interval '1 s'), ('b', 't', now() + interval '1 h')");
    sweep();
    assert_string_equal(kit_pg_value("SELECT string_agg(sha256, ',') FROM upload.sessions"), "b");
}

static void the_thread_sweeps_by_itself_and_ends_when_told(void **state)
{
    struct worker *broom = NULL;
    struct err err = ERR_INIT;

    (void)state;
    kit_intake(1, NULL, 1);
    kit_pg_sql(AGE);
    app->conf.sweep_period = 100;
    assert_ok(sweep_open(app, &broom, &err), err);
    for (int i = 0; i < 100 && strcmp(COUNT("arrivals"), "0") != 0; i++)
        clock_sleep_ms(50);
    assert_string_equal(COUNT("arrivals"), "0");
    worker_close(&broom);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
    const struct CMUnitTest tests[] = {
        T(an_abandoned_upload_goes_with_its_object_and_a_living_one_stays),
        T(age_goes_by_heartbeat_not_by_birth),
        T(parts_of_an_abandoned_upload_are_aborted),
        T(parts_that_no_row_knows_are_aborted_too),
        T(a_form_that_ends_after_the_sweep_finds_its_file_given_up),
        T(a_stray_goes_and_what_a_row_knows_stays),
        T(a_young_stray_stays),
        T(objects_of_others_are_never_touched),
        T(the_fuse_blows_over_a_hundred_or_over_one_in_a_hundred_but_lets_a_few_go),
        T(a_small_bucket_is_swept_too),
        T(a_full_bucket_that_no_row_knows_keeps_everything_until_it_is_lifted),
        T(rows_lost_by_the_score_delete_nothing),
        T(a_database_of_yesterday_deletes_not_even_what_it_takes_for_abandoned),
        T(a_fresh_database_that_takes_the_old_ones_name_deletes_nothing),
        T(a_crash_between_the_two_halves_of_a_mark_leaves_it_ours),
        T(abandoned_uploads_do_not_wait_for_the_fuse_of_strays),
        T(derived_pictures_live_while_their_snapshot_does),
        T(a_recorded_picture_protects_no_unfinished_upload),
        T(a_dry_run_counts_and_changes_nothing),
        T(two_sweepers_at_once_remove_each_thing_once),
        T(the_bucket_is_listed_only_when_its_time_has_come),
        T(one_replica_sweeps_at_a_time),
        T(sessions_that_are_over_are_tidied),
        T(the_thread_sweeps_by_itself_and_ends_when_told),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
