/*
 * talk.c - a raw HTTP client for tests.
 */
#include "tests/kit/talk.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/kit/kit.h"

int talk_socket(const char *from, int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(inet_pton(AF_INET, from, &at.sin_addr), 1);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

struct talk *talk_open_from(const char *address, int port)
{
    struct talk *talk = calloc(1, sizeof(*talk));
    assert_non_null(talk);
    talk->fd = talk_socket(address, port);
    return talk;
}

struct talk *talk_open(int port) { return talk_open_from("127.0.0.1", port); }

void talk_close(struct talk **talk)
{
    if (!*talk)
        return;
    close((*talk)->fd);
    free(*talk);
    *talk = NULL;
}

void talk_send(struct talk *talk, const void *p, size_t n)
{
    const char *at = p;
    while (n > 0) {
        ssize_t sent = send(talk->fd, at, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        at += sent;
        n -= (size_t)sent;
    }
}

void talk_say(struct talk *talk, const char *text) { talk_send(talk, text, strlen(text)); }

/* One read, waiting at most until then; false: nothing more came. */
static bool hear(struct talk *talk, int64_t until_ms)
{
    struct pollfd p = {.fd = talk->fd, .events = POLLIN};
    int64_t left = until_ms - clock_mono_ms();
    if (talk->eof || talk->n + 1 == sizeof(talk->in) || left < 0 || poll(&p, 1, (int)left) <= 0)
        return false;
    ssize_t got = recv(talk->fd, talk->in + talk->n, sizeof(talk->in) - 1 - talk->n, 0);
    talk->eof = got <= 0;
    talk->n += got > 0 ? (size_t)got : 0;
    talk->in[talk->n] = '\0';
    return !talk->eof;
}

bool talk_wait(struct talk *talk, const char *text, int ms)
{
    int64_t until = clock_mono_ms() + ms;
    while (!memmem(talk->in, talk->n, text, strlen(text)))
        if (!hear(talk, until))
            return false;
    return true;
}

bool talk_ended(struct talk *talk, int ms)
{
    int64_t until = clock_mono_ms() + ms;
    while (hear(talk, until))
        ;
    return talk->eof;
}

static void drop(struct talk *talk, size_t n)
{
    memmove(talk->in, talk->in + n, talk->n - n + 1);
    talk->n -= n;
}

/* Length of the first answer in `in`; 0: not whole yet. */
static size_t whole(const struct talk *talk)
{
    const char *end = strstr(talk->in, "\r\n\r\n");
    if (!end)
        return 0;
    size_t head = (size_t)(end - talk->in) + 4;
    const char *length = strcasestr(talk->in, "\r\nContent-Length:");
    if (length && length < end) {
        size_t n = head + strtoul(length + 17, NULL, 10);
        return talk->n >= n ? n : 0;
    }
    const char *coding = strcasestr(talk->in, "\r\nTransfer-Encoding: chunked");
    if (coding && coding < end) {
        const char *last = strstr(end, "\r\n0\r\n\r\n");
        return last ? (size_t)(last - talk->in) + 7 : 0;
    }
    return head;
}

const char *talk_answer(struct talk *talk)
{
    int64_t until = clock_mono_ms() + 30000;
    size_t n;
    while ((n = whole(talk)) == 0)
        if (!hear(talk, until))
            fail_msg("no whole answer, only: %s", talk->in);
    memcpy(talk->answer, talk->in, n);
    talk->answer[n] = '\0';
    drop(talk, n);
    return talk->answer;
}

int talk_status(const char *answer) { return (int)strtol(answer + 9, NULL, 10); }

const char *talk_body(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");
    return end ? end + 4 : "";
}
