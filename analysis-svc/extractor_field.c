/*
 * extractor_field.c - one field's rule: its kind and how its print is meant. See extractor_own.h.
 */
#include <string.h>

#include "analysis-svc/extractor_own.h"
#include "analysis-svc/page_period.h"

struct kind {
    const char *name;
    enum field_kind kind;
};
static const struct kind kinds[] = {{"text", FIELD_TEXT},       {"number", FIELD_NUMBER},
                                    {"percent", FIELD_PERCENT}, {"integer", FIELD_INTEGER},
                                    {"handle", FIELD_HANDLE},   {"date", FIELD_DATE}};

const char *extractor_kind_name(enum field_kind kind) { return kinds[kind].name; }

bool extractor_kind_parse(const char *name, enum field_kind *out)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strcmp(kinds[i].name, name) != 0)
            continue;
        *out = kinds[i].kind;
        return true;
    }
    return false;
}

static bool order_parse(const char *words, enum day_order *out)
{
    static const char *const orders[] = {[DAY_ORDER_NONE] = "",
                                         [DAY_ORDER_DAY_FIRST] = "day month",
                                         [DAY_ORDER_MONTH_FIRST] = "month day"};

    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        if (strcmp(orders[i], words) != 0)
            continue;
        *out = (enum day_order)i;
        return true;
    }
    return false;
}

bool extractor_field_read(const struct json *rule, struct extractor_field *out, struct err *err)
{
    const char *kind, *decimal = json_text_or(rule, "decimal", ".");
    int64_t max;

    if (!json_need_text(rule, "name", &out->name, err) ||
        !json_need_text(rule, "kind", &kind, err) || !json_need_int(rule, "max", &max, err))
        return false;
    if (!extractor_kind_parse(kind, &out->kind))
        return err_set(err, ERR_UNPROCESSABLE, "kind: \"%.40s\" is unknown", kind);
    if (max < 1 || max > 10000)
        return err_set(err, ERR_UNPROCESSABLE, "max: must be 1 to 10000");
    if (strcmp(decimal, ".") != 0 && strcmp(decimal, ",") != 0)
        return err_set(err, ERR_UNPROCESSABLE, "decimal: must be \".\" or \",\"");
    if (!order_parse(json_text_or(rule, "order", ""), &out->order))
        return err_set(err, ERR_UNPROCESSABLE, "order: must be \"day month\" or \"month day\"");
    out->period = json_text_or(rule, "period", "");
    out->hours = page_period(sv_of(out->period));
    out->max_chars = (size_t)max;
    out->comma = *decimal == ',';
    return true;
}
