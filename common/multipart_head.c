/*
 * multipart_head.c - Content-Type and Content-Disposition, read strictly.
 *
 * What two readers could understand in two ways is refused: doubled headers and parameters, folded
 * lines, line ends without CR, transfer encodings.
 */
#include "common/multipart_head.h"

#include <string.h>

#include "common/str.h"
#include "common/url.h"
#include "common/utf8.h"

struct param {
    struct sv name, value;
    bool quoted;
};

static bool token_char(char c) { return c > ' ' && c < 127 && !strchr("()<>@,;:\\\"/[]?=", c); }

static struct sv drop(struct sv v, size_t n) { return (struct sv){v.p + n, v.n - n}; }

static struct sv take_token(struct sv *rest)
{
    struct sv token = {rest->p, 0};
    while (token.n < rest->n && token_char(rest->p[token.n]))
        token.n++;
    *rest = drop(*rest, token.n);
    return token;
}

/* A browser's name may hold raw UTF-8 even unquoted, so only what ends a value ends it. */
static struct sv take_bare(struct sv *rest)
{
    struct sv bare = {rest->p, 0};
    while (bare.n < rest->n && rest->p[bare.n] != ';')
        bare.n++;
    *rest = drop(*rest, bare.n);
    return sv_trim(bare);
}

/* What stands between the quotes, still escaped; false: the closing quote is missing. */
static bool take_quoted(struct sv *rest, struct sv *out)
{
    size_t n = 1;
    while (n < rest->n && rest->p[n] != '"')
        n += rest->p[n] == '\\' && n + 1 < rest->n && strchr("\\\"", rest->p[n + 1]) ? 2 : 1;
    if (n >= rest->n)
        return false;
    *out = (struct sv){rest->p + 1, n - 1};
    *rest = sv_trim(drop(*rest, n + 1));
    return true;
}

/* Step to the next "; name=value". *more false: the header has ended. */
static bool next_param(struct sv *rest, struct param *out, bool *more, struct err *err)
{
    *rest = sv_trim(*rest);
    while (rest->n > 0 && rest->p[0] == ';')
        *rest = sv_trim(drop(*rest, 1));
    *more = rest->n > 0;
    if (!*more)
        return true;
    out->name = take_token(rest);
    *rest = sv_trim(*rest);
    if (out->name.n == 0 || rest->n == 0 || rest->p[0] != '=')
        return err_set(err, ERR_BAD_FORM, "a header parameter of the form is not name=value");
    *rest = sv_trim(drop(*rest, 1));
    out->quoted = rest->n > 0 && rest->p[0] == '"';
    if (!out->quoted)
        out->value = take_bare(rest);
    else if (!take_quoted(rest, &out->value) || (rest->n > 0 && rest->p[0] != ';'))
        return err_set(err, ERR_BAD_FORM, "a quoted header parameter of the form does not end");
    return true;
}

static bool boundary_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("'()+_,-./:=? ", c));
}

static bool boundary_ok(struct sv b)
{
    if (b.n == 0 || b.n > MULTIPART_BOUNDARY_MAX || b.p[b.n - 1] == ' ')
        return false;
    for (size_t i = 0; i < b.n; i++)
        if (!boundary_char(b.p[i]))
            return false;
    return true;
}

bool multipart_head_boundary(struct sv content_type, struct sv *boundary, struct err *err)
{
    const char *semi = content_type.n > 0 ? memchr(content_type.p, ';', content_type.n) : NULL;
    struct sv kind = {content_type.p, semi ? (size_t)(semi - content_type.p) : content_type.n};
    struct sv rest = drop(content_type, kind.n);
    struct sv found = {NULL, 0};
    struct param param;
    bool more = true;
    if (!sv_ieqz(sv_trim(kind), "multipart/form-data"))
        return err_set(err, ERR_MEDIA_TYPE, "send the form as multipart/form-data");
    while (next_param(&rest, &param, &more, err) && more) {
        if (!sv_ieqz(param.name, "boundary"))
            continue;
        if (found.p)
            return err_set(err, ERR_BAD_FORM, "the Content-Type names two boundaries");
        found = param.value;
    }
    if (more)
        return false;
    if (!found.p || !boundary_ok(found))
        return err_set(err, ERR_BAD_FORM,
                       "the Content-Type needs a boundary of 1 to 70 allowed characters");
    *boundary = found;
    return true;
}

/* Undo quoted pairs (only \" and \\: old browsers send C:\dir\file as it is) and %22 %0D %0A. */
static void unquote(struct str *out, struct sv v)
{
    static const struct {
        char from[4], to;
    } browser[] = {{"%22", '"'}, {"%0D", '\r'}, {"%0A", '\n'}};
    while (v.n > 0) {
        size_t taken = 1;
        char c = v.p[0];
        if (c == '\\' && v.n > 1 && (v.p[1] == '"' || v.p[1] == '\\')) {
            c = v.p[1];
            taken = 2;
        }
        for (size_t i = 0; i < COUNT_OF(browser) && c == '%'; i++)
            if (v.n >= 3 && sv_ieqz((struct sv){v.p, 3}, browser[i].from)) {
                c = browser[i].to;
                taken = 3;
            }
        str_addc(out, c);
        v = drop(v, taken);
    }
}

/* Bytes that are no UTF-8 become U+FFFD, as in a browser. */
static char *make_text(struct sv v, struct arena *a)
{
    AUTO(str_free) struct str out = STR_INIT(64 * 1024);
    while (v.n > 0) {
        size_t n = utf8_step(v);
        if (n > 0)
            str_add(&out, v.p, n);
        else
            str_addz(&out, "\xef\xbf\xbd");
        v = drop(v, n > 0 ? n : 1);
    }
    return arena_copy(a, str_sv(&out));
}

static char *param_text(const struct param *param, struct arena *a)
{
    AUTO(str_free) struct str out = STR_INIT(64 * 1024);
    if (!param->quoted)
        return make_text(param->value, a);
    unquote(&out, param->value);
    return make_text(str_sv(&out), a);
}

/* RFC 8187: UTF-8'language'percent-encoded. NULL: not that. */
static char *extended_text(struct sv v, struct arena *a)
{
    const char *first = memchr(v.p, '\'', v.n);
    if (!first || !sv_ieqz((struct sv){v.p, (size_t)(first - v.p)}, "utf-8"))
        return NULL;
    v = drop(v, (size_t)(first - v.p) + 1);
    const char *second = memchr(v.p, '\'', v.n);
    return second ? url_decode(a, drop(v, (size_t)(second - v.p) + 1), false) : NULL;
}

static bool set_once(const char **slot, const char *text, const char *what, struct err *err)
{
    if (*slot)
        return err_set(err, ERR_BAD_FORM, "a part of the form has %s twice", what);
    *slot = text;
    return true;
}

struct names {
    const char *name, *file_name, *extended;
    const char *odd; /* an extended name that cannot be read: it still says that this is a file */
};

static bool take_name(const struct param *param, struct names *out, struct arena *a,
                      struct err *err)
{
    if (sv_ieqz(param->name, "name"))
        return set_once(&out->name, param_text(param, a), "a name", err);
    if (sv_ieqz(param->name, "filename"))
        return set_once(&out->file_name, param_text(param, a), "a file name", err);
    if (!sv_ieqz(param->name, "filename*"))
        return true;
    char *text = extended_text(param->value, a);
    if (!text)
        out->odd = make_text(param->value, a);
    return !text || set_once(&out->extended, text, "an extended file name", err);
}

static bool read_disposition(struct sv value, struct multipart_part *part, struct arena *a,
                             struct err *err)
{
    struct names names = {NULL, NULL, NULL, NULL};
    struct param param;
    bool more = true;
    if (part->name)
        return err_set(err, ERR_BAD_FORM, "a part of the form has two Content-Dispositions");
    if (!sv_ieqz(take_token(&value), "form-data"))
        return err_set(err, ERR_BAD_FORM, "a part's Content-Disposition is not form-data");
    while (next_param(&value, &param, &more, err) && more)
        if (!take_name(&param, &names, a, err))
            return false;
    if (more)
        return false;
    if (!names.name || !names.name[0])
        return err_set(err, ERR_BAD_FORM, "a part of the form has no name");
    part->name = names.name;
    part->file_name = names.extended    ? names.extended
                      : names.file_name ? names.file_name
                                        : names.odd;
    return true;
}

/* A hint that is no number is none. */
static bool take_length(struct sv value, struct multipart_part *part)
{
    if (!sv_int(value, &part->length) || part->length < 0)
        part->length = -1;
    return true;
}

static bool read_line(struct sv line, struct multipart_part *part, struct arena *a, struct err *err)
{
    struct sv rest = line;
    struct sv name = take_token(&rest);
    if (name.n == 0 || rest.n == 0 || rest.p[0] != ':')
        return err_set(err, ERR_BAD_FORM, "a part's header line is not \"Name: value\"");
    struct sv value = sv_trim(drop(rest, 1));
    if (sv_ieqz(name, "Content-Disposition"))
        return read_disposition(value, part, a, err);
    if (sv_ieqz(name, "Content-Type"))
        return set_once(&part->type, make_text(value, a), "a Content-Type", err);
    if (sv_ieqz(name, "Content-Length"))
        return take_length(value, part);
    if (sv_ieqz(name, "Content-Transfer-Encoding") && !sv_ieqz(value, "binary") &&
        !sv_ieqz(value, "8bit") && !sv_ieqz(value, "7bit"))
        return err_set(err, ERR_BAD_FORM, "a part is transfer-encoded; send its bytes as they are");
    return true;
}

static bool line_clean(struct sv line)
{
    return !memchr(line.p, '\n', line.n) && !memchr(line.p, '\r', line.n) &&
           !memchr(line.p, '\0', line.n);
}

bool multipart_head_part(struct sv block, struct multipart_part *part, struct arena *a,
                         struct err *err)
{
    struct multipart_part found = {.length = -1};
    while (block.n > 0) {
        const char *end = memmem(block.p, block.n, "\r\n", 2);
        struct sv line = {block.p, end ? (size_t)(end - block.p) : block.n};
        if (!line_clean(line))
            return err_set(err, ERR_BAD_FORM, "header lines of a part must end in CRLF");
        if (!read_line(line, &found, a, err))
            return false;
        block = drop(block, line.n + (end ? 2 : 0));
    }
    if (!found.name)
        return err_set(err, ERR_BAD_FORM, "a part of the form has no name");
    found.type = found.type ? found.type : "";
    *part = found;
    return true;
}
