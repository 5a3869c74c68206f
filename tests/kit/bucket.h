/* bucket.h - an opened bucket for tests, at a scripted wire or a real gateway. */
#pragma once

#include "common/s3.h"

struct kit_bucket_plan {
    const char *endpoint;
    unsigned tries;
    int64_t total_ms, stall_ms, first_byte_ms, stall_bytes_s;
    enum s3_payload payload;
    bool content_md5, checksum, virtual_host;
    const char *model_endpoint, *browser_endpoint, *token, *secret_key, *access_key, *bucket;
    const char *acl, *encryption, *kms_key;
};
struct s3 *kit_bucket(const struct kit_bucket_plan *plan); /* path style; ends the test on
                                                           error */
