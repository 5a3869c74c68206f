/*
 * diff.h - our canonical request beside the one that S3 computed, and the first difference as a
 * sentence.
 *
 * In:      S3's answer to a request that it refused with SignatureDoesNotMatch: XML with
 *          CanonicalRequest and StringToSign. What stands before "<Error" (headers) is passed over.
 */
#pragma once

#include "common/str.h"
#include "local/sigv4/sign.h"

struct diff_answer {
    struct str canonical, text, access_key, signature; /* empty where S3 sent none */
};
#define DIFF_ANSWER_INIT                                                                           \
    {                                                                                              \
        .canonical = STR_INIT(1 << 20), .text = STR_INIT(1 << 20),                                 \
        .access_key = STR_INIT(1 << 10), .signature = STR_INIT(1 << 10)                            \
    }
MUST_CHECK bool diff_read(struct sv answer, struct diff_answer *out, struct err *err);
void diff_answer_free(struct diff_answer *a);

/* The report, appended; true: both canonical requests and strings to sign are the same. */
bool diff_report(const struct signing *ours, const struct diff_answer *theirs,
                 const char *access_key, struct str *out);
