/* http_inbox.c - see http_inbox.h. */
#include "common/http_inbox.h"

#include <stdlib.h>

#include "common/clock.h"

void inbox_open(struct http_inbox *box)
{
    *box = (struct http_inbox){.lock = PTHREAD_MUTEX_INITIALIZER, .mail_end = &box->mail};
}

void inbox_free(struct http_inbox *box)
{
    inbox_cancels_free(&box->cancels);
    pthread_mutex_destroy(&box->lock);
}

bool inbox_put(struct http_inbox *box, struct inbox_mail *mail, bool *first)
{
    bool open;

    mail->next = NULL;
    mail->came_ms = clock_mono_ms();
    pthread_mutex_lock(&box->lock);
    open = !box->ended;
    *first = !box->mail;
    if (open) {
        *box->mail_end = mail;
        box->mail_end = &mail->next;
    }
    pthread_mutex_unlock(&box->lock);
    return open;
}

void inbox_cancel(struct http_inbox *box, const void *arg)
{
    struct inbox_cancel *c = calloc(1, sizeof *c);

    if (!c)
        abort();
    c->arg = arg;
    pthread_mutex_lock(&box->lock);
    c->next = box->cancels;
    box->cancels = c;
    pthread_mutex_unlock(&box->lock);
}

void inbox_close(struct http_inbox *box)
{
    pthread_mutex_lock(&box->lock);
    box->closing = true;
    pthread_mutex_unlock(&box->lock);
}

bool inbox_take(struct http_inbox *box, struct inbox_mail ***end, struct inbox_cancel **cancels)
{
    bool open;

    pthread_mutex_lock(&box->lock);
    if (box->mail) {
        **end = box->mail;
        *end = box->mail_end;
    }
    box->mail = NULL;
    box->mail_end = &box->mail;
    *cancels = box->cancels;
    box->cancels = NULL;
    open = !box->closing;
    box->ended = !open;
    pthread_mutex_unlock(&box->lock);
    return open;
}

void inbox_cancels_free(struct inbox_cancel **list)
{
    for (struct inbox_cancel *next; *list; *list = next) {
        next = (*list)->next;
        free(*list);
    }
}
