#include "common/migrate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/crypto.h"
#include "common/str.h"

/* One lock for all schemas and replicas; the number is ours, drawn once. */
#define LOCK_SQL   "SELECT pg_advisory_lock(7316042257318)"
#define UNLOCK_SQL "SELECT pg_advisory_unlock(7316042257318)"

struct walk {
    struct db_conn *conn;
    const char *schema;
    int applied;
};

static bool make_ledger(struct walk *w, struct err *err)
{
    AUTO(str_free) struct str sql = STR_INIT(1024);

    str_addf(&sql,
             "CREATE TABLE IF NOT EXISTS %s.migration(number int PRIMARY KEY, name text NOT NULL,"
             " sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())",
             w->schema);
    return db_script(w->conn, sql.p, err);
}

/* "0001_init.sql" -> 1 */
static int number_of(const char *name) { return (int)strtol(name, NULL, 10); }

static bool applied_hash(struct walk *w, const struct embed_file *f, char *hash, size_t size,
                         struct err *err)
{
    AUTO(str_free) struct str sql = STR_INIT(256);

    str_addf(&sql, "SELECT sha256 FROM %s.migration WHERE number = %d", w->schema,
             number_of(f->name));
    return db_script_value(w->conn, sql.p, hash, size, err);
}

static bool apply(struct walk *w, const struct embed_file *f, const char *hash, struct err *err)
{
    AUTO(str_free) struct str note = STR_INIT(512);

    str_addf(&note, "INSERT INTO %s.migration(number, name, sha256) VALUES (%d, '%s', '%s')",
             w->schema, number_of(f->name), f->name, hash);
    if (!db_begin(w->conn, err) || !db_script(w->conn, f->bytes, err) ||
        !db_script(w->conn, note.p, err) || !db_commit(w->conn, err))
        return err_wrap(err, "migration %s.%s", w->schema, f->name);
    w->applied++;
    return true;
}

static bool step(struct walk *w, const struct embed_file *f, struct err *err)
{
    char mine[SHA256_HEX_SIZE], there[SHA256_HEX_SIZE];

    crypto_sha256_hex((struct sv){f->bytes, f->n}, mine);
    if (!applied_hash(w, f, there, sizeof there, err))
        return false;
    if (there[0] == '\0')
        return apply(w, f, mine, err);
    if (strcmp(mine, there) != 0)
        return err_set(err, ERR_CONFLICT,
                       "migration %s.%s was changed after it had been applied: put the old text "
                       "back and add a new file",
                       w->schema, f->name);
    return true;
}

static bool not_ahead(struct walk *w, int newest, struct err *err)
{
    AUTO(str_free) struct str sql = STR_INIT(256);
    char there[32];
    int64_t n = 0;

    str_addf(&sql, "SELECT coalesce(max(number), 0) FROM %s.migration", w->schema);
    if (!db_script_value(w->conn, sql.p, there, sizeof there, err))
        return false;
    if (sv_int(sv_of(there), &n) && n > newest)
        return err_set(err, ERR_CONFLICT,
                       "schema %s is at migration %" PRId64
                       ", this program knows %d: start a newer program",
                       w->schema, n, newest);
    return true;
}

static bool walk_all(struct walk *w, const struct embed_file *list, size_t n, struct err *err)
{
    if (!make_ledger(w, err) || !not_ahead(w, n > 0 ? number_of(list[n - 1].name) : 0, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!step(w, &list[i], err))
            return false;
    return true;
}

bool migrate_run(struct db *db, const char *schema, const struct embed_file *list, size_t n,
                 int *applied, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    struct walk w = {.schema = schema};
    struct err late = ERR_INIT;
    bool ok;

    if (!db_lease(db, 5000, &conn, err) || !db_script(conn, "SET statement_timeout = 0", err) ||
        !db_script(conn, LOCK_SQL, err))
        return false;
    w.conn = conn;
    ok = walk_all(&w, list, n, err);
    db_rollback(conn);
    ok = db_script(conn, UNLOCK_SQL, ok ? err : &late) &&
         db_script(conn, "RESET statement_timeout", ok ? err : &late) && ok;
    if (ok)
        *applied = w.applied;
    return ok;
}
