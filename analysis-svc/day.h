/*
 * day.h - a printed date becomes a day, 2026-03-04. Pure, total, never a guess.
 *
 * Taken: Mar 4, 4 March, 4th of Mar, Mar. 04, 4-Mar, each with a weekday before it and a year (2026
 * or '26) behind it; 2026-03-04; and 03/04, 3.4.2026, 03-04-26 where the column says the order.
 * English names; digits of full width, Arabic-Indic and Persian. Without a year it is the one that
 * makes the day nearest to, and not after, the snapshot's. What may be meant in two ways (03/04
 * alone, Mar '26, a weekday that was another day) is bad, never a guess.
 */
#pragma once

#include "common/base.h"

enum { DAY_SIZE = 11 };
enum day_order { DAY_ORDER_NONE, DAY_ORDER_DAY_FIRST, DAY_ORDER_MONTH_FIRST };
struct day_rule {
    enum day_order order; /* of numbers alone; NONE: the column does not say */
    const char *near;     /* the snapshot's date, 2026-11-20; NULL or "": not known */
};

/* DAY_NONE: nothing printed, a dash, N/A. DAY_DOUBTFUL: read by the rule, and yet a person should
 * look: without its year it is the day after the snapshot's, which some time zone may have had. */
enum day_read { DAY_OK, DAY_NONE, DAY_BAD, DAY_DOUBTFUL };

/* out is set for DAY_OK and DAY_DOUBTFUL. *why: words for a note, for DAY_BAD and DAY_DOUBTFUL;
 * else NULL. */
enum day_read day_parse(struct sv text, const struct day_rule *rule, char out[static DAY_SIZE],
                        const char **why);
