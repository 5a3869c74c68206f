/*
 * test_serve.c - the whole service in this process: it opens, serves on two ports, and goes down
 * without dropping what it has begun.
 * Covers: app serve
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/port.h"
#include "tests/kit/talk.h"
#include "upload-svc/serve.h"

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
    app->cut_at_ms = 0;
    app->loopback = true;
    app->conf.port = kit_free_port();
    app->conf.ops_port = kit_free_port();
    return 0;
}

/* ---- opening ---- */
static void opening_finds_the_deployment_that_was_drawn_once(void **state)
{
    AUTO(app_close) struct app second = {.db = NULL};
    struct err err = ERR_INIT;
    char want[100];

    (void)state;
    assert_ok(app_open(&app->conf, &second, &err), err);
    assert_int_equal(strspn(app->deployment, "0123456789abcdef"), 8);
    assert_string_equal(second.deployment, app->deployment);
    snprintf(want, sizeof want, "%s/snapshots/", app->deployment);
    assert_string_equal(second.key_prefix, want);
    assert_true(second.loopback);
    assert_null(strstr(second.token_sha256, "kit"));
}

static void a_wrong_password_is_said_without_the_password(void **state)
{
    AUTO(app_close) struct app second = {.db = NULL};
    struct upload_conf conf = app->conf;
    struct err err = ERR_INIT;
    char url[300];

    (void)state;
    snprintf(url, sizeof url, "postgresql://upload_svc:sesame-open@%s",
             strchr(kit_pg_url("upload_svc"), '@') + 1);
    conf.database_url = secret_of(url);
    assert_fails(app_open(&conf, &second, &err), err, ERR_DATABASE);
    assert_null(strstr(err.msg, "sesame"));
}

static void a_database_that_is_ahead_is_not_touched(void **state)
{
    AUTO(app_close) struct app second = {.db = NULL};
    struct err err = ERR_INIT;
    bool ok;

    (void)state;
    kit_pg_sql("INSERT INTO upload.migration (number, name, sha256)"
               " VALUES (9999, '9999_later.sql', 'x')");
    ok = app_open_db(&app->conf, &second, &err);
    kit_pg_sql("DELETE FROM upload.migration WHERE number = 9999");
    assert_false(ok);
    assert_true(strlen(err.msg) > 20);
}

/* ---- serving ---- */
struct service {
    pthread_t thread;
    struct err err;
    bool ok;
};

static void *run(void *arg)
{
    struct service *s = arg;

    s->ok = serve(app, &s->err);
    return NULL;
}

static const char *ask(int64_t port, const char *path)
{
    static char answer[256 * 1024];
    AUTO(talk_close) struct talk *talk = talk_open((int)port);
    char head[400];

    snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);
    talk_say(talk, head);
    snprintf(answer, sizeof answer, "%s", talk_answer(talk));
    return answer;
}

static void begin(struct service *s)
{
    *s = (struct service){.ok = false};
    assert_int_equal(pthread_create(&s->thread, NULL, run, s), 0);
    clock_sleep_ms(700); /* the doors open within this; talk_open fails the test otherwise */
}

static void end(struct service *s)
{
    kill(getpid(), SIGTERM);
    pthread_join(s->thread, NULL);
    assert_ok(s->ok, s->err);
    assert_null(app->relay);
    assert_null(app->hub);
    assert_null(app->sweep);
}

static void it_serves_people_on_one_port_and_machines_on_another(void **state)
{
    struct service s;
    const char *answer;

    (void)state;
    begin(&s);
    assert_int_equal(talk_status(ask(app->conf.port, "/healthz")), 200);
    assert_int_equal(talk_status(ask(app->conf.port, "/")), 200);
    assert_int_equal(talk_status(ask(app->conf.port, "/metrics")), 404);
    assert_int_equal(talk_status(ask(app->conf.port, "/readyz")), 404);
    assert_int_equal(talk_status(ask(app->conf.port, "/api/meta")), 401);
    assert_int_equal(talk_status(ask(app->conf.ops_port, "/healthz")), 200);
    assert_int_equal(talk_status(ask(app->conf.ops_port, "/readyz")), 200);
    answer = ask(app->conf.ops_port, "/metrics");
    assert_non_null(strstr(answer, "upload_http_answers_total{"));
    assert_non_null(strstr(answer, "Content-Type: text/plain; version=0.0.4"));
    assert_int_equal(talk_status(ask(app->conf.ops_port, "/api/meta")), 404);
    end(&s);
}

static void an_upload_in_flight_ends_well_and_streams_end_at_once(void **state)
{
    static const char head[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\0\xf0\b\x02\0\0\0crc!"
                               "\0\0\0\0IDAT";
    AUTO(str_free) struct str form = STR_INIT(65536);
    struct talk *talk, *stream;
    struct service s;
    char line[400];

    (void)state;
    str_addz(&form, "--b\r\nContent-Disposition: form-data; name=\"platformSource\"\r\n\r\n"
                    "cookie.fun\r\n"
                    "--b\r\nContent-Disposition: form-data; name=\"snapshotDate\"\r\n\r\n"
                    "2026-11-20\r\n"
                    "--b\r\nContent-Disposition: form-data; name=\"screenshots\"; filename=\"a\""
                    "\r\n\r\n");
    str_add(&form, head, sizeof head - 1);
    str_addz(&form, "\r\n--b--\r\n");
    begin(&s);
    talk = talk_open((int)app->conf.port);
    snprintf(line, sizeof line,
             "POST /api/admin/snapshots/upload HTTP/1.1\r\nHost: x\r\nAuthorization: "
             "Bearer " KIT_GATE_TOKEN "\r\nContent-Type: multipart/form-data; boundary=b\r\n"
             "Content-Length: %zu\r\n\r\n",
             form.n);
    talk_say(talk, line);
    talk_send(talk, form.p, 100);
    stream = talk_open((int)app->conf.port);
    talk_say(stream, "GET /api/admin/snapshots/events HTTP/1.1\r\nHost: x\r\nAuthorization: "
                     "Bearer " KIT_GATE_TOKEN "\r\n\r\n");
    assert_true(talk_wait(stream, "event: ready", 5000));
    kill(getpid(), SIGTERM);
    assert_true(talk_wait(stream, "0\r\n\r\n", 5000)); /* streams end at once */
    talk_send(talk, form.p + 100, form.n - 100);
    assert_int_equal(talk_status(talk_answer(talk)), 201);
    pthread_join(s.thread, NULL);
    assert_ok(s.ok, s.err);
    talk_close(&talk);
    talk_close(&stream);
    assert_string_equal(kit_pg_value("SELECT count(*) FROM upload.platform_snapshots"), "1");
}

static void without_a_token_it_opens_only_to_this_machine(void **state)
{
    char kept[SHA256_HEX_SIZE];
    struct err err = ERR_INIT;

    (void)state;
    memcpy(kept, app->token_sha256, sizeof kept);
    app->token_sha256[0] = '\0';
    app->loopback = false;
    app->conf.bind = "0.0.0.0";
    assert_fails(serve(app, &err), err, ERR_UNAUTHENTICATED);
    assert_non_null(strstr(err.msg, "--token-create"));
    memcpy(app->token_sha256, kept, sizeof kept);
}

static void without_s3_it_is_alive_but_not_ready(void **state)
{
    AUTO(app_close) struct app second = {.db = NULL};
    struct app *first = app;
    struct upload_conf conf = app->conf;
    struct err err = ERR_INIT;
    struct service s;

    (void)state;
    conf.s3_endpoint = "http://127.0.0.1:9";
    assert_ok(app_open(&conf, &second, &err), err);
    app = &second;
    begin(&s);
    assert_int_equal(talk_status(ask(conf.ops_port, "/healthz")), 200);
    assert_int_equal(talk_status(ask(conf.ops_port, "/readyz")), 503);
    end(&s);
    app = first;
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
    const struct CMUnitTest tests[] = {
        T(opening_finds_the_deployment_that_was_drawn_once),
        T(a_wrong_password_is_said_without_the_password),
        T(a_database_that_is_ahead_is_not_touched),
        T(it_serves_people_on_one_port_and_machines_on_another),
        T(an_upload_in_flight_ends_well_and_streams_end_at_once),
        T(without_a_token_it_opens_only_to_this_machine),
        T(without_s3_it_is_alive_but_not_ready),
    };
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* as main() does, before any thread */
    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
