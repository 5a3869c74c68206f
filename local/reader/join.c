/*
 * join.c - columns stand further apart than words, and their texts differ in tone or kind.
 */
#include "local/reader/join.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_APART 1.45 /* capitals */
#define SAME_TONE   35
#define SURE        50

static bool is_word(const struct item *it)
{
    return (it->kind == ITEM_TEXT || it->kind == ITEM_HEAD) && it->sure >= SURE;
}

static bool belong(const struct item *l, const struct item *r)
{
    int gap = r->at.x - box_right(&l->at);

    if (l == r || !is_word(l) || !is_word(r) || gap < 0 || gap > WORDS_APART * l->cap)
        return false;
    if (fabs(l->cap - r->cap) > 0.25 * l->cap || abs(l->light - r->light) > SAME_TONE ||
        l->patch != r->patch)
        return false;
    return box_shared_y(&l->at, &r->at) > 0.6 * fmin(l->at.h, r->at.h) &&
           strlen(l->text) + strlen(r->text) + 2 < sizeof l->text;
}

/* Put r behind l and take it off the page. */
static void absorb(struct page *page, size_t l, size_t r)
{
    struct item *a = &page->items[l], *b = &page->items[r];
    size_t n = strlen(a->text);

    a->text[n] = ' ';
    memcpy(a->text + n + 1, b->text, strlen(b->text) + 1);
    a->at = box_join(a->at, b->at);
    a->sure = b->sure < a->sure ? b->sure : a->sure;
    a->doubtful = a->doubtful || b->doubtful;
    a->handle[0] = '\0';
    a->head = heading_column(a->text);
    a->kind = a->head == COL_NONE ? ITEM_TEXT : ITEM_HEAD;
    memmove(b, b + 1, (page->n - r - 1) * sizeof *b);
    page->n--;
}

static bool join_one(struct page *page, size_t l)
{
    for (size_t r = 0; r < page->n; r++) {
        if (!belong(&page->items[l], &page->items[r]))
            continue;
        absorb(page, l, r);
        return true;
    }
    return false;
}

void join_words(struct page *page)
{
    for (size_t i = 0; i < page->n;)
        if (join_one(page, i))
            i = 0; /* places have moved */
        else
            i++;
}
