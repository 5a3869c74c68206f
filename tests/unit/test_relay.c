/* test_relay.c - the relay's thread: from a recorded form to an answer of analysis-svc, which is a
 * script here. */
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/wire.h"
#include "upload-svc/relay.h"

#define COUNT(table) kit_pg_value("SELECT count(*) FROM upload." table)

static struct app *app;

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(false);
    return app ? 0 : -1;
}

static int fresh(void **state)
{
    (void)state;
    kit_gate_reset();
    app->conf.relay_poll = 50;
    app->conf.relay_cap = 200;
    return 0;
}

/* Until the query gives the value; at most 10 s. */
static void await(const char *sql, const char *value)
{
    for (int i = 0; i < 200 && strcmp(kit_pg_value(sql), value) != 0; i++)
        clock_sleep_ms(50);
    assert_string_equal(kit_pg_value(sql), value);
}

static struct relay *at_work(const struct kit_wire *w)
{
    struct err err = ERR_INIT;
    struct relay *relay = NULL;

    app->conf.analysis_url = kit_wire_url(w);
    assert_ok(relay_open(app, &relay, &err), err);
    return relay;
}

static void what_is_recorded_is_posted_once_with_the_token(void **state)
{
    static const struct kit_step steps[] = {{.act = KIT_ANSWER, .status = 202, .body = "{}"}};
    AUTO(kit_wire_close) struct kit_wire *w = kit_wire_open(steps, 1);
    AUTO(relay_close) struct relay *relay = at_work(w);

    (void)state;
    kit_recorded(3, NULL, 1);
    relay_wake(relay);
    await("SELECT state FROM upload.outbox", "sent");
    clock_sleep_ms(300);
    assert_int_equal(kit_wire_count(w), 1);
    assert_non_null(strstr(kit_wire_log(w), "POST /internal/v1/batches "));
    assert_non_null(
        strstr(kit_wire_head(w, 0), "Authorization: Bearer kit-internal-token-0123\r\n"));
    assert_non_null(strstr(kit_wire_head(w, 0), "Content-Type: application/json\r\n"));
}

static void news_are_told_to_all_that_listen(void **state)
{
    static const struct kit_step steps[] = {{.act = KIT_ANSWER, .status = 202, .body = "{}"}};
    AUTO(kit_wire_close) struct kit_wire *w = kit_wire_open(steps, 1);
    AUTO(relay_close) struct relay *relay = NULL;
    AUTO(db_listen_close) struct db_listen *ear = NULL;
    struct err err = ERR_INIT;
    bool heard = true;

    (void)state;
    assert_ok(db_listen_open(&app->db_conf, "upload_events", &ear, &err), err);
    relay = at_work(w);
    relay_wake(relay);
    assert_ok(db_listen_wait(ear, 200, &heard, &err), err);
    assert_false(heard); /* to be woken is no news */
    for (int i = 0; i < 10; i++)
        relay_news(relay);
    assert_ok(db_listen_wait(ear, 5000, &heard, &err), err);
    assert_true(heard);
}

/* Whatever the wire's first answers are, the batch arrives in the end, with the same bytes. */
static void arrives_after(const struct kit_step *steps, size_t n)
{
    AUTO(kit_wire_close) struct kit_wire *w = kit_wire_open(steps, n);
    AUTO(relay_close) struct relay *relay = NULL;
    char before[4096], log[200];
    const char *line;
    struct err err = ERR_INIT;
    bool any;

    kit_gate_reset();
    app->conf.relay_poll = 50;
    app->conf.relay_cap = 200;
    kit_recorded(1, NULL, 1);
    assert_ok(relay_freeze(app, &any, &err), err);
    snprintf(before, sizeof before, "%s", kit_pg_value("SELECT body FROM upload.outbox"));
    relay = at_work(w);
    await("SELECT state FROM upload.outbox", "sent");
    relay_close(&relay);
    assert_int_equal(kit_wire_count(w), n);
    /* libcurl repeats by itself what met a kept connection that was closed */
    snprintf(log, sizeof log, "SELECT attempts BETWEEN %zu AND %zu FROM upload.outbox", n - 1, n);
    assert_string_equal(kit_pg_value(log), "t");
    assert_string_equal(kit_pg_value("SELECT body FROM upload.outbox"), before);
    snprintf(log, sizeof log, "POST /internal/v1/batches %zu\n", strlen(before));
    for (line = kit_wire_log(w); *line != '\0'; line = strchr(line, '\n') + 1)
        assert_memory_equal(line, log, strlen(log));
    assert_string_equal(COUNT("platform_snapshots WHERE failed_at IS NOT NULL"), "0");
}

static void trouble_that_somebody_can_mend_is_waited_out(void **state)
{
    static const struct kit_step steps[] = {{.act = KIT_ANSWER, .status = 503, .body = "busy"},
                                            {.act = KIT_ANSWER, .status = 401, .body = "{}"},
                                            {.act = KIT_ANSWER, .status = 404, .body = "{}"},
                                            {.act = KIT_RESET},
                                            {.act = KIT_HALF, .status = 202, .body = "{\"sta"},
                                            {.act = KIT_ANSWER, .status = 500, .body = "{}"},
                                            {.act = KIT_ANSWER, .status = 200, .body = "{}"}};

    (void)state;
    arrives_after(steps, COUNT_OF(steps));
}

static void a_redirect_is_not_followed(void **state)
{
    static const struct kit_step steps[] = {
        {.act = KIT_ANSWER, .status = 307, .headers = "Location: /elsewhere\r\n", .body = ""},
        {.act = KIT_ANSWER, .status = 202, .body = "{}"}};

    (void)state;
    arrives_after(steps, COUNT_OF(steps));
}

static void retry_after_is_the_least_that_is_waited(void **state)
{
    static const struct kit_step steps[] = {
        {.act = KIT_ANSWER, .status = 503, .headers = "Retry-After: 30\r\n", .body = "{}"}};
    AUTO(kit_wire_close) struct kit_wire *w = kit_wire_open(steps, 1);
    AUTO(relay_close) struct relay *relay = NULL;

    (void)state;
    kit_recorded(1, NULL, 1);
    relay = at_work(w);
    await("SELECT last_status FROM upload.outbox", "503");
    assert_string_equal(COUNT("outbox WHERE state = 'ready' AND due_at > now() + interval '20 s'"
                              " AND last_error <> ''"),
                        "1");
}

static void a_split_batch_comes_again_without_what_was_refused(void **state)
{
    static const struct kit_step steps[] = {
        {.act = KIT_ANSWER,
         .status = 422,
         .body = "{\"message\":\"no\",\"items\":[{\"snapshot_id\":2,\"reason\":\"no\"}]}"},
        {.act = KIT_ANSWER, .status = 202, .body = "{}"}};
    AUTO(kit_wire_close) struct kit_wire *w = kit_wire_open(steps, 2);
    AUTO(relay_close) struct relay *relay = NULL;

    (void)state;
    kit_recorded(3, NULL, 1);
    relay = at_work(w);
    await("SELECT string_agg(state || item_count, ',' ORDER BY born_at) FROM upload.outbox",
          "split3,sent2");
    assert_string_equal(kit_pg_value("SELECT string_agg(id::text, ',') FROM"
                                     " upload.platform_snapshots WHERE failed_at IS NOT NULL"),
                        "2");
}

static void what_is_refused_for_good_is_not_sent_again(void **state)
{
    static const struct kit_step steps[] = {{.act = KIT_ANSWER, .status = 409, .body = "{}"}};
    AUTO(kit_wire_close) struct kit_wire *w = kit_wire_open(steps, 1);
    AUTO(relay_close) struct relay *relay = NULL;

    (void)state;
    kit_recorded(2, NULL, 1);
    relay = at_work(w);
    await("SELECT state FROM upload.outbox", "dead");
    clock_sleep_ms(300);
    assert_int_equal(kit_wire_count(w), 1);
    assert_string_equal(COUNT("platform_snapshots WHERE failed_at IS NOT NULL"), "2");
}

static void two_relays_share_the_work_and_send_nothing_twice(void **state)
{
    static const struct kit_step steps[] = {{.act = KIT_ANSWER, .status = 202, .body = "{}"}};
    AUTO(kit_wire_close) struct kit_wire *w = kit_wire_open(steps, 1);
    AUTO(relay_close) struct relay *one = NULL;
    AUTO(relay_close) struct relay *two = NULL;

    (void)state;
    for (int i = 0; i < 20; i++)
        kit_recorded(1, NULL, i + 1);
    one = at_work(w);
    two = at_work(w);
    await("SELECT count(*) FROM upload.outbox WHERE state = 'sent'", "20");
    clock_sleep_ms(200);
    assert_int_equal(kit_wire_count(w), 20);
    assert_string_equal(kit_pg_value("SELECT max(attempts) FROM upload.outbox"), "1");
}

static void a_batch_that_a_dead_relay_had_claimed_is_sent_by_another(void **state)
{
    static const struct kit_step steps[] = {{.act = KIT_ANSWER, .status = 200, .body = "{}"}};
    AUTO(kit_wire_close) struct kit_wire *w = kit_wire_open(steps, 1);
    AUTO(relay_close) struct relay *relay = NULL;
    struct err err = ERR_INIT;
    bool any;

    (void)state;
    kit_recorded(1, NULL, 1);
    assert_ok(relay_freeze(app, &any, &err), err);
    /* as a relay leaves it that dies in its call */
    kit_pg_sql("UPDATE upload.outbox SET attempts = 1, due_at = now() + interval '1 s'");
    relay = at_work(w);
    clock_sleep_ms(300);
    assert_int_equal(kit_wire_count(w), 0);
    await("SELECT state || attempts FROM upload.outbox", "sent2");
}

static void a_relay_closes_also_when_nobody_answers(void **state)
{
    static const struct kit_step steps[] = {{.act = KIT_RESET}};
    AUTO(kit_wire_close) struct kit_wire *w = kit_wire_open(steps, 1);
    struct relay *relay = at_work(w), *none = NULL;

    (void)state;
    kit_recorded(1, NULL, 1);
    await("SELECT count(*) FROM upload.outbox WHERE last_status = 0 AND last_error <> ''", "1");
    relay_close(&relay);
    assert_null(relay);
    relay_close(&none);
    relay_wake(NULL);
}

/* An answer that takes a second. */
static const struct kit_step slow[] = {
    {.act = KIT_DRIP, .status = 202, .body = "{}        "},
    {.act = KIT_ANSWER, .status = 202, .body = "{}"},
    {.act = KIT_DRIP, .status = 202, .body = "{}        "},
};

static void await_posts(struct kit_wire *w, size_t n)
{
    for (int i = 0; i < 500 && kit_wire_count(w) < n; i++)
        clock_sleep_ms(10);
    assert_int_equal(kit_wire_count(w), n);
}

static void what_is_packed_is_sent_while_other_sets_wait_to_be_packed(void **state)
{
    AUTO(kit_wire_close) struct kit_wire *w = kit_wire_open(slow, 2);
    AUTO(relay_close) struct relay *relay = NULL;

    (void)state;
    for (int i = 0; i < 40; i++)
        kit_recorded(1, id_new().text, i + 1);
    kit_pg_sql("UPDATE upload.sets SET closes_at = now()");
    relay = at_work(w);
    await_posts(w, 1);
    assert_string_equal(kit_pg_value("SELECT count(*) > 0 FROM upload.sets WHERE waiting"), "t");
    await("SELECT count(*) FROM upload.outbox WHERE state = 'sent' AND attempts = 1", "40");
    assert_int_equal(kit_wire_count(w), 40);
}

static void what_was_claimed_and_not_sent_is_given_back_at_the_end(void **state)
{
    AUTO(kit_wire_close) struct kit_wire *w = kit_wire_open(slow + 1, 2);
    AUTO(relay_close) struct relay *relay = NULL;

    (void)state;
    for (int i = 0; i < 10; i++)
        kit_recorded(1, NULL, i + 1);
    relay = at_work(w); /* claims one, then three, then more */
    await_posts(w, 2);
    relay_close(&relay);
    assert_int_equal(kit_wire_count(w), 2);
    assert_string_equal(COUNT("outbox WHERE state = 'sent' AND attempts = 1"), "2");
    assert_string_equal(COUNT("outbox WHERE state = 'ready' AND attempts = 0 AND due_at <= now()"),
                        "8");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
    const struct CMUnitTest tests[] = {
        T(what_is_recorded_is_posted_once_with_the_token),
        T(news_are_told_to_all_that_listen),
        T(trouble_that_somebody_can_mend_is_waited_out),
        T(a_redirect_is_not_followed),
        T(retry_after_is_the_least_that_is_waited),
        T(a_split_batch_comes_again_without_what_was_refused),
        T(what_is_refused_for_good_is_not_sent_again),
        T(two_relays_share_the_work_and_send_nothing_twice),
        T(a_batch_that_a_dead_relay_had_claimed_is_sent_by_another),
        T(a_relay_closes_also_when_nobody_answers),
        T(what_is_packed_is_sent_while_other_sets_wait_to_be_packed),
        T(what_was_claimed_and_not_sent_is_given_back_at_the_end),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
