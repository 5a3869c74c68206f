/*
 * page.c - cells are read one by one; what a text is, its own form decides.
 */
#include "local/reader/page.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "local/reader/figure_ink.h"
#include "local/reader/handle.h"
#include "local/reader/join.h"
#include "local/reader/parts.h"
#include "local/reader/spell.h"
#include "local/reader/tall.h"
#include "local/reader/twins.h"
#include "local/reader/widths.h"

static void put_text(struct item *it, const char *s)
{
    size_t n = strlen(s) < sizeof it->text ? strlen(s) : sizeof it->text - 1;

    memmove(it->text, s, n);
    it->text[n] = '\0';
}

static void classify(struct item *it)
{
    char clean[FIGURE_MAX], handle[OCR_TEXT_MAX];
    size_t at = handle_at_sign(it->text);

    it->head = heading_column(it->text);
    if (at && handle_of(it->text + at, handle, sizeof handle)) {
        it->kind = ITEM_HANDLE;
        snprintf(it->print, sizeof it->print, "%.63s", it->text);
        put_text(it, handle);
    } else if (it->head != COL_NONE) {
        it->kind = ITEM_HEAD;
    } else if (!heading_is_period(it->text) && figure_clean(it->text, clean)) {
        it->kind = it->text[0] == '#' ? ITEM_RANK : ITEM_FIGURE;
        put_text(it, clean);
    } else {
        it->kind = ITEM_TEXT;
    }
}

struct item *page_add(struct page *page, struct box at, const char *text, int sure)
{
    struct item *it;

    if (page->n == page->room)
        page->items = list_grow(page->items, &page->room, sizeof *page->items);
    it = &page->items[page->n++];
    *it = (struct item){.at = at, .cap = page->cap, .sure = sure};
    put_text(it, text);
    classify(it);
    return it;
}

void page_free(struct page *page)
{
    free(page->items);
    *page = (struct page)PAGE_INIT;
}

/* Colour of the cell: of most of its ink. */
static void tone(struct item *it, const struct cell *c)
{
    struct glyph all = {.ink = 0};
    int64_t r = 0, g = 0, b = 0, ink = 0;

    for (size_t i = 0; i < c->n; i++) {
        r += (int64_t)c->glyphs[i]->r * c->glyphs[i]->ink;
        g += (int64_t)c->glyphs[i]->g * c->glyphs[i]->ink;
        b += (int64_t)c->glyphs[i]->b * c->glyphs[i]->ink;
        ink += c->glyphs[i]->ink;
    }
    if (ink == 0)
        return;
    all.r = (int)(r / ink);
    all.g = (int)(g / ink);
    all.b = (int)(b / ink);
    it->sign = glyph_sign(&all);
    it->light = glyph_light(&all);
}

/* A second look with figures only: for what is nearly a figure, or an unsure one. */
static void second_look(struct ocr *ocr, const struct picture *pic, const struct cell *c,
                        struct ocr_line *line)
{
    struct ocr_line again;
    char clean[FIGURE_MAX];
    size_t digits = 0, letters = 0;

    for (const char *s = line->text; *s; s++) {
        digits += isdigit((unsigned char)*s) != 0;
        letters += isalpha((unsigned char)*s) && !strchr("KMBOolI", *s);
    }
    if (c->n > 14 || letters > 1 || heading_column(line->text) != COL_NONE ||
        heading_is_period(line->text) || (figure_clean(line->text, clean) && line->sure >= 85) ||
        (digits == 0 && line->text[0] && c->n > 2))
        return;
    ocr_read(ocr, pic, c, OCR_FIGURE, &again);
    if (figure_clean(again.text, clean) &&
        (!figure_clean(line->text, clean) || again.sure > line->sure))
        *line = again;
}

/* The recogniser drops underscores; the ink has them. What stands between two of them is read by
 * itself. */
static void read_pieces(struct ocr *ocr, const struct picture *pic, const struct cell *c,
                        struct ocr_line *line)
{
    char joined[OCR_TEXT_MAX] = "";
    size_t used = 0;

    for (size_t from = 0, to; from < c->n; from = to) {
        struct ocr_line piece;
        struct cell part = {.glyphs = c->glyphs + from, .cap = c->cap};
        bool low = spell_is_underscore(c, from);

        for (to = from + 1; !low && to < c->n && !spell_is_underscore(c, to);)
            to++;
        part.n = to - from;
        if (low)
            memcpy(piece.text, "_", 2);
        else
            ocr_read(ocr, pic, &part, OCR_ALL, &piece);
        if (used + strlen(piece.text) + 1 > sizeof joined)
            return;
        memcpy(joined + used, piece.text, strlen(piece.text) + 1);
        used += strlen(piece.text);
    }
    memcpy(line->text, joined, used + 1);
}

static bool lost_underscores(const struct cell *c, const char *text)
{
    size_t ink = 0, read = 0;

    for (size_t i = 0; i < c->n; i++)
        ink += spell_is_underscore(c, i);
    for (; *text; text++)
        read += *text == '_';
    return ink > read;
}

/* What a page is read with, and what is noted on the way. */
struct look {
    struct page *page;
    struct ocr *ocr;
    const struct picture *pic;
    struct twins twins;
    bool at; /* a handle with its '@' was seen */
};

static void look_close(struct look *look) { twins_free(&look->twins); }

/* Handles are read twice, in two sizes: where the readings differ, one letter looks like another,
 * and a third decides what is said, but in doubt. Without an '@' any word may be a handle. */
static void read_again(struct look *look, struct item *it, const struct cell *c)
{
    struct ocr_line large, small;

    look->at = look->at || it->kind == ITEM_HANDLE;
    if (!it->handle[0] || (look->at && it->kind != ITEM_HANDLE))
        return;
    ocr_read(look->ocr, look->pic, c, OCR_HANDLE, &large);
    if (handle_is_confirmed(it, c, large.text))
        return;
    it->doubtful = true;
    ocr_read(look->ocr, look->pic, c, OCR_SMALL, &small);
    handle_outvote(it, c, large.text, small.text);
}

static void finish(struct look *look, struct item *it, const struct cell *c, int arrow)
{
    if (it->kind == ITEM_FIGURE) {
        figure_ink_check(it, c, arrow);
        twins_note(&look->twins, look->pic, c, it, (size_t)(it - look->page->items));
    }
    if (it->kind == ITEM_TEXT) {
        spell_name(it->text);
        spell_zero_x(it->text, false);
    }
    if (it->kind == ITEM_HANDLE || it->kind == ITEM_TEXT) {
        handle_settle(it, c);
        read_again(look, it, c);
    }
}

static void read_cell(struct look *look, const struct cell *c, int arrow)
{
    struct ocr_line line;
    struct item *it;
    bool at = spell_begins_with_at(c), blank;

    ocr_read(look->ocr, look->pic, c, OCR_ALL, &line);
    if (!at)
        second_look(look->ocr, look->pic, c, &line);
    if (!line.text[0])
        return;
    if (lost_underscores(c, line.text))
        read_pieces(look->ocr, look->pic, c, &line);
    blank = figure_ink_blank(line.text);
    if (at && !handle_at_sign(line.text) && strlen(line.text) > 3)
        line.text[0] = '@';
    it = page_add(look->page, c->at, line.text, line.sure);
    it->cap = c->cap;
    it->patch = c->glyphs[c->n / 2]->patch;
    it->letters = spell_first_word(c);
    it->doubtful = blank || (it->kind == ITEM_HANDLE && strpbrk(line.text, " -."));
    tone(it, c);
    finish(look, it, c, arrow);
}

static void read_whole(struct look *look, const struct cell *c)
{
    for (size_t from = 0, to; from < c->n; from = to) {
        struct part part;

        to = parts_next(c, from);
        parts_clean(c, from, to, &part);
        if (part.cell.n > 0)
            read_cell(look, &part.cell, part.arrow);
    }
}

bool page_read(struct page *page, struct ocr *ocr, struct sv bytes, struct err *err)
{
    AUTO(picture_free) struct picture pic = PICTURE_INIT;
    AUTO(cells_free) struct cells cells = CELLS_INIT;
    AUTO(look_close) struct look look = {.page = page, .ocr = ocr, .pic = &pic};

    if (!picture_open(&pic, bytes, err))
        return false;
    cells_find(pic.glyphs, pic.n, pic.cap, &cells);
    *page = (struct page){.w = pic.w, .h = pic.h, .cap = pic.cap};
    for (size_t i = 0; i < cells.n; i++)
        read_whole(&look, &cells.at[i]);
    twins_judge(&look.twins, page);
    figure_ink_neighbours(page);
    join_words(page);
    handles_cut_off(page);
    widths_judge(page);
    tall_judge(page);
    return true;
}
