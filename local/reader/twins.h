/*
 * twins.h - digits that look the same must be read the same.
 *
 * A page prints hundreds of digits in one font. Each is compared with all others: one that looks
 * like the sevens but was read as a 1 makes its figure doubtful.
 * Holds: samples of the ink; twins_free gives them back. Pure but for that.
 */
#pragma once

#include "local/reader/page.h"
#include "local/reader/picture.h"

#define TWIN_W 10
#define TWIN_H 14

struct twin {
    size_t item;
    char digit;
    double cap, slim; /* height of the capitals around it; its width by its height */
    unsigned char ink[TWIN_W * TWIN_H];
};

struct twins {
    struct twin *at;
    size_t n, room;
};
#define TWINS_INIT                                                                                 \
    {                                                                                              \
        .n = 0                                                                                     \
    }

void twins_add(struct twins *twins, const struct twin *twin);
/* The digits of a figure, where its ink and its text can be matched one to one. */
void twins_note(struct twins *twins, const struct picture *pic, const struct cell *cell,
                const struct item *it, size_t item);
void twins_judge(const struct twins *twins, struct page *page);
void twins_free(struct twins *twins);
