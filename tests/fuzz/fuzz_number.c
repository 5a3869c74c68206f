/*
 * fuzz_number.c - every text is a number, none, or bad; what is printed again reads the same, and a
 * slow reader of another make agrees.
 *
 * Input: a byte that chooses the kind, then the text. libFuzzer's main.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/handle.h"
#include "analysis-svc/number.h"
#include "analysis-svc/page_period.h"
#include "analysis-svc/page_platform.h"
#include "tests/kit/number_slow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A whole value has at most 15 digits, so its print must come back as itself. */
static void reads_back(double value, enum number_kind kind)
{
    char text[32];
    double again = NAN;

    snprintf(text, sizeof(text), "%.0f", value);
    if (value == floor(value) &&
        (number_parse(sv_of(text), kind, &again) != NUMBER_OK || again != value))
        abort();
}

static void try_number(struct sv text, enum number_kind kind)
{
    double value = NAN;
    enum number_read read = number_parse(text, kind, &value);

    if (read != NUMBER_OK) {
        if (!isnan(value))
            abort();
        return;
    }
    if (!isfinite(value) || fabs(value) >= 1e15 || (kind == NUMBER_WHOLE && value != floor(value)))
        abort();
    reads_back(value, kind);
}

/* In the signs that both know. */
static void try_slowly(struct sv text, enum number_kind kind)
{
    static const char known[] = "0123456789.,KkMmBbTtNnPpSs%$+-()' ";
    char copy[200];
    double fast = 0, slow = 0;

    if (kind == NUMBER_WHOLE || text.n >= sizeof copy)
        return;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    if (strspn(copy, known) != text.n)
        return;
    if (number_slow(copy, kind == NUMBER_PERCENT, &slow) !=
            (number_parse(text, kind, &fast) == NUMBER_OK) ||
        fast != slow)
        abort();
}

static void try_handle(struct sv text)
{
    char handle[HANDLE_SIZE], again[HANDLE_SIZE], printed[HANDLE_SIZE + 1];

    if (handle_parse(text, handle) != HANDLE_OK)
        return;
    snprintf(printed, sizeof printed, "@%s", handle); /* without its @, "na" would mean: none */
    if (strlen(handle) == 0 || strlen(handle) > 15 ||
        handle_parse(sv_of(printed), again) != HANDLE_OK || strcmp(handle, again) != 0 ||
        !handle_alike(handle, again))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *other = "";
    struct sv text;

    if (n == 0)
        return 0;
    text = (struct sv){(const char *)data + 1, n - 1};
    try_number(text, (enum number_kind)(data[0] % 3));
    try_slowly(text, (enum number_kind)(data[0] % 3));
    try_handle(text);
    if (page_period(text) < PERIOD_SEVERAL)
        abort();
    if (page_platform(text, "cookie.fun", &other) == SEEN_OTHER && !*other)
        abort();
    return 0;
}
