/*
 * s3_delete.c - many objects in few calls (S3 API: DeleteObjects, up to 1000 keys each).
 *
 * A key that XML 1.0 cannot carry (control characters) goes by itself, and so does each of them
 * where the store lacks the call.
 */
#include <string.h>

#include "common/s3_internal.h"
#include "common/xml.h"

enum { BATCH = 1000, BODY_MAX = 8 << 20 };

static bool fits_xml(const char *key)
{
    for (const unsigned char *p = (const unsigned char *)key; *p; p++)
        if (*p < 0x20)
            return false;
    return true;
}

static size_t add_keys(const char *const *keys, size_t n, struct str *xml)
{
    size_t added = 0;

    str_addz(xml, "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>");
    for (size_t i = 0; i < n; i++) {
        if (!fits_xml(keys[i]))
            continue;
        str_addz(xml, "<Object><Key>");
        xml_escape(sv_of(keys[i]), xml);
        str_addz(xml, "</Key></Object>");
        added++;
    }
    str_addz(xml, "</Delete>");
    return added;
}

/* 200 does not mean that all are gone. */
static bool read_errors(struct sv body, struct err *err)
{
    struct sv result, error;
    char code[S3_CODE_SIZE] = "";

    if (!xml_child(body, "DeleteResult", &result))
        return err_set(err, ERR_STORAGE, "S3's answer to a deletion is not as documented");
    while (xml_next(&result, "Error", &error)) {
        if (!xml_child_text(error, "Code", code, sizeof code))
            code[0] = '\0';
        if (strcmp(code, "NoSuchKey") != 0)
            return err_set(err, ERR_STORAGE, "S3 did not delete all objects: %s", code);
    }
    return true;
}

static bool one_by_one(struct s3 *s3, const char *const *keys, size_t n, bool all, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if ((all || !fits_xml(keys[i])) && !s3_delete(s3, keys[i], err))
            return false;
    return true;
}

static bool is_lacking(const struct s3_outcome *o)
{
    return o->status == 405 || o->status == 501 || strcmp(o->code, "NotImplemented") == 0;
}

static bool delete_batch(struct s3 *s3, const char *const *keys, size_t n, struct err *err)
{
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    AUTO(str_free) struct str xml = STR_INIT(BODY_MAX);
    const struct sigv4_pair query = {SV_LIT("delete"), SV_LIT("")};
    struct s3_outcome outcome;
    struct err why = ERR_INIT;

    if (add_keys(keys, n, &xml) == 0)
        return one_by_one(s3, keys, n, true, err);
    const struct s3_call call = {.method = "POST",
                                 .query = &query,
                                 .query_n = 1,
                                 .type = "application/xml",
                                 .body = str_sv(&xml),
                                 .digest = true};
    if (s3_call(s3, &call, &answer, &outcome, &why))
        return read_errors(str_sv(&answer.body), err) && one_by_one(s3, keys, n, false, err);
    if (is_lacking(&outcome))
        return one_by_one(s3, keys, n, true, err);
    *err = why;
    return false;
}

bool s3_delete_all(struct s3 *s3, const char *const *keys, size_t n, struct err *err)
{
    for (size_t at = 0; at < n; at += BATCH)
        if (!delete_batch(s3, keys + at, n - at < BATCH ? n - at : BATCH, err))
            return false;
    return true;
}
