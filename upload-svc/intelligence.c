/*
 * intelligence.c - GET /intelligence/:platform: what changed from day to day, computed from the
 * rows that were read, and nothing else. A campaign's day is its newest sheet; it is compared with
 * the day before it that has one. What cannot be computed is null or an empty list.
 */
#include "upload-svc/handlers.h"
#include "upload-svc/meta.h"
#include "upload-svc/queries.h"
#include "upload-svc/store.h"

enum { DAYS_DEFAULT = 7, DAYS_MAX = 366 };

bool get_intelligence(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct app *app = req_app(req);
    const char *platform = req_param(req, "platform"), *v = req_query(req, "days");
    int64_t days = DAYS_DEFAULT;
    struct db_param params[2] = {P(platform), P_NULL};

    if (!meta_platform_known(platform))
        return err_set(err, ERR_NOT_FOUND, "there is no such platform");
    if (v && *v != '\0' && (!sv_int(sv_of(v), &days) || days < 1 || days > DAYS_MAX))
        return err_set(err, ERR_BAD_REQUEST, "days: a number from 1 to %d is wanted", DAYS_MAX);
    params[1] = P(days);
    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !store_late(conn, Q_INTELLIGENCE, params, 2, &rows, err))
        return false;
    if (rows && db_count(rows) > 0)
        str_addv(&reply->body, db_sv(rows, 0, "body"));
    else
        str_addz(&reply->body, "{\"success\":true,\"intelligence\":[]}");
    return true;
}
