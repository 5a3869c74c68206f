/*
 * app.h - what main() builds and every request borrows. Set before the doors open, read by all
 * threads afterwards; what changes is atomic or has a lock of its own.
 */
#pragma once

#include "common/crypto.h"
#include "common/db.h"
#include "common/jwt.h"
#include "common/pool.h"
#include "common/s3.h"
#include "upload-svc/config.h"
#include "upload-svc/snapshot.h"
#include "upload-svc/throttle.h"

struct hub;
struct relay;
struct together;
struct worker;

enum { APP_DB_WAIT_MS = 5000, APP_DEPLOYMENT_SIZE = 9 };

struct app {
    struct upload_conf conf;
    struct db_conf db_conf; /* for connections beside the pool */
    struct db *db;
    struct s3 *s3;
    struct pool *pool;
    struct together *scribe; /* writes rows of many forms at once */
    struct hub *hub;         /* wakes event streams */
    struct relay *relay;     /* wakes when sets are due */
    struct worker *sweep;
    struct jwt *jwt; /* NULL: JWTs are not taken */
    struct throttle *throttle;
    char deployment[APP_DEPLOYMENT_SIZE];
    /* Before all our keys, and before those of pictures. */
    char root[SNAPSHOT_PREFIX_SIZE], key_prefix[SNAPSHOT_PREFIX_SIZE];
    char token_sha256[SHA256_HEX_SIZE]; /* of UPLOAD_TOKEN; "" when it is not set */
    bool loopback;                      /* the public door is open to this machine only */
    _Atomic int forms;                  /* that are being taken in */
    _Atomic int streams;                /* event streams that are open */
    _Atomic uint64_t odd_clients[8];    /* bits: their forms end otherwise than most */
    _Atomic int64_t campaigns_at_ms;    /* the old back end's were read last; 0: never */
    _Atomic int64_t swept_at_ms;        /* wall time of this process's last round; 0: none yet */
    _Atomic int64_t sweeps;             /* rounds of this process's sweeper */
    _Atomic int64_t cut_at_ms;          /* uploads that still run then are cut; 0: not closing */
};

/* Settings to parts: database (migrated and checked), S3, buffers. No threads yet. */
MUST_CHECK bool app_open(const struct upload_conf *conf, struct app *app, struct err *err);
void app_close(struct app *app);
/* The database alone, migrated: for --migrate-only and the commands that change a row. */
MUST_CHECK bool app_open_db(const struct upload_conf *conf, struct app *app, struct err *err);
