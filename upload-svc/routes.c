#include "upload-svc/routes.h"

#include "upload-svc/handlers.h"

const struct door_route upload_routes[] = {
#define ROUTE(method, path, handler, role, body, help)                                             \
    {#method, path, handler, DOOR_##role, body, help},
#include "upload-svc/routes.def"
#undef ROUTE
};
const size_t upload_route_count = COUNT_OF(upload_routes);

const struct door_route upload_ops_routes[] = {
    {"GET", "/healthz", get_health, DOOR_OPEN, DOOR_BODY_NONE, "200 while the process answers"},
    {"GET", "/readyz", get_ready, DOOR_OPEN, DOOR_BODY_NONE, "200 when Postgres and S3 answer"},
    {"GET", "/metrics", get_metrics, DOOR_OPEN, DOOR_BODY_NONE, "Prometheus text"},
};
const size_t upload_ops_route_count = COUNT_OF(upload_ops_routes);
