/*
 * store_lists.h - calls that ended as the lists of one statement (queries.def, STORE_CALLS): of the
 * calls, of their pictures, of the documents of those that were read. Pure.
 */
#pragma once

#include "analysis-svc/store.h"
#include "common/db_list.h"

enum {
    CALL_LISTS = 27,
    PICTURE_LISTS = 11,
    DOCUMENT_LISTS = 8,
    STORE_LISTS = CALL_LISTS + PICTURE_LISTS + DOCUMENT_LISTS
};

struct store_lists {
    struct db_list items[STORE_LISTS]; /* in the order of the statement's parameters */
};
void store_lists_init(struct store_lists *s);
void store_lists_free(struct store_lists *s);
void store_lists_add(struct store_lists *s, const struct roster *roster, const struct landing *l);
