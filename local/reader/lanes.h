/*
 * lanes.h - the columns of people on a leaderboard. Pure.
 */
#pragma once

#include "local/reader/blocks.h"

int lanes_x(const struct blocks *b, int lane); /* left edge of its first name */

/* Wider ranks push names to the right: what was taken for several lanes becomes one again. Sorts
 * the blocks. */
void lanes_merge(struct blocks *b, double cap);
