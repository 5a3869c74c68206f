/*
 * s3.h - the S3 calls this job needs, each one signed request (sigv4.h) through http.h on the
 * caller's thread.
 *
 * Threads: struct s3 is shared by all. Retries what is safe to repeat (full jitter, SlowDown,
 * 500/502/503/504, RequestTimeout, reset), corrects clock skew from the server's Date once. Errors:
 * ERR_NOT_FOUND (NoSuchKey), ERR_STORAGE (down or denied; msg says S3's <Code> and the next step),
 * ERR_TIMEOUT. Keys:    any bytes but NUL, up to 1024. Only keys under our prefixes are presigned:
 * the caller checks.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"
#include "common/secret.h"
#include "common/str.h"

struct s3;

struct s3_conf {
    const char *endpoint;         /* "https://s3.eu-west-1.amazonaws.com"; "" : AWS of the region */
    const char *model_endpoint;   /* host given to models; "": endpoint */
    const char *browser_endpoint; /* host given to browsers; "": endpoint */
    const char *region, *bucket;
    const char *access_key;
    struct secret secret_key, session_token;
    bool path_style;   /* bucket in the path; else in the host */
    bool hash_payload; /* x-amz-content-sha256 of the body instead of UNSIGNED-PAYLOAD */
    int64_t connect_ms, total_ms, stall_ms;
    unsigned tries; /* of a call that may be repeated */
};

enum { S3_ETAG_SIZE = 80, S3_UPLOAD_ID_SIZE = 512, S3_KEY_MAX = 1024, S3_PARTS_MAX = 10000 };

struct s3_etag {
    char text[S3_ETAG_SIZE]; /* without quotes */
};
struct s3_head {
    int64_t size;
    struct s3_etag etag;
    char type[64];
    int64_t modified; /* wall seconds */
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
};

MUST_CHECK bool s3_open(const struct s3_conf *conf, struct s3 **out,
                        struct err *err); /* texts are copied */
void s3_close(struct s3 **s3);

MUST_CHECK bool s3_put(struct s3 *s3, const char *key, const char *type, struct sv body,
                       struct s3_etag *etag, struct err *err);
MUST_CHECK bool s3_get(struct s3 *s3, const char *key, size_t max, struct str *out,
                       struct err *err);
MUST_CHECK bool s3_stat(struct s3 *s3, const char *key, struct s3_head *out, struct err *err);
MUST_CHECK bool s3_delete(struct s3 *s3, const char *key, struct err *err); /* absent is success */
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
MUST_CHECK bool s3_mpu_complete(struct s3 *s3, const struct s3_mpu *mpu,
                                const struct s3_etag *etags, unsigned n, struct s3_etag *etag,
                                struct err *err);
MUST_CHECK bool s3_mpu_abort(struct s3 *s3, const char *key, const char *id,
                             struct err *err); /* absent is success */
MUST_CHECK bool s3_mpu_list(struct s3 *s3, const char *prefix, struct s3_strays *out,
                            struct err *err);
void s3_strays_free(struct s3_strays *l);

enum s3_reader { S3_FOR_MODEL, S3_FOR_BROWSER };
/* A presigned GET, valid from now for expires_s (1..604800). The text holds a signature: never log
 * it. */
MUST_CHECK bool s3_presign_get(struct s3 *s3, enum s3_reader who, const char *key,
                               int64_t expires_s, struct str *url, struct err *err);
