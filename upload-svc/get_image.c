/*
 * get_image.c - GET /:id/image: where the picture can be seen.
 *
 * Browsers that reach S3 are sent there with a URL that lives five minutes. Where they cannot, the
 * bytes pass through here, a megabyte at a time: each a ranged GET (RFC 9110 14.2), so a slow
 * reader holds no more than that, and nothing touches a disk.
 */
#include <inttypes.h>
#include <stdio.h>

#include "common/http.h"
#include "common/log.h"
#include "upload-svc/handlers.h"
#include "upload-svc/queries.h"
#include "upload-svc/store.h"

enum { URL_SECONDS = 300, URL_WALL = 8192, PIECE = 1 << 20 };

struct passage {
    struct app *app;
    const char *key;
    int64_t bytes;
};

static bool fetch(const struct passage *p, int64_t from, struct http_answer *answer,
                  struct err *err)
{
    AUTO(str_free) struct str url = STR_INIT(URL_WALL);
    int64_t last = from + PIECE < p->bytes ? from + PIECE - 1 : p->bytes - 1;
    char range[80];
    const char *const headers[] = {range, NULL};
    struct http_req req = {.method = "GET",
                           .headers = headers,
                           .connect_ms = 5000,
                           .total_ms = p->app->conf.s3_timeout,
                           .answer_max = PIECE,
                           .ca_file = p->app->conf.s3_ca};

    snprintf(range, sizeof range, "Range: bytes=%" PRId64 "-%" PRId64, from, last);
    if (!s3_presign_get(p->app->s3, S3_FOR_BROWSER, p->key, URL_SECONDS, &url, err))
        return false;
    req.url = url.p;
    if (!http_perform(&req, answer, err))
        return false;
    if (answer->status == 200 || answer->status == 206)
        return answer->body.n > 0 || err_set(err, ERR_STORAGE, "S3 gave an empty piece");
    return err_set(err, ERR_STORAGE, "S3 answered %d for %s", answer->status, p->key);
}

static void pass_on(struct door_stream *to, void *arg)
{
    const struct passage *p = arg;
    int64_t at = 0;

    while (at < p->bytes && !door_ending(to)) {
        AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
        struct err err = ERR_INIT;

        if (!fetch(p, at, &answer, &err)) {
            log_warn("image.cut", "a picture could not be passed on whole", KV_S("key", p->key),
                     KV_ERR(&err));
            return;
        }
        if (!door_write(to, str_sv(&answer.body)))
            return;
        at += (int64_t)answer.body.n;
    }
}

static bool redirect(struct app *app, const char *key, struct reply *reply, struct err *err)
{
    AUTO(str_free) struct str url = STR_INIT(URL_WALL);

    if (!s3_presign_get(app->s3, S3_FOR_BROWSER, key, URL_SECONDS, &url, err))
        return false;
    reply->status = 302;
    reply_header(reply, "Location", url.p);
    return true;
}

static bool through_us(struct req *req, const struct db_rows *row, struct reply *reply,
                       struct err *err)
{
    struct app *app = req_app(req);
    struct passage *p = arena_take(req_arena(req), sizeof *p);
    struct s3_head head;

    p->app = app;
    p->key = arena_copy(req_arena(req), db_sv(row, 0, "s3_key"));
    p->bytes = db_int(row, 0, "bytes");
    if (!s3_stat(app->s3, p->key, &head, err)) /* while the answer can still say that it is gone */
        return false;
    reply->type = arena_copy(req_arena(req), db_sv(row, 0, "content_type"));
    reply->stream = pass_on;
    reply->stream_arg = p;
    return true;
}

bool get_image(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *row = NULL;
    struct app *app = req_app(req);
    int64_t id;

    if (!req_param_int(req, "id", &id, err) || !db_lease(app->db, APP_DB_WAIT_MS, &conn, err))
        return false;
    if (!db_run(conn, Q_IMAGE, &row, err, P(id)))
        return err->code == ERR_NOT_FOUND
                   ? err_set(err, ERR_NOT_FOUND, "there is no snapshot with that number")
                   : false;
    db_release(&conn);
    if (db_bool(row, 0, "deleted"))
        return err_set(err, ERR_GONE, "this picture was deleted");
    if (db_bool(row, 0, "object_gone"))
        return err_set(err, ERR_GONE,
                       "this picture's retention time was over; what was read of it stays");
    if (*app->conf.s3_browser_endpoint != '\0')
        return redirect(app, db_text(row, 0, "s3_key"), reply, err);
    return through_us(req, row, reply, err);
}
