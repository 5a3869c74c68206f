/*
 * id.h - identifiers: random UUIDs (RFC 9562 v4, libuuid) and short request ids; and random
 * numbers.
 */
#pragma once

#include "common/base.h"

enum { ID_SIZE = 37, ID_SHORT_SIZE = 13 };
struct id {
    char text[ID_SIZE]; /* lower case, 8-4-4-4-12, NUL-terminated */
};

struct id id_new(void);
bool id_parse(struct sv text, struct id *out); /* any case in, lower case out */
void id_short(char out[static ID_SHORT_SIZE]); /* 12 random lower-case letters and digits */
uint64_t rnd_u64(void); /* for jitter and ids, seeded from the kernel per thread */
double rnd_unit(void);  /* 0 <= x < 1 */
