/*
 * profile.c - the handle is found first, the name stands over it; figures are found by their
 * labels.
 */
#include "local/reader/profile.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "local/reader/blocks.h"
#include "local/reader/labels.h"
#include "local/reader/top.h"

#define SURE_FIGURE 80
#define SURE_TEXT   65

/* The handle in the largest print: others may be mentioned further down. */
static const struct item *handle_of(const struct page *page)
{
    const struct item *best = NULL;

    for (size_t i = 0; i < page->n; i++) {
        const struct item *it = &page->items[i];

        if (it->kind == ITEM_HANDLE && !top_is_site(it->text) &&
            (!best || it->cap > 1.15 * best->cap))
            best = it;
    }
    return best;
}

static double apart(const struct item *a, const struct item *b)
{
    return fmin(abs(a->at.x - b->at.x), fabs(box_mid_x(&a->at) - box_mid_x(&b->at)));
}

/* The text right above the handle, or left of it on its line. */
static const struct item *name_of(const struct page *page, const struct item *handle)
{
    const struct item *best = NULL;

    for (size_t i = 0; i < page->n; i++) {
        const struct item *it = &page->items[i];
        double dy = box_mid_y(&handle->at) - box_mid_y(&it->at);
        bool over = dy > 0.7 * handle->cap && dy < 2.6 * fmax(it->cap, handle->cap) &&
                    apart(it, handle) < 2 * it->cap;
        bool beside = fabs(dy) < 0.7 * it->cap && it->at.x < handle->at.x &&
                      handle->at.x - box_right(&it->at) < 2 * it->cap;

        if (it == handle || it->kind == ITEM_HEAD || it->kind == ITEM_RANK || !(over || beside))
            continue;
        if (!best || it->cap > best->cap)
            best = it;
    }
    return best;
}

/* The longest sentence under the handle. */
static void bio_of(const struct page *page, const struct item *handle, struct profile *out)
{
    size_t words, most = 3;

    for (size_t i = 0; i < page->n; i++) {
        const struct item *it = &page->items[i];
        double dy = box_mid_y(&it->at) - box_mid_y(&handle->at);

        if (it->kind != ITEM_TEXT || dy < handle->cap || dy > 5 * handle->cap ||
            abs(it->at.x - handle->at.x) > 3 * handle->cap)
            continue;
        words = 1;
        for (const char *s = it->text; *s; s++)
            words += *s == ' ';
        if (words > most) {
            most = words;
            snprintf(out->bio, sizeof out->bio, "%.250s", it->text);
        }
    }
}

static void figures(const struct page *page, struct profile *out)
{
    const struct box all = {0, 0, page->w, page->h};

    for (size_t i = 0; i < page->n; i++) {
        const struct item *label = &page->items[i], *value;

        if (label->kind != ITEM_HEAD || !column_is_figure(label->head) ||
            heading_is_period(label->text) || out->row.cell[label->head][0])
            continue;
        value = labels_value(page, label, &all);
        if (value)
            row_set(&out->row, label->head, value, SURE_FIGURE);
    }
}

/* "Snaps" alone on a page whose one period is 7D are the snaps of 7 days. */
static void snaps_by_period(const struct page *page, struct profile *out)
{
    struct top top;

    top_read(page, page->h, &top);
    if (out->row.cell[COL_SNAPS][0] && !out->row.cell[COL_SNAPS_7D][0] &&
        sv_ieqz(sv_of(top.timeframe), "7D")) {
        memcpy(out->row.cell[COL_SNAPS_7D], out->row.cell[COL_SNAPS], CELL_TEXT_MAX);
        out->row.unsure |= 1U << COL_SNAPS_7D;
    }
}

static const char *sentiment_in(const char *text)
{
    static const char *const words[] = {"Bullish", "Bearish", "Neutral"};

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        const char *last = strrchr(text, ' ');

        if (word_like(sv_of(last ? last + 1 : text), words[i]))
            return words[i];
    }
    return NULL;
}

/* Tokens are capitals: a small letter is a misread one, a bar an I. */
static char capital_of(char c)
{
    if (c == 'l')
        return 'I';
    return (char)(c == '0' ? 'O' : toupper((unsigned char)c));
}

/* "$ABC": the sign is often read as an S or a §, or doubled. */
static bool token_in(const struct item *it, char *out, size_t size)
{
    const char *s = it->text + strspn(it->text, ".,:;*- ");
    size_t n = 1, skip;

    out[0] = '$';
    if (strncmp(s, "\xC2\xA7", 2) != 0 && !strchr("$S85", *s))
        return false;
    skip = strncmp(s, "\xC2\xA7", 2) == 0 ? 2 : 1;
    if (*s == '$' && s[1] == 'S' && it->letters > 0 && strcspn(it->text, " ") == it->letters + 1)
        skip = 2;
    for (s += skip; isalnum((unsigned char)*s) && n + 1 < size; s++)
        out[n++] = capital_of(*s);
    out[n] = '\0';
    return n >= 3 && (*s == '\0' || *s == ' ');
}

/* The text that ends right before this one on its line. */
static const struct item *before(const struct page *page, const struct item *it)
{
    const struct item *best = NULL;

    for (size_t i = 0; i < page->n; i++) {
        const struct item *o = &page->items[i];
        int gap = it->at.x - box_right(&o->at);

        if (o != it && same_row(o, it) && gap > -it->cap && gap < 6 * it->cap &&
            (!best || o->at.x > best->at.x))
            best = o;
    }
    return best;
}

static void tokens(const struct page *page, struct profile *out)
{
    for (size_t i = 0; i < page->n && out->tokens < TOKENS_MAX; i++) {
        const struct item *it = &page->items[i], *left;
        const char *mood = sentiment_in(it->text);
        char token[24];

        if (!mood)
            continue;
        left = strchr(it->text, ' ') ? it : before(page, it);
        if (!left || !token_in(left, token, sizeof token))
            continue;
        memcpy(out->token[out->tokens].token, token, sizeof token);
        snprintf(out->token[out->tokens].sentiment, sizeof out->token[0].sentiment, "%s", mood);
        out->tokens++;
    }
}

/* "#3 SNAPPER", "TOP BULL", "COOKIE OG": capitals, two words or more, no page title. */
static bool badge_like(const struct page *page, const struct item *it)
{
    size_t capitals = 0, words = 1;

    if (it->kind != ITEM_TEXT || it->cap > 1.3 * page->cap)
        return false;
    for (const char *s = it->text; *s; s++) {
        if (islower((unsigned char)*s))
            return false;
        capitals += isupper((unsigned char)*s) != 0;
        words += *s == ' ';
    }
    return capitals >= 2 && words >= 2 &&
           (it->text[0] == '#' || isupper((unsigned char)it->text[0]));
}

static bool date_like(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char three[4] = {0};

    snprintf(three, sizeof three, "%.3s", text);
    return strlen(text) > 4 && strlen(text) < 20 && strstr(months, three) &&
           strpbrk(text, "0123456789");
}

/* "#3 SNAPPER": the place that it was given for. */
static void rank_of(const char *title, char *out, size_t size)
{
    size_t digits = title[0] == '#' ? strspn(title + 1, "0123456789") : 0;

    out[0] = '\0';
    if (digits > 0 && digits + 2 <= size && title[1 + digits] == ' ')
        snprintf(out, size, "%.*s", (int)digits + 1, title);
}

static void badges(const struct page *page, struct profile *out)
{
    for (size_t i = 0; i < page->n && out->badges < BADGES_MAX; i++) {
        const struct item *it = &page->items[i];

        if (!badge_like(page, it))
            continue;
        snprintf(out->badge[out->badges].title, sizeof out->badge[0].title, "%.60s", it->text);
        rank_of(it->text, out->badge[out->badges].rank, sizeof out->badge[0].rank);
        for (size_t j = i + 1; j < page->n; j++) {
            const struct item *o = &page->items[j];
            double dy = box_mid_y(&o->at) - box_mid_y(&it->at);

            if (date_like(o->text) && dy > 0.8 * it->cap && dy < 2.6 * it->cap &&
                apart(o, it) < 2 * it->cap)
                snprintf(out->badge[out->badges].earned_on, sizeof out->badge[0].earned_on, "%.20s",
                         o->text);
        }
        out->badges++;
    }
}

void profile_read(const struct page *page, struct profile *out)
{
    const struct item *handle = handle_of(page), *name;

    *out = (struct profile){.tokens = 0};
    if (handle) {
        name = name_of(page, handle);
        row_set(&out->row, COL_HANDLE, handle, SURE_TEXT);
        if (name)
            row_set(&out->row, COL_NAME, name, SURE_TEXT);
        bio_of(page, handle, out);
    }
    figures(page, out);
    snaps_by_period(page, out);
    tokens(page, out);
    badges(page, out);
}

bool profile_is_readable(const struct profile *p)
{
    size_t n = 0;

    for (int c = COL_SNAPS; c <= COL_ENGAGEMENT; c++)
        n += p->row.cell[c][0] != '\0';
    return p->row.cell[COL_HANDLE][0] || n >= 2;
}
