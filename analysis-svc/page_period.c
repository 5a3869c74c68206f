/*
 * page_period.c - see page_period.h. Words are runs of letters or of digits: "24H" is two.
 */
#include "analysis-svc/page_period.h"

struct unit {
    const char *word;
    int hours;
    bool alone; /* means one of it without a number: "weekly", "past day" */
};
static const struct unit units[] = {
    {"h", 1, false},           {"hr", 1, false},         {"hrs", 1, false},
    {"hour", 1, false},        {"hours", 1, false},      {"d", 24, false},
    {"day", 24, true},         {"days", 24, false},      {"daily", 24, true},
    {"w", 168, false},         {"week", 168, true},      {"weeks", 168, false},
    {"weekly", 168, true},     {"m", 720, false},        {"mo", 720, false},
    {"month", 720, true},      {"months", 720, false},   {"monthly", 720, true},
    {"y", 8760, false},        {"year", 8760, true},     {"years", 8760, false},
    {"ytd", PERIOD_YTD, true}, {"all", PERIOD_ALL, true}};

static bool is_word(char c, bool digits)
{
    char small = (char)(c | 0x20);

    return digits ? c >= '0' && c <= '9' : small >= 'a' && small <= 'z';
}

/* The next run of digits or of letters; empty at the end. */
static struct sv next_word(struct sv *text)
{
    struct sv word;
    bool digits;

    while (text->n > 0 && !is_word(text->p[0], true) && !is_word(text->p[0], false))
        *text = (struct sv){text->p + 1, text->n - 1};
    word = (struct sv){text->p, 0};
    digits = text->n > 0 && is_word(text->p[0], true);
    while (text->n > 0 && is_word(text->p[0], digits)) {
        *text = (struct sv){text->p + 1, text->n - 1};
        word.n++;
    }
    return word;
}

static const struct unit *find_unit(struct sv word)
{
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if ((word.p[0] | 0x20) == units[i].word[0] && sv_ieqz(word, units[i].word))
            return &units[i];
    return NULL;
}

/* What this word means behind that number (0: none stood there). */
static int64_t meaning(const struct unit *unit, int64_t number)
{
    if (!unit)
        return PERIOD_NONE;
    if (unit->hours < 0)
        return unit->hours;
    if (number > 0)
        return number * unit->hours;
    return unit->alone ? unit->hours : PERIOD_NONE;
}

int64_t page_period(struct sv text)
{
    int64_t found = PERIOD_NONE, number = 0;

    for (struct sv word = next_word(&text); word.n > 0; word = next_word(&text)) {
        int64_t hours, count = 0;

        if (is_word(word.p[0], true)) {
            number = word.n <= 4 && sv_int(word, &count) ? count : 0;
            continue;
        }
        hours = meaning(find_unit(word), number);
        number = 0;
        if (hours != PERIOD_NONE && found != PERIOD_NONE && hours != found)
            return PERIOD_SEVERAL;
        if (hours != PERIOD_NONE)
            found = hours;
    }
    return found;
}
