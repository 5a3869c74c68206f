/*
 * cell.c - see cell.h.
 */
#include "analysis-svc/cell.h"

#include "analysis-svc/glyph.h"
#include "analysis-svc/handle.h"
#include "analysis-svc/number.h"
#include "analysis-svc/text.h"

static struct value read_word(struct sv text, size_t max_chars, struct arena *mem, bool *cut)
{
    const char *word = text_clean(text, max_chars, mem, cut);

    return (struct value){.type = *word ? CELL_WORD : CELL_NULL, .word = word};
}

static struct value read_number(const struct extractor_field *rule, struct sv text,
                                enum number_kind kind, bool *bad)
{
    struct value v = {.type = CELL_NULL};
    enum number_read read = rule->comma ? number_parse_comma(text, kind, &v.number)
                                        : number_parse(text, kind, &v.number);

    if (read == NUMBER_OK)
        v.type = CELL_NUMBER;
    *bad = read == NUMBER_BAD;
    return v;
}

static struct value read_handle(struct sv text, struct arena *mem, bool *bad)
{
    char handle[HANDLE_SIZE];
    enum handle_read read = handle_parse(text, handle);

    *bad = read == HANDLE_BAD;
    if (read != HANDLE_OK)
        return (struct value){.type = CELL_NULL};
    return (struct value){.type = CELL_WORD, .word = arena_copy(mem, sv_of(handle))};
}

/* A day is the word 2026-03-04: it sorts, and it needs no type of its own. */
static struct value read_day(const struct day_rule *rule, struct sv text, struct arena *mem,
                             const char **why)
{
    char day[DAY_SIZE];
    enum day_read read = day_parse(text, rule, day, why);

    if (read != DAY_OK && read != DAY_DOUBTFUL)
        return (struct value){.type = CELL_NULL};
    return (struct value){.type = CELL_WORD, .word = arena_copy(mem, sv_of(day))};
}

static const char *kind_words(enum field_kind kind)
{
    static const char *const words[] = {
        [FIELD_TEXT] = "is no text",          [FIELD_NUMBER] = "is no number",
        [FIELD_PERCENT] = "is no percentage", [FIELD_INTEGER] = "is no whole number",
        [FIELD_HANDLE] = "is no handle",      [FIELD_DATE] = "is no date"};

    return words[kind];
}

/* *why: NULL, or what is to be said of it. */
static struct value read_kind(const struct extractor_field *rule, const char *date, struct sv text,
                              struct arena *mem, const char **why)
{
    const struct day_rule day = {rule->order, date};
    struct value v = {.type = CELL_NULL};
    bool bad = false;

    *why = NULL;
    switch (rule->kind) {
    case FIELD_TEXT: /* cell_read does it: it alone may be cut */
        break;
    case FIELD_NUMBER:
        v = read_number(rule, text, NUMBER_ANY, &bad);
        break;
    case FIELD_PERCENT:
        v = read_number(rule, text, NUMBER_PERCENT, &bad);
        break;
    case FIELD_INTEGER:
        v = read_number(rule, text, NUMBER_WHOLE, &bad);
        break;
    case FIELD_HANDLE:
        v = read_handle(text, mem, &bad);
        break;
    case FIELD_DATE:
        return read_day(&day, text, mem, why);
    }
    if (bad)
        *why = kind_words(rule->kind);
    return v;
}

struct value cell_read(const struct extractor_field *rule, const char *date, const char *text,
                       struct arena *mem, const char **note)
{
    struct sv printed = sv_of(text), kept = glyph_cut(printed, rule->max_chars);
    bool cut = false;
    struct value v = {.type = CELL_NULL};
    const char *why = NULL;

    *note = NULL;
    if (glyph_trim(printed).n == 0)
        return (struct value){.type = CELL_ABSENT, .text = ""};
    if (rule->kind == FIELD_TEXT)
        v = read_word(printed, rule->max_chars, mem, &cut);
    else if (kept.n == printed.n)
        v = read_kind(rule, date, kept, mem, &why);
    cut = cut || kept.n < printed.n;
    v.text = arena_copy(mem, kept);
    if (cut)
        *note =
            arena_printf(mem, "%s: longer than %zu characters, cut", rule->name, rule->max_chars);
    else if (why)
        *note = arena_printf(mem, "%s: \"%s\" %s", rule->name, v.text, why);
    return v;
}
