/*
 * figure_ink.h - is all the ink of a figure in its text, and nothing else?
 *
 * Pure. A figure that was read with a digit too many or too few is the worst that can happen:
 * whatever does not add up makes it doubtful.
 */
#pragma once

#include "local/reader/page.h"

/* Points and signs come back from the ink; an arrow in front (+1, -1) is the sign. */
void figure_ink_check(struct item *it, const struct cell *c, int arrow);

/* A figure with a blank in it: an arrow that was read as a digit ("4 1.43%") goes. true: there was
 * a blank, so the figure is doubtful. */
bool figure_ink_blank(char *text);

/* Figures that nearly touch are one that fell apart. */
void figure_ink_neighbours(struct page *page);
