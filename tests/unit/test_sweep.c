/*
 * test_sweep.c - the broom on a real Postgres and a real S3: what was not recorded goes, all else
 * stays, and a wrong database deletes nothing.
 * Covers: sweep sweep_stray
 */
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

static size_t objects(void)
{
    AUTO(s3_list_free) struct s3_list page = {0};
    struct err err = ERR_INIT;

    assert_ok(s3_list(app->s3, "", NULL, &page, &err), err);
    assert_null(page.next);
    return page.n;
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
    snprintf(foreign[4], sizeof foreign[4], "%s/derived/%s/s.png", app->deployment, uuid.text);
    snprintf(foreign[5], sizeof foreign[5], "x/%s2026-11-01/%s.png", app->key_prefix, uuid.text);
    for (size_t i = 0; i < COUNT_OF(foreign); i++)
        put(foreign[i]);
    sweep();
    for (size_t i = 0; i < COUNT_OF(foreign); i++)
        if (!there(foreign[i]))
            fail_msg("deleted: %s", foreign[i]);
    assert_string_equal(COUNT("sweeper WHERE tripped_at IS NULL"), "1");
}

static void the_fuse_blows_over_a_hundred_or_over_one_in_a_hundred(void **state)
{
    (void)state;
    assert_false(sweep_fuse_blows(1, 100));
    assert_true(sweep_fuse_blows(1, 99));
    assert_true(sweep_fuse_blows(2, 199));
    assert_false(sweep_fuse_blows(2, 200));
    assert_false(sweep_fuse_blows(100, 10000));
    assert_true(sweep_fuse_blows(101, 10000000));
    assert_false(sweep_fuse_blows(0, 0));
}

static void a_fresh_database_on_a_full_bucket_deletes_nothing_until_it_is_lifted(void **state)
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
    assert_int_equal(objects(), 6);
    assert_string_equal(COUNT("sweeper WHERE tripped_why = '5 of 6 objects are in no row'"), "1");
    assert_int_equal(metric_value(M_FUSE, 0), 1);
    assert_int_equal(metric_value(M_STRAYS, 0), 5);
    sweep(); /* and stays a dry run */
    assert_int_equal(objects(), 6);
    assert_string_equal(COUNT("arrivals"), "1");
    assert_ok(sweep_lift(app, &err), err);
    sweep();
    assert_int_equal(objects(), 0);
    assert_int_equal(metric_value(M_FUSE, 0), 0);
    assert_string_equal(COUNT("arrivals"), "0");
    put(own_key()); /* lifted once, not for ever */
    sweep();
    assert_int_equal(objects(), 1);
    assert_string_equal(COUNT("sweeper WHERE tripped_at IS NOT NULL"), "1");
}

static void a_database_of_yesterday_deletes_nothing(void **state)
{
    (void)state;
    store(20);
    kit_pg_sql("DELETE FROM upload.platform_snapshots WHERE id > 12");
    sweep();
    assert_int_equal(objects(), 20);
    assert_string_equal(COUNT("sweeper WHERE tripped_at IS NOT NULL"), "1");
}

static void a_fuse_that_blows_between_two_listings_holds(void **state)
{
    struct intake *dead;
    struct err err = ERR_INIT;

    (void)state;
    put(own_key());
    sweep();
    assert_int_equal(objects(), 1);
    app->conf.stray_period = 3600000; /* the bucket is not listed in this round */
    dead = kit_intake(1, NULL, 1);
    put(dead->files[0].key);
    kit_pg_sql(AGE);
    assert_ok(sweep_once(app, &err), err);
    assert_int_equal(objects(), 2);
    assert_string_equal(COUNT("arrivals WHERE state = 'open'"), "1");
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
        T(the_fuse_blows_over_a_hundred_or_over_one_in_a_hundred),
        T(a_fresh_database_on_a_full_bucket_deletes_nothing_until_it_is_lifted),
        T(a_database_of_yesterday_deletes_nothing),
        T(a_fuse_that_blows_between_two_listings_holds),
        T(the_bucket_is_listed_only_when_its_time_has_come),
        T(one_replica_sweeps_at_a_time),
        T(sessions_that_are_over_are_tidied),
        T(the_thread_sweeps_by_itself_and_ends_when_told),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
