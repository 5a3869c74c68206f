/*
 * fuzz_day.c - every text is a day, none, or bad; what is found reads as itself, lies not after the
 * snapshot's date unless a year is printed, and a slow reader of another make agrees.
 *
 * Input: a byte that chooses the order of numbers, one that chooses the snapshot's date, then the
 * text. libFuzzer's main.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/day.h"
#include "common/clock.h"
#include "tests/kit/day_slow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { START_S = 1577836800, STEP_S = 86400 * 13 }; /* from 2020-01-01 on, over nine years */

static void reads_back(const char *day)
{
    const struct day_rule rule = {DAY_ORDER_NONE, NULL};
    char again[DAY_SIZE];
    const char *why;

    if (day_parse(sv_of(day), &rule, again, &why) != DAY_OK || why || strcmp(day, again) != 0)
        abort();
}

/* In the signs that both know. */
static void try_slowly(struct sv text, const struct day_rule *rule, int64_t near_s, int fast,
                       const char *day)
{
    char copy[100], slow[11] = "";

    if (text.n >= sizeof copy)
        return;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < ' ' || text.p[i] > '~')
            return;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    if (day_slow(copy, (int)rule->order, near_s, slow) != fast || (fast && strcmp(day, slow) != 0))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char near[CLOCK_DAY_SIZE], day[DAY_SIZE] = "";
    struct day_rule rule = {DAY_ORDER_NONE, near};
    const char *why = "";
    enum day_read read;
    struct sv text;
    int64_t near_s;

    if (n < 2)
        return 0;
    near_s = START_S + (int64_t)data[1] * STEP_S;
    clock_day(near_s, near);
    rule.order = (enum day_order)(data[0] % 3);
    text = (struct sv){(const char *)data + 2, n - 2};
    read = day_parse(text, &rule, day, &why);
    if ((read == DAY_BAD || read == DAY_DOUBTFUL) != (why && *why))
        abort();
    if (read == DAY_OK || read == DAY_DOUBTFUL)
        reads_back(day);
    if (read == DAY_DOUBTFUL && strcmp(day, near) > 0)
        abort();
    try_slowly(text, &rule, near_s, read == DAY_OK ? 1 : read == DAY_DOUBTFUL ? 2 : 0, day);
    return 0;
}
