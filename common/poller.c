/* poller.c - see poller.h: epoll(7), and an eventfd(2) as the bell. */
#include "common/poller.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS_MAX = 64 };

void poller_open(struct poller *p)
{
    p->epoll = epoll_create1(EPOLL_CLOEXEC);
    p->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (p->epoll < 0 || p->bell < 0)
        abort();
    poller_watch(p, p->bell, true, false, false);
}

void poller_close(struct poller *p)
{
    close(p->epoll);
    close(p->bell);
    *p = (struct poller){-1, -1};
}

void poller_watch(struct poller *p, int fd, bool in, bool out, bool known)
{
    struct epoll_event event = {.events = (in ? EPOLLIN : 0U) | (out ? EPOLLOUT : 0U),
                                .data.fd = fd};

    if (epoll_ctl(p->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0)
        abort();
}

void poller_forget(struct poller *p, int fd)
{
    (void)epoll_ctl(p->epoll, EPOLL_CTL_DEL, fd, NULL); /* one that is closed is gone already */
}

void poller_ring(struct poller *p)
{
    if (eventfd_write(p->bell, 1) != 0)
        abort();
}

static struct poller_ready ready_of(const struct epoll_event *e)
{
    bool broken = (e->events & (EPOLLERR | EPOLLHUP)) != 0;

    return (struct poller_ready){e->data.fd, (e->events & EPOLLIN) || broken,
                                 (e->events & EPOLLOUT) || broken, broken};
}

size_t poller_wait(struct poller *p, int64_t ms, struct poller_ready *ready, size_t room)
{
    struct epoll_event events[EVENTS_MAX];
    int n = epoll_wait(p->epoll, events, (int)(room < EVENTS_MAX ? room : EVENTS_MAX), (int)ms);
    eventfd_t rings;
    size_t got = 0;

    for (int i = 0; i < n; i++)
        if (events[i].data.fd == p->bell)
            (void)eventfd_read(p->bell, &rings);
        else
            ready[got++] = ready_of(&events[i]);
    return got;
}
