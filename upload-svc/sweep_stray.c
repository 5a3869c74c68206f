/* sweep_stray.c - list first, ask the database afterwards: a picture recorded in between is known.
 */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "upload-svc/metrics.h"
#include "upload-svc/queries.h"
#include "upload-svc/sweep.h"

enum { ARRAY_WALL = 64 << 10, KEPT = SWEEP_FUSE_MAX };

/* A key of ours that is old enough to be judged. Borrows it. */
struct suspect {
    const char *key;
    struct id uuid;
    bool derived;
};

struct suspects {
    struct suspect *items;
    size_t n;
};

struct broom {
    struct app *app;
    enum sweep_mode mode;
    struct sweep_counts *counts;
    char *kept[KEPT]; /* strays found so far; more than that blows the fuse */
    size_t kept_n;
};

static void suspects_free(struct suspects *s) { free(s->items); }

static void broom_free(struct broom *b)
{
    while (b->kept_n > 0)
        free(b->kept[--b->kept_n]);
}

bool sweep_fuse_blows(size_t strays, size_t listed)
{
    if (strays == 0)
        return false;
    if (strays > SWEEP_FUSE_MAX)
        return true;
    return strays * 100 > listed && (strays > SWEEP_FUSE_FLOOR || strays * 2 > listed);
}

static bool parse(const struct app *app, const char *key, struct suspect *out)
{
    out->key = key;
    out->derived = snapshot_derived_parse(app->root, key, &out->uuid);
    return out->derived || snapshot_key_parse(app->key_prefix, key, &out->uuid);
}

static void find_suspects(struct broom *b, const struct s3_list *page, struct suspects *out)
{
    int64_t before = clock_wall_s() - b->app->conf.stray_age / 1000;

    out->items = calloc(page->n + 1, sizeof *out->items);
    if (!out->items)
        abort();
    for (size_t i = 0; i < page->n; i++) {
        if (!parse(b->app, page->items[i].key, &out->items[out->n]))
            continue;
        b->counts->listed++;
        if (page->items[i].modified <= before)
            out->n++;
    }
}

/* "{uuid,uuid}" of one kind. */
static void add_array(const struct suspects *s, bool derived, struct str *out)
{
    size_t n = 0;

    str_addc(out, '{');
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i].derived == derived)
            str_addf(out, "%s%s", n++ == 0 ? "" : ",", s->items[i].uuid.text);
    str_addc(out, '}');
}

static bool is_among(const struct db_rows *rows, const struct suspect *s)
{
    for (size_t i = 0; i < db_count(rows); i++)
        if (db_bool(rows, i, "derived") == s->derived &&
            strcmp(db_text(rows, i, "uuid"), s->uuid.text) == 0)
            return true;
    return false;
}

/* Those that no row knows, as keys to be deleted; the views are of the suspects. */
static bool find_strays(struct broom *b, const struct suspects *s, const char **keys, size_t *n,
                        struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    AUTO(str_free) struct str pictures = STR_INIT(ARRAY_WALL), derived = STR_INIT(ARRAY_WALL);

    *n = 0;
    add_array(s, false, &pictures);
    add_array(s, true, &derived);
    if (!db_lease(b->app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_run(conn, Q_STRAYS, &rows, err, P((const char *)pictures.p),
                P((const char *)derived.p)))
        return false;
    for (size_t i = 0; i < s->n; i++)
        if (is_among(rows, &s->items[i]))
            keys[(*n)++] = s->items[i].key;
    return true;
}

static bool delete_keys(struct broom *b, const char *const *keys, size_t n, struct err *err)
{
    if (!s3_delete_all(b->app->s3, keys, n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        log_info("sweep.stray", "an object that no row knows was removed", KV_S("key", keys[i]));
    metric_add(M_SWEPT, BROOM_STRAY, (int64_t)n);
    return true;
}

static void keep(struct broom *b, const char *const *keys, size_t n)
{
    for (size_t i = 0; i < n && b->kept_n < KEPT; i++)
        b->kept[b->kept_n++] = str_dup(keys[i]);
}

static void keys_free(const char ***keys)
{
    free(*keys);
    *keys = NULL;
}

static bool judge_page(struct broom *b, const struct s3_list *page, struct err *err)
{
    AUTO(suspects_free) struct suspects s = {NULL, 0};
    AUTO(keys_free) const char **keys = calloc(page->n + 1, sizeof *keys);
    size_t n = 0;

    if (!keys)
        abort();
    find_suspects(b, page, &s);
    if (s.n > 0 && !find_strays(b, &s, keys, &n, err))
        return false;
    b->counts->strays += n;
    if (b->mode == SWEEP_LIFTED)
        return delete_keys(b, keys, n, err);
    keep(b, keys, n);
    return true;
}

static bool list_all(struct broom *b, struct err *err)
{
    AUTO(str_free) struct str after = STR_INIT(8192);
    bool more = true;

    while (more) {
        AUTO(s3_list_free) struct s3_list page = {0};

        if (!s3_list(b->app->s3, b->app->root, after.n > 0 ? after.p : NULL, &page, err) ||
            !judge_page(b, &page, err))
            return false;
        more = page.next != NULL;
        str_reset(&after);
        str_addz(&after, more ? page.next : "");
    }
    return true;
}

/* Its uuid has no arrival: a recorded picture needs no parts any more. */
static bool is_forgotten(struct app *app, const struct id *uuid, bool *out, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) ||
        !db_run(conn, Q_ARRIVAL_KNOWN, &rows, err, P((const char *)uuid->text)))
        return false;
    *out = db_count(rows) == 0;
    return true;
}

static bool judge_upload(struct broom *b, const struct s3_stray *s, struct err *err)
{
    int64_t before = clock_wall_s() - b->app->conf.stray_age / 1000;
    struct suspect suspect;
    bool forgotten;

    if (s->started > before || !parse(b->app, s->key, &suspect))
        return true;
    if (!is_forgotten(b->app, &suspect.uuid, &forgotten, err))
        return false;
    if (!forgotten)
        return true;
    b->counts->parts++;
    if (b->mode == SWEEP_DRY)
        return true;
    if (!s3_mpu_abort(b->app->s3, s->key, s->upload_id, err))
        return false;
    metric_add(M_SWEPT, BROOM_PARTS, 1);
    log_info("sweep.parts", "an unfinished upload was aborted", KV_S("key", s->key));
    return true;
}

/* Their parts cost money for ever, and nobody sees them. */
static bool abort_uploads(struct broom *b, struct err *err)
{
    AUTO(s3_strays_free) struct s3_strays page = {0};
    bool more = true;

    for (bool first = true; more; first = false) {
        struct s3_strays next = {0};

        if (!s3_mpu_list_next(b->app->s3, b->app->root, first ? NULL : &page, &next, err))
            return false;
        s3_strays_free(&page);
        page = next;
        for (size_t i = 0; i < page.n; i++)
            if (!judge_upload(b, &page.items[i], err))
                return false;
        more = page.more;
    }
    return true;
}

bool sweep_strays(struct app *app, enum sweep_mode mode, struct sweep_counts *counts,
                  struct err *err)
{
    AUTO(broom_free) struct broom b = {.app = app, .mode = mode, .counts = counts};

    if (!list_all(&b, err))
        return err_wrap(err, "listing the bucket");
    if (mode != SWEEP_LIFTED && sweep_fuse_blows(counts->strays, counts->listed)) {
        counts->blown = true;
        b.mode = SWEEP_DRY; /* and the uploads are only counted */
    }
    if (b.mode == SWEEP_FUSED && !delete_keys(&b, (const char *const *)b.kept, b.kept_n, err))
        return false;
    return abort_uploads(&b, err);
}
