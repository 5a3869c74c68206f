/*
 * form_kit.h - reading a form twice: through common/multipart, and slowly with everything in hand.
 *
 * Both write the same transcript: a line per whole part, then "end" or "refused". An entry is a
 * body with the boundary "bnd", or a line "Content-Type: ..." and a body with that one's.
 */
#pragma once

#include "common/base.h"
#include "common/str.h"

#define FORM_TYPE "multipart/form-data; boundary=bnd"
enum { FORM_PARTS_MAX = 20 };

struct form_pace {
    size_t first; /* bytes in the first read; 0: as many as fit */
    size_t then;  /* in each one after it; 0: as many as fit */
    size_t peek;  /* bytes to look at before each part is read; 0: none */
    size_t room;  /* that reads are given; 0: none */
};

void form_read(struct sv entry, struct form_pace pace, struct str *transcript);
void form_reference(struct sv entry, struct str *transcript);
