/* campaigns.c - what pictures are counted for: a list for selects, and the few that an admin keeps.
 */
#include "upload-svc/campaigns.h"

#include <string.h>

#include "common/clock.h"

#include "upload-svc/handlers.h"
#include "upload-svc/meta.h"
#include "upload-svc/plain.h"
#include "upload-svc/queries.h"
#include "upload-svc/store.h"

enum { TITLE_MAX = 255, DESCRIPTION_MAX = 8000 };

/* Two at once do no harm: they write the same. */
bool campaigns_refresh(struct app *app, struct db_conn *conn, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    const char *from = app->conf.campaigns_from;
    int64_t now = clock_mono_ms();
    struct err why = ERR_INIT;

    if (*from == '\0' ||
        (app->campaigns_at_ms != 0 && now - app->campaigns_at_ms < CAMPAIGNS_STALE_MS))
        return true;
    if (!db_run(conn, Q_CAMPAIGNS_PULL, &rows, &why, P(from)))
        return err_set(err, why.code == ERR_INTERNAL ? ERR_DATABASE : why.code,
                       "CAMPAIGNS_FROM: %.60s cannot be read (is it there, with id, title, "
                       "description, platformSource, isActive, and may we SELECT?): %.160s",
                       from, why.msg);
    app->campaigns_at_ms = now;
    return true;
}

static bool kept_here(const struct app *app, struct err *err)
{
    return *app->conf.campaigns_from == '\0' ||
           err_set(err, ERR_CONFLICT, "campaigns are kept in %s; change them there",
                   app->conf.campaigns_from);
}

/* The one column of a query is the whole answer. */
static bool pass_on(struct reply *reply, const struct db_rows *rows, int status)
{
    reply_json(reply, status);
    str_addv(&reply->body, db_sv(rows, 0, "body"));
    return true;
}

bool get_campaigns(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct app *app = req_app(req);
    const char *platform = req_query(req, "platformSource");

    if (platform && (*platform == '\0' || strcmp(platform, "all") == 0))
        platform = NULL;
    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) && campaigns_refresh(app, conn, err) &&
           db_run(conn, Q_CAMPAIGNS, &rows, err, P(platform), P(app->conf.campaigns_from)) &&
           pass_on(reply, rows, 200);
}

static bool title_of(const struct json *doc, bool required, const char **out, struct err *err)
{
    if (!plain_text(doc, "title", TITLE_MAX, out, err))
        return false;
    if ((required && !*out) || (*out && sv_trim(sv_of(*out)).n == 0))
        return err_set(err, ERR_UNPROCESSABLE, "title: a text is required");
    return true;
}

static bool conflict(struct err *err)
{
    if (err->code == ERR_CONFLICT)
        err_set(err, ERR_CONFLICT, "an active campaign of that platform has that title");
    if (err->code == ERR_NOT_FOUND)
        err_set(err, ERR_NOT_FOUND, "there is no campaign with that number");
    return false;
}

bool post_campaign(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(json_free) struct json *doc = NULL;
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct app *app = req_app(req);
    const char *title, *platform, *description;

    if (!kept_here(app, err) || !plain_body(req, &doc, err) || !title_of(doc, true, &title, err) ||
        !plain_text(doc, "platformSource", TITLE_MAX, &platform, err) ||
        !plain_text(doc, "description", DESCRIPTION_MAX, &description, err))
        return false;
    if (!platform || !meta_platform_known(platform))
        return err_set(err, ERR_BAD_PLATFORM, "platformSource: no such platform");
    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err))
        return false;
    if (!db_run(conn, Q_CAMPAIGN_PUT, &rows, err, P(sv_trim(sv_of(title))), P(platform),
                P(description ? description : "")))
        return conflict(err);
    return pass_on(reply, rows, 201);
}

bool patch_campaign(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(json_free) struct json *doc = NULL;
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct app *app = req_app(req);
    const struct json *active;
    const char *title, *description;
    int64_t id;

    if (!req_param_int(req, "id", &id, err) || !kept_here(app, err) ||
        !plain_body(req, &doc, err) || !title_of(doc, false, &title, err) ||
        !plain_text(doc, "description", DESCRIPTION_MAX, &description, err))
        return false;
    active = json_find(doc, "isActive");
    if (active && json_type(active) != JSON_BOOL)
        return err_set(err, ERR_UNPROCESSABLE, "isActive: true or false is wanted");
    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err))
        return false;
    if (!db_run(conn, Q_CAMPAIGN_CHANGE, &rows, err, P(id),
                title ? P(sv_trim(sv_of(title))) : P_NULL, P(description),
                active ? P(json_is_true(active)) : P_NULL))
        return conflict(err);
    return pass_on(reply, rows, 200);
}
