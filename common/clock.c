#include "common/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static struct timespec now(clockid_t which)
{
    struct timespec t;

    clock_gettime(which, &t);
    return t;
}

int64_t clock_mono_us(void)
{
    struct timespec t = now(CLOCK_MONOTONIC);

    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_mono_ms(void) { return clock_mono_us() / 1000; }

int64_t clock_wall_ms(void)
{
    struct timespec t = now(CLOCK_REALTIME);

    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_wall_s(void) { return clock_wall_ms() / 1000; }

void clock_sleep_ms(int64_t ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

    while (ms > 0 && nanosleep(&t, &t) != 0 && errno == EINTR)
        ;
}

static struct tm broken_down(int64_t wall_s)
{
    time_t t = (time_t)wall_s;
    struct tm tm = {0};

    gmtime_r(&t, &tm);
    return tm;
}

void clock_iso(int64_t wall_ms, char out[static CLOCK_ISO_SIZE])
{
    struct tm tm = broken_down(wall_ms / 1000);
    size_t n = strftime(out, CLOCK_ISO_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);

    snprintf(out + n, CLOCK_ISO_SIZE - n, ".%03uZ", (unsigned)(wall_ms % 1000) % 1000U);
}

void clock_day(int64_t wall_s, char out[static CLOCK_DAY_SIZE])
{
    struct tm tm = broken_down(wall_s);

    strftime(out, CLOCK_DAY_SIZE, "%Y-%m-%d", &tm);
}

void clock_amz(int64_t wall_s, char out[static CLOCK_AMZ_SIZE])
{
    struct tm tm = broken_down(wall_s);

    strftime(out, CLOCK_AMZ_SIZE, "%Y%m%dT%H%M%SZ", &tm);
}

static bool digits(struct sv v, size_t at, size_t n, int *out)
{
    *out = 0;
    for (size_t i = at; i < at + n; i++) {
        if (v.p[i] < '0' || v.p[i] > '9')
            return false;
        *out = *out * 10 + (v.p[i] - '0');
    }
    return true;
}

bool clock_parse_day(struct sv text, int64_t *wall_s)
{
    char back[CLOCK_DAY_SIZE];
    int year, month, day;
    struct tm tm = {0};
    int64_t t;

    if (text.n != 10 || text.p[4] != '-' || text.p[7] != '-' || !digits(text, 0, 4, &year) ||
        !digits(text, 5, 2, &month) || !digits(text, 8, 2, &day))
        return false;
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    tm.tm_mday = day;
    t = timegm(&tm);
    clock_day(t, back); /* timegm takes 31 April for 1 May: only a real day reads back the same */
    if (!sv_eqz(text, back))
        return false;
    *wall_s = t;
    return true;
}

bool clock_parse_iso(struct sv v, int64_t *wall_s)
{
    int h, m, s;
    int64_t day;

    if (v.n < 19 || v.p[10] != 'T' || v.p[13] != ':' || v.p[16] != ':' ||
        !clock_parse_day((struct sv){v.p, 10}, &day) || !digits(v, 11, 2, &h) ||
        !digits(v, 14, 2, &m) || !digits(v, 17, 2, &s))
        return false;
    *wall_s = day + (int64_t)h * 3600 + (int64_t)m * 60 + s;
    return true;
}

bool clock_parse_http(const char *text, int64_t *wall_s)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);

    if (!end || *end != '\0')
        return false;
    *wall_s = timegm(&tm);
    return true;
}
