/*
 * rules.h - looking things up in an extractor's rules (extractor.json). Pure.
 *
 * Roles give C its only words for fields: rank, name, handle, totals. A field is an index into
 * x->fields.
 */
#pragma once

#include "analysis-svc/extractor.h"

enum { FIELD_NONE = -1 };

int rules_field(const struct extractor *x, const char *name); /* FIELD_NONE: no such field */
int rules_role(const struct extractor *x, const char *role);  /* FIELD_NONE: nobody plays it */
const struct json *rules_totals(const struct extractor *x);   /* names of fields; may be NULL */

/* A check is made when the rules give it a weight. unseen: what is lost when it cannot be made. */
bool rules_check(const struct extractor *x, const char *check, double *weight, double *unseen);
double rules_row_loss(const struct extractor *x, const char *why);    /* 0: not in the rules */
const char *rules_page(const struct extractor *x, const char *what);  /* its name in the item */
bool rules_platform(const struct extractor *x, const char *platform); /* is it read there? */
