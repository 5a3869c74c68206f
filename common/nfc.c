/* nfc.c - the one file that knows libunistring. */
#include "common/nfc.h"

#include <stdlib.h>
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
