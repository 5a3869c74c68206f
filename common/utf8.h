/*
 * utf8.h - is this text? UTF-8 as RFC 3629 allows it: no overlong forms, no surrogates, no code
 * point above U+10FFFF.
 */
#pragma once

#include "common/base.h"

size_t utf8_step(struct sv text); /* bytes of the character at its start; 0: not UTF-8, or empty */
bool utf8_ok(struct sv text);     /* all of it */
