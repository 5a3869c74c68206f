/*
 * s3_internal.h - what the files of s3 share: the opened bucket, one place it is reached at, and
 * one call.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "common/crc32c.h"
#include "common/http.h"
#include "common/retry.h"
#include "common/s3.h"
#include "common/sigv4.h"
#include "common/sigv4_chunk.h"

enum { S3_PATH_MAX = 1200, S3_ANSWER_MAX = 4 << 20, S3_CODE_SIZE = 64, S3_HEADERS_MAX = 24 };

/* An endpoint, read once. */
struct s3_place {
    struct str origin; /* "https://host:port", nothing after it */
    struct str host;   /* as the Host header says it: without the scheme's own port */
};
MUST_CHECK bool s3_place_open(const struct s3_conf *conf, const char *endpoint,
                              struct s3_place *out, struct err *err);
void s3_place_free(struct s3_place *place);

/* What the present keys sign with; shared, counted. */
struct s3_signer {
    _Atomic unsigned users;
    uint64_t serial; /* of the keys (creds.h) */
    int64_t expires_s;
    struct sigv4 *sigv4;
    struct str token; /* of temporary keys */
};

struct s3 {
    struct s3_place own, model, browser;
    struct creds *creds;
    pthread_mutex_t signing;
    struct s3_signer *signer; /* under that lock; NULL: none yet */
    struct str root;          /* before each key: "/" or "/bucket/" */
    char *bucket, *region, *acl, *encryption, *kms_key, *ca_file;
    bool own_endpoint; /* not the one that follows from the region */
    enum s3_payload payload;
    bool tls; /* the way to `own` */
    bool content_md5, checksum;
    atomic_bool no_trailers, no_conditions; /* the store refused one */
    int64_t connect_ms, first_byte_ms, total_ms, stall_ms, stall_bytes_s;
    unsigned tries;
    struct retry_budget budget;
    _Atomic int64_t skew_s; /* S3's clock minus ours */
};

/* One request. Everything is borrowed. */
struct s3_call {
    const char *method;
    const char *key; /* NULL: of the bucket itself */
    const struct sigv4_pair *query, *headers;
    size_t query_n, headers_n;
    const char *type; /* NULL: none */
    struct sv body;
    const char *sha256;             /* of it, hex; NULL: not known yet */
    const struct s3_stream *stream; /* instead of body */
    size_t answer_max;              /* 0: S3_ANSWER_MAX */
    unsigned tries;                 /* 0: those of the bucket */
    bool body_judges; /* a 200 may carry an <Error> (CompleteMultipartUpload, CopyObject) */
    bool creates;     /* an object comes of it: access and encryption go along */
    bool data;        /* the body is an object or a part: checksums go along, as they are set */
    bool digest;      /* Content-MD5 is required (DeleteObjects) */
    bool once;        /* If-None-Match, where the store knows it: a repetition stores nothing */
};

/* s3_feed.c: a body from a stream. Zero but for `stream`, which may be NULL: no such body. */
struct s3_feed {
    const struct s3_stream *stream;
    bool coded; /* aws-chunked, as `coding` says */
    enum sigv4_coding coding;
    struct sigv4_pull pull;
    char *chunk;
    struct sigv4 *signer; /* of the present attempt, with now and seed */
    int64_t now;
    char seed[SHA256_HEX_SIZE];
    struct err err; /* of the stream's own end, when that has failed: then nothing helps */
    bool failed, begun;
};
enum s3_payload s3_payload_of(const struct s3 *s3, bool without_trailer); /* never AUTO */
void s3_feed_open(struct s3_feed *f, enum s3_payload payload, bool checksum);
void s3_feed_free(struct s3_feed *f);
int64_t s3_feed_length(const struct s3_feed *f); /* on the wire */
/* Before each attempt: its signer, time and signature. */
void s3_feed_sign(struct s3_feed *f, struct sigv4 *signer, int64_t now, const char *seed);
bool s3_feed_read(void *feed, char *buf, size_t n, size_t *got, struct err *err);
bool s3_feed_rewind(void *feed);

/* What S3 answered beside an err, for callers that take some refusals as success. */
struct s3_outcome {
    int status;                      /* 0: no answer */
    char code[S3_CODE_SIZE];         /* S3's <Code>; "" when none came */
    char region[40];                 /* where S3 says that the bucket is; "": it does not say */
    bool uncertain;                  /* an attempt before the last may have been done unseen */
    char crc32c[CRC32C_BASE64_SIZE]; /* that went along with the body; "": none */
};
/* true: answered with 2xx. outcome may be NULL. */
MUST_CHECK bool s3_call(struct s3 *s3, const struct s3_call *call, struct http_answer *answer,
                        struct s3_outcome *outcome, struct err *err);

/* The keys have run out: false. */
MUST_CHECK bool s3_signer_take(struct s3 *s3, struct s3_signer **out, struct err *err);
void s3_signer_give(struct s3_signer **signer); /* NULL is fine */

/* s3_judge.c */
enum s3_verdict {
    S3_DONE,
    S3_AGAIN,
    S3_SLOW, /* again, after a longer pause */
    S3_SKEWED,
    S3_RENEW, /* again with newer credentials */
    S3_FAILED
};
enum s3_verdict s3_code_verdict(const char *code); /* S3_FAILED for one that is not known */
/* assumed_s: what we took S3's clock to be off by. */
enum s3_verdict s3_judge(const struct s3_call *call, const struct http_answer *a, int64_t assumed_s,
                         struct s3_outcome *out);
bool s3_refusal(const struct s3 *s3, const char *method, const struct s3_outcome *o,
                struct err *err);                                /* always false */
bool s3_date_skew(const struct http_answer *a, int64_t *skew_s); /* from the Date; false: none */

/* "/bucket/key" raw, appended. */
MUST_CHECK bool s3_path(const struct s3 *s3, const char *key, struct str *out, struct err *err);

void s3_etag_read(struct sv text, struct s3_etag *out); /* without quotes and W/ */
int64_t s3_time_read(const char *text);                 /* 2026-11-22T10:00:00.000Z; 0: not that */
bool s3_url_decode(struct sv text, struct str *out);    /* %XX and + */
void *s3_grown(void *items, size_t n, size_t size);     /* room for one more, doubling */
