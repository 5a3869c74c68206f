/*
 * labels.h - the figure that belongs to a label: beside it, under it, or over it. Pure.
 */
#pragma once

#include "local/reader/page.h"

/* NULL: none near enough. Only figures inside `area` count. */
const struct item *labels_value(const struct page *page, const struct item *label,
                                const struct box *area);
