/*
 * page_period.h - the period that a page says it shows: "24H", "Last 24 hours", "7D", "Past week".
 * Pure.
 */
#pragma once

#include "common/base.h"

/* A period in hours; or one of these. */
enum { PERIOD_NONE = 0, PERIOD_YTD = -1, PERIOD_ALL = -2, PERIOD_SEVERAL = -3 };

/* PERIOD_NONE: the text names none. PERIOD_SEVERAL: it names different ones (a row of tabs). */
int64_t page_period(struct sv text);
