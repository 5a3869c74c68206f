/*
 * join.h - words of one text that stand so far apart (monospaced, justified) that they became cells
 * of their own.
 *
 * Pure: joins neighbouring items of a page where both are words, of one size and tone, on one line.
 */
#pragma once

#include "local/reader/page.h"

void join_words(struct page *page);
