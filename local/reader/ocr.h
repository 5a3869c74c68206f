/*
 * ocr.h - one line of ink to text, by Tesseract.
 *
 * In:      the glyphs of one cell.
 * Out:     its words and how sure Tesseract is of the least sure one (0..100).
 * Holds:   a recogniser with the English model, about 40 MB.
 * Threads: an ocr belongs to one thread. OMP_THREAD_LIMIT=1 must be in the environment before the
 *          process starts, or each call wakes a pool of threads and takes ten times as long.
 * Errors:  ocr_open: ERR_INTERNAL, the model is missing. Reading cannot fail, only find nothing.
 */
#pragma once

#include "local/reader/cells.h"
#include "local/reader/picture.h"

#define OCR_TEXT_MAX 200

struct ocr;

enum ocr_how { /* which characters may appear, and how large the line is shown */
               OCR_ALL,
               OCR_FIGURE,
               OCR_HANDLE, /* somewhat larger */
               OCR_SMALL   /* any character, somewhat smaller */
};

struct ocr_line {
    char text[OCR_TEXT_MAX];
    int sure; /* 0..100, of the least sure word; 0 with empty text */
};

MUST_CHECK bool ocr_open(struct ocr **out, struct err *err);
void ocr_free(struct ocr **ocr);

/* Read one line: the glyphs of a cell. */
void ocr_read(struct ocr *ocr, const struct picture *pic, const struct cell *cell, enum ocr_how how,
              struct ocr_line *out);
