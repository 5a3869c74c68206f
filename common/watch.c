/*
 * watch.c - a list of waits and a thread that walks it every WATCH_TICK_MS.
 *
 * Joining and leaving the list is a few instructions under one lock, because it happens for every
 * 64 KiB that a server moves. Looking for a socket is slow and rare.
 */
#include "common/watch.h"

#include <dirent.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "common/clock.h"

struct watch {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct watch_item *items;
    bool end;
};

static bool end_is(const struct sockaddr_storage *end, socklen_t n, const char *address, int port)
{
    char host[64], service[8];
    int64_t number = 0;
    if (getnameinfo((const struct sockaddr *)end, n, host, sizeof(host), service, sizeof(service),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return false;
    return sv_int(sv_of(service), &number) && number == port &&
           (!address || strcmp(host, address) == 0);
}

static bool fd_serves(int fd, const struct watch_item *item)
{
    struct sockaddr_storage near, far;
    socklen_t near_n = sizeof(near), far_n = sizeof(far);
    return getpeername(fd, (struct sockaddr *)&far, &far_n) == 0 &&
           getsockname(fd, (struct sockaddr *)&near, &near_n) == 0 &&
           end_is(&far, far_n, item->far_address, item->far_port) &&
           end_is(&near, near_n, NULL, item->near_port);
}

static void dir_close(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

/* The socket cannot have been closed and its number given away meanwhile: its thread comes out of
 * the wait only through watch_end, which needs the lock that we hold. */
static void cut(struct watch_item *item)
{
    AUTO(dir_close) DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;
    int64_t fd;
    item->cut = true;
    while (dir && (entry = readdir(dir)))
        if (sv_int(sv_of(entry->d_name), &fd) && fd_serves((int)fd, item)) {
            shutdown((int)fd, item->how);
            return;
        }
}

static void sleep_a_tick(struct watch *watch)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += WATCH_TICK_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(&watch->wake, &watch->lock, &until);
}

static void *run(void *arg)
{
    struct watch *watch = arg;
    pthread_mutex_lock(&watch->lock);
    while (!watch->end) {
        int64_t now = clock_mono_ms();
        for (struct watch_item *item = watch->items; item; item = item->next)
            if (now >= item->until_ms && !item->cut)
                cut(item);
        sleep_a_tick(watch);
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

/* Give back what watch_open made; the thread has ended, or never began. */
static void watch_free(struct watch **watch)
{
    if (!*watch)
        return;
    pthread_cond_destroy(&(*watch)->wake);
    pthread_mutex_destroy(&(*watch)->lock);
    free(*watch);
    *watch = NULL;
}

bool watch_open(struct watch **out, struct err *err)
{
    AUTO(watch_free) struct watch *watch = calloc(1, sizeof(*watch));
    if (!watch)
        abort();
    pthread_mutex_init(&watch->lock, NULL);
    pthread_cond_init(&watch->wake, NULL);
    if (pthread_create(&watch->thread, NULL, run, watch) != 0)
        return err_set(err, ERR_INTERNAL, "no thread left for the watch over connections");
    *out = TAKE(watch);
    return true;
}

void watch_close(struct watch **watch)
{
    if (!*watch)
        return;
    pthread_mutex_lock(&(*watch)->lock);
    (*watch)->end = true;
    pthread_cond_signal(&(*watch)->wake);
    pthread_mutex_unlock(&(*watch)->lock);
    pthread_join((*watch)->thread, NULL);
    watch_free(watch);
}

void watch_begin(struct watch *watch, struct watch_item *item)
{
    pthread_mutex_lock(&watch->lock);
    item->cut = false;
    item->prev = NULL;
    item->next = watch->items;
    if (item->next)
        item->next->prev = item;
    watch->items = item;
    pthread_mutex_unlock(&watch->lock);
}

void watch_end(struct watch *watch, struct watch_item *item)
{
    pthread_mutex_lock(&watch->lock);
    if (item->next)
        item->next->prev = item->prev;
    if (item->prev)
        item->prev->next = item->next;
    else
        watch->items = item->next;
    pthread_mutex_unlock(&watch->lock);
}
