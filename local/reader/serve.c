/*
 * serve.c - settings, desk, door; then wait for a signal.
 */
#include "local/reader/serve.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/conf.h"
#include "common/door.h"
#include "common/http.h"
#include "common/log.h"
#include "local/reader/answers.h"
#include "local/reader/desk.h"

#define DOOR_THREADS 16
#define BODY_MAX     ((int64_t)80 << 20) /* 50 MB of pictures as base64 */

struct settings {
#define CONF(TYPE, field, env, dflt, min, max, flags, help) CONF_C_##TYPE field;
#include "local/reader/settings.def"
#undef CONF
};

static const struct conf_item items[] = {
#define CONF(TYPE, field, env, dflt, min, max, flags, help)                                        \
    {CONF_##TYPE, env, dflt, min, max, flags, help, offsetof(struct settings, field)},
#include "local/reader/settings.def"
#undef CONF
};

static const struct door_route routes[] = {
    {"POST", "/v1/responses", answers_responses, DOOR_OPEN, BODY_MAX, "OpenAI's Responses"},
    {"POST", "/v1/chat/completions", answers_chat, DOOR_OPEN, BODY_MAX,
     "OpenAI's Chat Completions"},
    {"POST", "/v1/messages", answers_messages, DOOR_OPEN, BODY_MAX, "Anthropic's Messages"},
    {"GET", "/v1/models", answers_models, DOOR_OPEN, DOOR_BODY_NONE, "the one model: this reader"},
    {"GET", "/healthz", answers_health, DOOR_OPEN, DOOR_BODY_NONE, "is it alive"},
    {"GET", "/", answers_about, DOOR_OPEN, DOOR_BODY_NONE, "what this is"},
};

static const char *env(const char *name) { return getenv(name); }

/* The parameters are door.h's. NOLINTNEXTLINE(readability-function-size) */
static void told(void *app, const struct req *req, const struct door_route *route, int status,
                 enum err_code code, const char *msg, int64_t took_us)
{
    (void)app;
    (void)code;
    if (!route || route->body_max == DOOR_BODY_NONE)
        return;
    log_info("reader.answered",
             status == 200 ? "pictures read"
             : msg         ? msg
                           : "not read",
             KV_S("path", req_path(req)), KV_I("status", status), KV_I("took_ms", took_us / 1000));
}

/* Signals are blocked before the first thread starts, so that all inherit it and only sigwait sees
 * them. */
static void hold_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    pthread_sigmask(SIG_BLOCK, set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static bool load(struct settings *s, struct err *err)
{
    AUTO(str_free) struct str faults = STR_INIT(1 << 14);

    if (conf_load(items, COUNT_OF(items), env, s, &faults))
        return true;
    return err_set(err, ERR_UNPROCESSABLE, "%.300s", faults.p);
}

bool serve_run(struct err *err)
{
    struct settings s;
    AUTO(desk_close) struct desk *desk = NULL;
    AUTO(door_close) struct door *door = NULL;
    struct door_conf conf = {.threads = DOOR_THREADS,
                             .header_timeout_ms = 10000,
                             .body_timeout_ms = 60000,
                             .keep_alive_ms = 30000,
                             .routes = routes,
                             .route_count = COUNT_OF(routes),
                             .done = told};
    sigset_t set;
    int signal_number;

    if (!load(&s, err))
        return false;
    hold_signals(&set);
    log_open("reader", LOG_INFO);
    http_global_open();
    if (!desk_open((size_t)s.threads, &desk, err))
        return false;
    conf.bind = s.bind;
    conf.port = (int)s.port;
    conf.app = desk;
    if (!door_open(&conf, &door, err))
        return false;
    log_info("reader.open", "offline reader (Tesseract), not a language model",
             KV_I("port", door_port(door)), KV_I("threads", s.threads));
    sigwait(&set, &signal_number);
    door_shut(door);
    return true;
}
