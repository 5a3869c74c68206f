/*
 * secret.h - text that must not reach a log, a row or an answer.
 *
 * A type of its own: the KV_S of log.h, the P() of db.h and the reply functions do not take it, so
 * a slip does not compile. secret_text is the only way out and is meant for a header line or a
 * connection string.
 */
#pragma once

#include "common/base.h"

struct secret {
    const char *hidden_; /* NULL: not set */
};

static inline struct secret secret_of(const char *text) { return (struct secret){text}; }
static inline bool secret_is_set(struct secret s) { return s.hidden_ && *s.hidden_; }
static inline const char *secret_text(struct secret s) { return s.hidden_ ? s.hidden_ : ""; }
