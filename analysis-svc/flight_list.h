/*
 * flight_list.h - the flights whose leases this replica holds, from their claim until they landed.
 *
 * Who renews the leases reads the list while the flights belong to other threads: of a flight on it
 * nothing that a lease is made of may change. The list owns no flight.
 * Threads: any.
 */
#pragma once

#include <pthread.h>

#include "analysis-svc/flight.h"

struct claim_lease;

struct flight_list {
    pthread_mutex_t lock;
    struct flight *first;
    size_t n;
};
#define FLIGHT_LIST_INIT                                                                           \
    {                                                                                              \
        .lock = PTHREAD_MUTEX_INITIALIZER                                                          \
    }

void flight_list_add(struct flight_list *l, struct flight *f);
void flight_list_drop(struct flight_list *l, struct flight *f); /* not on it: nothing happens */
size_t flight_list_count(struct flight_list *l);
/* By value, so that no lock is held while Postgres answers; the caller's to free. */
struct claim_lease *flight_list_leases(struct flight_list *l, size_t *n);
