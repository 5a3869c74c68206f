/*
 * sizes.h - measures of letters of one style, and what is usual among them.
 *
 * Pure. A page prints its handles in one font and size: what one letter measures, its likes measure
 * too.
 */
#pragma once

#include "local/reader/page.h"

#define SIZES_MAX 512

struct sizes {
    double at[SIZES_MAX];
    size_t n;
};

/* Are two items of one print: kind, size and tone? */
bool sizes_same_style(const struct item *a, const struct item *b);

void sizes_add(struct sizes *s, double size); /* what is too many is left out */
double sizes_middle(struct sizes *s);         /* sorts them; there must be one */

/* Do most lie near the middle? */
bool sizes_are_steady(const struct sizes *s, double middle, double slack);
