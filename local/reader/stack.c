/*
 * stack.c - lines of one person stand closer together than two people do.
 */
#include "local/reader/stack.h"

#define STACKED 2.35 /* capitals between the middles of a name and the handle under it */

static bool is_under(const struct item *lower, const struct item *upper)
{
    double dy = box_mid_y(&lower->at) - box_mid_y(&upper->at);

    return dy > 0.8 * lower->cap && dy < STACKED * (upper->cap + lower->cap) / 2;
}

bool stack_is(const struct item *upper, const struct item *lower)
{
    return is_under(lower, upper) && upper->kind != ITEM_HANDLE;
}

/* Where names stand over handles, the upper one of two handles is a name that begins with '@':
 * whoever calls himself like somebody else makes no row of theirs. */
static bool named_like_a_handle(const struct item *upper, const struct item *lower)
{
    return upper->kind == ITEM_HANDLE && lower->kind == ITEM_HANDLE && is_under(lower, upper);
}

/* Without '@', a name and its handle stand closer together than two people do. */
bool stack_begins(const struct item *const *at, size_t n, size_t stacked, size_t i)
{
    double next, after;

    if (i + 1 >= n)
        return false;
    if (named_like_a_handle(at[i], at[i + 1]) && 3 * stacked >= n)
        return true;
    if (!stack_is(at[i], at[i + 1]))
        return false;
    if (at[i + 1]->kind == ITEM_HANDLE || i + 2 >= n)
        return true;
    next = at[i + 1]->at.y - at[i]->at.y;
    after = at[i + 2]->at.y - at[i + 1]->at.y;
    return after > 1.15 * next;
}
