/* ops.c - handlers of the ops port: metrics, alive, ready. */
#include "analysis-svc/app.h"
#include "analysis-svc/metrics.h"
#include "analysis-svc/routes.h"

bool analysis_metrics(struct req *req, struct reply *reply, struct err *err)
{
    (void)req;
    (void)err;
    reply->type = "text/plain; version=0.0.4";
    metric_render(&reply->body);
    return true;
}

bool analysis_health(struct req *req, struct reply *reply, struct err *err)
{
    (void)req;
    (void)err;
    reply_json(reply, 200);
    str_addz(&reply->body, "{\"status\":\"ok\"}");
    return true;
}

bool analysis_ready(struct req *req, struct reply *reply, struct err *err)
{
    struct app *app = req_app(req);

    if (!db_ping(app->db, err) || !s3_check(app->s3, err))
        return false;
    reply_json(reply, 200);
    str_addz(&reply->body, "{\"status\":\"ready\"}");
    return true;
}
