#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/db_internal.h"
#include "common/str.h"

struct db_listen {
    PGconn *pg;
};

/* Channels are our own words, never a caller's text. */
static bool listen_on(PGconn *pg, const char *channels, struct err *err)
{
    AUTO(str_free) struct str sql = STR_INIT(256);
    PGresult *r;
    bool ok;

    for (const char *p = channels; *p != '\0'; p += strspn(p, " ")) {
        size_t n = strcspn(p, " ");

        str_addf(&sql, "LISTEN %.*s;", (int)n, p);
        p += n;
    }
    r = PQexec(pg, sql.p);
    ok = PQresultStatus(r) == PGRES_COMMAND_OK;
    if (!ok)
        db_fail(pg, r, sql.p, err);
    PQclear(r);
    return ok;
}

bool db_listen_open(const struct db_conf *conf, const char *channels, struct db_listen **out,
                    struct err *err)
{
    AUTO(db_listen_close) struct db_listen *l = calloc(1, sizeof *l);

    if (!l)
        abort();
    if (!db_connect(conf, &l->pg, err) || !listen_on(l->pg, channels, err))
        return false;
    *out = TAKE(l);
    return true;
}

/* Take all notifications that are there; were there any? */
static bool drain(PGconn *pg)
{
    PGnotify *n;
    bool any = false;

    while ((n = PQnotifies(pg))) {
        PQfreemem(n);
        any = true;
    }
    return any;
}

bool db_listen_wait(struct db_listen *l, int64_t wait_ms, bool *heard, struct err *err)
{
    struct pollfd fd = {.fd = PQsocket(l->pg), .events = POLLIN};
    int rc;

    if (drain(l->pg)) {
        *heard = true;
        return true;
    }
    rc = poll(&fd, 1, (int)wait_ms);
    if (rc < 0 && errno != EINTR)
        return err_set(err, ERR_DATABASE, "waiting for Postgres: %s", strerror(errno));
    if (rc > 0 && PQconsumeInput(l->pg) == 0)
        return db_fail(l->pg, NULL, "LISTEN", err);
    *heard = drain(l->pg);
    return true;
}

void db_listen_close(struct db_listen **l)
{
    if (!*l)
        return;
    PQfinish((*l)->pg);
    free(*l);
    *l = NULL;
}
