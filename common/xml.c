/*
 * xml.c - a scanner over tags. An element is found by counting its way to the matching end tag with
 * a stack of open names, so a document can neither recurse us nor lie about its nesting.
 */
#include "common/xml.h"

#include <stdlib.h>
#include <string.h>

enum kind { OPEN, CLOSE, EMPTY, OTHER, END, BROKEN };

struct tag {
    enum kind kind;
    struct sv name;
    const char *start; /* at its '<' */
};

static bool starts(struct sv v, const char *word) { return sv_starts(v, word); }

static struct sv skip(struct sv v, size_t n) { return (struct sv){v.p + n, v.n - n}; }

/* Move behind the next `word`, or say that there is none. */
static bool behind(struct sv *v, const char *word)
{
    size_t n = strlen(word);
    const char *at = v->n > 0 ? memmem(v->p, v->n, word, n) : NULL;

    if (!at)
        return false;
    *v = skip(*v, (size_t)(at - v->p) + n);
    return true;
}

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == ':' || (c & 0x80);
}

/* To the '>' of a start tag, past quoted attribute values. */
static bool end_of_start_tag(struct sv *v, bool *empty)
{
    char quote = 0, last = 0;

    for (size_t i = 0; i < v->n; i++) {
        char c = v->p[i];

        if (quote == 0 && c == '<')
            return false;
        if (quote == 0 && c == '>') {
            *empty = last == '/';
            *v = skip(*v, i + 1);
            return true;
        }
        if (quote == 0 && (c == '"' || c == '\''))
            quote = c;
        else if (c == quote)
            quote = 0;
        last = c;
    }
    return false;
}

static enum kind special(struct sv *v)
{
    if (starts(*v, "<!--"))
        return behind(v, "-->") ? OTHER : BROKEN;
    if (starts(*v, "<![CDATA["))
        return behind(v, "]]>") ? OTHER : BROKEN;
    if (starts(*v, "<?"))
        return behind(v, "?>") ? OTHER : BROKEN;
    return BROKEN;
}

/* <name ...>, </name> or <name ... /> */
static enum kind ordinary(struct sv *v, struct sv *name)
{
    bool empty = false, closes = starts(*v, "</");

    *v = skip(*v, closes ? 2 : 1);
    for (name->p = v->p; name->n < v->n && name_char(v->p[name->n]);)
        name->n++;
    *v = skip(*v, name->n);
    if (name->n == 0 || !end_of_start_tag(v, &empty) || (closes && empty))
        return BROKEN;
    if (closes)
        return CLOSE;
    return empty ? EMPTY : OPEN;
}

/* The next tag; *v moves behind it. */
static struct tag next_tag(struct sv *v)
{
    struct tag tag = {.kind = END};
    const char *at = v->n > 0 ? memchr(v->p, '<', v->n) : NULL;

    if (!at)
        return tag;
    *v = skip(*v, (size_t)(at - v->p));
    tag.start = at;
    tag.kind = starts(*v, "<!") || starts(*v, "<?") ? special(v) : ordinary(v, &tag.name);
    return tag;
}

/* *v stands behind a start tag of that name: give what is inside and move behind its end tag. */
static bool to_end(struct sv *v, struct sv name, struct sv *inner)
{
    struct sv open[XML_DEPTH_MAX];
    const char *from = v->p;
    size_t depth = 0;

    open[depth++] = name;
    for (;;) {
        struct tag tag = next_tag(v);

        if (tag.kind == END || tag.kind == BROKEN || (tag.kind == OPEN && depth == XML_DEPTH_MAX))
            return false;
        if (tag.kind == OPEN)
            open[depth++] = tag.name;
        if (tag.kind != CLOSE)
            continue;
        if (!sv_eq(open[--depth], tag.name))
            return false;
        if (depth == 0) {
            *inner = (struct sv){from, (size_t)(tag.start - from)};
            return true;
        }
    }
}

bool xml_next(struct sv *content, const char *name, struct sv *inner)
{
    for (;;) {
        struct tag tag = next_tag(content);
        struct sv found = {content->p, 0};

        if (tag.kind == OTHER)
            continue;
        if (tag.kind != EMPTY && (tag.kind != OPEN || !to_end(content, tag.name, &found)))
            return false;
        if (sv_eqz(tag.name, name)) {
            *inner = found;
            return true;
        }
    }
}

bool xml_child(struct sv content, const char *name, struct sv *inner)
{
    return xml_next(&content, name, inner);
}

/* UTF-8 of a code point that XML allows (XML 1.0 section 2.2). */
static bool add_code(unsigned long c, struct str *out)
{
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ||
        (c < 0x20 && c != '\t' && c != '\n' && c != '\r'))
        return false;
    if (c < 0x80) {
        str_addc(out, (char)c);
    } else if (c < 0x800) {
        str_add(out, (char[]){(char)(0xc0 | c >> 6), (char)(0x80 | (c & 63))}, 2);
    } else if (c < 0x10000) {
        str_add(
            out,
            (char[]){(char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 63)), (char)(0x80 | (c & 63))},
            3);
    } else {
        str_add(out,
                (char[]){(char)(0xf0 | c >> 18), (char)(0x80 | (c >> 12 & 63)),
                         (char)(0x80 | (c >> 6 & 63)), (char)(0x80 | (c & 63))},
                4);
    }
    return true;
}

static const struct {
    const char *name;
    char c;
} entities[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};

/* "#38" or "#x26", without & and ; */
static bool add_number(struct sv ref, struct str *out)
{
    bool hex = ref.n > 1 && ref.p[1] == 'x';
    struct sv digits = skip(ref, hex ? 2 : 1);
    unsigned long c = 0;

    if (digits.n == 0 || digits.n > 8)
        return false;
    for (size_t i = 0; i < digits.n; i++) {
        static const char all[] = "0123456789abcdefABCDEF";
        const char *at = memchr(all, digits.p[i], hex ? sizeof all - 1 : 10);
        unsigned long d = at ? (unsigned long)(at - all) : 0;

        if (!at)
            return false;
        c = c * (hex ? 16 : 10) + (d > 15 ? d - 6 : d);
    }
    return add_code(c, out);
}

/* *v stands at '&'. */
static bool add_entity(struct sv *v, struct str *out)
{
    const char *end = memchr(v->p, ';', v->n < 12 ? v->n : 12);
    struct sv ref;

    if (!end)
        return false;
    ref = (struct sv){v->p + 1, (size_t)(end - v->p) - 1};
    *v = skip(*v, ref.n + 2);
    if (ref.n > 0 && ref.p[0] == '#')
        return add_number(ref, out);
    for (size_t i = 0; i < COUNT_OF(entities); i++) {
        if (sv_eqz(ref, entities[i].name)) {
            str_addc(out, entities[i].c);
            return true;
        }
    }
    return false;
}

/* *v stands at '<': only a CDATA section or a comment may stand in text. */
static bool add_section(struct sv *v, struct str *out)
{
    struct sv from = *v;
    const size_t around = strlen("<![CDATA[]]>");

    if (special(v) != OTHER)
        return false;
    if (starts(from, "<![CDATA["))
        str_add(out, from.p + around - 3, (size_t)(v->p - from.p) - around);
    return true;
}

bool xml_text(struct sv inner, struct str *out)
{
    while (inner.n > 0) {
        size_t n = 0;

        while (n < inner.n && inner.p[n] != '&' && inner.p[n] != '<')
            n++;
        str_add(out, inner.p, n);
        inner = skip(inner, n);
        if (inner.n > 0 &&
            !(inner.p[0] == '&' ? add_entity(&inner, out) : add_section(&inner, out)))
            return false;
    }
    return str_ok(out);
}

bool xml_child_text(struct sv content, const char *name, char *out, size_t size)
{
    AUTO(str_free) struct str text = STR_INIT(size - 1);
    struct sv inner;

    if (!xml_child(content, name, &inner) || !xml_text(inner, &text) ||
        (text.n > 0 && memchr(text.p, '\0', text.n)))
        return false;
    memcpy(out, text.p, text.n + 1);
    return true;
}

void xml_escape(struct sv text, struct str *out)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (c == '<')
            str_addz(out, "&lt;");
        else if (c == '>')
            str_addz(out, "&gt;");
        else if (c == '&')
            str_addz(out, "&amp;");
        else
            str_addc(out, c);
    }
}
