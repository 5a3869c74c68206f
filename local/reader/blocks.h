/*
 * blocks.h - who stands where on a leaderboard: one block of name and handle per person.
 *
 * In:      a page.
 * Out:     blocks from lane to lane, from the top; each with the area of the page that is its own.
 *          A lane is a column of people: a plain table has one, a grid of cards several.
 *          People are found by what repeats: texts that begin at one x, again and again; '@' helps,
 * but is not needed. Holds:   pointers into the page's items. Pure.
 */
#pragma once

#include "local/reader/page.h"

#define BLOCKS_MAX 400

struct block {
    const struct item *name, *handle; /* either may be NULL, not both */
    struct box at;
    struct box area;
    int lane;
};

struct blocks {
    struct block at[BLOCKS_MAX];
    size_t n;
    int lanes;
    bool signs; /* handles bear an '@' on this page */
    bool cards; /* labels repeat in every block: values hang below the name, not beside it */
};

void blocks_find(const struct page *page, struct blocks *out);

bool same_row(const struct item *a,
              const struct item *b); /* their middles are within half a capital */
bool inside(const struct box *area, const struct item *it); /* its middle lies in the area */
