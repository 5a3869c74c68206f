/* ear.h - what this process says on standard error while somebody listens: log lines. One at a
 * time. */
#pragma once

#include <stddef.h>

void kit_ear_open(void);         /* from here on it goes into a file */
const char *kit_ear_close(void); /* all of it; valid until the next kit_ear_open */
