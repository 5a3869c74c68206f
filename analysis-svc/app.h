/* app.h - what main() builds and everything else borrows. Immutable while requests run. */
#pragma once

#include "analysis-svc/config.h"
#include "analysis-svc/extractor.h"
#include "analysis-svc/keyring.h"
#include "analysis-svc/limits.h"
#include "analysis-svc/reach.h"
#include "analysis-svc/roster.h"
#include "common/cloudfront.h"
#include "common/db.h"
#include "common/http.h"
#include "common/s3.h"

struct app {
    struct analysis_conf conf;
    struct roster roster;
    struct extractors extractors;
    struct db_conf db_conf;
    struct db *db;
    struct s3 *s3;
    struct cloudfront *cdn; /* before the bucket, for models; NULL: none */
    struct http_loop *http;
    struct limits *limits;
    struct keyring *keys;
    struct reach *reach;
    char worker[48]; /* this process, for people who look at jobs */
};
