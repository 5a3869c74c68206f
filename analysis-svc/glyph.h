/*
 * glyph.h - signs that pages print around a value: blanks of all kinds, dashes, and UTF-8 ends.
 * Pure.
 */
#pragma once

#include "common/base.h"

bool glyph_skip(struct sv *text, const char *sign);     /* take it off the front */
bool glyph_skip_end(struct sv *text, const char *sign); /* take it off the end */
struct sv glyph_trim(struct sv text); /* without blanks (no-break, thin, ...) at both ends */
bool glyph_is_none(struct sv text);   /* empty, dashes only, or N/A */
struct sv glyph_cut(struct sv text, size_t chars); /* at most so many characters, whole signs */

/* Make a text UTF-8 in place: a character cut off at the end goes, other bad bytes become '?'. */
void glyph_mend(char *text);
