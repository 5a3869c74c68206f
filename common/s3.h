/*
 * s3.h - the S3 calls this job needs, each one signed request (sigv4.h) through http.h on the
 * caller's thread.
 *
 * Threads: struct s3 is shared by all. Keys: any bytes but NUL, up to 1024. Only keys under our
 * prefixes are presigned: the caller checks.
 * Retries: what is safe to repeat (s3_code.def, 429, 5xx, reset, timeouts), with full jitter, while
 * the bucket's budget lasts; a clock that S3 finds wrong is corrected from its Date, once.
 * Errors:  ERR_NOT_FOUND (NoSuchKey), ERR_CONFLICT (if_absent), ERR_STORAGE (down or denied; msg
 * says S3's <Code> and the next step), ERR_TIMEOUT.
 */
#pragma once

#include "common/base.h"
#include "common/creds.h"
#include "common/crypto.h"
#include "common/err.h"
#include "common/secret.h"
#include "common/str.h"

struct s3;

/* How a body is covered: by what its header and its chunks say. What is in memory and not unsigned
 * is signed by its SHA-256, and so is a stream whose sum is known before. */
enum s3_payload {
    S3_PAYLOAD_UNSIGNED,
    S3_PAYLOAD_SIGNED,
    S3_PAYLOAD_TRAILER, /* unsigned, and a checksum behind a stream */
    S3_PAYLOAD_AUTO /* SIGNED over plain HTTP; TRAILER over TLS, UNSIGNED where that is refused */
};
/* auto, signed, unsigned, trailer; false: another word. */
bool s3_payload_parse(const char *word, enum s3_payload *out);

struct s3_conf {
    const char *endpoint;         /* "https://s3.eu-west-1.amazonaws.com"; "" : AWS of the region */
    const char *model_endpoint;   /* host given to models; "": endpoint */
    const char *browser_endpoint; /* host given to browsers; "": endpoint */
    const char *ca_file; /* PEM of those who vouch for `endpoint`; NULL, "": the system's */
    const char *region, *bucket;
    const char *access_key; /* keys that are given; none: `creds` says where they are found */
    struct secret secret_key, session_token;
    struct creds_conf creds; /* its own access_key, secret_key, session_token, region stay empty */
    bool path_style;         /* bucket in the path; else in the host */
    bool dualstack;          /* AWS by IPv6 too; not with an endpoint of one's own */
    enum s3_payload payload;
    bool content_md5;       /* Content-MD5 of objects and parts */
    bool checksum;          /* x-amz-checksum-crc32c of objects and parts */
    const char *acl;        /* x-amz-acl of what we store; NULL, "": none is sent */
    const char *encryption; /* x-amz-server-side-encryption: AES256, aws:kms; NULL, "": none */
    const char *kms_key;    /* for aws:kms; NULL, "": the account's own */
    int64_t connect_ms, first_byte_ms, total_ms; /* 0: no limit */
    int64_t stall_ms, stall_bytes_s;             /* slower than that for so long; 0 B/s: 1 */
    unsigned tries;                              /* of a call that may be repeated */
};

/* Of a service's settings (s3_settings.def), but for total_ms and what is its own. */
#define S3_CONF_OF(c)                                                                              \
    .endpoint = (c)->s3_endpoint, .ca_file = (c)->s3_ca, .region = (c)->region,                    \
    .bucket = (c)->bucket, .access_key = (c)->access_key, .secret_key = (c)->secret_key,           \
    .session_token = (c)->session_token,                                                           \
    .creds = {.role_arn = (c)->aws_role,                                                           \
              .role_session = (c)->aws_role_session,                                               \
              .token_file = (c)->aws_web_token,                                                    \
              .sts_endpoint = (c)->aws_sts,                                                        \
              .profile = (c)->aws_profile,                                                         \
              .credentials_file = (c)->aws_credentials,                                            \
              .config_file = (c)->aws_config,                                                      \
              .home = getenv("HOME"),                                                              \
              .container_relative = (c)->aws_container,                                            \
              .container_full = (c)->aws_container_full,                                           \
              .container_token = (c)->aws_container_token,                                         \
              .container_token_file = (c)->aws_container_token_file,                               \
              .imds_endpoint = (c)->aws_imds,                                                      \
              .imds_off = (c)->aws_imds_off},                                                      \
    .path_style = (c)->path_style, .dualstack = (c)->s3_dualstack, .connect_ms = (c)->s3_connect,  \
    .first_byte_ms = (c)->s3_first_byte, .stall_ms = (c)->s3_stall,                                \
    .stall_bytes_s = (c)->s3_min_rate, .tries = (unsigned)(c)->s3_tries

enum { S3_ETAG_SIZE = 80, S3_UPLOAD_ID_SIZE = 512, S3_KEY_MAX = 1024, S3_PARTS_MAX = 10000 };

struct s3_etag {
    char text[S3_ETAG_SIZE]; /* without quotes */
    char crc32c[12];         /* of a part, base64; "": none was sent */
};
struct s3_head {
    int64_t size;
    struct s3_etag etag;
    char type[64];
    int64_t modified; /* wall seconds */
};
struct s3_range {
    int64_t from, n;
};
struct s3_listed {
    char *key;
    int64_t size, modified;
};
struct s3_list {
    struct s3_listed *items;
    size_t n;
    char *next; /* continuation token; NULL: that was the last page */
};
struct s3_stray { /* an unfinished multipart upload */
    char *key, *upload_id;
    int64_t started; /* wall seconds */
};
struct s3_strays {
    struct s3_stray *items;
    size_t n;
    bool more;
    char *next_key, *next_id; /* where the next page begins; NULL on the last */
};
struct s3_part {
    unsigned number;
    int64_t size;
    struct s3_etag etag;
};
struct s3_parts {
    struct s3_part *items;
    size_t n;
    unsigned next; /* ask again with it; 0: that was the last page */
};

MUST_CHECK bool s3_open(const struct s3_conf *conf, struct s3 **out,
                        struct err *err); /* texts are copied */
void s3_close(struct s3 **s3);
bool s3_signs_bodies(const struct s3 *s3);      /* what is in memory, by its SHA-256 */
bool s3_signs_whole(const struct s3 *s3);       /* a stream, by that in s3_stream, if it is there */
const char *s3_key_source(const struct s3 *s3); /* "profile": where the keys come from */

MUST_CHECK bool s3_put(struct s3 *s3, const char *key, const char *type, struct sv body,
                       struct s3_etag *etag, struct err *err);
/* The same with more to say. Borrowed. */
struct s3_object_in {
    const char *key, *type; /* type: NULL: none */
    struct sv body;
    const char *sha256; /* of the body, hex, where it is known; NULL: it is taken if it is needed */
    const struct s3_meta *meta;
    size_t meta_n;       /* 8 at most */
    const char *tagging; /* "name=value&name=value", percent-encoded; NULL: none */
    bool if_absent;      /* ERR_CONFLICT when the key is taken, and nothing is changed */
    bool once; /* the key is this object's alone: a repeated try makes no second version of it,
                  where the store knows If-None-Match */
};
struct s3_meta {
    const char *name, *value; /* x-amz-meta-NAME; ASCII */
};
MUST_CHECK bool s3_put_object(struct s3 *s3, const struct s3_object_in *object,
                              struct s3_etag *etag, struct err *err);
/* Inside the store, up to 5 GiB. */
MUST_CHECK bool s3_copy(struct s3 *s3, const char *from, const char *to, struct s3_etag *etag,
                        struct err *err);

/* A body that is still arriving. Sent again only where it can begin anew. */
struct s3_stream {
    /* 0 < *got <= n bytes, `length` in all; false with err gives the request up, and that err is
     * the outcome */
    bool (*read)(void *arg, char *buf, size_t n, size_t *got, struct err *err);
    bool (*rewind)(void *arg); /* from the first byte again; false: they are gone */
    void *arg;
    int64_t length;
    bool once;                /* as in s3_object_in; only for what can be read again */
    struct crypto_hash *hash; /* borrowed: of what the successful attempt sent; NULL: not wanted */
    const char *sha256;       /* of all bytes, hex, where it is known before; else NULL */
};
MUST_CHECK bool s3_put_stream(struct s3 *s3, const char *key, const char *type,
                              const struct s3_stream *body, struct s3_etag *etag, struct err *err);
MUST_CHECK bool s3_get(struct s3 *s3, const char *key, size_t max, struct str *out,
                       struct err *err);
/* n bytes (1 at least) from that offset; fewer at the object's end. ERR_BAD_REQUEST: behind it. */
MUST_CHECK bool s3_get_range(struct s3 *s3, const char *key, struct s3_range range, struct str *out,
                             struct err *err);
MUST_CHECK bool s3_stat(struct s3 *s3, const char *key, struct s3_head *out, struct err *err);
/* And its metadata, a line "name: value\n" each, appended. */
MUST_CHECK bool s3_stat_meta(struct s3 *s3, const char *key, struct s3_head *out, struct str *meta,
                             struct err *err);
/* The tags as "name=value&name=value", percent-encoded, appended. */
MUST_CHECK bool s3_tags(struct s3 *s3, const char *key, struct str *out, struct err *err);
MUST_CHECK bool s3_delete(struct s3 *s3, const char *key, struct err *err); /* absent is success */
/* In calls of 1000 keys; absent is success. false: some may be left, and all may be asked again. */
MUST_CHECK bool s3_delete_all(struct s3 *s3, const char *const *keys, size_t n, struct err *err);
MUST_CHECK bool s3_list(struct s3 *s3, const char *prefix, const char *after, struct s3_list *out,
                        struct err *err);
void s3_list_free(struct s3_list *l);
MUST_CHECK bool s3_check(struct s3 *s3,
                         struct err *err); /* is the bucket there and ours? for /readyz */

MUST_CHECK bool s3_mpu_create(struct s3 *s3, const char *key, const char *type,
                              char id[static S3_UPLOAD_ID_SIZE], struct err *err);
struct s3_mpu { /* a multipart upload, by name; borrowed */
    const char *key, *id;
};
MUST_CHECK bool s3_mpu_part(struct s3 *s3, const struct s3_mpu *mpu, unsigned number,
                            struct sv body, struct s3_etag *etag, struct err *err);
struct s3_summed {
    struct sv bytes;
    const char *sha256; /* of them, hex; NULL: it is taken if it is needed */
};
MUST_CHECK bool s3_mpu_part_summed(struct s3 *s3, const struct s3_mpu *mpu, unsigned number,
                                   const struct s3_summed *body, struct s3_etag *etag,
                                   struct err *err);
MUST_CHECK bool s3_mpu_complete(struct s3 *s3, const struct s3_mpu *mpu,
                                const struct s3_etag *etags, unsigned n, struct s3_etag *etag,
                                struct err *err);
MUST_CHECK bool s3_mpu_abort(struct s3 *s3, const char *key, const char *id,
                             struct err *err); /* absent is success */
MUST_CHECK bool s3_mpu_list(struct s3 *s3, const char *prefix, struct s3_strays *out,
                            struct err *err);
/* The page after that one; NULL: the first. out may be `before`'s successor, never itself. */
MUST_CHECK bool s3_mpu_list_next(struct s3 *s3, const char *prefix, const struct s3_strays *before,
                                 struct s3_strays *out, struct err *err);
void s3_strays_free(struct s3_strays *l);
/* What was stored of an upload. after: 0, or `next` of the page before. */
MUST_CHECK bool s3_mpu_parts(struct s3 *s3, const struct s3_mpu *mpu, unsigned after,
                             struct s3_parts *out, struct err *err);
void s3_parts_free(struct s3_parts *l);

enum s3_reader { S3_FOR_MODEL, S3_FOR_BROWSER };
/* A presigned GET, valid from now for expires_s (1..604800), and no longer than the keys are. The
 * text holds a signature: never log it. */
MUST_CHECK bool s3_presign_get(struct s3 *s3, enum s3_reader who, const char *key,
                               int64_t expires_s, struct str *url, struct err *err);
/* The same URL for all of a window of time (signed as of its beginning), so that caches can hit:
 * valid for expires_s at least, and for less than two windows more. */
struct s3_life {
    int64_t expires_s, window_s; /* 1 at least */
};
MUST_CHECK bool s3_presign_get_in(struct s3 *s3, enum s3_reader who, const char *key,
                                  const struct s3_life *life, struct str *url, struct err *err);
