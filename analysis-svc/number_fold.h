/*
 * number_fold.h - a figure in the signs that number.c knows: ASCII for digits and marks of full
 * width, Arabic-Indic and Persian; nothing for marks that only say how to show it. Pure.
 */
#pragma once

#include "common/base.h"

enum { NUMBER_FOLDED_MAX = 256 };

/* comma: the decimal mark; points and commas before a digit change places, so that 1,234.5 alone is
 * left to be read. *n: bytes in out. False: too long for a figure. */
bool number_fold(struct sv in, bool comma, char out[static NUMBER_FOLDED_MAX], size_t *n);
