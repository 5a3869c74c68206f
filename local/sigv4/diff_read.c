/*
 * diff_read.c - what S3 says that it saw.
 */
#include <string.h>

#include "common/xml.h"
#include "local/sigv4/diff.h"

static struct sv from_error(struct sv answer)
{
    const char *at = answer.n > 0 ? memmem(answer.p, answer.n, "<Error", 6) : NULL;

    return at ? (struct sv){at, (size_t)(answer.p + answer.n - at)} : (struct sv){"", 0};
}

static bool text_of(struct sv error, const char *name, struct str *out)
{
    struct sv inner;

    return xml_child(error, name, &inner) && xml_text(inner, out) && str_ok(out);
}

bool diff_read(struct sv answer, struct diff_answer *out, struct err *err)
{
    struct sv error;
    char code[64] = "";

    if (!xml_child(from_error(answer), "Error", &error))
        return err_set(err, ERR_BAD_REQUEST,
                       "the file holds no <Error> document as S3 answers a refused request");
    if (!text_of(error, "CanonicalRequest", &out->canonical)) {
        if (!xml_child_text(error, "Code", code, sizeof code))
            code[0] = '\0';
        return err_set(err, ERR_BAD_REQUEST,
                       "the error%s%s has no CanonicalRequest; S3 sends one with "
                       "SignatureDoesNotMatch, other servers may not",
                       *code ? " " : "", code);
    }
    if (!text_of(error, "StringToSign", &out->text))
        str_reset(&out->text);
    if (!text_of(error, "AWSAccessKeyId", &out->access_key))
        str_reset(&out->access_key);
    if (!text_of(error, "SignatureProvided", &out->signature))
        str_reset(&out->signature);
    return true;
}

void diff_answer_free(struct diff_answer *a)
{
    str_free(&a->canonical);
    str_free(&a->text);
    str_free(&a->access_key);
    str_free(&a->signature);
}
