/* routes.c - routes.def as the tables that door.h wants; who may come in, and what is noted. */
#include "analysis-svc/routes.h"

#include "analysis-svc/app.h"
#include "analysis-svc/metrics.h"
#include "common/crypto.h"
#include "common/log.h"

#define ONLY_internal(...) {__VA_ARGS__},
#define ONLY_ops(...)

const struct door_route analysis_routes_internal[] = {
#define ROUTE(port, method, path, handler, role, body, help)                                       \
    ONLY_##port(method, path, handler, DOOR_##role, body, help)
#include "analysis-svc/routes.def"
#undef ROUTE
};
const size_t analysis_routes_internal_count = COUNT_OF(analysis_routes_internal);

#undef ONLY_internal
#undef ONLY_ops
#define ONLY_internal(...)
#define ONLY_ops(...) {__VA_ARGS__},

const struct door_route analysis_routes_ops[] = {
#define ROUTE(port, method, path, handler, role, body, help)                                       \
    ONLY_##port(method, path, handler, DOOR_##role, body, help)
#include "analysis-svc/routes.def"
#undef ROUTE
};
const size_t analysis_routes_ops_count = COUNT_OF(analysis_routes_ops);

bool analysis_routes_auth(void *app_, const struct door_ask *ask, struct door_who *out,
                          struct err *err)
{
    const struct app *app = app_;
    struct sv due = sv_of(secret_text(app->conf.internal_token));

    if (ask->token.n == 0)
        return err_set(err, ERR_UNAUTHENTICATED, "a bearer token is needed: INTERNAL_TOKEN");
    if (ask->cookie || !crypto_equal(ask->token, due))
        return err_set(err, ERR_UNAUTHENTICATED,
                       "the token is not INTERNAL_TOKEN: both services need the same value");
    *out = (struct door_who){.role = DOOR_ADMIN, .name = "upload-svc"};
    return true;
}

/* The parameters are door.h's. NOLINTNEXTLINE(readability-function-size) */
void analysis_routes_done(void *app, const struct req *req, const struct door_route *route,
                          int status, enum err_code code, const char *msg, int64_t took_us)
{
    (void)app;
    metric_add(M_HTTP_REQUESTS, code, 1);
    metric_observe_ms(M_HTTP_SECONDS, 0, (double)took_us / 1000);
    log_info("http.request", "a request was answered", KV_S("method", req_method(req)),
             KV_S("path", req_path(req)), KV_S("route", route ? route->path : ""),
             KV_I("status", status), KV_S("code", err_wire(code)), KV_S("error", msg ? msg : ""),
             KV_I("us", took_us), KV_S("requestId", req_id(req)), KV_S("remote", req_remote(req)));
}
