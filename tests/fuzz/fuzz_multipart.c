/*
 * fuzz_multipart.c - any body in any pieces is read as the slow reference reads it.
 *
 * Input: a byte that chooses the pieces, then the body, perhaps with its
 * Content-Type before it. libFuzzer's main.
 */
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/multipart_head.h"
#include "tests/kit/form_kit.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void compare(struct sv body, struct form_pace pace)
{
    AUTO(str_free) struct str fast = STR_INIT(1 << 24);
    AUTO(str_free) struct str slow = STR_INIT(1 << 24);
    form_read(body, pace, &fast);
    form_reference(body, &slow);
    if (fast.n != slow.n || memcmp(fast.p, slow.p, fast.n) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sv boundary;
    struct err err = ERR_INIT;
    if (n == 0)
        return 0;
    struct sv body = {(const char *)data + 1, n - 1};
    compare(body, (struct form_pace){data[0] & 15, (data[0] >> 4) & 7, data[0] & 31, data[0] >> 3});
    if (multipart_head_boundary(body, &boundary, &err) && boundary.n > MULTIPART_BOUNDARY_MAX)
        abort();
    return 0;
}
