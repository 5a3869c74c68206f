/*
 * embed.h - files that travel inside the program, so that a service needs no folder of its own.
 *
 * common/embed.sh writes one C file per folder at build time:
 *     const struct embed_file NAME[]; const size_t NAME_count;   (sorted by file name)
 */
#pragma once

#include "common/base.h"

struct embed_file {
    const char *name;  /* "0001_init.sql", "app.js" */
    const char *bytes; /* NUL after the last, not counted */
    size_t n;
};
