/* config.h - config.def as a struct. */
#pragma once

#include "common/conf.h"
#include "common/err.h"

struct analysis_conf {
#define CONF(TYPE, field, env, dflt, min, max, flags, help) CONF_C_##TYPE field;
#include "analysis-svc/config.def"
#undef CONF
};

extern const struct conf_item analysis_config_items[];
extern const size_t analysis_config_count;

/* Read the environment. false: `faults` has a line per fault. */
MUST_CHECK bool analysis_config_load(conf_get_fn *get, struct analysis_conf *out,
                                     struct str *faults);
