/* test_routes_upload.c - upload-svc's tables against what is promised about them: every route has
 * its words and its lock, every setting stands in docs/config.md, the words of proto are the
 * database's. Covers: routes queries metrics retired */
#include <stdio.h>
#include <string.h>

#include "common/metric.h"
#include "tests/kit/kit.h"
#include "upload-svc/config.h"
#include "upload-svc/metrics.h"
#include "upload-svc/queries.h"
#include "upload-svc/routes.h"

/* The paths of design.md section 4 that are built so far, with the least role that may use them. */
static const struct {
    const char *method, *path;
    enum door_role role;
} promised[] = {
    {"POST", "/api/admin/snapshots/upload", DOOR_UPLOADER},
    {"GET", "/api/admin/snapshots/platforms", DOOR_VIEWER},
    {"GET", "/api/admin/snapshots/campaigns", DOOR_VIEWER},
    {"GET", "/api/admin/snapshots/status/:id", DOOR_VIEWER},
    {"GET", "/api/admin/snapshots/:id", DOOR_VIEWER},
    {"GET", "/api/admin/snapshots/:id/image", DOOR_VIEWER},
    {"GET", "/api/admin/snapshots/history", DOOR_VIEWER},
    {"GET", "/api/admin/snapshots/events", DOOR_VIEWER},
    {"GET", "/api/admin/snapshots/pending-summary", DOOR_VIEWER},
    {"GET", "/api/admin/snapshots/export", DOOR_VIEWER},
    {"GET", "/api/admin/snapshots/intelligence/:platform", DOOR_VIEWER},
    {"GET", "/api/admin/snapshots/cleanup/stats", DOOR_VIEWER},
    {"GET", "/api/admin/snapshots/cleanup/status", DOOR_VIEWER},
    {"POST", "/api/admin/snapshots/cleanup/processed", DOOR_ADMIN},
    {"POST", "/api/admin/snapshots/cleanup/old-files", DOOR_ADMIN},
    {"POST", "/api/admin/snapshots/cleanup/full", DOOR_ADMIN},
    {"POST", "/api/admin/snapshots/cleanup/immediate", DOOR_ADMIN},
    {"GET", "/api/yapper-profiles/:handle/timeline", DOOR_VIEWER},
    {"GET", "/api/yapper-profiles/:handle/:date", DOOR_VIEWER},
    {"POST", "/api/admin/snapshots/process", DOOR_UPLOADER},
    {"POST", "/api/admin/snapshots/process-pending", DOOR_UPLOADER},
    {"POST", "/api/admin/snapshots/:id/retry", DOOR_UPLOADER},
    {"POST", "/api/admin/snapshots/:id/review", DOOR_UPLOADER},
    {"PATCH", "/api/admin/snapshots/:id", DOOR_UPLOADER},
    {"DELETE", "/api/admin/snapshots/:id", DOOR_ADMIN},
    {"POST", "/api/admin/snapshots/:id/undelete", DOOR_ADMIN},
    {"GET", "/api/leaderboards/:campaignId", DOOR_VIEWER},
    {"GET", "/api/leaderboards/:campaignId/movers", DOOR_VIEWER},
    {"GET", "/api/top/:metric", DOOR_VIEWER},
    {"GET", "/api/meta", DOOR_VIEWER},
    {"POST", "/api/admin/campaigns", DOOR_ADMIN},
    {"PATCH", "/api/admin/campaigns/:id", DOOR_ADMIN},
};

static const struct door_route *find(const char *method, const char *path)
{
    for (size_t i = 0; i < upload_route_count; i++)
        if (strcmp(upload_routes[i].method, method) == 0 &&
            strcmp(upload_routes[i].path, path) == 0)
            return &upload_routes[i];
    return NULL;
}

static void every_promised_path_is_there_and_locked(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(promised); i++) {
        const struct door_route *r = find(promised[i].method, promised[i].path);

        if (!r)
            fail_msg("%s %s is not there", promised[i].method, promised[i].path);
        assert_int_equal(r->role, promised[i].role);
    }
}

static void only_the_page_health_and_the_log_in_are_open_to_all(void **state)
{
    static const char *const open[] = {"/", "/:file", "/healthz", "/api/session"};

    (void)state;
    for (size_t i = 0; i < upload_route_count; i++) {
        bool allowed = false;

        for (size_t k = 0; k < COUNT_OF(open); k++)
            allowed = allowed || strcmp(open[k], upload_routes[i].path) == 0;
        if (upload_routes[i].role == DOOR_OPEN && !allowed)
            fail_msg("%s is open to everybody", upload_routes[i].path);
    }
}

static void calls_that_mended_keys_are_answered_410_whatever_they_send(void **state)
{
    static const char *const paths[][2] = {{"PUT", "/api/admin/snapshots/:id/s3-url"},
                                           {"POST", "/api/admin/snapshots/fix-s3-keys"},
                                           {"POST", "/api/admin/snapshots/fix-orphaned-files"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        const struct door_route *r = find(paths[i][0], paths[i][1]);
        struct err err = ERR_INIT;

        assert_non_null(r);
        assert_int_equal(r->role, DOOR_ADMIN);
        assert_fails(r->handler(NULL, NULL, &err), err, ERR_GONE);
        assert_non_null(strstr(err.msg, "gone"));
    }
}

static void every_route_says_what_it_is_for_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < upload_route_count; i++) {
        const struct door_route *r = &upload_routes[i];

        assert_non_null(r->handler);
        assert_true(strlen(r->help) > 4);
        assert_ptr_equal(find(r->method, r->path), r);
        assert_true(strcmp(r->method, "GET") != 0 || r->body_max == DOOR_BODY_NONE);
    }
    for (size_t i = 0; i < upload_ops_route_count; i++)
        assert_true(strlen(upload_ops_routes[i].help) > 4);
}

static void every_setting_stands_in_the_docs(void **state)
{
    AUTO(str_free) struct str line = STR_INIT(65536);
    AUTO(str_free) struct str docs = STR_INIT(1 << 20);
    char buf[4096];
    FILE *f = fopen("docs/config.md", "r");

    (void)state;
    assert_non_null(f);
    for (size_t n; (n = fread(buf, 1, sizeof buf, f)) > 0;)
        str_add(&docs, buf, n);
    fclose(f);
    for (size_t i = 0; i < upload_config_count; i++) {
        str_reset(&line);
        conf_markdown(&upload_config_items[i], 1, &line);
        if (!strstr(docs.p, strstr(line.p, "| `")))
            fail_msg("make docs was not run: %s", line.p);
    }
}

static void every_setting_has_a_name_of_its_own_and_a_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < upload_config_count; i++) {
        assert_true(strlen(upload_config_items[i].help) > 8);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(upload_config_items[i].env, upload_config_items[k].env);
    }
}

static void every_statement_takes_its_values_as_parameters(void **state)
{
    (void)state;
    for (int i = 0; i < Q_COUNT_; i++) {
        assert_true(strlen(upload_queries[i].name) > 2);
        assert_true(strlen(upload_queries[i].sql) > 10);
        assert_null(strchr(upload_queries[i].sql, '%')); /* nothing is printed into a text */
        if (strstr(upload_queries[i].sql, "analysis.") && !upload_queries[i].late)
            fail_msg("%s reads the analysis's views, but is not LATE", upload_queries[i].name);
    }
}

static void every_metric_is_rendered(void **state)
{
    static const char *const names[] = {
#define METRIC(type, name, wire, label, help) wire,
#include "upload-svc/metrics.def"
#undef METRIC
    };
    AUTO(str_free) struct str out = STR_INIT(1 << 20);

    (void)state;
    upload_metrics_open();
    metric_add(M_FILES, ERR_FILE_TOO_LARGE, 3);
    metric_render(&out);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_non_null(strstr(out.p, names[i]));
    assert_non_null(strstr(out.p, "upload_files_total{code=\"file_too_large\"} 3"));
    assert_non_null(strstr(out.p, "upload_relay_posts_total{verdict=\"split\"} 0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_promised_path_is_there_and_locked),
        cmocka_unit_test(only_the_page_health_and_the_log_in_are_open_to_all),
        cmocka_unit_test(calls_that_mended_keys_are_answered_410_whatever_they_send),
        cmocka_unit_test(every_route_says_what_it_is_for_once),
        cmocka_unit_test(every_setting_stands_in_the_docs),
        cmocka_unit_test(every_setting_has_a_name_of_its_own_and_a_sentence),
        cmocka_unit_test(every_statement_takes_its_values_as_parameters),
        cmocka_unit_test(every_metric_is_rendered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
