/*
 * fuzz_xml.c - whatever a server answers, the scanner stays inside it, ends, and gives only text
 * that reads back after being written.
 *
 * Input: an XML document, or nothing like it. libFuzzer's main.
 */
#include <stdlib.h>
#include <string.h>

#include "common/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void inside(struct sv outer, struct sv inner)
{
    if (inner.n > 0 && (inner.p < outer.p || inner.p + inner.n > outer.p + outer.n))
        abort();
}

static void read_back(struct sv raw)
{
    AUTO(str_free) struct str text = STR_INIT(1 << 20);
    AUTO(str_free) struct str written = STR_INIT(1 << 23);
    AUTO(str_free) struct str again = STR_INIT(1 << 20);

    if (!xml_text(raw, &text))
        return;
    xml_escape(str_sv(&text), &written);
    if (!xml_text(str_sv(&written), &again) || !sv_eq(str_sv(&text), str_sv(&again)))
        abort();
}

static void walk(struct sv content, int depth)
{
    static const char *const names[] = {"ListBucketResult", "Contents", "Key", "Error", "Code"};

    for (size_t i = 0; i < COUNT_OF(names) && depth < 6; i++) {
        struct sv rest = content, inner;

        while (xml_next(&rest, names[i], &inner)) {
            inside(content, inner);
            inside(content, rest);
            read_back(inner);
            walk(inner, depth + 1);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sv doc = {(const char *)data, n};
    char code[64];

    if (n > 1 << 14)
        return 0;
    walk(doc, 0);
    if (xml_child_text(doc, "Code", code, sizeof code) && !memchr(code, '\0', sizeof code))
        abort();
    return 0;
}
