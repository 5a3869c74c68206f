/*
 * talk.h - a raw HTTP client for tests: exact bytes out, exact bytes in.
 */
#pragma once

#include "common/base.h"

struct talk {
    int fd;
    char in[256 * 1024]; /* what came, NUL-terminated; at most one answer is parsed at its front */
    size_t n;
    char answer[256 * 1024];
    bool eof; /* the other side has closed (or reset) */
};

struct talk *talk_open(int port); /* to 127.0.0.1; fails the test when nobody listens */
/* The same from another address of loopback ("127.0.3.4"). */
struct talk *talk_open_from(const char *address, int port);
int talk_socket(const char *from, int port); /* only its socket; the caller closes it */
void talk_close(struct talk **talk);
void talk_say(struct talk *talk, const char *text); /* errors are ignored: see eof on reading */
void talk_send(struct talk *talk, const void *p, size_t n);
bool talk_wait(struct talk *talk, const char *text, int ms); /* until it is somewhere in `in` */
bool talk_ended(struct talk *talk, int ms);                  /* until the other side closes */
const char *
talk_answer(struct talk *talk); /* one whole answer with its body; drops the one before */
int talk_status(const char *answer);
const char *talk_body(const char *answer);
