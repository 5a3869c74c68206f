/*
 * s3_feed.c - a body that is still arriving, as it goes over the wire: plain, in signed chunks, or
 * with a checksum behind it (sigv4_chunk.h).
 *
 * Which of them is a setting. `auto` signs over plain HTTP, and over TLS, where the way itself is
 * safe, sends a checksum behind the body. Stores that cannot take that refuse it before or after
 * the body; then it is tried without, and where that works it stays so until the service ends.
 */
#include <stdlib.h>
#include <string.h>

#include "common/s3_internal.h"

enum s3_payload s3_payload_of(const struct s3 *s3, bool without_trailer)
{
    if (s3->payload != S3_PAYLOAD_AUTO)
        return s3->payload;
    if (!s3->tls)
        return S3_PAYLOAD_SIGNED;
    return without_trailer || atomic_load(&s3->no_trailers) ? S3_PAYLOAD_UNSIGNED
                                                            : S3_PAYLOAD_TRAILER;
}

bool s3_signs_bodies(const struct s3 *s3) { return s3_payload_of(s3, false) == S3_PAYLOAD_SIGNED; }

/* A checksum of a stream goes behind its chunks. */
static bool signs_whole(enum s3_payload payload, bool checksum)
{
    return payload == S3_PAYLOAD_SIGNED && !checksum;
}

bool s3_signs_whole(const struct s3 *s3)
{
    return signs_whole(s3_payload_of(s3, false), s3->checksum);
}

static bool signs_chunks(const struct s3_feed *f)
{
    return f->coded && f->coding != SIGV4_UNSIGNED_TRAILER;
}

void s3_feed_open(struct s3_feed *f, enum s3_payload payload, bool checksum)
{
    bool whole = f->stream && f->stream->sha256 && signs_whole(payload, checksum);

    f->coded = f->stream && !whole && payload != S3_PAYLOAD_UNSIGNED;
    f->coding = payload == S3_PAYLOAD_TRAILER ? SIGV4_UNSIGNED_TRAILER
                : checksum                    ? SIGV4_CHUNKS_TRAILER
                                              : SIGV4_CHUNKS;
    if (signs_chunks(f) && !f->chunk && !(f->chunk = malloc(SIGV4_CHUNK)))
        abort();
}

void s3_feed_free(struct s3_feed *f)
{
    free(f->chunk);
    f->chunk = NULL;
}

int64_t s3_feed_length(const struct s3_feed *f)
{
    if (!f->stream)
        return 0;
    return f->coded ? sigv4_wire_size(f->coding, f->stream->length) : f->stream->length;
}

static bool read_plain(void *arg, char *buf, size_t n, size_t *got, struct err *err)
{
    struct s3_feed *f = arg;

    f->begun = true;
    f->failed = !f->stream->read(f->stream->arg, buf, n, got, &f->err);
    if (f->failed)
        return err_set(err, f->err.code, "%s", f->err.msg);
    if (f->stream->hash && !signs_chunks(f)) /* else the chunks are hashed anyway */
        crypto_hash_add(f->stream->hash, (struct sv){buf, *got});
    return true;
}

static void start(struct s3_feed *f)
{
    if (f->stream && f->stream->hash)
        crypto_hash_restart(f->stream->hash);
    if (!f->coded)
        return;
    memset(&f->pull, 0, sizeof f->pull);
    sigv4_body_open(&f->pull.body, f->coding, f->signer, f->now, f->seed);
    f->pull.body.whole = signs_chunks(f) ? f->stream->hash : NULL;
    f->pull.source = read_plain;
    f->pull.arg = f;
    f->pull.chunk = f->chunk;
    sigv4_pull_start(&f->pull, f->stream->length);
}

void s3_feed_sign(struct s3_feed *f, struct sigv4 *signer, int64_t now, const char *seed)
{
    f->signer = signer;
    f->now = now;
    memcpy(f->seed, seed, sizeof f->seed);
    start(f);
}

bool s3_feed_read(void *arg, char *buf, size_t n, size_t *got, struct err *err)
{
    struct s3_feed *f = arg;

    return f->coded ? sigv4_pull_read(&f->pull, buf, n, got, err) : read_plain(f, buf, n, got, err);
}

bool s3_feed_rewind(void *arg)
{
    struct s3_feed *f = arg;

    if (f->begun && (f->failed || !f->stream->rewind(f->stream->arg)))
        return false;
    f->begun = false;
    if (f->stream && f->signer)
        start(f);
    return true;
}
