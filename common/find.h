/*
 * find.h - where bytes stand in other bytes: memmem(3) for long stretches in which the needle is
 * rare, such as a boundary in a picture.
 *
 * Compares the needle's first and last byte at 128 places at a time (AVX2, x86-64) and the rest of
 * it only where both fit; other processors take memmem. No copy, no allocation, any threads.
 */
#pragma once

#include <stddef.h>

#include "common/base.h"

const char *find_in(struct sv hay, struct sv needle); /* NULL: nowhere; an empty needle: at once */
