#include "upload-svc/adopt.h"

#include <inttypes.h>
#include <string.h>

#include "common/clock.h"
#include "upload-svc/form.h"
#include "upload-svc/image.h"
#include "upload-svc/queries.h"
#include "upload-svc/snapshot.h"

enum { PAGE = 20, PREFIXES_MAX = 16, PREFIX_MAX = 200, DEADLINE_S = 86400 };

struct adoption {
    struct app *app;
    const char *table;
    struct str *report;
    size_t rows, adopted, there, left, no_campaign;
    size_t forms[ADOPT_FORMS_];
    char prefixes[PREFIXES_MAX][PREFIX_MAX]; /* what analysis-svc has to be allowed */
    size_t prefix_count;
};

/* A row that becomes a picture. */
struct old {
    const struct db_rows *rows;
    size_t i;
    const char *key;
    enum adopt_form form_of_key;
    struct form form;
    struct s3_head head;
    enum image_type type;
    int width, height;
};

static const char *text_of(const struct old *o, const char *column)
{
    return db_text(o->rows, o->i, column);
}

/* The rules of the form hold for these too. */
static bool read_fields(struct old *o, struct arena *arena, struct err *err)
{
    bool profile = strcmp(text_of(o, "type"), "yapper_profile") == 0;

    o->form = form_new(arena, clock_wall_s());
    form_field(&o->form, "platformSource", db_sv(o->rows, o->i, "platform"));
    form_field(&o->form, "snapshotDate", db_sv(o->rows, o->i, "date"));
    if (profile) {
        form_field(&o->form, "snapshotType", db_sv(o->rows, o->i, "type"));
        form_field(&o->form, "yapperTwitterHandle", db_sv(o->rows, o->i, "handle"));
    }
    form_end(&o->form, 1);
    if (form_ok(&o->form))
        return true;
    return err_set(err, o->form.faults[0].code, "%s: %s", o->form.faults[0].field,
                   o->form.faults[0].message);
}

static bool find_key(struct adoption *a, struct old *o, struct arena *arena, struct err *err)
{
    const struct adopt_places places = {db_sv(o->rows, o->i, "file_path"),
                                        db_sv(o->rows, o->i, "s3_url"),
                                        db_sv(o->rows, o->i, "s3_key")};

    o->key = adopt_find(arena, &places, a->app->conf.bucket, &o->form_of_key);
    return o->key ||
           err_set(err, ERR_NOT_FOUND, "it names no object of the bucket %s", a->app->conf.bucket);
}

/* Its first bytes say what it is, and what it measures. */
static bool measure(struct adoption *a, struct old *o, struct err *err)
{
    AUTO(str_free) struct str bytes = STR_INIT(IMAGE_SEARCH + IMAGE_HEAD);
    const struct s3_range range = {0, IMAGE_SEARCH + IMAGE_HEAD};
    struct image_scan scan;
    struct sv head;

    if (!s3_stat(a->app->s3, o->key, &o->head, err))
        return err->code == ERR_NOT_FOUND
                   ? err_set(err, ERR_NOT_FOUND, "the bucket holds no such object")
                   : false;
    if (o->head.size == 0)
        return err_set(err, ERR_EMPTY_FILE, "its object is empty");
    if (!s3_get_range(a->app->s3, o->key, range, &bytes, err))
        return false;
    head = str_sv(&bytes);
    if (head.n > IMAGE_HEAD)
        head.n = IMAGE_HEAD;
    image_begin(&scan);
    if (!image_judge(head, &o->type, err) || !image_feed(&scan, str_sv(&bytes), err))
        return false;
    o->width = scan.width;
    o->height = scan.height;
    return scan.width > 0 || err_set(err, ERR_BROKEN_IMAGE, "its size in pixels cannot be read");
}

static bool put(struct adoption *a, struct db_conn *conn, struct old *o, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *row = NULL;
    char name[SNAPSHOT_NAME_MAX + 1];
    struct id uuid = id_new();
    int64_t campaign = 0;
    bool wants = sv_int(db_sv(o->rows, o->i, "campaign"), &campaign);

    snapshot_name(db_sv(o->rows, o->i, "name"), name);
    if (!db_run(conn, Q_ADOPT, &row, err, P(o->form.platform), P(o->form.type),
                P(o->form.timeframe), P(o->form.date), wants ? P(campaign) : P_NULL,
                P(o->form.handle), P((int64_t)DEADLINE_S), P((const char *)uuid.text),
                P((const char *)name), P(o->key), P(image_mime(o->type)), P(o->head.size),
                P((const char *)o->head.etag.text), P(o->width), P(o->height),
                P(text_of(o, "metadata")),
                db_null(o->rows, o->i, "uploaded_at") ? P_NULL : P(text_of(o, "uploaded_at"))))
        return false;
    if (db_int(row, 0, "born") == 0) {
        a->there++;
        return true;
    }
    a->adopted++;
    a->forms[o->form_of_key]++;
    a->no_campaign += wants && db_null(row, 0, "campaign_id");
    return true;
}

/* The first folder of a key, or all of a key without one. */
static void note_prefix(struct adoption *a, const char *key)
{
    const char *slash = strchr(key, '/');
    size_t n = slash ? (size_t)(slash - key) + 1 : strlen(key);

    if (n >= PREFIX_MAX || a->prefix_count == PREFIXES_MAX)
        return;
    for (size_t i = 0; i < a->prefix_count; i++)
        if (strlen(a->prefixes[i]) == n && memcmp(a->prefixes[i], key, n) == 0)
            return;
    memcpy(a->prefixes[a->prefix_count], key, n);
    a->prefixes[a->prefix_count++][n] = '\0';
}

/* Is it only this row that cannot be taken? */
static bool its_own_fault(const struct err *err) { return err_http(err->code) < 500; }

static bool adopt_one(struct adoption *a, struct db_conn *conn, struct old *o, struct err *err)
{
    struct arena arena = ARENA_INIT;
    struct err why = ERR_INIT;
    bool ok = find_key(a, o, &arena, &why) && read_fields(o, &arena, &why) && measure(a, o, &why) &&
              put(a, conn, o, &why);

    if (ok) {
        note_prefix(a, o->key);
    } else if (its_own_fault(&why)) {
        a->left++;
        str_addf(a->report, "left  %s: %s\n", text_of(o, "id"), why.msg);
    } else {
        *err = why;
    }
    arena_free(&arena);
    return ok || its_own_fault(&why);
}

/* A page in one transaction; dry: which is not committed. *after: the last number. */
static bool adopt_page(struct adoption *a, bool dry, int64_t *after, bool *more, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(a->app->db, APP_DB_WAIT_MS, &conn, err) || !db_begin(conn, err) ||
        !db_run(conn, Q_OLD_PAGE, &rows, err, P(a->table), P(*after), P((int64_t)PAGE)))
        return false;
    for (size_t i = 0; i < db_count(rows); i++) {
        struct old o = {.rows = rows, .i = i};

        a->rows++;
        *after = db_int(rows, i, "id");
        if (!adopt_one(a, conn, &o, err))
            return false;
    }
    *more = db_count(rows) == PAGE;
    return dry || db_commit(conn, err);
}

static void summarise(const struct adoption *a, bool dry)
{
    static const char *const words[] = {"by the bucket in the host", "by the bucket in the path",
                                        "by an address of Google's", "by the key that was noted"};

    str_addf(a->report, "%-28s %zu\n", "rows there", a->rows);
    str_addf(a->report, "%-28s %zu\n", dry ? "would be adopted" : "adopted", a->adopted);
    for (size_t i = 0; i < ADOPT_FORMS_; i++)
        str_addf(a->report, "  %-26s %zu\n", words[i], a->forms[i]);
    str_addf(a->report, "  %-26s %zu\n", "without their campaign", a->no_campaign);
    str_addf(a->report, "%-28s %zu\n%-28s %zu\n", "here already", a->there, "left", a->left);
    if (a->prefix_count > 0)
        str_addz(a->report, "analysis-svc needs           S3_READ_PREFIXES=");
    for (size_t i = 0; i < a->prefix_count; i++)
        str_addf(a->report, "%s%s", i > 0 ? "," : "", a->prefixes[i]);
    if (a->prefix_count > 0)
        str_addc(a->report, '\n');
}

bool adopt_all(struct app *app, const char *table, bool dry, struct str *report, struct err *err)
{
    struct adoption a = {.app = app, .table = table, .report = report};
    int64_t after = INT64_MIN;
    bool more = true, ok = true;

    while (ok && more)
        ok = adopt_page(&a, dry, &after, &more, err);
    summarise(&a, dry);
    return ok || err_wrap(err, "adopting the rows of %s", table);
}
