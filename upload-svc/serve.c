#include "upload-svc/serve.h"

#include <signal.h>

#include "common/clock.h"
#include "common/door.h"
#include "common/log.h"
#include "upload-svc/handlers.h"
#include "upload-svc/hub.h"
#include "upload-svc/metrics.h"
#include "upload-svc/relay.h"
#include "upload-svc/routes.h"
#include "upload-svc/session.h"
#include "upload-svc/sweep.h"
#include "upload-svc/tokens.h"

enum { OPS_HEADER_MS = 10000, KEEP_ALIVE_MS = 15000, OPS_THREADS = 4 };

/* One line and one count per request. The path holds no query, so no signature either. */
// NOLINTNEXTLINE(readability-function-size): the signature is the door's
static void note(void *arg, const struct req *req, const struct door_route *route, int status,
                 enum err_code code, const char *msg, int64_t took_us)
{
    bool failed = status >= 500;

    (void)arg;
    metric_add(M_HTTP_ANSWERS, (size_t)(status >= 100 && status < 600 ? status / 100 - 1 : 4), 1);
    if (!route || route->handler != get_events)
        metric_observe_ms(M_HTTP_TIME, 0, (double)took_us / 1000);
    log_line(failed ? LOG_WARN : LOG_INFO, "http.done", failed ? "a request failed" : "a request",
             (const struct log_kv[]){
                 KV_S("request_id", req_id(req)), KV_S("method", req_method(req)),
                 KV_S("path", req_path(req)), KV_I("status", status), KV_I("took_us", took_us),
                 KV_S("remote", req_remote(req)), KV_S("who", req_who(req)->name),
                 KV_S("code", err_wire(code)), KV_S("error", msg)},
             9);
}

/* Told before the body is read; post_snapshots asks once more when it begins. */
static bool admit(void *arg, const struct req *req, const struct door_route *route, struct err *err)
{
    return route->handler != post_snapshots || post_snapshots_admit(arg, req, err);
}

static void refused(void *arg, enum err_code why)
{
    (void)arg;
    metric_add(M_REFUSED, why, 1);
}

static bool open_public(struct app *app, const struct str *headers, struct door **out,
                        struct err *err)
{
    const struct upload_conf *c = &app->conf;
    const struct door_conf conf = {.bind = c->bind,
                                   .port = (int)c->port,
                                   .threads = (int)c->workers,
                                   .connections_max = c->connections,
                                   .per_address_max = c->per_address,
                                   .trusted_proxies = c->trusted_proxies,
                                   .header_timeout_ms = c->header_timeout,
                                   .body_timeout_ms = c->body_timeout,
                                   .keep_alive_ms = KEEP_ALIVE_MS,
                                   .close_wait_ms = c->shutdown_wait,
                                   .body_min_rate = c->body_min_rate,
                                   .rate_window_ms = c->rate_window,
                                   .routes = upload_routes,
                                   .route_count = upload_route_count,
                                   .app = app,
                                   .auth = tokens_auth,
                                   .done = note,
                                   .admit = admit,
                                   .refused = refused,
                                   .cookie = SESSION_COOKIE,
                                   .allowed_origins = c->allowed_origins,
                                   .security_headers = headers->p};

    return door_open(&conf, out, err);
}

static bool open_ops(struct app *app, struct door **out, struct err *err)
{
    const struct upload_conf *c = &app->conf;
    const struct door_conf conf = {.bind = c->ops_bind,
                                   .port = (int)c->ops_port,
                                   .threads = OPS_THREADS,
                                   .header_timeout_ms = OPS_HEADER_MS,
                                   .body_timeout_ms = OPS_HEADER_MS,
                                   .keep_alive_ms = KEEP_ALIVE_MS,
                                   .routes = upload_ops_routes,
                                   .route_count = upload_ops_route_count,
                                   .app = app};

    return door_open(&conf, out, err);
}

/* A door that is open to others needs a lock. */
static bool check_tokens(struct app *app, struct err *err)
{
    bool any = false;

    if (!tokens_any(app, &any, err))
        return false;
    if (!any && !app->loopback)
        return err_set(err, ERR_UNAUTHENTICATED,
                       "UPLOAD_BIND %s can be reached by others and there is no token: set "
                       "UPLOAD_TOKEN, JWT_SECRET or JWT_JWKS, or make one with upload-svc "
                       "--token-create NAME --role admin",
                       app->conf.bind);
    if (!any)
        log_warn("auth.open", "no token exists: everybody on this machine is an admin",
                 KV_S("bind", app->conf.bind));
    return true;
}

static void wait_for_the_end(void)
{
    sigset_t set;
    int got = 0;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigwait(&set, &got);
    log_info("serve.closing", "no more requests; uploads in flight end", KV_I("signal", got));
}

static bool doors(struct app *app, struct err *err)
{
    AUTO(str_free) struct str headers = STR_INIT(4096);
    AUTO(door_close) struct door *ops = NULL;
    AUTO(door_close) struct door *public = NULL;

    upload_config_headers(&app->conf, &headers);
    if (!open_ops(app, &ops, err) || !open_public(app, &headers, &public, err))
        return false;
    log_info("serve.ready", "upload-svc takes pictures in", KV_S("bind", app->conf.bind),
             KV_I("port", door_port(public)), KV_I("ops_port", door_port(ops)),
             KV_S("deployment", app->deployment), KV_S("s3_keys", s3_key_source(app->s3)));
    wait_for_the_end();
    app->cut_at_ms = clock_mono_ms() + app->conf.shutdown_wait;
    door_shut(public);
    hub_end(app->hub);
    return true;
}

bool serve(struct app *app, struct err *err)
{
    bool ok = check_tokens(app, err) && relay_open(app, &app->relay, err) &&
              hub_open(app, &app->hub, err) && sweep_open(app, &app->sweep, err) && doors(app, err);

    worker_close(&app->sweep);
    hub_close(&app->hub); /* before the relay, which it wakes */
    relay_close(&app->relay);
    return ok;
}
