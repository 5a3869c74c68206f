/*
 * sigv4_chunk.c - the chain of chunk signatures (S3 API: "Transferring payload in multiple chunks",
 * and the same with trailing headers).
 */
#include <stdio.h>
#include <string.h>

#include "common/sigv4.h"
#include "common/sigv4_internal.h"

enum { TEXT_MAX = 640, HEAD_EXTRA = 17 + 64 + 4 }; /* ";chunk-signature=" signature CRLF CRLF */

/* Sign the next link: what it follows, and the hashes that this kind of link covers. */
static void link_on(struct sigv4_chunks *c, const char *kind, const char *middle, struct sv data)
{
    char buf[TEXT_MAX], stamp[SIGV4_STAMP_SIZE], sum[SHA256_HEX_SIZE];
    struct str text = SIGV4_SCRATCH(buf);
    const struct sigv4_day *day = sigv4_day(c->signer, c->now);

    sigv4_stamp(day, c->now, stamp);
    crypto_sha256_hex(data, sum);
    str_addf(&text, "%s\n%s\n%s\n%s\n%s%s", kind, stamp, day->scope, c->previous, middle, sum);
    sigv4_signature(c->signer, c->now, str_sv(&text), c->previous);
}

void sigv4_chunk_head(struct sigv4_chunks *c, struct sv data, struct str *out)
{
    link_on(c, "AWS4-HMAC-SHA256-PAYLOAD", SIGV4_EMPTY "\n", data);
    str_addf(out, "%zx;chunk-signature=%s\r\n", data.n, c->previous);
}

void sigv4_trailer(struct sigv4_chunks *c, struct sv lines, char out[static SHA256_HEX_SIZE])
{
    link_on(c, "AWS4-HMAC-SHA256-TRAILER", "", lines);
    memcpy(out, c->previous, SHA256_HEX_SIZE);
}

static int64_t wire_size(int64_t data)
{
    char digits[20];

    return snprintf(digits, sizeof digits, "%llx", (unsigned long long)data) + HEAD_EXTRA + data;
}

int64_t sigv4_chunked_size(int64_t size, int64_t chunk)
{
    int64_t rest = size % chunk;

    return size / chunk * wire_size(chunk) + (rest > 0 ? wire_size(rest) : 0) + wire_size(0);
}
