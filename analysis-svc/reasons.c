/*
 * reasons.c - see reasons.h.
 */
#include "analysis-svc/reasons.h"

#include <stdio.h>
#include <string.h>

#include "analysis-svc/document.h"
#include "analysis-svc/glyph.h"

void reasons_say(char note[static REASONS_SIZE], const char *text)
{
    size_t n = strlen(note);

    if (*text && n + 3 < REASONS_SIZE)
        snprintf(note + n, REASONS_SIZE - n, "%s%s", n > 0 ? "; " : "", text);
    glyph_mend(note);
}

static size_t doubtful_rows(const struct document *d)
{
    size_t n = 0;

    for (size_t r = 0; r < d->row_count; r++) {
        bool any = false;

        for (size_t i = 0; i < d->x->field_count; i++)
            any = any || d->rows[r].cells[i].doubtful;
        n += any ? 1 : 0;
    }
    return n;
}

void reasons_explain(const struct document *d, char note[static REASONS_SIZE])
{
    char text[96] = "";

    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < d->check_count; i++)
            if (d->checks[i].loss > 0 && d->checks[i].ok == (pass == 1))
                reasons_say(note, d->checks[i].note);
    if (d->dropped > 0)
        snprintf(text, sizeof(text), "%zu rows were left out", d->dropped);
    reasons_say(note, text);
    snprintf(text, sizeof(text), "%zu of %zu rows have doubtful fields", doubtful_rows(d),
             d->row_count);
    if (doubtful_rows(d) > 0)
        reasons_say(note, text);
}

void reasons_of_confidence(const struct document *d, const char *whose,
                           char note[static REASONS_SIZE])
{
    char text[96];

    if (d->confidence >= d->x->review_below)
        return;
    snprintf(text, sizeof(text), "%sconfidence %.2f is below %.2f", whose, d->confidence,
             d->x->review_below);
    reasons_say(note, text);
}
