/*
 * s3_list.c - listing objects (ListObjectsV2) and unfinished uploads (ListMultipartUploads), a page
 * at a time.
 *
 * Keys of objects are asked for in URL encoding, because XML 1.0 cannot carry every byte that a key
 * may hold; a server that does not know the option leaves <EncodingType> out and is taken at its
 * word. Those of uploads are not: Ceph RGW 16 encodes them without saying so. An upload whose key
 * XML cannot carry is passed over; our own keys are plain.
 */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/s3_internal.h"
#include "common/xml.h"

enum { TOKEN_MAX = 2048, ENCODED_KEY_MAX = 3 * S3_KEY_MAX + 1 };

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool s3_url_decode(struct sv text, struct str *out)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (c == '%') {
            if (text.n - i < 3 || hex(text.p[i + 1]) < 0 || hex(text.p[i + 2]) < 0)
                return false;
            c = (char)(hex(text.p[i + 1]) << 4 | hex(text.p[i + 2]));
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        str_addc(out, c);
    }
    return str_ok(out);
}

int64_t s3_time_read(const char *text)
{
    int64_t at;

    return clock_parse_iso(sv_of(text), &at) ? at : 0;
}

static bool is_true(struct sv page, const char *name)
{
    char text[8];

    return xml_child_text(page, name, text, sizeof text) && strcmp(text, "true") == 0;
}

static bool is_encoded(struct sv page)
{
    char text[8];

    return xml_child_text(page, "EncodingType", text, sizeof text) && strcmp(text, "url") == 0;
}

/* The <Key> of an entry; NULL: it has none that we can hold. The caller owns it. */
static char *key_of(struct sv entry, bool encoded)
{
    AUTO(str_free) struct str key = STR_INIT(S3_KEY_MAX);
    char text[ENCODED_KEY_MAX];

    if (!xml_child_text(entry, "Key", text, sizeof text))
        return NULL;
    if (!encoded)
        str_addz(&key, text);
    else if (!s3_url_decode(sv_of(text), &key))
        return NULL;
    if (!str_ok(&key) || strlen(key.p) != key.n || key.n == 0)
        return NULL;
    return str_dup(key.p);
}

static bool strange(const char *what, struct err *err)
{
    return err_set(err, ERR_STORAGE,
                   "S3's list of %s is not as documented: check AWS_ENDPOINT_URL_S3", what);
}

/* Room for one more, doubling. */
void *s3_grown(void *items, size_t n, size_t size)
{
    if (n >= 16 && (n & (n - 1)))
        return items;
    if (n > 0 && n < 16)
        return items;
    items = reallocarray(items, n < 16 ? 16 : n * 2, size);
    if (!items)
        abort();
    return items;
}

static bool add_listed(struct sv entry, bool encoded, struct s3_list *l)
{
    struct s3_listed one = {0};
    char size[24], modified[40];

    if (!xml_child_text(entry, "Size", size, sizeof size) || !sv_int(sv_of(size), &one.size) ||
        !xml_child_text(entry, "LastModified", modified, sizeof modified) ||
        !(one.key = key_of(entry, encoded)))
        return false;
    one.modified = s3_time_read(modified);
    l->items = s3_grown(l->items, l->n, sizeof one);
    l->items[l->n++] = one;
    return true;
}

static bool read_list(struct sv body, struct s3_list *l, struct err *err)
{
    struct sv page, entry;
    char token[TOKEN_MAX];

    if (!xml_child(body, "ListBucketResult", &page))
        return strange("objects", err);
    for (struct sv rest = page; xml_next(&rest, "Contents", &entry);)
        if (!add_listed(entry, is_encoded(page), l))
            return strange("objects", err);
    if (!is_true(page, "IsTruncated"))
        return true;
    if (!xml_child_text(page, "NextContinuationToken", token, sizeof token))
        return strange("objects", err);
    l->next = str_dup(token);
    return true;
}

bool s3_list(struct s3 *s3, const char *prefix, const char *after, struct s3_list *out,
             struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    AUTO(s3_list_free) struct s3_list list = {0};
    const struct sigv4_pair query[] = {{SV_LIT("list-type"), SV_LIT("2")},
                                       {SV_LIT("encoding-type"), SV_LIT("url")},
                                       {SV_LIT("prefix"), sv_of(prefix)},
                                       {SV_LIT("continuation-token"), sv_of(after)}};
    const struct s3_call call = {
        .method = "GET", .query = query, .query_n = COUNT_OF(query) - (after ? 0 : 1)};

    if (!s3_call(s3, &call, &answer, NULL, err) || !read_list(str_sv(&answer.body), &list, err))
        return false;
    *out = list;
    list = (struct s3_list){0};
    return true;
}

void s3_list_free(struct s3_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->items[i].key);
    free(l->items);
    free(l->next);
    *l = (struct s3_list){0};
}

static bool add_stray(struct sv entry, bool encoded, struct s3_strays *l)
{
    struct s3_stray one = {0};
    char id[S3_UPLOAD_ID_SIZE], started[40];

    if (!xml_child_text(entry, "UploadId", id, sizeof id) ||
        !xml_child_text(entry, "Initiated", started, sizeof started))
        return false;
    one.key = key_of(entry, encoded);
    if (!one.key) /* in no way one of ours */
        return true;
    one.upload_id = str_dup(id);
    one.started = s3_time_read(started);
    l->items = s3_grown(l->items, l->n, sizeof one);
    l->items[l->n++] = one;
    return true;
}

/* Where the next page begins. A server that is done but for the markers is taken at its word. */
static bool next_stray(struct sv page, struct s3_strays *l)
{
    AUTO(str_free) struct str key = STR_INIT(S3_KEY_MAX);
    char text[ENCODED_KEY_MAX], id[S3_UPLOAD_ID_SIZE] = "";

    if (!xml_child_text(page, "NextKeyMarker", text, sizeof text) || !*text)
        return false;
    if (!is_encoded(page))
        str_addz(&key, text);
    else if (!s3_url_decode(sv_of(text), &key))
        return false;
    if (!xml_child_text(page, "NextUploadIdMarker", id, sizeof id))
        id[0] = '\0';
    l->next_key = str_dup(key.p);
    l->next_id = str_dup(id);
    return true;
}

static bool read_strays(struct sv body, struct s3_strays *l, struct err *err)
{
    struct sv page, entry;

    if (!xml_child(body, "ListMultipartUploadsResult", &page))
        return strange("uploads", err);
    for (struct sv rest = page; xml_next(&rest, "Upload", &entry);)
        if (!add_stray(entry, is_encoded(page), l))
            return strange("uploads", err);
    l->more = is_true(page, "IsTruncated");
    return !l->more || next_stray(page, l) || strange("uploads", err);
}

bool s3_mpu_list_next(struct s3 *s3, const char *prefix, const struct s3_strays *before,
                      struct s3_strays *out, struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    AUTO(s3_strays_free) struct s3_strays list = {0};
    const struct sigv4_pair query[] = {
        {SV_LIT("uploads"), SV_LIT("")},
        {SV_LIT("prefix"), sv_of(prefix)},
        {SV_LIT("key-marker"), sv_of(before ? before->next_key : NULL)},
        {SV_LIT("upload-id-marker"), sv_of(before ? before->next_id : NULL)}};
    const struct s3_call call = {
        .method = "GET", .query = query, .query_n = COUNT_OF(query) - (before ? 0 : 2)};

    if (!s3_call(s3, &call, &answer, NULL, err) || !read_strays(str_sv(&answer.body), &list, err))
        return false;
    *out = list;
    list = (struct s3_strays){0};
    return true;
}

bool s3_mpu_list(struct s3 *s3, const char *prefix, struct s3_strays *out, struct err *err)
{
    return s3_mpu_list_next(s3, prefix, NULL, out, err);
}

void s3_strays_free(struct s3_strays *l)
{
    for (size_t i = 0; i < l->n; i++) {
        free(l->items[i].key);
        free(l->items[i].upload_id);
    }
    free(l->items);
    free(l->next_key);
    free(l->next_id);
    *l = (struct s3_strays){0};
}
