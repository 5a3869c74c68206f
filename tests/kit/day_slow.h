/*
 * day_slow.h - dates read slowly and in another way than analysis-svc/day.c: regular expressions
 * (POSIX) take the print apart, and the year is found by walking back through the calendar day by
 * day. ASCII alone. For one thread.
 */
#pragma once

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/base.h"

enum { DAY_SLOW_BACK = 366 * 9, DAY_SLOW_GROUPS = 10, DAY_SLOW_PATTERNS = 8 };

#define DS_B "[ \t\r\n]*"
#define DS_WEEKDAYS                                                                                \
    "(sun|mon|tue|wed|thu|fri|sat|sunday|monday|tuesday|tues|wednesday|thursday|thurs|"            \
    "friday|saturday)"
#define DS_WEEKDAY       "(" DS_WEEKDAYS "(\\.?,?)" DS_B ")?" /* before a digit */
#define DS_WEEKDAY_APART "(" DS_WEEKDAYS "(\\.,?|,|[ \t\r\n])" DS_B ")?"
#define DS_MONTH                                                                                   \
    "(january|february|march|april|may|june|july|august|september|october|november|december|"      \
    "jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)"
#define DS_DAY  "([0-9]{1,2})(st|nd|rd|th)?"
#define DS_GAP  DS_B "[./-]?" DS_B
#define DS_TAIL "(" DS_B "\\.?" DS_B "[,/-]?" DS_B "([0-9]{4}|'[0-9]{2})|" DS_B "\\.?)"

struct day_slow {
    int year, month, day, weekday; /* year -1: none; weekday -1: none */
};

/* Patterns are literals: each is compiled once, and known by its address. */
static inline const regex_t *day_slow_pattern(const char *pattern)
{
    static struct {
        const char *text;
        regex_t re;
    } made[DAY_SLOW_PATTERNS];
    size_t i = 0;

    while (i < DAY_SLOW_PATTERNS && made[i].text && made[i].text != pattern)
        i++;
    if (i == DAY_SLOW_PATTERNS)
        abort();
    if (!made[i].text && regcomp(&made[i].re, pattern, REG_EXTENDED | REG_ICASE) != 0)
        abort();
    made[i].text = pattern;
    return &made[i].re;
}

static inline bool day_slow_match(const char *pattern, const char *text, regmatch_t *at)
{
    return regexec(day_slow_pattern(pattern), text, DAY_SLOW_GROUPS, at, 0) == 0;
}

static inline int day_slow_number(const char *text, const regmatch_t *at)
{
    const char *p = text + at->rm_so;

    return *p == '\'' ? 2000 + (int)strtol(p + 1, NULL, 10) : (int)strtol(p, NULL, 10);
}

/* The place of the three letters among those of a list "janfeb..." */
static inline int day_slow_name(const char *text, const regmatch_t *at, const char *list)
{
    for (int i = 0; list[3 * i]; i++)
        if (strncasecmp(text + at->rm_so, list + 3 * (size_t)i, 3) == 0)
            return i;
    abort();
}

static inline bool day_slow_named(const char *text, bool day_first, struct day_slow *out)
{
    static const char day_front[] =
        "^" DS_B DS_WEEKDAY DS_DAY DS_GAP "(of" DS_B ")?" DS_MONTH DS_TAIL DS_B "$";
    static const char month_front[] =
        "^" DS_B DS_WEEKDAY_APART DS_MONTH DS_GAP DS_DAY DS_TAIL DS_B "$";
    regmatch_t at[DAY_SLOW_GROUPS];
    size_t day = day_first ? 4 : 5, month = day_first ? 7 : 4, tail = day_first ? 8 : 7;
    regmatch_t year[DAY_SLOW_GROUPS];
    char end[64];

    if (!day_slow_match(day_first ? day_front : month_front, text, at))
        return false;
    out->day = day_slow_number(text, &at[day]);
    out->month = day_slow_name(text, &at[month], "janfebmaraprmayjunjulaugsepoctnovdec") + 1;
    if (at[2].rm_so >= 0)
        out->weekday = day_slow_name(text, &at[2], "sunmontuewedthufrisat");
    snprintf(end, sizeof end, "%.*s", (int)(at[tail].rm_eo - at[tail].rm_so),
             text + at[tail].rm_so);
    if (!day_slow_match("([0-9]{4}|'[0-9]{2})$", end, year))
        return true;
    out->year = day_slow_number(end, &year[1]);
    return year[1].rm_so > 0; /* a blank or a mark stands before it */
}

/* order: 0 unknown, 1 day first, 2 month first. */
static inline bool day_slow_numbers(const char *text, int order, struct day_slow *out)
{
    static const char *const patterns[] = {
        "^" DS_B DS_WEEKDAY "([0-9]{4})" DS_B "([/.-])" DS_B "([0-9]{1,2})" DS_B "([/.-])" DS_B
        "([0-9]{1,2})" DS_B "$",
        "^" DS_B DS_WEEKDAY "([0-9]{1,2})" DS_B "([/.-])" DS_B "([0-9]{1,2})" DS_B "([/.-])" DS_B
        "([0-9]{4}|[0-9]{2})" DS_B "$",
        "^" DS_B DS_WEEKDAY "([0-9]{1,2})" DS_B "([/.-])" DS_B "([0-9]{1,2})" DS_B "(\\.?)$"};
    regmatch_t at[DAY_SLOW_GROUPS];
    size_t i = 0;

    while (i < COUNT_OF(patterns) && !day_slow_match(patterns[i], text, at))
        i++;
    if (i == COUNT_OF(patterns) || (i > 0 && order == 0))
        return false;
    if (at[7].rm_eo > at[7].rm_so && text[at[7].rm_so] != text[at[5].rm_so])
        return false;
    if (at[2].rm_so >= 0)
        out->weekday = day_slow_name(text, &at[2], "sunmontuewedthufrisat");
    if (i == 0)
        out->year = day_slow_number(text, &at[4]);
    else if (i == 1)
        out->year = day_slow_number(text, &at[8]) + (at[8].rm_eo - at[8].rm_so == 2 ? 2000 : 0);
    out->month = day_slow_number(text, &at[i == 0 || order == 1 ? 6 : 4]);
    out->day = day_slow_number(text, &at[i == 0 ? 8 : order == 1 ? 4 : 6]);
    return true;
}

/* Walk back from the last day that it may be. 0: there is none; 1: found; 2: found, but it may be
 * the day after. */
static inline int day_slow_walk(const struct day_slow *d, time_t near, char out[static 11])
{
    struct tm tm;
    time_t t = near + 86400;
    bool next = gmtime_r(&t, &tm) && tm.tm_mon + 1 == d->month && tm.tm_mday == d->day;

    for (int back = 0; back < DAY_SLOW_BACK; back++) {
        t = near - (time_t)back * 86400;
        gmtime_r(&t, &tm);
        if (tm.tm_mon + 1 != d->month || tm.tm_mday != d->day)
            continue;
        strftime(out, 11, "%Y-%m-%d", &tm);
        if (d->weekday >= 0)
            return tm.tm_wday == d->weekday;
        return next ? 2 : 1;
    }
    return 0;
}

static inline int day_slow_fixed(const struct day_slow *d, char out[static 11])
{
    struct tm tm = {.tm_year = d->year - 1900, .tm_mon = d->month - 1, .tm_mday = d->day};

    if (d->year < 1900 || d->year > 2199 || d->month < 1 || d->month > 12 || d->day < 1)
        return 0;
    timegm(&tm);
    if (tm.tm_mon + 1 != d->month || tm.tm_mday != d->day)
        return 0;
    strftime(out, 11, "%Y-%m-%d", &tm);
    return d->weekday < 0 || d->weekday == tm.tm_wday;
}

/* 0: no date; 1: a date; 2: one to look at. near: midnight of the snapshot's day, UTC. */
static inline int day_slow(const char *text, int order, time_t near, char out[static 11])
{
    struct day_slow d = {-1, 0, 0, -1};

    if (!day_slow_named(text, true, &d)) {
        d = (struct day_slow){-1, 0, 0, -1};
        if (!day_slow_named(text, false, &d)) {
            d = (struct day_slow){-1, 0, 0, -1};
            if (!day_slow_numbers(text, order, &d))
                return 0;
        }
    }
    return d.year < 0 ? day_slow_walk(&d, near, out) : day_slow_fixed(&d, out);
}
