/* queries.c - queries.def as the table that db.h wants. */
#include "upload-svc/queries.h"

const struct db_query upload_queries[Q_COUNT_] = {
#define QUERY(name, shape, late, sql) {#name, sql, DB_##shape, late},
#include "upload-svc/queries.def"
#undef QUERY
};
