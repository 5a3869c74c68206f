/*
 * day.c - see day.h.
 */
#include "analysis-svc/day.h"

#include <stdio.h>
#include <string.h>

#include "analysis-svc/glyph.h"
#include "analysis-svc/number_fold.h"
#include "common/clock.h"

enum { WORD_SIZE = 12, YEAR_LEAST = 1900, YEAR_MOST = 2199, DAY_S = 86400, LEAP_GAP = 8 };

static const char *const months[] = {"january",   "february", "march",    "april",
                                     "may",       "june",     "july",     "august",
                                     "september", "october",  "november", "december"};
static const char *const weekdays[] = {"sunday",   "monday", "tuesday", "wednesday",
                                       "thursday", "friday", "saturday"};
/* Longer than three letters, and yet not the whole name. */
static const char *const clipped[] = {"sept", "tues", "thurs"};

static const char no_date[] = "is no date";
static const char no_order[] = "may be read in two ways: the column does not say whether the day "
                               "or the month comes first";
static const char no_year[] = "has no year, and nothing says which is meant";
static const char no_day[] = "is no day of the calendar";
static const char other_weekday[] = "was another day of the week";
static const char tomorrow[] = "has no year, and is the day after the picture's: read as the year "
                               "before";

/* What has been read off the print; 0: not there (year, weekday: -1, as a year may be printed
 * 0000). */
struct print {
    struct sv rest;
    int year, month, day, weekday;
};

static void skip_blanks(struct print *p) { p->rest = glyph_trim(p->rest); }

static bool skip_one(struct print *p, const char *of)
{
    if (p->rest.n == 0 || !strchr(of, p->rest.p[0]))
        return false;
    p->rest = (struct sv){p->rest.p + 1, p->rest.n - 1};
    return true;
}

static bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The letters at the front, in lower case; "" when there are none, or too many. */
static void take_word(struct print *p, char word[static WORD_SIZE])
{
    size_t n = 0;

    while (n < p->rest.n && is_letter(p->rest.p[n]))
        n++;
    word[0] = '\0';
    if (n == 0 || n >= WORD_SIZE)
        return;
    for (size_t i = 0; i < n; i++)
        word[i] = (char)(p->rest.p[i] | 0x20);
    word[n] = '\0';
    p->rest = (struct sv){p->rest.p + n, p->rest.n - n};
}

static bool is_name(const char *word, const char *name)
{
    size_t n = strlen(word);

    if (n == 3 || n == strlen(name))
        return strncmp(word, name, n) == 0;
    for (size_t i = 0; i < COUNT_OF(clipped); i++)
        if (strcmp(word, clipped[i]) == 0)
            return strncmp(word, name, n) == 0;
    return false;
}

/* Its place in the list; -1: no name of it, and nothing was taken. */
static int take_name(struct print *p, const char *const *names, size_t n)
{
    struct sv before = p->rest;
    char word[WORD_SIZE];

    take_word(p, word);
    for (size_t i = 0; i < n; i++)
        if (is_name(word, names[i]))
            return (int)i;
    p->rest = before;
    return -1;
}

/* The digits at the front, at most four; *count: how many. */
static int take_number(struct print *p, size_t *count)
{
    int value = 0;

    for (*count = 0; *count < p->rest.n && *count < 5 && is_digit(p->rest.p[*count]); (*count)++)
        value = value * 10 + (p->rest.p[*count] - '0');
    p->rest = (struct sv){p->rest.p + *count, p->rest.n - *count};
    return value;
}

static bool skip_word(struct print *p, const char *word)
{
    size_t n = strlen(word);

    if (p->rest.n < n || !sv_ieqz((struct sv){p->rest.p, n}, word))
        return false;
    p->rest = (struct sv){p->rest.p + n, p->rest.n - n};
    return true;
}

/* 4, 04, 4th */
static bool take_day(struct print *p)
{
    static const char *const ends[] = {"st", "nd", "rd", "th"};
    size_t n;

    p->day = take_number(p, &n);
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (skip_word(p, ends[i]))
            break;
    return n == 1 || n == 2;
}

static bool take_month(struct print *p)
{
    p->month = take_name(p, months, COUNT_OF(months)) + 1;
    return p->month > 0;
}

/* Between a day and the name of its month. */
static void skip_gap(struct print *p)
{
    skip_blanks(p);
    skip_one(p, ".-/");
    skip_blanks(p);
}

/* 2026, '26; of two digits alone nobody can say whether they are one. */
static bool take_year(struct print *p)
{
    bool clip = glyph_skip(&p->rest, "'") || glyph_skip(&p->rest, "\u2019");
    size_t n;

    p->year = take_number(p, &n) + (clip ? 2000 : 0);
    return n == (clip ? 2 : 4) && p->rest.n == 0;
}

/* Nothing, or a year behind a mark or a blank. */
static bool take_tail(struct print *p)
{
    size_t before = p->rest.n;

    skip_blanks(p);
    skip_one(p, ".");
    if (p->rest.n == 0)
        return true;
    skip_blanks(p);
    skip_one(p, ",-/");
    skip_blanks(p);
    return p->rest.n < before && take_year(p);
}

/* Mar 4, 4 Mar */
static bool take_named(struct print *p)
{
    if (take_month(p)) {
        skip_gap(p);
        return take_day(p) && take_tail(p);
    }
    if (!take_day(p))
        return false;
    skip_gap(p);
    if (skip_word(p, "of"))
        skip_blanks(p);
    return take_month(p) && take_tail(p);
}

/* Three numbers, or two; the same mark between them. */
struct numbers {
    int value[3];
    size_t digits[3], n;
};

static bool take_one(struct print *p, struct numbers *out)
{
    size_t *digits = &out->digits[out->n];

    skip_blanks(p);
    out->value[out->n++] = take_number(p, digits);
    skip_blanks(p);
    return *digits > 0;
}

static bool take_others(struct print *p, const char *mark, struct numbers *out)
{
    if (!take_one(p, out))
        return false;
    if (p->rest.n == 0)
        return true;
    if (!skip_one(p, mark))
        return false;
    if (p->rest.n == 0)
        return *mark == '.'; /* 4.3. */
    return take_one(p, out) && p->rest.n == 0;
}

static bool take_numbers(struct print *p, struct numbers *out)
{
    static const char *const marks[] = {"/", "-", "."};

    out->n = 0;
    if (!take_one(p, out))
        return false;
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (skip_one(p, marks[i]))
            return take_others(p, marks[i], out);
    return false;
}

static bool is_short(size_t digits) { return digits <= 2; }

/* 2026-03-04, 03/04, 03/04/26. False: *why says it. */
static bool order_numbers(const struct numbers *n, enum day_order order, struct print *p,
                          const char **why)
{
    bool day_first = order == DAY_ORDER_DAY_FIRST;

    if (n->n == 3 && n->digits[0] == 4 && is_short(n->digits[1]) && is_short(n->digits[2])) {
        p->year = n->value[0];
        p->month = n->value[1];
        p->day = n->value[2];
        return true;
    }
    if (!is_short(n->digits[0]) || !is_short(n->digits[1]) ||
        (n->n == 3 && n->digits[2] != 2 && n->digits[2] != 4))
        return false;
    if (order == DAY_ORDER_NONE) {
        *why = no_order;
        return false;
    }
    p->day = n->value[day_first ? 0 : 1];
    p->month = n->value[day_first ? 1 : 0];
    if (n->n == 3)
        p->year = n->value[2] + (n->digits[2] == 2 ? 2000 : 0);
    return true;
}

static bool take_print(struct print *p, enum day_order order, const char **why)
{
    struct print again;
    struct numbers n;

    p->rest = glyph_trim(p->rest);
    p->weekday = take_name(p, weekdays, COUNT_OF(weekdays));
    if (p->weekday >= 0) {
        skip_one(p, ".");
        skip_one(p, ",");
        skip_blanks(p);
    }
    again = *p;
    if (take_named(p))
        return true;
    *p = again;
    return take_numbers(p, &n) && order_numbers(&n, order, p, why);
}

/* The day of that year as text and as time; false: the calendar has none. */
static bool place(const struct print *p, int year, char out[static DAY_SIZE], int64_t *wall_s)
{
    if (year < YEAR_LEAST || year > YEAR_MOST || p->month < 1 || p->month > 12 || p->day < 1 ||
        p->day > 31)
        return false;
    snprintf(out, DAY_SIZE, "%04u-%02u-%02u", (unsigned)year % 10000U, (unsigned)p->month % 100U,
             (unsigned)p->day % 100U);
    return clock_parse_day(sv_of(out), wall_s);
}

/* The year that makes it nearest to the snapshot's day and not after it. 29 February may be eight
 * years back. */
static enum day_read place_near(const struct print *p, const char *near, char out[static DAY_SIZE],
                                int64_t *wall_s, const char **why)
{
    int64_t near_s, next_s;
    char next[DAY_SIZE];
    int year;

    *why = no_year;
    if (!near || !clock_parse_day(sv_of(near), &near_s))
        return DAY_BAD;
    year = (near[0] - '0') * 1000 + (near[1] - '0') * 100 + (near[2] - '0') * 10 + near[3] - '0';
    *why = no_day;
    for (int back = 0; back <= LEAP_GAP; back++) {
        if (!place(p, year - back, out, wall_s) || *wall_s > near_s)
            continue;
        for (int i = 0; i <= 1; i++)
            if (place(p, year + i, next, &next_s) && next_s == near_s + DAY_S && p->weekday < 0)
                *why = tomorrow;
        return *why == tomorrow ? DAY_DOUBTFUL : DAY_OK;
    }
    return DAY_BAD;
}

/* 1 January 1970 was a Thursday. */
static int weekday_of(int64_t wall_s)
{
    int64_t days = wall_s / DAY_S - (wall_s % DAY_S < 0 ? 1 : 0);

    return (int)(((days + 4) % 7 + 7) % 7);
}

enum day_read day_parse(struct sv text, const struct day_rule *rule, char out[static DAY_SIZE],
                        const char **why)
{
    struct print p = {.year = -1, .weekday = -1};
    char folded[NUMBER_FOLDED_MAX], found[DAY_SIZE];
    enum day_read read = DAY_OK;
    int64_t wall_s;

    *why = NULL;
    if (glyph_is_none(text))
        return DAY_NONE;
    *why = no_date;
    p.rest.p = folded;
    if (!number_fold(text, false, folded, &p.rest.n) || !take_print(&p, rule->order, why))
        return DAY_BAD;
    *why = no_day;
    if (p.year < 0)
        read = place_near(&p, rule->near, found, &wall_s, why);
    else if (!place(&p, p.year, found, &wall_s))
        read = DAY_BAD;
    if (read != DAY_BAD && p.weekday >= 0 && p.weekday != weekday_of(wall_s)) {
        *why = other_weekday;
        read = DAY_BAD;
    }
    if (read == DAY_OK)
        *why = NULL;
    if (read != DAY_BAD)
        memcpy(out, found, DAY_SIZE);
    return read;
}
