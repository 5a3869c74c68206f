/*
 * s3_place.c - an endpoint setting, read once: scheme, host, port, and where the bucket goes.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/s3_internal.h"

enum { PLACE_MAX = 512 };

/* What a host name and port may be made of; brackets are for IPv6 addresses. */
static bool is_authority(struct sv v)
{
    for (size_t i = 0; i < v.n; i++)
        if (!isalnum((unsigned char)v.p[i]) && !strchr(".-:[]_", v.p[i]))
            return false;
    return v.n > 0;
}

static bool is_address(struct sv v)
{
    if (v.p[0] == '[')
        return true;
    for (size_t i = 0; i < v.n; i++)
        if (!isdigit((unsigned char)v.p[i]) && !strchr(".:", v.p[i]))
            return false;
    return true;
}

static struct sv without_suffix(struct sv v, const char *end)
{
    size_t n = strlen(end);

    if (v.n > n && memcmp(v.p + v.n - n, end, n) == 0)
        v.n -= n;
    return v;
}

static void add_aws(const struct s3_conf *conf, struct str *out)
{
    bool china = strncmp(conf->region, "cn-", 3) == 0;

    str_addf(out, "https://s3.%s%s.amazonaws.com%s", conf->dualstack ? "dualstack." : "",
             conf->region, china ? ".cn" : "");
}

static struct sv without_scheme(struct sv v)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < COUNT_OF(schemes); i++)
        if (sv_starts(v, schemes[i]))
            return (struct sv){v.p + strlen(schemes[i]), v.n - strlen(schemes[i])};
    return v;
}

/* Can the bucket stand before that host? */
static bool check_host(const struct s3_conf *conf, struct sv host, bool plain, struct err *err)
{
    if (is_address(host))
        return err_set(err, ERR_BAD_REQUEST,
                       "the S3 endpoint \"%.*s\" is an address, which cannot carry the bucket in "
                       "its name: turn path style on or give a host name",
                       SV(host));
    if (!plain && strchr(conf->bucket, '.'))
        return err_set(err, ERR_BAD_REQUEST,
                       "the bucket \"%s\" has a dot in its name, and no certificate covers it as "
                       "part of a host name: turn path style on",
                       conf->bucket);
    return true;
}

bool s3_place_open(const struct s3_conf *conf, const char *endpoint, struct s3_place *out,
                   struct err *err)
{
    AUTO(str_free) struct str whole = STR_INIT(PLACE_MAX);
    struct sv rest;
    bool plain;

    str_addz(&whole, endpoint);
    if (!*endpoint)
        add_aws(conf, &whole);
    plain = sv_starts(str_sv(&whole), "http://");
    rest = without_suffix(without_scheme(str_sv(&whole)), "/");
    if (!is_authority(rest) || !str_ok(&whole))
        return err_set(err, ERR_BAD_REQUEST,
                       "the S3 endpoint \"%s\" is not of the form https://host or http://host:port",
                       endpoint);
    if (!conf->path_style && !check_host(conf, rest, plain, err))
        return false;

    *out = (struct s3_place){.origin = STR_INIT(PLACE_MAX), .host = STR_INIT(PLACE_MAX)};
    str_addz(&out->origin, plain ? "http://" : "https://");
    if (!conf->path_style)
        str_addf(&out->host, "%s.", conf->bucket);
    str_addv(&out->host, rest);
    str_addv(&out->origin, str_sv(&out->host));
    out->host.n = without_suffix(str_sv(&out->host), plain ? ":80" : ":443").n;
    out->host.p[out->host.n] = '\0';
    return true;
}

void s3_place_free(struct s3_place *place)
{
    str_free(&place->origin);
    str_free(&place->host);
}
