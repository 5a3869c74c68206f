/*
 * top.h - what a page says about itself: the site, the title, the period that is chosen. Pure.
 */
#pragma once

#include "local/reader/page.h"

#define TOP_TEXT_MAX 120

struct top {
    char platform[TOP_TEXT_MAX];
    char title[TOP_TEXT_MAX];
    char timeframe[16];
};

/* Is this the name of a site that people upload from? */
bool top_is_site(const char *text);

/* Look above y only (of a leaderboard: above its first row; of a profile: the whole page for
 * periods). */
void top_read(const struct page *page, int y, struct top *out);
