/*
 * provider_dialect.h - what differs between the three wire formats. Private to provider*.c.
 */
#pragma once

#include "analysis-svc/provider.h"
#include "common/json.h"
#include "common/json_write.h"

struct call {
    const struct provider *p;
    const struct extractor *x;
    const struct call_image *images;
    size_t n;
    const char *hint;
    char schema_name[80]; /* of the structured output */
};

struct dialect {
    const char *path;       /* behind the base URL */
    const char *request_id; /* name of the answer's header */
    void (*headers)(const struct provider *p, struct str *out);
    void (*body)(const struct call *c, struct jw *w);                     /* members */
    void (*usage)(const struct json *body, struct provider_usage *out);   /* any answer */
    void (*answer)(const struct json *body, struct provider_answer *out); /* HTTP 200 */
};
extern const struct dialect dialect_responses, dialect_chat, dialect_messages;

const struct dialect *dialect_of(const struct provider *p);
void dialect_base(const struct provider *p, struct str *out); /* without a slash at its end */

/* Shared words of the user turn: images stand between their ids, the request at the end. */
void dialect_image_id(const struct call_image *image, struct str *out);
void dialect_request(const struct call *c, struct str *out);
/* A member with the picture as an address: its URL, or data:TYPE;base64,... */
void dialect_image_url(struct jw *w, const char *key, const struct call_image *image);

/* The member `temperature`, where it is configured and the model takes it. */
void dialect_sampling(const struct provider *p, struct jw *w);
/* The reasoning effort to ask for; NULL: none is sent. */
const char *dialect_effort(const struct provider *p);

/* The answer says so itself: class and the provider's words. */
void dialect_end(struct provider_answer *out, enum answer_class class, const char *words);
/* A token count: whole, never negative, bounded so that a cost cannot overflow. */
int64_t dialect_count(const struct json *usage, const char *key);
