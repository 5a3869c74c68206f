/*
 * diff.c - two canonical requests in two columns, headers matched by name.
 */
#include "local/sigv4/diff.h"

#include <string.h>

enum { SIDES = 2, OURS = 0, THEIRS = 1, HEADERS_MAX = 64, COLUMN = 56, SHOWN = 24 };

/* A canonical request, taken apart. */
struct seen {
    struct sv method, path, query, headers[HEADERS_MAX], names, payload;
    size_t headers_n;
};

struct report {
    struct str *out, *sentence; /* sentence: of the first difference; empty: none yet */
};

static struct seen seen_of(struct sv text)
{
    struct seen s = {.headers_n = 0};
    struct sv line;

    s.method = sv_cut(&text, '\n');
    s.path = sv_cut(&text, '\n');
    s.query = sv_cut(&text, '\n');
    while (text.n > 0 && (line = sv_cut(&text, '\n')).n > 0 && s.headers_n < HEADERS_MAX)
        s.headers[s.headers_n++] = line;
    s.names = sv_cut(&text, '\n');
    s.payload = text;
    return s;
}

static struct sv piece(struct sv v, size_t from)
{
    size_t left = from < v.n ? v.n - from : 0;

    return (struct sv){left ? v.p + from : "", left < COLUMN ? left : COLUMN};
}

static size_t first_other(struct sv a, struct sv b)
{
    size_t i = 0;

    while (i < a.n && i < b.n && a.p[i] == b.p[i])
        i++;
    return i;
}

/* One row, wrapped into both columns; a row that differs is marked and has carets under its first
 * difference. */
static void row(struct report *r, const char *label, const struct sv side[SIDES])
{
    bool same = sv_eq(side[OURS], side[THEIRS]);
    size_t other = first_other(side[OURS], side[THEIRS]);
    size_t most = side[OURS].n > side[THEIRS].n ? side[OURS].n : side[THEIRS].n;

    for (size_t from = 0; from == 0 || from < most; from += COLUMN) {
        struct sv left = piece(side[OURS], from), right = piece(side[THEIRS], from);

        str_addf(r->out, "%c %-8s %-*.*s | %.*s\n", same ? ' ' : '*', from ? "" : label, COLUMN,
                 SV(left), SV(right));
        if (!same && other >= from && other < from + COLUMN)
            str_addf(r->out, "%*s^%*s^\n", 11 + (int)(other - from), "", COLUMN + 2, "");
    }
}

static void quote(struct str *out, struct sv v, size_t from)
{
    struct sv part = piece(v, from);

    if (part.n > SHOWN)
        part.n = SHOWN;
    if (part.n == 0)
        str_addz(out, "nothing more");
    else
        str_addf(out, "\"%.*s\"%s", SV(part), v.n - from > part.n ? "..." : "");
}

/* The text with each '%' of an escape encoded once more is the other: encoded twice. */
static bool is_encoded_again(struct sv once, struct sv twice)
{
    size_t at = 0;

    for (size_t i = 0; i < once.n; i++) {
        size_t n = once.p[i] == '%' ? 3 : 1;

        if (twice.n - at < n || memcmp(twice.p + at, n == 3 ? "%25" : once.p + i, n) != 0)
            return false;
        at += n;
    }
    return at == twice.n && twice.n > once.n;
}

static const char *path_hint(const struct sv side[SIDES])
{
    if (is_encoded_again(side[THEIRS], side[OURS]))
        return " Yours is percent-encoded twice; S3 encodes once (--double-encode no, or a key "
               "that "
               "was encoded before it was signed).";
    if (is_encoded_again(side[OURS], side[THEIRS]))
        return " S3 got it percent-encoded twice: the client encoded a path that was encoded "
               "already.";
    if (memmem(side[OURS].p, side[OURS].n, "//", 2) || memmem(side[OURS].p, side[OURS].n, "/.", 2))
        return " Something on the way may have normalised the path; S3 never does.";
    return " The bucket (path or virtual-host style) or the encoding of the key is not the same.";
}

static const char *query_hint(const struct sv side[SIDES])
{
    if (memchr(side[OURS].p, '+', side[OURS].n) || memchr(side[THEIRS].p, '+', side[THEIRS].n))
        return " A blank must be %20, a plus %2B; '+' means neither here.";
    return " Parameters are sorted by name and all of them are signed, also those that were added "
           "after signing.";
}

/* "the query (parameter X-Amz-Date)": that in which the first difference stands. */
static void query_what(const struct sv side[SIDES], struct str *out)
{
    size_t at = first_other(side[OURS], side[THEIRS]), from = at;
    struct sv v = side[at < side[OURS].n ? OURS : THEIRS];

    str_addz(out, "the query");
    while (from > 0 && v.p[from - 1] != '&')
        from--;
    if (at < v.n)
        str_addf(out, " (parameter %.*s)", (int)strcspn(v.p + from, "=&\n"), v.p + from);
}

static void sentence(struct report *r, const char *what, const struct sv side[SIDES],
                     const char *hint)
{
    size_t at = first_other(side[OURS], side[THEIRS]);

    if (r->sentence->n > 0 || sv_eq(side[OURS], side[THEIRS]))
        return;
    str_addf(r->sentence, "First difference: %s, at byte %zu: yours has ", what, at + 1);
    quote(r->sentence, side[OURS], at);
    str_addz(r->sentence, ", S3 has ");
    quote(r->sentence, side[THEIRS], at);
    str_addf(r->sentence, ".%s", hint);
}

static void compare(struct report *r, const char *label, const char *what,
                    const struct sv side[SIDES], const char *hint)
{
    row(r, label, side);
    sentence(r, what, side, hint);
}

static struct sv name_of(struct sv header)
{
    const char *colon = header.n > 0 ? memchr(header.p, ':', header.n) : NULL;

    return (struct sv){header.p, colon ? (size_t)(colon - header.p) : header.n};
}

static int order(struct sv a, struct sv b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n > 0 ? memcmp(a.p, b.p, n) : 0;

    return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

static void only_one(struct report *r, struct sv header, int who)
{
    struct sv side[SIDES] = {{"", 0}, {"", 0}}, name = name_of(header);

    side[who] = header;
    row(r, "header", side);
    if (r->sentence->n > 0)
        return;
    str_addf(r->sentence, "First difference: the header %.*s is %s", SV(name),
             who == OURS ? "signed in yours only: the request that S3 got did not list it in "
                           "SignedHeaders. If the client leaves it unsigned, leave it out here too."
                         : "signed in S3's only: the request on standard input lacks it, or it is "
                           "one that is never signed here.");
}

static void both_have(struct report *r, struct sv ours, struct sv theirs)
{
    const struct sv side[SIDES] = {ours, theirs};
    struct sv name = name_of(ours);
    AUTO(str_free) struct str what = STR_INIT(256);

    if (sv_eqz(name, "x-amz-security-token") && sv_eq(ours, theirs)) {
        str_addz(r->out, "  header   x-amz-security-token: the same, not shown\n");
        return;
    }
    str_addf(&what, "the header %.*s", name.n < 100 ? (int)name.n : 100, name.p);
    compare(r, "header", what.p, side,
            sv_eqz(name, "host") ? " A proxy or another endpoint changed the host (or its port)."
            : sv_eqz(name, "x-amz-date") ? " Give the time of the refused request with --time."
                                         : " Something on the way changed its value.");
}

static void headers(struct report *r, const struct seen *a, const struct seen *b)
{
    for (size_t i = 0, j = 0; i < a->headers_n || j < b->headers_n;) {
        int c = 0;

        if (i < a->headers_n && j < b->headers_n)
            c = order(name_of(a->headers[i]), name_of(b->headers[j]));
        else
            c = i < a->headers_n ? -1 : 1;
        if (c < 0)
            only_one(r, a->headers[i++], OURS);
        else if (c > 0)
            only_one(r, b->headers[j++], THEIRS);
        else
            both_have(r, a->headers[i++], b->headers[j++]);
    }
}

static void requests(struct report *r, struct sv ours, struct sv theirs)
{
    struct seen a = seen_of(ours), b = seen_of(theirs);
    const struct sv method[SIDES] = {a.method, b.method}, path[SIDES] = {a.path, b.path};
    const struct sv query[SIDES] = {a.query, b.query}, names[SIDES] = {a.names, b.names};
    const struct sv payload[SIDES] = {a.payload, b.payload};
    AUTO(str_free) struct str what = STR_INIT(4096);

    str_addf(r->out, "  %-8s %-*s | %s\n", "", COLUMN, "YOURS", "S3'S");
    compare(r, "method", "the method", method, " A URL is signed for one method only.");
    compare(r, "path", "the path", path, path_hint(path));
    query_what(query, &what);
    compare(r, "query", what.p, query, query_hint(query));
    headers(r, &a, &b);
    compare(r, "signed", "the list of signed headers", names,
            " The same headers must be listed, in lower case and sorted.");
    compare(r, "payload", "the hash of the body", payload,
            " The body changed on its way, or x-amz-content-sha256 (or UNSIGNED-PAYLOAD) is not "
            "what the other side took.");
}

/* The string to sign: algorithm, time, scope, hash. */
static void texts(struct report *r, struct sv ours, struct sv theirs)
{
    static const struct {
        const char *label, *what, *hint;
    } lines[] = {
        {"algo", "the algorithm", " Only AWS4-HMAC-SHA256 is meant here."},
        {"time", "the time in the string to sign",
         " Give the time of the refused request with --time."},
        {"scope", "the credential scope",
         " Day, region and service must be those of the endpoint: see --region and --service."},
        {"hash", "the hash of the canonical request", ""},
    };

    str_addf(r->out, "\n  %-8s %-*s | %s\n", "", COLUMN, "YOURS (string to sign)", "S3'S");
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        const struct sv side[SIDES] = {sv_cut(&ours, '\n'), sv_cut(&theirs, '\n')};

        compare(r, lines[i].label, lines[i].what, side, lines[i].hint);
    }
}

static void same_text(const struct signing *ours, const struct diff_answer *theirs,
                      const char *access_key, struct str *out)
{
    if (theirs->access_key.n > 0 && strcmp(theirs->access_key.p, access_key) != 0)
        str_addz(out, "No difference, but S3 was given another access key id than "
                      "AWS_ACCESS_KEY_ID is now.\n");
    else if (theirs->signature.n > 0 && strcmp(theirs->signature.p, ours->signature) == 0)
        str_addz(out, "No difference, and the signature is the same: S3 knows another secret for "
                      "this access key id (a typing error, a rotated key, or a blank at its "
                      "end).\n");
    else
        str_addz(out, "No difference: the client signed with another secret key than "
                      "AWS_SECRET_ACCESS_KEY, or S3 knows another one.\n");
}

bool diff_report(const struct signing *ours, const struct diff_answer *theirs,
                 const char *access_key, struct str *out)
{
    AUTO(str_free) struct str why = STR_INIT(4096);
    struct report r = {out, &why};

    requests(&r, str_sv(&ours->canonical), str_sv(&theirs->canonical));
    if (theirs->text.n > 0)
        texts(&r, str_sv(&ours->text), str_sv(&theirs->text));
    str_addc(out, '\n');
    if (why.n == 0) {
        same_text(ours, theirs, access_key, out);
        return true;
    }
    str_addf(out, "%s\n", why.p);
    return false;
}
