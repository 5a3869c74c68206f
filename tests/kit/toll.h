/*
 * toll.h - a wire between a program and Postgres that loses the next COMMIT, or only its answer:
 * the two cases that look alike from this end.
 *
 * What passes is bytes of the frontend/backend protocol without TLS. One thread per connection.
 */
#pragma once

enum kit_loss {
    KIT_LOSE_NOTHING,
    KIT_LOSE_COMMIT, /* the server never sees it, and ends the transaction */
    KIT_LOSE_ANSWER, /* it commits, and nobody is told */
    KIT_LOSE_SERVER, /* it commits, nobody is told, and no connection is taken after that */
};

struct kit_toll;
struct kit_toll *kit_toll_open(const char *url); /* postgresql://user:secret@host:port/db */
void kit_toll_close(struct kit_toll **toll);
const char *kit_toll_url(const struct kit_toll *toll);         /* the same, through the wire */
void kit_toll_lose(struct kit_toll *toll, enum kit_loss what); /* once */
