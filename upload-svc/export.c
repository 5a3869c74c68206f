/*
 * export.c - GET /export: the rows of all sheets that fit, as CSV, JSON or one JSON object a line.
 *
 * Streamed a few sheets at a time, by the number of the last one told: memory does not grow with
 * what is exported, and a sheet is told whole. Where it is cut short the JSON stays unclosed, and
 * the other two end in a line that says so.
 */
#include <inttypes.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/json_write.h"
#include "common/log.h"
#include "upload-svc/csv.h"
#include "upload-svc/form.h"
#include "upload-svc/handlers.h"
#include "upload-svc/queries.h"
#include "upload-svc/store.h"

enum { SHEETS = 20, FILTERS = 5, TEXT_WALL = 64 << 20, FLUSH = 64 * 1024 };
enum format { FORMAT_CSV, FORMAT_JSON, FORMAT_NDJSON };
#define CUT_SHORT "the export was cut short; ask again"

struct column {
    const char *part; /* of the row: values, lists, derived */
    const char *name;
};

struct export
{
    struct app *app;
    enum format format;
    struct db_param filters[FILTERS]; /* type, platform, campaign, from, to */
    struct column *columns;           /* of a row, in their order */
    size_t column_count;
    struct door_stream *to;
    bool any, gone;
};

/* ---- CSV ---- */

static const char *const head[] = {"snapshotDate", "platformSource", "campaignId", "campaignTitle",
                                   "setId",        "sheetId",        "rowKey"};
static const char *const tail[] = {"confidence", "doubtful", "edited"};

static void csv_value(struct str *out, const struct json *v)
{
    AUTO(str_free) struct str text = STR_INIT(1 << 20);

    if (!v || json_type(v) == JSON_NULL)
        return;
    if (json_type(v) == JSON_NUMBER) {
        csv_number(out, json_number(v));
    } else if (json_text(v)) {
        csv_text(out, sv_of(json_text(v)));
    } else if (json_type(json_first(v)) == JSON_OBJECT && json_type(v) == JSON_ARRAY) {
        json_print(v, &text); /* the entries of a list */
        csv_text(out, str_sv(&text));
    } else {
        for (const struct json *e = json_first(v); e; e = json_next(e)) /* a list, or names */
            str_addf(&text, "%s%s", text.n > 0 ? " " : "",
                     json_text(e) ? json_text(e) : json_key(e));
        csv_text(out, str_sv(&text));
    }
}

static void csv_row(struct export *x, const struct json *row, struct str *out)
{
    for (size_t i = 0; i < COUNT_OF(head); i++) {
        csv_value(out, json_find(row, head[i]));
        csv_comma(out);
    }
    for (size_t i = 0; i < x->column_count; i++) {
        csv_value(out, json_find(json_find(row, x->columns[i].part), x->columns[i].name));
        csv_comma(out);
    }
    for (size_t i = 0; i < COUNT_OF(tail); i++) {
        if (i > 0)
            csv_comma(out);
        csv_value(out, json_find(row, tail[i]));
    }
    csv_end(out);
}

static void csv_head(const struct export *x, struct str *out)
{
    for (size_t i = 0; i < COUNT_OF(head); i++)
        str_addf(out, "%s,", head[i]);
    for (size_t i = 0; i < x->column_count; i++) {
        csv_text(out, sv_of(x->columns[i].name));
        csv_comma(out);
    }
    for (size_t i = 0; i < COUNT_OF(tail); i++)
        str_addf(out, "%s%s", i > 0 ? "," : "", tail[i]);
    csv_end(out);
}

/* ---- any format ---- */

static void flush(struct export *x, struct str *out)
{
    x->gone = x->gone || !door_write(x->to, str_sv(out));
    str_reset(out);
}

static void write_line(struct export *x, struct sv line, struct str *out)
{
    AUTO(json_free) struct json *row = NULL;
    struct err err = ERR_INIT;

    if (x->format == FORMAT_CSV) {
        if (json_parse(line, &row, &err))
            csv_row(x, row, out);
        return;
    }
    if (x->format == FORMAT_JSON && x->any)
        str_addc(out, ',');
    str_addv(out, line);
    str_addc(out, '\n');
    x->any = true;
}

/* Some sheets after `*after`; *after 0: there were no more. */
static bool page(struct export *x, int64_t *after, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    AUTO(str_free) struct str out = STR_INIT(TEXT_WALL);
    struct db_param params[FILTERS + 2];

    memcpy(params, x->filters, sizeof x->filters);
    params[FILTERS] = P(*after);
    params[FILTERS + 1] = P((int64_t)SHEETS);
    if (!db_lease(x->app->db, APP_DB_WAIT_MS, &conn, err) ||
        !store_late(conn, Q_EXPORT, params, COUNT_OF(params), &rows, err))
        return false;
    db_release(&conn);
    for (size_t i = 0; rows && !x->gone && i < db_count(rows); i++) {
        if (!db_null(rows, i, "line"))
            write_line(x, db_sv(rows, i, "line"), &out);
        if (out.n > FLUSH)
            flush(x, &out);
    }
    flush(x, &out);
    *after = rows && db_count(rows) > 0 ? db_int(rows, db_count(rows) - 1, "sheet_id") : 0;
    return true;
}

static void write_head(struct export *x)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 20);

    if (x->format == FORMAT_CSV)
        csv_head(x, &out);
    if (x->format == FORMAT_JSON)
        str_addz(&out, "{\"success\":true,\"rows\":[\n");
    flush(x, &out);
}

static void write_tail(struct export *x, bool whole)
{
    static const char *const tails[][2] = {
        {CUT_SHORT "\r\n", ""},
        {"", "]}\n"},
        {"{\"success\":false,\"message\":\"" CUT_SHORT "\"}\n", ""}};
    AUTO(str_free) struct str out = STR_INIT(1024);

    str_addz(&out, tails[x->format][whole]);
    flush(x, &out);
}

static void stream(struct door_stream *to, void *arg)
{
    struct export *x = arg;
    struct err err = ERR_INIT;
    int64_t after = 0;
    bool ok = true;

    x->to = to;
    write_head(x);
    do
        ok = page(x, &after, &err);
    while (ok && after > 0 && !x->gone && !door_ending(to));
    if (!ok)
        log_warn("export.cut", "an export was cut short", KV_ERR(&err));
    if (!x->gone)
        write_tail(x, ok && after == 0);
}

/* ---- the question ---- */

static const char *filter(struct req *req, const char *name)
{
    const char *v = req_query(req, name);

    return v && *v != '\0' && strcmp(v, "all") != 0 ? v : NULL;
}

static bool day(struct req *req, const char *name, struct db_param *out, struct err *err)
{
    const char *v = filter(req, name);
    int64_t t;

    *out = P(v);
    return !v || clock_parse_day(sv_of(v), &t) ||
           err_set(err, ERR_BAD_REQUEST, "%s: YYYY-MM-DD is wanted", name);
}

static bool read_filters(struct req *req, struct export *x, struct err *err)
{
    const char *type = filter(req, "snapshotType"), *campaign = filter(req, "campaignId");
    int64_t id = 0;

    x->filters[0] = P(type ? type : "leaderboard");
    x->filters[1] = P(filter(req, "platformSource"));
    if (campaign && (!sv_int(sv_of(campaign), &id) || id < 1))
        return err_set(err, ERR_BAD_REQUEST, "campaignId: a number is wanted");
    x->filters[2] = campaign ? P(id) : P_NULL;
    return day(req, "startDate", &x->filters[3], err) && day(req, "endDate", &x->filters[4], err);
}

static bool read_format(struct req *req, struct export *x, struct reply *reply, struct err *err)
{
    static const struct {
        const char *name, *type;
    } formats[] = {[FORMAT_CSV] = {"csv", "text/csv; charset=utf-8"},
                   [FORMAT_JSON] = {"json", "application/json"},
                   [FORMAT_NDJSON] = {"ndjson", "application/x-ndjson"}};
    const char *name = req_query(req, "format");
    char today[CLOCK_DAY_SIZE];

    clock_day(clock_wall_s(), today);
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (strcmp(name ? name : "csv", formats[i].name) != 0)
            continue;
        x->format = (enum format)i;
        reply->type = formats[i].type;
        reply_header(reply, "Content-Disposition",
                     arena_printf(req_arena(req), "attachment; filename=\"snapkey-%s.%s\"", today,
                                  formats[i].name));
        return true;
    }
    return err_set(err, ERR_BAD_REQUEST, "format: csv, json or ndjson is wanted");
}

/* The columns: what the sheets have, in the extractor's order where that is known to us. */
static bool read_columns(struct req *req, struct export *x, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(x->app->db, APP_DB_WAIT_MS, &conn, err) ||
        !store_late(conn, Q_EXPORT_FIELDS, x->filters, FILTERS, &rows, err))
        return false;
    x->column_count = rows ? db_count(rows) : 0;
    x->columns = arena_take(req_arena(req), (x->column_count + 1) * sizeof *x->columns);
    for (size_t i = 0; i < x->column_count; i++)
        x->columns[i] = (struct column){arena_copy(req_arena(req), db_sv(rows, i, "part")),
                                        arena_copy(req_arena(req), db_sv(rows, i, "name"))};
    return true;
}

bool get_export(struct req *req, struct reply *reply, struct err *err)
{
    struct export *x = arena_take(req_arena(req), sizeof *x);

    x->app = req_app(req);
    if (!read_filters(req, x, err) || !read_format(req, x, reply, err) ||
        !read_columns(req, x, err))
        return false;
    reply->stream = stream;
    reply->stream_arg = x;
    return true;
}
