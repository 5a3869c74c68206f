#include "tests/kit/pg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/db.h"
#include "tests/kit/place.h"
#include "tests/kit/port.h"

static char dir[KIT_PLACE_SIZE];
static char port[8], password[80], url[3][200];
static pid_t owner; /* the process that started the cluster; a fork of it must not stop it */

/* The value of NAME='...' in DIR/run/secrets, where local/postgres keeps its passwords. */
static void read_secret(const char *name, char *out, size_t size)
{
    char path[KIT_PLACE_SIZE + 16], line[200];
    size_t n = strlen(name);
    FILE *f;

    snprintf(path, sizeof path, "%s/run/secrets", dir);
    out[0] = '\0';
    f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        if (strncmp(line, name, n) != 0 || line[n] != '=')
            continue;
        line[strcspn(line, "\n")] = '\0';
        snprintf(out, size, "%s", line + n + 1 + (line[n + 1] == '\''));
        out[strcspn(out, "'")] = '\0';
    }
    if (f)
        fclose(f);
}

static void make_url(char out[static 200], const char *role, const char *secret)
{
    read_secret(secret, password, sizeof password);
    snprintf(out, 200, "postgresql://%s:%s@127.0.0.1:%s/snapkey", role, password, port);
}

const char *kit_pg_start(void)
{
    const char *const argv[] = {"local/postgres", "start", dir, port, NULL};

    setenv("PG_FSYNC", "off", 0);
    if (!kit_place("pg", dir))
        return NULL;
    owner = getpid();
    snprintf(port, sizeof port, "%d", kit_free_port());
    if (kit_script(argv) != 0) {
        printf("SKIPPED: a private Postgres did not start; is postgresql-15 installed?\n");
        return NULL;
    }
    atexit(kit_pg_stop);
    make_url(url[0], "postgres", "POSTGRES_PASSWORD");
    make_url(url[1], "upload_svc", "UPLOAD_DB_PASSWORD");
    make_url(url[2], "analysis_svc", "ANALYSIS_DB_PASSWORD");
    return url[0];
}

const char *kit_pg_url(const char *role)
{
    return strcmp(role, "upload_svc") == 0 ? url[1] : url[2];
}

void kit_pg_stop(void)
{
    const char *const stop[] = {"local/postgres", "stop", dir, NULL};
    const char *const wipe[] = {"/bin/rm", "-rf", dir, NULL};

    if (owner != getpid())
        return;
    owner = 0;
    (void)kit_script(stop);
    (void)kit_script(wipe);
}

static struct db *admin(void)
{
    const struct db_conf conf = {
        .url = secret_of(url[0]), .app = "kit", .connections = 1, .statement_ms = 20000};
    struct err err = ERR_INIT;
    struct db *db = NULL;

    if (!db_open(&conf, &db, &err))
        abort();
    return db;
}

const char *kit_pg_value(const char *sql)
{
    static char value[4096];
    AUTO(db_close) struct db *db = admin();
    AUTO(db_release) struct db_conn *conn = NULL;
    struct err err = ERR_INIT;

    value[0] = '\0';
    if (!db_lease(db, 1000, &conn, &err) ||
        !db_script_value(conn, sql, value, sizeof value, &err)) {
        fprintf(stderr, "%s\n%s\n", err.msg, sql);
        abort();
    }
    return value;
}

void kit_pg_sql(const char *sql)
{
    AUTO(db_close) struct db *db = admin();
    AUTO(db_release) struct db_conn *conn = NULL;
    struct err err = ERR_INIT;

    if (!db_lease(db, 1000, &conn, &err) || !db_script(conn, sql, &err)) {
        fprintf(stderr, "%s\n%s\n", err.msg, sql);
        abort();
    }
}
