/*
 * clock.h - time. Monotonic for waiting and measuring, wall time for people and signatures.
 */
#pragma once

#include "common/base.h"

int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
int64_t clock_wall_s(void); /* seconds since 1970, UTC */
int64_t clock_wall_ms(void);
void clock_sleep_ms(int64_t ms);

enum { CLOCK_ISO_SIZE = 25, CLOCK_DAY_SIZE = 11, CLOCK_AMZ_SIZE = 17 };
void clock_iso(int64_t wall_ms, char out[static CLOCK_ISO_SIZE]); /* 2026-11-22T10:00:00.000Z */
void clock_day(int64_t wall_s, char out[static CLOCK_DAY_SIZE]);  /* 2026-11-22 */
void clock_amz(int64_t wall_s, char out[static CLOCK_AMZ_SIZE]);  /* 20261122T100000Z */
bool clock_parse_day(struct sv text, int64_t *wall_s); /* a real YYYY-MM-DD, midnight UTC */
bool clock_parse_iso(struct sv text,
                     int64_t *wall_s); /* 2026-11-22T10:00:00Z; a fraction is passed over */
bool clock_parse_http(const char *text, int64_t *wall_s); /* IMF-fixdate (RFC 9110 5.6.7) */
