/*
 * db_param.h - a statement's parameter as the text that travels to Postgres. Pure; P() of db.h
 * makes them.
 */
#pragma once

#include "common/db.h"
#include "common/str.h"

enum { DB_NUMBER_SIZE = 32 };

/* NULL: SQL NULL. The text lies in number or in copy (a view is not NUL-terminated), or is a
 * literal. Not for a list: its bytes are p->text. */
const char *db_param_text(const struct db_param *p, char number[static DB_NUMBER_SIZE],
                          struct str *copy);
