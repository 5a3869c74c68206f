/*
 * board.h - a leaderboard: who stands on it, with what figures, as printed.
 *
 * In:      a page.
 * Out:     rows from lane to lane. A cell that is not visible is "", a cell that is not certain has
 * its bit in `unsure`. Which figure is what, the header says, or the labels of a card; without
 * either, those of another picture of the same call, where they fit; without any, only what the
 * shape of a column proves is filled in, and the rest left empty or unsure. Holds: the array of
 * rows; board_free gives it back. Pure.
 */
#pragma once

#include "local/reader/lent.h"

#define CELL_TEXT_MAX 96
#define HEADINGS_MAX  16

struct row {
    char cell[COL_COUNT_][CELL_TEXT_MAX];
    uint32_t unsure; /* bit per enum column */
    double y;        /* middle of the person's block */
    int lane;
};

struct board {
    struct row *rows;
    size_t n;
    int lanes;
    char heading[HEADINGS_MAX][CELL_TEXT_MAX]; /* as printed, from the left */
    size_t headings;
};
#define BOARD_INIT                                                                                 \
    {                                                                                              \
        .n = 0                                                                                     \
    }

/* lent: headings of the call's other pictures, kept from picture to picture; NULL: there are none.
 */
void board_read(const struct page *page, struct lent *lent, struct board *out);
void board_free(struct board *b);

/* Set a cell; sure below `least` or a doubtful item sets its bit. */
void row_set(struct row *row, enum column c, const struct item *it, int least);
