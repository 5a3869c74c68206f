/* creds_internal.h - what the files of creds share: a source, and how one is asked. */
#pragma once

#include "common/creds.h"
#include "common/http.h"

enum { CREDS_ANSWER_MAX = 64 << 10, CREDS_FILE_MAX = 1 << 20, CREDS_URL_MAX = 2048 };

/* true with *present false: this one is not set up. key is filled only with *present. */
typedef bool creds_find_fn(const struct creds_conf *conf, struct creds_key *key, bool *present,
                           struct err *err);
creds_find_fn creds_given, creds_web, creds_profile, creds_container, creds_instance;

static inline bool creds_set(const char *text) { return text && *text; }

struct creds_ask {
    const struct creds_conf *conf;
    const char *method, *url;
    const char *const *headers; /* as in http_req */
    struct sv body;
    unsigned tries; /* while nobody answers, or with a fault of its own */
};
/* false: no answer. Any status is for the caller to judge. */
MUST_CHECK bool creds_fetch(const struct creds_ask *ask, struct http_answer *answer,
                            struct err *err);
/* The answer of a container's or an instance's endpoint: AccessKeyId, SecretAccessKey, Token,
 * Expiration. */
MUST_CHECK bool creds_read_json(struct sv body, struct creds_key *key, struct err *err);
/* A small text file, without what is blank at its end. false: err says which and why. */
MUST_CHECK bool creds_read_file(const char *setting, const char *path, struct str *out,
                                struct err *err);
/* No control characters: fit for a header. */
bool creds_is_line(struct sv text);
void creds_wipe(struct str *s); /* and frees */
