/* nfc.c - the one file that knows libunistring. */
#include "common/nfc.h"

#include <stdlib.h>
#include <unigbrk.h>
#include <uninorm.h>

#include "common/utf8.h"

static void text_free(uint8_t **text) { free(*text); }

bool nfc_add(struct sv text, struct str *out)
{
    AUTO(text_free) uint8_t *composed = NULL;
    size_t n = 0;

    if (!utf8_ok(text)) /* the library would put U+FFFD there */
        return false;
    composed = u8_normalize(UNINORM_NFC, (const uint8_t *)text.p, text.n, NULL, &n);
    if (!composed)
        abort();
    str_add(out, composed, n);
    return true;
}

static void breaks_free(char **breaks) { free(*breaks); }

/* Bytes of the first so many characters. */
static size_t skip(struct sv text, size_t chars)
{
    size_t n = 0;

    for (; n < text.n && chars > 0; chars--) {
        size_t step = utf8_step((struct sv){text.p + n, text.n - n});

        n += step > 0 ? step : 1;
    }
    return n;
}

size_t nfc_cut(struct sv text, size_t chars)
{
    AUTO(breaks_free) char *breaks = NULL;
    size_t most = text.n <= chars ? text.n : skip(text, chars), seen;

    if (most == text.n)
        return most;
    seen = most + skip((struct sv){text.p + most, text.n - most}, 1);
    breaks = calloc(seen + 1, 1);
    if (!breaks)
        abort();
    u8_grapheme_breaks((const uint8_t *)text.p, seen, breaks);
    for (size_t n = most; n > 0; n--)
        if (breaks[n])
            return n;
    return most;
}
