/*
 * heading.h - the words of a heading or label to the column that it names.
 *
 * Pure. Letters may be misread: a word counts when it differs from the known one in one letter of
 * five.
 */
#pragma once

#include "common/base.h"

enum column {
#define COLUMN(name, row, profile) COL_##name,
#include "local/reader/columns.def"
#undef COLUMN
    COL_COUNT_
};

enum column heading_column(const char *text); /* COL_NONE: no heading */
bool heading_is_period(const char *text);     /* "24H", "7D", "30D", "YTD" alone */
const char *column_row_field(enum column c);
const char *column_profile_field(enum column c);
bool column_is_figure(enum column c); /* its values are numbers in the columns of a leaderboard */
enum column column_of_row_field(const char *field); /* COL_NONE: unknown */

/* Same word but for misread letters. */
bool word_like(struct sv a, const char *known);
