/* dispatch.c - URLs are signed at each dispatch; bytes are fetched into memory, never onto a disk.
 */
#include "analysis-svc/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "analysis-svc/claim.h"
#include "analysis-svc/fit.h"
#include "analysis-svc/hedge.h"
#include "analysis-svc/metrics.h"
#include "common/base64.h"
#include "common/clock.h"
#include "common/log.h"

enum { URL_MARGIN_S = 120, URL_MAX_S = 3600, HEADERS_MAX = 16, FAULT_PAUSE_MS = 5000 };

/* What a call is built from; freed as soon as curl has its copy. By then the flight may have landed
 * on another thread and be gone. */
struct cargo {
    struct run *run;
    struct flight *flight;
    struct call_image *images;
    struct str *texts; /* URL or base64 of each */
    size_t n, room;
};

static void cargo_free(struct cargo *c)
{
    for (size_t i = 0; c->texts && i < c->room; i++)
        str_free(&c->texts[i]);
    free(c->texts);
    free(c->images);
}

static int64_t left_ms(const struct flight *f)
{
    int64_t left = f->deadline_mono_ms - clock_mono_ms();

    return left > 1000 ? left : 1000;
}

/* Through the distribution. As with S3, a picture that goes again within the window has the
 * signature that it had. */
static bool add_cdn_url(const struct app *app, const char *key, const struct s3_life *life,
                        struct str *text, struct err *err)
{
    AUTO(str_free) struct str path = STR_INIT(S3_KEY_MAX + 1);
    int64_t until = clock_wall_s() + life->expires_s;
    const struct cloudfront_policy policy = {.expires =
                                                 until + life->window_s - until % life->window_s};

    str_addf(&path, "/%s", key);
    return cloudfront_sign(app->cdn, str_sv(&path), &policy, text, err);
}

static bool add_url(struct cargo *c, const struct flight_image *image, struct str *text,
                    struct err *err)
{
    const struct app *app = run_app(c->run);
    int64_t window = app->conf.url_window / 1000, most = URL_MAX_S - 2 * window;
    struct s3_life life = {left_ms(c->flight) / 1000 + URL_MARGIN_S, window};

    life.expires_s = life.expires_s < most ? life.expires_s : most;
    *text = (struct str)STR_INIT(16384);
    if (app->cdn)
        return add_cdn_url(app, image->key, &life, text, err);
    return s3_presign_get_in(app->s3, S3_FOR_MODEL, image->key, &life, text, err);
}

bool dispatch_bytes(const struct app *app, const struct flight_image *image, struct str *text,
                    struct err *err)
{
    size_t most = (size_t)app->conf.image_max;
    AUTO(str_free) struct str bytes = STR_INIT(most);

    *text = (struct str)STR_INIT(most * 2);
    if (!s3_get(app->s3, image->key, most, &bytes, err))
        return err_wrap(err, "picture %lld", (long long)image->snapshot_id);
    base64_encode(str_sv(&bytes), text);
    return true;
}

static bool add_image(struct cargo *c, const struct flight_image *image, struct err *err)
{
    bool by_url = c->flight->sent_by == TRANSPORT_URL;
    struct str *text = &c->texts[c->n];

    if (!(by_url ? add_url(c, image, text, err)
                 : dispatch_bytes(run_app(c->run), image, text, err)))
        return false;
    c->images[c->n++] = (struct call_image){.id = image->tag,
                                            .url = by_url ? text->p : NULL,
                                            .base64 = by_url ? (struct sv){0} : str_sv(text),
                                            .type = image->type};
    return true;
}

/* *bad: the picture that could not be loaded, -1: none. */
static bool load(struct cargo *c, int *bad, struct err *err)
{
    const struct flight *f = c->flight;

    *bad = -1;
    c->room = f->asked;
    c->images = calloc(f->asked, sizeof *c->images);
    c->texts = calloc(f->asked, sizeof *c->texts);
    if (!c->images || !c->texts)
        abort();
    for (size_t i = 0; i < f->asked; i++)
        c->texts[i] = (struct str)STR_INIT(0);
    for (size_t i = 0; i < f->n; i++) {
        if (f->images[i].known)
            continue;
        if (!add_image(c, &f->images[i], err)) {
            *bad = (int)i;
            return false;
        }
    }
    return true;
}

static void done(void *arg, struct http_answer *answer);

struct ticket { /* what travels through the http loop */
    struct run *run;
    struct flight *flight;
};

static void done(void *arg, struct http_answer *answer)
{
    struct ticket *t = arg;

    t->flight->answer = *answer;
    *answer = (struct http_answer)HTTP_ANSWER_INIT;
    t->flight->answered = true;
    run_answered(t->run, t->flight); /* the ticket lies in the flight's arena */
}

static bool leave(struct cargo *c, const struct http_req *req, struct ticket *ticket)
{
    struct hedge *hedge = run_hedge(c->run);
    struct flight *f = c->flight;

    if (!hedge_leaves(hedge, f, ticket))
        return false;
    if (run_submit(c->run, req, done, ticket))
        return true;
    if (f->duel)
        (void)hedge_back(hedge, f, false);
    return false;
}

static bool submit(struct cargo *c, struct provider_request *request)
{
    const struct app *app = run_app(c->run);
    const char *headers[HEADERS_MAX];
    int64_t left = left_ms(c->flight);
    struct ticket *ticket = arena_take(&c->flight->arena, sizeof *ticket);
    struct http_req req = {.method = "POST",
                           .url = request->url.p,
                           .headers = headers,
                           .body = str_sv(&request->body),
                           .connect_ms = app->conf.connect_timeout,
                           .first_byte_ms = app->conf.first_byte_timeout,
                           .stall_bytes_s = 1,
                           .stall_ms = app->conf.stall_timeout,
                           .total_ms =
                               left < app->conf.call_timeout ? left : app->conf.call_timeout,
                           .answer_max = (size_t)app->conf.answer_max,
                           .ca_file = app->conf.provider_ca};

    *ticket = (struct ticket){c->run, c->flight};
    provider_header_lines(request, headers, HEADERS_MAX);
    metric_add(M_CALLS_OF, app->roster.who[c->flight->place], 1);
    metric_add(M_TRANSPORT, c->flight->sent_by, (int64_t)c->n);
    return leave(c, &req, ticket);
}

/* We could not even ask: not the provider's fault. */
static void give_back(struct run *run, struct flight *f, const struct err *why)
{
    struct app *app = run_app(run);
    struct err err = ERR_INIT;

    if (f->twin) { /* the first call is out still */
        hedge_unsent(run, f);
        return;
    }
    if (why->code != ERR_CLOSING)
        log_error("call.unsent", "a call could not be made; the job goes back", KV_ERR(why),
                  KV_I("job", f->job_id));
    limits_cancel(app->limits, &f->slip);
    if (!claim_release(app, f, why->code == ERR_CLOSING ? 0 : FAULT_PAUSE_MS, &err))
        log_warn("lease.kept", "a lease could not be given back; it will run out", KV_ERR(&err),
                 KV_I("job", f->job_id));
    run_landed(run, &f);
}

/* There is no call to make: an answer of our own, as if a provider had told. */
static void answer_ourselves(struct run *run, struct flight *f, enum answer_class verdict,
                             int blamed, const struct err *why)
{
    if (f->twin) {
        hedge_unsent(run, f);
        return;
    }
    f->unsent = true;
    f->verdict = verdict;
    f->blamed = blamed;
    f->answer.err = *why;
    f->answered = true;
    run_answered(run, f);
}

void dispatch_failed(struct run *run, struct flight *f, int bad, const struct err *why)
{
    if (why->code == ERR_NOT_FOUND || why->code == ERR_TOO_LARGE)
        answer_ourselves(run, f, ANSWER_IMAGE_FETCH, bad, why);
    else if (why->code == ERR_BROKEN_IMAGE)
        answer_ourselves(run, f, ANSWER_IMAGE_BAD, bad, why);
    else
        give_back(run, f, why);
}

/* Some picture is not what the model takes: it comes back from there when it is. */
static void make_fit(struct run *run, struct flight *f)
{
    struct err err = ERR_INIT;

    if (fit_take(run_fit(run), f))
        return;
    err_set(&err, run_stopping(run) ? ERR_CLOSING : ERR_BUSY,
            "too many pictures wait to be scaled");
    give_back(run, f, &err);
}

void dispatch(struct run *run, struct flight *f)
{
    struct app *app = run_app(run);
    AUTO(cargo_free) struct cargo c = {.run = run, .flight = f};
    AUTO(provider_request_free)
    struct provider_request request = {
        .url = STR_INIT(4096), .body = STR_INIT(256 << 20), .headers = STR_INIT(16384)};
    struct err err = ERR_INIT;
    int bad;

    if (fit_needed(app, f)) {
        make_fit(run, f);
        return;
    }
    if (!load(&c, &bad, &err)) {
        dispatch_failed(run, f, bad, &err);
        return;
    }
    const struct provider_ask ask = {c.images, c.n, ""};
    struct provider provider = app->roster.items[f->place];

    provider.key = keyring_key(app->keys, f->place, f->slip.key);
    if (!provider_build(&provider, f->extractor, &ask, &request, &err)) {
        if (err.code == ERR_TOO_LARGE) /* halves may fit */
            answer_ourselves(run, f, ANSWER_TOO_BIG, -1, &err);
        else
            give_back(run, f, &err);
        return;
    }
    if (!submit(&c, &request)) {
        err_set(&err, ERR_CLOSING, "the service is closing");
        give_back(run, f, &err);
    }
}
