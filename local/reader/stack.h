/*
 * stack.h - a name over its handle, in a column of texts. Pure.
 */
#pragma once

#include "local/reader/page.h"

/* A name, and close under it what may be its handle. */
bool stack_is(const struct item *upper, const struct item *lower);
/* Are at[i] and the one after it a name and its handle? stacked: how many of these n texts, from
 * the top, are names in the sense of stack_is. */
bool stack_begins(const struct item *const *at, size_t n, size_t stacked, size_t i);
