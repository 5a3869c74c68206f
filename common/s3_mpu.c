/*
 * s3_mpu.c - multipart uploads, step by step (S3 API: CreateMultipartUpload, UploadPart,
 * CompleteMultipartUpload, AbortMultipartUpload, ListParts).
 *
 * A key has one upload at a time: when the answer to its start is lost, the start is repeated and
 * what the lost one left under the key is aborted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/s3_internal.h"
#include "common/xml.h"

enum { COMPLETE_MAX = 2 << 20 };

/* What does not work here is the sweeper's. */
static void abort_others(struct s3 *s3, const char *key, const char *id)
{
    AUTO(s3_strays_free) struct s3_strays list = {0};
    struct err ignored = ERR_INIT;

    if (!s3_mpu_list(s3, key, &list, &ignored))
        return;
    for (size_t i = 0; i < list.n; i++)
        if (strcmp(list.items[i].key, key) == 0 && strcmp(list.items[i].upload_id, id) != 0 &&
            !s3_mpu_abort(s3, key, list.items[i].upload_id, &ignored))
            return;
}

bool s3_mpu_create(struct s3 *s3, const char *key, const char *type,
                   char id[static S3_UPLOAD_ID_SIZE], struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    const struct sigv4_pair query[] = {{SV_LIT("uploads"), SV_LIT("")}};
    const struct sigv4_pair algorithm = {SV_LIT("x-amz-checksum-algorithm"), SV_LIT("CRC32C")};
    const struct s3_call call = {.method = "POST",
                                 .key = key,
                                 .query = query,
                                 .query_n = 1,
                                 .headers = &algorithm,
                                 .headers_n = s3->checksum ? 1 : 0,
                                 .type = type,
                                 .creates = true};
    struct s3_outcome outcome;
    struct sv result;

    if (!s3_call(s3, &call, &answer, &outcome, err))
        return false;
    if (xml_child(str_sv(&answer.body), "InitiateMultipartUploadResult", &result) &&
        xml_child_text(result, "UploadId", id, S3_UPLOAD_ID_SIZE) && *id) {
        if (outcome.uncertain)
            abort_others(s3, key, id);
        return true;
    }
    return err_set(err, ERR_STORAGE,
                   "S3 gave no upload id: is AWS_ENDPOINT_URL_S3 really an S3 server?");
}

bool s3_mpu_part(struct s3 *s3, const struct s3_mpu *mpu, unsigned number, struct sv body,
                 struct s3_etag *etag, struct err *err)
{
    return s3_mpu_part_summed(s3, mpu, number, &(struct s3_summed){.bytes = body}, etag, err);
}

bool s3_mpu_part_summed(struct s3 *s3, const struct s3_mpu *mpu, unsigned number,
                        const struct s3_summed *body, struct s3_etag *etag, struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    char digits[12];
    const struct sigv4_pair query[] = {
        {SV_LIT("partNumber"), {digits, (size_t)snprintf(digits, sizeof digits, "%u", number)}},
        {SV_LIT("uploadId"), sv_of(mpu->id)}};
    const struct s3_call call = {.method = "PUT",
                                 .key = mpu->key,
                                 .query = query,
                                 .query_n = 2,
                                 .body = body->bytes,
                                 .sha256 = body->sha256,
                                 .data = true};
    struct s3_outcome outcome;
    struct s3_etag got;

    if (!s3_call(s3, &call, &answer, &outcome, err))
        return err_wrap(err, "part %u", number);
    s3_etag_read(http_header(&answer, "ETag"), &got);
    if (!*got.text)
        return err_set(err, ERR_STORAGE, "S3 gave no ETag for part %u", number);
    /* A store that keeps checksums says it again, and wants it at the end; others want none. */
    if (http_header(&answer, "x-amz-checksum-crc32c").n > 0)
        memcpy(got.crc32c, outcome.crc32c, sizeof outcome.crc32c);
    *etag = got;
    return true;
}

static bool add_parts(const struct s3_etag *etags, unsigned n, struct str *xml)
{
    str_addz(xml, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (unsigned i = 0; i < n; i++) {
        str_addf(xml, "<Part><PartNumber>%u</PartNumber><ETag>\"", i + 1);
        xml_escape(sv_of(etags[i].text), xml);
        str_addz(xml, "\"</ETag>");
        if (*etags[i].crc32c)
            str_addf(xml, "<ChecksumCRC32C>%s</ChecksumCRC32C>", etags[i].crc32c);
        str_addz(xml, "</Part>");
    }
    str_addz(xml, "</CompleteMultipartUpload>");
    return str_ok(xml);
}

/* Our first request may have won although its answer was lost: then the object is there, of n
 * parts. */
static bool is_complete(struct s3 *s3, const char *key, unsigned n, struct s3_etag *etag)
{
    struct s3_head head;
    struct err ignored = ERR_INIT;
    char end[16];
    size_t length;

    if (!s3_stat(s3, key, &head, &ignored))
        return false;
    snprintf(end, sizeof end, "-%u", n);
    length = strlen(head.etag.text);
    if (length < strlen(end) || strcmp(head.etag.text + length - strlen(end), end) != 0)
        return false;
    *etag = head.etag;
    return true;
}

bool s3_mpu_complete(struct s3 *s3, const struct s3_mpu *mpu, const struct s3_etag *etags,
                     unsigned n, struct s3_etag *etag, struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    AUTO(str_free) struct str xml = STR_INIT(COMPLETE_MAX);
    const struct sigv4_pair query[] = {{SV_LIT("uploadId"), sv_of(mpu->id)}};
    struct s3_outcome outcome;
    struct err why = ERR_INIT;
    struct s3_etag got;
    struct sv result;
    char text[2 * S3_ETAG_SIZE];

    if (!add_parts(etags, n, &xml))
        return err_set(err, ERR_INTERNAL, "%u parts are too many", n);
    const struct s3_call call = {.method = "POST",
                                 .key = mpu->key,
                                 .query = query,
                                 .query_n = 1,
                                 .type = "application/xml",
                                 .body = str_sv(&xml),
                                 .body_judges = true};
    if (!s3_call(s3, &call, &answer, &outcome, &why)) {
        if (strcmp(outcome.code, "NoSuchUpload") == 0 && is_complete(s3, mpu->key, n, etag))
            return true;
        *err = why;
        return false;
    }
    if (!xml_child(str_sv(&answer.body), "CompleteMultipartUploadResult", &result) ||
        !xml_child_text(result, "ETag", text, sizeof text))
        return err_set(err, ERR_STORAGE,
                       "S3's answer to the end of an upload is not as documented");
    s3_etag_read(sv_of(text), &got);
    /* Ceph RGW 16 leaves the ETag of the first answer empty. */
    if (!*got.text && !is_complete(s3, mpu->key, n, &got))
        return err_set(err, ERR_STORAGE, "S3 does not know the object that it has just completed");
    *etag = got;
    return true;
}

bool s3_mpu_abort(struct s3 *s3, const char *key, const char *id, struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    const struct sigv4_pair query[] = {{SV_LIT("uploadId"), sv_of(id)}};
    const struct s3_call call = {.method = "DELETE", .key = key, .query = query, .query_n = 1};
    struct s3_outcome outcome;
    struct err why = ERR_INIT;

    if (s3_call(s3, &call, &answer, &outcome, &why) || strcmp(outcome.code, "NoSuchUpload") == 0)
        return true;
    *err = why;
    return false;
}

static bool add_part(struct sv entry, struct s3_parts *l)
{
    struct s3_part one = {0};
    char number[16], size[24], etag[2 * S3_ETAG_SIZE];
    int64_t n;

    if (!xml_child_text(entry, "PartNumber", number, sizeof number) ||
        !xml_child_text(entry, "Size", size, sizeof size) ||
        !xml_child_text(entry, "ETag", etag, sizeof etag) || !sv_int(sv_of(number), &n) || n < 1 ||
        n > S3_PARTS_MAX || !sv_int(sv_of(size), &one.size))
        return false;
    one.number = (unsigned)n;
    s3_etag_read(sv_of(etag), &one.etag);
    l->items = s3_grown(l->items, l->n, sizeof one);
    l->items[l->n++] = one;
    return true;
}

static bool read_parts(struct sv body, struct s3_parts *l)
{
    struct sv page, entry;
    char text[16];

    if (!xml_child(body, "ListPartsResult", &page))
        return false;
    for (struct sv rest = page; xml_next(&rest, "Part", &entry);)
        if (!add_part(entry, l))
            return false;
    if (l->n > 0 && xml_child_text(page, "IsTruncated", text, sizeof text) &&
        strcmp(text, "true") == 0)
        l->next = l->items[l->n - 1].number;
    return true;
}

bool s3_mpu_parts(struct s3 *s3, const struct s3_mpu *mpu, unsigned after, struct s3_parts *out,
                  struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    AUTO(s3_parts_free) struct s3_parts list = {0};
    char digits[12];
    const struct sigv4_pair query[] = {
        {SV_LIT("uploadId"), sv_of(mpu->id)},
        {SV_LIT("part-number-marker"),
         {digits, (size_t)snprintf(digits, sizeof digits, "%u", after)}}};
    const struct s3_call call = {
        .method = "GET", .key = mpu->key, .query = query, .query_n = after > 0 ? 2 : 1};

    if (!s3_call(s3, &call, &answer, NULL, err))
        return false;
    if (!read_parts(str_sv(&answer.body), &list))
        return err_set(err, ERR_STORAGE,
                       "S3's list of parts is not as documented: check AWS_ENDPOINT_URL_S3");
    *out = list;
    list = (struct s3_parts){0};
    return true;
}

void s3_parts_free(struct s3_parts *l)
{
    free(l->items);
    *l = (struct s3_parts){0};
}
