/*
 * cell.c - see cell.h.
 */
#include "analysis-svc/cell.h"

#include "analysis-svc/glyph.h"
#include "analysis-svc/handle.h"
#include "analysis-svc/number.h"

static struct value read_word(struct sv text, struct arena *mem)
{
    return (struct value){.type = CELL_WORD, .word = arena_copy(mem, glyph_trim(text))};
}

static struct value read_number(const struct cell_rule *rule, struct sv text, enum number_kind kind,
                                bool *bad)
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

static struct value read_kind(const struct cell_rule *rule, struct sv text, struct arena *mem,
                              bool *bad)
{
    switch (rule->kind) {
    case FIELD_TEXT:
        return read_word(text, mem);
    case FIELD_NUMBER:
        return read_number(rule, text, NUMBER_ANY, bad);
    case FIELD_PERCENT:
        return read_number(rule, text, NUMBER_PERCENT, bad);
    case FIELD_INTEGER:
        return read_number(rule, text, NUMBER_WHOLE, bad);
    case FIELD_HANDLE:
        return read_handle(text, mem, bad);
    }
    return (struct value){.type = CELL_NULL};
}

static const char *kind_words(enum field_kind kind)
{
    static const char *const words[] = {[FIELD_TEXT] = "text",
                                        [FIELD_NUMBER] = "number",
                                        [FIELD_PERCENT] = "percentage",
                                        [FIELD_INTEGER] = "whole number",
                                        [FIELD_HANDLE] = "handle"};

    return words[kind];
}

struct value cell_read(const struct cell_rule *rule, const char *text, struct arena *mem,
                       const char **note)
{
    struct sv printed = sv_of(text), kept = glyph_cut(printed, rule->max_chars);
    bool bad = false, cut = kept.n < printed.n;
    struct value v = {.type = CELL_NULL};

    *note = NULL;
    if (glyph_trim(printed).n == 0)
        return (struct value){.type = CELL_ABSENT, .text = ""};
    if (!cut || rule->kind == FIELD_TEXT)
        v = read_kind(rule, kept, mem, &bad);
    v.text = cut ? arena_copy(mem, kept) : text;
    if (cut)
        *note =
            arena_printf(mem, "%s: longer than %zu characters, cut", rule->name, rule->max_chars);
    else if (bad)
        *note =
            arena_printf(mem, "%s: \"%s\" is no %s", rule->name, v.text, kind_words(rule->kind));
    return v;
}
