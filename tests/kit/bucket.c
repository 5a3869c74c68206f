#include "tests/kit/bucket.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/kit/rgw.h"

static const char *or_empty(const char *text) { return text ? text : ""; }

struct s3 *kit_bucket(const struct kit_bucket_plan *plan)
{
    const struct s3_conf conf = {
        .endpoint = plan->endpoint,
        .model_endpoint = or_empty(plan->model_endpoint),
        .browser_endpoint = or_empty(plan->browser_endpoint),
        .region = "us-east-1",
        .bucket = plan->bucket ? plan->bucket : KIT_RGW_BUCKET,
        .access_key = plan->access_key ? plan->access_key : KIT_RGW_ACCESS_KEY,
        .secret_key = secret_of(plan->secret_key ? plan->secret_key : KIT_RGW_SECRET_KEY),
        .session_token = secret_of(or_empty(plan->token)),
        .path_style = !plan->virtual_host,
        .payload = plan->payload,
        .content_md5 = plan->content_md5,
        .checksum = plan->checksum,
        .acl = plan->acl,
        .encryption = plan->encryption,
        .kms_key = plan->kms_key,
        .connect_ms = 2000,
        .first_byte_ms = plan->first_byte_ms,
        .stall_bytes_s = plan->stall_bytes_s,
        .total_ms = plan->total_ms ? plan->total_ms : 20000,
        .stall_ms = plan->stall_ms ? plan->stall_ms : 10000,
        .tries = plan->tries ? plan->tries : 3,
    };
    struct err err = ERR_INIT;
    struct s3 *s3 = NULL;

    if (s3_open(&conf, &s3, &err))
        return s3;
    fprintf(stderr, "%s\n", err.msg);
    abort();
}
