/*
 * page_platform.h - which site of proto/platform.def a page names. Pure.
 */
#pragma once

#include "common/base.h"

bool page_platform_known(const char *wire); /* is it one of proto/platform.def? */

enum seen { SEEN_NONE, SEEN_SAME, SEEN_OTHER };

/* Does the text name the expected site (wire name), another known one (*other: its label), or none
 * that we know? A text that names the expected one and others counts as the same. */
enum seen page_platform(struct sv text, const char *expected, const char **other);
