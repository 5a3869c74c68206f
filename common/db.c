#include "common/db.h"

#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/db_internal.h"

enum { CONNECT_TIMEOUT_S = 5 };

/* SQLSTATE classes (PostgreSQL manual, appendix A) and what they mean to a caller. First match
 * wins. */
static const struct {
    const char *prefix;
    enum err_code code;
} states[] = {
    {"23505", ERR_CONFLICT}, {"57014", ERR_TIMEOUT}, {"40001", ERR_BUSY},
    {"40P01", ERR_BUSY},     {"55P03", ERR_BUSY},    {"53", ERR_BUSY},
    {"08", ERR_DATABASE},    {"57P", ERR_DATABASE},  {"25006", ERR_DATABASE},
};

static enum err_code code_of(PGconn *pg, const char *state)
{
    if (PQstatus(pg) != CONNECTION_OK)
        return ERR_DATABASE;
    for (size_t i = 0; state && i < COUNT_OF(states); i++)
        if (strncmp(state, states[i].prefix, strlen(states[i].prefix)) == 0)
            return states[i].code;
    return ERR_INTERNAL;
}

bool db_fail(PGconn *pg, const PGresult *result, const char *what, struct err *err)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *text = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *why = text ? text : PQerrorMessage(pg);

    return err_set(err, code_of(pg, state), "%s: %.*s", what, (int)strcspn(why, "\n"), why);
}

/* Notices are for people at psql; a service's stderr holds its own lines only. */
static void no_notice(void *arg, const char *text)
{
    (void)arg;
    (void)text;
}

bool db_connect(const struct db_conf *conf, PGconn **out, struct err *err)
{
    char options[320], timeout[12];
    const char *const keys[] = {"dbname",  "application_name", "connect_timeout",
                                "options", "client_encoding",  NULL};
    const char *const values[] = {
        secret_text(conf->url), conf->app, timeout, options, "UTF8", NULL};
    PGconn *pg;

    snprintf(timeout, sizeof timeout, "%d", CONNECT_TIMEOUT_S);
    snprintf(options, sizeof options,
             "-c statement_timeout=%" PRId64
             " -c TimeZone=UTC -c idle_in_transaction_session_timeout=60000 %s",
             conf->statement_ms, conf->settings ? conf->settings : "");
    pg = PQconnectdbParams(keys, values, 1);
    if (PQstatus(pg) != CONNECTION_OK) {
        err_set(err, ERR_DATABASE, "Postgres at %s:%s does not answer: %.*s",
                PQhost(pg) ? PQhost(pg) : "?", PQport(pg) ? PQport(pg) : "?",
                (int)strcspn(PQerrorMessage(pg), "\n"), PQerrorMessage(pg));
        PQfinish(pg);
        return false;
    }
    PQsetNoticeProcessor(pg, no_notice, NULL);
    *out = pg;
    return true;
}

bool db_open(const struct db_conf *conf, struct db **out, struct err *err)
{
    struct db *db = calloc(1, sizeof *db);
    pthread_condattr_t mono;

    if (!db || !(db->conns = calloc(conf->connections, sizeof *db->conns)))
        abort();
    (void)err;
    db->conf = *conf;
    pthread_mutex_init(&db->lock, NULL);
    pthread_condattr_init(&mono);
    pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
    pthread_cond_init(&db->returned, &mono);
    pthread_condattr_destroy(&mono);
    for (size_t i = 0; i < conf->connections; i++) {
        struct db_conn *c = &db->conns[i];

        c->db = db;
        c->prepared = calloc(conf->query_count + 1, sizeof *c->prepared);
        if (!c->prepared)
            abort();
        c->next = db->idle;
        db->idle = c;
    }
    *out = db;
    return true;
}

void db_close(struct db **dbp)
{
    struct db *db = *dbp;

    if (!db)
        return;
    for (size_t i = 0; i < db->conf.connections; i++) {
        PQfinish(db->conns[i].pg);
        free(db->conns[i].prepared);
    }
    pthread_cond_destroy(&db->returned);
    pthread_mutex_destroy(&db->lock);
    free(db->conns);
    free(db);
    *dbp = NULL;
}

static void disconnect(struct db_conn *c)
{
    PQfinish(c->pg);
    c->pg = NULL;
    c->begun = c->owed = false;
    memset(c->prepared, 0, c->db->conf.query_count * sizeof *c->prepared);
}

/* A connection from the idle list, waiting for one until the time is over. */
static struct db_conn *take_idle(struct db *db, int64_t wait_ms)
{
    struct timespec until;
    struct db_conn *c;
    int rc = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(wait_ms / 1000);
    until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&db->lock);
    while (!db->idle && rc == 0)
        rc = pthread_cond_timedwait(&db->returned, &db->lock, &until);
    c = db->idle;
    if (c)
        db->idle = c->next;
    pthread_mutex_unlock(&db->lock);
    return c;
}

static void give_back(struct db_conn *c)
{
    struct db *db = c->db;

    pthread_mutex_lock(&db->lock);
    c->next = db->idle;
    db->idle = c;
    pthread_cond_signal(&db->returned);
    pthread_mutex_unlock(&db->lock);
}

/*
 * Did the server end the connection while it lay idle? Its farewell comes first and the end of the
 * stream behind it, so read as long as something is there.
 */
static bool still_there(PGconn *pg)
{
    struct pollfd fd = {.fd = PQsocket(pg), .events = POLLIN};

    while (PQstatus(pg) == CONNECTION_OK && poll(&fd, 1, 0) > 0)
        if (PQconsumeInput(pg) == 0)
            return false;
    return PQstatus(pg) == CONNECTION_OK;
}

bool db_lease(struct db *db, int64_t wait_ms, struct db_conn **out, struct err *err)
{
    struct db_conn *c = take_idle(db, wait_ms);

    if (!c) {
        err_set(err, ERR_BUSY, "all %zu database connections are in use", db->conf.connections);
        return false; /* said outright for the static analyser, which cannot look into err_set */
    }
    if (c->pg && !still_there(c->pg))
        disconnect(c);
    if (!c->pg && !db_connect(&db->conf, &c->pg, err)) {
        give_back(c);
        return false;
    }
    *out = c;
    return true;
}

void db_release(struct db_conn **conn)
{
    struct db_conn *c = *conn;

    if (!c)
        return;
    *conn = NULL;
    db_rollback(c);
    if (PQstatus(c->pg) != CONNECTION_OK || PQtransactionStatus(c->pg) != PQTRANS_IDLE ||
        PQpipelineStatus(c->pg) != PQ_PIPELINE_OFF)
        disconnect(c);
    give_back(c);
}

static bool plain(struct db_conn *c, const char *sql, struct err *err)
{
    PGresult *r = PQexec(c->pg, sql);
    ExecStatusType status = PQresultStatus(r);
    bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

    if (!ok)
        db_fail(c->pg, r, sql, err);
    PQclear(r);
    return ok;
}

/* It goes with the first statement, in one trip. */
bool db_begin(struct db_conn *conn, struct err *err)
{
    (void)err;
    conn->begun = conn->owed = true;
    return true;
}

/* For statements that do not take it along. */
static bool pay(struct db_conn *conn, struct err *err)
{
    bool owed = conn->owed;

    conn->owed = false;
    return !owed || plain(conn, "BEGIN", err);
}

bool db_committed(struct db_conn *c, PGresult *r, struct err *err)
{
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;
    bool rolled_back = ok && strcmp(PQcmdStatus(r), "ROLLBACK") == 0;

    if (!ok && PQstatus(c->pg) != CONNECTION_OK)
        err_set(err, ERR_UNCERTAIN, "the connection was lost during COMMIT");
    else if (!ok)
        db_fail(c->pg, r, "COMMIT", err);
    else if (rolled_back)
        err_set(err, ERR_INTERNAL, "COMMIT of a transaction that had failed");
    PQclear(r);
    return ok && !rolled_back;
}

bool db_commit(struct db_conn *conn, struct err *err)
{
    conn->begun = false;
    if (conn->owed) { /* nothing was done */
        conn->owed = false;
        return true;
    }
    return db_committed(conn, PQexec(conn->pg, "COMMIT"), err);
}

void db_rollback(struct db_conn *conn)
{
    struct err ignored = ERR_INIT;

    if (!conn->begun)
        return;
    conn->begun = false;
    if (conn->owed) {
        conn->owed = false;
        return;
    }
    if (PQstatus(conn->pg) == CONNECTION_OK && !plain(conn, "ROLLBACK", &ignored))
        disconnect(conn);
}

bool db_prepare(struct db_conn *c, int q, struct err *err)
{
    const struct db_query *query = &c->db->conf.queries[q];
    PGresult *r;
    bool ok;

    if (c->prepared[q])
        return true;
    r = PQprepare(c->pg, query->name, query->sql, 0, NULL);
    ok = PQresultStatus(r) == PGRES_COMMAND_OK;
    if (!ok)
        db_fail(c->pg, r, query->name, err);
    PQclear(r);
    c->prepared[q] = ok;
    return ok;
}

bool db_script(struct db_conn *conn, const char *sql, struct err *err)
{
    ExecStatusType status;
    PGresult *r;
    bool ok;

    if (!pay(conn, err))
        return false;
    r = PQexec(conn->pg, sql);
    status = PQresultStatus(r);
    ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
    if (!ok)
        db_fail(conn->pg, r, "script", err);
    PQclear(r);
    return ok;
}

bool db_script_value(struct db_conn *conn, const char *sql, char *out, size_t size, struct err *err)
{
    PGresult *r;
    bool ok;

    if (!pay(conn, err))
        return false;
    r = PQexec(conn->pg, sql);
    ok = PQresultStatus(r) == PGRES_TUPLES_OK;
    if (!ok)
        db_fail(conn->pg, r, "script", err);
    else
        snprintf(out, size, "%s", PQntuples(r) > 0 ? PQgetvalue(r, 0, 0) : "");
    PQclear(r);
    return ok;
}

bool db_check(struct db *db, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    if (!db_lease(db, 5000, &conn, err))
        return false;
    for (size_t q = 0; q < db->conf.query_count; q++)
        if (!db->conf.queries[q].late && !db_prepare(conn, (int)q, err))
            return false;
    return true;
}

bool db_ping(struct db *db, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;

    return db_lease(db, 1000, &conn, err) && plain(conn, "SELECT 1", err);
}
