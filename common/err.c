#include "common/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *wire;
    int http;
    bool again;
} codes[ERR_COUNT_] = {
#define ERR(name, wire_, http_, again_) [ERR_##name] = {wire_, http_, again_},
#include "proto/err.def"
#undef ERR
};

static bool PRINTF_LIKE(4, 0)
    fill(struct err *err, enum err_code code, int retry_s, const char *fmt, va_list ap)
{
    assert(code > ERR_NONE && code < ERR_COUNT_);
    err->code = code;
    err->retry_s = retry_s;
    vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    return false;
}

bool err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fill(err, code, 0, fmt, ap);
    va_end(ap);
    return false;
}

bool err_set_later(struct err *err, enum err_code code, int retry_s, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fill(err, code, retry_s, fmt, ap);
    va_end(ap);
    return false;
}

bool err_wrap(struct err *err, const char *fmt, ...)
{
    char was[sizeof err->msg];
    size_t at;
    va_list ap;

    assert(err->code != ERR_NONE);
    memcpy(was, err->msg, sizeof was);
    va_start(ap, fmt);
    vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    va_end(ap);
    at = strlen(err->msg);
    snprintf(err->msg + at, sizeof err->msg - at, ": %s", was);
    return false;
}

const char *err_wire(enum err_code code) { return codes[code].wire; }

int err_http(enum err_code code) { return codes[code].http; }

bool err_again(enum err_code code) { return codes[code].again; }

bool err_parse(const char *wire, enum err_code *out)
{
    for (unsigned i = 0; i < ERR_COUNT_; i++) {
        if (strcmp(codes[i].wire, wire) != 0)
            continue;
        *out = (enum err_code)i;
        return true;
    }
    return false;
}
