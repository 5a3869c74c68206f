/* queries.h - queries.def as numbers: db_run(conn, Q_ARRIVE, ...). */
#pragma once

#include "common/db.h"

enum upload_query {
#define QUERY(name, shape, late, sql) Q_##name,
#include "upload-svc/queries.def"
#undef QUERY
    Q_COUNT_
};
extern const struct db_query upload_queries[Q_COUNT_];
