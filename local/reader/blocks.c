/*
 * blocks.c - texts of one left edge are a column; a column of people is one that repeats most.
 */
#include "local/reader/blocks.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "local/reader/lanes.h"
#include "local/reader/stack.h"
#include "local/reader/top.h"

#define CANDIDATES_MAX 1200
#define COLUMNS_MAX    40

struct column_of_text {
    const struct item *at[BLOCKS_MAX]; /* from the top */
    size_t n;
    int x, handles;
    size_t stacked;
    bool taken; /* as the handles of another column */
};

struct search {
    const struct page *page;
    const struct item *cand[CANDIDATES_MAX];
    size_t n;
    struct column_of_text cols[COLUMNS_MAX];
    size_t cols_n;
    bool at; /* handles bear an '@' here */
};

bool same_row(const struct item *a, const struct item *b)
{
    return fabs(box_mid_y(&a->at) - box_mid_y(&b->at)) < 0.5 * fmax(a->cap, b->cap);
}

bool inside(const struct box *area, const struct item *it)
{
    double x = box_mid_x(&it->at), y = box_mid_y(&it->at);

    return x >= area->x && x < box_right(area) && y >= area->y && y < box_bottom(area);
}

static bool repeated(const struct page *page, const struct item *it)
{
    size_t same = 0;

    for (size_t i = 0; i < page->n; i++)
        same += strcmp(page->items[i].text, it->text) == 0;
    return same >= 3;
}

static bool candidate(const struct page *page, const struct item *it)
{
    size_t letters = 0;

    if (it->kind == ITEM_HANDLE)
        return !top_is_site(it->text);
    if (it->at.h < 0.65 * page->cap || top_is_site(it->text) ||
        (it->sure < 15 && strlen(it->text) < 6)) /* a residue of something; longer is a hard name */
        return false;
    for (const char *s = it->text; *s; s++)
        letters += isalpha((unsigned char)*s) != 0 || (*s & 0x80);
    return it->kind == ITEM_TEXT && letters >= 2 && strlen(it->text) >= 3 && !repeated(page, it);
}

/* The text that ends just before this one on the same line: its name, when this is a handle. */
static const struct item *left_of(const struct search *s, const struct item *it)
{
    const struct item *best = NULL;

    for (size_t i = 0; i < s->n; i++) {
        const struct item *o = s->cand[i];
        int gap = it->at.x - box_right(&o->at);

        if (o != it && same_row(o, it) && gap > -it->cap && gap < 2.5 * it->cap &&
            (!best || o->at.x > best->at.x))
            best = o;
    }
    return best;
}

static int by_x(const void *a, const void *b)
{
    const struct item *l = *(const struct item *const *)a, *r = *(const struct item *const *)b;

    return l->at.x != r->at.x ? (l->at.x < r->at.x ? -1 : 1) : l->at.y - r->at.y;
}

static int by_y(const void *a, const void *b)
{
    const struct item *l = *(const struct item *const *)a, *r = *(const struct item *const *)b;

    return l->at.y != r->at.y ? (l->at.y < r->at.y ? -1 : 1) : l->at.x - r->at.x;
}

static void measure(struct column_of_text *c)
{
    qsort(c->at, c->n, sizeof(void *), by_y);
    for (size_t i = 0; i < c->n; i++) {
        c->handles += c->at[i]->kind == ITEM_HANDLE;
        c->stacked += i + 1 < c->n && stack_is(c->at[i], c->at[i + 1]);
    }
}

/* One text makes no column, but one handle may: its rank is wider than the others'. */
static size_t least_of(const struct column_of_text *c)
{
    return c->at[0]->kind == ITEM_HANDLE ? 1 : 2;
}

/* The column for a text at x: the present one, or a new one; NULL: there are too many. */
static struct column_of_text *column_for(struct search *s, struct column_of_text *c, int x,
                                         int last)
{
    if (c && x - last <= 0.6 * s->page->cap)
        return c;
    if (c && c->n < least_of(c))
        s->cols_n--;
    if (s->cols_n == COLUMNS_MAX)
        return NULL;
    c = &s->cols[s->cols_n++];
    *c = (struct column_of_text){.x = x};
    return c;
}

/* Candidates to columns by their left edge; a tilted page drifts, step by step. */
static void gather(struct search *s)
{
    struct column_of_text *c = NULL;
    int last = 0;

    qsort(s->cand, s->n, sizeof(void *), by_x);
    for (size_t i = 0; i < s->n; i++) {
        if (left_of(s, s->cand[i]))
            continue;
        c = column_for(s, c, s->cand[i]->at.x, last);
        if (!c)
            return;
        last = s->cand[i]->at.x;
        if (c->n < BLOCKS_MAX)
            c->at[c->n++] = s->cand[i];
    }
    if (c && c->n < least_of(c))
        s->cols_n--;
}

static void start(struct search *s, const struct page *page)
{
    size_t handles = 0;

    s->page = page;
    for (size_t i = 0; i < page->n && s->n < CANDIDATES_MAX; i++) {
        if (!candidate(page, &page->items[i]))
            continue;
        s->cand[s->n++] = &page->items[i];
        handles += page->items[i].kind == ITEM_HANDLE;
    }
    s->at = handles >= 2;
    gather(s);
    for (size_t i = 0; i < s->cols_n; i++)
        measure(&s->cols[i]);
}

/* Rows of column b that have a text of column a on the same line. */
static size_t shared_rows(const struct column_of_text *a, const struct column_of_text *b)
{
    size_t shared = 0;

    for (size_t i = 0; i < b->n; i++)
        for (size_t j = 0; j < a->n; j++)
            if (same_row(a->at[j], b->at[i])) {
                shared++;
                break;
            }
    return shared;
}

static size_t figures_between(const struct page *page, const struct column_of_text *a,
                              const struct column_of_text *b)
{
    size_t n = 0;

    for (size_t i = 0; i < page->n; i++) {
        const struct item *it = &page->items[i];

        if ((it->kind != ITEM_FIGURE && it->kind != ITEM_RANK) || it->at.x < a->x ||
            it->at.x > b->x)
            continue;
        for (size_t j = 0; j < b->n; j++)
            n += fabs(box_mid_y(&it->at) - box_mid_y(&b->at[j]->at)) < 1.6 * it->cap;
    }
    return n;
}

/* Is b the column of handles beside the names in a? */
static bool beside(const struct search *s, const struct column_of_text *a,
                   const struct column_of_text *b)
{
    if (s->at && (4 * a->handles > (int)a->n || b->handles * 2 < (int)b->n))
        return false;
    if (2 * a->stacked > a->n / 2 || 2 * b->stacked > b->n / 2)
        return false;
    return 10 * shared_rows(a, b) >= 6 * b->n && 2 * figures_between(s->page, a, b) < b->n;
}

/* Handles in this column or beside its texts. */
static size_t handles_of(const struct search *s, const struct column_of_text *c)
{
    size_t n = (size_t)c->handles;

    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; s->cand[i]->kind == ITEM_HANDLE && j < c->n; j++)
            n += left_of(s, s->cand[i]) == c->at[j];
    return n;
}

/* Just beside a great column: a person pushed aside by a wide rank. */
static bool near_people(const struct search *s, const struct column_of_text *c, size_t most)
{
    for (size_t i = 0; i < s->cols_n; i++)
        if (abs(s->cols[i].x - c->x) < 4 * s->page->cap && 2 * s->cols[i].n >= most &&
            shared_rows(&s->cols[i], c) == 0)
            return true;
    return false;
}

/* A column of people repeats about as often as any other, and holds handles where handles are
 * marked. */
static bool people(const struct search *s, const struct column_of_text *c)
{
    size_t most = 0, own = s->at ? handles_of(s, c) : c->n;

    for (size_t i = 0; i < s->cols_n; i++) {
        size_t n = s->at ? handles_of(s, &s->cols[i]) : s->cols[i].n;

        most = n > most ? n : most;
    }
    return own > 0 && (10 * own >= 4 * most || near_people(s, c, most));
}

static struct block *block_add(struct blocks *out, int lane)
{
    struct block *b = &out->at[out->n < BLOCKS_MAX ? out->n++ : BLOCKS_MAX - 1];

    *b = (struct block){.lane = lane};
    return b;
}

static const struct item *on_row(const struct column_of_text *c, const struct item *it)
{
    for (size_t i = 0; c && i < c->n; i++)
        if (same_row(c->at[i], it))
            return c->at[i];
    return NULL;
}

static const struct item *inline_handle(const struct search *s, const struct item *name)
{
    for (size_t i = 0; i < s->n; i++)
        if ((s->cand[i]->kind == ITEM_HANDLE || (!s->at && s->cand[i]->handle[0])) &&
            left_of(s, s->cand[i]) == name)
            return s->cand[i];
    return NULL;
}

/* A lone text: a name with its handle beside it, in the next column or on the line; or a handle. */
static void lone(const struct search *s, const struct column_of_text *handles,
                 const struct item *it, struct block *b)
{
    b->name = it;
    b->handle = on_row(handles, it);
    if (!b->handle && it->kind != ITEM_HANDLE)
        b->handle = inline_handle(s, it);
    if (it->kind == ITEM_HANDLE && !b->handle) {
        b->handle = it;
        b->name = NULL;
    }
}

static bool figure_beside(const struct page *page, const struct block *b)
{
    for (size_t i = 0; i < page->n; i++) {
        const struct item *it = &page->items[i];

        if (it->kind == ITEM_FIGURE && it->at.x > box_right(&b->at) &&
            fabs(box_mid_y(&it->at) - box_mid_y(&b->at)) < 1.6 * it->cap)
            return true;
    }
    return false;
}

static bool has_block(const struct blocks *out, const struct item *handle)
{
    for (size_t i = 0; i < out->n; i++)
        if (out->at[i].handle == handle)
            return true;
    return false;
}

/* Handles of the next column whose names could not be read are people all the same. */
static void nameless(const struct search *s, const struct column_of_text *handles,
                     struct blocks *out)
{
    for (size_t i = 0; handles && s->at && i < handles->n; i++) {
        struct block *b;

        if (handles->at[i]->kind != ITEM_HANDLE || has_block(out, handles->at[i]))
            continue;
        b = block_add(out, out->lanes);
        b->handle = handles->at[i];
        b->at = b->handle->at;
    }
}

static void lane(const struct search *s, const struct column_of_text *names,
                 const struct column_of_text *handles, struct blocks *out)
{
    for (size_t i = 0; i < names->n; i++) {
        struct block *b = block_add(out, out->lanes);

        if (!handles && stack_begins(names->at, names->n, names->stacked, i)) {
            b->name = names->at[i];
            b->handle = names->at[++i];
        } else {
            lone(s, handles, names->at[i], b);
        }
        b->at = b->name ? b->name->at : b->handle->at;
        if (b->handle)
            b->at = box_join(b->at, b->handle->at);
        if (s->at && !b->handle &&
            !figure_beside(s->page, b)) /* a heading, a badge: not a person */
            out->n--;
    }
    nameless(s, handles, out);
    out->lanes++;
}

/* The column of handles that belongs to the names in column i; 0: they are not in one of their own.
 */
static size_t handles_beside(const struct search *s, size_t i)
{
    for (size_t j = i + 1; j < s->cols_n; j++)
        if (!s->cols[j].taken && 2 * s->cols[j].n >= s->cols[i].n &&
            beside(s, &s->cols[i], &s->cols[j]))
            return j;
    return 0;
}

static void search_free(struct search **s) { free(*s); }

void blocks_find(const struct page *page, struct blocks *out)
{
    AUTO(search_free) struct search *s = calloc(1, sizeof *s);

    if (!s)
        abort();
    *out = (struct blocks){.n = 0};
    start(s, page);
    out->signs = s->at;
    for (size_t i = 0; i < s->cols_n; i++) {
        size_t handles = handles_beside(s, i);

        if (s->cols[i].taken || (!handles && !people(s, &s->cols[i])))
            continue;
        lane(s, &s->cols[i], handles ? &s->cols[handles] : NULL, out);
        s->cols[handles].taken |= handles > 0;
    }
    lanes_merge(out, page->cap);
}
