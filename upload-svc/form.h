/*
 * form.h - the text fields of an upload form, and every rule that they must keep.
 *
 * In:      fields in any order, before or after the files. Out: values ready for the rows.
 * Errors:  none of its own: faults are collected, one per field, so that all of a request are told
 *          at once. What needs the database (is that campaign there?) is asked by the caller.
 * Owns:    nothing; texts lie in the request's arena. Pure but for the day that it is given.
 */
#pragma once

#include "common/arena.h"
#include "common/base.h"
#include "common/err.h"
#include "common/id.h"
#include "common/json_write.h"

enum form_field {
    FORM_PLATFORM,
    FORM_DATE,
    FORM_TYPE,
    FORM_TIMEFRAME,
    FORM_CAMPAIGN,
    FORM_HANDLE,
    FORM_METADATA,
    FORM_SET,
    FORM_DEADLINE,
    FORM_FIELD_COUNT_
};
enum {
    FORM_FILES_MAX = 10,
    FORM_TEXT_MAX = 512, /* longest of the short fields */
    FORM_METADATA_MAX = 16 * 1024,
    FORM_FAULTS_MAX = 24,
    FORM_YEAR_MIN = 2015,
    FORM_DEADLINE_MAX = 604800
};

struct form_fault {
    const char *field;
    enum err_code code;
    const char *message;
};

struct form {
    struct arena *arena;
    int64_t now_s; /* wall clock, for "not in the future" */
    bool seen[FORM_FIELD_COUNT_];
    const char *platform; /* NULL: not given, or at fault. The same for the others */
    const char *date;
    const char *type; /* the default until the form says another */
    bool other_type;  /* it is no type of ours: store_check_type finds out before form_end */
    const char *due_timeframe; /* of that one; NULL: nothing is known of it */
    bool due_handle;           /* it is about one person */
    const char *due_platforms; /* where it is read, each between blanks; " * ": everywhere */
    const char *timeframe;
    int64_t campaign_id;        /* 0: none */
    const char *campaign_title; /* once store_check_campaign has found it */
    const char *handle;         /* lower case, without @ */
    const char *metadata;       /* JSON object */
    struct id set_id;
    bool set_given;
    int64_t deadline_s; /* 0: not given */
    struct form_fault faults[FORM_FAULTS_MAX];
    size_t fault_count;
};

struct form form_new(struct arena *arena, int64_t now_s);
size_t form_limit(const char *name); /* bytes worth reading of that field */
void form_field(struct form *f, const char *name, struct sv value);
bool form_has_needed(const struct form *f); /* every field that no form may lack has come */
/* Everything has been read: what is missing, what does not go together. files: how many came. */
void form_end(struct form *f, size_t files);

void form_fault(struct form *f, const char *field, enum err_code code, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
static inline bool form_ok(const struct form *f) { return f->fault_count == 0; }
void form_write_faults(const struct form *f, struct jw *w); /* "errors":[{field,code,message}] */

/* The timeframe that belongs to a type, and whether it is about one person. NULL: no such type. */
const char *form_timeframe_of(const char *type, bool *needs_handle);
