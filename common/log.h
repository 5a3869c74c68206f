/*
 * log.h - one JSON line on stderr per finished thing, in one write(2).
 *
 *     log_info("snapshot.stored", "picture stored", KV_S("key", key), KV_I("bytes", n));
 * First argument: stable event name, for grep and alerts. Second: a sentence for people. Only
 * services log. Presigned signatures are cut out of every text value (X-Amz-Signature,
 * X-Amz-Credential, X-Amz-Security-Token, Signature, Bearer words), as a second wall behind
 * secret.h.
 */
#pragma once

#include "common/base.h"
#include "common/err.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_kv {
    const char *key;
    enum { KV_TEXT, KV_INT } type;
    const char *text;
    int64_t num;
};
#define KV_S(k, v) ((struct log_kv){.key = (k), .type = KV_TEXT, .text = (v)})
#define KV_I(k, v) ((struct log_kv){.key = (k), .type = KV_INT, .num = (int64_t)(v)})
#define KV_ERR(e)  KV_S("code", err_wire((e)->code)), KV_S("error", (e)->msg)

void log_open(const char *service, enum log_level least); /* service: a literal, kept */
void log_scope(const char *request_id); /* added to this thread's lines; NULL ends it; copied */
void log_line(enum log_level level, const char *event, const char *msg, const struct log_kv *kv,
              size_t n);

#define log_at_(level, event, msg, ...)                                                            \
    log_line(level, event, msg, (const struct log_kv[]){__VA_ARGS__},                              \
             COUNT_OF(((const struct log_kv[]){__VA_ARGS__})))
#define log_debug(event, msg, ...) log_at_(LOG_DEBUG, event, msg, __VA_ARGS__)
#define log_info(event, msg, ...)  log_at_(LOG_INFO, event, msg, __VA_ARGS__)
#define log_warn(event, msg, ...)  log_at_(LOG_WARN, event, msg, __VA_ARGS__)
#define log_error(event, msg, ...) log_at_(LOG_ERROR, event, msg, __VA_ARGS__)

/* Replace the values of signature-like query parameters and bearer tokens in text by "***", in
 * place. */
void log_redact(char *text);
