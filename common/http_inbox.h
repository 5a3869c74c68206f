/*
 * http_inbox.h - what other threads ask of an http_loop, until its thread takes it.
 *
 * In:      mail (the caller's, from inbox_put on the taker's), and whom to cancel.
 * Out:     both as lists, the mail in its order of coming.
 * Threads: any; who puts something in wakes the taker.
 */
#pragma once

#include <pthread.h>

#include "common/base.h"

struct inbox_mail { /* the first member of what is sent */
    struct inbox_mail *next;
    int64_t came_ms; /* monotonic; the inbox's */
};
struct inbox_cancel { /* somebody wants what was submitted with that arg to end */
    struct inbox_cancel *next;
    const void *arg;
};
struct http_inbox {
    pthread_mutex_t lock;
    struct inbox_mail *mail, **mail_end;
    struct inbox_cancel *cancels;
    bool closing, ended; /* ended: the taker knows that it is closing */
};

void inbox_open(struct http_inbox *box);
void inbox_free(struct http_inbox *box);
/* false: it has ended, and the mail stays the caller's. *first: nothing lay in it before, so nobody
 * has woken the taker yet. */
bool inbox_put(struct http_inbox *box, struct inbox_mail *mail, bool *first);
void inbox_cancel(struct http_inbox *box, const void *arg);
void inbox_close(struct http_inbox *box);
/* All that came since the last time, the mail behind what the taker's list holds already; false: it
 * is closing, and nothing comes any more. */
bool inbox_take(struct http_inbox *box, struct inbox_mail ***end, struct inbox_cancel **cancels);
void inbox_cancels_free(struct inbox_cancel **list);
