/* queries.h - queries.def as numbers: db_run(conn, Q_CLAIM, ...). */
#pragma once

#include "common/db.h"

enum analysis_query {
#define QUERY(name, shape, late, sql) Q_##name,
#include "analysis-svc/queries.def"
#undef QUERY
    Q_COUNT_
};
extern const struct db_query analysis_queries[Q_COUNT_];
