/*
 * creds.h - where the keys for S3 come from, and that they never run out.
 *
 * Looked for in the order of the AWS SDKs, and the first that is set up is taken: given keys
 * (AWS_ACCESS_KEY_ID and its secret), a web identity (STS), a profile of the shared files, the
 * endpoint of a container (ECS, EKS), the instance (IMDSv2). One that is set up and fails is an
 * error, not a reason to go on.
 *
 * Threads: shared by all. Keys that end are renewed by one thread of this room, five minutes before
 * they do; nobody else ever waits for the network, but in creds_renew. While renewing fails the
 * present keys serve to their end; after it creds_get is an error that says why.
 * Errors:  ERR_BAD_REQUEST set up wrongly or nowhere; ERR_STORAGE the source fails. Messages hold
 * no key, no token, no answer of a source.
 * Source:  AWS SDKs and Tools Reference Guide, "Standardized credential providers".
 */
#pragma once

#include "common/base.h"
#include "common/err.h"
#include "common/secret.h"
#include "common/str.h"

/* Texts may be NULL or "": not set. They are copied. */
struct creds_conf {
    const char *access_key;
    struct secret secret_key, session_token;
    const char *role_arn, *role_session, *token_file; /* web identity */
    const char *sts_endpoint, *region;
    const char *profile, *credentials_file, *config_file, *home; /* shared files */
    const char *container_relative, *container_full;             /* container */
    struct secret container_token;
    const char *container_token_file;
    const char *container_host; /* of relative addresses; NULL: that of ECS */
    const char *imds_endpoint;  /* instance; NULL: its fixed address */
    bool imds_off;
    int64_t wait_ms; /* for one answer of a source */
};

struct creds;
struct creds_key {
    struct str id, secret, token; /* token: "" for lasting keys */
    int64_t expires_s;            /* wall; 0: never */
};
#define CREDS_KEY_INIT                                                                             \
    {                                                                                              \
        .id = STR_INIT(256), .secret = STR_INIT(512), .token = STR_INIT(16 << 10)                  \
    }
void creds_key_free(struct creds_key *key); /* and wipes */

/* Finds the source and asks it. */
MUST_CHECK bool creds_open(const struct creds_conf *conf, struct creds **out, struct err *err);
void creds_close(struct creds **creds);
const char *creds_source(const struct creds *c); /* "instance", for people */

/* A copy of the present keys into *out (CREDS_KEY_INIT). serial: which keys they are. */
MUST_CHECK bool creds_get(struct creds *c, struct creds_key *out, uint64_t *serial,
                          struct err *err);
uint64_t creds_serial(const struct creds *c); /* of the present keys; never 0 */
/* S3 refused the keys of that serial: ask the source anew and wait for it. Are there others now? */
bool creds_renew(struct creds *c, uint64_t serial, int64_t wait_ms);
