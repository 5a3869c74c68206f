/*
 * widths.h - a letter is as wide in one handle as in all others.
 *
 * Pure. Where it is not, it was misread, or its ink holds a second letter: "ri" where "1" stands.
 */
#pragma once

#include "local/reader/page.h"

/* Handles with a letter of another width than its likes become doubtful. Before tall_judge. */
void widths_judge(struct page *page);
