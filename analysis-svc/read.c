/* read.c - judge.h and extract.h, applied to all pictures of a call. */
#include "analysis-svc/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/judge.h"
#include "common/log.h"

enum { ANSWER_MAX = 8 << 20 };

void readout_free(struct readout *r)
{
    results_free(&r->results, r->n);
    free(r->good);
    r->good = NULL;
}

static void note(struct readout *r, const char *text)
{
    if (r->note[0] == '\0')
        snprintf(r->note, sizeof r->note, "%.239s", text);
}

/* The result as the model wrote it. Behind escapes a signature could hide: such a text is written
 * anew, without those that need not be. */
static void keep_answer(const struct json *item, struct sv source, struct str *out)
{
    *out = (struct str)STR_INIT(ANSWER_MAX);
    if (memchr(source.p, '\\', source.n))
        json_print(item, out);
    else
        str_addv(out, source);
    log_redact(out->p);
    out->n = strlen(out->p);
}

static void read_item(const struct flight *f, size_t i, const struct judged *judged,
                      struct readout *r)
{
    struct result *to = &r->results[i];

    extract_document(f->extractor, judged->item, &f->want, &to->extracted);
    keep_answer(judged->item, judged->source, &to->answer);
    r->good[i] = true;
}

static void read_known(const struct flight *f, size_t i, struct readout *r)
{
    AUTO(json_free) struct json *item = NULL;
    struct err err = ERR_INIT;

    if (!json_parse(sv_of(f->images[i].known), &item, &err))
        return;
    read_item(f, i, &(struct judged){.item = item, .source = sv_of(f->images[i].known)}, r);
    r->results[i].provider = f->images[i].known_provider;
    r->results[i].model = f->images[i].known_model;
}

struct asked { /* the pictures that the model was asked for, and their places in the flight */
    const char **ids;
    size_t *place;
    struct judged *judged;
};

static void asked_free(struct asked *a)
{
    free(a->ids);
    free(a->place);
    free(a->judged);
}

static void list_asked(const struct flight *f, struct asked *a)
{
    size_t n = 0;

    a->ids = calloc(f->asked + 1, sizeof *a->ids);
    a->place = calloc(f->asked + 1, sizeof *a->place);
    a->judged = calloc(f->asked + 1, sizeof *a->judged);
    if (!a->ids || !a->place || !a->judged)
        abort();
    for (size_t i = 0; i < f->n; i++) {
        if (f->images[i].known)
            continue;
        a->ids[n] = f->images[i].tag;
        a->place[n++] = i;
    }
}

static void read_asked(const struct flight *f, const struct provider *p,
                       struct provider_answer *answer, struct readout *r)
{
    AUTO(asked_free) struct asked a = {0};
    AUTO(json_free) struct json *doc = NULL;
    struct err err = ERR_INIT;

    list_asked(f, &a);
    const struct judge_ids ids = {a.ids, f->asked};
    if (!judge_answer(f->extractor, str_sv(&answer->text), &ids, &doc, a.judged, &err)) {
        answer->class = ANSWER_NONSENSE;
        note(r, err.msg);
        return;
    }
    for (size_t i = 0; i < f->asked; i++) {
        if (a.judged[i].verdict != VERDICT_GOOD) {
            note(r, a.judged[i].note);
            continue;
        }
        read_item(f, a.place[i], &a.judged[i], r);
        r->results[a.place[i]].provider = p->name;
        r->results[a.place[i]].model = p->model;
    }
}

/* An index among the asked pictures becomes one among all. */
static void place_bad(const struct flight *f, struct provider_answer *answer)
{
    int left = answer->bad_image;

    answer->bad_image = -1;
    for (size_t i = 0; left >= 0 && i < f->n; i++)
        if (!f->images[i].known && left-- == 0)
            answer->bad_image = (int)i;
}

void read_answer(const struct flight *f, const struct provider *p, struct provider_answer *answer,
                 struct readout *out)
{
    *out = (struct readout){.n = f->n};
    out->good = calloc(f->n + 1, sizeof *out->good);
    out->results = calloc(f->n + 1, sizeof *out->results);
    if (!out->good || !out->results)
        abort();
    for (size_t i = 0; i < f->n; i++) {
        out->results[i].answer = (struct str)STR_INIT(0);
        if (f->images[i].known)
            read_known(f, i, out);
    }
    place_bad(f, answer);
    if (f->asked > 0 && answer->class == ANSWER_OK)
        read_asked(f, p, answer, out);
    else if (answer->message[0])
        note(out, answer->message);
}
