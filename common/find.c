#include "common/find.h"

#include <string.h>

static const char *plainly(struct sv hay, struct sv needle)
{
    return memmem(hay.p, hay.n, needle.p, needle.n);
}

#ifdef __x86_64__

#include <immintrin.h>

enum { STEP = sizeof(__m256i), STRIDE = 4 * STEP };

struct ends {
    __m256i first, last; /* that byte, in every place */
    size_t apart;
};

/* All ones in each of the places from p on where both ends fit. */
__attribute__((target("avx2"), always_inline)) static inline __m256i fits(const char *p,
                                                                          const struct ends *e)
{
    __m256i a = _mm256_loadu_si256((const __m256i_u *)p);
    __m256i b = _mm256_loadu_si256((const __m256i_u *)(p + e->apart));

    return _mm256_and_si256(_mm256_cmpeq_epi8(a, e->first), _mm256_cmpeq_epi8(b, e->last));
}

/* Four steps are judged as one: hardly ever does any place fit that is not the right one. */
__attribute__((target("avx2"), always_inline)) static inline bool any_fits(const char *p,
                                                                           const struct ends *e)
{
    __m256i near = _mm256_or_si256(fits(p, e), fits(p + STEP, e));
    __m256i far = _mm256_or_si256(fits(p + 2 * STEP, e), fits(p + 3 * STEP, e));
    __m256i any = _mm256_or_si256(near, far);

    return !_mm256_testz_si256(any, any);
}

__attribute__((target("avx2"))) static const char *look(const char *p, const struct ends *e,
                                                        struct sv needle)
{
    for (const char *end = p + STRIDE; p < end; p += STEP) {
        unsigned bits = (unsigned)_mm256_movemask_epi8(fits(p, e));

        for (; bits != 0; bits &= bits - 1)
            if (memcmp(p + __builtin_ctz(bits), needle.p, needle.n) == 0)
                return p + __builtin_ctz(bits);
    }
    return NULL;
}

__attribute__((target("avx2"))) static const char *by_strides(struct sv hay, struct sv needle)
{
    const struct ends e = {.first = _mm256_set1_epi8(needle.p[0]),
                           .last = _mm256_set1_epi8(needle.p[needle.n - 1]),
                           .apart = needle.n - 1};
    const char *end = hay.p + hay.n, *p = hay.p;

    for (; (size_t)(end - p) >= e.apart + STRIDE; p += STRIDE) {
        const char *found = any_fits(p, &e) ? look(p, &e, needle) : NULL;

        if (found)
            return found;
    }
    return plainly((struct sv){p, (size_t)(end - p)}, needle);
}

const char *find_in(struct sv hay, struct sv needle)
{
    bool long_enough = needle.n > 0 && hay.n >= needle.n - 1 + STRIDE;

    return long_enough && __builtin_cpu_supports("avx2") ? by_strides(hay, needle)
                                                         : plainly(hay, needle);
}

#else

const char *find_in(struct sv hay, struct sv needle) { return plainly(hay, needle); }

#endif
