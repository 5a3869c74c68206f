/*
 * tall.h - l or I: what the strokes of a page say together.
 *
 * Pure. In most fonts an l is as high as a b or d and an I as high as a capital, or the I is the
 * thicker of the two; either differs by some hundredths only. Over all handles of one style the
 * sizes are known well enough to tell; where they are not, or are the same, a handle stays in
 * doubt.
 */
#pragma once

#include "local/reader/page.h"

/* Settle the bars in all items that may be handles; those that cannot be settled are doubtful. */
void tall_judge(struct page *page);
