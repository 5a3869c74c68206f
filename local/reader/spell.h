/*
 * spell.h - what the shapes of the ink say about a text that the recogniser read.
 *
 * Pure. The recogniser loses points, minus signs and underscores and mixes up O and 0, I and l and
 * 1; the pieces of ink are still there and can be counted and measured. Nothing is changed unless
 * pieces and characters can be matched one to one.
 */
#pragma once

#include "local/reader/cells.h"

#define LETTERS_MAX 64

struct letter {
    struct box at;
    int pieces;         /* 2: an i, a colon, a per cent sign */
    int tallest;        /* height of its tallest piece */
    double stem, thick; /* of its tallest piece (glyph.h) */
};

/* The letters of a cell from left to right: pieces above one another are one letter. */
size_t spell_letters(const struct cell *cell, struct letter out[LETTERS_MAX]);

/* How many of them stand before the first word gap. */
size_t spell_first_word(const struct cell *cell);

/* Put lost points, commas and minus signs back into a cleaned figure. true: it was changed. */
bool spell_figure(const struct cell *cell, char *figure, size_t size);

/* The same with a class for each: 'D' digit or letter, '.' or ',' on the line, '-' in the middle,
 * '_' under it, '?' something else. */
size_t spell_shapes(const struct cell *cell, struct letter l[LETTERS_MAX], char out[LETTERS_MAX]);

/* "Ox", "O0x" at the start of a name or handle is "0x", as people of this trade write it. */
void spell_zero_x(char *text, bool handle);

/* An l that opens a word before a consonant is an I, a '!' inside one an l. */
void spell_name(char *text);

/* Is glyph i an underscore: flat, on or under the line? */
bool spell_is_underscore(const struct cell *cell, size_t i);

/* Does the cell begin with an '@'? Judged by size alone: larger than capitals, as wide as high. */
bool spell_begins_with_at(const struct cell *cell);
