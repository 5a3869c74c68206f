#include "common/db_param.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "common/db_list.h"

struct db_param db_p_int(int64_t n) { return (struct db_param){.type = DB_P_INT, .num = n}; }
struct db_param db_p_i32(int n) { return (struct db_param){.type = DB_P_INT, .num = n}; }
struct db_param db_p_bool(bool b) { return (struct db_param){.type = DB_P_BOOL, .num = b}; }
struct db_param db_p_num(double d) { return (struct db_param){.type = DB_P_NUM, .dbl = d}; }
struct db_param db_p_text(const char *z)
{
    struct db_param p = db_p_sv(z ? sv_of(z) : (struct sv){NULL, 0});

    p.ended = true;
    return p;
}

struct db_param db_p_sv(struct sv v)
{
    return (struct db_param){.type = v.p ? DB_P_TEXT : DB_P_NULL, .text = v};
}

/* text.p NULL: it has grown over what Postgres takes. */
struct db_param db_p_list(struct db_list *l)
{
    struct sv bytes = db_list_bytes(l);

    if (!str_ok(&l->bytes))
        bytes.p = NULL;
    return (struct db_param){.type = DB_P_LIST, .text = bytes};
}

const char *db_param_text(const struct db_param *p, char number[static DB_NUMBER_SIZE],
                          struct str *copy)
{
    switch (p->type) {
    case DB_P_NULL:
        return NULL;
    case DB_P_LIST:
        return p->text.p;
    case DB_P_BOOL:
        return p->num ? "t" : "f";
    case DB_P_INT:
        snprintf(number, DB_NUMBER_SIZE, "%" PRId64, p->num);
        return number;
    case DB_P_NUM:
        snprintf(number, DB_NUMBER_SIZE, "%.17g", p->dbl);
        return isfinite(p->dbl) ? number : NULL;
    case DB_P_TEXT:
        if (p->ended)
            return p->text.p;
    }
    str_reset(copy);
    str_reserve(copy, p->text.n);
    str_addv(copy, p->text);
    return copy->p;
}
