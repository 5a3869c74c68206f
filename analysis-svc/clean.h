/* clean.h - words from outside made fit for a row: valid UTF-8, whatever was cut where. Pure. */
#pragma once

#include "common/base.h"

/* Copy at most size - 1 bytes; what is no UTF-8 becomes "?", a character cut in half is left out.
 * Gives out, NULL when nothing is left. NULL is empty. */
const char *clean_copy(const char *from, char *out, size_t size);
