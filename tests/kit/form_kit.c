/*
 * form_kit.c - reading a form twice. The reference looks at one byte after the other and knows
 * nothing of windows; only the header lines are read by the same code.
 */
#include "tests/kit/form_kit.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/multipart.h"
#include "common/multipart_head.h"

/* An entry may begin with the Content-Type that its boundary is named in, as on the wire. */
static struct sv split(struct sv entry, struct sv *type)
{
    static const struct sv name = SV_LIT("Content-Type: ");
    const char *end = sv_starts(entry, name.p) ? memmem(entry.p, entry.n, "\r\n", 2) : NULL;
    *type = sv_of(FORM_TYPE);
    if (!end)
        return entry;
    size_t n = (size_t)(end - entry.p);
    *type = (struct sv){entry.p + name.n, n - name.n};
    return (struct sv){end + 2, entry.n - n - 2};
}

struct source {
    struct sv left;
    struct form_pace pace;
    bool begun;
};

static bool give(void *arg, char *buf, size_t n, size_t *got, struct err *err)
{
    struct source *source = arg;
    size_t most = source->begun ? source->pace.then : source->pace.first;
    (void)err;
    source->begun = true;
    n = most > 0 && most < n ? most : n;
    n = n < source->left.n ? n : source->left.n;
    if (n > 0)
        memcpy(buf, source->left.p, n);
    source->left = (struct sv){source->left.p + n, source->left.n - n};
    *got = n;
    return true;
}

static void note(struct str *out, const struct multipart_part *part, struct sv content)
{
    str_addf(out, "%s|%s|%s|", part->name, part->file_name ? part->file_name : "(field)",
             part->type);
    str_addv(out, content);
    str_addc(out, '\n');
}

/* A view that was peeked at must be how the part begins. */
static void check_peek(struct sv peeked, size_t want, struct sv content)
{
    size_t most = want < content.n ? want : content.n;
    if (peeked.n != most || memcmp(peeked.p, content.p, most) != 0)
        abort();
}

static bool read_part(struct multipart *mp, size_t peek, struct room room, struct str *content,
                      struct err *err)
{
    AUTO(str_free) struct str peeked = STR_INIT(1 << 20);
    struct sv bytes;
    if (peek > 0) {
        if (!multipart_peek(mp, peek, &bytes, err))
            return false;
        str_addv(&peeked, bytes);
    }
    do {
        if (!multipart_read(mp, room, &bytes, err))
            return false;
        str_addv(content, bytes);
    } while (bytes.n > 0);
    if (peek > 0)
        check_peek(str_sv(&peeked), peek, str_sv(content));
    return true;
}

void form_read(struct sv entry, struct form_pace pace, struct str *transcript)
{
    struct sv type;
    struct source source = {.left = split(entry, &type), .pace = pace};
    AUTO(multipart_free) struct multipart *mp = NULL;
    AUTO(str_free) struct str content = STR_INIT(1 << 24);
    AUTO(str_free) struct str room = STR_INIT(1 << 24);
    struct multipart_part part;
    struct err err = ERR_INIT;
    bool more = true;
    bool ok = multipart_open(type, give, &source, FORM_PARTS_MAX, &mp, &err);
    str_reserve(&room, pace.room);
    while (ok && (ok = multipart_next(mp, &part, &more, &err)) && more) {
        str_reset(&content);
        ok = read_part(mp, pace.peek, (struct room){room.p, pace.room}, &content, &err);
        if (ok)
            note(transcript, &part, str_sv(&content));
    }
    if (ok == (err.code != ERR_NONE))
        abort(); /* a failure says why, and only a failure does */
    str_addz(transcript, ok ? "end\n" : "refused\n");
}

/* Is there a delimiter at p? Its length, without the CRLF that ends its line; *last: the closing
 * one. */
static size_t delimiter_at(struct sv p, struct sv mark, bool *last)
{
    size_t n = mark.n;
    if (p.n < n || memcmp(p.p, mark.p, n) != 0)
        return 0;
    *last = p.n >= n + 2 && memcmp(p.p + n, "--", 2) == 0;
    n += *last ? 2 : 0;
    size_t blanks = n;
    while (n < p.n && (p.p[n] == ' ' || p.p[n] == '\t'))
        n++;
    if (n - blanks >= 128)
        return 0;
    if (*last && n == p.n)
        return n;
    return p.n >= n + 2 && memcmp(p.p + n, "\r\n", 2) == 0 ? n : 0;
}

/* One part between two delimiters: CRLF, header lines, an empty line, content. */
static bool refer_part(struct sv raw, struct str *transcript)
{
    AUTO(arena_free) struct arena arena = ARENA_INIT;
    AUTO(str_free) struct str text = STR_INIT(1 << 24);
    struct multipart_part part;
    struct err err = ERR_INIT;
    str_addv(&text, raw);
    str_addz(&text, "\r\n"); /* the next delimiter's: the empty line may be missing */
    const char *end = memmem(text.p, text.n, "\r\n\r\n", 4);
    size_t n = end ? (size_t)(end - text.p) : SIZE_MAX;
    if (n > 8 * 1024)
        return false;
    struct sv block = {text.p + 2, n > 2 ? n - 2 : 0};
    if (!multipart_head_part(block, &part, &arena, &err))
        return false;
    note(transcript, &part, (struct sv){end + 4, n + 4 < text.n ? raw.n - n - 4 : 0});
    return true;
}

void form_reference(struct sv entry, struct str *transcript)
{
    AUTO(str_free) struct str text = STR_INIT(1 << 24);
    AUTO(str_free) struct str mark = STR_INIT(128);
    struct err err = ERR_INIT;
    struct sv type, boundary = {"", 0};
    struct sv body = split(entry, &type);
    if (!multipart_head_boundary(type, &boundary, &err)) {
        str_addz(transcript, "refused\n");
        return;
    }
    str_addz(&mark, "\r\n--");
    str_addv(&mark, boundary);
    size_t start = 0, parts = 0;
    bool last = false, open = false;
    str_addz(&text, "\r\n");
    str_addv(&text, body);
    for (size_t i = 0; i < text.n; i++) {
        size_t n = delimiter_at((struct sv){text.p + i, text.n - i}, str_sv(&mark), &last);
        if (n == 0)
            continue;
        if (open && !refer_part((struct sv){text.p + start, i - start}, transcript))
            break;
        if (last || parts++ == FORM_PARTS_MAX) {
            str_addz(transcript, last ? "end\n" : "refused\n");
            return;
        }
        start = i + n;
        open = true;
        i = start - 1;
    }
    str_addz(transcript, "refused\n");
}
