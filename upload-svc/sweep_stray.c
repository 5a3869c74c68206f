/* sweep_stray.c - list first, ask the database afterwards: a picture recorded in between is known.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "upload-svc/metrics.h"
#include "upload-svc/queries.h"
#include "upload-svc/sweep.h"

enum { STRAYS_WALL = 4 << 20, PAGES_MAX = 100000 };

/* What a listing found. strays: keys, NUL after each. */
struct findings {
    size_t listed, strays;
    struct str keys;
};

static void findings_free(struct findings *f) { str_free(&f->keys); }

bool sweep_fuse_blows(size_t strays, size_t listed)
{
    return strays > SWEEP_FUSE_MAX || strays * 100 > listed;
}

/* Our own keys of that page that are old enough to be judged, as "{uuid,uuid}". */
static size_t candidates(const struct app *app, const struct s3_list *page, struct str *uuids)
{
    int64_t before = clock_wall_s() - app->conf.stray_age / 1000;
    struct id uuid;
    size_t n = 0;

    for (size_t i = 0; i < page->n; i++) {
        if (page->items[i].modified > before ||
            !snapshot_key_parse(app->key_prefix, page->items[i].key, &uuid))
            continue;
        str_addf(uuids, "%c%s", n++ == 0 ? '{' : ',', uuid.text);
    }
    str_addc(uuids, '}');
    return n;
}

static void keep_stray(const struct app *app, const struct s3_list *page, const char *uuid,
                       struct findings *f)
{
    struct id found;

    for (size_t i = 0; i < page->n; i++) {
        if (!snapshot_key_parse(app->key_prefix, page->items[i].key, &found) ||
            strcmp(found.text, uuid) != 0)
            continue;
        str_add(&f->keys, page->items[i].key, strlen(page->items[i].key) + 1);
    }
}

static bool judge_page(struct app *app, const struct s3_list *page, struct findings *f,
                       struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    AUTO(str_free) struct str uuids = STR_INIT(64 * 1024);

    f->listed += page->n;
    if (candidates(app, page, &uuids) == 0)
        return true;
    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_run(conn, Q_STRAYS, &rows, err, P((const char *)uuids.p)))
        return false;
    f->strays += db_count(rows);
    for (size_t i = 0; i < db_count(rows); i++)
        keep_stray(app, page, db_text(rows, i, "uuid"), f);
    return true;
}

static bool list_all(struct app *app, struct findings *f, struct err *err)
{
    AUTO(str_free) struct str after = STR_INIT(8192);
    bool more = true, ok = true;

    while (more && ok) {
        AUTO(s3_list_free) struct s3_list page = {0};

        if (!s3_list(app->s3, app->key_prefix, after.n > 0 ? after.p : NULL, &page, err))
            return false;
        ok = judge_page(app, &page, f, err);
        more = page.next != NULL;
        str_reset(&after);
        str_addz(&after, more ? page.next : "");
    }
    return ok;
}

static bool delete_all(struct app *app, const struct findings *f, struct err *err)
{
    const char *end = f->keys.p + f->keys.n;

    for (const char *key = f->keys.p; key < end; key += strlen(key) + 1) {
        if (!s3_delete(app->s3, key, err))
            return false;
        metric_add(M_SWEPT, BROOM_STRAY, 1);
        log_info("sweep.stray", "an object that no row knows was removed", KV_S("key", key));
    }
    return true;
}

static bool trip(struct app *app, const struct findings *f, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    char why[160];

    snprintf(why, sizeof why, "%zu of %zu objects are in no row", f->strays, f->listed);
    log_error("sweep.fuse",
              "the fuse has blown: nothing is deleted until upload-svc --sweep-lift. Is this the "
              "right database?",
              KV_S("why", why));
    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) &&
           db_run(conn, Q_SWEEP_TRIP, NULL, err, P((const char *)why));
}

/* Unfinished uploads that are old and that no arrival knows: their parts cost money for ever. */
static bool abort_parts(struct app *app, struct err *err)
{
    AUTO(s3_strays_free) struct s3_strays list = {0};
    int64_t before = clock_wall_s() - app->conf.stray_age / 1000;
    struct id uuid;

    if (!s3_mpu_list(app->s3, app->key_prefix, &list, err))
        return false;
    for (size_t i = 0; i < list.n; i++) {
        const struct s3_stray *s = &list.items[i];
        AUTO(findings_free) struct findings f = {.keys = STR_INIT(STRAYS_WALL)};
        struct s3_listed one = {.key = s->key};
        const struct s3_list page = {.items = &one, .n = 1};

        if (s->started > before || !snapshot_key_parse(app->key_prefix, s->key, &uuid))
            continue;
        if (!judge_page(app, &page, &f, err))
            return false;
        if (f.strays == 0)
            continue;
        if (!s3_mpu_abort(app->s3, s->key, s->upload_id, err))
            return false;
        metric_add(M_SWEPT, BROOM_PARTS, 1);
    }
    return true;
}

bool sweep_strays(struct app *app, bool dry, bool lifted, bool *tripped, struct err *err)
{
    AUTO(findings_free) struct findings f = {.keys = STR_INIT(STRAYS_WALL)};

    if (!list_all(app, &f, err))
        return err_wrap(err, "listing the bucket");
    metric_set(M_STRAYS, 0, (int64_t)f.strays);
    *tripped = dry || (!lifted && f.strays > 0 && sweep_fuse_blows(f.strays, f.listed));
    if (*tripped)
        return trip(app, &f, err);
    return delete_all(app, &f, err) && abort_parts(app, err);
}
