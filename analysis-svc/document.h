/*
 * document.h - the document of a picture or of a set, in memory; written and read as
 * proto/README.md says. Pure.
 *
 * Everything lies in the arena; texts may also lie in the JSON that was read, which must live as
 * long.
 */
#pragma once

#include "analysis-svc/extractor.h"
#include "common/arena.h"
#include "common/json_write.h"

/* What one field shows. CELL_ABSENT: not visible. CELL_NULL: printed, but no value. */
enum cell_type { CELL_ABSENT, CELL_NULL, CELL_NUMBER, CELL_WORD };

struct value {
    enum cell_type type;
    const char *text; /* as printed; "" when absent */
    double number;
    const char *word;
};
bool value_same(const struct value *a, const struct value *b); /* by value, not by print */

struct ids {
    int64_t *items; /* snapshots */
    uint32_t n, room;
};
void ids_add(struct arena *mem, struct ids *ids, int64_t id);
bool ids_same(const struct ids *a, const struct ids *b);
struct reading { /* what some of the pictures say */
    struct value value;
    struct ids from;
};
struct edit; /* edits.h */
struct dispute {
    const struct edit *edit;  /* a person said so; NULL: nobody did */
    struct value was;         /* what was read before the edit */
    struct reading *readings; /* all of them, the chosen one first; only where they differ */
    size_t reading_count;
};
/* Of a cache line's size: documents are mostly cells, and are walked through more than once. */
struct cell {
    struct value value;
    struct ids from;         /* sheets only */
    struct dispute *dispute; /* sheets only; NULL: all agree, and nobody changed it */
    bool doubtful;
};
/* The cell's own, for more to be said in it; made when it has none. */
struct dispute *cell_dispute(struct cell *c, struct arena *mem);
static inline bool cell_is_there(const struct cell *c) /* in the document */
{
    return c->dispute || c->value.type != CELL_ABSENT;
}
static inline const struct edit *cell_edit(const struct cell *c)
{
    return c->dispute ? c->dispute->edit : NULL;
}
static inline size_t cell_readings(const struct cell *c)
{
    return c->dispute ? c->dispute->reading_count : 0;
}

struct notes {
    const char **items;
    size_t n, room;
};
void notes_add(struct arena *mem, struct notes *notes, const char *text); /* kept, not copied */
void notes_add_once(struct arena *mem, struct notes *notes, const char *text);

struct row {
    const char *key;
    double confidence;
    struct notes notes;
    struct cell *cells; /* one per field of the extractor */
    struct list *lists; /* one per list of the rules; NULL: none */
    int64_t snapshot;   /* where it was read; sheets: 0 */
};

struct check {
    const char *name;
    bool ok;
    double weight, loss;
    const char *note;
};
enum page_text { PAGE_PLATFORM, PAGE_TITLE, PAGE_TIMEFRAME, PAGE_QUALITY, PAGE_TEXTS_ };
enum { CHECKS_MAX = 12 };

struct document {
    struct arena *mem;
    const struct extractor *x;
    const char *date;              /* the snapshot's, 2026-11-20; NULL or "": not known */
    const char *page[PAGE_TEXTS_]; /* "" when not visible */
    struct notes columns;
    struct row *rows;
    size_t row_count, dropped; /* dropped: rows with something in them that had no key */
    size_t misfits;            /* pictures only: rows that break what schema.json cannot say */
    const char *misfit;        /* the first of them, in words */
    struct check checks[CHECKS_MAX];
    size_t check_count;
    struct notes notes;
    double confidence;
};
/* A document with all that it is made of; freed together. */
struct paper {
    struct arena mem;
    struct document doc;
};
struct paper *paper_new(const struct extractor *x);
void paper_free(struct paper **p); /* NULL is fine */

const char *page_text_name(enum page_text t);
struct check *document_check(struct document *d, const char *name, double weight);
double document_round(double confidence); /* into 0..1, four decimals */
/* Mean of the rows, those dropped counted as nothing, less what the checks cost. */
double document_confidence(const struct document *d);

void document_write(const struct document *d, struct str *out);
/* Of a cell that a person changed: who says so, when, and what was read before. */
void document_write_edit(struct jw *w, const char *key, const struct cell *c);
/* json: a document that document_write made. ERR_UNPROCESSABLE when it is of another kind. */
MUST_CHECK bool document_read(const struct json *json, int64_t snapshot, struct document *out,
                              struct err *err);
