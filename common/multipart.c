/*
 * multipart.c - one window of 64 KiB slides over the form; parts are views into it. A reader who
 * gives room of its own is served past the window while that is empty, as much as the room takes;
 * what came behind the part then is spilt, and drawn from there.
 *
 * A delimiter is CRLF, two dashes and the boundary, then either blanks and CRLF (a part follows)
 * or two dashes, blanks, and CRLF or the end of the body (the form has ended). Anything else that
 * begins like one is content: a nested form's boundary may begin with ours.
 */
#include "common/multipart.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/find.h"
#include "common/multipart_head.h"

enum {
    WINDOW = 64 * 1024,
    HEADERS_MAX = 8 * 1024,
    PEEK_MAX = 32 * 1024,
    PADDING_MAX = 128, /* blanks after a boundary (RFC 2046 allows them); more is no boundary */
};

enum mark { MARK_NONE, MARK_MORE, MARK_PART, MARK_END };
enum place { BEFORE, IN_PART, AFTER, BROKEN };

struct multipart {
    multipart_source_fn *source;
    void *arg;
    size_t parts, parts_max;
    char delim[4 + MULTIPART_BOUNDARY_MAX]; /* "\r\n--boundary" */
    size_t delim_n;
    enum place place;
    bool eof;          /* the source has nothing more */
    size_t head, tail; /* window[head..tail) is not yet given out */
    size_t searched;   /* no delimiter begins before this place */
    char *spill;       /* bytes behind the window's that came past it; NULL: none */
    size_t spill_at, spill_n;
    struct arena arena; /* of the present part's headers */
    char window[WINDOW];
};

static const char delim_start[] = {'\r', '\n', '-', '-'};

bool multipart_open(struct sv content_type, multipart_source_fn *source, void *arg,
                    size_t parts_max, struct multipart **out, struct err *err)
{
    struct sv boundary;
    if (!multipart_head_boundary(content_type, &boundary, err))
        return false;
    struct multipart *mp = malloc(sizeof(*mp));
    if (!mp)
        return err_set(err, ERR_BUSY, "no memory for a form");
    memset(mp, 0, offsetof(struct multipart, window));
    mp->source = source;
    mp->arg = arg;
    mp->parts_max = parts_max;
    memcpy(mp->delim, delim_start, sizeof(delim_start));
    memcpy(mp->delim + 4, boundary.p, boundary.n);
    mp->delim_n = boundary.n + 4;
    /* The first boundary may open the body; with a line end before it, it is one like the others.
     */
    memcpy(mp->window, delim_start, 2);
    mp->tail = 2;
    *out = mp;
    return true;
}

void multipart_free(struct multipart **mp)
{
    if (!*mp)
        return;
    arena_free(&(*mp)->arena);
    free((*mp)->spill);
    free(*mp);
    *mp = NULL;
}

static bool refuse(struct multipart *mp)
{
    mp->place = BROKEN;
    return false;
}

/* What came past the window goes before what is still to come. */
static bool draw(struct multipart *mp, char *buf, size_t n, size_t *got, struct err *err)
{
    size_t left = mp->spill_n - mp->spill_at;
    if (left == 0)
        return mp->source(mp->arg, buf, n, got, err);
    *got = n < left ? n : left;
    memcpy(buf, mp->spill + mp->spill_at, *got);
    mp->spill_at += *got;
    return true;
}

/* Bring more bytes in behind the unread ones, which move to the front. */
static bool fill(struct multipart *mp, struct err *err)
{
    size_t got = 0;
    if (mp->eof) {
        err_set(err, ERR_BAD_FORM,
                mp->parts > 0 ? "the form ends before its closing boundary"
                              : "the body never shows the boundary that its Content-Type names "
                                "(lines end in CRLF)");
        return refuse(mp);
    }
    memmove(mp->window, mp->window + mp->head, mp->tail - mp->head);
    mp->tail -= mp->head;
    mp->searched = mp->searched > mp->head ? mp->searched - mp->head : 0;
    mp->head = 0;
    if (!draw(mp, mp->window + mp->tail, WINDOW - mp->tail, &got, err))
        return refuse(mp);
    mp->tail += got;
    mp->eof = got == 0;
    return true;
}

/* Blanks, then CRLF or (closing only) the end of the body. */
static enum mark judge_line_end(const struct multipart *mp, size_t at, enum mark good)
{
    size_t stop = at + PADDING_MAX;
    while (at < mp->tail && at < stop && (mp->window[at] == ' ' || mp->window[at] == '\t'))
        at++;
    if (at == stop)
        return MARK_NONE;
    if (at == mp->tail && mp->eof)
        return good == MARK_END ? good : MARK_NONE;
    size_t n = mp->tail - at < 2 ? mp->tail - at : 2;
    if (memcmp(mp->window + at, "\r\n", n) != 0)
        return MARK_NONE;
    if (n < 2)
        return mp->eof ? MARK_NONE : MARK_MORE;
    return good;
}

/* What are the bytes after a delimiter that starts at `at`? */
static enum mark judge(const struct multipart *mp, size_t at)
{
    at += mp->delim_n;
    size_t n = mp->tail - at < 2 ? mp->tail - at : 2;
    if (n == 2 && memcmp(mp->window + at, "--", 2) == 0)
        return judge_line_end(mp, at + 2, MARK_END);
    if (n < 2 && !mp->eof)
        return MARK_MORE;
    return judge_line_end(mp, at, MARK_PART);
}

/* How many of the last bytes could be the beginning of a delimiter? */
static size_t maybe_delim(const struct multipart *mp, struct sv bytes)
{
    size_t most = bytes.n < mp->delim_n - 1 ? bytes.n : mp->delim_n - 1;
    for (size_t n = most; n > 0; n--)
        if (memcmp(bytes.p + bytes.n - n, mp->delim, n) == 0)
            return n;
    return 0;
}

static const char *find_delim(const struct multipart *mp, struct sv bytes)
{
    return find_in(bytes, (struct sv){mp->delim, mp->delim_n});
}

/* Where does the content that begins at head end, as far as the window shows? mark: what is there
 * (MARK_MORE: cannot be told yet). */
static size_t content_end(struct multipart *mp, enum mark *mark)
{
    size_t from = mp->searched > mp->head ? mp->searched : mp->head;
    *mark = MARK_MORE;
    for (;;) {
        struct sv rest = {mp->window + from, mp->tail - from};
        const char *hit = find_delim(mp, rest);
        if (!hit)
            return mp->searched = mp->tail - maybe_delim(mp, rest);
        size_t at = (size_t)(hit - mp->window);
        *mark = judge(mp, at);
        if (*mark != MARK_NONE)
            return mp->searched = at;
        *mark = MARK_MORE;
        from = at + mp->delim_n;
    }
}

/* Of a file that is followed by much else: rare, so it is no part of the window. */
static void spill(struct multipart *mp, struct sv bytes)
{
    char *grown = realloc(mp->spill, bytes.n);
    if (!grown)
        abort();
    mp->spill = grown;
    memcpy(mp->spill, bytes.p, bytes.n);
    mp->spill_at = 0;
    mp->spill_n = bytes.n;
}

/* Past the window: into the room comes content, and into the empty window all that may be more. */
static bool read_past(struct multipart *mp, struct room room, struct sv *bytes, struct err *err)
{
    struct sv all = {room.p, 0};
    if (!mp->source(mp->arg, room.p, room.n, &all.n, err))
        return refuse(mp);
    mp->eof = all.n == 0;
    const char *hit = find_delim(mp, all);
    size_t n = hit ? (size_t)(hit - all.p) : all.n - maybe_delim(mp, all);
    mp->head = mp->searched = 0;
    mp->tail = all.n - n < WINDOW ? all.n - n : WINDOW;
    memcpy(mp->window, all.p + n, mp->tail);
    if (all.n - n > mp->tail)
        spill(mp, (struct sv){all.p + n + mp->tail, all.n - n - mp->tail});
    *bytes = (struct sv){all.p, n};
    return true;
}

bool multipart_read(struct multipart *mp, struct room room, struct sv *bytes, struct err *err)
{
    enum mark mark;
    if (mp->place == BROKEN)
        return err_set(err, ERR_BAD_FORM, "the form was refused before");
    *bytes = (struct sv){mp->window + mp->head, 0};
    if (mp->place != IN_PART)
        return true;
    if (mp->head == mp->tail && !mp->eof && room.n > 0 && mp->spill_at == mp->spill_n) {
        if (!read_past(mp, room, bytes, err))
            return false;
        if (bytes->n > 0)
            return true;
    }
    for (;;) {
        size_t end = content_end(mp, &mark);
        *bytes = (struct sv){mp->window + mp->head, end - mp->head};
        mp->head = end;
        if (bytes->n > 0 || mark != MARK_MORE)
            return true;
        if (!fill(mp, err))
            return false;
    }
}

bool multipart_peek(struct multipart *mp, size_t want, struct sv *head, struct err *err)
{
    enum mark mark;
    if (mp->place == BROKEN)
        return err_set(err, ERR_BAD_FORM, "the form was refused before");
    want = want < PEEK_MAX ? want : PEEK_MAX;
    *head = (struct sv){mp->window + mp->head, 0};
    while (mp->place == IN_PART) {
        size_t n = content_end(mp, &mark) - mp->head;
        *head = (struct sv){mp->window + mp->head, n < want ? n : want};
        if (n >= want || mark != MARK_MORE)
            return true;
        if (!fill(mp, err))
            return false;
    }
    return true;
}

/* Pass over what is left of this part (or of the preamble): head comes to stand on a delimiter. */
static bool skip(struct multipart *mp, enum mark *mark, struct err *err)
{
    for (;;) {
        mp->head = content_end(mp, mark);
        if (*mark != MARK_MORE)
            return true;
        if (!fill(mp, err))
            return false;
    }
}

/* Head stands on the CRLF that ends a boundary's line. Find the end of the header block, a CRLF
 * pair, and let head stand on the second of the two. */
static bool take_headers(struct multipart *mp, struct multipart_part *part, struct err *err)
{
    const char *end;
    while (!(end = memmem(mp->window + mp->head, mp->tail - mp->head, "\r\n\r\n", 4))) {
        if (mp->tail - mp->head > HEADERS_MAX + 4)
            break;
        if (!fill(mp, err))
            return false;
    }
    if (!end || (size_t)(end - mp->window) - mp->head > HEADERS_MAX) {
        err_set(err, ERR_TOO_LARGE, "a part of the form has more than 8 KiB of headers");
        return refuse(mp);
    }
    size_t start = mp->head + 2;
    size_t stop = (size_t)(end - mp->window);
    struct sv block = {mp->window + start, stop > start ? stop - start : 0};
    if (!multipart_head_part(block, part, &mp->arena, err))
        return refuse(mp);
    mp->head = stop + 2;
    return true;
}

/* Head stands on the empty line that ends the headers. RFC 2046 lets a part without content leave
 * that line out: then this CRLF belongs to the next delimiter. */
static bool pass_empty_line(struct multipart *mp, struct err *err)
{
    for (;;) {
        size_t have = mp->tail - mp->head;
        size_t n = have < mp->delim_n ? have : mp->delim_n;
        enum mark mark = MARK_NONE;
        if (memcmp(mp->window + mp->head, mp->delim, n) == 0)
            mark = n < mp->delim_n ? MARK_MORE : judge(mp, mp->head);
        if (mark == MARK_NONE)
            mp->head += 2;
        if (mark != MARK_MORE)
            return true;
        if (!fill(mp, err))
            return false;
    }
}

bool multipart_next(struct multipart *mp, struct multipart_part *part, bool *more, struct err *err)
{
    enum mark mark;
    if (mp->place == BROKEN)
        return err_set(err, ERR_BAD_FORM, "the form was refused before");
    *more = false;
    if (mp->place == AFTER)
        return true;
    if (!skip(mp, &mark, err))
        return false;
    if (mark == MARK_END) {
        mp->place = AFTER;
        return true;
    }
    if (mp->parts == mp->parts_max) {
        err_set(err, ERR_TOO_LARGE, "the form has more than %zu parts", mp->parts_max);
        return refuse(mp);
    }
    const char *line_end =
        memmem(mp->window + mp->head + mp->delim_n, mp->tail - mp->head - mp->delim_n, "\r\n", 2);
    mp->head = (size_t)(line_end - mp->window);
    arena_free(&mp->arena);
    if (!take_headers(mp, part, err) || !pass_empty_line(mp, err))
        return false;
    mp->parts++;
    mp->place = IN_PART;
    *more = true;
    return true;
}

int64_t multipart_foretell(const struct multipart *mp, int64_t to_come)
{
    int64_t closing = (int64_t)mp->delim_n + 4; /* two dashes, CRLF */
    int64_t rest = (int64_t)(mp->tail - mp->head + mp->spill_n - mp->spill_at) + to_come;
    return mp->place == IN_PART && to_come >= 0 && rest >= closing ? rest - closing : -1;
}
