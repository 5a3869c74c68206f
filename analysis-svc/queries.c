/* queries.c - queries.def as the table that db.h wants. */
#include "analysis-svc/queries.h"

const struct db_query analysis_queries[Q_COUNT_] = {
#define QUERY(name, shape, late, sql) {#name, sql, DB_##shape, late},
#include "analysis-svc/queries.def"
#undef QUERY
};
