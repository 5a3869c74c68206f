/* kit.h - cmocka with the headers it needs, and two words of our own for functions that take
 * `struct err *`. */
#pragma once
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include "common/err.h"

#define assert_ok(expr, err)                                                                       \
    do {                                                                                           \
        if (!(expr))                                                                               \
            fail_msg("%s: %s", #expr, (err).msg);                                                  \
    } while (0)
#define assert_fails(expr, err, want)                                                              \
    do {                                                                                           \
        assert_false(expr);                                                                        \
        assert_string_equal(err_wire((err).code), err_wire(want));                                 \
    } while (0)
