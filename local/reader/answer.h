/*
 * answer.h - what was read, written in the shape that a JSON Schema asks for.
 *
 * Pure. The schema's properties are written in its order; a name that this reader does not know
 * gets the emptiest value of its type.
 */
#pragma once

#include "common/json.h"
#include "common/json_write.h"
#include "local/reader/board.h"
#include "local/reader/profile.h"
#include "local/reader/top.h"

struct reading {
    const char *id;
    struct top top;
    const struct board *board;     /* or NULL */
    const struct profile *profile; /* or NULL */
};

void answer_write(const struct reading *r, const struct json *schema, struct jw *w);
