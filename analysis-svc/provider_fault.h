/*
 * provider_fault.h - a provider's error becomes one class (provider_fault.def). Pure.
 */
#pragma once

#include "analysis-svc/provider.h"
#include "common/json.h"

enum said { SAID_NOTHING, SAID_YES, SAID_NO };

struct fault {
    int status; /* HTTP; 0: the error stood inside a good answer */
    const char *type, *code, *error_code, *param, *message; /* "" when absent */
    bool retry_after;                                       /* the answer names a time */
    enum said should_retry;                                 /* header x-should-retry */
};

/* Take type, code and words out of {"error":{...}} and its relatives. Texts live as body does. */
void fault_read(const struct json *body, struct fault *out);
enum answer_class fault_class(const struct fault *f);
/* Index of the picture that the words or the parameter point at, -1: none. */
int fault_image(const struct fault *f);
/* "You will regain access on 2026-12-01": milliseconds until then, -1: no such date. */
int64_t fault_until_ms(const struct fault *f, int64_t now);
