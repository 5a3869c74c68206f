/*
 * handle.c - see handle.h.
 */
#include "analysis-svc/handle.h"

#include <string.h>

#include "analysis-svc/glyph.h"

static struct sv strip(struct sv text)
{
    text = glyph_trim(text);
    while (glyph_skip(&text, "@") || glyph_skip(&text, "\uFF20"))
        text = glyph_trim(text);
    return text;
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c | 0x20);
    return c;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

enum handle_read handle_parse(struct sv text, char out[static HANDLE_SIZE])
{
    char low[HANDLE_SIZE] = "";

    if (glyph_is_none(text))
        return HANDLE_NONE;
    text = strip(text);
    if (text.n == 0 || text.n >= HANDLE_SIZE)
        return HANDLE_BAD;
    for (size_t i = 0; i < text.n; i++) {
        low[i] = lower(text.p[i]);
        if (!is_letter(low[i]))
            return HANDLE_BAD;
    }
    memcpy(out, low, HANDLE_SIZE);
    return HANDLE_OK;
}

static char fold(char c)
{
    if (c == '0')
        return 'o';
    if (c == '1' || c == 'i')
        return 'l';
    return c;
}

void handle_fold(const char *handle, char out[static HANDLE_SIZE])
{
    size_t n = 0;

    for (size_t i = 0; handle[i] && n + 1 < HANDLE_SIZE; i++) {
        char c = fold(lower(handle[i]));

        if (c == 'n' && n > 0 && out[n - 1] == 'r')
            out[n - 1] = 'm';
        else
            out[n++] = c;
    }
    out[n] = '\0';
}

/* One sign of each, or m against rn: 0 when they are the same, 1 when they only look alike, -1
 * else. Both move on. */
static int step(const char **a, const char **b)
{
    bool joined = **a == 'm' && (*b)[0] == 'r' && (*b)[1] == 'n';
    bool apart = **b == 'm' && (*a)[0] == 'r' && (*a)[1] == 'n';
    int differ = **a == **b ? 0 : joined || apart || fold(**a) == fold(**b) ? 1 : -1;

    *a += apart ? 2 : 1;
    *b += joined ? 2 : 1;
    return differ;
}

int handle_edits(const char *a, const char *b)
{
    int edits = 0;

    while (*a && *b) {
        int differ = step(&a, &b);

        if (differ < 0)
            return -1;
        edits += differ;
    }
    return *a || *b ? -1 : edits;
}

bool handle_alike(const char *a, const char *b) { return handle_edits(a, b) >= 0; }
