#include "tests/kit/schema.h"

#include <stdio.h>

#include "common/migrate.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"

extern const struct embed_file analysis_migrations[];
extern const size_t analysis_migrations_count;

void kit_schema_analysis(void)
{
    const struct db_conf conf = {.url = secret_of(kit_pg_url("analysis_svc")),
                                 .app = "kit",
                                 .connections = 1,
                                 .statement_ms = 20000};
    AUTO(db_close) struct db *db = NULL;
    struct err err = ERR_INIT;
    int applied = 0;

    assert_ok(db_open(&conf, &db, &err), err);
    assert_ok(
        migrate_run(db, "analysis", analysis_migrations, analysis_migrations_count, &applied, &err),
        err);
}

void kit_schema_image(long long snapshot_id, const char *state, const char *fail_code)
{
    char sql[900];

    snprintf(sql, sizeof sql,
             "INSERT INTO analysis.batches (batch_id, op, body_sha256, item_count)"
             " VALUES ('00000000-0000-4000-8000-000000000001', 'extract', '', 1)"
             " ON CONFLICT DO NOTHING;"
             "INSERT INTO analysis.images (snapshot_id, uuid, batch_id, s3_key, state, fail_code)"
             " VALUES (%lld, gen_random_uuid(), '00000000-0000-4000-8000-000000000001', 'k',"
             " '%s', nullif('%s', '')) ON CONFLICT (snapshot_id) DO UPDATE"
             " SET state = EXCLUDED.state, fail_code = EXCLUDED.fail_code",
             snapshot_id, state, fail_code);
    kit_pg_sql(sql);
}

int kit_schema_fresh(void **state)
{
    kit_schema_analysis();
    kit_pg_sql("TRUNCATE analysis.batches, analysis.images, analysis.sheets RESTART IDENTITY"
               " CASCADE");
    return kit_gate_fresh(state);
}
