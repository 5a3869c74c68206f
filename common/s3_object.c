/*
 * s3_object.c - the calls on single objects: put, get, head, copy, tags, delete.
 */
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/s3_internal.h"
#include "common/url.h"
#include "common/xml.h"

enum { META_MAX = 8, META_NAME_SIZE = 64, COPY_SOURCE_MAX = 4 << 10, ERROR_ROOM = 64 << 10 };

void s3_etag_read(struct sv text, struct s3_etag *out)
{
    size_t n = 0;

    if (sv_starts(text, "W/"))
        text = (struct sv){text.p + 2, text.n - 2};
    for (size_t i = 0; i < text.n && n + 1 < sizeof out->text; i++)
        if (text.p[i] != '"')
            out->text[n++] = text.p[i];
    out->text[n] = out->crc32c[0] = '\0';
}

bool s3_put(struct s3 *s3, const char *key, const char *type, struct sv body, struct s3_etag *etag,
            struct err *err)
{
    const struct s3_object_in object = {.key = key, .type = type, .body = body};

    return s3_put_object(s3, &object, etag, err);
}

/* Nobody else writes under that key: what lies there whole came of a try whose answer was lost. */
static bool is_there(struct s3 *s3, const struct s3_call *call, struct s3_etag *etag)
{
    int64_t size = call->stream ? call->stream->length : (int64_t)call->body.n;
    struct s3_head head = {.size = -1};
    struct err ignored = ERR_INIT;

    if (!s3_stat(s3, call->key, &head, &ignored) || head.size != size)
        return false;
    if (etag)
        *etag = head.etag;
    return true;
}

/* Our own bytes, stored by a try whose answer was lost? An ETag that is no MD5 (encrypted with KMS,
 * or of another server) says no: then the caller is told that the key is taken. */
static bool is_stored(struct s3 *s3, const struct s3_object_in *object, struct s3_etag *etag)
{
    uint8_t sum[MD5_SIZE];
    char hex[2 * MD5_SIZE + 1];
    struct s3_head head;
    struct err ignored = ERR_INIT;

    crypto_md5(object->body, sum);
    crypto_hex(sum, sizeof sum, hex);
    if (!s3_stat(s3, object->key, &head, &ignored) || strcmp(head.etag.text, hex) != 0)
        return false;
    if (etag)
        *etag = head.etag;
    return true;
}

/* object: what if_absent asks for is judged by its bytes; NULL: it does not. */
static bool put(struct s3 *s3, const struct s3_object_in *object, const struct s3_call *call,
                struct s3_etag *etag, struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    struct s3_outcome outcome;
    struct err why = ERR_INIT;

    if (s3_call(s3, call, &answer, &outcome, &why)) {
        if (etag)
            s3_etag_read(http_header(&answer, "ETag"), etag);
        return true;
    }
    if (outcome.status == 412 && outcome.uncertain &&
        (object ? is_stored(s3, object, etag) : is_there(s3, call, etag)))
        return true;
    *err = why;
    return false;
}

bool s3_put_object(struct s3 *s3, const struct s3_object_in *object, struct s3_etag *etag,
                   struct err *err)
{
    struct sigv4_pair headers[META_MAX + 2];
    char names[META_MAX][META_NAME_SIZE];
    size_t n = 0;

    if (object->meta_n > META_MAX)
        return err_set(err, ERR_INTERNAL, "an object has at most %d metadata, not %zu", META_MAX,
                       object->meta_n);
    for (size_t i = 0; i < object->meta_n; i++) {
        int length = snprintf(names[i], META_NAME_SIZE, "x-amz-meta-%s", object->meta[i].name);

        if (length >= META_NAME_SIZE || strpbrk(object->meta[i].value, "\r\n"))
            return err_set(err, ERR_INTERNAL, "metadata that is no header: %s", names[i]);
        headers[n++] = (struct sigv4_pair){sv_of(names[i]), sv_of(object->meta[i].value)};
    }
    if (object->tagging)
        headers[n++] = (struct sigv4_pair){SV_LIT("x-amz-tagging"), sv_of(object->tagging)};
    if (object->if_absent)
        headers[n++] = (struct sigv4_pair){SV_LIT("If-None-Match"), SV_LIT("*")};
    const struct s3_call call = {.method = "PUT",
                                 .key = object->key,
                                 .type = object->type,
                                 .body = object->body,
                                 .sha256 = object->sha256,
                                 .headers = headers,
                                 .headers_n = n,
                                 .creates = true,
                                 .once = object->once && !object->if_absent,
                                 .data = true};
    return put(s3, call.once ? NULL : object, &call, etag, err);
}

bool s3_put_stream(struct s3 *s3, const char *key, const char *type, const struct s3_stream *body,
                   struct s3_etag *etag, struct err *err)
{
    const struct s3_call call = {.method = "PUT",
                                 .key = key,
                                 .type = type,
                                 .stream = body,
                                 .sha256 = body->sha256,
                                 .creates = true,
                                 .once = body->once};

    return put(s3, NULL, &call, etag, err);
}

bool s3_copy(struct s3 *s3, const char *from, const char *to, struct s3_etag *etag, struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    AUTO(str_free) struct str source = STR_INIT(COPY_SOURCE_MAX);
    char text[2 * S3_ETAG_SIZE];
    struct sv result;

    str_addf(&source, "/%s/", s3->bucket);
    sigv4_encode(sv_of(from), true, &source);
    const struct sigv4_pair header = {SV_LIT("x-amz-copy-source"), str_sv(&source)};
    const struct s3_call call = {.method = "PUT",
                                 .key = to,
                                 .headers = &header,
                                 .headers_n = 1,
                                 .creates = true,
                                 .body_judges = true};

    if (!s3_call(s3, &call, &answer, NULL, err))
        return false;
    if (!xml_child(str_sv(&answer.body), "CopyObjectResult", &result) ||
        !xml_child_text(result, "ETag", text, sizeof text))
        return err_set(err, ERR_STORAGE, "S3's answer to a copy is not as documented");
    if (etag)
        s3_etag_read(sv_of(text), etag);
    return true;
}

static bool take(struct http_answer *answer, size_t max, struct str *out, struct err *err)
{
    if (answer->body.n > max)
        return err_set(err, ERR_TOO_LARGE, "the object has %zu bytes, more than %zu",
                       answer->body.n, max);
    str_free(out);
    *out = answer->body;
    answer->body = (struct str)STR_INIT(0);
    return true;
}

bool s3_get(struct s3 *s3, const char *key, size_t max, struct str *out, struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    const struct s3_call call = {
        .method = "GET", .key = key, .answer_max = max > S3_ANSWER_MAX ? max : S3_ANSWER_MAX};

    return s3_call(s3, &call, &answer, NULL, err) && take(&answer, max, out, err);
}

bool s3_get_range(struct s3 *s3, const char *key, struct s3_range range, struct str *out,
                  struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    char text[64];
    const struct sigv4_pair header = {SV_LIT("Range"), {text, 0}};
    struct sigv4_pair sent = header;

    if (range.from < 0 || range.n < 1 || range.n > INT32_MAX || range.from > INT64_MAX - range.n)
        return err_set(err, ERR_INTERNAL, "a range of %lld bytes from %lld", (long long)range.n,
                       (long long)range.from);
    sent.value.n = (size_t)snprintf(text, sizeof text, "bytes=%lld-%lld", (long long)range.from,
                                    (long long)(range.from + range.n - 1));
    const struct s3_call call = {.method = "GET",
                                 .key = key,
                                 .headers = &sent,
                                 .headers_n = 1,
                                 .answer_max = (size_t)range.n + ERROR_ROOM};

    if (!s3_call(s3, &call, &answer, NULL, err))
        return false;
    if (answer.status != 206)
        return err_set(err, ERR_STORAGE, "S3 GET: HTTP %d: the store takes no ranges",
                       answer.status);
    return take(&answer, (size_t)range.n, out, err);
}

static void copy_text(struct sv v, char *out, size_t size)
{
    size_t n = v.n < size ? v.n : size - 1;

    memcpy(out, v.p, n);
    out[n] = '\0';
}

/* Lines "x-amz-meta-NAME: VALUE\r\n" among others. */
static void add_meta(struct sv headers, struct str *out)
{
    static const char prefix[] = "x-amz-meta-";

    while (headers.n > 0) {
        struct sv line = sv_cut_line(&headers);

        if (line.n < sizeof prefix || !sv_ieqz((struct sv){line.p, sizeof prefix - 1}, prefix))
            continue;
        str_add(out, line.p + sizeof prefix - 1, line.n - (sizeof prefix - 1));
        str_addc(out, '\n');
    }
}

bool s3_stat_meta(struct s3 *s3, const char *key, struct s3_head *out, struct str *meta,
                  struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    const struct s3_call call = {.method = "HEAD", .key = key};
    struct s3_head head = {0};
    char modified[64];

    if (!s3_call(s3, &call, &answer, NULL, err))
        return false;
    if (!sv_int(http_header(&answer, "Content-Length"), &head.size))
        return err_set(err, ERR_STORAGE, "S3 HEAD: the answer has no Content-Length");
    s3_etag_read(http_header(&answer, "ETag"), &head.etag);
    copy_text(http_header(&answer, "Content-Type"), head.type, sizeof head.type);
    copy_text(http_header(&answer, "Last-Modified"), modified, sizeof modified);
    if (!clock_parse_http(modified, &head.modified))
        head.modified = 0;
    if (meta)
        add_meta(str_sv(&answer.headers), meta);
    *out = head;
    return true;
}

bool s3_stat(struct s3 *s3, const char *key, struct s3_head *out, struct err *err)
{
    return s3_stat_meta(s3, key, out, NULL, err);
}

bool s3_tags(struct s3 *s3, const char *key, struct str *out, struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    const struct sigv4_pair query = {SV_LIT("tagging"), SV_LIT("")};
    const struct s3_call call = {.method = "GET", .key = key, .query = &query, .query_n = 1};
    struct sv tagging, set, tag;
    size_t n = 0;

    if (!s3_call(s3, &call, &answer, NULL, err))
        return false;
    if (!xml_child(str_sv(&answer.body), "Tagging", &tagging) ||
        !xml_child(tagging, "TagSet", &set))
        return err_set(err, ERR_STORAGE, "S3's answer to the tags is not as documented");
    while (xml_next(&set, "Tag", &tag)) {
        char name[520] = "", value[1040] = ""; /* 128 and 256 characters of UTF-8 */

        if (!xml_child_text(tag, "Key", name, sizeof name) ||
            !xml_child_text(tag, "Value", value, sizeof value))
            continue;
        if (n++ > 0)
            str_addc(out, '&');
        url_encode(out, sv_of(name));
        str_addc(out, '=');
        url_encode(out, sv_of(value));
    }
    return true;
}

bool s3_delete(struct s3 *s3, const char *key, struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    const struct s3_call call = {.method = "DELETE", .key = key};
    struct s3_outcome outcome;
    struct err why = ERR_INIT;

    if (s3_call(s3, &call, &answer, &outcome, &why) || strcmp(outcome.code, "NoSuchKey") == 0)
        return true;
    *err = why;
    return false;
}
