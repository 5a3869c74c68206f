/* store_lists.c - see store_lists.h. A value for every list of its row, NULL where there is none.
 */
#include "analysis-svc/store_lists.h"

#include <math.h>
#include <stdio.h>

#include "analysis-svc/clean.h"
#include "analysis-svc/document.h"
#include "common/utf8.h"

enum { NOTE_MAX = 512 };

/* A token that no claim draws: the fence of a call that only pays. */
#define NO_JOBS_TOKEN "00000000-0000-0000-0000-000000000000"

/* Of which kind each list is; the letters stand in the order of the parameters. */
static enum db_list_type type_of(size_t i)
{
    static const char kinds[] = "itttiitttititittiiiiiiiiitt" /* calls */
                                "iibbttnttii"                 /* pictures */
                                "itittt"
                                "tb"; /* documents */

    _Static_assert(sizeof kinds - 1 == STORE_LISTS, "a letter for each list");
    switch (kinds[i]) {
    case 'i':
        return DB_LIST_INT;
    case 'n':
        return DB_LIST_NUM;
    case 'b':
        return DB_LIST_BOOL;
    default:
        return DB_LIST_TEXT;
    }
}

void store_lists_init(struct store_lists *s)
{
    for (size_t i = 0; i < STORE_LISTS; i++)
        s->items[i] =
            (struct db_list){.type = type_of(i), .bytes = (struct str)STR_INIT(DB_LIST_MAX)};
}

void store_lists_free(struct store_lists *s)
{
    for (size_t i = 0; i < STORE_LISTS; i++)
        db_list_free(&s->items[i]);
}

static const char *why_of(enum fail_code fail)
{
    return fail == FAIL_NONE ? NULL : fail_wire(fail);
}

/* ---- calls ---- */

static struct db_list *add_job(struct db_list *to, const struct roster *roster,
                               const struct landing *l)
{
    const struct ending *e = &l->end;
    AUTO(str_free) struct str tried = STR_INIT(256);
    AUTO(str_free) struct str refused = STR_INIT(256);

    roster_array(roster, e->tried, &tried);
    roster_array(roster, e->refused, &refused);
    db_list_int(to++, l->flight->job_id);
    db_list_text(to++, l->pays_only ? NO_JOBS_TOKEN : l->flight->token);
    db_list_text(to++, job_state_wire(e->to));
    db_list_text(to++, job_state_sources(e->to));
    db_list_int(to++, e->judged);
    db_list_int(to++, e->due_ms);
    db_list_text(to++, transport_wire(e->transport));
    db_list_text(to++, tried.p);
    db_list_text(to++, refused.p);
    db_list_int(to++, e->waits);
    db_list_text(to++, why_of(e->fail));
    return to;
}

/* The model's words, where Postgres can hold them. */
static struct sv words_of(const struct provider_answer *a)
{
    bool keep = a->text.n > 0 && utf8_ok(str_sv(&a->text));

    return keep ? str_sv(&a->text) : (struct sv){NULL, 0};
}

static void add_attempt(struct db_list *to, const struct landing *l)
{
    static const struct provider_answer silence = {.text = STR_INIT(0)};
    const struct provider_answer *a = l->report.said ? l->report.said : &silence;
    const struct http_answer *h = &l->flight->answer;
    char id[96], model[96], said[256];

    db_list_int(to++, l->flight->attempt_id);
    db_list_text(to++, l->report.class);
    db_list_int(to++, l->report.status);
    db_list_text(to++, clean_copy(a->request_id, id, sizeof id));
    db_list_text(to++, clean_copy(a->model, model, sizeof model));
    db_list_int(to++, a->usage.input);
    db_list_int(to++, a->usage.cached);
    db_list_int(to++, a->usage.cache_write);
    db_list_int(to++, a->usage.output);
    db_list_int(to++, a->usage.reasoning);
    db_list_int(to++, l->report.cost_micro_usd);
    db_list_int(to++, h->connect_us);
    db_list_int(to++, h->first_byte_us);
    db_list_int(to++, h->total_us);
    db_list_text(to++, clean_copy(a->message, said, sizeof said));
    db_list_sv(to, words_of(a));
}

/* ---- pictures ---- */

struct picture {
    bool ends, kept;
    const char *state, *may;
    double confidence;
    enum fail_code fail;
    const char *note;
    bool tried;
};

/* Its share of the call's cost, where the model was asked for it. */
static int64_t share(const struct landing *l, size_t i)
{
    int64_t asked = (int64_t)l->flight->asked;

    return l->flight->images[i].known ? 0 : (l->report.cost_micro_usd + asked - 1) / asked;
}

static void add_picture(struct db_list *to, const struct landing *l, size_t i,
                        const struct picture *p)
{
    char text[NOTE_MAX];
    const char *note = p->note ? clean_copy(p->note, text, sizeof text) : NULL;

    db_list_int(to++, l->flight->job_id);
    db_list_int(to++, l->flight->images[i].snapshot_id);
    db_list_bool(to++, p->ends);
    db_list_bool(to++, p->kept);
    db_list_text(to++, p->state);
    db_list_text(to++, p->may);
    db_list_num(to++, p->confidence);
    db_list_text(to++, why_of(p->fail));
    db_list_text(to++, note || p->fail == FAIL_NONE ? note : fail_text(p->fail));
    db_list_int(to++, p->tried);
    db_list_int(to, share(l, i));
}

static void add_kept(struct db_list *to, const struct landing *l, size_t i)
{
    const struct extracted *e = &l->results[i].extracted;

    add_picture(to, l, i,
                &(struct picture){.ends = true,
                                  .kept = true,
                                  .state = image_state_wire(e->state),
                                  .may = image_state_sources(e->state),
                                  .confidence = e->confidence,
                                  .fail = e->fail,
                                  .note = e->note,
                                  .tried = !l->flight->images[i].known});
}

static void add_failed(struct db_list *to, const struct landing *l, size_t i)
{
    const char *said = l->note ? l->note : "";
    enum fail_code fail = l->fates[i].fail;
    char note[NOTE_MAX];

    snprintf(note, sizeof note, "%s%s%s%s", fail_text(fail), said[0] ? " (" : "", said,
             said[0] ? ")" : "");
    add_picture(to, l, i,
                &(struct picture){.ends = true,
                                  .state = image_state_wire(IMAGE_FAILED),
                                  .may = image_state_sources(IMAGE_FAILED),
                                  .confidence = NAN,
                                  .fail = fail,
                                  .note = note,
                                  .tried = l->end.judged});
}

static void add_document(struct db_list *to, const struct landing *l, size_t i)
{
    const struct result *r = &l->results[i];

    db_list_int(to++, l->flight->images[i].snapshot_id);
    db_list_text(to++, l->flight->extractor->name);
    db_list_int(to++, l->flight->extractor->version);
    db_list_text(to++, r->provider);
    db_list_text(to++, r->model);
    db_list_sv(to++, str_sv(&r->answer));
    document_write(&r->extracted.paper->doc, db_list_open(to));
    db_list_shut(to++);
    db_list_bool(to, l->flight->images[i].known != NULL);
}

void store_lists_add(struct store_lists *s, const struct roster *roster, const struct landing *l)
{
    struct db_list *pictures = s->items + CALL_LISTS;

    add_attempt(add_job(s->items, roster, l), l);
    for (size_t i = 0; i < l->flight->n; i++) {
        if (l->fates[i].todo == FATE_FAIL)
            add_failed(pictures, l, i);
        else if (l->fates[i].todo == FATE_AGAIN)
            add_picture(pictures, l, i,
                        &(struct picture){.confidence = NAN, .tried = l->end.judged});
        if (l->fates[i].todo != FATE_STORE)
            continue;
        add_kept(pictures, l, i);
        add_document(pictures + PICTURE_LISTS, l, i);
    }
}
