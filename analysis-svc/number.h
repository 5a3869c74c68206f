/*
 * number.h - a printed figure becomes a number. Pure, total, deterministic.
 *
 * Taken: 1,234.50  1.2K 1.5M 2B 1T  $3 and the like, signs + - and the Unicode minus, arrows up and
 * down as signs; no-break blanks or apostrophes between groups of three; in rupees 12,34,567;
 * digits and marks of full width, Arabic-Indic and Persian. Percent also 0.022% (percent points), 3
 * per mille and 12 bps. Whole numbers also #3, 3rd, a medal, a key cap. Decimal arithmetic: 10.29K
 * is exactly 10290; at most 15 digits, so every whole value is exact in a double. What could be
 * meant in two ways (1,23 or 10K+ or <1%) is bad, never a guess.
 */
#pragma once

#include "common/base.h"

enum number_kind { NUMBER_ANY, NUMBER_PERCENT, NUMBER_WHOLE };
enum number_read { NUMBER_OK, NUMBER_NONE, NUMBER_BAD };

/* NUMBER_NONE: nothing printed, a dash, N/A. *out is set for NUMBER_OK only. */
enum number_read number_parse(struct sv text, enum number_kind kind, double *out);
/* The same where the column says that the comma is the decimal mark: 1.234,5. */
enum number_read number_parse_comma(struct sv text, enum number_kind kind, double *out);
