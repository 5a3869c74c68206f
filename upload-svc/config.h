/* config.h - config.def as a struct, and what follows from it. */
#pragma once

#include "common/conf.h"
#include "common/err.h"

struct upload_conf {
#define CONF(TYPE, field, env, dflt, min, max, flags, help) CONF_C_##TYPE field;
#include "upload-svc/config.def"
#undef CONF
};

extern const struct conf_item upload_config_items[];
extern const size_t upload_config_count;

/* Read the environment. false: `faults` has a line per fault. */
MUST_CHECK bool upload_config_load(conf_get_fn *get, struct upload_conf *out, struct str *faults);

/* Is that address reached from this machine only? */
bool upload_config_loopback(const char *bind);

/* The headers of every answer, with a policy that lets the page load nothing but its own files and
 * pictures from the browser's S3 host. */
void upload_config_headers(const struct upload_conf *c, struct str *out);
