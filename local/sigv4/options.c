/*
 * options.c - one small reader for each option of options.def.
 */
#include "local/sigv4/options.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

enum { EXPIRES_MAX_S = 604800 };

const char options_help[] =
    "usage: sigv4 [OPTION]...                       sign a raw HTTP request from standard input\n"
    "       sigv4 --diff FILE [OPTION]...           ... and compare it with what S3 says it saw\n"
    "       sigv4 presign METHOD BUCKET KEY [OPTION]...  print a presigned URL\n"
    "\n"
    "AWS Signature Version 4. Credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and\n"
    "AWS_SESSION_TOKEN. Nothing is sent anywhere.\n"
    "\n"
    "  --mode header|query     an Authorization header (default) or a presigned query\n"
    "  --service S             default s3\n"
    "  --region R              default AWS_REGION, AWS_DEFAULT_REGION, us-east-1\n"
    "  --time T                20150830T123600Z; default: the request's own X-Amz-Date, else now\n"
    "  --expires SECONDS       of a presigned query, 1 to 604800; default: the request's own, else "
    "3600\n"
    "  --normalize yes|no      remove empty, \".\" and \"..\" segments of the path; S3: no "
    "(default)\n"
    "  --double-encode yes|no  encode the path again as it stands; S3: no (default)\n"
    "  --sign-body yes|no      send x-amz-content-sha256; default yes for s3, no for other "
    "services\n"
    "  --unsigned-payload      the word UNSIGNED-PAYLOAD in place of the body's hash (a presigned\n"
    "                          query for s3 has it anyway, unless --sign-body yes)\n"
    "  --omit-session-token    add the session token after signing, unsigned\n"
    "  --diff FILE             FILE: the XML of S3's answer SignatureDoesNotMatch; prints both\n"
    "                          canonical requests side by side and names the first difference\n"
    "\n"
    "presign also takes\n"
    "  --endpoint URL          default AWS_ENDPOINT_URL_S3, else AWS in the region\n"
    "  --style path|virtual    where the bucket goes; default virtual at AWS (path when its name "
    "has\n"
    "                          dots), path at an endpoint of your own\n"
    "  --query NAME=VALUE      a parameter (partNumber=2, uploadId=..., "
    "response-content-type=...)\n"
    "  --header NAME:VALUE     a header that whoever uses the URL must send just so\n"
    "\n"
    "The request: a line \"PUT /key?a=b HTTP/1.1\", headers, an empty line, the body. An old\n"
    "signature in it is taken off first; x-amz-content-sha256 in it is kept and used. Output: one\n"
    "JSON object with canonical_request, string_to_sign, signature, signed_headers, authorization "
    "or\n"
    "query, and request (the whole signed request).\n"
    "Exit status: 0; with --diff 1 when the requests differ; 2 when something is wrong.\n"
    "\n"
    "  printf 'GET /test.txt HTTP/1.1\\nHost: examplebucket.s3.amazonaws.com\\n' | sigv4\n"
    "  sigv4 presign GET examplebucket 'a folder/a file.png' --expires 300\n"
    "  sigv4 --diff error.xml < request.txt\n";

typedef bool reader_fn(struct options *o, const char *value, struct err *err);

static bool yes_or_no(const char *value, bool *out, struct err *err)
{
    *out = strcmp(value, "yes") == 0;
    return *out || strcmp(value, "no") == 0 || err_set(err, ERR_BAD_REQUEST, "want yes or no");
}

static bool one_of(const char *value, const char *set, const char *unset, bool *out,
                   struct err *err)
{
    *out = strcmp(value, set) == 0;
    return *out || strcmp(value, unset) == 0 ||
           err_set(err, ERR_BAD_REQUEST, "want %s or %s", unset, set);
}

static bool read_mode(struct options *o, const char *value, struct err *err)
{
    return one_of(value, "query", "header", &o->query, err);
}

static bool read_name(const char *value, const char **out, struct err *err)
{
    if (!*value || strlen(value) > 63 || strcspn(value, "/ \t\n") != strlen(value))
        return err_set(err, ERR_BAD_REQUEST, "want a name of 1 to 63 characters");
    *out = value;
    return true;
}

static bool read_service(struct options *o, const char *value, struct err *err)
{
    return read_name(value, &o->service, err);
}

static bool read_region(struct options *o, const char *value, struct err *err)
{
    return read_name(value, &o->region, err);
}

static bool read_time(struct options *o, const char *value, struct err *err)
{
    return options_time(sv_of(value), &o->time) ||
           err_set(err, ERR_BAD_REQUEST, "want a time such as 20150830T123600Z (UTC)");
}

static bool read_expires(struct options *o, const char *value, struct err *err)
{
    return (sv_int(sv_of(value), &o->expires) && o->expires >= 1 && o->expires <= EXPIRES_MAX_S) ||
           err_set(err, ERR_BAD_REQUEST, "want seconds, 1 to %d", EXPIRES_MAX_S);
}

static bool read_normalise(struct options *o, const char *value, struct err *err)
{
    return yes_or_no(value, &o->normalise, err);
}

static bool read_double(struct options *o, const char *value, struct err *err)
{
    return yes_or_no(value, &o->double_encode, err);
}

static bool read_sign_body(struct options *o, const char *value, struct err *err)
{
    bool yes = false;

    if (!yes_or_no(value, &yes, err))
        return false;
    o->sign_body = yes ? YES : NO;
    return true;
}

static bool read_unsigned(struct options *o, const char *value, struct err *err)
{
    (void)value, (void)err;
    o->unsigned_payload = true;
    return true;
}

static bool read_omit(struct options *o, const char *value, struct err *err)
{
    (void)value, (void)err;
    o->omit_token = true;
    return true;
}

static bool read_diff(struct options *o, const char *value, struct err *err)
{
    o->diff = value;
    return *value || err_set(err, ERR_BAD_REQUEST, "want the name of a file");
}

static bool read_endpoint(struct options *o, const char *value, struct err *err)
{
    (void)err;
    o->endpoint = value;
    return true;
}

static bool read_style(struct options *o, const char *value, struct err *err)
{
    bool path = false;

    if (!one_of(value, "path", "virtual", &path, err))
        return false;
    o->path_style = path ? YES : NO;
    return true;
}

static bool read_pair(const char *value, char between, struct sigv4_pair *list, size_t *n,
                      struct err *err)
{
    const char *at = strchr(value, between);

    if (at == value || (!at && between == ':'))
        return err_set(err, ERR_BAD_REQUEST, "want NAME%cVALUE", between);
    if (*n == OPTIONS_PAIRS_MAX)
        return err_set(err, ERR_BAD_REQUEST, "%d of them at most", OPTIONS_PAIRS_MAX);
    list[(*n)++] = (struct sigv4_pair){{value, at ? (size_t)(at - value) : strlen(value)},
                                       sv_of(at ? at + 1 : "")};
    return true;
}

static bool read_query(struct options *o, const char *value, struct err *err)
{
    return read_pair(value, '=', o->queries, &o->queries_n, err);
}

static bool read_header(struct options *o, const char *value, struct err *err)
{
    return read_pair(value, ':', o->headers, &o->headers_n, err);
}

static bool read_help(struct options *o, const char *value, struct err *err)
{
    (void)value, (void)err;
    o->help = true;
    return true;
}

static const struct option {
    const char *word, *follows;
    reader_fn *read;
} table[] = {
#define OPTION(word, follows, read) {word, follows, read},
#include "local/sigv4/options.def"
#undef OPTION
};

static const struct option *find(const char *word, size_t n)
{
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (strlen(table[i].word) == n && memcmp(table[i].word, word, n) == 0)
            return &table[i];
    return NULL;
}

/* One option at argv[*at], "--name value" or "--name=value". */
static bool take(char **argv, int *at, struct options *o, struct err *err)
{
    const char *arg = argv[*at], *value = strchr(arg, '=');
    const struct option *option = find(arg, value ? (size_t)(value - arg) : strlen(arg));

    if (!option)
        return err_set(err, ERR_BAD_REQUEST, "there is no option \"%.60s\"; see --help", arg);
    if (value && !option->follows)
        return err_set(err, ERR_BAD_REQUEST, "%s takes no value", option->word);
    if (value)
        value++;
    else if (option->follows && !(value = argv[++*at]))
        return err_set(err, ERR_BAD_REQUEST, "%s: %s must follow", option->word, option->follows);
    return option->read(o, value, err) || err_wrap(err, "%s", option->word);
}

static bool take_word(const char *word, struct options *o, struct err *err)
{
    if (!o->presign && strcmp(word, "presign") == 0) {
        o->presign = true;
        return true;
    }
    if (!o->presign)
        return err_set(err, ERR_BAD_REQUEST,
                       "\"%.60s\" is not a command; there is only presign, see --help", word);
    if (o->words_n == COUNT_OF(o->words))
        return err_set(err, ERR_BAD_REQUEST, "presign takes METHOD BUCKET KEY and options only");
    o->words[o->words_n++] = word;
    return true;
}

static bool fits_together(const struct options *o, struct err *err)
{
    if (o->presign && o->words_n < COUNT_OF(o->words))
        return err_set(err, ERR_BAD_REQUEST, "presign needs METHOD BUCKET KEY");
    if (!o->presign && (*o->endpoint || o->path_style || o->queries_n || o->headers_n))
        return err_set(err, ERR_BAD_REQUEST,
                       "--endpoint, --style, --query and --header go with presign only");
    if (o->unsigned_payload && o->sign_body == YES)
        return err_set(err, ERR_BAD_REQUEST,
                       "--unsigned-payload and --sign-body yes exclude each other");
    return true;
}

static const char *from_env(const char *name, const char *otherwise)
{
    const char *value = getenv(name);

    return value && *value ? value : otherwise;
}

static bool credentials(struct options *o, struct err *err)
{
    o->access_key = from_env("AWS_ACCESS_KEY_ID", "");
    o->secret_key = secret_of(from_env("AWS_SECRET_ACCESS_KEY", ""));
    o->token = secret_of(from_env("AWS_SESSION_TOKEN", ""));
    if (!*o->access_key || !secret_is_set(o->secret_key))
        return err_set(
            err, ERR_BAD_REQUEST,
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN with "
            "temporary keys)");
    return true;
}

bool options_read(int argc, char **argv, struct options *out, struct err *err)
{
    struct options o = {.service = "s3", .time = -1, .expires = -1, .endpoint = ""};
    bool only_words = false;

    o.region = from_env("AWS_REGION", from_env("AWS_DEFAULT_REGION", "us-east-1"));
    for (int i = 1; i < argc; i++) {
        bool option = !only_words && argv[i][0] == '-' && argv[i][1];

        if (option && strcmp(argv[i], "--") == 0)
            only_words = true;
        else if (!(option ? take(argv, &i, &o, err) : take_word(argv[i], &o, err)))
            return false;
    }
    if (!o.help && (!fits_together(&o, err) || !credentials(&o, err)))
        return false;
    if (!*o.endpoint && o.presign)
        o.endpoint = from_env("AWS_ENDPOINT_URL_S3", "");
    *out = o;
    return true;
}

bool options_time(struct sv text, int64_t *wall_s)
{
    static const char shape[] = "dddddddd"
                                "T"
                                "dddddd"
                                "Z";
    char plain[sizeof shape] = "", day[CLOCK_DAY_SIZE];
    int64_t midnight, h, m, s;
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '-' || text.p[i] == ':')
            continue;
        if (n == sizeof shape - 1 ||
            (shape[n] == 'd' ? !isdigit((unsigned char)text.p[i]) : shape[n] != text.p[i]))
            return false;
        plain[n++] = text.p[i];
    }
    if (n != sizeof shape - 1)
        return false;
    memcpy(day,
           (const char[]){plain[0], plain[1], plain[2], plain[3], '-', plain[4], plain[5], '-',
                          plain[6], plain[7], '\0'},
           sizeof day);
    if (!clock_parse_day(sv_of(day), &midnight) || !sv_int((struct sv){plain + 9, 2}, &h) ||
        !sv_int((struct sv){plain + 11, 2}, &m) || !sv_int((struct sv){plain + 13, 2}, &s) ||
        h > 23 || m > 59 || s > 59)
        return false;
    *wall_s = midnight + h * 3600 + m * 60 + s;
    return true;
}
