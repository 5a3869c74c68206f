/* leaderboard.c - GET /api/leaderboards/:campaignId: the newest sheet of a day. */
#include "common/clock.h"
#include "upload-svc/handlers.h"
#include "upload-svc/queries.h"
#include "upload-svc/store.h"

bool get_leaderboard(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct app *app = req_app(req);
    const char *date = req_query(req, "date");
    struct db_param params[2] = {P_NULL, P(date)};
    int64_t campaign, day;

    if (!req_param_int(req, "campaignId", &campaign, err))
        return false;
    if (date && !clock_parse_day(sv_of(date), &day))
        return err_set(err, ERR_BAD_DATE, "date: a day that exists, as YYYY-MM-DD, is wanted");
    params[0] = P(campaign);
    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !store_late(conn, Q_LEADERBOARD, params, 2, &rows, err))
        return false;
    if (!rows || db_count(rows) == 0)
        return err_set(err, ERR_NOT_FOUND, "no leaderboard of that campaign%s has been read yet",
                       date ? " and day" : "");
    str_addv(&reply->body, db_sv(rows, 0, "body"));
    return true;
}
