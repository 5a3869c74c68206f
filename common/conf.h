/*
 * conf.h - settings: one table per service, read from the environment, all faults told at once.
 *
 *     CONF(TYPE, field, "ENV_NAME", "default" or NULL, min, max, flags, "help sentence")
 * TYPE: INT, SIZE (KiB MiB GiB), MS (ms s m h d), TEXT, BOOL (on off true false yes no 1 0),
 * SECRET. min and max bound the number, or the length of a text. The table makes the struct, the
 * parser, --help,
 * --print-config (secrets masked) and docs/config.md. Text fields point into the environment: do
 * not change it.
 */
#pragma once

#include "common/base.h"
#include "common/secret.h"
#include "common/str.h"

enum conf_type { CONF_INT, CONF_SIZE, CONF_MS, CONF_TEXT, CONF_BOOL, CONF_SECRET };
enum conf_flag { CONF_OPTIONAL = 0, CONF_REQUIRED = 1 };

#define CONF_C_INT    int64_t
#define CONF_C_SIZE   int64_t
#define CONF_C_MS     int64_t
#define CONF_C_TEXT   const char * /* "" when optional and not set */
#define CONF_C_BOOL   bool
#define CONF_C_SECRET struct secret

struct conf_item {
    enum conf_type type;
    const char *env, *dflt;
    int64_t min, max;
    unsigned flags;
    const char *help;
    size_t offset; /* of the field in the service's struct */
};

typedef const char *conf_get_fn(const char *name); /* getenv's shape */

/* Fill *into. false: `faults` holds a line per fault, "NAME: what is wrong (what it is for)". */
MUST_CHECK bool conf_load(const struct conf_item *items, size_t n, conf_get_fn *get, void *into,
                          struct str *faults);
void conf_help(const struct conf_item *items, size_t n, struct str *out); /* for --help */
void conf_markdown(const struct conf_item *items, size_t n,
                   struct str *out); /* table rows for docs/config.md */
void conf_print(const struct conf_item *items, size_t n, const void *from,
                struct str *out); /* NAME=value */
