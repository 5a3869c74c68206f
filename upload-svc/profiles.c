/*
 * profiles.c - results of one person: GET /api/yapper-profiles/:handle/timeline and
 * /api/yapper-profiles/:handle/:date. Of several profiles of a day the newest counts.
 */
#include <string.h>

#include "common/clock.h"
#include "upload-svc/handlers.h"
#include "upload-svc/queries.h"
#include "upload-svc/store.h"

enum { HANDLE_MAX = 15, LIMIT_MAX = 200, DAYS_MAX = 3660 };

/* Lower case without @, as it is stored. */
static bool handle_of(struct req *req, const char **out, struct err *err)
{
    const char *sent = req_param(req, "handle");
    char *handle = arena_copy(req_arena(req), sv_trim(sv_of(sent)));

    handle += *handle == '@';
    for (char *p = handle; *p; p++) {
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_", *p))
            return err_set(err, ERR_NOT_FOUND, "that is no handle");
    }
    *out = handle;
    return (*handle != '\0' && strlen(handle) <= HANDLE_MAX) ||
           err_set(err, ERR_NOT_FOUND, "that is no handle");
}

static bool number(struct req *req, const char *name, int64_t max, int64_t *out, struct err *err)
{
    const char *v = req_query(req, name);

    if (!v || *v == '\0')
        return true;
    return (sv_int(sv_of(v), out) && *out >= 1 && *out <= max) ||
           err_set(err, ERR_BAD_REQUEST, "%s: a number from 1 to %lld is wanted", name,
                   (long long)max);
}

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
        return err_set(err, ERR_NOT_FOUND, "no profile of that person%s has been read yet",
                       query == Q_PROFILE ? " and day" : "");
    str_addv(&reply->body, db_sv(rows, 0, "body"));
    return true;
}

bool get_profile(struct req *req, struct reply *reply, struct err *err)
{
    const char *handle = "", *date = req_param(req, "date");
    int64_t day;

    if (!handle_of(req, &handle, err))
        return false;
    if (!clock_parse_day(sv_of(date), &day))
        return err_set(err, ERR_BAD_DATE, "date: a day that exists, as YYYY-MM-DD, is wanted");
    return answer(req, Q_PROFILE, (const struct db_param[]){P(handle), P(date)}, 2, reply, err);
}

bool get_timeline(struct req *req, struct reply *reply, struct err *err)
{
    int64_t limit = 30, days = 90;
    const char *handle = "";

    return handle_of(req, &handle, err) && number(req, "limit", LIMIT_MAX, &limit, err) &&
           number(req, "days", DAYS_MAX, &days, err) &&
           answer(req, Q_TIMELINE, (const struct db_param[]){P(handle), P(days), P(limit)}, 3,
                  reply, err);
}
