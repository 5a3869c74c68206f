/* meta.h - what the tables of proto/ say, for those who cannot include them. */
#pragma once

#include "common/base.h"

bool meta_platform_known(const char *wire);
