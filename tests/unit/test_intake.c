/*
 * test_intake.c - forms through the real door into a real S3 and a real Postgres: a result for each
 * file, and nothing stays of what was not taken.
 * Covers: intake upload post_snapshots
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/crypto.h"
#include "common/json.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/talk.h"
#include "upload-svc/intake.h"

#define COUNT(table) kit_pg_value("SELECT count(*) FROM upload." table)
#define UPLOAD       "/api/admin/snapshots/upload"

enum { BODY_WALL = 90 << 20, MIB = 1 << 20 };

static struct app *app;
static struct str body = STR_INIT(BODY_WALL);
static struct json *answer;
static int status;

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(true);
    return app ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    str_free(&body);
    json_free(&answer);
    kit_gate_close();
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    kit_gate_reset();
    str_reset(&body);
    return 0;
}

/* ---- a form ---- */
static void field(const char *name, const char *value)
{
    kit_form_field(&body, "bnd", name, value);
}

static void file_head(const char *field_name, const char *name)
{
    str_addf(&body,
             "--bnd\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\n"
             "Content-Type: text/plain\r\n\r\n",
             field_name, name);
}

/* A picture of n bytes; another seed, other bytes. */
static void png(const char *name, size_t n, int seed) { kit_form_png(&body, "bnd", name, seed, n); }

static void junk(const char *name, struct sv bytes)
{
    file_head("screenshots", name);
    str_addv(&body, bytes);
    str_addz(&body, "\r\n");
}

static void good_fields(void)
{
    field("platformSource", "cookie.fun");
    field("snapshotDate", "2026-11-20");
}

static const struct json *send_raw(void)
{
    const char *text = kit_ask("POST", UPLOAD,
                               "Authorization: Bearer " KIT_GATE_TOKEN
                               "\r\nContent-Type: multipart/form-data; boundary=bnd\r\n",
                               str_sv(&body));
    struct err err = ERR_INIT;

    status = talk_status(text);
    json_free(&answer);
    assert_ok(json_parse(sv_of(talk_body(text)), &answer, &err), err);
    str_reset(&body);
    return answer;
}

static const struct json *send(void)
{
    str_addz(&body, "--bnd--\r\n");
    return send_raw();
}

static const struct json *kept(size_t i) { return json_at(json_find(answer, "snapshots"), i); }
static const struct json *rejected(size_t i) { return json_at(json_find(answer, "rejected"), i); }

static void assert_nothing_stayed(void)
{
    AUTO(s3_strays_free) struct s3_strays parts = {0};
    struct err err = ERR_INIT;

    assert_int_equal(kit_objects(), 0);
    assert_ok(s3_mpu_list(app->s3, "", &parts, &err), err);
    assert_int_equal(parts.n, 0);
    assert_string_equal(COUNT("arrivals"), "0");
    assert_string_equal(COUNT("platform_snapshots"), "0");
    assert_string_equal(COUNT("sets"), "0");
}

static void a_good_form_is_stored_and_answered_file_by_file(void **state)
{
    AUTO(str_free) struct str bytes = STR_INIT(MIB);
    char sum[SHA256_HEX_SIZE];
    struct err err = ERR_INIT;
    const struct json *one;

    (void)state;
    good_fields();
    field("setId", "0b4c3a77-61ce-4d35-8d4c-1a40f5b0c9d2");
    field("metadata", "{\"note\":\"x\"}");
    png("board \xc3\xa9 1.png", 5000, 1);
    png("../../board 2.jpg", 70000, 2);
    send();
    assert_int_equal(status, 201);
    assert_true(json_bool_or(answer, "success", false));
    assert_string_equal(json_text_or(answer, "setId", ""), "0b4c3a77-61ce-4d35-8d4c-1a40f5b0c9d2");
    assert_int_equal(json_count(json_find(answer, "snapshots")), 2);
    assert_int_equal(json_count(json_find(answer, "rejected")), 0);
    one = kept(1);
    assert_string_equal(json_text_or(one, "fileName", ""), "../../board 2.jpg");
    assert_string_equal(json_text_or(one, "processingStatus", ""), "pending");
    assert_int_equal(json_int_or(one, "bytes", 0), 70000);
    assert_int_equal(json_int_or(one, "width", 0), 256);
    assert_int_equal(json_int_or(one, "height", 0), 240);
    assert_ok(s3_get(app->s3, json_text_or(one, "s3Key", ""), MIB, &bytes, &err), err);
    crypto_sha256_hex(str_sv(&bytes), sum);
    assert_string_equal(json_text_or(one, "sha256", ""), sum);
    assert_non_null(strstr(json_text_or(one, "s3Key", ""), ".png")); /* by its bytes */
    assert_string_equal(COUNT("platform_snapshots WHERE uploaded_by = 'UPLOAD_TOKEN' AND"
                              " metadata = '{\"note\":\"x\"}'"),
                        "2");
    assert_string_equal(COUNT("arrivals"), "0");
}

static void fields_after_the_files_count_as_well(void **state)
{
    (void)state;
    png("a.png", 5000, 1);
    good_fields();
    send();
    assert_int_equal(status, 201);
    assert_string_equal(COUNT("platform_snapshots"), "1");
}

static void a_picture_larger_than_a_part_comes_whole(void **state)
{
    AUTO(str_free) struct str bytes = STR_INIT(8 * MIB);
    char sum[SHA256_HEX_SIZE];
    struct err err = ERR_INIT;

    (void)state;
    good_fields();
    png("big.png", 6 * MIB + 12345, 1);
    send();
    assert_int_equal(status, 201);
    assert_ok(s3_get(app->s3, json_text_or(kept(0), "s3Key", ""), 8 * MIB, &bytes, &err), err);
    assert_int_equal(bytes.n, 6 * MIB + 12345);
    crypto_sha256_hex(str_sv(&bytes), sum);
    assert_string_equal(json_text_or(kept(0), "sha256", ""), sum);
}

static int64_t spare(void) { return (int64_t)(app->conf.buffers / app->conf.part_size); }

/* Buffers that other uploads hold. */
static char *held[64];

static void hold(size_t n)
{
    struct err err = ERR_INIT;

    for (size_t i = 0; i < n; i++)
        assert_ok(pool_take(app->pool, 1, 0, &held[i], &err), err);
}

static void let_go(void)
{
    for (size_t i = 0; i < COUNT_OF(held); i++)
        pool_give(app->pool, &held[i]);
}

/* With no buffer at all only a PUT that is streamed can work. */
static void a_last_file_needs_no_buffer(void **state)
{
    AUTO(str_free) struct str bytes = STR_INIT(8 * MIB);
    char sum[SHA256_HEX_SIZE];
    struct err err = ERR_INIT;

    (void)state;
    hold((size_t)spare());
    good_fields();
    png("big.png", 6 * MIB + 12345, 1);
    send();
    let_go();
    assert_int_equal(status, 201);
    assert_ok(s3_get(app->s3, json_text_or(kept(0), "s3Key", ""), 8 * MIB, &bytes, &err), err);
    crypto_sha256_hex(str_sv(&bytes), sum);
    assert_string_equal(json_text_or(kept(0), "sha256", ""), sum);
}

static void a_file_whose_end_cannot_be_foretold_waits_for_buffers_and_is_told_so(void **state)
{
    (void)state;
    app->conf.buffer_wait = 50;
    hold((size_t)spare());
    png("big.png", 6 * MIB, 1); /* before the fields */
    good_fields();
    send();
    let_go();
    assert_int_equal(status, 503);
    assert_string_equal(json_text_or(rejected(0), "code", ""), "busy");
    assert_true(json_bool_or(rejected(0), "retry", false));
    assert_nothing_stayed();
}

static struct talk *announce_chunks(void)
{
    struct talk *talk = talk_open(kit_gate_port());

    talk_say(talk, "POST " UPLOAD " HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                   "Authorization: Bearer " KIT_GATE_TOKEN "\r\nExpect: 100-continue\r\n"
                   "Content-Type: multipart/form-data; boundary=bnd\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n");
    return talk;
}

static void
a_body_without_a_length_is_refused_before_it_is_read_when_no_buffer_is_free(void **state)
{
    struct talk *talk;

    (void)state;
    app->conf.buffer_wait = 50;
    hold((size_t)spare() - 1);
    talk = announce_chunks();
    assert_true(talk_wait(talk, "\"requestId\"", 5000));
    let_go();
    assert_int_equal(talk_status(talk->in), 503); /* and no 100 before it */
    assert_non_null(strstr(talk->in, "Retry-After: "));
    assert_non_null(strstr(talk->in, "\"busy\""));
    talk_close(&talk);
    assert_int_equal(app->forms, 0);
}

/* As many as it has, and no more: two are enough for all files of a form. */
static void the_files_of_a_body_without_a_length_share_two_buffers(void **state)
{
    char line[32];
    struct talk *talk;

    (void)state;
    hold((size_t)spare() - 2);
    good_fields();
    png("first.png", 6 * MIB + 7, 1);
    png("second.png", 50000, 2);
    str_addz(&body, "--bnd--\r\n");
    talk = announce_chunks();
    assert_true(talk_wait(talk, "100 Continue", 5000));
    snprintf(line, sizeof line, "%zx\r\n", body.n);
    talk_say(talk, line);
    talk_send(talk, body.p, body.n);
    talk_say(talk, "\r\n0\r\n\r\n");
    assert_true(talk_wait(talk, "HTTP/1.1 201", 20000));
    str_reset(&body);
    let_go();
    hold((size_t)spare()); /* all came back */
    let_go();
    talk_close(&talk);
    assert_int_equal(kit_objects(), 2);
    assert_string_equal(COUNT("platform_snapshots"), "2");
}

/* Not last after all, and nothing to begin again from: told, and the next file is no victim. */
static void a_form_that_misleads_loses_one_file_at_most(void **state)
{
    (void)state;
    hold((size_t)spare() - 2);
    good_fields();
    png("first.png", 50000, 1);
    png("second.png", 60000, 2);
    send();
    let_go();
    assert_int_equal(status, 207);
    assert_string_equal(json_text_or(rejected(0), "fileName", ""), "first.png");
    assert_string_equal(json_text_or(rejected(0), "code", ""), "busy");
    assert_string_equal(json_text_or(kept(0), "fileName", ""), "second.png");
    assert_int_equal(kit_objects(), 1);
    assert_string_equal(COUNT("arrivals"), "0");
}

/* No line end behind the last boundary: lost once when there is no buffer, then known. */
static void a_client_with_odd_forms_is_learned(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        good_fields();
        png("a.png", 50000, i);
        hold((size_t)spare() - 2);
        str_addz(&body, "--bnd--");
        send_raw();
        let_go();
        assert_int_equal(status, i == 0 ? 503 : 201);
    }
    for (size_t i = 0; i < COUNT_OF(app->odd_clients); i++)
        app->odd_clients[i] = 0;
    assert_int_equal(kit_objects(), 1);
}

static void without_hashing_the_same_picture_is_stored_twice(void **state)
{
    (void)state;
    app->conf.sha256 = false;
    for (int i = 0; i < 2; i++) {
        good_fields();
        png("a.png", 50000, 1);
        send();
        assert_int_equal(status, 201);
        assert_int_equal(json_int_or(kept(0), "duplicateOf", 0), 0);
        assert_string_equal(json_text_or(kept(0), "sha256", "none"), "none");
    }
    assert_string_equal(COUNT("platform_snapshots WHERE sha256 IS NULL"), "2");
    assert_int_equal(kit_objects(), 2);
}

static void a_part_that_tells_its_length_is_believed(void **state)
{
    (void)state;
    hold((size_t)spare());
    for (int lie = 0; lie < 2; lie++) {
        good_fields();
        str_addf(&body,
                 "--bnd\r\nContent-Disposition: form-data; name=\"screenshots\"; "
                 "filename=\"x.png\"\r\nContent-Length: %d\r\n\r\n",
                 33 + 8 + 4 + lie);
        str_add(&body, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\0\xf0\b\x02\0\0\0crc!", 33);
        str_add(&body, "\0\xff\0\0IDATabcd\r\n", 14);
        field("metadata", "{}");
        send();
        assert_int_equal(status, lie ? 503 : 201);
    }
    let_go();
    assert_int_equal(kit_objects(), 1);
    assert_string_equal(COUNT("arrivals"), "0");
}

static void good_and_bad_files_in_one_form_are_told_apart(void **state)
{
    (void)state;
    good_fields();
    png("good.png", 5000, 1);
    junk("text.png", SV_LIT("hello, I am not a picture"));
    junk("empty.png", SV_LIT(""));
    junk("cut.png", SV_LIT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"));
    png("good too.png", 5000, 2);
    send();
    assert_int_equal(status, 207);
    assert_false(json_bool_or(answer, "success", true));
    assert_int_equal(json_count(json_find(answer, "snapshots")), 2);
    assert_int_equal(json_count(json_find(answer, "rejected")), 3);
    assert_string_equal(json_text_or(rejected(0), "code", ""), "unsupported_type");
    assert_string_equal(json_text_or(rejected(0), "fileName", ""), "text.png");
    assert_string_equal(json_text_or(rejected(1), "code", ""), "empty_file");
    assert_string_equal(json_text_or(rejected(2), "code", ""), "broken_image");
    assert_int_equal(kit_objects(), 2);
    assert_string_equal(COUNT("arrivals"), "0");
}

static void a_form_of_bad_files_alone_has_the_fitting_status(void **state)
{
    (void)state;
    good_fields();
    junk("text.png", SV_LIT("hello, I am not a picture"));
    send();
    assert_int_equal(status, 415);
    good_fields();
    junk("empty.png", SV_LIT(""));
    send();
    assert_int_equal(status, 422);
    assert_nothing_stayed();
}

static void a_file_over_the_limit_is_cut_off_and_leaves_nothing(void **state)
{
    (void)state;
    good_fields();
    png("huge.png", 7 * MIB + 1, 1);
    send();
    assert_int_equal(status, 413);
    assert_string_equal(json_text_or(rejected(0), "code", ""), "file_too_large");
    assert_nothing_stayed();
    good_fields();
    png("just.png", 7 * MIB, 1);
    send();
    assert_int_equal(status, 201);
}

static void a_gif_whose_second_picture_comes_late_is_taken_back(void **state)
{
    (void)state;
    good_fields();
    file_head("screenshots", "dance.png");
    str_add(&body, "GIF89a\x00\x01\xf0\x00\x00\x00\x00", 13);
    for (int i = 0; i < 2; i++) {
        str_add(&body, "\x2c\0\0\0\0\0\1\xf0\0\0\2", 11);
        for (int k = 0; k < 23000; k++) { /* 6 MB: a part has left already */
            str_addc(&body, '\xff');
            for (int n = 0; n < 255; n++)
                str_addc(&body, 'x');
        }
        str_addc(&body, 0);
    }
    str_addz(&body, ";\r\n");
    send();
    assert_int_equal(status, 415);
    assert_string_equal(json_text_or(rejected(0), "code", ""), "animated_image");
    assert_nothing_stayed();
}

static const char *error_of(const char *name)
{
    const struct json *list = json_find(answer, "errors");

    for (const struct json *e = json_first(list); e; e = json_next(e))
        if (strcmp(json_text_or(e, "field", ""), name) == 0)
            return json_text_or(e, "code", "");
    return "";
}

static void all_faults_of_the_fields_are_told_and_nothing_stays(void **state)
{
    for (int files_first = 0; files_first < 2; files_first++) {
        (void)fresh(state);
        if (files_first)
            png("a.png", 5000, 1);
        field("platformSource", "nowhere");
        field("snapshotDate", "2014-01-01");
        field("campaignId", "77");
        field("surprise", "x");
        if (!files_first)
            png("a.png", 5000, 1);
        send();
        assert_int_equal(status, 422);
        assert_false(json_bool_or(answer, "success", true));
        assert_string_equal(error_of("platformSource"), "unknown_platform");
        assert_string_equal(error_of("snapshotDate"), "bad_date");
        assert_string_equal(error_of("campaignId"), "unknown_campaign");
        assert_string_equal(error_of("surprise"), "field_unknown");
        assert_nothing_stayed();
    }
}

/* The table refuses arrivals: a file that gets so far would be answered 500. */
static void with_bad_fields_before_it_no_file_gets_as_far_as_an_arrival(void **state)
{
    (void)state;
    kit_pg_sql("ALTER TABLE upload.arrivals ADD CONSTRAINT none CHECK (false) NOT VALID");
    field("platformSource", "nowhere");
    png("a.png", 5000, 1);
    send();
    kit_pg_sql("ALTER TABLE upload.arrivals DROP CONSTRAINT none");
    assert_int_equal(status, 422);
    assert_string_equal(error_of("platformSource"), "unknown_platform");
    assert_nothing_stayed();
}

/* Row before object: where there can be no row, no object comes to be. */
static void without_an_arrival_nothing_stays_in_s3(void **state)
{
    (void)state;
    kit_pg_sql("ALTER TABLE upload.arrivals ADD CONSTRAINT none CHECK (false) NOT VALID");
    good_fields();
    png("a.png", 5000, 1);
    send();
    kit_pg_sql("ALTER TABLE upload.arrivals DROP CONSTRAINT none");
    assert_true(status >= 500);
    assert_nothing_stayed();
}

#define WAITING "SELECT count(*) FROM pg_locks WHERE NOT granted"

static void *send_apart(void *arg)
{
    (void)arg;
    send();
    return NULL;
}

/* The bytes may pass while the row is written; but for the last of them. */
static void an_object_waits_for_its_arrival(void **state)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    struct err err = ERR_INIT;
    pthread_t sender;

    (void)state;
    good_fields();
    png("a.png", 5000, 1);
    assert_ok(db_lease(app->db, APP_DB_WAIT_MS, &conn, &err) && db_begin(conn, &err), err);
    assert_ok(db_script(conn, "LOCK TABLE upload.arrivals IN EXCLUSIVE MODE", &err), err);
    assert_int_equal(pthread_create(&sender, NULL, send_apart, NULL), 0);
    for (int i = 0; i < 1000 && strcmp(kit_pg_value(WAITING), "1") != 0; i++)
        clock_sleep_ms(5);
    clock_sleep_ms(200);
    assert_int_equal(kit_objects(), 0);
    db_release(&conn);
    pthread_join(sender, NULL);
    assert_int_equal(status, 201);
    assert_int_equal(kit_objects(), 1);
}

static void a_campaign_must_exist_and_be_active(void **state)
{
    (void)state;
    kit_pg_sql("INSERT INTO upload.campaigns (title, platform_source, is_active) VALUES"
               " ('Old', 'cookie.fun', false), ('New', 'cookie.fun', true)");
    for (int i = 1; i <= 2; i++) {
        good_fields();
        field("campaignId", i == 1 ? "1" : "2");
        png("a.png", 5000, 1);
        send();
        assert_int_equal(status, i == 1 ? 422 : 201);
    }
    assert_string_equal(COUNT("platform_snapshots WHERE campaign_id = 2"), "1");
}

static void a_form_without_a_file_says_so(void **state)
{
    (void)state;
    good_fields();
    send();
    assert_int_equal(status, 400);
    assert_string_equal(error_of("screenshots"), "no_file");
}

static void an_eleventh_file_refuses_the_form(void **state)
{
    (void)state;
    good_fields();
    for (int i = 0; i < 11; i++)
        png("a.png", 300, i);
    send();
    assert_int_equal(status, 413);
    assert_string_equal(json_text_or(answer, "code", ""), "too_many_files");
    assert_nothing_stayed();
}

static void an_eleventh_file_and_faults_of_fields_are_told_together(void **state)
{
    (void)state;
    field("snapshotDate", "2126-01-01");
    for (int i = 0; i < 13; i++)
        png("a.png", 300, i);
    field("setId", "mine");
    send();
    assert_string_equal(error_of("screenshots"), "too_many_files");
    assert_string_equal(error_of("snapshotDate"), "bad_date");
    assert_string_equal(error_of("platformSource"), "field_missing");
    assert_string_equal(error_of("setId"), "bad_set_id");
    assert_int_equal(json_count(json_find(answer, "errors")), 4);
    assert_nothing_stayed();
}

/* As every browser sends an input in which no file was chosen. */
static void an_input_without_a_choice_is_no_file(void **state)
{
    (void)state;
    good_fields();
    junk("", SV_LIT(""));
    png("a.png", 300, 1);
    file_head("another", "");
    str_addz(&body, "\r\n");
    send();
    assert_int_equal(status, 201);
    assert_int_equal(json_count(json_find(answer, "snapshots")), 1);
    good_fields();
    junk("", SV_LIT(""));
    send();
    assert_int_equal(status, 400);
    assert_string_equal(error_of("screenshots"), "no_file");
}

/* Every paste is an image.png: the place in the form tells which one to send again. */
static void each_result_says_which_file_of_the_form_it_is(void **state)
{
    (void)state;
    good_fields();
    junk("image.png", SV_LIT("no picture"));
    png("image.png", 300, 1);
    junk("image.png", SV_LIT("no picture either"));
    send();
    assert_int_equal(status, 207);
    assert_int_equal(json_int_or(json_at(json_find(answer, "snapshots"), 0), "index", -1), 1);
    assert_int_equal(json_int_or(json_at(json_find(answer, "rejected"), 0), "index", -1), 0);
    assert_int_equal(json_int_or(json_at(json_find(answer, "rejected"), 1), "index", -1), 2);
}

static void a_file_in_another_field_is_a_fault(void **state)
{
    (void)state;
    good_fields();
    file_head("picture", "a.png");
    str_addz(&body, "x\r\n");
    png("a.png", 300, 1);
    send();
    assert_int_equal(status, 422);
    assert_string_equal(error_of("picture"), "field_unknown");
    assert_nothing_stayed();
}

static void a_form_that_breaks_off_leaves_nothing(void **state)
{
    static const char *const ends[] = {"", "--bn", "--other--\r\n", "\r\n--bnd"};

    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        (void)fresh(state);
        good_fields();
        png("a.png", 5000, 1);
        png("b.png", 5000, 2);
        body.n -= 2; /* within the second file */
        str_addz(&body, ends[i]);
        send_raw();
        assert_int_equal(status, 400);
        assert_string_equal(json_text_or(answer, "code", ""), "bad_form");
        assert_nothing_stayed();
    }
}

static void a_client_that_goes_away_leaves_nothing(void **state)
{
    AUTO(talk_close) struct talk *talk = talk_open(kit_gate_port());

    (void)state;
    good_fields();
    png("a.png", 6 * MIB, 1);
    talk_say(talk, "POST " UPLOAD " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " KIT_GATE_TOKEN
                   "\r\nContent-Type: multipart/form-data; boundary=bnd\r\n"
                   "Content-Length: 7000000\r\n\r\n");
    talk_send(talk, body.p, body.n);
    clock_sleep_ms(300);
    talk_close(&talk);
    for (int i = 0; i < 100 && strcmp(COUNT("arrivals"), "0") != 0; i++)
        clock_sleep_ms(50);
    assert_nothing_stayed();
}

static void other_bodies_are_refused_by_their_type(void **state)
{
    static const char *const types[] = {"", "Content-Type: application/json\r\n",
                                        "Content-Type: multipart/form-data\r\n"};
    static const int want[] = {415, 415, 400};
    char headers[300];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        snprintf(headers, sizeof headers, "Authorization: Bearer " KIT_GATE_TOKEN "\r\n%s",
                 types[i]);
        assert_int_equal(talk_status(kit_ask("POST", UPLOAD, headers, SV_LIT("{}"))), want[i]);
    }
}

static void the_same_picture_again_is_named_and_its_object_goes(void **state)
{
    char first[SNAPSHOT_KEY_SIZE];
    int64_t id;

    (void)state;
    good_fields();
    png("a.png", 5000, 1);
    send();
    id = json_int_or(kept(0), "id", 0);
    snprintf(first, sizeof first, "%s", json_text_or(kept(0), "s3Key", ""));
    good_fields();
    png("b.png", 5000, 1);
    send();
    assert_int_equal(status, 201);
    assert_int_equal(json_int_or(kept(0), "duplicateOf", 0), id);
    assert_string_equal(json_text_or(kept(0), "s3Key", ""), first);
    assert_int_equal(kit_objects(), 1);
    assert_string_equal(COUNT("arrivals"), "0");
}

static void while_the_service_closes_running_forms_are_cut(void **state)
{
    (void)state;
    good_fields();
    png("a.png", 5000, 1);
    app->cut_at_ms = clock_mono_ms() - 1;
    send();
    app->cut_at_ms = 0;
    assert_int_equal(status, 503);
    assert_string_equal(json_text_or(answer, "code", ""), "shutting_down");
    assert_nothing_stayed();
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
    const struct CMUnitTest tests[] = {
        T(a_good_form_is_stored_and_answered_file_by_file),
        T(fields_after_the_files_count_as_well),
        T(a_picture_larger_than_a_part_comes_whole),
        T(a_last_file_needs_no_buffer),
        T(a_file_whose_end_cannot_be_foretold_waits_for_buffers_and_is_told_so),
        T(a_body_without_a_length_is_refused_before_it_is_read_when_no_buffer_is_free),
        T(the_files_of_a_body_without_a_length_share_two_buffers),
        T(a_form_that_misleads_loses_one_file_at_most),
        T(a_client_with_odd_forms_is_learned),
        T(without_hashing_the_same_picture_is_stored_twice),
        T(a_part_that_tells_its_length_is_believed),
        T(good_and_bad_files_in_one_form_are_told_apart),
        T(a_form_of_bad_files_alone_has_the_fitting_status),
        T(a_file_over_the_limit_is_cut_off_and_leaves_nothing),
        T(a_gif_whose_second_picture_comes_late_is_taken_back),
        T(all_faults_of_the_fields_are_told_and_nothing_stays),
        T(with_bad_fields_before_it_no_file_gets_as_far_as_an_arrival),
        T(without_an_arrival_nothing_stays_in_s3),
        T(an_object_waits_for_its_arrival),
        T(a_campaign_must_exist_and_be_active),
        T(a_form_without_a_file_says_so),
        T(an_eleventh_file_refuses_the_form),
        T(an_eleventh_file_and_faults_of_fields_are_told_together),
        T(an_input_without_a_choice_is_no_file),
        T(each_result_says_which_file_of_the_form_it_is),
        T(a_file_in_another_field_is_a_fault),
        T(a_form_that_breaks_off_leaves_nothing),
        T(a_client_that_goes_away_leaves_nothing),
        T(other_bodies_are_refused_by_their_type),
        T(the_same_picture_again_is_named_and_its_object_goes),
        T(while_the_service_closes_running_forms_are_cut),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
