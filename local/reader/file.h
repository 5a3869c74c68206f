/*
 * file.h - the reader at the command line: one picture, one schema, one answer on standard output.
 */
#pragma once

#include "common/err.h"

MUST_CHECK bool file_print(const char *image, const char *schema, struct err *err);
