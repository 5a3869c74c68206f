/*
 * pg.h - a throw-away Postgres for C tests: real, private, on a unix socket and a free loopback
 * port.
 *
 * kit_pg_start gives an admin URL, or NULL after printing why (Debian's postgresql-15 is not
 * installed: the caller skips). Roles upload_svc and analysis_svc and their schemas are made as
 * local/roles.sql does. Stopped and removed by kit_pg_stop, or when the test process dies.
 */
#pragma once

const char *kit_pg_start(void);           /* postgresql://... of a superuser */
const char *kit_pg_url(const char *role); /* the same for "upload_svc" or "analysis_svc" */
void kit_pg_stop(void);
void kit_pg_sql(const char *sql); /* as superuser, over a connection of its own; aborts the test
                                     program on error */
const char *kit_pg_value(const char *sql); /* first value as text; valid until the next call */
