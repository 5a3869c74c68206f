/*
 * profile.h - one person's page: name, handle, labelled figures, tokens, badges, as printed.
 *
 * Pure. In: a page. Out: plain values; "" where nothing is visible, a bit in `unsure` where it is
 * not certain.
 */
#pragma once

#include "local/reader/board.h"

#define TOKENS_MAX 40
#define BADGES_MAX 40

struct profile {
    struct row row; /* name, handle and figures; columns as in columns.def */
    char bio[300];
    struct {
        char token[24], sentiment[12], mentions[16];
    } token[TOKENS_MAX];
    size_t tokens;
    struct {
        char title[64], earned_on[24], rank[8]; /* rank: "#3", where the title begins so */
    } badge[BADGES_MAX];
    size_t badges;
};

void profile_read(const struct page *page, struct profile *out);

/* Is there anything of a person: a handle, or two figures? */
bool profile_is_readable(const struct profile *p);
