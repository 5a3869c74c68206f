/*
 * intelligence.c - GET /intelligence/:platform: what changed from day to day, computed from the
 * rows that were read, and nothing else. A campaign's day is its newest sheet; it is compared with
 * the day before it that has one. What cannot be computed is null or an empty list.
 */
#include "common/json_write.h"
#include "upload-svc/handlers.h"
#include "upload-svc/meta.h"
#include "upload-svc/people.h"
#include "upload-svc/queries.h"
#include "upload-svc/store.h"

enum { DAYS_DEFAULT = 7, DAYS_MAX = 366, DAYS_AT_ONCE = 7 /* a year's people are 30 MiB */ };

struct day {
    const struct db_rows *rows;
    size_t i;
    struct jw *w;
};

static void copy(const struct day *d, const char *key, const char *column)
{
    jw_raw(d->w, key, db_sv(d->rows, d->i, column));
}

static void write_totals(const struct day *d, int64_t people)
{
    jw_key(d->w, "totals");
    jw_open(d->w, '{');
    copy(d, "campaigns", "campaigns");
    copy(d, "rows", "row_count");
    jw_int(d->w, "people", people);
    copy(d, "totalSnaps", "total_snaps");
    copy(d, "mindsharePercent", "mindshare_percent");
    jw_close(d->w);
}

static bool write_day(const struct day *d, struct err *err)
{
    int64_t people;

    if (!people_count(db_sv(d->rows, d->i, "people"), &people, err))
        return false;
    jw_open(d->w, '{');
    copy(d, "date", "day");
    jw_text(d->w, "trendingTopicsCount", NULL);
    copy(d, "algorithmConfidence", "confidence");
    jw_raw(d->w, "insights", SV_LIT("[]"));
    jw_raw(d->w, "recommendations", SV_LIT("[]"));
    write_totals(d, people);
    copy(d, "topPerformers", "top");
    copy(d, "movers", "movers");
    copy(d, "newEntrants", "entrants");
    jw_close(d->w);
    return true;
}

/* The days from `from` to `to` days ago. */
static bool write_days(struct db_conn *conn, const char *platform, int64_t from, int64_t to,
                       struct jw *w, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct db_param params[] = {P(platform), P(from), P(to)};

    if (!store_late(conn, Q_INTELLIGENCE, params, COUNT_OF(params), &rows, err))
        return false;
    for (size_t i = 0; rows && i < db_count(rows); i++)
        if (!write_day(&(struct day){rows, i, w}, err))
            return false;
    return true;
}

static bool read_days(struct req *req, int64_t *days, struct err *err)
{
    const char *v = req_query(req, "days");

    *days = DAYS_DEFAULT;
    return !v || *v == '\0' || (sv_int(sv_of(v), days) && *days >= 1 && *days <= DAYS_MAX) ||
           err_set(err, ERR_BAD_REQUEST, "days: a number from 1 to %d is wanted", DAYS_MAX);
}

bool get_intelligence(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    struct app *app = req_app(req);
    const char *platform = req_param(req, "platform");
    struct jw w = jw_on(&reply->body);
    int64_t days;

    if (!meta_platform_known(platform))
        return err_set(err, ERR_NOT_FOUND, "there is no such platform");
    if (!read_days(req, &days, err) || !db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_begin(conn, err)) /* all of it has the same today */
        return false;
    jw_open(&w, '{');
    jw_bool(&w, "success", true);
    jw_text(&w, "platformSource", platform);
    jw_int(&w, "days", days);
    jw_key(&w, "intelligence");
    jw_open(&w, '[');
    for (int64_t at = 0; at < days; at += DAYS_AT_ONCE)
        if (!write_days(conn, platform, at, at + DAYS_AT_ONCE < days ? at + DAYS_AT_ONCE : days, &w,
                        err))
            return false;
    jw_close(&w);
    jw_close(&w);
    return true;
}
