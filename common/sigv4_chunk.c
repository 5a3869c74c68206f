/*
 * sigv4_chunk.c - the chain of chunk signatures, its trailer, and the lengths of both.
 *
 * Each signature covers the one before it; the first follows the request's. The last chunk is empty
 * and signed like the others.
 */
#include "common/sigv4_chunk.h"

#include <stdio.h>
#include <string.h>

#include "common/crc32c.h"
#include "common/sigv4_internal.h"

enum {
    TEXT_MAX = 640,
    SIGNED_EXTRA = 17 + SHA256_HEX_SIZE - 1, /* ";chunk-signature=" and it */
    TRAILER_LINE = sizeof SIGV4_TRAILER + CRC32C_BASE64_SIZE - 1 + 2,
    TRAILER_SIGNATURE = 24 + SHA256_HEX_SIZE - 1 + 2, /* "x-amz-trailer-signature:" it CRLF */
};

static bool is_signed(enum sigv4_coding coding) { return coding != SIGV4_UNSIGNED_TRAILER; }

const char *sigv4_coding_word(enum sigv4_coding coding)
{
    static const char *const words[] = {
        [SIGV4_CHUNKS] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        [SIGV4_CHUNKS_TRAILER] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        [SIGV4_UNSIGNED_TRAILER] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    };

    return words[coding];
}

void sigv4_body_open(struct sigv4_body *b, enum sigv4_coding coding, struct sigv4 *signer,
                     int64_t now, const char *seed)
{
    *b = (struct sigv4_body){.coding = coding, .signer = signer, .now = now};
    if (seed)
        memcpy(b->previous, seed, sizeof b->previous);
}

/* Sign the next link: what it follows, and the hashes that this kind of link covers. */
static void link_on(struct sigv4_body *b, const char *kind, const char *middle, const char *sum)
{
    char buf[TEXT_MAX], stamp[SIGV4_STAMP_SIZE];
    struct str text = SIGV4_SCRATCH(buf);
    const struct sigv4_day *day = sigv4_day(b->signer, b->now);

    sigv4_stamp(day, b->now, stamp);
    str_addf(&text, "%s\n%s\n%s\n%s\n%s%s", kind, stamp, day->scope, b->previous, middle, sum);
    sigv4_signature(b->signer, b->now, str_sv(&text), b->previous);
}

static void size_line(struct sigv4_body *b, size_t n, struct str *out)
{
    str_addf(out, "%s%zx", b->begun ? "\r\n" : "", n);
    b->begun = n > 0;
}

static void chunk_line(struct sigv4_body *b, struct sv data, struct str *out)
{
    char sum[SHA256_HEX_SIZE];

    size_line(b, data.n, out);
    if (is_signed(b->coding)) {
        crypto_hash_add_summed(b->whole, data, sum);
        link_on(b, "AWS4-HMAC-SHA256-PAYLOAD", SIGV4_EMPTY "\n", sum);
        str_addf(out, ";chunk-signature=%s", b->previous);
    }
    str_addz(out, "\r\n");
}

void sigv4_body_chunk(struct sigv4_body *b, struct sv data, struct str *out)
{
    if (b->coding != SIGV4_CHUNKS)
        b->crc = crc32c(b->crc, data);
    chunk_line(b, data, out);
}

static void trailer(struct sigv4_body *b, struct str *out)
{
    char sum[CRC32C_BASE64_SIZE], line_sum[SHA256_HEX_SIZE], buf[TRAILER_LINE];
    struct str line = SIGV4_SCRATCH(buf);

    crc32c_base64(b->crc, sum);
    str_addf(&line, SIGV4_TRAILER ":%s\n", sum); /* signed with LF, sent with CR LF */
    str_addf(out, SIGV4_TRAILER ":%s\r\n", sum);
    if (!is_signed(b->coding))
        return;
    crypto_sha256_hex(str_sv(&line), line_sum);
    link_on(b, "AWS4-HMAC-SHA256-TRAILER", "", line_sum);
    str_addf(out, "x-amz-trailer-signature:%s\r\n", b->previous);
}

void sigv4_body_end(struct sigv4_body *b, struct str *out)
{
    chunk_line(b, SV_LIT(""), out);
    if (b->coding != SIGV4_CHUNKS)
        trailer(b, out);
    str_addz(out, "\r\n");
}

static int64_t chunk_size(enum sigv4_coding coding, int64_t data)
{
    int64_t digits = 1;

    for (int64_t left = data; left > 15; left >>= 4)
        digits++;
    return digits + (is_signed(coding) ? SIGNED_EXTRA : 0) + 2 + data + (data > 0 ? 2 : 0);
}

int64_t sigv4_wire_size(enum sigv4_coding coding, int64_t size)
{
    int64_t rest = size % SIGV4_CHUNK, end = chunk_size(coding, 0) + 2;

    if (coding != SIGV4_CHUNKS)
        end += TRAILER_LINE;
    if (coding == SIGV4_CHUNKS_TRAILER)
        end += TRAILER_SIGNATURE;
    return size / SIGV4_CHUNK * chunk_size(coding, SIGV4_CHUNK) +
           (rest > 0 ? chunk_size(coding, rest) : 0) + end;
}

void sigv4_pull_start(struct sigv4_pull *p, int64_t size)
{
    p->left = size;
    p->chunk_n = p->chunk_at = p->lines_n = p->lines_at = 0;
    p->ended = false;
}

static bool ended_early(const struct sigv4_pull *p, struct err *err)
{
    return err_set(err, ERR_BAD_REQUEST, "the body ended %lld bytes before its announced length",
                   (long long)p->left);
}

/* A whole chunk: a signature stands before what it covers. */
static bool gather(struct sigv4_pull *p, char *chunk, size_t n, struct err *err)
{
    for (size_t have = 0, got; have < n; have += got, p->left -= (int64_t)got) {
        if (!p->source(p->arg, chunk + have, n - have, &got, err))
            return false;
        if (got == 0)
            return ended_early(p, err);
    }
    return true;
}

static size_t next_size(const struct sigv4_pull *p)
{
    return p->left < SIGV4_CHUNK ? (size_t)p->left : (size_t)SIGV4_CHUNK;
}

/* The next chunk behind the place of its line, whose length is known beforehand, and then the line.
 * *got 0: there is no room for that, or nothing to sign. */
static bool take_whole(struct sigv4_pull *p, char *into, size_t max, size_t *got, struct err *err)
{
    size_t n = next_size(p), line;
    struct str out = SIGV4_SCRATCH(p->lines);

    *got = 0;
    if (n == 0 || !is_signed(p->body.coding))
        return true;
    line = (size_t)chunk_size(p->body.coding, (int64_t)n) - n - (p->body.begun ? 0 : 2);
    if (line + n > max)
        return true;
    if (!gather(p, into + line, n, err))
        return false;
    sigv4_body_chunk(&p->body, (struct sv){into + line, n}, &out);
    memcpy(into, out.p, line);
    *got = line + n;
    return true;
}

/* The lines before the next chunk, or after the last. */
static bool next_lines(struct sigv4_pull *p, struct err *err)
{
    struct str out = SIGV4_SCRATCH(p->lines);
    size_t n = next_size(p);

    if (n == 0) {
        sigv4_body_end(&p->body, &out);
        p->ended = true;
    } else if (is_signed(p->body.coding)) {
        if (!gather(p, p->chunk, n, err))
            return false;
        sigv4_body_chunk(&p->body, (struct sv){p->chunk, n}, &out);
    } else {
        size_line(&p->body, n, &out);
        str_addz(&out, "\r\n");
    }
    p->chunk_n = n;
    p->chunk_at = 0;
    p->lines_n = out.n;
    p->lines_at = 0;
    return true;
}

static size_t less(size_t a, size_t b) { return a < b ? a : b; }

static size_t take_lines(struct sigv4_pull *p, char *into, size_t max)
{
    size_t n = less(max, p->lines_n - p->lines_at);

    memcpy(into, p->lines + p->lines_at, n);
    p->lines_at += n;
    return n;
}

/* Bytes of the chunk under way: out of its buffer, or straight from the source. */
static bool take_data(struct sigv4_pull *p, char *into, size_t max, size_t *got, struct err *err)
{
    size_t n = less(max, p->chunk_n - p->chunk_at);

    if (is_signed(p->body.coding)) {
        memcpy(into, p->chunk + p->chunk_at, n);
    } else {
        if (!p->source(p->arg, into, n, &n, err))
            return false;
        if (n == 0)
            return ended_early(p, err);
        p->body.crc = crc32c(p->body.crc, (struct sv){into, n});
        p->left -= (int64_t)n;
    }
    p->chunk_at += n;
    *got = n;
    return true;
}

bool sigv4_pull_read(struct sigv4_pull *p, char *into, size_t max, size_t *got, struct err *err)
{
    size_t have = 0;

    while (have < max) {
        size_t n = 0;

        if (p->lines_at < p->lines_n)
            n = take_lines(p, into + have, max - have);
        else if (p->chunk_at < p->chunk_n) {
            if (!take_data(p, into + have, max - have, &n, err))
                return false;
        } else if (p->ended)
            break;
        else if (!take_whole(p, into + have, max - have, &n, err) ||
                 (n == 0 && !next_lines(p, err)))
            return false;
        have += n;
    }
    *got = have;
    return true;
}
