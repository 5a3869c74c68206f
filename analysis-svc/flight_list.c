/* flight_list.c - see flight_list.h. */
#include "analysis-svc/flight_list.h"

#include <stdlib.h>

#include "analysis-svc/claim.h"
#include "analysis-svc/metrics.h"

void flight_list_add(struct flight_list *l, struct flight *f)
{
    pthread_mutex_lock(&l->lock);
    f->listed = true;
    f->next = l->first;
    f->prev = NULL;
    if (f->next)
        f->next->prev = f;
    l->first = f;
    metric_set(M_IN_FLIGHT, 0, (int64_t)++l->n);
    pthread_mutex_unlock(&l->lock);
}

static void unlink_one(struct flight_list *l, const struct flight *f)
{
    if (f->prev)
        f->prev->next = f->next;
    else
        l->first = f->next;
    if (f->next)
        f->next->prev = f->prev;
    metric_set(M_IN_FLIGHT, 0, (int64_t)--l->n);
}

void flight_list_drop(struct flight_list *l, struct flight *f)
{
    pthread_mutex_lock(&l->lock);
    if (f->listed)
        unlink_one(l, f);
    f->listed = false;
    pthread_mutex_unlock(&l->lock);
}

size_t flight_list_count(struct flight_list *l)
{
    size_t n;

    pthread_mutex_lock(&l->lock);
    n = l->n;
    pthread_mutex_unlock(&l->lock);
    return n;
}

struct claim_lease *flight_list_leases(struct flight_list *l, size_t *n)
{
    struct claim_lease *list;

    pthread_mutex_lock(&l->lock);
    list = calloc(l->n + 1, sizeof *list);
    if (!list)
        abort();
    *n = 0;
    for (const struct flight *f = l->first; f; f = f->next)
        claim_lease_of(f, &list[(*n)++]);
    pthread_mutex_unlock(&l->lock);
    return list;
}
