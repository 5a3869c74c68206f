/*
 * extractor.h - an extractor is a folder of data: extractor.json, prompt.txt, schema.json. No C
 * knows a field by name.
 *
 * Loaded and checked at start; a fault is told with file and path. Immutable afterwards: shared by
 * all threads. The schema text that goes to a provider (answers of several pictures:
 * {"results":[{"id":…, …}]}) is made once here, so its bytes are the same in every call and
 * provider-side caches hit.
 */
#pragma once

#include "analysis-svc/day.h"
#include "common/base.h"
#include "common/err.h"
#include "common/json.h"
#include "common/str.h"

/* How a cell's text becomes a value. */
enum field_kind {
    FIELD_TEXT,
    FIELD_NUMBER,
    FIELD_PERCENT,
    FIELD_INTEGER,
    FIELD_HANDLE,
    FIELD_DATE
};

struct extractor_field {
    const char *name;
    enum field_kind kind;
    size_t max_chars;
    bool comma;           /* "decimal": "," in the rules: 1.234,5 is printed there */
    const char *period;   /* "7D": what its heading must say; "": any */
    int64_t hours;        /* the same (page_period.h) */
    enum day_order order; /* "order": "day month" or "month day": how 03/04 is meant there */
    struct sv head;       /* what its cell begins with in a document, up to its text */
};

struct extractor_key { /* fields that together tell a row from the others */
    int *fields;
    size_t n;
};
struct extractor_lack { /* a row without that field loses so much; FIELD_NONE: none has it */
    int field;
    double loss;
};
enum { EXTRACTOR_LACKS = 2 };
struct extractor_check { /* what is lost when it fails, and when it cannot be made */
    const char *name;
    double weight, unseen;
};

struct extractor {
    const char *name; /* = folder = snapshot type */
    int version;
    const char *timeframe; /* "24H", "7D" */
    const char *prompt;    /* system text */
    const char
        *rows; /* name of the rows array; NULL: the picture has one subject, itself the row */
    struct extractor_field *fields; /* cells of a row */
    size_t field_count;
    struct extractor_key *keys; /* the first that is all visible counts */
    size_t key_count;
    struct extractor_lack lacks[EXTRACTOR_LACKS];
    struct extractor_check *checks;
    size_t check_count;
    double review_below;                /* confidence under it: doubtful */
    struct str answer_schema;           /* wrapped, compact, fixed bytes */
    const struct json *rules;           /* the whole extractor.json, for merge and checks */
    const struct json *item_schema;     /* schema.json */
    const struct schema *result_schema; /* the same with `id`: one entry of results[] */
    struct extractor_own *own_;         /* what the pointers above stand on */
};

struct extractors {
    struct extractor *items;
    size_t n;
};

MUST_CHECK bool extractors_load(const char *folder, struct extractors *out, struct err *err);
void extractors_free(struct extractors *x);
/* A line for each folder: what it is, or what is wrong with it and where. False: something is. */
MUST_CHECK bool extractors_report(const char *folder, struct str *said);
const struct extractor *extractors_find(const struct extractors *x,
                                        const char *name); /* NULL: none */
