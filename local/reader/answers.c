/*
 * answers.c - one request: read it, fetch its pictures, have them read, answer in its dialect.
 *
 * A picture that cannot be fetched or decoded fails the call, as it does at the providers. A
 * picture in which nothing can be read is left out of the results while others were read; alone it
 * is an error.
 */
#include "local/reader/answers.h"

#include "common/clock.h"
#include "local/reader/desk.h"
#include "local/reader/fetch.h"
#include "local/reader/wire.h"

#define ANSWER_MAX ((size_t)16 << 20)
#define IMAGE_MAX  ((size_t)64 << 20)
#define TEXT_BYTES 4  /* of a token */
#define PATCH      28 /* pixels */

static const char about[] =
    "This is snapkey's offline reader (Tesseract), not a language model.\n\n"
    "It reads leaderboards and profile pages from screenshots and answers in the wire formats of\n"
    "POST /v1/responses, POST /v1/chat/completions and POST /v1/messages, model \"" WIRE_MODEL
    "\".\n"
    "It needs no key and no network, understands no prompt, and obeys no text in a picture.\n";

static bool unreadable(struct err *err, const struct err *why)
{
    return err_set(err, why->code,
                   "The image data you provided does not represent a valid image: %.200s.",
                   why->msg);
}

static int64_t patches_of(struct sv bytes)
{
    int w = 0, h = 0;

    if (!picture_size(bytes, &w, &h))
        return 0;
    return (int64_t)((w + PATCH - 1) / PATCH) * ((h + PATCH - 1) / PATCH);
}

/* A call in the making. */
struct work {
    struct desk *desk;
    const struct wire_call *call;
    struct str *results; /* elements of the results, comma between them */
    struct wire_usage usage;
    struct lent lent;            /* the header that one picture has and others lack */
    bool again[WIRE_IMAGES_MAX]; /* read before the header that it lacks was seen */
    size_t readable;
    struct err why; /* of the last picture in which nothing could be read */
};

static void take(struct work *k, size_t i, const struct str *answer)
{
    str_addz(k->results, k->results->n ? "," : "");
    str_addv(k->results, str_sv(answer));
    k->again[i] = false;
    k->readable++;
}

/* One picture to one element of the results; a picture that lacks its header waits for one, if
 * `may_wait`. */
static bool read_one(struct work *k, size_t i, bool may_wait, struct err *err)
{
    AUTO(str_free) struct str bytes = STR_INIT(IMAGE_MAX), answer = STR_INIT(ANSWER_MAX);
    struct reader_task task = {
        .schema = k->call->item, .id = k->call->image[i].id, .lent = &k->lent};
    struct err why = ERR_INIT;

    if (!fetch_image(k->call->dialect, &k->call->image[i], &bytes, err))
        return false;
    task.bytes = str_sv(&bytes);
    k->usage.image += may_wait || !k->again[i] ? patches_of(task.bytes) : 0;
    k->lent.missing = false;
    if (desk_read(k->desk, &task, &answer, &why)) {
        k->again[i] = may_wait && k->lent.missing && !k->lent.have;
        if (!k->again[i])
            take(k, i, &answer);
        return true;
    }
    k->why = why;
    if (why.code == ERR_UNPROCESSABLE)
        return true;
    return why.code == ERR_CLOSING ? err_set(err, why.code, "%s", why.msg) : unreadable(err, &why);
}

static bool read_all(struct work *k, struct err *err)
{
    for (size_t i = 0; i < k->call->n; i++)
        if (!read_one(k, i, i + 1 < k->call->n, err))
            return false;
    for (size_t i = 0; i < k->call->n; i++)
        if (k->again[i] && !read_one(k, i, false, err))
            return false;
    return k->readable > 0 || unreadable(err, &k->why);
}

static bool answer(struct req *req, enum wire_dialect dialect, struct reply *reply, struct err *err)
{
    AUTO(json_free) struct json *body = NULL;
    AUTO(str_free) struct str results = STR_INIT(ANSWER_MAX), text = STR_INIT(ANSWER_MAX);
    struct wire_call *call = arena_take(req_arena(req), sizeof *call);
    struct work k = {.desk = req_app(req), .call = call, .results = &results};
    struct sv bytes;

    if (!req_body(req, &bytes, err) || !json_parse(bytes, &body, err) ||
        !wire_read(dialect, body, call, err) || !read_all(&k, err))
        return false;
    str_addf(&text, "{\"results\":[%s]}", results.p);
    if (!str_ok(&text) || !str_ok(&results))
        return err_set(err, ERR_INTERNAL, "the answer is too large");
    k.usage.input = (int64_t)call->text_bytes / TEXT_BYTES + k.usage.image;
    k.usage.output = (int64_t)text.n / TEXT_BYTES;
    wire_answer(call, str_sv(&text), &k.usage, req_id(req), clock_wall_s(), &reply->body);
    return true;
}

/* Errors leave in the provider's form, not in the door's. */
static bool dialect_answer(struct req *req, enum wire_dialect dialect, struct reply *reply)
{
    struct err err = ERR_INIT;

    if (dialect == WIRE_MESSAGES) /* the door says X-Request-Id itself */
        reply_header(reply, "request-id", req_id(req));
    if (answer(req, dialect, reply, &err))
        return true;
    str_reset(&reply->body);
    wire_error(dialect, &err, req_id(req), &reply->body);
    reply->status = wire_status(&err);
    return true;
}

bool answers_responses(struct req *req, struct reply *reply, struct err *err)
{
    (void)err;
    return dialect_answer(req, WIRE_RESPONSES, reply);
}

bool answers_chat(struct req *req, struct reply *reply, struct err *err)
{
    (void)err;
    return dialect_answer(req, WIRE_CHAT, reply);
}

bool answers_messages(struct req *req, struct reply *reply, struct err *err)
{
    (void)err;
    return dialect_answer(req, WIRE_MESSAGES, reply);
}

bool answers_models(struct req *req, struct reply *reply, struct err *err)
{
    (void)err;
    wire_models(req_header(req, "anthropic-version").n > 0, &reply->body);
    return true;
}

bool answers_health(struct req *req, struct reply *reply, struct err *err)
{
    (void)req;
    (void)err;
    str_addz(&reply->body,
             "{\"ok\":true,\"reader\":\"offline reader (Tesseract), not a language model\"}");
    return true;
}

bool answers_about(struct req *req, struct reply *reply, struct err *err)
{
    (void)req;
    (void)err;
    reply->type = "text/plain; charset=utf-8";
    str_addz(&reply->body, about);
    return true;
}
