/*
 * areas.h - gives every block of a leaderboard the area of the page that is its own.
 *
 * Pure. Fills `area` and `cards`; answers the distance from one person to the next in a lane.
 */
#pragma once

#include "local/reader/blocks.h"

double areas_set(const struct page *page, struct blocks *b);
