/*
 * heading.c - headings are understood by their words, in any order: "Snaps (7d)" is "7D SNAPS".
 */
#include "local/reader/heading.h"

#include <ctype.h>
#include <string.h>

enum word {
    W_SNAPS = 1 << 0,
    W_MINDSHARE = 1 << 1,
    W_CHANGE = 1 << 2,
    W_SMART = 1 << 3,
    W_FOLLOWERS = 1 << 4,
    W_ENGAGEMENT = 1 << 5,
    W_RANK = 1 << 6,
    W_NAME = 1 << 7,
    W_HANDLE = 1 << 8,
    W_STATUS = 1 << 9,
    W_BADGE = 1 << 10,
    W_TOTAL = 1 << 11,
    W_24H = 1 << 12,
    W_7D = 1 << 13,
    W_30D = 1 << 14,
    W_90D = 1 << 15,
    W_YTD = 1 << 16,
    W_OTHER = 1 << 17,
};
#define W_PERIOD (W_24H | W_7D | W_30D | W_90D | W_YTD)

static const struct {
    const char *text;
    enum word word;
} known[] = {
    {"snaps", W_SNAPS},
    {"snap", W_SNAPS},
    {"yaps", W_SNAPS},
    {"mindshare", W_MINDSHARE},
    {"change", W_CHANGE},
    {"delta", W_CHANGE},
    {"growth", W_CHANGE},
    {"smart", W_SMART},
    {"followers", W_FOLLOWERS},
    {"follower", W_FOLLOWERS},
    {"engagement", W_ENGAGEMENT},
    {"rank", W_RANK},
    {"pos", W_RANK},
    {"place", W_RANK},
    {"name", W_NAME},
    {"yapper", W_NAME},
    {"creator", W_NAME},
    {"user", W_NAME},
    {"account", W_NAME},
    {"snapper", W_NAME},
    {"profile", W_NAME},
    {"handle", W_HANDLE},
    {"username", W_HANDLE},
    {"twitter", W_HANDLE},
    {"status", W_STATUS},
    {"invite", W_STATUS},
    {"badge", W_BADGE},
    {"tier", W_BADGE},
    {"total", W_TOTAL},
    {"24h", W_24H},
    {"1d", W_24H},
    {"7d", W_7D},
    {"30d", W_30D},
    {"1m", W_30D},
    {"90d", W_90D},
    {"3m", W_90D},
    {"ytd", W_YTD},
    {"points", W_OTHER},
    {"score", W_OTHER},
    {"reward", W_OTHER},
    {"rewards", W_OTHER},
    {"likes", W_OTHER},
    {"impressions", W_OTHER},
    {"views", W_OTHER},
    {"posts", W_OTHER},
    {"mentions", W_OTHER},
    {"replies", W_OTHER},
};

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Letters to change, add or drop, for words of at most 15 letters. */
static size_t distance(struct sv a, const char *b, size_t bn)
{
    size_t row[16], up, left;

    for (size_t j = 0; j <= bn; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        up = row[0];
        row[0] = i;
        for (size_t j = 1; j <= bn; j++) {
            bool same = tolower((unsigned char)a.p[i - 1]) == tolower((unsigned char)b[j - 1]);

            left = row[j];
            row[j] = least(least(row[j] + 1, row[j - 1] + 1), up + (same ? 0 : 1));
            up = left;
        }
    }
    return row[bn];
}

bool word_like(struct sv a, const char *text)
{
    size_t n = strlen(text);

    if (a.n > 15 || n > 15 || a.n + 2 < n || n + 2 < a.n)
        return false;
    return distance(a, text, n) <= n / 5;
}

static unsigned word_of(struct sv v)
{
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (word_like(v, known[i].text))
            return known[i].word;
    return 0;
}

static bool is_word_byte(char c) { return isalnum((unsigned char)c) || (c & 0x80); }

/* All words together; *strange counts those that no heading knows. */
static unsigned words_of(const char *text, size_t *strange)
{
    unsigned all = 0;

    *strange = 0;
    while (*text) {
        struct sv v = {text, 0};
        unsigned w;

        while (is_word_byte(text[v.n]))
            v.n++;
        text += v.n ? v.n : 1;
        if (v.n == 0)
            continue;
        w = sv_eqz(v, "Δ") || sv_eqz(v, "A") ? W_CHANGE : word_of(v);
        all |= w;
        *strange += !w;
    }
    return all;
}

static enum column snaps_of(unsigned w)
{
    return w & W_24H   ? COL_SNAPS_24H
           : w & W_7D  ? COL_SNAPS_7D
           : w & W_30D ? COL_SNAPS_30D
           : w & W_90D ? COL_SNAPS_90D
           : w & W_YTD ? COL_SNAPS_YTD
                       : COL_SNAPS;
}

static enum column figure_of(unsigned w)
{
    if (w & W_SNAPS)
        return snaps_of(w);
    if (w & W_ENGAGEMENT)
        return COL_ENGAGEMENT;
    if (w & W_FOLLOWERS)
        return w & W_SMART ? COL_SMART : COL_FOLLOWERS;
    if (w & W_SMART)
        return COL_SMART;
    if (w & W_CHANGE)
        return COL_CHANGE;
    if (w & W_MINDSHARE)
        return w & W_YTD ? COL_MINDSHARE_YTD : COL_MINDSHARE;
    return w & W_24H ? COL_CHANGE : COL_NONE;
}

/* Words of columns that hold no figures that we keep; the first that is there counts. */
static enum column other_of(unsigned w)
{
    static const struct {
        enum word word;
        enum column column;
    } table[] = {{W_RANK, COL_RANK},     {W_HANDLE, COL_HANDLE}, {W_NAME, COL_NAME},
                 {W_STATUS, COL_STATUS}, {W_BADGE, COL_BADGE},   {W_OTHER, COL_OTHER}};

    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (w & table[i].word)
            return table[i].column;
    return COL_NONE;
}

enum column heading_column(const char *text)
{
    size_t strange;
    unsigned w = words_of(text, &strange);
    enum column c;

    if (strcmp(text, "#") == 0)
        return COL_RANK;
    if (strange > 0 || w == 0)
        return COL_NONE;
    c = figure_of(w);
    return c != COL_NONE ? c : other_of(w);
}

bool heading_is_period(const char *text)
{
    size_t strange;
    unsigned w = words_of(text, &strange);

    return strange == 0 && w && (w & ~(unsigned)W_PERIOD) == 0;
}

static const struct {
    const char *row, *profile;
} fields[] = {
#define COLUMN(name, row_, profile_) {row_, profile_},
#include "local/reader/columns.def"
#undef COLUMN
};

const char *column_row_field(enum column c) { return fields[c].row; }
const char *column_profile_field(enum column c) { return fields[c].profile; }

bool column_is_figure(enum column c)
{
    return (c >= COL_SNAPS && c <= COL_ENGAGEMENT) || c == COL_OTHER;
}

enum column column_of_row_field(const char *field)
{
    for (int c = 1; c < COL_COUNT_; c++)
        if (strcmp(fields[c].row, field) == 0)
            return (enum column)c;
    return COL_NONE;
}
