#include "common/conf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct unit {
    const char *name;
    int64_t factor;
};
static const struct unit sizes[] = {
    {"", 1}, {"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
static const struct unit times[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};

/* "8MiB", "1.5s": a number of at most three decimals and one of the units. */
static bool with_unit(const char *text, const struct unit *units, size_t n, int64_t *out)
{
    double number;
    int used = 0;

    if (sscanf(text, "%lf%n", &number, &used) != 1 || number < 0 || number > 1e15)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (strcasecmp(text + used, units[i].name) != 0)
            continue;
        *out = (int64_t)(number * (double)units[i].factor + 0.5);
        return true;
    }
    return false;
}

static bool boolean(const char *text, bool *out)
{
    static const char *const words[] = {"off", "on", "false", "true", "no", "yes", "0", "1"};

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strcasecmp(text, words[i]) != 0)
            continue;
        *out = i % 2 == 1;
        return true;
    }
    return false;
}

static void fault(struct str *faults, const struct conf_item *it, const char *what)
{
    str_addf(faults, "%s: %s (%s)\n", it->env, what, it->help);
}

static void put_number(const struct conf_item *it, bool parsed, int64_t n, void *field,
                       struct str *faults)
{
    char what[160];

    if (!parsed) {
        fault(faults, it,
              it->type == CONF_INT    ? "not a whole number"
              : it->type == CONF_SIZE ? "not a size: write 65536, 64KiB, 8MiB or 1GiB"
                                      : "not a time: write 250ms, 5s, 2m, 1h or 7d");
        return;
    }
    if (n < it->min || n > it->max) {
        snprintf(what, sizeof what, "%" PRId64 " is outside %" PRId64 "..%" PRId64 "%s", n, it->min,
                 it->max,
                 it->type == CONF_MS     ? " ms"
                 : it->type == CONF_SIZE ? " bytes"
                                         : "");
        fault(faults, it, what);
        return;
    }
    *(int64_t *)field = n;
}

static void put_text(const struct conf_item *it, const char *text, void *field, struct str *faults)
{
    size_t n = strlen(text);
    char what[120];

    if (n > 0 && ((int64_t)n < it->min || (int64_t)n > it->max)) {
        snprintf(what, sizeof what, "%zu characters; %" PRId64 " to %" PRId64 " are taken", n,
                 it->min, it->max);
        fault(faults, it, what);
        return;
    }
    if (it->type == CONF_SECRET)
        *(struct secret *)field = secret_of(text);
    else
        *(const char **)field = text;
}

static void put(const struct conf_item *it, const char *text, void *field, struct str *faults)
{
    int64_t n = 0;
    bool parsed;

    switch (it->type) {
    case CONF_INT:
    case CONF_SIZE:
    case CONF_MS:
        parsed = it->type == CONF_INT    ? sv_int(sv_of(text), &n)
                 : it->type == CONF_SIZE ? with_unit(text, sizes, COUNT_OF(sizes), &n)
                                         : with_unit(text, times, COUNT_OF(times), &n);
        put_number(it, parsed, n, field, faults);
        return;
    case CONF_BOOL:
        if (!boolean(text, field))
            fault(faults, it, "write on or off");
        return;
    case CONF_TEXT:
    case CONF_SECRET:
        put_text(it, text, field, faults);
        return;
    }
}

bool conf_load(const struct conf_item *items, size_t n, conf_get_fn *get, void *into,
               struct str *faults)
{
    for (size_t i = 0; i < n; i++) {
        const struct conf_item *it = &items[i];
        const char *text = get(it->env);

        if (!text || *text == '\0')
            text = it->dflt;
        if (!text && (it->flags & CONF_REQUIRED))
            fault(faults, it, "required, but not set");
        else if (text || it->type == CONF_TEXT || it->type == CONF_SECRET)
            put(it, text ? text : "", (char *)into + it->offset, faults);
    }
    return faults->n == 0;
}

static const char *type_word(enum conf_type t)
{
    static const char *const words[] = {"number", "size", "time", "text", "on/off", "secret"};

    return words[t];
}

void conf_help(const struct conf_item *items, size_t n, struct str *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct conf_item *it = &items[i];

        str_addf(out, "  %-26s %s", it->env, it->help);
        if (it->flags & CONF_REQUIRED)
            str_addz(out, " (required)\n");
        else if (it->dflt && *it->dflt)
            str_addf(out, " (default %s)\n", it->dflt);
        else
            str_addc(out, '\n');
    }
}

void conf_markdown(const struct conf_item *items, size_t n, struct str *out)
{
    str_addz(out, "| setting | kind | default | what |\n|---|---|---|---|\n");
    for (size_t i = 0; i < n; i++) {
        const struct conf_item *it = &items[i];
        const char *dflt = it->flags & CONF_REQUIRED ? "**required**"
                           : it->dflt && *it->dflt   ? it->dflt
                                                     : "";

        str_addf(out, "| `%s` | %s | %s | %s |\n", it->env, type_word(it->type), dflt, it->help);
    }
}

static void print_value(const struct conf_item *it, const void *field, struct str *out)
{
    switch (it->type) {
    case CONF_INT:
    case CONF_SIZE:
        str_addf(out, "%" PRId64, *(const int64_t *)field);
        return;
    case CONF_MS:
        str_addf(out, "%" PRId64 "ms", *(const int64_t *)field);
        return;
    case CONF_BOOL:
        str_addz(out, *(const bool *)field ? "on" : "off");
        return;
    case CONF_TEXT:
        str_addz(out, *(const char *const *)field);
        return;
    case CONF_SECRET:
        str_addz(out, secret_is_set(*(const struct secret *)field) ? "***" : "");
        return;
    }
}

void conf_print(const struct conf_item *items, size_t n, const void *from, struct str *out)
{
    for (size_t i = 0; i < n; i++) {
        str_addf(out, "%s=", items[i].env);
        print_value(&items[i], (const char *)from + items[i].offset, out);
        str_addc(out, '\n');
    }
}
