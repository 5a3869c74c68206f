/*
 * keyring.h - several keys for one provider take turns; one that is refused is set aside.
 *
 * A key is refused by class: ANSWER_AUTH and ANSWER_QUOTA are about the key, nothing else is. While
 * another one lives the provider itself is well. In: the roster's keys, comma between them.
 * Threads: any; one lock inside. Times are monotonic milliseconds.
 */
#pragma once

#include "analysis-svc/roster.h"

struct keyring;

struct keyring *keyring_open(const struct roster *r, int64_t aside_ms); /* texts are copied */
void keyring_close(struct keyring **k);                                 /* NULL is fine */

/* The next living key of the provider in turn (none lives: the one that will first).
 * Its number goes into *key; the text lives as long as the ring. */
struct secret keyring_take(struct keyring *k, int place, int64_t now_ms, int *key);
/* What the answer meant. after_ms: until when a quota lasts, -1: not said. true: this key is set
 * aside, and another one of the provider lives. */
bool keyring_give(struct keyring *k, int place, int key, enum answer_class class, int64_t after_ms,
                  int64_t now_ms);
size_t keyring_count(const struct keyring *k, int place); /* 1 at least: the empty key */
struct secret keyring_key(const struct keyring *k, int place, int no);
/* The beginning of a key's SHA-256, to know it again; "" of an empty key. */
enum { KEYRING_MARK_SIZE = 9 };
void keyring_mark(struct secret key, char out[static KEYRING_MARK_SIZE]);
/* false: no key of the provider bears that mark any more. */
bool keyring_find(struct keyring *k, int place, const char *mark, struct secret *key, int *no);
