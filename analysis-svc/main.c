/*
 * main.c - analysis-svc: settings, then everything that is opened, in order; then wait for a
 * signal. Closing in reverse order is the work of AUTO.
 */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis-svc/app.h"
#include "analysis-svc/metrics.h"
#include "analysis-svc/outlook.h"
#include "analysis-svc/queries.h"
#include "analysis-svc/reextract.h"
#include "analysis-svc/replica.h"
#include "analysis-svc/routes.h"
#include "analysis-svc/run.h"
#include "analysis-svc/spend.h"
#include "analysis-svc/watch.h"
#include "common/clock.h"
#include "common/door.h"
#include "common/id.h"
#include "common/log.h"
#include "common/migrate.h"

extern const struct embed_file analysis_migrations[];
extern const size_t analysis_migrations_count;

enum { DB_TRIES = 30, TEXT_MAX = 1 << 20 };

static void app_close(struct app *app)
{
    http_loop_close(&app->http);
    limits_close(&app->limits);
    keyring_close(&app->keys);
    reach_close(&app->reach);
    s3_close(&app->s3);
    cloudfront_free(&app->cdn);
    db_close(&app->db);
    extractors_free(&app->extractors);
}

static const char *env(const char *name) { return getenv(name); }

static int die(const struct err *err)
{
    fprintf(stderr, "analysis-svc: %s\n", err->msg);
    return 1;
}

static enum log_level level_of(const char *word)
{
    static const char *const words[] = {"debug", "info", "warn", "error"};

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(word, words[i]) == 0)
            return (enum log_level)i;
    return LOG_INFO;
}

/* ---- opening ---- */

static bool load(struct app *app, struct err *err)
{
    AUTO(str_free) struct str faults = STR_INIT(TEXT_MAX);

    if (!analysis_config_load(env, &app->conf, &faults)) {
        fprintf(stderr, "%s", faults.p);
        return err_set(err, ERR_UNPROCESSABLE, "the settings above are wrong: see --help");
    }
    log_open("analysis-svc", level_of(app->conf.log_level));
    snprintf(app->worker, sizeof app->worker, "%d-%.8s", (int)getpid(), id_new().text);
    return roster_make(&app->conf, &app->roster, err) &&
           spend_check(&app->conf, &app->roster, err) &&
           extractors_load(app->conf.extractors, &app->extractors, err);
}

/* Postgres may start at the same moment as we do. */
static bool migrate(struct app *app, struct err *err)
{
    for (int i = 0;; i++) {
        int applied = 0;

        *err = (struct err)ERR_INIT;
        if (migrate_run(app->db, "analysis", analysis_migrations, analysis_migrations_count,
                        &applied, err)) {
            log_info("schema.ready", "schema analysis is up to date", KV_I("applied", applied));
            return true;
        }
        if (err->code != ERR_DATABASE || i >= DB_TRIES)
            return false;
        log_warn("database.away", "Postgres does not answer yet", KV_ERR(err));
        clock_sleep_ms(1000);
    }
}

static bool open_db(struct app *app, struct err *err)
{
    app->db_conf = (struct db_conf){.url = app->conf.database_url,
                                    .app = "analysis-svc",
                                    .connections = (size_t)app->conf.db_connections,
                                    .statement_ms = app->conf.db_timeout,
                                    .settings = ANALYSIS_DB_SETTINGS,
                                    .queries = analysis_queries,
                                    .query_count = Q_COUNT_};
    return db_open(&app->db_conf, &app->db, err) && migrate(app, err) && db_check(app->db, err);
}

static bool open_s3(struct app *app, struct err *err)
{
    const struct analysis_conf *c = &app->conf;
    const struct s3_conf conf = {S3_CONF_OF(c), .model_endpoint = c->s3_model_endpoint,
                                 .browser_endpoint = "", .total_ms = c->s3_timeout};

    return s3_open(&conf, &app->s3, err);
}

static bool open_cdn(struct app *app, struct err *err)
{
    const struct analysis_conf *c = &app->conf;
    const struct cloudfront_conf conf = {.origin = c->cdn_url,
                                         .key_id = c->cdn_key_id,
                                         .private_key = c->cdn_key,
                                         .sha1 = c->cdn_sha1};

    if (!*c->cdn_url)
        return true;
    return cloudfront_open(&conf, &app->cdn, err) || err_wrap(err, "CLOUDFRONT_URL");
}

static bool open_calls(struct app *app, struct err *err)
{
    const struct analysis_conf *c = &app->conf;
    struct limits_conf limits = {.providers = app->roster.n,
                                 .gauge = {.slots = c->calls_in_flight,
                                           .start = c->calls_at_first,
                                           .break_after = c->breaker_after,
                                           .break_ms = c->breaker_time,
                                           .block_ms = c->block_time}};
    size_t slots = (size_t)c->calls_in_flight;

    app->keys = keyring_open(&app->roster, c->block_time);
    for (size_t i = 0; i < app->roster.n; i++) {
        bool openai = app->roster.who[i] == ROSTER_OPENAI;

        limits.keys[i] = keyring_count(app->keys, (int)i);
        limits.requests_per_minute[i] = (double)(openai ? c->openai_rpm : c->anthropic_rpm);
        limits.tokens_per_minute[i] = (double)(openai ? c->openai_tpm : c->anthropic_tpm);
    }

    app->limits = limits_open(&limits);
    app->reach = reach_open(app->roster.n);
    return http_loop_open(slots * app->roster.n, slots, &app->http, err);
}

static bool open_door(struct app *app, bool internal, struct door **door, struct err *err)
{
    const struct analysis_conf *c = &app->conf;
    struct door_conf conf = {.bind = internal ? c->bind : c->ops_bind,
                             .port = (int)(internal ? c->port : c->ops_port),
                             .threads = internal ? (int)c->door_threads : 2,
                             .header_timeout_ms = 5000,
                             .body_timeout_ms = 30000,
                             .keep_alive_ms = 15000,
                             .body_min_rate = 1024,
                             .routes = internal ? analysis_routes_internal : analysis_routes_ops,
                             .route_count = internal ? analysis_routes_internal_count
                                                     : analysis_routes_ops_count,
                             .app = app,
                             .auth = internal ? analysis_routes_auth : NULL,
                             .done = internal ? analysis_routes_done : NULL};

    return door_open(&conf, door, err);
}

static void wait_for_signal(const sigset_t *set)
{
    int signal = 0;

    while (sigwait(set, &signal) != 0)
        ;
    log_info("service.closing", "a signal came: closing", KV_I("signal", signal));
}

static void block_signals(sigset_t *set)
{
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    pthread_sigmask(SIG_BLOCK, set, NULL);
}

static int serve(struct app *app)
{
    AUTO(watch_close) struct watch *watch = NULL;
    AUTO(replica_close) struct replica *replica = NULL;
    AUTO(run_close) struct run *run = NULL;
    AUTO(door_close) struct door *ops = NULL;
    AUTO(door_close) struct door *internal = NULL;
    struct err err = ERR_INIT;
    sigset_t set;

    block_signals(&set);
    if (!open_s3(app, &err) || !open_cdn(app, &err) || !open_calls(app, &err) ||
        !watch_open(app, &watch, &err) || !replica_open(app, &replica, &err) ||
        !run_open(app, &run, &err) || !open_door(app, false, &ops, &err) ||
        !open_door(app, true, &internal, &err))
        return die(&err);
    log_info("service.ready", "analysis-svc takes batches", KV_S("bind", app->conf.bind),
             KV_I("port", door_port(internal)), KV_I("ops_port", door_port(ops)),
             KV_I("providers", app->roster.n), KV_I("extractors", app->extractors.n),
             KV_S("s3_keys", s3_key_source(app->s3)));
    wait_for_signal(&set);
    door_shut(internal);
    door_shut(ops);
    return 0;
}

/* ---- what can be asked on the command line ---- */

static const char usage[] =
    "analysis-svc reads the pictures of accepted batches: S3 -> vision model -> Postgres.\n\n"
    "  analysis-svc                              serve until SIGTERM\n"
    "  analysis-svc --help                       this text\n"
    "  analysis-svc --print-config               the settings in force, secrets masked\n"
    "  analysis-svc --config-markdown            all settings as a table\n"
    "  analysis-svc --migrate-only               bring the schema up to date and end\n"
    "  analysis-svc --check-extractors           what the extractors are, or what is wrong where\n"
    "  analysis-svc --place-robots               let models fetch: a permissive robots.txt, once\n"
    "  analysis-svc --reextract NAME --since YYYY-MM-DD [--dry-run]\n"
    "                                            read again what another version of that "
    "extractor\n"
    "                                            read; the dry run tells what it costs\n\n"
    "Settings are read from the environment:\n";

static int print_help(bool markdown)
{
    AUTO(str_free) struct str out = STR_INIT(TEXT_MAX);

    if (markdown)
        conf_markdown(analysis_config_items, analysis_config_count, &out);
    else
        conf_help(analysis_config_items, analysis_config_count, &out);
    if (!markdown)
        printf("%s", usage);
    printf("%s", out.p);
    return 0;
}

static int print_config(void)
{
    AUTO(str_free) struct str out = STR_INIT(TEXT_MAX);
    AUTO(str_free) struct str faults = STR_INIT(TEXT_MAX);
    struct analysis_conf conf;

    if (!analysis_config_load(env, &conf, &faults)) {
        fprintf(stderr, "%s", faults.p);
        return 1;
    }
    conf_print(analysis_config_items, analysis_config_count, &conf, &out);
    printf("%s", out.p);
    return 0;
}

static int check_extractors(void)
{
    const char *folder = getenv("ANALYSIS_EXTRACTORS");
    AUTO(str_free) struct str said = STR_INIT(TEXT_MAX);
    bool ok = extractors_report(folder && *folder ? folder : "analysis-svc/extractors", &said);

    fprintf(ok ? stdout : stderr, "%s", said.p);
    return ok ? 0 : 1;
}

/* A call's documents come and go some hundred KiB at a time: glibc would give these pages back to
 * the kernel and fault them in again with each. And many heaps hold more than they serve. */
static void keep_pages(void)
{
    mallopt(M_ARENA_MAX, 4);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
    mallopt(M_MMAP_THRESHOLD, 2 << 20);
    mallopt(M_TOP_PAD, 256 << 10);
}

static int work(bool migrate_only)
{
    AUTO(app_close) struct app app = {.db = NULL};
    struct err err = ERR_INIT;

    keep_pages();
    http_global_open();
    analysis_metrics_open();
    if (!load(&app, &err) || !open_db(&app, &err))
        return die(&err);
    return migrate_only ? 0 : serve(&app);
}

static int place_robots(void)
{
    AUTO(app_close) struct app app = {.db = NULL};
    struct err err = ERR_INIT;

    http_global_open();
    if (!load(&app, &err) || !open_s3(&app, &err) || !open_cdn(&app, &err) ||
        !outlook_place_robots(&app, &err))
        return die(&err);
    return 0;
}

static int reextract(int argc, char **argv)
{
    AUTO(app_close) struct app app = {.db = NULL};
    AUTO(str_free) struct str out = STR_INIT(TEXT_MAX);
    struct reextract_ask ask;
    struct reextract_counts counts;
    struct err err = ERR_INIT;
    bool done;

    if (!reextract_parse(argc, argv, &ask, &err) || !load(&app, &err) || !open_db(&app, &err))
        return die(&err);
    done = reextract_run(&app, &ask, &counts, &err);
    if (done || counts.seen > 0)
        reextract_report(&app, &ask, &counts, &out);
    printf("%s", out.p);
    return done ? 0 : die(&err);
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";

    if (strcmp(word, "--reextract") == 0)
        return reextract(argc, argv);
    if (argc > 2 || (argc == 2 && strncmp(word, "--", 2) != 0)) {
        fprintf(stderr, "analysis-svc takes at most one word: see --help\n");
        return 2;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "--config-markdown") == 0)
        return print_help(word[2] == 'c');
    if (strcmp(word, "--print-config") == 0)
        return print_config();
    if (strcmp(word, "--check-extractors") == 0)
        return check_extractors();
    if (strcmp(word, "--place-robots") == 0)
        return place_robots();
    if (argc == 2 && strcmp(word, "--migrate-only") != 0) {
        fprintf(stderr, "analysis-svc does not know %s: see --help\n", word);
        return 2;
    }
    return work(argc == 2);
}
