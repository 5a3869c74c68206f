/*
 * repair.h - what the rows of a leaderboard say about one another.
 *
 * Pure. Ranks count up, the figures of a column have the same number of decimals, a column that
 * people are ranked by falls. Where one cell breaks what all others keep, it is repaired and marked
 * unsure; a majority is always needed, and nothing is filled in but ranks.
 */
#pragma once

#include "local/reader/board.h"

void repair_board(struct board *b);
