/*
 * csv.h - one field after the other of a CSV file (RFC 4180), safe to open in a spreadsheet. Pure.
 *
 * A text that a spreadsheet would take for a formula (it begins with = + - @, tab or return, or
 * their full-width forms, blanks before it or not) is led in by an apostrophe, which shows it as
 * text. Numbers are written by csv_number and stay numbers, negative ones too.
 */
#pragma once

#include "common/str.h"

void csv_text(struct str *out, struct sv text);
void csv_number(struct str *out, double n);
void csv_comma(struct str *out);
void csv_end(struct str *out); /* of a line */
