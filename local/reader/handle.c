/*
 * handle.c - letters, digits and underscores, at most twenty.
 */
#include "local/reader/handle.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "local/reader/spell.h"

#define SAME_TONE 40
#define BEHIND    2.2 /* capitals: the rest of a handle stands no further off */

static bool is_handle_byte(char c) { return isalnum((unsigned char)c) || c == '_'; }

size_t handle_at_sign(const char *text)
{
    static const char *const forms[] = {"@", "\xC2\xA9", "\xC2\xAE", "(@"};

    for (size_t i = 0; i < COUNT_OF(forms); i++)
        if (strncmp(text, forms[i], strlen(forms[i])) == 0)
            return strlen(forms[i]);
    return 0;
}

static char plain_of(char c)
{
    if (c == '|' || c == '!')
        return 'l';
    return (char)(c == '$' ? 's' : c);
}

bool handle_of(const char *text, char *out, size_t size)
{
    size_t n = 0;

    for (; *text && n + 1 < size; text++) {
        char c = plain_of(*text);

        if (*text == ' ' || *text == '-' || *text == '.')
            continue;
        if (!is_handle_byte(c))
            break;
        out[n++] = c;
    }
    out[n] = '\0';
    return n >= 2 && n <= 20;
}

/* The letters of `handle` settled by the ink of its cell. */
static void settle(const struct item *it, const struct cell *c, char *handle, struct lettering *ink)
{
    size_t n;

    lettering_settle(c, it->kind == ITEM_HANDLE ? 1 : 0, handle, sizeof it->handle, ink);
    n = strlen(handle);
    spell_zero_x(handle, true);
    if (strlen(handle) != n) /* a letter went: those behind it have moved */
        memset(ink->width, 0, sizeof ink->width);
}

static void take(struct item *it, const char *handle, const struct lettering *ink)
{
    it->ink = *ink;
    it->doubtful = it->doubtful || !ink->sure;
    snprintf(it->handle, sizeof it->handle, "%.23s", handle);
    if (it->kind == ITEM_HANDLE)
        snprintf(it->text, sizeof it->text, "%s", handle);
}

void handle_settle(struct item *it, const struct cell *c)
{
    char handle[OCR_TEXT_MAX];
    struct lettering ink;

    if (strchr(it->text, ' ') || !handle_of(it->text, handle, sizeof it->handle))
        return;
    settle(it, c, handle, &ink);
    take(it, handle, &ink);
}

/* Behind the '@'; one that was misread is a character all the same. */
static const char *behind_at(const char *text)
{
    size_t at = handle_at_sign(text);

    return text + (at ? at : text[0] != '\0');
}

/* What another reading of the same ink spells; "" when that is no handle. */
static void spell(const struct item *it, const struct cell *c, const char *text, char *handle,
                  struct lettering *ink)
{
    if (handle_of(it->kind == ITEM_HANDLE ? behind_at(text) : text, handle, sizeof it->handle))
        settle(it, c, handle, ink);
    else
        handle[0] = '\0';
}

bool handle_is_confirmed(const struct item *it, const struct cell *c, const char *again)
{
    char handle[OCR_TEXT_MAX];
    struct lettering ink;

    spell(it, c, again, handle, &ink);
    return strcasecmp(handle, it->handle) == 0;
}

void handle_outvote(struct item *it, const struct cell *c, const char *one, const char *other)
{
    char first[OCR_TEXT_MAX], second[OCR_TEXT_MAX];
    struct lettering ink;

    spell(it, c, one, first, &ink);
    spell(it, c, other, second, &ink);
    if (first[0] && strcasecmp(first, second) == 0)
        take(it, second, &ink);
}

static bool goes_on(const struct item *it, const struct item *o)
{
    int gap = o->at.x - box_right(&it->at);
    char rest[OCR_TEXT_MAX];

    return o != it && !o->patch && gap > -it->cap && gap < BEHIND * it->cap &&
           abs(o->light - it->light) < SAME_TONE && !strchr(o->text, ' ') &&
           2 * box_shared_y(&it->at, &o->at) > o->at.h && handle_of(o->text, rest, sizeof rest);
}

void handles_cut_off(struct page *page)
{
    for (size_t i = 0; i < page->n; i++)
        for (size_t k = 0; page->items[i].kind == ITEM_HANDLE && k < page->n; k++)
            if (goes_on(&page->items[i], &page->items[k]))
                page->items[i].doubtful = true;
}
