/*
 * sigv4_canonical.c - the canonical request: path, query and headers in the one spelling and order
 * on which both sides agree.
 */
#include <ctype.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include <string.h>
#include <strings.h>

#include "common/sigv4.h"
#include "common/sigv4_internal.h"

enum { SEGMENTS_MAX = 256, X_PARAMS = 6 };

/* Headers that proxies or curl change on the way; signing them would only break the signature. */
static const char *const never_signed[] = {
    "connection",
    "expect",
    "sec-websocket-key",
    "sec-websocket-protocol",
    "sec-websocket-version",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
};

/* RFC 3986 section 2.3; and '/', which keep_slashes lets through too. */
static const uint8_t plain[256] = {
    ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1, ['0' ... '9'] = 1, ['-'] = 1,
    ['.'] = 1,         ['_'] = 1,         ['~'] = 1,         ['/'] = 2,
};

#ifdef __SSE2__
static __m128i between(__m128i v, char low, char high)
{
    return _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8((char)(low - 1))),
                         _mm_cmplt_epi8(v, _mm_set1_epi8((char)(high + 1))));
}

/* Are these sixteen all unreserved or '/'? Bytes over 127 count as negative and fail. */
static bool all_plain(const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i ok = between(_mm_or_si128(v, _mm_set1_epi8(' ')), 'a', 'z'); /* capitals too */

    ok = _mm_or_si128(ok, between(v, '-', '9')); /* - . / and digits stand together */
    ok = _mm_or_si128(ok, _mm_cmpeq_epi8(v, _mm_set1_epi8('_')));
    ok = _mm_or_si128(ok, _mm_cmpeq_epi8(v, _mm_set1_epi8('~')));
    return _mm_movemask_epi8(ok) == 0xffff;
}

/* How many sixteens from the beginning may stand as they are. */
static size_t plain_blocks(const char *p, size_t n)
{
    size_t i = 0;

    while (n - i >= 16 && all_plain(p + i))
        i += 16;
    return i;
}
#else
static size_t plain_blocks(const char *p, size_t n)
{
    (void)p, (void)n;
    return 0;
}
#endif

char *sigv4_encode_to(char *out, struct sv raw, bool keep_slashes)
{
    static const char digits[] = "0123456789ABCDEF";
    const uint8_t most = keep_slashes ? 2 : 1;
    size_t i = keep_slashes ? plain_blocks(raw.p, raw.n) : 0;

    if (i > 0)
        out = mempcpy(out, raw.p, i);
    for (; i < raw.n; i++) {
        unsigned char c = (unsigned char)raw.p[i];

        if ((uint8_t)(plain[c] - 1) < most) {
            *out++ = (char)c;
            continue;
        }
        *out++ = '%';
        *out++ = digits[c >> 4];
        *out++ = digits[c & 15];
    }
    return out;
}

void sigv4_encode(struct sv raw, bool keep_slashes, struct str *out)
{
    enum { STEP = 256 };
    char buf[3 * STEP];

    for (size_t at = 0; at < raw.n; at += STEP) {
        struct sv part = {raw.p + at, raw.n - at < STEP ? raw.n - at : (size_t)STEP};

        str_add(out, buf, (size_t)(sigv4_encode_to(buf, part, keep_slashes) - buf));
    }
}

/* Without empty, "." and ".." segments; a slash at the end stays. */
static bool add_normalised(struct sv path, struct str *out)
{
    struct sv segments[SEGMENTS_MAX];
    size_t n = 0;

    for (size_t i = 0, end; i < path.n; i = end + 1) {
        struct sv one = {path.p + i, 0};

        for (end = i; end < path.n && path.p[end] != '/'; end++)
            one.n++;
        if (sv_eqz(one, ".."))
            n -= n > 0;
        else if (one.n > 0 && !sv_eqz(one, ".")) {
            if (n == SEGMENTS_MAX)
                return false;
            segments[n++] = one;
        }
    }
    for (size_t i = 0; i < n; i++) {
        str_addc(out, '/');
        sigv4_encode(segments[i], true, out);
    }
    if (n == 0 || path.p[path.n - 1] == '/')
        str_addc(out, '/');
    return true;
}

static bool add_path(const struct sigv4 *s, struct sv path, struct str *out)
{
    if (s->normalise)
        return add_normalised(path, out);
    if (path.n == 0)
        str_addc(out, '/');
    sigv4_encode(path, true, out);
    return true;
}

static int order(struct sv a, struct sv b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n > 0 ? memcmp(a.p, b.p, n) : 0;

    return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

static bool before(const struct sigv4_pair *a, const struct sigv4_pair *b)
{
    int c = order(a->name, b->name);

    return c < 0 || (c == 0 && order(a->value, b->value) < 0);
}

static void insert(struct sigv4_pair *list, size_t n, struct sigv4_pair one)
{
    while (n > 0 && before(&one, &list[n - 1])) {
        list[n] = list[n - 1];
        n--;
    }
    list[n] = one;
}

static struct sv encoded(struct sv raw, struct str *scratch)
{
    size_t from = scratch->n;

    sigv4_encode(raw, false, scratch);
    return (struct sv){scratch->p + from, scratch->n - from};
}

/* "host;range" -> "host%3Brange" */
static struct sv encoded_names(const struct str *names, struct str *scratch)
{
    return memchr(names->p, ';', names->n) ? encoded(str_sv(names), scratch) : str_sv(names);
}

/* The parameters that presigning adds, encoded and in order. */
static size_t x_params(struct sigv4 *s, const struct sigv4_request *req, int64_t expires_s,
                       struct sv names, struct str *scratch, struct sigv4_pair *out)
{
    const struct sigv4_day *day = sigv4_day(s, req->now);
    char stamp[SIGV4_STAMP_SIZE], digits[21];
    size_t at = scratch->n, n = sizeof digits;

    sigv4_stamp(day, req->now, stamp);
    str_add(scratch, stamp, sizeof stamp - 1);
    for (uint64_t left = (uint64_t)expires_s; n == sizeof digits || left > 0; left /= 10)
        digits[--n] = (char)('0' + left % 10);
    str_add(scratch, digits + n, sizeof digits - n);

    struct sv date = {scratch->p + at, sizeof stamp - 1};
    struct sv expires = {date.p + date.n, sizeof digits - n};
    size_t count = 0;
    out[count++] = (struct sigv4_pair){SV_LIT("X-Amz-Algorithm"), SV_LIT("AWS4-HMAC-SHA256")};
    out[count++] = (struct sigv4_pair){SV_LIT("X-Amz-Credential"), str_sv(&day->credential)};
    out[count++] = (struct sigv4_pair){SV_LIT("X-Amz-Date"), date};
    out[count++] = (struct sigv4_pair){SV_LIT("X-Amz-Expires"), expires};
    if (s->token.n > 0 && !s->token_after)
        out[count++] = (struct sigv4_pair){SV_LIT("X-Amz-Security-Token"), str_sv(&s->token)};
    out[count++] = (struct sigv4_pair){SV_LIT("X-Amz-SignedHeaders"), names};
    return count;
}

static bool add_query(struct sigv4 *s, const struct sigv4_request *req, int64_t expires_s,
                      const struct str *names, struct str *out)
{
    AUTO(str_free) struct str scratch = STR_INIT(SIGV4_SIZE_MAX);
    struct sigv4_pair list[SIGV4_QUERY_MAX + X_PARAMS];
    size_t n = 0;

    if (req->query_n > SIGV4_QUERY_MAX)
        return false;
    str_reserve(&scratch, SIGV4_SIZE_MAX); /* the list points into it: it must not move */
    if (expires_s >= 0)
        n = x_params(s, req, expires_s, encoded_names(names, &scratch), &scratch, list);
    for (size_t i = 0; i < req->query_n; i++, n++)
        insert(list, n,
               (struct sigv4_pair){encoded(req->query[i].name, &scratch),
                                   encoded(req->query[i].value, &scratch)});
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            str_addc(out, '&');
        str_addv(out, list[i].name);
        str_addc(out, '=');
        str_addv(out, list[i].value);
    }
    return str_ok(&scratch);
}

static int name_order(struct sv a, struct sv b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = strncasecmp(a.p, b.p, n);

    return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

static bool is_signed(struct sv name)
{
    for (size_t i = 0; i < COUNT_OF(never_signed); i++)
        if (sv_ieqz(name, never_signed[i]))
            return false;
    return name.n > 0;
}

/* The headers to sign in the order of their names; equal names stay as they came. */
static bool sorted_headers(const struct sigv4_request *req,
                           const struct sigv4_pair *out[static SIGV4_HEADERS_MAX], size_t *count)
{
    size_t n = 0;

    for (size_t i = 0; i < req->headers_n; i++) {
        const struct sigv4_pair *one = &req->headers[i];
        size_t at = n;

        if (!is_signed(one->name))
            continue;
        if (n == SIGV4_HEADERS_MAX)
            return false;
        for (; at > 0 && name_order(one->name, out[at - 1]->name) < 0; at--)
            out[at] = out[at - 1];
        out[at] = one;
        n++;
    }
    *count = n;
    return true;
}

static void add_lower(struct sv name, struct str *out)
{
    size_t from = out->n;

    str_addv(out, name);
    for (size_t i = from; i < out->n; i++)
        out->p[i] = (char)tolower((unsigned char)out->p[i]);
}

static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* Without blanks at the ends; a run of blanks inside counts as one space. */
static void add_value(struct sv value, struct str *out)
{
    size_t from, i = 0;

    while (i < value.n && blank(value.p[i]))
        i++;
    for (bool first = true; i < value.n; first = false) {
        for (from = i; i < value.n && !blank(value.p[i]);)
            i++;
        if (!first)
            str_addc(out, ' ');
        str_add(out, value.p + from, i - from);
        while (i < value.n && blank(value.p[i]))
            i++;
    }
}

static bool same_name(const struct sigv4_pair *a, const struct sigv4_pair *b)
{
    return name_order(a->name, b->name) == 0;
}

static bool add_names(const struct sigv4_request *req, struct str *out)
{
    const struct sigv4_pair *list[SIGV4_HEADERS_MAX];
    size_t n;

    if (!sorted_headers(req, list, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && same_name(list[i], list[i - 1]))
            continue;
        if (i > 0)
            str_addc(out, ';');
        add_lower(list[i]->name, out);
    }
    return true;
}

static bool add_headers(const struct sigv4_request *req, struct str *out)
{
    const struct sigv4_pair *list[SIGV4_HEADERS_MAX];
    size_t n;

    if (!sorted_headers(req, list, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && same_name(list[i], list[i - 1])) {
            str_addc(out, ',');
        } else {
            if (i > 0)
                str_addc(out, '\n');
            add_lower(list[i]->name, out);
            str_addc(out, ':');
        }
        add_value(list[i]->value, out);
    }
    str_addc(out, '\n');
    return true;
}

bool sigv4_parts(struct sigv4 *s, const struct sigv4_request *req, int64_t expires_s,
                 struct sigv4_parts *parts)
{
    return add_path(s, req->path, parts->path) && add_names(req, parts->names) &&
           add_query(s, req, expires_s, parts->names, parts->query) && str_ok(parts->path) &&
           str_ok(parts->names) && str_ok(parts->query);
}

bool sigv4_join(const struct sigv4_request *req, const struct sigv4_parts *parts, struct str *out)
{
    str_addv(out, req->method);
    str_addc(out, '\n');
    str_addv(out, str_sv(parts->path));
    str_addc(out, '\n');
    str_addv(out, str_sv(parts->query));
    str_addc(out, '\n');
    if (!add_headers(req, out))
        return false;
    str_addc(out, '\n');
    str_addv(out, str_sv(parts->names));
    str_addc(out, '\n');
    str_addv(out, req->payload);
    return str_ok(out);
}
