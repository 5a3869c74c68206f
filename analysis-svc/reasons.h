/*
 * reasons.h - why a person should look, in words, from a document's checks and rows. Pure.
 */
#pragma once

#include "common/base.h"

struct document;

enum { REASONS_SIZE = 240 };

/* Texts into note, "; " between them; cut at its end, at a whole character. */
void reasons_say(char note[static REASONS_SIZE], const char *text);
/* What failed first, then what could not be seen, then how many rows are concerned. */
void reasons_explain(const struct document *d, char note[static REASONS_SIZE]);
/* The confidence, when it is below what the rules ask for, and the reasons. Whose: "" or "the
 * sheet's ". */
void reasons_of_confidence(const struct document *d, const char *whose,
                           char note[static REASONS_SIZE]);
