/*
 * migrate.h - numbered SQL files, applied once each, in order, forward only.
 *
 * list: SERVICE/migrations/NNNN_name.sql, embedded (common/embed.h). Applied under an advisory
 * lock, each in a transaction of its own together with its row in SCHEMA.migration(number, name,
 * sha256, applied_at). A file that changed after it was applied, or a database that is ahead of
 * this program, is an error with a sentence.
 */
#pragma once

#include "common/db.h"
#include "common/embed.h"

MUST_CHECK bool migrate_run(struct db *db, const char *schema, const struct embed_file *list,
                            size_t n, int *applied, struct err *err);
