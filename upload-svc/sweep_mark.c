/*
 * sweep_mark.c - a random word that the sweeper leaves in the bucket and in its row after each
 * listing. A database that was restored from before it knows another word, or none.
 *
 * The row says beforehand what will be written, so that a crash in between leaves one of two words.
 */
#include <string.h>

#include "common/id.h"
#include "upload-svc/queries.h"
#include "upload-svc/sweep.h"

enum { MARK_MAX = 200 };

bool sweep_mark_is_ours(struct app *app, bool *ours, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *row = NULL;
    AUTO(str_free) struct str mark = STR_INIT(MARK_MAX);
    char key[SNAPSHOT_KEY_SIZE];
    struct err why = ERR_INIT;

    snapshot_mark_key(app->root, key);
    if (!s3_get(app->s3, key, MARK_MAX, &mark, &why)) {
        *ours = true;
        if (why.code == ERR_NOT_FOUND)
            return true;
        *err = why;
        return err_wrap(err, "the sweeper's mark");
    }
    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) || !db_run0(conn, Q_MARK_GET, &row, err))
        return false;
    *ours = strcmp(mark.p, db_text(row, 0, "mark")) == 0 ||
            strcmp(mark.p, db_text(row, 0, "next_mark")) == 0;
    return true;
}

bool sweep_mark_renew(struct app *app, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    struct id word = id_new();
    char key[SNAPSHOT_KEY_SIZE];

    snapshot_mark_key(app->root, key);
    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run(conn, Q_MARK_NEXT, NULL, err, P((const char *)word.text)) &&
           s3_put(app->s3, key, "text/plain", sv_of(word.text), NULL, err) &&
           db_run0(conn, Q_MARK_SET, NULL, err);
}
