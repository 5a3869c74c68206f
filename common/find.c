#include "common/find.h"

#include <string.h>

static const char *plainly(struct sv hay, struct sv needle)
{
    return memmem(hay.p, hay.n, needle.p, needle.n);
}

#ifdef __x86_64__

#include <immintrin.h>

enum { STEP = sizeof(__m256i) };

/* A bit for each of the places from p on where the first and the last byte fit. */
__attribute__((target("avx2"), always_inline)) static inline unsigned
places(const char *p, size_t last, __m256i first_byte, __m256i last_byte)
{
    __m256i a = _mm256_loadu_si256((const __m256i_u *)p);
    __m256i b = _mm256_loadu_si256((const __m256i_u *)(p + last));
    __m256i both =
        _mm256_and_si256(_mm256_cmpeq_epi8(a, first_byte), _mm256_cmpeq_epi8(b, last_byte));

    return (unsigned)_mm256_movemask_epi8(both);
}

__attribute__((target("avx2"))) static const char *by_steps(struct sv hay, struct sv needle)
{
    const __m256i first_byte = _mm256_set1_epi8(needle.p[0]);
    const __m256i last_byte = _mm256_set1_epi8(needle.p[needle.n - 1]);
    size_t at = 0;

    for (; hay.n - at >= needle.n - 1 + STEP; at += STEP) {
        unsigned bits = places(hay.p + at, needle.n - 1, first_byte, last_byte);

        for (; bits != 0; bits &= bits - 1) {
            const char *p = hay.p + at + __builtin_ctz(bits);

            if (memcmp(p, needle.p, needle.n) == 0)
                return p;
        }
    }
    return plainly((struct sv){hay.p + at, hay.n - at}, needle);
}

const char *find_in(struct sv hay, struct sv needle)
{
    bool long_enough = needle.n > 0 && hay.n >= needle.n - 1 + STEP;

    return long_enough && __builtin_cpu_supports("avx2") ? by_steps(hay, needle)
                                                         : plainly(hay, needle);
}

#else

const char *find_in(struct sv hay, struct sv needle) { return plainly(hay, needle); }

#endif
