/*
 * extract.h - one picture's judged result becomes a document: values beside the printed text,
 * checks, confidence. Pure.
 *
 * The document's form is in proto/README.md. A value that does not parse is null with a note, never
 * a guess.
 */
#pragma once

#include "analysis-svc/extractor.h"
#include "analysis-svc/fail.h"
#include "analysis-svc/reasons.h"
#include "common/str.h"

struct expected {          /* what the form said */
    const char *platform;  /* wire name of platform.def */
    const char *timeframe; /* "24H" */
    const char *handle;    /* lower case without @; "" when the type needs none */
    const char *campaign;  /* title, "" when none */
    const char *date;      /* of the snapshot, 2026-11-20 */
};

struct paper; /* document.h */

struct extracted {
    enum image_state state;  /* IMAGE_EXTRACTED, IMAGE_DOUBTFUL or IMAGE_FAILED */
    enum fail_code fail;     /* FAIL_NONE unless failed */
    double confidence;       /* 0..1 */
    char note[REASONS_SIZE]; /* in words, "" when none */
    struct paper *paper;     /* the document, to be written; NULL: nothing was read */
    bool as_read;            /* it is what would be read back of what is written */
};
void extracted_free(struct extracted *e);

void extract_document(const struct extractor *x, const struct json *item,
                      const struct expected *want, struct extracted *out);
