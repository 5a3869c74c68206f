#include "upload-svc/store.h"

#include "upload-svc/campaigns.h"
#include "upload-svc/queries.h"

bool store_check_campaign(struct app *app, struct form *form, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) || !campaigns_refresh(app, conn, err) ||
        !db_run(conn, Q_CAMPAIGN_ACTIVE, &rows, err, P(form->campaign_id),
                P(app->conf.campaigns_from)))
        return false;
    if (db_count(rows) == 0)
        form_fault(form, "campaignId", ERR_BAD_CAMPAIGN, "no active campaign has that number");
    else
        form->campaign_title = arena_copy(form->arena, db_sv(rows, 0, "title"));
    return true;
}

bool store_late(struct db_conn *conn, int late, const struct db_param *params, size_t n,
                struct db_rows **rows, struct err *err)
{
    struct err why = ERR_INIT;

    if (db_exec(conn, late, params, n, rows, &why) || why.code == ERR_INTERNAL)
        return true; /* 42P01, 3F000, 42501: no such view, or not for us */
    return err_set(err, why.code, "%s", why.msg);
}

bool store_check_type(struct app *app, struct form *form, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!form->other_type || !form->type)
        return true;
    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !store_late(conn, Q_CAPABILITIES, NULL, 0, &rows, err))
        return false;
    if (!rows || db_count(rows) == 0)
        return err_set(err, ERR_BUSY, "no analysis lives that could say whether it reads %s",
                       form->type);
    for (size_t i = 0; i < db_count(rows); i++) {
        if (!sv_eqz(db_sv(rows, i, "type"), form->type))
            continue;
        form->due_timeframe = arena_copy(form->arena, db_sv(rows, i, "timeframe"));
        form->due_handle = db_bool(rows, i, "needs_handle");
        form->due_platforms = arena_copy(form->arena, db_sv(rows, i, "platforms"));
        return true;
    }
    form_fault(form, "snapshotType", ERR_BAD_TYPE, "no such type; GET /api/meta lists them");
    return true;
}

bool store_read(struct db_conn *conn, const struct store_ask *ask, struct db_rows **rows,
                struct err *err)
{
    struct err why = ERR_INIT;

    if (db_exec(conn, ask->late, ask->params, ask->n, rows, &why))
        return true;
    if (why.code != ERR_INTERNAL)
        return err_set(err, why.code, "%s", why.msg);
    return db_exec(conn, ask->alone, ask->params, ask->n, rows, err);
}

bool store_one(struct db_conn *conn, int64_t id, struct db_rows **rows, struct err *err)
{
    const struct db_param param = P(id);
    const struct store_ask ask = {Q_ONE, Q_ONE_ALONE, &param, 1};

    if (store_read(conn, &ask, rows, err))
        return true;
    if (err->code == ERR_NOT_FOUND)
        err_set(err, ERR_NOT_FOUND, "there is no snapshot with that number");
    return false;
}
