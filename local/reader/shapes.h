/*
 * shapes.h - columns without a header: what the figures themselves prove. Pure.
 */
#pragma once

#include "local/reader/board.h"

/* Per person the figures of his row from the left, in figures[person * SHAPE_COLUMNS]; NULL: none.
 * Column j of all persons is judged together; out[j] is what it is, COL_NONE when its figures do
 * not prove it. */
void shapes_judge(const struct item *const *figures, size_t persons,
                  enum column out[SHAPE_COLUMNS]);

/* Is a column without a header sure to be what shapes_judge says? A share that falls from row to
 * row, a change: yes; of counts only a header could say of what they are. */
bool shapes_sure(enum column c);
