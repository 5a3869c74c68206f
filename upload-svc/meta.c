/* meta.c - GET /platforms and GET /api/meta: the words that this service and the page agree on, and
 * what the analysis can read at present. */
#include "upload-svc/meta.h"

#include <string.h>

#include "common/json_write.h"
#include "upload-svc/app.h"
#include "upload-svc/form.h"
#include "upload-svc/handlers.h"
#include "upload-svc/queries.h"
#include "upload-svc/state.h"
#include "upload-svc/store.h"

static const struct {
    const char *wire, *label;
} platforms[] = {
#define PLATFORM(wire, label, other) {wire, label},
#include "proto/platform.def"
#undef PLATFORM
};
static const struct {
    const char *wire, *timeframe;
    bool needs_handle;
} types[] = {
#define SNAPSHOT_TYPE(name, wire, timeframe, needs_handle) {wire, timeframe, needs_handle},
#include "proto/snapshot_type.def"
#undef SNAPSHOT_TYPE
};
static const struct {
    const char *wire, *sentence;
} fails[] = {
#define FAIL(name, wire, sentence) {wire, sentence},
#include "proto/fail.def"
#undef FAIL
};

bool meta_platform_known(const char *wire)
{
    for (size_t i = 0; i < COUNT_OF(platforms); i++)
        if (strcmp(platforms[i].wire, wire) == 0)
            return true;
    return false;
}

static void write_platforms(struct jw *w)
{
    jw_key(w, "platforms");
    jw_open(w, '[');
    for (size_t i = 0; i < COUNT_OF(platforms); i++) {
        jw_open(w, '{');
        jw_text(w, "value", platforms[i].wire);
        jw_text(w, "label", platforms[i].label);
        jw_close(w);
    }
    jw_close(w);
}

bool get_platforms(struct req *req, struct reply *reply, struct err *err)
{
    struct jw w = jw_on(&reply->body);

    (void)req;
    (void)err;
    jw_open(&w, '{');
    jw_bool(&w, "success", true);
    write_platforms(&w);
    jw_close(&w);
    return true;
}

static void write_states(struct jw *w)
{
    jw_key(w, "snapshotStates");
    jw_open(w, '[');
    for (size_t i = 0; i < COUNT_OF(snapshot_words); i++) {
        jw_open(w, '{');
        jw_text(w, "state", snapshot_words[i].wire);
        jw_text(w, "processingStatus", snapshot_words[i].old);
        jw_text(w, "label", snapshot_words[i].label);
        jw_int(w, "progress", snapshot_words[i].progress);
        jw_bool(w, "terminal", snapshot_words[i].terminal);
        jw_close(w);
    }
    jw_close(w);
}

static void write_type(struct jw *w, struct sv wire, struct sv timeframe, bool needs_handle)
{
    jw_open(w, '{');
    jw_sv(w, "value", wire);
    jw_sv(w, "timeframe", timeframe);
    jw_bool(w, "needsHandle", needs_handle);
    jw_close(w);
}

/* Is it neither ours nor told before? Two versions of one extractor may live side by side. */
static bool is_new_type(const struct db_rows *rows, size_t i)
{
    bool ours;

    for (size_t k = 0; k < i; k++)
        if (sv_eqz(db_sv(rows, k, "type"), db_text(rows, i, "type")))
            return false;
    return *db_text(rows, i, "type") && !form_timeframe_of(db_text(rows, i, "type"), &ours);
}

/* Ours, and those that only the analysis knows. */
static void write_types(struct jw *w, const struct db_rows *rows)
{
    jw_key(w, "snapshotTypes");
    jw_open(w, '[');
    for (size_t i = 0; i < COUNT_OF(types); i++)
        write_type(w, sv_of(types[i].wire), sv_of(types[i].timeframe), types[i].needs_handle);
    for (size_t i = 0; rows && i < db_count(rows); i++)
        if (is_new_type(rows, i))
            write_type(w, db_sv(rows, i, "type"), db_sv(rows, i, "timeframe"),
                       db_bool(rows, i, "needs_handle"));
    jw_close(w);
}

static void write_errors(struct jw *w)
{
    jw_key(w, "errors");
    jw_open(w, '[');
    for (int c = 0; c < ERR_COUNT_; c++) {
        jw_open(w, '{');
        jw_text(w, "code", err_wire((enum err_code)c));
        jw_int(w, "status", err_http((enum err_code)c));
        jw_bool(w, "retry", err_again((enum err_code)c));
        jw_close(w);
    }
    jw_close(w);
}

static void write_fails(struct jw *w)
{
    jw_key(w, "failReasons");
    jw_open(w, '[');
    for (size_t i = 1; i < COUNT_OF(fails); i++) { /* the first is "none" */
        jw_open(w, '{');
        jw_text(w, "code", fails[i].wire);
        jw_text(w, "message", fails[i].sentence);
        jw_close(w);
    }
    jw_close(w);
}

static void write_limits(struct jw *w, const struct app *app)
{
    jw_key(w, "limits");
    jw_open(w, '{');
    jw_int(w, "files", FORM_FILES_MAX);
    jw_int(w, "fileBytes", app->conf.file_max);
    jw_int(w, "sideMin", IMAGE_SIDE_MIN);
    jw_int(w, "sideMax", IMAGE_SIDE_MAX);
    jw_int(w, "pixels", IMAGE_PIXELS_MAX);
    jw_int(w, "metadataBytes", FORM_METADATA_MAX);
    jw_int(w, "historyLimit", 200);
    jw_key(w, "imageTypes");
    jw_open(w, '[');
    for (int t = IMAGE_PNG; t <= IMAGE_GIF; t++)
        jw_text(w, NULL, image_mime((enum image_type)t));
    jw_close(w);
    jw_close(w);
}

/* What analysis-svc says that it can do at present; nothing while no replica of it lives. */
static bool find_capabilities(struct app *app, struct db_rows **rows, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    return db_lease(app->db, APP_DB_WAIT_MS, &conn, err) &&
           store_late(conn, Q_CAPABILITIES, NULL, 0, rows, err);
}

static void write_capabilities(struct jw *w, const struct db_rows *rows, const char *kind,
                               const char *key)
{
    jw_key(w, key);
    jw_open(w, '[');
    for (size_t i = 0; rows && i < db_count(rows); i++)
        if (sv_eqz(db_sv(rows, i, "kind"), kind))
            jw_raw(w, NULL, db_sv(rows, i, "document"));
    jw_close(w);
}

bool get_meta(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *capabilities = NULL;
    struct jw w = jw_on(&reply->body);

    if (!find_capabilities(req_app(req), &capabilities, err))
        return false;
    jw_open(&w, '{');
    jw_bool(&w, "success", true);
    write_platforms(&w);
    write_types(&w, capabilities);
    write_states(&w);
    write_limits(&w, req_app(req));
    write_capabilities(&w, capabilities, "extractor", "extractors");
    write_capabilities(&w, capabilities, "provider", "providers");
    write_fails(&w);
    write_errors(&w);
    jw_close(&w);
    return true;
}
