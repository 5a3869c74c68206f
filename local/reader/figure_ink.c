/*
 * figure_ink.c - letters are counted, gaps are measured.
 */
#include "local/reader/figure_ink.h"

#include <ctype.h>
#include <string.h>

#include "local/reader/align.h"
#include "local/reader/spell.h"

#define TOGETHER 0.75 /* capitals: digits of one figure stand no further apart */

static void put_front(char *text, size_t size, char mark)
{
    size_t n = strlen(text);

    if (n + 2 > size)
        return;
    memmove(text + 1, text, n + 1);
    text[0] = mark;
}

/* A letter that no character of the text stands for, or a digit for which there is no ink. */
static bool has_lost(const struct item *it, const struct cell *c)
{
    struct letter l[LETTERS_MAX];
    struct match m[2 * LETTERS_MAX];
    char shape[LETTERS_MAX];
    size_t n = spell_shapes(c, l, shape), steps = align_text(l, shape, n, it->text, c->cap, m);

    while (steps > 0 && strchr(it->text, '%') &&
           (m[steps - 1].at < 0 || !isdigit((unsigned char)it->text[m[steps - 1].at])))
        steps--; /* a sign of per cent may be one piece or three */
    for (size_t i = 0; i < steps; i++) {
        if (m[i].at < 0 && shape[m[i].letter] == 'D')
            return true;
        if (m[i].letter < 0 && isdigit((unsigned char)it->text[m[i].at]))
            return true;
    }
    return steps == 0;
}

void figure_ink_check(struct item *it, const struct cell *c, int arrow)
{
    char told[OCR_TEXT_MAX];
    struct figure f;

    memcpy(told, it->text, sizeof told);
    if (spell_figure(c, told, sizeof told) && figure_parse(told, &f)) {
        bool red = it->sign < 0 && told[0] == '-' && strcmp(told + 1, it->text) == 0;

        memcpy(it->text, told, sizeof told);
        it->doubtful = it->doubtful || !red; /* red ink bears a minus out */
    }
    it->doubtful = it->doubtful || has_lost(it, c);
    if (arrow && it->text[0] != '+' && it->text[0] != '-')
        put_front(it->text, sizeof it->text, (char)(arrow > 0 ? '+' : '-'));
}

bool figure_ink_blank(char *text)
{
    char *blank = strchr(text, ' '), clean[FIGURE_MAX];
    struct figure f;

    if (!blank || !figure_clean(blank + 1, clean))
        return false;
    if (blank <= text + 2 && !strchr("+-", text[0]) && figure_parse(clean, &f) && f.percent)
        memmove(text, clean, strlen(clean) + 1);
    return true;
}

static bool nearly_touch(const struct item *l, const struct item *r)
{
    int gap = r->at.x - box_right(&l->at);

    return l->kind == ITEM_FIGURE && r->kind == ITEM_FIGURE && gap >= 0 &&
           gap < TOGETHER * l->cap && 2 * box_shared_y(&l->at, &r->at) > l->at.h;
}

void figure_ink_neighbours(struct page *page)
{
    for (size_t i = 0; i < page->n; i++)
        for (size_t k = 0; k < page->n; k++)
            if (i != k && nearly_touch(&page->items[i], &page->items[k]))
                page->items[i].doubtful = page->items[k].doubtful = true;
}
