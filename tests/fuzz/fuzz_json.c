/*
 * fuzz_json.c - whatever json_parse takes, it prints as JSON that it takes again and that prints
 * the same; and the writer's strings read back as what they were.
 *
 * Input: a JSON document, or nothing like it. libFuzzer's main.
 */
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/json_write.h"
#include "common/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void same(const struct json *a, const struct json *b)
{
    const struct json *x = json_first(a), *y = json_first(b);

    if (json_type(a) != json_type(b) || json_count(a) != json_count(b))
        abort();
    if (json_type(a) == JSON_TEXT && strcmp(json_text(a), json_text(b)) != 0)
        abort();
    if (json_type(a) == JSON_TEXT && !utf8_ok(sv_of(json_text(a))))
        abort();
    if (json_is_true(a) != json_is_true(b))
        abort();
    for (; x && y; x = json_next(x), y = json_next(y)) {
        if (strcmp(json_key(x), json_key(y)) != 0)
            abort();
        same(x, y);
    }
    if (x || y)
        abort();
}

static void print_and_read_back(const struct json *doc)
{
    AUTO(str_free) struct str once = STR_INIT(1 << 22), twice = STR_INIT(1 << 22);
    AUTO(json_free) struct json *again = NULL;
    struct err err = ERR_INIT;

    json_print(doc, &once);
    if (!str_ok(&once) || !json_parse(str_sv(&once), &again, &err))
        abort();
    same(doc, again);
    json_print(again, &twice);
    if (!sv_eq(str_sv(&once), str_sv(&twice)))
        abort();
}

/* Any bytes as a string of ours: they are made text, and text stays what it was. */
static void quote_and_read_back(struct sv bytes)
{
    AUTO(str_free) struct str quoted = STR_INIT(1 << 22);
    AUTO(json_free) struct json *doc = NULL;
    struct err err = ERR_INIT;

    json_quote(&quoted, bytes);
    if (memchr(bytes.p, '\0', bytes.n))
        return; /* a text of C ends there: refused on reading, or cut */
    if (!json_parse(str_sv(&quoted), &doc, &err) || json_type(doc) != JSON_TEXT)
        abort();
    if (utf8_ok(bytes) && !sv_eq(sv_of(json_text(doc)), bytes))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    AUTO(json_free) struct json *doc = NULL;
    struct sv text = {(const char *)data, n};
    struct err err = ERR_INIT;

    if (n == 0)
        return 0;
    quote_and_read_back(text);
    if (json_parse(text, &doc, &err))
        print_and_read_back(doc);
    else if (err.code == ERR_NONE || doc)
        abort();
    return 0;
}
