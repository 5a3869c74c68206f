/*
 * number_slow.h - figures read slowly and in another way than analysis-svc/number.c: each sign
 * becomes one byte, one regular expression (POSIX) takes the text apart, and the C library's strtod
 * makes the value. For figures that may have a percent sign, or may not; not for ranks, and no
 * other scripts than ASCII's. For one thread.
 */
#pragma once

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base.h"

enum { NUMBER_SLOW_MAX = 512 };

static inline bool number_slow_map(const char *text, char *out)
{
    static const struct {
        const char *sign;
        char byte;
    } map[] = {{"\u25B2", 1},  {"\u25BC", 2}, {"+", 3},      {"-", 4},      {"\u2212", 4},
               {"$", 5},       {"\u20AC", 5}, {" ", 6},      {"\u00A0", 7}, {"\u2009", 8},
               {"\u2007", 11}, {"'", 14},     {"\u2019", 15}};

    size_t n = 0;

    while (*text) {
        size_t i = 0;

        while (i < COUNT_OF(map) && strncmp(text, map[i].sign, strlen(map[i].sign)) != 0)
            i++;
        if (n + 1 == NUMBER_SLOW_MAX || (i == COUNT_OF(map) && (*text & 0x80)))
            return false;
        out[n++] = i < COUNT_OF(map) ? map[i].byte : *text;
        text += i < COUNT_OF(map) ? strlen(map[i].sign) : 1;
    }
    out[n] = '\0';
    return true;
}

#define NS_BLANK "[\6\7\10\13]*"
#define NS_LEAD  "((" NS_BLANK "[\1\2\3\4\5])*)" NS_BLANK
#define NS_WHOLE                                                                                   \
    "([0-9]+|[0-9]{1,3}(,[0-9]{3})+|[0-9]{1,3}(\7[0-9]{3})+|[0-9]{1,3}(\10[0-9]{3})+|"             \
    "[0-9]{1,3}(\13[0-9]{3})+|[0-9]{1,3}(\16[0-9]{3})+|[0-9]{1,3}(\17[0-9]{3})+)?"
#define NS_TAIL                                                                                    \
    NS_BLANK "([Bb][Nn]|[Mm][Nn]|[KkMmBbTt])?" NS_BLANK "(\5?)" NS_BLANK                           \
             "(%|[Bb][Pp][Ss])?" NS_BLANK "([\1\2]?)" NS_BLANK
enum {
    NS_OF_LEAD = 1,
    NS_OF_WHOLE = 3,
    NS_OF_POINT = 10,
    NS_OF_SUFFIX,
    NS_OF_MONEY,
    NS_OF_UNIT,
    NS_OF_ARROW,
    NS_OF_GROUPS_
};

struct number_slow_parts {
    const char *text;
    regmatch_t at[NS_OF_GROUPS_];
};

static inline size_t number_slow_count(const struct number_slow_parts *p, int part, const char *of)
{
    size_t n = 0;

    for (regoff_t i = p->at[part].rm_so; i >= 0 && i < p->at[part].rm_eo; i++)
        n += strchr(of, p->text[i]) ? 1 : 0;
    return n;
}

/* +1, -1, or 2 when signs come twice or contradict each other; 0: none. */
static inline int number_slow_way(const struct number_slow_parts *p)
{
    size_t up = number_slow_count(p, NS_OF_LEAD, "\1") + number_slow_count(p, NS_OF_ARROW, "\1");
    size_t down = number_slow_count(p, NS_OF_LEAD, "\2") + number_slow_count(p, NS_OF_ARROW, "\2");
    size_t plus = number_slow_count(p, NS_OF_LEAD, "\3"),
           minus = number_slow_count(p, NS_OF_LEAD, "\4");
    size_t money = number_slow_count(p, NS_OF_LEAD, "\5") + number_slow_count(p, NS_OF_MONEY, "\5");

    if (up + down > 1 || plus + minus > 1 || money > 1 || (up && minus) || (down && plus))
        return 2;
    return up + plus > 0 ? 1 : down + minus > 0 ? -1 : 0;
}

static inline int number_slow_tens(const struct number_slow_parts *p)
{
    static const char letters[] = "kKmMbBtT";
    const char *c = p->at[NS_OF_SUFFIX].rm_eo > p->at[NS_OF_SUFFIX].rm_so
                        ? strchr(letters, p->text[p->at[NS_OF_SUFFIX].rm_so])
                        : NULL;
    int tens = c ? 3 * (1 + (int)(c - letters) / 2) : 0;

    return number_slow_count(p, NS_OF_UNIT, "bB") > 0 ? tens - 2 : tens;
}

/* The digits of both parts, as strtod reads them. False: too many, or none behind a point. */
static inline bool number_slow_digits(const struct number_slow_parts *p, char *out, size_t size)
{
    size_t n = 0, meant = 0, behind = number_slow_count(p, NS_OF_POINT, "0123456789");

    regoff_t from = p->at[NS_OF_WHOLE].rm_so, to = p->at[NS_OF_WHOLE].rm_eo;

    if (p->at[NS_OF_POINT].rm_so >= 0) {
        from = from < 0 ? p->at[NS_OF_POINT].rm_so : from;
        to = p->at[NS_OF_POINT].rm_eo;
    }
    for (regoff_t i = from; i >= 0 && i < to; i++) {
        char c = p->text[i];

        if ((c < '0' || c > '9') && c != '.')
            continue;
        meant += c != '.' && (meant > 0 || c != '0') ? 1 : 0;
        if (n + 24 < size)
            out[n++] = c;
    }
    out[n] = '\0';
    return n > 0 && meant <= 15 && behind <= 15;
}

/* What stands in brackets, without them and the blanks around. */
static inline bool number_slow_unwrap(char *text)
{
    static const char blanks[] = "\6\7\10\13";
    size_t skip = strspn(text, blanks), n;

    memmove(text, text + skip, strlen(text + skip) + 1);
    for (n = strlen(text); n > 0 && strchr(blanks, text[n - 1]); n--)
        text[n - 1] = '\0';
    if (n < 2 || text[0] != '(' || text[n - 1] != ')')
        return false;
    text[n - 1] = '\0';
    memmove(text, text + 1, n - 1);
    return true;
}

static inline const regex_t *number_slow_pattern(void)
{
    static regex_t pattern;
    static bool made;

    if (!made &&
        regcomp(&pattern, "^" NS_LEAD NS_WHOLE "(\\.[0-9]+)?" NS_TAIL "$", REG_EXTENDED) != 0)
        abort();
    made = true;
    return &pattern;
}

/* Is it a figure? *out is set then alone. */
static inline bool number_slow(const char *text, bool percent, double *out)
{
    char mapped[NUMBER_SLOW_MAX], digits[NUMBER_SLOW_MAX], decimal[NUMBER_SLOW_MAX + 16];
    struct number_slow_parts p = {.text = mapped};
    bool wrapped;
    double value;
    int way;

    if (!number_slow_map(text, mapped))
        return false;
    wrapped = number_slow_unwrap(mapped);
    if (regexec(number_slow_pattern(), mapped, NS_OF_GROUPS_, p.at, 0) != 0 ||
        (!percent && p.at[NS_OF_UNIT].rm_eo > p.at[NS_OF_UNIT].rm_so))
        return false;
    way = number_slow_way(&p);
    if (way == 2 || (wrapped && way == 0) || !number_slow_digits(&p, digits, sizeof digits))
        return false;
    snprintf(decimal, sizeof decimal, "%se%d", digits, number_slow_tens(&p));
    value = strtod(decimal, NULL);
    if (value >= 1e15)
        return false;
    *out = way < 0 && value > 0 ? -value : value;
    return true;
}
