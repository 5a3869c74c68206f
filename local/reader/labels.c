/*
 * labels.c - distance decides, in capitals of the larger of the two texts.
 */
#include "local/reader/labels.h"

#include <math.h>
#include <stdlib.h>

#include "local/reader/blocks.h"

/* How far two texts are from standing in one column: by left edge, middle or right edge. */
static double aside(const struct item *a, const struct item *b)
{
    double left = abs(a->at.x - b->at.x), right = abs(box_right(&a->at) - box_right(&b->at));

    return fmin(fmin(left, right), fabs(box_mid_x(&a->at) - box_mid_x(&b->at)));
}

/* Lower is nearer; negative: not a neighbour of this label. */
static double cost(const struct item *label, const struct item *value)
{
    double dy = box_mid_y(&value->at) - box_mid_y(&label->at), dx = aside(label, value);
    double cap = fmax(label->cap, value->cap);
    int gap = value->at.x - box_right(&label->at);

    if (dy > 0.8 * label->cap && dy < 3.6 * cap && dx < 1.6 * cap)
        return dy + dx;
    if (fabs(dy) < 0.6 * cap && gap > 0 && gap < 14 * cap)
        return 1.5 * cap + gap; /* beside: only where nothing stands under the label */
    if (dy < -0.8 * label->cap && dy > -3.0 * cap && dx < 1.6 * cap)
        return 4 * cap - dy + dx;
    return -1;
}

const struct item *labels_value(const struct page *page, const struct item *label,
                                const struct box *area)
{
    const struct item *best = NULL;
    double least = 0;

    for (size_t i = 0; i < page->n; i++) {
        const struct item *it = &page->items[i];
        double c = it->kind == ITEM_FIGURE && inside(area, it) ? cost(label, it) : -1;

        if (c >= 0 && (!best || c < least)) {
            best = it;
            least = c;
        }
    }
    return best;
}
