/*
 * lettering.h - the look-alikes in a handle, settled by the shapes of their ink.
 *
 * Pure. O and 0 differ in width, 1 from l and I too; l and I only in height, by a few hundredths:
 * those are noted with their heights, for the page to decide (tall.h).
 */
#pragma once

#include "local/reader/spell.h"

#define STROKES_MAX 20
#define HANDLE_MAX  23 /* bytes */

enum stroke_kind {
    STROKE_BAR,       /* l or I */
    STROKE_DOTLESS,   /* it was read as an i, but no dot is seen */
    STROKE_DOTTED,    /* an i */
    STROKE_ASCENDING, /* b d h k */
    STROKE_CAPITAL    /* a capital with a stem */
};

struct stroke {
    enum stroke_kind kind;
    unsigned at;          /* place in the handle */
    int w;                /* pixels */
    double height, thick; /* pixels and parts of one */
};

struct lettering {
    struct stroke stroke[STROKES_MAX];
    size_t n;
    short width[HANDLE_MAX + 1]; /* of each character's ink, pixels; 0: it shares its ink */
    bool sure;                   /* nothing but its bars is in doubt */
};

/* Correct a handle without its '@'. `first` is the letter where it begins (after the '@'). */
void lettering_settle(const struct cell *cell, size_t first, char *handle, size_t size,
                      struct lettering *out);

/* What a bar in this place is when nothing else tells: an l, but an I among capitals. */
char lettering_bar(const char *handle, size_t at);
