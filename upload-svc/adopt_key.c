/* adopt_key.c - which object of our bucket does an address name? The back end before this one kept
 * whatever its S3 library had called the place of an upload. Pure. */
#include <string.h>

#include "common/s3.h"
#include "common/url.h"
#include "upload-svc/adopt.h"

static bool take_prefix(struct sv *v, const char *prefix)
{
    size_t n = strlen(prefix);

    if (v->n < n || !sv_ieqz((struct sv){v->p, n}, prefix))
        return false;
    *v = (struct sv){v->p + n, v->n - n};
    return true;
}

/* "BUCKET/KEY": behind the bucket. */
static bool behind_bucket(struct sv *path, const char *bucket)
{
    struct sv rest = *path;

    if (!sv_eqz(sv_cut(&rest, '/'), bucket))
        return false;
    *path = rest;
    return true;
}

static bool is_google(struct sv host)
{
    return sv_ieqz(host, "storage.googleapis.com") || sv_ieqz(host, "storage.cloud.google.com");
}

/* What a signature or a port adds says nothing of the object. */
static bool read_web(struct sv rest, const char *bucket, struct sv *path, enum adopt_form *form)
{
    struct sv authority = sv_cut(&rest, '/');
    struct sv host = sv_cut(&authority, ':');
    size_t n = strlen(bucket);

    *path = rest;
    if (host.n > n + 1 && sv_eqz((struct sv){host.p, n}, bucket) && host.p[n] == '.') {
        struct sv behind = {host.p + n + 1, host.n - n - 1};

        *form = is_google(behind) ? ADOPT_GCS : ADOPT_HOST;
        return true;
    }
    *form = is_google(host) ? ADOPT_GCS : ADOPT_PATH;
    return behind_bucket(path, bucket);
}

static const char *decoded(struct arena *a, struct sv path)
{
    const char *key = url_decode(a, path, false);

    return key && *key != '\0' && strlen(key) <= S3_KEY_MAX ? key : NULL;
}

const char *adopt_key(struct arena *a, struct sv address, const char *bucket, enum adopt_form *form)
{
    struct sv rest = sv_trim(address), path;

    rest = sv_cut(&rest, '?');
    rest = sv_cut(&rest, '#');
    if (take_prefix(&rest, "https://") || take_prefix(&rest, "http://"))
        return read_web(rest, bucket, &path, form) ? decoded(a, path) : NULL;
    *form = ADOPT_GCS;
    if (!take_prefix(&rest, "gs://")) {
        *form = ADOPT_PATH;
        if (!take_prefix(&rest, "s3://"))
            return NULL;
    }
    return behind_bucket(&rest, bucket) ? decoded(a, rest) : NULL;
}

const char *adopt_find(struct arena *a, const struct adopt_places *row, const char *bucket,
                       enum adopt_form *form)
{
    struct sv noted = sv_trim(row->s3_key);
    const char *key = adopt_key(a, row->file_path, bucket, form);

    if (!key)
        key = adopt_key(a, row->s3_url, bucket, form);
    if (key || noted.n == 0 || noted.n > S3_KEY_MAX)
        return key;
    *form = ADOPT_KEY; /* of path-style addresses it had noted the bucket as well */
    return behind_bucket(&noted, bucket) && noted.n == 0 ? NULL : arena_copy(a, noted);
}
