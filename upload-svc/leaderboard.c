/*
 * leaderboard.c - results by day: GET /api/leaderboards/:campaignId, its /movers, and
 * /api/top/:metric over campaigns. A campaign's day is its newest sheet.
 */
#include <string.h>

#include "common/clock.h"
#include "upload-svc/handlers.h"
#include "upload-svc/meta.h"
#include "upload-svc/queries.h"
#include "upload-svc/store.h"

enum { TOP_DEFAULT = 50, TOP_MAX = 200 };

/* date: absent is the newest. */
static bool day_of(struct req *req, struct db_param *out, struct err *err)
{
    const char *date = req_query(req, "date");
    int64_t day;

    *out = P(date);
    return !date || clock_parse_day(sv_of(date), &day) ||
           err_set(err, ERR_BAD_DATE, "date: a day that exists, as YYYY-MM-DD, is wanted");
}

/* The one column of a query's row is the answer. */
static bool answer(struct req *req, int query, const struct db_param *params, size_t n,
                   struct reply *reply, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct app *app = req_app(req);

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !store_late(conn, query, params, n, &rows, err))
        return false;
    if (!rows || db_count(rows) == 0)
        return err_set(err, ERR_NOT_FOUND, "no leaderboard of that campaign%s has been read yet",
                       req_query(req, "date") ? " and day" : "");
    str_addv(&reply->body, db_sv(rows, 0, "body"));
    return true;
}

static bool of_campaign(struct req *req, int query, struct reply *reply, struct err *err)
{
    struct db_param params[2];
    int64_t campaign;

    if (!req_param_int(req, "campaignId", &campaign, err) || !day_of(req, &params[1], err))
        return false;
    params[0] = P(campaign);
    return answer(req, query, params, COUNT_OF(params), reply, err);
}

bool get_leaderboard(struct req *req, struct reply *reply, struct err *err)
{
    return of_campaign(req, Q_LEADERBOARD, reply, err);
}

bool get_movers(struct req *req, struct reply *reply, struct err *err)
{
    return of_campaign(req, Q_MOVERS, reply, err);
}

/* The column that a metric stands in; NULL: there is no such metric. */
static const char *column_of(const char *metric)
{
    static const char *const known[][2] = {{"totalSnaps", "total_snaps"},
                                           {"snaps24h", "snaps_24h"},
                                           {"snaps7d", "snaps_7d"},
                                           {"mindsharePercent", "mindshare_percent"},
                                           {"mindshareChange", "mindshare_change"},
                                           {"followers", "followers"},
                                           {"smartFollowers", "smart_followers"}};

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strcmp(known[i][0], metric) == 0)
            return known[i][1];
    return NULL;
}

/* "all" and "" of a select are no filter. */
static const char *filter(struct req *req, const char *name)
{
    const char *v = req_query(req, name);

    return v && *v != '\0' && strcmp(v, "all") != 0 ? v : NULL;
}

static bool number(struct req *req, const char *name, int64_t max, int64_t *out, struct err *err)
{
    const char *v = filter(req, name);

    return !v || (sv_int(sv_of(v), out) && *out >= 1 && *out <= max) ||
           err_set(err, ERR_BAD_REQUEST, "%s: a number from 1 to %lld is wanted", name,
                   (long long)max);
}

bool get_top(struct req *req, struct reply *reply, struct err *err)
{
    const char *metric = req_param(req, "metric"), *platform = filter(req, "platformSource");
    const char *column = column_of(metric);
    struct db_param params[6] = {P(metric), P(column), P(platform), P_NULL, P_NULL, P_NULL};
    int64_t campaign = 0, limit = TOP_DEFAULT;

    if (!column)
        return err_set(err, ERR_NOT_FOUND, "there is no such metric");
    if (platform && !meta_platform_known(platform))
        return err_set(err, ERR_BAD_REQUEST, "platformSource: there is no such platform");
    if (!number(req, "campaignId", INT64_MAX, &campaign, err) ||
        !number(req, "limit", TOP_MAX, &limit, err) || !day_of(req, &params[4], err))
        return false;
    params[3] = campaign > 0 ? P(campaign) : P_NULL;
    params[5] = P(limit);
    return answer(req, Q_TOP, params, COUNT_OF(params), reply, err);
}
