/*
 * place.h - a folder of a test's own under TMPDIR, and the scripts of local/ that work in one.
 */
#pragma once

#include <stdbool.h>

enum { KIT_PLACE_SIZE = 128 };

/* "$TMPDIR/snapkey-NAME-XXXXXX", made now; false: it cannot be. The caller removes it. */
bool kit_place(const char *name, char out[static KIT_PLACE_SIZE]);
/* Run a program, its output unheard; its exit status. */
int kit_script(const char *const argv[]);
