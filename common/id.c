#include "common/id.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <uuid/uuid.h>

struct id id_new(void)
{
    struct id id;
    uuid_t raw;

    uuid_generate_random(raw);
    uuid_unparse_lower(raw, id.text);
    return id;
}

bool id_parse(struct sv text, struct id *out)
{
    char copy[ID_SIZE];
    uuid_t raw;

    if (text.n != ID_SIZE - 1)
        return false;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    if (uuid_parse(copy, raw) != 0)
        return false;
    uuid_unparse_lower(raw, out->text);
    return true;
}

/* xorshift128+ (Vigna 2014): quick, and quite enough for jitter and request ids. Secrets come from
 * crypto_random. */
uint64_t rnd_u64(void)
{
    static _Thread_local uint64_t state[2];
    uint64_t a, b;

    while ((state[0] | state[1]) == 0)
        if (getrandom(state, sizeof state, 0) != (ssize_t)sizeof state)
            abort();
    a = state[0];
    b = state[1];
    state[0] = b;
    a ^= a << 23;
    state[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
    return state[1] + b;
}

double rnd_unit(void) { return (double)(rnd_u64() >> 11) * 0x1.0p-53; }

void id_short(char out[static ID_SHORT_SIZE])
{
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
    uint64_t r = rnd_u64();

    for (size_t i = 0; i < ID_SHORT_SIZE - 1; i++, r >>= 5)
        out[i] = letters[r & 31];
    out[ID_SHORT_SIZE - 1] = '\0';
}
