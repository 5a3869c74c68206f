/* bulk_send.c - see bulk_send.h. */
#include "analysis-svc/bulk_send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/bulk_talk.h"
#include "analysis-svc/dispatch.h"
#include "analysis-svc/fit.h"
#include "analysis-svc/metrics.h"
#include "common/log.h"
#include "common/retry.h"

enum { PARCEL_SLACK = 1 << 20, FAULTS_MAX = 10, PAUSE_GROWTH = 16 };

int64_t bulk_pause_ms(const struct app *app, const struct bulk_row *row)
{
    int64_t poll = app->conf.half_price_poll;
    const struct retry_plan plan = {poll, poll * PAUSE_GROWTH};

    return retry_wait_ms(&plan, (unsigned)row->faults, poll / 2, 1);
}

/* ---- the parcel ---- */

struct packing {
    struct run *run;
    const struct provider *p;
    struct call_image *images;
    struct str *texts;
    size_t n, room;
};

static void packing_free(struct packing *k)
{
    for (size_t i = 0; k->texts && i < k->room; i++)
        str_free(&k->texts[i]);
    free(k->texts);
    free(k->images);
}

static void make_room(struct packing *k, size_t n)
{
    k->room = n;
    k->images = calloc(n + 1, sizeof *k->images);
    k->texts = calloc(n + 1, sizeof *k->texts);
    if (!k->images || !k->texts)
        abort();
    for (size_t i = 0; i < n; i++)
        k->texts[i] = (struct str)STR_INIT(0);
}

static bool fetch_all(struct packing *k, struct flight *f, struct err *err)
{
    int bad;

    if (!fit_now(run_fit(k->run), f, &bad, err))
        return false;
    for (; k->n < f->n; k->n++) {
        const struct flight_image *image = &f->images[k->n];

        if (!dispatch_bytes(run_app(k->run), image, &k->texts[k->n], err))
            return false;
        k->images[k->n] = (struct call_image){
            .id = image->tag, .base64 = str_sv(&k->texts[k->n]), .type = image->type};
    }
    return true;
}

/* One call into the parcel, or not at all. */
static bool pack(struct run *run, const struct bulk_row *row, struct flight *f, struct str *parcel,
                 struct err *err)
{
    const struct provider *p = &run_app(run)->roster.items[row->place];
    AUTO(packing_free) struct packing k = {.run = run, .p = p};
    AUTO(provider_request_free)
    struct provider_request r = {STR_INIT(0), STR_INIT(0), STR_INIT(0)};

    make_room(&k, f->n);
    if (!fetch_all(&k, f, err))
        return false;
    const struct provider_ask ask = {k.images, k.n, ""};

    if (!provider_build(p, f->extractor, &ask, &r, err))
        return false;
    if (parcel->n + r.body.n + PARCEL_SLACK > parcel->wall)
        return err_set(err, ERR_TOO_LARGE, "it does not fit any more");
    bulk_add(p, f->token, str_sv(&r.body), parcel);
    return true;
}

/* About this call alone; else nothing can be had from S3 or Postgres at present. */
static bool of_the_call(enum err_code code)
{
    return code == ERR_NOT_FOUND || code == ERR_TOO_LARGE || code == ERR_BROKEN_IMAGE;
}

static bool pack_all(struct run *run, struct bulk_row *row, struct str *parcel, struct err *err)
{
    struct app *app = run_app(run);
    const struct provider *p = &app->roster.items[row->place];
    AUTO(bulk_flights_free) struct bulk_flights calls = {.n = 0};

    if (!bulk_load(app, row, true, &calls, err))
        return false;
    row->calls = 0;
    bulk_open(p, row->marker, parcel);
    for (size_t i = 0; i < calls.n; i++) {
        struct err why = ERR_INIT;

        if (pack(run, row, calls.items[i].flight, parcel, &why)) {
            row->calls++;
        } else if (!of_the_call(why.code)) {
            *err = why;
            return false;
        } else if (!bulk_release(app, row, calls.items[i].flight, err)) {
            return false;
        }
        if (!bulk_keep(app, row, err))
            return false;
    }
    bulk_shut(p, row->marker, parcel);
    return true;
}

/* ---- to the provider ---- */

struct sending {
    struct run *run;
    struct bulk_row *row;
    struct str parcel;
    enum bulk_fate *fate;
    int64_t *next_ms;
};

static void sending_free(struct sending *s) { str_free(&s->parcel); }

static void later(struct sending *s)
{
    s->row->faults++;
    *s->next_ms = bulk_pause_ms(run_app(s->run), s->row);
    if (s->row->faults >= FAULTS_MAX)
        *s->fate = BULK_REFUSED;
}

/* What a reply other than yes means before anything was created. */
static void not_yet(struct sending *s, enum bulk_reply reply)
{
    if (reply == BULK_NO || reply == BULK_KEY) /* a no is certain: that birth was none */
        s->row->births -= s->row->state == BULK_CREATING;
    if (reply == BULK_NO) {
        *s->fate = BULK_REFUSED;
        return;
    }
    if (reply == BULK_KEY) { /* with another one, from the beginning: files belong to an account */
        s->row->key_mark[0] = s->row->input_file[0] = '\0';
        s->row->state = BULK_PLANNED;
    }
    later(s);
}

static bool upload(struct sending *s, bool *there, struct err *err)
{
    const struct bulk_question q = {s->row, BULK_UPLOAD, "", str_sv(&s->parcel)};
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    char mark[KEYRING_MARK_SIZE] = "";
    enum bulk_reply reply = bulk_talk(s->run, &q, mark, &answer, s->row->note);

    *there = reply == BULK_YES && bulk_read_file(str_sv(&answer.body), s->row->input_file);
    if (!*there) {
        not_yet(s, reply == BULK_YES ? BULK_LATER : reply);
        return true;
    }
    if (mark[0])
        snprintf(s->row->key_mark, sizeof s->row->key_mark, "%s", mark);
    return bulk_write(run_app(s->run), s->row, 0, false, err);
}

static bool was_sent(struct sending *s, const struct bulk_status *status, struct err *err)
{
    struct app *app = run_app(s->run);

    snprintf(s->row->remote_id, sizeof s->row->remote_id, "%s", status->id);
    s->row->state = BULK_SENT;
    s->row->faults = 0;
    *s->next_ms = app->conf.half_price_poll;
    metric_add(M_BULK_CALLS, app->roster.who[s->row->place], s->row->calls);
    log_info("bulk.sent", "calls went to a provider in one batch, at half price",
             KV_S("provider", s->row->provider), KV_S("id", s->row->remote_id),
             KV_I("calls", s->row->calls), KV_I("bytes", s->parcel.n));
    return bulk_write(app, s->row, *s->next_ms, false, err);
}

/* Ours by the provider's word, but the row has gone to another meanwhile: nobody would fetch it. */
static void take_back(struct sending *s)
{
    const struct bulk_question q = {s->row, BULK_CANCEL, s->row->remote_id, {"", 0}};
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    char note[240];

    if (bulk_talk(s->run, &q, NULL, &answer, note) != BULK_YES)
        log_error("bulk.stray", "a provider's batch that nobody waits for could not be cancelled",
                  KV_S("id", s->row->remote_id), KV_S("note", note));
}

static bool create(struct sending *s, struct err *err)
{
    struct app *app = run_app(s->run);
    bool by_file = bulk_by_file(&app->roster.items[s->row->place]);
    const struct bulk_question q = {s->row, BULK_CREATE, s->row->input_file,
                                    by_file ? (struct sv){"", 0} : str_sv(&s->parcel)};
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    char mark[KEYRING_MARK_SIZE] = "";
    struct bulk_status status;
    enum bulk_reply reply;

    /* First the row: whoever finds it so looks whether it came to be, before asking again. */
    s->row->state = BULK_CREATING;
    s->row->births++;
    if (s->row->births > 1)
        metric_add(M_BULK_AGAIN, app->roster.who[s->row->place], 1);
    if (!bulk_write(app, s->row, 0, false, err))
        return false;
    reply = bulk_talk(s->run, &q, mark, &answer, s->row->note);
    if (mark[0])
        snprintf(s->row->key_mark, sizeof s->row->key_mark, "%s", mark);
    if (reply != BULK_YES ||
        !bulk_read_status(&app->roster.items[s->row->place], str_sv(&answer.body), &status)) {
        not_yet(s, reply == BULK_YES ? BULK_LATER : reply);
        return true;
    }
    if (was_sent(s, &status, err))
        return true;
    if (err->code == ERR_CONFLICT)
        take_back(s);
    return false;
}

static bool send_planned(struct sending *s, struct err *err)
{
    struct app *app = run_app(s->run);
    bool by_file = bulk_by_file(&app->roster.items[s->row->place]), there = true;

    if (!s->row->input_file[0]) {
        if (!pack_all(s->run, s->row, &s->parcel, err))
            return false;
        if (s->row->calls == 0) {
            s->row->state = BULK_OVER;
            return true;
        }
        if (by_file && !upload(s, &there, err))
            return false;
    }
    return !there || create(s, err);
}

/* ---- was it created? ---- */

static bool find(struct sending *s, struct err *err)
{
    struct app *app = run_app(s->run);
    const struct bulk_wanted want = {s->row->marker, s->row->calls, s->row->since};
    const struct bulk_question q = {s->row, BULK_LIST, "", {"", 0}};
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    struct bulk_found found = {.n = 0};
    struct bulk_status status = {.ended = false};
    enum bulk_reply reply = bulk_talk(s->run, &q, NULL, &answer, s->row->note);

    if (reply == BULK_LATER) {
        later(s);
        return true;
    }
    if (reply == BULK_YES &&
        bulk_read_list(&app->roster.items[s->row->place], str_sv(&answer.body), &want, &found) &&
        !bulk_unknown(app, s->row, &found, err))
        return false;
    if (found.n == 1) {
        memcpy(status.id, found.ids[0], sizeof status.id);
        return was_sent(s, &status, err);
    }
    s->row->state = BULK_PLANNED; /* none there, or no telling which: once more, and counted */
    *s->next_ms = 0;
    return true;
}

bool bulk_send(struct run *run, struct bulk_row *row, enum bulk_fate *fate, int64_t *next_ms,
               struct err *err)
{
    struct app *app = run_app(run);
    AUTO(sending_free)
    struct sending s = {.run = run,
                        .row = row,
                        .parcel =
                            STR_INIT((size_t)app->conf.half_price_bytes / 4 * 5 + 2 * PARCEL_SLACK),
                        .fate = fate,
                        .next_ms = next_ms};

    *fate = BULK_GOES_ON;
    *next_ms = 0;
    return row->state == BULK_CREATING ? find(&s, err) : send_planned(&s, err);
}
