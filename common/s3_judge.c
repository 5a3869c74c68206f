/*
 * s3_judge.c - what an answer of S3 means: done, worth another try, or a refusal with the next
 * step.
 *
 * S3's <Code> decides, never its <Message>, which some servers leave empty; without a code (the
 * answer to a HEAD has no body) the status does.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/s3_internal.h"
#include "common/xml.h"

enum { SKEW_TOLERATED_S = 240, REGION_SIZE = 40 };

static const struct known {
    const char *code;
    enum s3_verdict verdict;
    enum err_code err;
    const char *next_step;
} known[] = {
#define S3_CODE(code, verdict, err, step) {#code, S3_##verdict, ERR_##err, step},
#include "common/s3_code.def"
#undef S3_CODE
};

static const struct known *lookup(const char *code)
{
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strcmp(known[i].code, code) == 0)
            return &known[i];
    return NULL;
}

enum s3_verdict s3_code_verdict(const char *code)
{
    const struct known *k = lookup(code);

    return k ? k->verdict : S3_FAILED;
}

bool s3_date_skew(const struct http_answer *a, int64_t *skew_s)
{
    struct sv date = http_header(a, "Date");
    char text[64];
    int64_t at;

    if (date.n == 0 || date.n >= sizeof text)
        return false;
    memcpy(text, date.p, date.n);
    text[date.n] = '\0';
    if (!clock_parse_http(text, &at))
        return false;
    *skew_s = at - clock_wall_s();
    return true;
}

/* A refusal that a wrong clock explains, from a server that does not say so. */
static bool looks_skewed(const struct http_answer *a, const char *code, int64_t assumed_s)
{
    static const char *const vague[] = {"", "AccessDenied", "SignatureDoesNotMatch"};
    int64_t skew;

    if (a->status != 403 || !s3_date_skew(a, &skew) ||
        llabs((long long)(skew - assumed_s)) <= SKEW_TOLERATED_S)
        return false;
    for (size_t i = 0; i < COUNT_OF(vague); i++)
        if (strcmp(code, vague[i]) == 0)
            return true;
    return false;
}

/* Only such text of a server is shown. */
static bool is_region(struct sv v)
{
    for (size_t i = 0; i < v.n; i++)
        if (!islower((unsigned char)v.p[i]) && !isdigit((unsigned char)v.p[i]) && v.p[i] != '-')
            return false;
    return v.n > 2 && v.n < REGION_SIZE;
}

static bool read_error(const struct http_answer *a, struct s3_outcome *out)
{
    struct sv error, region = http_header(a, "x-amz-bucket-region");
    char text[REGION_SIZE] = "";
    bool found = xml_child(str_sv(&a->body), "Error", &error);

    if (found && !xml_child_text(error, "Code", out->code, sizeof out->code))
        out->code[0] = '\0';
    if (found && region.n == 0 && xml_child_text(error, "Region", text, sizeof text))
        region = sv_of(text);
    if (is_region(region)) {
        memcpy(out->region, region.p, region.n);
        out->region[region.n] = '\0';
    }
    return found;
}

enum s3_verdict s3_judge(const struct s3_call *call, const struct http_answer *a, int64_t assumed_s,
                         struct s3_outcome *out)
{
    bool refused = a->status < 200 || a->status > 299;
    const struct known *k;

    out->code[0] = out->region[0] = '\0';
    out->status = a->status;
    if ((refused || call->body_judges) && read_error(a, out))
        refused = true;
    if (!refused)
        return S3_DONE;
    if (looks_skewed(a, out->code, assumed_s))
        return S3_SKEWED;
    k = lookup(out->code);
    if (k)
        return k->verdict;
    if (a->status == 429 || a->status == 503)
        return S3_SLOW;
    return a->status >= 500 && a->status != 501 && a->status != 505 ? S3_AGAIN : S3_FAILED;
}

static const char *step_of(int status)
{
    if (status == 404)
        return "the object is not there (any more)";
    if (status == 403)
        return "check AWS_ACCESS_KEY_ID and the bucket policy";
    if (status == 412)
        return "an object with that key is there already";
    return status >= 500 || status == 429 ? "S3 has a fault of its own; try again"
                                          : "check AWS_ENDPOINT_URL_S3";
}

/* By its code; without one by its status. */
static struct known meaning(const struct s3_outcome *o)
{
    const struct known *k = lookup(o->code);
    struct known unknown = {.err = ERR_STORAGE};

    if (k)
        return *k;
    unknown.next_step = *o->code ? "see S3's documentation of this code" : step_of(o->status);
    if (!*o->code && (o->status == 404 || o->status == 412))
        unknown.err = o->status == 404 ? ERR_NOT_FOUND : ERR_CONFLICT;
    return unknown;
}

/* An answer from another region names ours; without an endpoint of our own that is all to change.
 */
static bool redirected(const struct s3 *s3, const char *method, const struct s3_outcome *o,
                       struct err *err)
{
    return err_set(
        err, ERR_STORAGE,
        "S3 %s: HTTP %d%s%s: the bucket \"%s\" lies in region %s: set AWS_REGION=%s%s", method,
        o->status, *o->code ? " " : "", o->code, s3->bucket, o->region, o->region,
        s3->own_endpoint ? " and the endpoint of that region in AWS_ENDPOINT_URL_S3" : "");
}

bool s3_refusal(const struct s3 *s3, const char *method, const struct s3_outcome *o,
                struct err *err)
{
    const struct known m = meaning(o);

    if (*o->region && o->status < 404 && strcmp(o->region, s3->region) != 0)
        return redirected(s3, method, o, err);
    return err_set(err, m.err, "S3 %s: HTTP %d%s%s: %s", method, o->status, *o->code ? " " : "",
                   o->code, m.next_step);
}
