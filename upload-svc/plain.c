#include "upload-svc/plain.h"

#include <string.h>

#include "upload-svc/row.h"
#include "upload-svc/store.h"

static bool parse(struct sv body, struct json **doc, struct err *err)
{
    return json_parse(body, doc, err) && (json_type(*doc) == JSON_OBJECT ||
                                          err_set(err, ERR_BAD_REQUEST, "a JSON object is wanted"));
}

bool plain_body(struct req *req, struct json **doc, struct err *err)
{
    struct sv body;

    return req_body(req, &body, err) && parse(body, doc, err);
}

bool plain_body_if_any(struct req *req, struct json **doc, struct err *err)
{
    struct sv body;

    return req_body(req, &body, err) && parse(body.n > 0 ? body : SV_LIT("{}"), doc, err);
}

bool plain_text(const struct json *doc, const char *key, size_t max, const char **out,
                struct err *err)
{
    const struct json *n = json_find(doc, key);

    *out = NULL;
    if (!n || json_type(n) == JSON_NULL)
        return true;
    if (!json_text(n))
        return err_set(err, ERR_UNPROCESSABLE, "%s: a text is wanted", key);
    if (strlen(json_text(n)) > max)
        return err_set(err, ERR_UNPROCESSABLE, "%s: longer than %zu bytes", key, max);
    *out = json_text(n);
    return true;
}

bool plain_snapshot(struct req *req, int64_t id, const char *message, struct reply *reply,
                    struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    struct app *app = req_app(req);
    struct jw w = jw_on(&reply->body);

    if (!db_lease(app->db, APP_DB_WAIT_MS, &conn, err) || !store_one(conn, id, &rows, err))
        return false;
    jw_open(&w, '{');
    jw_bool(&w, "success", true);
    jw_text(&w, "message", message);
    jw_key(&w, "snapshot");
    jw_open(&w, '{');
    row_write_status(&w, rows, 0);
    jw_close(&w);
    jw_close(&w);
    return true;
}

void plain_faults(struct req *req, const struct form *form, struct reply *reply)
{
    const struct form_fault *first = &form->faults[0];
    struct jw w = jw_on(&reply->body);

    reply_json(reply, err_http(first->code));
    jw_open(&w, '{');
    jw_bool(&w, "success", false);
    jw_text(&w, "code", err_wire(first->code));
    jw_text(&w, "message", arena_printf(req_arena(req), "%s: %s", first->field, first->message));
    jw_text(&w, "requestId", req_id(req));
    form_write_faults(form, &w);
    jw_close(&w);
}
