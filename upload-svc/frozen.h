/*
 * frozen.h - the bytes of a batch, as analysis-svc reads them (proto/examples/batch_extract.json).
 *
 * They never change again: analysis-svc compares their hash when the same batch comes twice. Texts
 * are borrowed while it is written.
 */
#pragma once

#include "common/json_write.h"

enum { FROZEN_WALL = 4 << 20 }; /* no batch is larger; a str that grew so far is not ok */

struct frozen_set {
    const char *id, *type, *platform, *date, *timeframe;
    int64_t campaign_id; /* with title NULL: no campaign */
    const char *campaign_title, *handle;
    int64_t deadline_s;
};

struct frozen_item {
    int64_t id;
    const char *uuid, *key, *mime;
    int64_t bytes;
    const char *sha256; /* NULL: not summed */
    int64_t width, height, rev;
    bool moved;
};

struct jw frozen_open(struct str *out, const char *batch_id, const struct frozen_set *set);
void frozen_add(struct jw *w, const struct frozen_item *item);
void frozen_close(struct jw *w);
