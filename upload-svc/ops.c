/* ops.c - for machines: is the process alive, is it of use, and what it has counted. */
#include "common/metric.h"
#include "upload-svc/app.h"
#include "upload-svc/handlers.h"

bool get_health(struct req *req, struct reply *reply, struct err *err)
{
    (void)req;
    (void)err;
    str_addz(&reply->body, "{\"status\":\"ok\"}");
    return true;
}

bool get_ready(struct req *req, struct reply *reply, struct err *err)
{
    struct app *app = req_app(req);

    if (!db_ping(app->db, err) || !s3_check(app->s3, err))
        return false;
    str_addz(&reply->body, "{\"status\":\"ready\"}");
    return true;
}

bool get_metrics(struct req *req, struct reply *reply, struct err *err)
{
    (void)req;
    (void)err;
    reply->type = "text/plain; version=0.0.4; charset=utf-8";
    metric_render(&reply->body);
    return true;
}
