/*
 * figure.h - a number as it is printed: "1,234", "10.29K", "+0.45%", "#12".
 *
 * Pure. figure_clean undoes what recognisers do to digits (O for 0, l for 1, long dashes) and says
 * whether the text is a figure at all; it never adds or drops a digit.
 */
#pragma once

#include "common/base.h"

#define FIGURE_MAX 32

struct figure {
    double value; /* with K, M, B applied and the sign */
    int decimals; /* digits after the point */
    char suffix;  /* 'K', 'M', 'B' or 0 */
    char sign;    /* '+', '-' or 0 */
    bool percent;
    bool comma; /* thousands are set off */
};

/* Clean text; false: not a figure, out is "". A leading '#' and a trailing '.' are allowed and
 * dropped. */
bool figure_clean(const char *text, char out[FIGURE_MAX]);
bool figure_parse(const char *clean, struct figure *out);
bool figure_is_rank(const char *clean, int *out); /* 1..9999, digits alone */
