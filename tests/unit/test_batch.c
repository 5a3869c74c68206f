/* test_batch.c - the message from upload-svc, field by field. Covers: batch_key */
#include "analysis-svc/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

static struct extractors extractors;
static struct batch_rules rules = {&extractors, "", "old/pictures/, older/"};

static int start(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    return extractors_load("analysis-svc/extractors", &extractors, &err) ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    extractors_free(&extractors);
    return 0;
}

static void read_file(const char *path, struct str *out)
{
    char buf[4096];
    FILE *f = fopen(path, "r");
    size_t n;

    assert_non_null(f);
    while ((n = fread(buf, 1, sizeof buf, f)) > 0)
        str_add(out, buf, n);
    fclose(f);
}

static void the_golden_messages_are_understood(void **state)
{
    AUTO(str_free) struct str body = STR_INIT(65536);
    AUTO(str_free) struct str ids = STR_INIT(256);
    AUTO(batch_free) struct batch b = {.root = NULL};
    struct err err = ERR_INIT;

    (void)state;
    read_file("proto/examples/batch_extract.json", &body);
    assert_ok(batch_read(str_sv(&body), &rules, &b, &err), err);
    assert_int_equal(b.op, BATCH_EXTRACT);
    assert_int_equal(b.n, 1);
    assert_int_equal(b.list[0].snapshot_id, 41);
    assert_string_equal(b.deployment, "0a1b2c3d");
    assert_string_equal(b.extractor->name, "leaderboard");
    assert_true(b.has_campaign);
    assert_int_equal(b.campaign_id, 7);
    assert_int_equal(b.deadline_s, 86400);
    batch_ids(&b, &ids);
    assert_string_equal(ids.p, "{41}");
    batch_free(&b);
    str_reset(&body);
    read_file("proto/examples/batch_forget.json", &body);
    assert_ok(batch_read(str_sv(&body), &rules, &b, &err), err);
    assert_int_equal(b.op, BATCH_FORGET);
}

struct change {
    const char *from, *to, *want;
};

/* The golden message with one piece exchanged. */
static void exchange(const struct change *c, struct str *body)
{
    AUTO(str_free) struct str golden = STR_INIT(65536);
    char *at;

    read_file("proto/examples/batch_extract.json", &golden);
    at = strstr(golden.p, c->from);
    assert_non_null(at);
    str_add(body, golden.p, (size_t)(at - golden.p));
    str_addz(body, c->to);
    str_addz(body, at + strlen(c->from));
}

static void a_picture_may_come_without_a_sum(void **state)
{
    static const struct change null = {
        "\"4d967a30111bf29f0eba01c448b375c1629b2fed01cdfcc3aed91f1b57d5dd5e\"", "null", ""};
    AUTO(str_free) struct str body = STR_INIT(65536);
    AUTO(batch_free) struct batch b = {.root = NULL};
    struct err err = ERR_INIT;

    (void)state;
    exchange(&null, &body);
    assert_ok(batch_read(str_sv(&body), &rules, &b, &err), err);
    assert_int_equal(b.n, 1);
}

static void refused(const struct change *c)
{
    AUTO(str_free) struct str body = STR_INIT(65536);
    AUTO(batch_free) struct batch b = {.root = NULL};
    struct err err = ERR_INIT;

    exchange(c, &body);
    assert_fails(batch_read(str_sv(&body), &rules, &b, &err), err, ERR_UNPROCESSABLE);
    assert_int_equal(b.n, 1);
    if (!strstr(b.list[0].reason, c->want))
        fail_msg("\"%s\" does not say \"%s\"", b.list[0].reason, c->want);
}

static void every_bad_field_is_named_with_the_items_at_fault(void **state)
{
    static const struct change changes[] = {
        {"\"leaderboard\"", "\"weather\"", "no extractor"},
        {"\"cookie.fun\"", "\"nowhere\"", "platform_source"},
        {"2026-11-20\",\"timeframe", "2026-02-30\",\"timeframe", "snapshot_date"},
        {"\"deadline_s\":86400", "\"deadline_s\":0", "deadline_s"},
        {"\"priority\":0", "\"priority\":5000", "priority"},
        {"\"set_id\":\"0b4c", "\"set_id\":\"zzzz", "set_id"},
        {"\"snapshot_id\":41", "\"snapshot_id\":0", "snapshot_id"},
        {"\"bytes\":181233", "\"bytes\":-1", "bytes"},
        {"\"sha256\":\"4d96", "\"sha256\":\"4D96", "sha256"},
        {"\"sha256\"", "\"sum\"", "sha256"},
        {"image/png", "text/html", "content_type"},
        {"\"width\":1280", "\"width\":\"wide\"", "width"},
        {"0a1b2c3d/snapshots/", "0a1b2c3d/secrets/", "prefixes"},
        {"0a1b2c3d/snapshots/", "0A1B2C3D/snapshots/", "prefixes"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(changes); i++)
        refused(&changes[i]);
}

static void what_cannot_be_answered_per_item_is_a_bad_request(void **state)
{
    static const char *const bodies[] = {
        "",
        "[]",
        "{\"items\":[]}",
        "{\"batch_id\":\"x\",\"items\":[{}]}",
        "{\"batch_id\":\"6f1f7a52-2f3c-4b53-9a86-8f6f3f0e7c11\",\"items\":[]}",
        "{\"batch_id\":\"6f1f7a52-2f3c-4b53-9a86-8f6f3f0e7c11\",\"op\":\"eat\",\"items\":[{}]}"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        AUTO(batch_free) struct batch b = {.root = NULL};
        struct err err = ERR_INIT;

        assert_fails(batch_read(sv_of(bodies[i]), &rules, &b, &err), err, ERR_BAD_REQUEST);
    }
}

static void a_doubled_item_is_named(void **state)
{
    static const char body[] =
        "{\"batch_id\":\"6f1f7a52-2f3c-4b53-9a86-8f6f3f0e7c11\",\"op\":\"forget\",\"items\":["
        "{\"snapshot_id\":1,\"uuid\":\"9b0b3f0e-58d5-4ad9-8e0d-5b1f3a2c4d01\",\"s3_key\":\"k\"},"
        "{\"snapshot_id\":1,\"uuid\":\"9b0b3f0e-58d5-4ad9-8e0d-5b1f3a2c4d01\",\"s3_key\":\"k\"}]}";
    AUTO(batch_free) struct batch b = {.root = NULL};
    struct err err = ERR_INIT;

    (void)state;
    assert_fails(batch_read(sv_of(body), &rules, &b, &err), err, ERR_UNPROCESSABLE);
    assert_string_equal(b.list[0].reason, "");
    assert_non_null(strstr(b.list[1].reason, "twice"));
}

static void keys_are_read_only_below_our_prefixes(void **state)
{
    static const struct {
        const char *key;
        bool ok;
        const char *deployment;
    } keys[] = {
        {"0a1b2c3d/snapshots/2026-11-20/x.png", true, "0a1b2c3d"},
        {"0a1b2c3d/derived/u/small.png", true, "0a1b2c3d"},
        {"old/pictures/y.png", true, ""},
        {"older/y.png", true, ""},
        {"old/pictures/", false, ""},
        {"0a1b2c3d/snapshots/", false, ""},
        {"0a1b2c3/snapshots/x.png", false, ""},
        {"0a1b2c3d4/snapshots/x.png", false, ""},
        {"snapshots/x.png", false, ""},
        {"0a1b2c3d/snapshots/../../other/x.png", false, ""},
        {"elsewhere/0a1b2c3d/snapshots/x.png", false, ""},
        {"", false, ""},
    };
    char deployment[DEPLOYMENT_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        assert_int_equal(batch_key(keys[i].key, &rules, deployment), keys[i].ok);
        assert_string_equal(deployment, keys[i].deployment);
    }
}

static void a_prefix_of_the_bucket_is_heeded(void **state)
{
    struct batch_rules mine = {&extractors, "team/", ""};
    char deployment[DEPLOYMENT_SIZE];

    (void)state;
    assert_true(batch_key("team/0a1b2c3d/snapshots/x.png", &mine, deployment));
    assert_string_equal(deployment, "0a1b2c3d");
    assert_false(batch_key("0a1b2c3d/snapshots/x.png", &mine, deployment));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_golden_messages_are_understood),
        cmocka_unit_test(every_bad_field_is_named_with_the_items_at_fault),
        cmocka_unit_test(a_picture_may_come_without_a_sum),
        cmocka_unit_test(what_cannot_be_answered_per_item_is_a_bad_request),
        cmocka_unit_test(a_doubled_item_is_named),
        cmocka_unit_test(keys_are_read_only_below_our_prefixes),
        cmocka_unit_test(a_prefix_of_the_bucket_is_heeded),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
