/*
 * crc32c.c - by the processor's own instruction in three lanes where it has one, by table
 * elsewhere.
 *
 * The instruction takes 8 bytes with a latency of three cycles but one may start each cycle, so
 * three lanes of LANE bytes run at once. Lanes are joined by advancing a checksum over LANE zero
 * bytes: a linear map, kept as four tables of 256, built once.
 */
#include "common/crc32c.h"

#include <pthread.h>
#include <string.h>

#include "common/base64.h"

enum { LANE = 1024, POLYNOMIAL_BITS = 8 };
static const uint32_t polynomial = 0x82f63b78; /* bits reflected */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint32_t slices[8][256];  /* slices[k][b]: byte b followed by k zero bytes */
static uint32_t advance[4][256]; /* advance[k][b]: byte k of a checksum, LANE zero bytes later */
static uint32_t (*chosen)(uint32_t crc, const char *p, size_t n);

static void build_slices(void)
{
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t c = b;

        for (int i = 0; i < POLYNOMIAL_BITS; i++)
            c = c >> 1 ^ (c & 1 ? polynomial : 0);
        slices[0][b] = c;
    }
    for (size_t k = 1; k < 8; k++)
        for (size_t b = 0; b < 256; b++)
            slices[k][b] = slices[k - 1][b] >> 8 ^ slices[0][slices[k - 1][b] & 255];
}

static uint32_t by_byte(uint32_t c, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        c = c >> 8 ^ slices[0][(c ^ (unsigned char)p[i]) & 255];
    return c;
}

/* Eight bytes a step; bytes are picked one by one, so the order of the machine does not matter. */
static uint32_t by_table(uint32_t c, const char *p, size_t n)
{
    for (; n >= 8; n -= 8, p += 8) {
        uint32_t next = 0;

        for (size_t i = 0; i < 8; i++) {
            uint32_t b = (unsigned char)p[i] ^ (i < 4 ? c >> 8 * i & 255 : 0);

            next ^= slices[7 - i][b];
        }
        c = next;
    }
    return by_byte(c, p, n);
}

#ifdef __x86_64__
#include <nmmintrin.h>

static uint64_t eight(const char *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof v);
    return v;
}

static uint32_t advanced(uint32_t c)
{
    return advance[0][c & 255] ^ advance[1][c >> 8 & 255] ^ advance[2][c >> 16 & 255] ^
           advance[3][c >> 24];
}

__attribute__((target("sse4.2"))) static uint32_t one_lane(uint32_t crc, const char *p, size_t n)
{
    uint64_t c = crc;

    for (; n >= 8; n -= 8, p += 8)
        c = _mm_crc32_u64(c, eight(p));
    for (crc = (uint32_t)c; n > 0; n--, p++)
        crc = _mm_crc32_u8(crc, (unsigned char)*p);
    return crc;
}

__attribute__((target("sse4.2"))) static uint32_t three_lanes(uint32_t crc, const char *p, size_t n)
{
    for (; n >= (size_t)3 * LANE; n -= (size_t)3 * LANE, p += (size_t)3 * LANE) {
        uint64_t a = crc, b = 0, c = 0;

        for (size_t i = 0; i < LANE; i += 8) {
            a = _mm_crc32_u64(a, eight(p + i));
            b = _mm_crc32_u64(b, eight(p + LANE + i));
            c = _mm_crc32_u64(c, eight(p + (size_t)2 * LANE + i));
        }
        crc = advanced(advanced((uint32_t)a) ^ (uint32_t)b) ^ (uint32_t)c;
    }
    return one_lane(crc, p, n);
}

/* Each bit of a checksum by itself over LANE zero bytes; the rest follows by adding. */
static void build_advance(void)
{
    static const char zeros[LANE];

    for (size_t k = 0; k < 4; k++)
        for (uint32_t b = 1; b < 256; b++) {
            uint32_t low = b & (0 - b);

            advance[k][b] = b == low ? one_lane(b << 8 * k, zeros, LANE)
                                     : advance[k][b ^ low] ^ advance[k][low];
        }
}

static void choose(void)
{
    build_slices();
    chosen = by_table;
    if (!__builtin_cpu_supports("sse4.2"))
        return;
    build_advance();
    chosen = three_lanes;
}
#else
static void choose(void)
{
    build_slices();
    chosen = by_table;
}
#endif

uint32_t crc32c(uint32_t crc, struct sv bytes)
{
    pthread_once(&once, choose);
    return ~chosen(~crc, bytes.p, bytes.n);
}

uint32_t crc32c_portable(uint32_t crc, struct sv bytes)
{
    pthread_once(&once, choose);
    return ~by_table(~crc, bytes.p, bytes.n);
}

void crc32c_base64(uint32_t crc, char out[static CRC32C_BASE64_SIZE])
{
    const char bytes[] = {(char)(crc >> 24), (char)(crc >> 16), (char)(crc >> 8), (char)crc};
    struct str text = {.p = out, .cap = CRC32C_BASE64_SIZE, .wall = CRC32C_BASE64_SIZE - 1};

    base64_encode((struct sv){bytes, sizeof bytes}, &text);
}
