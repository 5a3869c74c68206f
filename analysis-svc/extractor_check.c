/*
 * extractor_check.c - do the three files of an extractor fit together? See extractor_own.h.
 */
#include <stdio.h>
#include <string.h>

#include "analysis-svc/derive.h"
#include "analysis-svc/extractor_own.h"
#include "analysis-svc/page_period.h"
#include "analysis-svc/page_platform.h"
#include "analysis-svc/rules.h"

static const struct json *array_properties(const struct json *properties, const char *name)
{
    return json_find(json_find(json_find(properties, name), "items"), "properties");
}

const struct json *extractor_row_properties(const struct extractor *x)
{
    const struct json *root = json_find(x->item_schema, "properties");

    return x->rows ? array_properties(root, x->rows) : root;
}

static bool is_text(const struct json *properties, const char *name)
{
    return strcmp(json_text_or(json_find(properties, name), "type", ""), "string") == 0;
}

static bool wrong(struct err *err, const char *where, const char *what, const char *name)
{
    return err_set(err, ERR_UNPROCESSABLE, "%s: %s%.60s", where, what, name);
}

static bool check_fields(const struct extractor *x, struct err *err)
{
    const struct json *properties = extractor_row_properties(x);

    if (x->rows && !properties)
        return wrong(err, "rows", "schema.json has no array of objects named ", x->rows);
    if (x->field_count == 0)
        return wrong(err, "fields", "at least one is needed", "");
    for (size_t i = 0; i < x->field_count; i++) {
        if (!is_text(properties, x->fields[i].name))
            return wrong(err, "fields", "schema.json has no text named ", x->fields[i].name);
        if (rules_field(x, x->fields[i].name) != (int)i)
            return wrong(err, "fields", "stands twice: ", x->fields[i].name);
    }
    return true;
}

static bool is_one_of(const char *word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], word) == 0)
            return true;
    return false;
}

/* Members of an object that C would never look at are mistakes in spelling. */
static bool known_words(const struct json *object, const char *where, const char *const *list,
                        size_t n, struct err *err)
{
    for (const struct json *m = json_first(object); m; m = json_next(m))
        if (!is_one_of(json_key(m), list, n))
            return wrong(err, where, "nobody knows ", json_key(m));
    return true;
}

static bool check_words(const struct extractor *x, const char *object, const char *const *list,
                        size_t n, struct err *err)
{
    return known_words(json_find(x->rules, object), object, list, n, err);
}

static bool is_share(const struct json *n)
{
    return json_type(n) == JSON_NUMBER && json_number(n) >= 0 && json_number(n) <= 1;
}

/* What a check or a fault of a row costs is a share of the confidence. */
static bool check_shares(const struct json *object, const char *where, struct err *err)
{
    for (const struct json *m = json_first(object); m; m = json_next(m))
        if (!is_share(m))
            return wrong(err, where, "must be a number of 0 to 1: ", json_key(m));
    return true;
}

static bool check_weights(const struct extractor *x, struct err *err)
{
    static const char *const words[] = {"weight", "unseen"};
    const struct json *c = json_first(json_find(x->rules, "checks"));

    for (; c; c = json_next(c)) {
        char where[80];

        snprintf(where, sizeof(where), "checks.%.60s", json_key(c));
        if (json_type(json_find(c, "weight")) != JSON_NUMBER)
            return wrong(err, where, "weight is missing", "");
        if (!known_words(c, where, words, COUNT_OF(words), err) || !check_shares(c, where, err))
            return false;
    }
    return check_shares(json_find(x->rules, "row_losses"), "row_losses", err);
}

static bool check_platforms(const struct extractor *x, struct err *err)
{
    const struct json *list = json_find(x->rules, "platforms");

    if (list && (json_type(list) != JSON_ARRAY || json_count(list) == 0))
        return wrong(err, "platforms", "a list of platforms, or [\"*\"], is needed", "");
    for (const struct json *p = json_first(list); p; p = json_next(p))
        if (!json_text(p) || (strcmp(json_text(p), "*") != 0 && !page_platform_known(json_text(p))))
            return wrong(err, "platforms", "nobody knows ", json_text(p) ? json_text(p) : "?");
    return true;
}

static bool check_merge(const struct extractor *x, struct err *err)
{
    static const char *const words[] = {"rows_by"};
    static const char *const ways[] = {"key", "look_alike", "rank_and_name"};
    const struct json *merge = json_find(x->rules, "merge"), *list = json_find(merge, "rows_by");

    if (!known_words(merge, "merge", words, COUNT_OF(words), err))
        return false;
    if (merge && (json_type(list) != JSON_ARRAY || json_count(list) == 0))
        return wrong(err, "merge.rows_by", "a list is needed", "");
    for (const struct json *e = json_first(list); e; e = json_next(e))
        if (!json_text(e) || !is_one_of(json_text(e), ways, COUNT_OF(ways)))
            return wrong(err, "merge.rows_by", "nobody knows ", json_text(e) ? json_text(e) : "?");
    return true;
}

/* How figures may go on from one day to the next. */
static bool check_pace(const struct json *pace, struct err *err)
{
    static const char *const words[] = {"times", "falls", "least"};
    char where[80];

    snprintf(where, sizeof(where), "day_before.%.60s", json_key(pace));
    if (!known_words(pace, where, words, COUNT_OF(words), err))
        return false;
    for (const struct json *m = json_first(pace); m; m = json_next(m))
        if (json_type(m) != JSON_NUMBER || json_number(m) < 0)
            return wrong(err, where, "must be a number, 0 or more: ", json_key(m));
    if (json_num_or(pace, "falls", 1) > 1)
        return wrong(err, where, "must be a share, 0 to 1: ", "falls");
    if (json_find(pace, "times") && json_num_or(pace, "times", 0) < 1)
        return wrong(err, where, "must be 1 or more: ", "times");
    return true;
}

static bool check_day_before(const struct extractor *x, struct err *err)
{
    const struct json *pace = json_first(json_find(x->rules, "day_before"));

    for (; pace; pace = json_next(pace)) {
        int field = rules_field(x, json_key(pace));

        if (field == FIELD_NONE)
            return wrong(err, "day_before", "fields has none named ", json_key(pace));
        if (x->fields[field].kind == FIELD_TEXT || x->fields[field].kind == FIELD_HANDLE ||
            x->fields[field].kind == FIELD_DATE)
            return wrong(err, "day_before", "is no figure: ", json_key(pace));
        if (!check_pace(pace, err))
            return false;
    }
    return true;
}

static bool is_period(const char *text)
{
    int64_t period = page_period(sv_of(text));

    return period != PERIOD_NONE && period != PERIOD_SEVERAL;
}

static bool check_periods(const struct extractor *x, struct err *err)
{
    if (!is_period(x->timeframe))
        return wrong(err, "timeframe", "24H, 7D and the like are periods, not ", x->timeframe);
    for (size_t i = 0; i < x->field_count; i++)
        if (*x->fields[i].period && !is_period(x->fields[i].period))
            return wrong(err, x->fields[i].name, "period: 24H, 7D and the like are, not ",
                         x->fields[i].period);
    return true;
}

static bool check_field_words(const struct json *fields, struct err *err)
{
    static const char *const words[] = {"name", "kind", "max", "period", "decimal", "order"};

    for (const struct json *f = json_first(fields); f; f = json_next(f))
        if (!known_words(f, json_text_or(f, "name", "fields"), words, COUNT_OF(words), err))
            return false;
    return true;
}

static bool check_members(const struct extractor *x, struct err *err)
{
    static const char *const top[] = {
        "name",         "version",    "timeframe", "rows",   "page",   "roles",
        "fields",       "key",        "lists",     "checks", "output", "row_losses",
        "review_below", "day_before", "platforms", "merge",  "derived"};
    const struct json *list = json_first(json_find(x->rules, "lists"));

    if (!check_field_words(json_find(x->rules, "fields"), err))
        return false;
    for (; list; list = json_next(list))
        if (!check_field_words(json_find(list, "fields"), err))
            return false;
    return known_words(x->rules, "the rules", top, COUNT_OF(top), err);
}

static bool check_vocabulary(const struct extractor *x, struct err *err)
{
    static const char *const roles[] = {"rank", "name", "handle", "totals"};
    static const char *const pages[] = {"platform", "title", "timeframe", "columns", "quality"};
    static const char *const checks[] = {"columns",   "timeframe", "platform",      "handle",
                                         "quality",   "schema",    "rank_sequence", "totals_fall",
                                         "agreement", "day_before"};
    static const char *const losses[] = {"unsure",       "unparsed", "no_handle", "no_rank",
                                         "out_of_order", "conflict", "day_before"};

    return check_words(x, "roles", roles, COUNT_OF(roles), err) &&
           check_words(x, "page", pages, COUNT_OF(pages), err) &&
           check_words(x, "checks", checks, COUNT_OF(checks), err) &&
           check_words(x, "row_losses", losses, COUNT_OF(losses), err);
}

static bool check_names(const struct extractor *x, const struct json *list, const char *where,
                        struct err *err)
{
    for (const struct json *e = json_first(list); e; e = json_next(e))
        if (!json_text(e) || rules_field(x, json_text(e)) == FIELD_NONE)
            return wrong(err, where, "fields has none named ", json_text(e) ? json_text(e) : "?");
    return true;
}

static bool check_roles(const struct extractor *x, struct err *err)
{
    static const char *const single[] = {"rank", "name", "handle"};
    const struct json *roles = json_find(x->rules, "roles");
    const struct json *keys = json_find(x->rules, "key");

    for (size_t i = 0; i < COUNT_OF(single); i++)
        if (json_find(roles, single[i]) && rules_role(x, single[i]) == FIELD_NONE)
            return wrong(err, "roles", "fields has no such field for ", single[i]);
    if (json_type(keys) != JSON_ARRAY || json_count(keys) == 0)
        return wrong(err, "key", "a list of lists of fields is needed", "");
    for (const struct json *k = json_first(keys); k; k = json_next(k))
        if (json_type(k) != JSON_ARRAY || json_count(k) == 0 || !check_names(x, k, "key", err))
            return *err->msg ? false : wrong(err, "key", "a list of fields is needed", "");
    return check_names(x, rules_totals(x), "roles.totals", err) &&
           check_names(x, json_find(x->rules, "output"), "output", err);
}

static bool check_page(const struct extractor *x, struct err *err)
{
    const struct json *properties = json_find(x->item_schema, "properties");
    const struct json *p = json_first(json_find(x->rules, "page"));

    for (; p; p = json_next(p))
        if (!json_text(p) || !json_find(properties, json_text(p)))
            return wrong(err, "page", "schema.json has no such member for ", json_key(p));
    return true;
}

static bool check_list(const struct extractor *x, const struct json *list, struct err *err)
{
    const struct json *properties = array_properties(extractor_row_properties(x), json_key(list));
    const struct json *fields = json_find(list, "fields");
    static const char *const kept[] = {"doubtful", "unsure"};

    if (!properties)
        return wrong(err, "lists", "schema.json has no array of objects named ", json_key(list));
    if (json_count(fields) == 0 || json_int_or(list, "max", 0) < 1)
        return wrong(err, "lists", "fields and max are needed in ", json_key(list));
    for (const struct json *f = json_first(fields); f; f = json_next(f)) {
        struct extractor_field field;

        if (!extractor_field_read(f, &field, err))
            return err_wrap(err, "lists.%.60s", json_key(list));
        if (!is_text(properties, field.name))
            return wrong(err, "lists", "schema.json has no text named ", field.name);
        if (is_one_of(field.name, kept, COUNT_OF(kept)))
            return wrong(err, "lists", "no field of an entry may be named ", field.name);
    }
    for (const struct json *k = json_first(json_find(list, "key")); k; k = json_next(k))
        if (!json_text(k) || !json_find(properties, json_text(k)))
            return wrong(err, "lists", "key names no field of ", json_key(list));
    return true;
}

static bool check_lists(const struct extractor *x, struct err *err)
{
    const struct json *list = json_first(json_find(x->rules, "lists"));

    for (; list; list = json_next(list))
        if (!check_list(x, list, err))
            return false;
    return true;
}

static bool is_list_of_texts(const struct json *schema)
{
    return strcmp(json_text_or(schema, "type", ""), "array") == 0 &&
           strcmp(json_text_or(json_find(schema, "items"), "type", ""), "string") == 0;
}

static bool page_reads(const struct extractor *x, const char *name)
{
    const struct json *p = json_first(json_find(x->rules, "page"));

    for (; p; p = json_next(p))
        if (strcmp(json_text(p), name) == 0)
            return true;
    return x->rows && strcmp(x->rows, name) == 0;
}

static bool row_reads(const struct extractor *x, const char *name)
{
    return strcmp(name, "unsure") == 0 || rules_field(x, name) != FIELD_NONE ||
           json_find(json_find(x->rules, "lists"), name);
}

/* What the model is asked for and nobody reads would be paid for and lost. */
static bool check_all_read(const struct extractor *x, struct err *err)
{
    const struct json *root = json_find(x->item_schema, "properties");
    const struct json *row = extractor_row_properties(x);

    if (!is_list_of_texts(json_find(row, "unsure")))
        return wrong(err, "rows", "schema.json needs unsure, an array of texts, in each row", "");
    for (const struct json *p = json_first(root); p; p = json_next(p))
        if (!page_reads(x, json_key(p)) && (x->rows || !row_reads(x, json_key(p))))
            return wrong(err, "page", "nobody reads schema.json's ", json_key(p));
    for (const struct json *p = json_first(x->rows ? row : NULL); p; p = json_next(p))
        if (!row_reads(x, json_key(p)))
            return wrong(err, "fields", "nobody reads schema.json's ", json_key(p));
    return true;
}

bool extractor_check(const struct extractor *x, struct err *err)
{
    return check_fields(x, err) && check_members(x, err) && check_vocabulary(x, err) &&
           check_periods(x, err) && check_weights(x, err) && check_day_before(x, err) &&
           check_platforms(x, err) && check_merge(x, err) && check_roles(x, err) &&
           check_page(x, err) && check_lists(x, err) && derive_check(x, err) &&
           check_all_read(x, err);
}
