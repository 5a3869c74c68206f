/*
 * s3_internal.h - what the files of s3 share: the opened bucket, one place it is reached at, and
 * one call.
 */
#pragma once

#include <stdatomic.h>

#include "common/http.h"
#include "common/s3.h"
#include "common/sigv4.h"

enum { S3_PATH_MAX = 1200, S3_ANSWER_MAX = 4 << 20, S3_CODE_SIZE = 64 };

/* An endpoint, read once. */
struct s3_place {
    struct str origin; /* "https://host:port", nothing after it */
    struct str host;   /* as the Host header says it: without the scheme's own port */
};
MUST_CHECK bool s3_place_open(const struct s3_conf *conf, const char *endpoint,
                              struct s3_place *out, struct err *err);
void s3_place_free(struct s3_place *place);

struct s3 {
    struct s3_place own, model, browser;
    struct sigv4 *signer;
    struct str root;  /* before each key: "/" or "/bucket/" */
    struct str token; /* of temporary keys */
    char *bucket;
    bool hash_payload;
    int64_t connect_ms, total_ms, stall_ms;
    unsigned tries;
    _Atomic int64_t skew_s; /* S3's clock minus ours */
};

/* One request. Everything is borrowed. */
struct s3_call {
    const char *method;
    const char *key; /* NULL: of the bucket itself */
    const struct sigv4_pair *query;
    size_t query_n;
    const char *type; /* NULL: none */
    struct sv body;
    size_t answer_max; /* 0: S3_ANSWER_MAX */
    unsigned tries;    /* 0: those of the bucket */
    bool body_judges;  /* a 200 may carry an <Error> (CompleteMultipartUpload) */
};

/* What S3 answered beside an err, for callers that take some refusals as success. */
struct s3_outcome {
    char code[S3_CODE_SIZE]; /* S3's <Code>; "" when none came */
};
/* true: answered with 2xx. outcome may be NULL. */
MUST_CHECK bool s3_call(struct s3 *s3, const struct s3_call *call, struct http_answer *answer,
                        struct s3_outcome *outcome, struct err *err);

/* "/bucket/key" raw, appended. */
MUST_CHECK bool s3_path(const struct s3 *s3, const char *key, struct str *out, struct err *err);

void s3_etag_read(struct sv text, struct s3_etag *out); /* without quotes and W/ */
int64_t s3_time_read(const char *text);                 /* 2026-11-22T10:00:00.000Z; 0: not that */
bool s3_url_decode(struct sv text, struct str *out);    /* %XX and + */
