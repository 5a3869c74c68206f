/* bulk_talk.c - see bulk_talk.h. */
#include "analysis-svc/bulk_talk.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"

enum { HEADERS_MAX = 16, ANSWER_MAX = 64 << 20 };

/* ---- the body leaves in pieces, so that a closing service need not wait for it ---- */

struct parcel {
    struct run *run;
    struct sv body;
    size_t at;
};

static bool give(void *arg, char *buf, size_t n, size_t *got, struct err *err)
{
    struct parcel *p = arg;
    size_t left = p->body.n - p->at;

    if (run_stopping(p->run))
        return err_set(err, ERR_CLOSING, "the service is closing");
    *got = n < left ? n : left;
    memcpy(buf, p->body.p + p->at, *got);
    p->at += *got;
    return true;
}

static bool again(void *arg)
{
    struct parcel *p = arg;

    p->at = 0;
    return true;
}

/* ---- what the answer means ---- */

static enum bulk_reply meaning(struct app *app, const struct provider *p, int place, int key,
                               const struct http_answer *h, char note[static 240])
{
    const struct provider_reply reply = {h->status, h->err.code, str_sv(&h->headers),
                                         str_sv(&h->body)};
    AUTO(provider_answer_free) struct provider_answer said = {.text = STR_INIT(0)};

    if (h->status >= 200 && h->status < 300)
        return BULK_YES;
    provider_read(p, &reply, clock_wall_s(), &said);
    snprintf(note, 240, "%s", said.message);
    if (keyring_give(app->keys, place, key, said.class, said.retry_after_ms, clock_mono_ms()))
        return BULK_KEY;
    return answer_do(said.class) == DO_RETRY || answer_do(said.class) == DO_FALLBACK ? BULK_LATER
                                                                                     : BULK_NO;
}

/* false: the key that the row was begun with is gone from the settings. */
static bool take_key(struct app *app, const struct bulk_row *row, char *mark, struct provider *p,
                     int *key)
{
    if (row->key_mark[0])
        return keyring_find(app->keys, row->place, row->key_mark, &p->key, key);
    p->key = keyring_take(app->keys, row->place, clock_mono_ms(), key);
    if (mark)
        keyring_mark(p->key, mark);
    return true;
}

static void perform(struct run *run, const struct bulk_question *q, struct provider_request *r,
                    struct http_answer *answer)
{
    const struct analysis_conf *c = &run_app(run)->conf;
    struct parcel parcel = {run, q->body.n > 0 ? q->body : str_sv(&r->body), 0};
    const char *headers[HEADERS_MAX];
    const struct http_req req = {.method = bulk_method(q->ask),
                                 .url = r->url.p,
                                 .headers = headers,
                                 .source = parcel.body.n > 0 ? give : NULL,
                                 .rewind = again,
                                 .source_arg = &parcel,
                                 .source_length = (int64_t)parcel.body.n,
                                 .connect_ms = c->connect_timeout,
                                 .first_byte_ms = c->first_byte_timeout,
                                 .stall_bytes_s = 1,
                                 .stall_ms = c->stall_timeout,
                                 .total_ms = c->call_timeout,
                                 .answer_max = ANSWER_MAX,
                                 .ca_file = c->provider_ca};
    struct err err = ERR_INIT;

    provider_header_lines(r, headers, HEADERS_MAX);
    if (http_perform(&req, answer, &err))
        return;
    answer->status = 0;
    answer->err = err;
}

enum bulk_reply bulk_talk(struct run *run, const struct bulk_question *q, char *mark,
                          struct http_answer *answer, char note[static 240])
{
    struct app *app = run_app(run);
    struct provider p = app->roster.items[q->row->place];
    AUTO(provider_request_free)
    struct provider_request r = {STR_INIT(0), STR_INIT(0), STR_INIT(0)};
    int key = 0;

    if (!take_key(app, q->row, mark, &p, &key)) {
        snprintf(note, 240, "the key that it was sent with is not in the settings any more");
        return BULK_NO;
    }
    bulk_request(&p, q->ask, q->id, q->row->marker, &r);
    perform(run, q, &r, answer);
    return meaning(app, &p, q->row->place, key, answer, note);
}
