/*
 * text.h - a printed text, such as a name, becomes a value: what looks the same gets the same
 * bytes. Pure, total.
 *
 * NFC; blanks of all kinds, line ends and control characters become one blank between words and
 * none at the ends. Marks of direction go from the ends; those that open or close a direction go
 * everywhere, because a half pair would turn what is shown behind it. So do characters that print
 * nothing (zero-width blank, soft hyphen). Joiners stay: emoji, Persian and Indic words need them.
 */
#pragma once

#include "common/arena.h"

/* At most max_chars characters, cut between whole signs (a flag, a family, a letter with its marks
 * is one). *cut: something went. Lies in mem. */
const char *text_clean(struct sv printed, size_t max_chars, struct arena *mem, bool *cut);
