/* queries.h - queries.def as numbers: db_run(conn, Q_CLAIM, ...). */
#pragma once

#include "common/db.h"

/* Of the connections that run them. Each statement has an index for every table that grows, and the
 * rows it looks for were written lately: it is planned once, and so that the plan stays right when
 * a table that was small is small no more. */
#define ANALYSIS_DB_SETTINGS                                                                       \
    "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c random_page_cost=0.1 -c "      \
    "jit=off"

enum analysis_query {
#define QUERY(name, shape, late, sql) Q_##name,
#include "analysis-svc/queries.def"
#undef QUERY
    Q_COUNT_
};
extern const struct db_query analysis_queries[Q_COUNT_];
