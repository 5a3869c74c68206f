/*
 * test_idempotency.c - the same upload twice has the effect of one: through the real door into a
 * real S3 and a real Postgres.
 * Covers: idempotency idempotency_print answer
 */
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/talk.h"
#include "upload-svc/idempotency.h"
#include "upload-svc/metrics.h"
#include "upload-svc/sweep.h"
#include "upload-svc/tokens.h"

#define COUNT(table) kit_pg_value("SELECT count(*) FROM upload." table)
#define UPLOAD       "/api/admin/snapshots/upload"
#define BEARER       "Authorization: Bearer "
#define KEY          "Idempotency-Key: "

enum { WALL = 1 << 20, BIG = 900000 };

static struct app *app;
static struct str body = STR_INIT(WALL), first = STR_INIT(WALL);
static const char *bnd = "bnd";

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
    str_free(&first);
    kit_gate_close();
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    kit_gate_reset();
    str_reset(&body);
    str_reset(&first);
    bnd = "bnd";
    return 0;
}

/* ---- what a form holds, as one sum ---- */
struct part {
    const char *name, *file_name, *bytes;
};

static const char *sum(const struct part *parts, size_t n, size_t piece)
{
    static char out[2][SHA256_HEX_SIZE];
    static int turn;
    AUTO(idempotency_print_free) struct idempotency_print p = {.hash = NULL};

    turn = !turn;
    for (size_t i = 0; i < n; i++) {
        struct sv rest = sv_of(parts[i].bytes);

        idempotency_print_part(&p, parts[i].name, parts[i].file_name);
        for (size_t at = 0; at < rest.n; at += piece)
            idempotency_print_bytes(
                &p, (struct sv){rest.p + at, rest.n - at < piece ? rest.n - at : piece});
    }
    idempotency_print_end(&p, false, out[turn]);
    return out[turn];
}

static void neither_the_order_nor_the_pieces_of_a_form_count(void **state)
{
    static const struct part a[] = {{"x", NULL, "1"}, {"y", NULL, "22"}, {"f", "a.png", "333"}};
    static const struct part b[] = {{"f", "a.png", "333"}, {"y", NULL, "22"}, {"x", NULL, "1"}};

    (void)state;
    assert_string_equal(sum(a, 3, 100), sum(b, 3, 1));
    assert_int_equal(strlen(sum(a, 3, 2)), 64);
}

static void whatever_else_differs_makes_another_sum(void **state)
{
    static const struct part forms[][2] = {
        {{"x", NULL, "1"}, {"f", "a.png", "333"}}, {{"x", NULL, "2"}, {"f", "a.png", "333"}},
        {{"z", NULL, "1"}, {"f", "a.png", "333"}}, {{"x", NULL, "1"}, {"f", "b.png", "333"}},
        {{"x", NULL, "1"}, {"f", "a.png", "334"}}, {{"x", NULL, "1"}, {"f", "a.png", "3333"}},
        {{"x", NULL, "1"}, {"f", NULL, "333"}},    {{"x", NULL, "1"}, {"f", "", "333"}},
        {{"x1", NULL, ""}, {"f", "a.png", "333"}}, {{"x", "1", ""}, {"f", "a.png", "333"}},
        {{"x", NULL, "1"}, {"x", NULL, "1"}},      {{"x", NULL, "333"}, {"f", "a.png", "1"}},
    };
    struct idempotency_print p = {.hash = NULL};
    char forced[SHA256_HEX_SIZE], plain[SHA256_HEX_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(sum(forms[i], 2, 9), sum(forms[j], 2, 9));
    assert_string_not_equal(sum(forms[0], 1, 9), sum(forms[0], 2, 9));
    idempotency_print_end(&p, true, forced);
    idempotency_print_end(&p, false, plain);
    assert_string_not_equal(forced, plain);
    idempotency_print_free(&p);
}

/* ---- forms ---- */
static void field(const char *name, const char *value) { kit_form_field(&body, bnd, name, value); }

static void png_of(const char *name, int seed, int n)
{
    kit_form_png(&body, bnd, name, seed, (size_t)n);
}

static void png(const char *name, int seed) { png_of(name, seed, 3000); }

static void good_fields(void)
{
    field("platformSource", "cookie.fun");
    field("snapshotDate", "2026-11-20");
}

static void form(int seed)
{
    good_fields();
    png("a.png", seed);
    str_addf(&body, "--%s--\r\n", bnd);
}

/* More than a read's worth, so that all but its end is seen while that is awaited. */
static void big_form(void)
{
    good_fields();
    png_of("a.png", 1, BIG);
    str_addz(&body, "--bnd--\r\n");
}

/* Send what was built; more: header lines beside the token's. */
static const char *send_to(const char *path, const char *token, const char *more)
{
    AUTO(str_free) struct str headers = STR_INIT(4096);
    const char *answer;

    str_addf(&headers, BEARER "%s\r\nContent-Type: multipart/form-data; boundary=%s\r\n%s", token,
             bnd, more);
    answer = kit_ask("POST", path, headers.p, str_sv(&body));
    str_reset(&body);
    return answer;
}

static const char *send(const char *more) { return send_to(UPLOAD, KIT_GATE_TOKEN, more); }

static int64_t counted(size_t what) { return metric_value(M_IDEMPOTENCY, what); }

static void assert_one_of_all(void)
{
    assert_string_equal(COUNT("platform_snapshots"), "1");
    assert_string_equal(COUNT("event_log"), "1");
    assert_string_equal(COUNT("sets"), "1");
    assert_string_equal(COUNT("arrivals"), "0");
    assert_int_equal(kit_objects(), 1);
}

static void a_repeat_is_given_the_first_answer_byte_for_byte(void **state)
{
    int64_t replayed = counted(IDEMPOTENCY_REPLAYED), claimed = counted(IDEMPOTENCY_CLAIMED);
    const char *again;

    (void)state;
    form(1);
    str_addz(&first, send(KEY "k-1\r\n"));
    assert_int_equal(talk_status(first.p), 201);
    assert_null(strstr(first.p, "Idempotent-Replayed"));
    bnd = "another";
    png("a.png", 1);
    field("snapshotDate", "2026-11-20");
    field("platformSource", "cookie.fun");
    str_addz(&body, "--another--\r\n");
    again = send(KEY "k-1\r\n");
    assert_int_equal(talk_status(again), 201);
    assert_non_null(strstr(again, "\r\nIdempotent-Replayed: true\r\n"));
    assert_string_equal(talk_body(again), talk_body(first.p));
    assert_null(strstr(talk_body(again), "duplicateOf"));
    assert_one_of_all();
    assert_int_equal(counted(IDEMPOTENCY_REPLAYED), replayed + 1);
    assert_int_equal(counted(IDEMPOTENCY_CLAIMED), claimed + 1);
}

static void the_same_key_with_other_content_is_refused(void **state)
{
    int64_t reused = counted(IDEMPOTENCY_REUSED);
    const char *answer;

    (void)state;
    form(1);
    str_addz(&first, send(KEY "k-1\r\n"));
    form(2);
    answer = send(KEY "k-1\r\n");
    assert_int_equal(talk_status(answer), 422);
    assert_non_null(strstr(answer, "\"idempotency_reused\""));
    form(1);
    answer = send_to(UPLOAD "?force=true", KIT_GATE_TOKEN, KEY "k-1\r\n");
    assert_int_equal(talk_status(answer), 422); /* it asks for something else */
    assert_one_of_all();
    assert_int_equal(counted(IDEMPOTENCY_REUSED), reused + 2);
    form(1);
    assert_string_equal(talk_body(send(KEY "k-1\r\n")), talk_body(first.p));
}

static void a_key_belongs_to_the_token_that_sent_it(void **state)
{
    char token[TOKEN_SIZE];
    struct err err = ERR_INIT;
    const char *answer;

    (void)state;
    assert_ok(tokens_create(app, "ann", "uploader", token, &err), err);
    form(1);
    assert_int_equal(talk_status(send(KEY "k-1\r\n")), 201);
    form(2);
    answer = send_to(UPLOAD, token, KEY "k-1\r\n");
    assert_int_equal(talk_status(answer), 201);
    assert_string_equal(COUNT("platform_snapshots"), "2");
    assert_string_equal(COUNT("idempotency"), "2");
}

/* A form with its key, of which only the first `n` bytes have gone out. */
static struct talk *begin(const char *key, size_t n)
{
    struct talk *talk = talk_open(kit_gate_port());
    AUTO(str_free) struct str head = STR_INIT(4096);

    big_form();
    str_addf(&head,
             "POST " UPLOAD " HTTP/1.1\r\nHost: h\r\n" BEARER KIT_GATE_TOKEN "\r\n" KEY "%s\r\n"
             "Content-Type: multipart/form-data; boundary=bnd\r\nContent-Length: %zu\r\n\r\n",
             key, body.n);
    talk_send(talk, head.p, head.n);
    talk_send(talk, body.p, n);
    return talk;
}

static void wait_for(const char *what, const char *value)
{
    for (int i = 0; i < 500; i++) {
        if (strcmp(kit_pg_value(what), value) == 0)
            return;
        clock_sleep_ms(10);
    }
    fail_msg("%s never gave %s", what, value);
}

/* A repeat that has not sent its body yet. */
static const char *ask_early(struct talk *talk, const char *key)
{
    AUTO(str_free) struct str head = STR_INIT(4096);

    str_addf(&head,
             "POST " UPLOAD " HTTP/1.1\r\nHost: h\r\n" BEARER KIT_GATE_TOKEN "\r\n" KEY "%s\r\n"
             "Content-Type: multipart/form-data; boundary=bnd\r\nContent-Length: 9000\r\n"
             "Expect: 100-continue\r\n\r\n",
             key);
    talk_send(talk, head.p, head.n);
    return talk_answer(talk);
}

static void while_the_first_runs_a_repeat_is_told_to_come_back(void **state)
{
    AUTO(talk_close) struct talk *running = begin("k-1", BIG);
    AUTO(talk_close) struct talk *early = talk_open(kit_gate_port());
    const char *answer;

    (void)state;
    wait_for("SELECT count(*) FROM upload.idempotency", "1");
    answer = ask_early(early, "k-1");
    assert_int_equal(talk_status(answer), 409); /* and no 100 before it */
    assert_non_null(strstr(answer, "\r\nRetry-After: 2\r\n"));
    assert_non_null(strstr(answer, "\"in_progress\""));
    talk_send(running, body.p + BIG, body.n - BIG);
    str_addz(&first, talk_answer(running));
    assert_int_equal(talk_status(first.p), 201);
    str_reset(&body);
    big_form();
    assert_string_equal(talk_body(send(KEY "k-1\r\n")), talk_body(first.p));
    assert_one_of_all();
}

static void a_claim_is_kept_young_while_bytes_come(void **state)
{
    AUTO(talk_close) struct talk *early = talk_open(kit_gate_port());
    AUTO(talk_close) struct talk *running = NULL;
    size_t piece = BIG / 12;

    (void)state;
    app->conf.idempotency_stale = 400;
    running = begin("k-1", piece);
    wait_for("SELECT count(*) FROM upload.idempotency", "1");
    for (size_t i = 1; i < 12; i++) {
        clock_sleep_ms(60);
        talk_send(running, body.p + i * piece, piece);
    }
    assert_int_equal(talk_status(ask_early(early, "k-1")), 409);
    talk_send(running, body.p + 12 * piece, body.n - 12 * piece);
    assert_int_equal(talk_status(talk_answer(running)), 201);
}

static void a_claim_without_a_heartbeat_is_taken_over_and_its_owner_stores_nothing(void **state)
{
    AUTO(talk_close) struct talk *frozen = begin("k-1", BIG);
    int64_t over = counted(IDEMPOTENCY_TAKEN_OVER);
    AUTO(str_free) struct str same = STR_INIT(WALL);
    const char *answer;

    (void)state;
    wait_for("SELECT count(*) FROM upload.arrivals", "1");
    kit_pg_sql("UPDATE upload.idempotency SET heartbeat_at = now() - interval '121 s'");
    str_addv(&same, str_sv(&body));
    str_addz(&first, send(KEY "k-1\r\n"));
    assert_int_equal(talk_status(first.p), 201);
    assert_int_equal(counted(IDEMPOTENCY_TAKEN_OVER), over + 1);
    talk_send(frozen, same.p + BIG, same.n - BIG);
    answer = talk_answer(frozen);
    assert_int_equal(talk_status(answer), 409);
    assert_non_null(strstr(answer, "\r\nRetry-After: 2\r\n"));
    assert_one_of_all();
    big_form();
    assert_string_equal(talk_body(send(KEY "k-1\r\n")), talk_body(first.p));
}

static void a_form_that_could_be_mended_gives_its_key_back(void **state)
{
    (void)state;
    field("platformSource", "nowhere.example");
    png("a.png", 1);
    str_addz(&body, "--bnd--\r\n");
    assert_int_equal(talk_status(send(KEY "k-1\r\n")), 422);
    assert_string_equal(COUNT("idempotency"), "0");
    good_fields();
    png("a.png", 1);
    str_addz(&body, "--bnd"); /* breaks off */
    assert_int_equal(talk_status(send(KEY "k-1\r\n")), 400);
    assert_string_equal(COUNT("idempotency"), "0");
    form(1);
    assert_int_equal(talk_status(send(KEY "k-1\r\n")), 201);
    assert_one_of_all();
}

static void bad_file(void)
{
    good_fields();
    str_addz(&body, "--bnd\r\nContent-Disposition: form-data; name=\"screenshots\"; "
                    "filename=\"notes.png\"\r\n\r\nno picture, only some words\r\n");
}

static void a_refusal_that_no_repeat_would_change_is_kept_as_well(void **state)
{
    (void)state;
    bad_file();
    str_addz(&body, "--bnd--\r\n");
    str_addz(&first, send(KEY "k-1\r\n"));
    assert_int_equal(talk_status(first.p), 415);
    bad_file();
    str_addz(&body, "--bnd--\r\n");
    assert_string_equal(talk_body(send(KEY "k-1\r\n")), talk_body(first.p));
    str_reset(&first);
    bad_file();
    png("good.png", 3);
    str_addz(&body, "--bnd--\r\n");
    str_addz(&first, send(KEY "k-2\r\n"));
    assert_int_equal(talk_status(first.p), 207);
    bad_file();
    png("good.png", 3);
    str_addz(&body, "--bnd--\r\n");
    assert_string_equal(talk_body(send(KEY "k-2\r\n")), talk_body(first.p));
    assert_one_of_all();
}

static void what_s3_refused_may_be_sent_again_under_the_same_key(void **state)
{
    struct err err = ERR_INIT;
    struct s3 *real = app->s3;
    const struct s3_conf nowhere = {.endpoint = "http://127.0.0.1:9",
                                    .model_endpoint = "",
                                    .browser_endpoint = "",
                                    .region = "us-east-1",
                                    .bucket = "nowhere",
                                    .access_key = "a",
                                    .secret_key = secret_of("b"),
                                    .session_token = secret_of(""),
                                    .path_style = true,
                                    .connect_ms = 200,
                                    .total_ms = 500,
                                    .tries = 1};
    const char *answer;

    (void)state;
    assert_ok(s3_open(&nowhere, &app->s3, &err), err);
    form(1);
    answer = send(KEY "k-1\r\n");
    s3_close(&app->s3);
    app->s3 = real;
    assert_true(talk_status(answer) >= 500);
    assert_string_equal(COUNT("idempotency"), "0");
    form(1);
    assert_int_equal(talk_status(send(KEY "k-1\r\n")), 201);
    assert_string_equal(COUNT("platform_snapshots"), "1");
}

static void after_its_time_a_key_is_new_and_its_row_goes(void **state)
{
    struct err err = ERR_INIT;
    const char *answer;

    (void)state;
    form(1);
    assert_int_equal(talk_status(send(KEY "k-1\r\n")), 201);
    form(1);
    assert_int_equal(talk_status(send(KEY "k-2\r\n")), 201);
    kit_pg_sql("UPDATE upload.idempotency SET created_at = now() - interval '25 h'");
    form(1);
    answer = send(KEY "k-1\r\n");
    assert_int_equal(talk_status(answer), 201);
    assert_null(strstr(answer, "Idempotent-Replayed"));
    assert_non_null(strstr(answer, "\"duplicateOf\":1"));
    assert_ok(sweep_once(app, &err), err);
    assert_string_equal(kit_pg_value("SELECT string_agg(key, ',') FROM upload.idempotency"), "k-1");
}

static void a_key_that_cannot_be_one_is_refused(void **state)
{
    AUTO(str_free) struct str much = STR_INIT(1024);

    (void)state;
    str_addz(&much, KEY);
    for (int i = 0; i < 256; i++)
        str_addc(&much, 'k');
    str_addz(&much, "\r\n");
    form(1);
    assert_int_equal(talk_status(send(much.p)), 400);
    form(1);
    assert_int_equal(talk_status(send(KEY "caf\xc3\xa9\r\n")), 400);
    form(1);
    assert_int_equal(talk_status(send(KEY "\r\n")), 400);
    form(1);
    assert_int_equal(talk_status(send(KEY "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"\r\n")), 201);
    form(2);
    assert_int_equal(talk_status(send("")), 201); /* without one nothing is kept */
    assert_string_equal(COUNT("idempotency"), "1");
}

/* ---- the same picture again ---- */
static void forced_pictures_are_stored_beside_the_same_ones(void **state)
{
    const char *answer;

    (void)state;
    form(1);
    assert_int_equal(talk_status(send("")), 201);
    for (int i = 0; i < 2; i++) {
        form(1);
        answer = send_to(UPLOAD "?force=true", KIT_GATE_TOKEN, "");
        assert_int_equal(talk_status(answer), 201);
        assert_null(strstr(answer, "duplicateOf"));
    }
    form(1);
    answer = send_to(UPLOAD "?force=false", KIT_GATE_TOKEN, "");
    assert_non_null(strstr(answer, "\"duplicateOf\":1"));
    assert_string_equal(COUNT("platform_snapshots"), "3");
    assert_string_equal(COUNT("sets"), "3");
    assert_int_equal(kit_objects(), 3);
    form(1);
    assert_int_equal(talk_status(send_to(UPLOAD "?force=perhaps", KIT_GATE_TOKEN, "")), 400);
}

static void a_repeated_picture_in_one_form_is_stored_once(void **state)
{
    int64_t doubles = metric_value(M_DUPLICATES, 0);
    const char *answer;

    (void)state;
    good_fields();
    png("a.png", 1);
    png("b.png", 1);
    png("c.png", 2);
    str_addz(&body, "--bnd--\r\n");
    answer = send("");
    assert_int_equal(talk_status(answer), 201);
    assert_non_null(strstr(answer, "\"fileName\":\"b.png\""));
    assert_non_null(strstr(answer, "\"duplicateOf\":1"));
    assert_string_equal(COUNT("platform_snapshots"), "2");
    assert_string_equal(COUNT("arrivals"), "0");
    assert_int_equal(kit_objects(), 2);
    assert_int_equal(metric_value(M_DUPLICATES, 0), doubles + 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
    const struct CMUnitTest tests[] = {
        T(neither_the_order_nor_the_pieces_of_a_form_count),
        T(whatever_else_differs_makes_another_sum),
        T(a_repeat_is_given_the_first_answer_byte_for_byte),
        T(the_same_key_with_other_content_is_refused),
        T(a_key_belongs_to_the_token_that_sent_it),
        T(while_the_first_runs_a_repeat_is_told_to_come_back),
        T(a_claim_is_kept_young_while_bytes_come),
        T(a_claim_without_a_heartbeat_is_taken_over_and_its_owner_stores_nothing),
        T(a_form_that_could_be_mended_gives_its_key_back),
        T(a_refusal_that_no_repeat_would_change_is_kept_as_well),
        T(what_s3_refused_may_be_sent_again_under_the_same_key),
        T(after_its_time_a_key_is_new_and_its_row_goes),
        T(a_key_that_cannot_be_one_is_refused),
        T(forced_pictures_are_stored_beside_the_same_ones),
        T(a_repeated_picture_in_one_form_is_stored_once),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
