/*
 * align.h - which letter of ink stands for which character of a text.
 *
 * Pure. The recogniser says what a line reads, the ink says where its letters lie; letters that
 * touch are one piece of ink, and either side may have lost something. The cheapest way to walk
 * both from left to right is taken, by the widths that characters have.
 */
#pragma once

#include "local/reader/spell.h"

struct match {
    int letter; /* of the ink; -1: the ink lacks this character */
    int at;     /* place in the text; -1: the text lacks this letter */
    int shared; /* characters that this letter holds, 1: it stands alone */
};

/* shape: a class for each of the n letters ('_' for an underscore, spell.c). Returns the number of
 * matches in out, which has room for n and strlen(text) together; 0: too long. */
size_t align_text(const struct letter *l, const char *shape, size_t n, const char *text, double cap,
                  struct match *out);

/* How wide the ink of the first k characters is in common fonts, in capitals. */
double align_width(const char *text, size_t k);
