/*
 * rules.c - see rules.h.
 */
#include "analysis-svc/rules.h"

#include <string.h>

int rules_field(const struct extractor *x, const char *name)
{
    for (size_t i = 0; name && i < x->field_count; i++)
        if (strcmp(x->fields[i].name, name) == 0)
            return (int)i;
    return FIELD_NONE;
}

int rules_role(const struct extractor *x, const char *role)
{
    return rules_field(x, json_text_or(json_find(x->rules, "roles"), role, NULL));
}

const struct json *rules_totals(const struct extractor *x)
{
    return json_find(json_find(x->rules, "roles"), "totals");
}

bool rules_check(const struct extractor *x, const char *check, double *weight, double *unseen)
{
    *weight = *unseen = 0;
    for (size_t i = 0; i < x->check_count; i++) {
        if (strcmp(x->checks[i].name, check) != 0)
            continue;
        *weight = x->checks[i].weight;
        *unseen = x->checks[i].unseen;
        return true;
    }
    return false;
}

double rules_row_loss(const struct extractor *x, const char *why)
{
    return json_num_or(json_find(x->rules, "row_losses"), why, 0);
}

const char *rules_page(const struct extractor *x, const char *what)
{
    return json_text_or(json_find(x->rules, "page"), what, NULL);
}

bool rules_platform(const struct extractor *x, const char *platform)
{
    const struct json *list = json_find(x->rules, "platforms");

    for (const struct json *p = json_first(list); p; p = json_next(p))
        if (strcmp(json_text(p), "*") == 0 || strcmp(json_text(p), platform) == 0)
            return true;
    return !list;
}
