/*
 * json_write.h - writing JSON straight into a str: no tree, no allocation of its own.
 *
 *     struct jw w = jw_on(&reply->body);
 *     jw_open(&w, '{'); jw_text(&w, "state", "ready"); jw_key(&w, "items"); jw_open(&w, '['); ...
 * jw_close(&w); jw_close(&w); Text is escaped and made valid UTF-8 (bad bytes become U+FFFD). A
 * NULL key is an array element; NULL text is null.
 */
#pragma once

#include "common/base.h"
#include "common/str.h"

struct jw {
    struct str *out;
    unsigned depth;
    char closer[32];
    bool more[33]; /* a comma is due at this depth */
};

struct jw jw_on(struct str *out);
void jw_open(struct jw *w, char bracket); /* '{' or '[', as an element or after jw_key */
void jw_close(struct jw *w);
void jw_key(struct jw *w, const char *key);
void jw_text(struct jw *w, const char *key, const char *z);
void jw_sv(struct jw *w, const char *key, struct sv v);
void jw_int(struct jw *w, const char *key, int64_t n);
void jw_num(struct jw *w, const char *key,
            double n); /* shortest form that reads back the same; not finite: null */
void jw_bool(struct jw *w, const char *key, bool b);
void jw_raw(struct jw *w, const char *key, struct sv json); /* trusted JSON; empty: null */
bool jw_more(struct jw *w); /* is a comma due before what the caller adds to `out` by himself? */
void json_quote(struct str *out, struct sv text); /* "..." */
void json_num(struct str *out, double n);         /* as jw_num */
void json_int(struct str *out, int64_t n);

/* Straight to where the caller has made room. All return the end of what they wrote. */
enum { JSON_NUM_MAX = 32 };
char *json_put_num(char *to, double n); /* as jw_num; no more than JSON_NUM_MAX bytes */
static inline char *json_put(char *to, struct sv json)
{
    memcpy(to, json.p, json.n);
    return to + json.n;
}
static inline char *json_put_plain(char *to, struct sv text) /* in quotes; nothing is escaped */
{
    *to++ = '"';
    to = json_put(to, text);
    *to++ = '"';
    return to;
}
