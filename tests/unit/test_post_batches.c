/* test_post_batches.c - both ports over HTTP: who may come in, and what is answered.
 * Covers: get_batches routes ops queries metrics */
#include <stdio.h>
#include <string.h>

#include "analysis-svc/metrics.h"
#include "analysis-svc/queries.h"
#include "analysis-svc/routes.h"
#include "common/http.h"
#include "common/json.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/workshop.h"

static struct app *app;
static struct door *door, *ops;
static struct http_answer answer = HTTP_ANSWER_INIT; /* of the last call */

static bool open_door(bool internal, struct door **out, struct err *err)
{
    struct door_conf conf = {.bind = "127.0.0.1",
                             .threads = 4,
                             .header_timeout_ms = 2000,
                             .body_timeout_ms = 5000,
                             .keep_alive_ms = 1000,
                             .routes = internal ? analysis_routes_internal : analysis_routes_ops,
                             .route_count = internal ? analysis_routes_internal_count
                                                     : analysis_routes_ops_count,
                             .app = app,
                             .auth = internal ? analysis_routes_auth : NULL,
                             .done = internal ? analysis_routes_done : NULL};

    return door_open(&conf, out, err);
}

static int start(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    app = kit_workshop_open();
    if (!app)
        return -1;
    kit_service_open(app, "http://127.0.0.1:9/v1", "", "");
    return open_door(true, &door, &err) && open_door(false, &ops, &err) ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    http_answer_free(&answer);
    door_close(&door);
    door_close(&ops);
    kit_service_close(app);
    kit_workshop_close();
    return 0;
}

/* Its status; body and headers are in `answer`. */
static int call(struct door *at, const char *path, const char *token, const char *body)
{
    char url[256], bearer[128];
    const char *headers[] = {bearer, "Content-Type: application/json", NULL};
    struct http_req req = {.method = body ? "POST" : "GET",
                           .url = url,
                           .headers = headers,
                           .body = sv_of(body),
                           .total_ms = 5000,
                           .answer_max = 1 << 20};
    struct err err = ERR_INIT;

    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", door_port(at), path);
    snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", token);
    if (!*token)
        headers[0] = "X-Nothing: here";
    http_answer_free(&answer);
    answer = (struct http_answer)HTTP_ANSWER_INIT;
    assert_ok(http_perform(&req, &answer, &err), err);
    return answer.status;
}

#define TOKEN      "kit-internal-token-0123"
#define POST(body) call(door, "/internal/v1/batches", TOKEN, body)

static struct json *body_of(void)
{
    struct json *root = NULL;
    struct err err = ERR_INIT;

    assert_ok(json_parse(str_sv(&answer.body), &root, &err), err);
    return root;
}

static void nobody_comes_in_without_the_token(void **state)
{
    (void)state;
    assert_int_equal(call(door, "/internal/v1/batches", "", kit_batch(1, 1, 41, 1, "")), 401);
    assert_int_equal(
        call(door, "/internal/v1/batches", "kit-internal-token-0124", kit_batch(1, 1, 41, 1, "")),
        401);
    assert_int_equal(call(door, "/internal/v1/batches/x", "", NULL), 401);
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.batches"), "0");
}

static void a_batch_is_202_and_the_same_again_200(void **state)
{
    AUTO(json_free) struct json *root = NULL;
    int64_t before = metric_value(M_BATCHES, ERR_NONE);

    (void)state;
    assert_int_equal(POST(kit_batch(1, 1, 41, 2, "")), 202);
    root = body_of();
    assert_string_equal(json_text_or(root, "batch_id", ""), kit_uuid(1));
    assert_string_equal(json_text_or(root, "state", ""), "accepted");
    assert_int_equal(json_int_or(root, "items", 0), 2);
    assert_int_equal(POST(kit_batch(1, 1, 41, 2, "")), 200);
    assert_int_equal(POST(kit_batch(1, 1, 41, 3, "")), 409);
    assert_int_equal(metric_value(M_BATCHES, ERR_NONE), before + 2);
}

static void items_at_fault_are_named(void **state)
{
    AUTO(json_free) struct json *root = NULL;
    const struct json *item;
    char body[4096], *key;

    (void)state;
    snprintf(body, sizeof body, "%s", kit_batch(1, 1, 41, 2, ""));
    key = strstr(body, "20/42.png");
    while (memcmp(key, KIT_DEPLOYMENT, 8) != 0)
        key--;
    memcpy(key, "elsewher", 8);
    assert_int_equal(POST(body), 422);
    root = body_of();
    assert_string_equal(json_text_or(root, "code", ""), "unprocessable");
    assert_string_equal(json_text_or(root, "message", ""), "1 item cannot be accepted");
    assert_int_equal(json_count(json_find(root, "items")), 1);
    item = json_at(json_find(root, "items"), 0);
    assert_int_equal(json_int_or(item, "snapshot_id", 0), 42);
    assert_string_equal(json_text_or(item, "reason", ""),
                        "the key lies outside the prefixes this service may read");
}

static void bad_bodies_have_their_status(void **state)
{
    (void)state;
    assert_int_equal(POST("{"), 400);
    assert_int_equal(POST("{}"), 400);
    assert_int_equal(POST(kit_batch(1, 1, 1, 501, "")), 413);
}

static void a_full_queue_says_when_to_come_back(void **state)
{
    int64_t before = app->conf.queue_max;

    (void)state;
    assert_int_equal(POST(kit_batch(1, 1, 41, 2, "")), 202);
    app->conf.queue_max = 2;
    assert_int_equal(POST(kit_batch(2, 2, 51, 2, "")), 503);
    app->conf.queue_max = before;
    assert_true(http_header(&answer, "Retry-After").n > 0);
}

static void progress_and_cost_can_be_asked(void **state)
{
    AUTO(str_free) struct str text = STR_INIT(1 << 20);
    AUTO(json_free) struct json *root = NULL;
    char path[128];
    struct flight *f;

    (void)state;
    f = kit_claim_of(app, 4);
    kit_good(f, 1, &text);
    kit_land(app, &f, ANSWER_OK, text.p);
    snprintf(path, sizeof path, "/internal/v1/batches/%s", kit_uuid(1));
    assert_int_equal(call(door, path, TOKEN, NULL), 200);
    root = body_of();
    assert_string_equal(json_text_or(root, "state", ""), "running");
    assert_int_equal(json_int_or(root, "items", 0), 4);
    assert_int_equal(json_int_or(json_find(root, "images"), "waiting", -1), 1);
    assert_int_equal(json_int_or(json_find(root, "images"), "extracted", -1), 3);
    assert_int_equal(json_int_or(json_find(root, "jobs"), "done", -1), 1);
    assert_int_equal(json_int_or(json_find(root, "jobs"), "ready", -1), 1);
    assert_int_equal(json_int_or(json_find(root, "jobs"), "deferred", -1), 0);
    assert_int_equal(json_count(json_find(root, "deferred")), 0);
    assert_int_equal(json_int_or(root, "attempts", 0), 1);
    assert_int_equal(json_int_or(root, "cost_micro_usd", 0), 1000);
    assert_int_equal(json_int_or(json_find(root, "attempt_classes"), "ok", 0), 1);
    assert_int_equal(json_int_or(root, "reasoning_tokens", -1), 0);
    assert_int_equal(json_int_or(root, "moved", -1), 0);
    assert_int_equal(json_type(json_find(root, "ended_at")), JSON_NULL);
}

static void an_unknown_batch_is_404(void **state)
{
    char path[128];

    (void)state;
    snprintf(path, sizeof path, "/internal/v1/batches/%s", kit_uuid(99));
    assert_int_equal(call(door, path, TOKEN, NULL), 404);
    assert_int_equal(call(door, "/internal/v1/batches/nonsense", TOKEN, NULL), 404);
}

static void the_ops_port_shows_numbers_and_health(void **state)
{
    (void)state;
    POST(kit_batch(1, 1, 41, 1, ""));
    assert_int_equal(call(ops, "/metrics", "", NULL), 200);
    assert_non_null(strstr(answer.body.p, "analysis_batches_total{code=\"ok\"}"));
    assert_non_null(
        strstr(answer.body.p, "analysis_http_requests_total{code=\"unauthenticated\"}"));
    assert_int_equal(call(ops, "/healthz", "", NULL), 200);
    assert_int_equal(call(ops, "/internal/v1/batches/x", TOKEN, NULL), 404);
}

static void not_ready_while_the_bucket_is_away(void **state)
{
    (void)state;
    assert_int_equal(call(ops, "/readyz", "", NULL), 503);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nobody_comes_in_without_the_token, kit_workshop_fresh),
        cmocka_unit_test_setup(a_batch_is_202_and_the_same_again_200, kit_workshop_fresh),
        cmocka_unit_test_setup(items_at_fault_are_named, kit_workshop_fresh),
        cmocka_unit_test_setup(bad_bodies_have_their_status, kit_workshop_fresh),
        cmocka_unit_test_setup(a_full_queue_says_when_to_come_back, kit_workshop_fresh),
        cmocka_unit_test_setup(progress_and_cost_can_be_asked, kit_workshop_fresh),
        cmocka_unit_test_setup(an_unknown_batch_is_404, kit_workshop_fresh),
        cmocka_unit_test_setup(the_ops_port_shows_numbers_and_health, kit_workshop_fresh),
        cmocka_unit_test_setup(not_ready_while_the_bucket_is_away, kit_workshop_fresh),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
