/*
 * people.h - how many people stand on several boards, each counted once.
 *
 * In: the boards' lists of people, a 64-bit hash each (analysis.board.people), as db_list.h reads
 * them. Postgres itself sorts them, which took half the time of /intelligence. Pure. Errors:
 * ERR_INTERNAL, bytes that are not such lists; ERR_BUSY, no memory.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"

MUST_CHECK bool people_count(struct sv lists, int64_t *n, struct err *err);
