#include "tests/kit/model.h"

#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/door.h"
#include "common/http.h"
#include "common/json.h"
#include "common/json_write.h"

struct kit_model {
    struct door *door;
    char url[64];
    const struct kit_model_step *steps;
    size_t n;
    pthread_mutex_t lock;
    size_t at;        /* the next step, under the lock */
    int64_t since_ms; /* when a step that lasts was first taken; 0: it was not */
    atomic_size_t calls, busy, images, fetched, bytes;
};

struct seen { /* what one request carried */
    char ids[32][32];
    const char *urls[32];
    size_t n;
};

/* The last word of a line, which is the picture's id. */
static void last_word(const char *text, char out[static 32])
{
    size_t end = strlen(text), from;

    while (end > 0 && !isalnum((unsigned char)text[end - 1]))
        end--;
    for (from = end; from > 0 && isalnum((unsigned char)text[from - 1]);)
        from--;
    snprintf(out, 32, "%.*s", (int)(end - from), text + from);
}

static void look(const struct json *body, struct seen *s)
{
    const struct json *content = json_find(json_at(json_find(body, "input"), 0), "content");
    const char *text = "";

    for (size_t i = 0; i < json_count(content) && s->n < 32; i++) {
        const struct json *part = json_at(content, i);

        if (strcmp(json_text_or(part, "type", ""), "input_image") != 0) {
            text = json_text_or(part, "text", "");
            continue;
        }
        last_word(text, s->ids[s->n]);
        s->urls[s->n++] = json_text_or(part, "image_url", "");
    }
}

static void write_row(struct jw *w, const char *rank, const char *name)
{
    static const char *const blank[] = {
        "total_snaps",      "snaps_24h",       "snaps_7d", "mindshare_percent",
        "mindshare_change", "smart_followers", "status",   "badge"};

    jw_open(w, '{');
    jw_text(w, "rank", rank);
    jw_text(w, "display_name", name);
    jw_text(w, "handle", name);
    jw_text(w, "followers", "1.2K");
    for (size_t i = 0; i < COUNT_OF(blank); i++)
        jw_text(w, blank[i], "");
    jw_key(w, "unsure");
    jw_open(w, '[');
    jw_close(w);
    jw_close(w);
}

void kit_model_result(struct jw *w, const char *id)
{
    jw_open(w, '{');
    jw_text(w, "id", id);
    jw_text(w, "platform", "cookie.fun");
    jw_text(w, "title", "");
    jw_text(w, "timeframe", "24H");
    jw_key(w, "columns");
    jw_open(w, '[');
    jw_close(w);
    jw_key(w, "rows");
    jw_open(w, '[');
    write_row(w, "1", "@amber_dune");
    write_row(w, "2", "@birch_lane");
    jw_close(w);
    jw_close(w);
}

static void write_results(struct str *out, const struct seen *s, const struct kit_model_step *step)
{
    struct jw w = jw_on(out);

    jw_open(&w, '{');
    jw_key(&w, "results");
    jw_open(&w, '[');
    for (size_t i = step->skip; i < s->n; i++)
        kit_model_result(&w, i == 0 && step->act == KIT_MODEL_WRONG_ID ? "zz99" : s->ids[i]);
    if (step->act == KIT_MODEL_DOUBLED)
        kit_model_result(&w, s->ids[0]);
    jw_close(&w);
    jw_close(&w);
}

static void write_text(struct str *out, const struct seen *s, const struct kit_model_step *step)
{
    if (step->act == KIT_MODEL_EMPTY)
        return;
    if (step->act == KIT_MODEL_DEEP) {
        for (int i = 0; i < 10000; i++)
            str_addc(out, '[');
        return;
    }
    if (step->act == KIT_MODEL_FENCED)
        str_addz(out, "```json\n");
    write_results(out, s, step);
    if (step->act == KIT_MODEL_FENCED)
        str_addz(out, "\n```\n");
}

static void write_answer(struct reply *reply, const struct seen *s,
                         const struct kit_model_step *step)
{
    AUTO(str_free) struct str text = STR_INIT(1 << 20);
    struct jw w;

    write_text(&text, s, step);
    reply_json(reply, 200);
    w = jw_on(&reply->body);
    jw_open(&w, '{');
    jw_text(&w, "id", "resp_kit");
    jw_text(&w, "object", "response");
    jw_text(&w, "status", step->act == KIT_MODEL_CUT ? "incomplete" : "completed");
    if (step->act == KIT_MODEL_CUT)
        jw_raw(&w, "incomplete_details", SV_LIT("{\"reason\":\"max_output_tokens\"}"));
    jw_text(&w, "model", "kit-model-2026");
    jw_key(&w, "output");
    jw_open(&w, '[');
    if (step->act == KIT_MODEL_THINK)
        jw_raw(&w, NULL, SV_LIT("{\"type\":\"reasoning\",\"summary\":[]}"));
    jw_open(&w, '{');
    jw_text(&w, "type", "message");
    jw_key(&w, "content");
    jw_open(&w, '[');
    jw_open(&w, '{');
    jw_text(&w, "type", step->act == KIT_MODEL_REFUSE ? "refusal" : "output_text");
    if (step->act == KIT_MODEL_REFUSE)
        jw_text(&w, "refusal", "I would rather not.");
    else
        jw_sv(&w, "text", str_sv(&text));
    while (w.depth > 1)
        jw_close(&w);
    jw_raw(&w, "usage",
           SV_LIT("{\"input_tokens\":1000,\"output_tokens\":100,\"total_tokens\":1100}"));
    jw_close(&w);
}

/* ---- bodies that do not end well ---- */

static void send_huge(struct door_stream *to, void *arg)
{
    static char blanks[1 << 20];

    (void)arg;
    memset(blanks, ' ', sizeof blanks);
    blanks[0] = '{';
    for (int i = 0; i < 200 && door_write(to, (struct sv){blanks, sizeof blanks}); i++)
        blanks[0] = ' ';
}

static void send_half(struct door_stream *to, void *arg)
{
    const struct kit_model_step *step = arg;

    if (!door_write(to, SV_LIT("{\"id\":\"resp_kit\",\"status\":\"comp")))
        return;
    for (int i = 0; step->act == KIT_MODEL_STALL && i < 200 && !door_ending(to); i++)
        clock_sleep_ms(50);
    door_abort(to);
}

static void write_wreck(struct reply *reply, const struct kit_model_step *step)
{
    reply_json(reply, 200);
    if (step->act == KIT_MODEL_BROKEN)
        str_addz(&reply->body, "{\"id\":\"resp_kit\",\"model\":\"kit\xc3");
    else
        reply->stream = step->act == KIT_MODEL_HUGE ? send_huge : send_half;
    reply->stream_arg = (void *)(uintptr_t)step;
}

/* As OpenAI answers when it cannot download a picture. */
static bool fetch(struct kit_model *m, const struct seen *s, struct reply *reply)
{
    for (size_t i = 0; i < s->n; i++) {
        struct http_req req = {.method = "GET", .url = s->urls[i], .answer_max = 64 << 20};
        AUTO(http_answer_free) struct http_answer got = HTTP_ANSWER_INIT;
        struct err err = ERR_INIT;

        if (strncmp(s->urls[i], "http", 4) != 0)
            continue;
        if (http_perform(&req, &got, &err) && got.status == 200) {
            m->fetched++;
            continue;
        }
        reply_json(reply, 400);
        str_addf(&reply->body,
                 "{\"error\":{\"message\":\"Error while downloading %s. Upstream status code: "
                 "%d.\",\"type\":\"invalid_request_error\",\"param\":\"url\",\"code\":"
                 "\"invalid_image_url\"}}",
                 s->urls[i], got.status);
        return false;
    }
    return true;
}

static void act(struct kit_model *m, const struct kit_model_step *step, const struct seen *s,
                struct reply *reply)
{
    if (step->act == KIT_MODEL_STATUS) {
        reply_json(reply, step->status);
        if (step->header[0])
            reply_header(reply, step->header[0], step->header[1]);
        str_addz(&reply->body, step->body ? step->body : "");
    } else if (step->act >= KIT_MODEL_BROKEN) {
        write_wreck(reply, step);
    } else if (step->act != KIT_MODEL_FETCH || fetch(m, s, reply)) {
        write_answer(reply, s, step);
    }
}

static const struct kit_model_step *next_step(struct kit_model *m)
{
    const struct kit_model_step *step;
    int64_t now = clock_mono_ms();

    pthread_mutex_lock(&m->lock);
    step = &m->steps[m->at];
    if (step->for_ms > 0 && m->since_ms == 0)
        m->since_ms = now;
    if (step->for_ms > 0 && now - m->since_ms >= step->for_ms) {
        m->since_ms = 0;
        step = &m->steps[++m->at];
    }
    if (step->for_ms == 0 && m->at + 1 < m->n)
        m->at++;
    pthread_mutex_unlock(&m->lock);
    return step;
}

static bool respond(struct req *req, struct reply *reply, struct err *err)
{
    struct kit_model *m = req_app(req);
    AUTO(json_free) struct json *body = NULL;
    struct seen s = {.n = 0};
    struct sv bytes;
    const struct kit_model_step *step;

    if (!req_body(req, &bytes, err) || !json_parse(bytes, &body, err))
        return false;
    look(body, &s);
    m->calls++;
    step = next_step(m);
    m->busy++;
    m->images += s.n;
    for (size_t i = 0; i < s.n; i++)
        m->bytes += strncmp(s.urls[i], "data:", 5) == 0;
    clock_sleep_ms(step->delay_ms);
    act(m, step, &s, reply);
    m->busy--;
    return true;
}

struct kit_model *kit_model_open(const struct kit_model_step *steps, size_t n)
{
    static const struct door_route routes[] = {
        {"POST", "/v1/responses", respond, DOOR_OPEN, 64 << 20, "scripted"}};
    struct kit_model *m = calloc(1, sizeof *m);
    struct door_conf conf = {.bind = "127.0.0.1",
                             .threads = 16,
                             .header_timeout_ms = 5000,
                             .body_timeout_ms = 10000,
                             .keep_alive_ms = 1000,
                             .routes = routes,
                             .route_count = 1,
                             .app = m};
    struct err err = ERR_INIT;

    if (!m)
        abort();
    m->steps = steps;
    m->n = n;
    pthread_mutex_init(&m->lock, NULL);
    if (!door_open(&conf, &m->door, &err)) {
        fprintf(stderr, "the scripted model does not open: %s\n", err.msg);
        abort();
    }
    snprintf(m->url, sizeof m->url, "http://127.0.0.1:%d/v1", door_port(m->door));
    return m;
}

void kit_model_close(struct kit_model **m)
{
    if (!*m)
        return;
    door_close(&(*m)->door);
    pthread_mutex_destroy(&(*m)->lock);
    free(*m);
    *m = NULL;
}

const char *kit_model_url(const struct kit_model *m) { return m->url; }
size_t kit_model_calls(struct kit_model *m) { return m->calls; }
size_t kit_model_busy(struct kit_model *m) { return m->busy; }
size_t kit_model_images(struct kit_model *m) { return m->images; }
size_t kit_model_fetched(struct kit_model *m) { return m->fetched; }
size_t kit_model_bytes(struct kit_model *m) { return m->bytes; }
