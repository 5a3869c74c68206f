/* command.h - what upload-svc does instead of serving: --help, --print-config, --config-markdown,
 * --migrate-only, --token-create, --adopt, --sweep-lift. */
#pragma once

#include "common/base.h"
#include "upload-svc/config.h"

/* Commands that need no settings. true: done, *status is the exit status. */
bool command_plain(int argc, char *const argv[], int *status);
/* Those that do. true: done. */
bool command_with(const struct upload_conf *conf, int argc, char *const argv[], int *status);
