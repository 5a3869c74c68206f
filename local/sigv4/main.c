/*
 * main.c - the tool `sigv4`: signs a raw request, compares it with what S3 saw, presigns.
 *
 * Exit status: 0; 1: --diff found a difference; 2: something is wrong, said on standard error.
 */
#include <stdio.h>
#include <string.h>

#include "local/sigv4/diff.h"
#include "local/sigv4/url.h"

enum { IN_MAX = 64 << 20, WRONG = 2 };

static bool read_all(FILE *f, struct str *out)
{
    char buf[65536];
    size_t n;

    while ((n = fread(buf, 1, sizeof buf, f)) > 0)
        str_add(out, buf, n);
    return !ferror(f) && str_ok(out);
}

static bool read_file(const char *path, struct str *out, struct err *err)
{
    FILE *f = fopen(path, "rb");
    bool ok;

    if (!f)
        return err_set(err, ERR_BAD_REQUEST, "--diff: \"%.200s\" cannot be opened", path);
    ok = read_all(f, out);
    fclose(f);
    return ok || err_set(err, ERR_BAD_REQUEST, "--diff: \"%.200s\" cannot be read", path);
}

/* A request that says no time, compared with what S3 saw: at S3's time. */
static void take_time(const struct diff_answer *theirs, struct options *o)
{
    const char *at = strchr(theirs->text.p, '\n');
    struct sv stamp = {at ? at + 1 : "", at ? strcspn(at + 1, "\n") : 0};

    if (!options_time(stamp, &o->time))
        o->time = -1;
}

static bool compare(const struct raw *raw, struct options *o, int *status, struct str *out,
                    struct err *err)
{
    AUTO(str_free) struct str answer = STR_INIT(IN_MAX);
    AUTO(diff_answer_free) struct diff_answer theirs = DIFF_ANSWER_INIT;
    AUTO(sign_free) struct signing ours = SIGNING_INIT;

    if (!read_file(o->diff, &answer, err) || !diff_read(str_sv(&answer), &theirs, err))
        return false;
    if (o->time < 0 && !sign_says_time(raw))
        take_time(&theirs, o);
    if (!sign_raw(raw, o, &ours, err))
        return false;
    *status = diff_report(&ours, &theirs, o->access_key, out) ? 0 : 1;
    return true;
}

static bool sign(const struct raw *raw, const struct options *o, struct str *out, struct err *err)
{
    AUTO(sign_free) struct signing ours = SIGNING_INIT;

    if (!sign_raw(raw, o, &ours, err))
        return false;
    sign_json(&ours, o->query, out);
    return true;
}

static bool work(struct options *o, int *status, struct str *out, struct err *err)
{
    AUTO(str_free) struct str in = STR_INIT(IN_MAX);
    struct raw raw;

    if (o->help) {
        str_addz(out, options_help);
        return true;
    }
    if (o->presign)
        return url_presign(o, out, err);
    if (!read_all(stdin, &in))
        return err_set(err, ERR_BAD_REQUEST, "standard input cannot be read, or is over %d MiB",
                       IN_MAX >> 20);
    if (!raw_parse(str_sv(&in), &raw, err))
        return false;
    return o->diff ? compare(&raw, o, status, out, err) : sign(&raw, o, out, err);
}

int main(int argc, char **argv)
{
    AUTO(str_free) struct str out = STR_INIT((size_t)1 << 30);
    struct options o;
    struct err err = ERR_INIT;
    int status = 0;

    if (!options_read(argc, argv, &o, &err) || !work(&o, &status, &out, &err)) {
        fprintf(stderr, "sigv4: %s\n", err.msg);
        return WRONG;
    }
    return fwrite(out.p, 1, out.n, stdout) == out.n && fflush(stdout) == 0 ? status : WRONG;
}
