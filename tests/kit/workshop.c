#include "tests/kit/workshop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/claim.h"
#include "analysis-svc/metrics.h"
#include "analysis-svc/queries.h"
#include "common/clock.h"
#include "common/migrate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/rgw.h"

extern const struct embed_file analysis_migrations[];
extern const size_t analysis_migrations_count;

static struct app app;

static const char *setting(const char *name)
{
    static const char *const set[][2] = {{"INTERNAL_TOKEN", "kit-internal-token-0123"},
                                         {"AWS_ACCESS_KEY_ID", "kit"},
                                         {"AWS_SECRET_ACCESS_KEY", "kit"},
                                         {"S3_BUCKET_NAME", "kit-bucket"},
                                         {"OPENAI_BASE_URL", "http://127.0.0.1:9/v1"},
                                         {"OPENAI_MODEL", "reader-1"},
                                         {"ANTHROPIC_BASE_URL", "http://127.0.0.1:9"},
                                         {"ANTHROPIC_MODEL", "reader-2"},
                                         {"S3_READ_PREFIXES", "old/pictures/"},
                                         {"OPENAI_PRICE_IN", "1000000"},
                                         {"HALF_PRICE_FROM", "0s"},
                                         {"RETRY_BASE", "1ms"},
                                         {"RETRY_CAP", "2ms"}};

    if (strcmp(name, "ANALYSIS_DATABASE_URL") == 0)
        return kit_pg_url("analysis_svc");
    for (size_t i = 0; i < COUNT_OF(set); i++)
        if (strcmp(set[i][0], name) == 0)
            return set[i][1];
    return NULL;
}

static bool open_all(struct err *err)
{
    AUTO(str_free) struct str faults = STR_INIT(65536);
    int applied;

    if (!analysis_config_load(setting, &app.conf, &faults))
        return err_set(err, ERR_UNPROCESSABLE, "%s", faults.p);
    app.db_conf = (struct db_conf){.url = app.conf.database_url,
                                   .app = "kit",
                                   .connections = 8,
                                   .statement_ms = 10000,
                                   .settings = ANALYSIS_DB_SETTINGS,
                                   .queries = analysis_queries,
                                   .query_count = Q_COUNT_};
    snprintf(app.worker, sizeof app.worker, "kit");
    return roster_make(&app.conf, &app.roster, err) &&
           extractors_load("analysis-svc/extractors", &app.extractors, err) &&
           db_open(&app.db_conf, &app.db, err) &&
           migrate_run(app.db, "analysis", analysis_migrations, analysis_migrations_count, &applied,
                       err) &&
           db_check(app.db, err);
}

struct app *kit_workshop_open(void)
{
    struct err err = ERR_INIT;

    if (!kit_pg_start())
        return NULL;
    analysis_metrics_open();
    if (!open_all(&err)) {
        fprintf(stderr, "the workshop does not open: %s\n", err.msg);
        return NULL;
    }
    kit_workshop_reset();
    return &app;
}

void kit_workshop_close(void)
{
    limits_close(&app.limits);
    keyring_close(&app.keys);
    reach_close(&app.reach);
    db_close(&app.db);
    extractors_free(&app.extractors);
    kit_pg_stop();
}

void kit_workshop_reset(void)
{
    struct limits_conf conf = {
        .providers = 2,
        .gauge = {
            .slots = 16, .start = 16, .break_after = 1000, .break_ms = 10000, .block_ms = 60000}};

    limits_close(&app.limits);
    keyring_close(&app.keys);
    reach_close(&app.reach);
    app.limits = limits_open(&conf);
    app.reach = reach_open(ROSTER_MAX);
    app.keys = keyring_open(&app.roster, conf.gauge.block_ms);
    kit_pg_sql("TRUNCATE analysis.deployment, analysis.batches, analysis.sheets, analysis.jobs,"
               " analysis.images, analysis.attempts, analysis.attempt_images, analysis.event_log,"
               " analysis.extractions, analysis.leaderboard_rows, analysis.yapper_profiles,"
               " analysis.reviews, analysis.edits, analysis.replicas, analysis.queue_clock, "
               "analysis.spend,"
               " analysis.bulks"
               " RESTART IDENTITY CASCADE");
}

int kit_workshop_stop(void **state)
{
    (void)state;
    kit_workshop_close();
    return 0;
}

int kit_workshop_fresh(void **state)
{
    (void)state;
    kit_workshop_reset();
    return 0;
}

const char *kit_uuid(int n)
{
    static char texts[4][40];
    static unsigned at;
    char *text = texts[at++ % 4];

    snprintf(text, sizeof texts[0], "00000000-0000-4000-8000-%012d", n);
    return text;
}

const char *kit_batch(int batch, int set, int first, int n, const char *extra)
{
    static struct str out = STR_INIT(1 << 20);

    str_reset(&out);
    str_addf(&out,
             "{\"batch_id\":\"%s\",%s\"set_id\":\"%s\",\"snapshot_type\":\"leaderboard\","
             "\"platform_source\":\"cookie.fun\",\"snapshot_date\":\"2026-11-20\","
             "\"timeframe\":\"24H\",\"campaign\":{\"id\":7,\"title\":\"Moonlit Harbor\"},"
             "\"yapper_handle\":null,\"items\":[",
             kit_uuid(batch), extra, kit_uuid(set));
    for (int i = first; i < first + n; i++)
        str_addf(&out,
                 "%s{\"snapshot_id\":%d,\"uuid\":\"%s\",\"s3_key\":\"" KIT_DEPLOYMENT
                 "/snapshots/2026-11-20/%d.png\",\"content_type\":\"image/png\",\"bytes\":1000,"
                 "\"sha256\":\"%064d\",\"width\":1280,\"height\":900}",
                 i > first ? "," : "", i, kit_uuid(i), i, i);
    str_addz(&out, "]}");
    return out.p;
}

const char *kit_review(int batch, int snapshot, const char *review)
{
    static char out[4096];

    snprintf(out, sizeof out,
             "{\"batch_id\":\"%s\",\"op\":\"review\",\"items\":[{\"snapshot_id\":%d,\"uuid\":"
             "\"%s\"}],\"review\":{\"by\":\"anna\",%s}}",
             kit_uuid(batch), snapshot, kit_uuid(snapshot), review);
    return out;
}

void kit_accept(struct app *a, const char *body)
{
    AUTO(batch_free) struct batch b = {.root = NULL};
    struct accepted out;
    struct err err = ERR_INIT;

    assert_ok(accept_batch(a, sv_of(body), &b, &out, &err), err);
}

struct flight *kit_claim(struct app *a)
{
    struct flight *list[CLAIM_MAX];
    struct err err = ERR_INIT;
    size_t n;

    for (int i = 0; i < 20; i++) { /* a retry is due after a millisecond or two */
        assert_ok(claim_jobs(a, 1, list, &n, &err), err);
        if (n == 1)
            return list[0];
        clock_sleep_ms(5);
    }
    return NULL;
}

struct flight *kit_claim_of(struct app *a, int n)
{
    kit_accept(a, kit_batch(1, 1, 41, n, ""));
    return kit_claim(a);
}

static void add_row(struct str *out, int rank, const char *handle, int followers)
{
    str_addf(out,
             "{\"rank\":\"%d\",\"display_name\":\"%s\",\"handle\":\"@%s\",\"total_snaps\":\"\","
             "\"snaps_24h\":\"\",\"snaps_7d\":\"\",\"mindshare_percent\":\"\","
             "\"mindshare_change\":\"\",\"followers\":\"%d\",\"smart_followers\":\"\","
             "\"status\":\"\",\"badge\":\"\",\"unsure\":[]}",
             rank, handle, handle, followers);
}

void kit_good(const struct flight *f, unsigned skip, struct str *out)
{
    const char *comma = "";
    char handle[32];

    str_addz(out, "{\"results\":[");
    for (size_t i = 0; i < f->n; i++) {
        if (f->images[i].known || skip & (1U << i))
            continue;
        str_addf(out,
                 "%s{\"id\":\"%s\",\"platform\":\"cookie.fun\",\"title\":\"Moonlit Harbor\","
                 "\"timeframe\":\"24H\",\"columns\":[\"Rank\",\"Name\",\"Followers\"],\"rows\":[",
                 comma, f->images[i].tag);
        add_row(out, 1, "shared_star", 9000);
        str_addc(out, ',');
        snprintf(handle, sizeof handle, "picture_%d", (int)f->images[i].snapshot_id);
        add_row(out, 2, handle, 100);
        str_addz(out, "]}");
        comma = ",";
    }
    str_addz(out, "]}");
}

struct stored kit_land(struct app *a, struct flight **f, enum answer_class class, const char *text)
{
    struct provider_answer said = {.class = class,
                                   .text = STR_INIT(1 << 20),
                                   .usage = {.input = 1000, .output = 10},
                                   .retry_after_ms = -1,
                                   .bad_image = -1};
    AUTO(land_free) struct land l = {.flight = *f};
    struct stored done = {.fenced = false};
    struct err err = ERR_INIT;

    str_addz(&said.text, text);
    land_open(a, *f, &said, 0, &l);
    if ((*f)->place >= 0)
        limits_give(a->limits, &(*f)->slip, &(struct limits_told){ANSWER_OK, -1, NULL, NULL},
                    clock_mono_ms());
    assert_ok(land_store(a, &l, &done, &err), err);
    flight_free(f);
    return done;
}

struct stored kit_land_good(struct app *a, struct flight **f, unsigned skip)
{
    AUTO(str_free) struct str text = STR_INIT(1 << 20);

    kit_good(*f, skip, &text);
    return kit_land(a, f, ANSWER_OK, text.p);
}

static void open_s3(struct app *a, const char *s3_url, const char *model_s3_url)
{
    struct s3_conf conf = {.endpoint = s3_url[0] ? s3_url : "http://127.0.0.1:9",
                           .model_endpoint = model_s3_url,
                           .browser_endpoint = "",
                           .region = "us-east-1",
                           .bucket = KIT_RGW_BUCKET,
                           .access_key = KIT_RGW_ACCESS_KEY,
                           .secret_key = secret_of(KIT_RGW_SECRET_KEY),
                           .path_style = true,
                           .connect_ms = 1000,
                           .total_ms = 5000,
                           .stall_ms = 5000,
                           .tries = 2};
    struct err err = ERR_INIT;

    assert_ok(s3_open(&conf, &a->s3, &err), err);
}

static void open_service(struct app *a, const char *s3_url, const char *model_s3_url)
{
    struct limits_conf limits = {
        .providers = 1,
        .gauge = {.slots = 8, .start = 8, .break_after = 100, .break_ms = 200, .block_ms = 60000}};
    struct err err = ERR_INIT;

    http_global_open();
    a->conf.lease_time = 2000;
    a->conf.heartbeat = 300;
    a->conf.poll = 200;
    a->conf.reaper_period = 200;
    a->conf.call_timeout = 5000;
    assert_ok(roster_make(&a->conf, &a->roster, &err), err);
    limits_close(&a->limits);
    keyring_close(&a->keys);
    reach_close(&a->reach);
    a->keys = keyring_open(&a->roster, limits.gauge.block_ms);
    limits.keys[0] = keyring_count(a->keys, 0);
    a->limits = limits_open(&limits);
    a->reach = reach_open(ROSTER_MAX);
    open_s3(a, s3_url, model_s3_url);
    assert_ok(http_loop_open(16, 16, &a->http, &err), err);
}

void kit_service_open(struct app *a, const char *openai_url, const char *s3_url,
                      const char *model_s3_url)
{
    a->conf.provider_order = "openai";
    a->conf.openai_url = openai_url;
    open_service(a, s3_url, model_s3_url);
}

void kit_service_open_anthropic(struct app *a, const char *url, const char *s3_url)
{
    a->conf.provider_order = "anthropic";
    a->conf.anthropic_url = url;
    open_service(a, s3_url, "");
}

void kit_service_close(struct app *a)
{
    http_loop_close(&a->http);
    s3_close(&a->s3);
}

bool kit_until(const char *sql, int ms)
{
    for (int waited = 0; waited < ms; waited += 20) {
        if (strcmp(kit_pg_value(sql), "t") == 0)
            return true;
        clock_sleep_ms(20);
    }
    return false;
}
