/*
 * board.c - from blocks to rows: rank at the left, figures at the right or under labels.
 */
#include "local/reader/board.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "local/reader/areas.h"
#include "local/reader/header.h"
#include "local/reader/labels.h"
#include "local/reader/shapes.h"

#define SURE_FIGURE 80
#define SURE_HANDLE 58
#define SURE_0X     40
#define SURE_TAILS  65 /* g and q are mixed up easily */
#define SURE_NAME   60

void row_set(struct row *row, enum column c, const struct item *it, int least)
{
    size_t n = strnlen(it->text, CELL_TEXT_MAX - 1);

    memcpy(row->cell[c], it->text, n);
    row->cell[c][n] = '\0';
    if (c == COL_CHANGE && it->sign && it->text[0] != '+' && it->text[0] != '-' &&
        n + 1 < CELL_TEXT_MAX) {
        memmove(row->cell[c] + 1, row->cell[c], n + 1); /* the arrow was lost, its colour was not */
        row->cell[c][0] = it->sign > 0 ? '+' : '-';
    }
    if (it->sure < least || it->doubtful)
        row->unsure |= 1U << c;
}

/* What one digit is taken for when it stands alone. */
static char lone_digit(const char *s)
{
    static const char from[] = "IlJ|!iSsBZzOoQDgqGb", to[] = "1111115582200009966";
    const char *at = s[0] && !s[1] ? strchr(from, s[0]) : NULL;

    return (char)(at ? to[at - from] : 0);
}

static bool rank_like(const struct item *it, char out[8])
{
    int rank;

    if ((it->kind == ITEM_RANK || it->kind == ITEM_FIGURE) && figure_is_rank(it->text, &rank) &&
        strlen(it->text) < 8) {
        memcpy(out, it->text, strlen(it->text) + 1);
        return true;
    }
    out[0] = lone_digit(it->text);
    out[1] = '\0';
    return out[0] != '\0';
}

/* The leftmost small number before the name; on cards a "#3" anywhere. */
static const struct item *rank_of(const struct page *page, const struct block *b, char text[8])
{
    const struct item *best = NULL;
    char found[8];

    for (size_t i = 0; i < page->n; i++) {
        const struct item *it = &page->items[i];
        bool left = box_right(&it->at) <= b->at.x + 2;

        if (!inside(&b->area, it) || (!left && it->kind != ITEM_RANK) || !rank_like(it, found))
            continue;
        if (best && it->at.x >= best->at.x)
            continue;
        best = it;
        memcpy(text, found, sizeof found);
    }
    return best;
}

static void set_rank(const struct page *page, const struct block *b, struct row *row)
{
    char text[8] = "";
    const struct item *it = rank_of(page, b, text);

    if (!it)
        return;
    row_set(row, COL_RANK, it, SURE_FIGURE);
    if (strcmp(text, it->text) != 0)
        row->unsure |= 1U << COL_RANK;
    memcpy(row->cell[COL_RANK], text, sizeof text);
}

/* What is left of an emoji after a name: one or two signs that are no letters. */
static void strip_signs(char *name)
{
    char *last = strrchr(name, ' ');

    if (!last || strlen(last + 1) > 2)
        return;
    for (const char *s = last + 1; *s; s++)
        if (isalnum((unsigned char)*s) || *s == ')' || *s == '.')
            return;
    *last = '\0';
}

/* A handle has no blanks: one that was read into it goes, and leaves a doubt. */
static void close_up(struct item *handle)
{
    char *to = handle->text;

    for (const char *s = handle->text; *s; s++)
        if (*s != ' ')
            *to++ = *s;
    *to = '\0';
    handle->doubtful = true;
}

static int sure_enough(const char *handle)
{
    if (handle[0] == '0' && handle[1] == 'x') /* an odd beginning, but a usual one */
        return SURE_0X;
    return strpbrk(handle, "gq") ? SURE_TAILS : SURE_HANDLE;
}

static void set_name(const struct item *it, struct row *row)
{
    struct item name = *it;

    if (it->kind == ITEM_HANDLE)
        memcpy(name.text, it->print, sizeof it->print);
    row_set(row, COL_NAME, &name, SURE_NAME);
}

/* signs: handles bear an '@' on this page, so one without was misread. */
static void set_identity(const struct block *b, bool signs, struct row *row)
{
    struct item handle;

    if (b->name)
        set_name(b->name, row);
    strip_signs(row->cell[COL_NAME]);
    if (!b->handle)
        return;
    handle = *b->handle;
    if (handle.handle[0])
        memcpy(handle.text, handle.handle, sizeof handle.handle);
    else
        close_up(&handle);
    handle.doubtful = handle.doubtful || (signs && handle.kind != ITEM_HANDLE);
    row_set(row, COL_HANDLE, &handle, sure_enough(handle.text));
}

static bool is_value(const struct block *b, const struct item *it)
{
    return it->kind == ITEM_FIGURE && it->at.x > b->at.x && inside(&b->area, it);
}

/* A signed percentage under a heading that could not be read ("Δ 24H") is a change, if there is no
 * other. */
static bool is_change(const struct header *h, enum column c, const struct item *it)
{
    struct figure f;

    return c == COL_OTHER && !header_has(h, COL_CHANGE) && figure_parse(it->text, &f) &&
           f.percent && (f.sign || it->sign);
}

/* Each figure to the nearest heading of its lane; a heading takes the nearer of two figures. */
static void by_header(const struct page *page, const struct block *b, const struct header *h,
                      struct row *row)
{
    double taken[COL_COUNT_];

    for (int c = 0; c < COL_COUNT_; c++)
        taken[c] = INFINITY;
    for (size_t i = 0; i < page->n; i++) {
        const struct item *it = &page->items[i];
        enum column c = COL_NONE;
        double least = 6 * page->cap;

        for (size_t k = 0; is_value(b, it) && k < h->n; k++) {
            double d = header_distance(h, k, &it->at);
            double mid = box_mid_x(&h->at[k].at);

            if (mid < b->area.x || mid > box_right(&b->area) || d >= least)
                continue;
            least = d;
            c = h->at[k].column;
        }
        if (is_change(h, c, it)) {
            c = COL_CHANGE;
            row->unsure |= 1U << COL_CHANGE;
        }
        if (!column_is_figure(c) || least >= taken[c])
            continue;
        taken[c] = least;
        row_set(row, c, it, SURE_FIGURE);
    }
}

static void by_labels(const struct page *page, const struct block *b, struct row *row)
{
    for (size_t i = 0; i < page->n; i++) {
        const struct item *label = &page->items[i], *value;

        if (label->kind != ITEM_HEAD || !column_is_figure(label->head) || !inside(&b->area, label))
            continue;
        value = labels_value(page, label, &b->area);
        if (value && !row->cell[label->head][0])
            row_set(row, label->head, value, SURE_FIGURE);
    }
}

/* The figures of one row from the left. */
static size_t values_of(const struct page *page, const struct block *b, const struct item **out)
{
    size_t n = 0;

    for (size_t i = 0; i < page->n && n < SHAPE_COLUMNS; i++) {
        size_t k = n;

        if (!is_value(b, &page->items[i]))
            continue;
        for (; k > 0 && out[k - 1]->at.x > page->items[i].at.x; k--)
            out[k] = out[k - 1];
        out[k] = &page->items[i];
        n++;
    }
    return n;
}

static void items_free(const struct item ***items) { free(*items); }

/* The column of figure i is the one in the same place of the fullest row. */
static void align(const struct item *const *model, size_t width, const struct item **row, size_t n)
{
    const struct item *placed[SHAPE_COLUMNS] = {NULL};

    for (size_t i = 0; i < n; i++) {
        size_t best = 0;

        for (size_t j = 1; j < width; j++)
            if (abs(box_right(&model[j]->at) - box_right(&row[i]->at)) <
                abs(box_right(&model[best]->at) - box_right(&row[i]->at)))
                best = j;
        placed[best] = row[i];
    }
    memcpy(row, placed, sizeof placed);
}

/* Figures of all rows, aligned to the fullest one. */
static void gather_figures(const struct page *page, const struct blocks *b, const struct item **f)
{
    const struct item *model[SHAPE_COLUMNS];
    size_t width[BLOCKS_MAX] = {0}, best = 0;

    for (size_t i = 0; i < b->n; i++) {
        width[i] = values_of(page, &b->at[i], f + i * SHAPE_COLUMNS);
        best = width[i] > width[best] ? i : best;
    }
    memcpy(model, f + best * SHAPE_COLUMNS, sizeof model);
    for (size_t i = 0; b->lanes == 1 && i < b->n; i++)
        align(model, width[best], f + i * SHAPE_COLUMNS, width[i]);
}

static void by_shape(const struct item *const *f, struct board *out)
{
    enum column what[SHAPE_COLUMNS];

    shapes_judge(f, out->n, what);
    for (size_t i = 0; i < out->n * SHAPE_COLUMNS; i++) {
        struct row *row = &out->rows[i / SHAPE_COLUMNS];
        enum column c = what[i % SHAPE_COLUMNS];

        if (!f[i] || c == COL_NONE)
            continue;
        row_set(row, c, f[i], SURE_FIGURE);
        if (!shapes_sure(c))
            row->unsure |= 1U << c;
    }
}

/* No header: the one of another picture, or what the figures themselves tell. */
static void by_others(const struct page *page, const struct blocks *b, struct lent *lent,
                      struct board *out)
{
    AUTO(items_free) const struct item **f = calloc(b->n * SHAPE_COLUMNS + 1, sizeof(void *));
    bool fits;

    if (!f)
        abort();
    gather_figures(page, b, f);
    fits = lent && b->lanes == 1 && lent_fits(lent, page, f, b->n);
    for (size_t i = 0; fits && i < b->n; i++)
        by_header(page, &b->at[i], &lent->header, &out->rows[i]);
    if (fits)
        return;
    if (lent)
        lent->missing = true;
    by_shape(f, out);
}

static void take_headings(const struct header *h, struct board *out)
{
    for (size_t i = 0; i < h->n && out->headings < HEADINGS_MAX; i++) {
        size_t n = strlen(h->at[i].text);

        if (i > 0 && strcmp(h->at[i].text, h->at[0].text) == 0)
            break; /* the second lane says it all again */
        memcpy(out->heading[out->headings++], h->at[i].text, n + 1);
    }
}

static void sort_headings(struct header *h)
{
    for (size_t i = 1; i < h->n; i++)
        for (size_t k = i; k > 0 && h->at[k - 1].at.x > h->at[k].at.x; k--) {
            __typeof__(h->at[0]) swap = h->at[k];

            h->at[k] = h->at[k - 1];
            h->at[k - 1] = swap;
        }
}

static void blocks_free(struct blocks **b) { free(*b); }

void board_read(const struct page *page, struct lent *lent, struct board *out)
{
    AUTO(blocks_free) struct blocks *b = calloc(1, sizeof *b);
    struct header h;

    *out = (struct board)BOARD_INIT;
    if (!b)
        abort();
    blocks_find(page, b);
    areas_set(page, b);
    header_find(page, b, &h);
    sort_headings(&h);
    out->rows = calloc(b->n + 1, sizeof *out->rows);
    if (!out->rows)
        abort();
    out->n = b->n;
    out->lanes = b->lanes;
    for (size_t i = 0; i < b->n; i++) {
        out->rows[i].y = box_mid_y(&b->at[i].at);
        out->rows[i].lane = b->at[i].lane;
        set_identity(&b->at[i], b->signs, &out->rows[i]);
        set_rank(page, &b->at[i], &out->rows[i]);
        if (b->cards)
            by_labels(page, &b->at[i], &out->rows[i]);
        else if (h.n > 0)
            by_header(page, &b->at[i], &h, &out->rows[i]);
    }
    if (!b->cards && h.n == 0 && b->n > 0)
        by_others(page, b, lent, out);
    if (!b->cards)
        take_headings(&h, out);
    if (lent && !b->cards && h.n > 0 && b->n > 0)
        lent_keep(lent, page, &h);
}

void board_free(struct board *b)
{
    free(b->rows);
    *b = (struct board)BOARD_INIT;
}
