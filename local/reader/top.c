/*
 * top.c - the site is a name that we know or the first domain, the title the largest text, the
 * period a lone or chosen tab.
 */
#include "local/reader/top.h"

#include <ctype.h>
#include <string.h>

/* The sites that people upload from; printed names differ in case at most. */
static const char *const sites[] = {
#define PLATFORM(wire, label, others) wire,
#include "proto/platform.def"
#undef PLATFORM
};

static void put(char *out, size_t size, const char *text)
{
    size_t n = strnlen(text, size - 1);

    memcpy(out, text, n);
    out[n] = '\0';
}

bool top_is_site(const char *text)
{
    char plain[24]; /* a logo before the name is read as '@', and then its point is gone */
    size_t n;

    for (size_t i = 0; i < COUNT_OF(sites); i++) {
        n = 0;
        for (const char *s = sites[i]; *s && n + 1 < sizeof plain; s++)
            if (*s != '.')
                plain[n++] = *s;
        plain[n] = '\0';
        if (word_like(sv_of(text), sites[i]) || word_like(sv_of(text), plain))
            return true;
    }
    return false;
}

/* "word.word", no blanks. */
static bool is_domain(const char *text)
{
    const char *dot = strchr(text, '.');

    if (!dot || dot == text || !isalpha((unsigned char)dot[1]) || !isalpha((unsigned char)dot[2]))
        return false;
    for (const char *s = text; *s; s++)
        if (!isalnum((unsigned char)*s) && *s != '.' && *s != '-')
            return false;
    return true;
}

static void site(const struct page *page, int y, struct top *out)
{
    for (size_t i = 0; i < page->n && !out->platform[0]; i++)
        if (page->items[i].at.y < y && top_is_site(page->items[i].text))
            put(out->platform, sizeof out->platform, page->items[i].text);
    for (size_t i = 0; i < page->n && !out->platform[0]; i++)
        if (page->items[i].at.y < y && is_domain(page->items[i].text))
            put(out->platform, sizeof out->platform, page->items[i].text);
}

static void title(const struct page *page, int y, struct top *out)
{
    const struct item *best = NULL;

    for (size_t i = 0; i < page->n; i++) {
        const struct item *it = &page->items[i];

        if (it->at.y < y && it->kind == ITEM_TEXT && it->cap > 1.35 * page->cap &&
            !top_is_site(it->text) && (!best || it->cap > best->cap))
            best = it;
    }
    if (best)
        put(out->title, sizeof out->title, best->text);
}

/* One tab alone, or the only one on a button. */
static void period(const struct page *page, int y, struct top *out)
{
    const struct item *chosen = NULL;
    size_t tabs = 0, buttons = 0;

    for (size_t i = 0; i < page->n; i++) {
        const struct item *it = &page->items[i];

        if (it->at.y >= y || !heading_is_period(it->text))
            continue;
        tabs++;
        buttons += it->patch;
        if (!chosen || it->patch)
            chosen = it;
    }
    if (chosen && (tabs == 1 || buttons == 1))
        put(out->timeframe, sizeof out->timeframe, chosen->text);
}

void top_read(const struct page *page, int y, struct top *out)
{
    *out = (struct top){.platform = ""};
    site(page, y, out);
    title(page, y, out);
    period(page, y, out);
}
