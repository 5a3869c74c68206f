/*
 * page.h - a picture as text: every cell read, cleaned and classed. From here on there are no
 * pixels.
 *
 * In:      an open picture and a recogniser (page_read), or items set down by hand (tests).
 * Out:     items in reading order.
 * Holds:   the array of items; page_free gives it back.
 * Errors:  ERR_BROKEN_IMAGE and its like from picture.h. No text at all is no error here: n is 0.
 */
#pragma once

#include "local/reader/figure.h"
#include "local/reader/heading.h"
#include "local/reader/lettering.h"
#include "local/reader/ocr.h"

enum item_kind {
    ITEM_TEXT,   /* words, names, sentences */
    ITEM_FIGURE, /* text is a clean figure */
    ITEM_RANK,   /* "#12": text is the number */
    ITEM_HANDLE, /* text is the handle without '@' */
    ITEM_HEAD    /* a heading or label; `head` says of what */
};

struct item {
    struct box at;
    double cap;
    int sure;   /* 0..100 */
    int sign;   /* +1 green ink, -1 red ink, 0 neither */
    int light;  /* how light its ink is, 0..255 */
    bool patch; /* on a pill or button: a chosen tab, a badge */
    enum item_kind kind;
    enum column head;
    bool doubtful;        /* repaired, or full of look-alikes */
    size_t letters;       /* letters of its ink up to the first word gap; 0: not counted */
    struct lettering ink; /* of a handle */
    /* The text as a handle, spelled by its ink; "" when it cannot be one. */
    char handle[HANDLE_MAX + 1];
    char text[OCR_TEXT_MAX];
    /* A handle as it stands there, '@' and all: some people call themselves so. */
    char print[64];
};

struct page {
    struct item *items;
    size_t n, room;
    int w, h;
    double cap;
};
#define PAGE_INIT                                                                                  \
    {                                                                                              \
        .n = 0                                                                                     \
    }

MUST_CHECK bool page_read(struct page *page, struct ocr *ocr, struct sv bytes, struct err *err);
void page_free(struct page *page);

/* Add an item of this text; its kind is found out. For page_read and for tests. The item is owned
 * by page and moves when the next one is added. */
struct item *page_add(struct page *page, struct box at, const char *text, int sure);
