/* roster.c - settings in, a short list of providers out. */
#include "analysis-svc/roster.h"

#include <string.h>

#include "common/db_list.h"

#define OPENAI_OWN    "https://api.openai.com/v1"
#define ANTHROPIC_OWN "https://api.anthropic.com"

static bool configured(struct secret key, const char *url, const char *own)
{
    return secret_is_set(key) || strcmp(url, own) != 0;
}

static bool has_model(const struct provider *p, const char *variable, struct err *err)
{
    if (p->model[0] != '\0')
        return true;
    return err_set(err, ERR_UNPROCESSABLE,
                   "%s is configured but no model is named: set %s to a model that it offers",
                   p->name, variable);
}

struct price {
    int64_t in, out;
};

/* A price that is set counts for every token: whoever sets it knows better than the file. */
static void set_price(struct model_caps *caps, struct price set)
{
    if (set.in > 0)
        caps->price_in = caps->cliff_price_in = set.in;
    if (set.out > 0)
        caps->price_out = caps->cliff_price_out = set.out;
}

/* What is known of its model, under what was set. */
static bool know(const struct analysis_conf *c, const char *server, struct price set,
                 struct provider *p, struct err *err)
{
    if (!model_caps_read(c->models, server, p->model, &p->caps, err))
        return false;
    set_price(&p->caps, set);
    p->images_max = (size_t)c->images_per_call;
    if (p->caps.images > 0 && (size_t)p->caps.images < p->images_max)
        p->images_max = (size_t)p->caps.images;
    return true;
}

static enum provider_dialect openai_dialect(const struct analysis_conf *c)
{
    bool first = strcmp(c->openai_server, "openai") == 0 || strcmp(c->openai_server, "xai") == 0;

    if (*c->openai_api)
        return strcmp(c->openai_api, "chat") == 0 ? DIALECT_CHAT : DIALECT_RESPONSES;
    return first ? DIALECT_RESPONSES : DIALECT_CHAT;
}

static bool add_openai(const struct analysis_conf *c, struct roster *r, struct err *err)
{
    struct provider p = {.name = "openai",
                         .dialect = openai_dialect(c),
                         .base_url = c->openai_url,
                         .key = c->openai_key,
                         .model = c->openai_model,
                         .detail = c->openai_detail,
                         .effort = c->openai_effort,
                         .temperature = c->openai_temperature,
                         .max_output_tokens = c->openai_output};
    const struct price price = {c->openai_price_in, c->openai_price_out};
    bool own = strcmp(c->openai_server, "openai") == 0;

    if (!configured(c->openai_key, c->openai_url, OPENAI_OWN))
        return true;
    if (!own && strcmp(c->openai_url, OPENAI_OWN) == 0)
        return err_set(err, ERR_UNPROCESSABLE,
                       "OPENAI_SERVER is %s, but OPENAI_BASE_URL is OpenAI's: set it to that "
                       "server's base URL, with /v1",
                       c->openai_server);
    if (!has_model(&p, "OPENAI_MODEL", err) || !know(c, c->openai_server, price, &p, err))
        return false;
    r->who[r->n] = ROSTER_OPENAI;
    r->items[r->n++] = p;
    return true;
}

static bool add_anthropic(const struct analysis_conf *c, struct roster *r, struct err *err)
{
    struct provider p = {.name = "anthropic",
                         .dialect = DIALECT_MESSAGES,
                         .base_url = c->anthropic_url,
                         .key = c->anthropic_key,
                         .model = c->anthropic_model,
                         .detail = "",
                         .effort = c->anthropic_effort,
                         .temperature = c->anthropic_temperature,
                         .max_output_tokens = c->anthropic_output};
    const struct price price = {c->anthropic_price_in, c->anthropic_price_out};

    if (!configured(c->anthropic_key, c->anthropic_url, ANTHROPIC_OWN))
        return true;
    if (!has_model(&p, "ANTHROPIC_MODEL", err) || !know(c, "anthropic", price, &p, err))
        return false;
    r->who[r->n] = ROSTER_ANTHROPIC;
    r->items[r->n++] = p;
    return true;
}

static bool known(const struct roster *r, const char *name)
{
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->items[i].name, name) == 0)
            return true;
    return false;
}

static bool add(const struct analysis_conf *c, struct sv name, struct roster *r, struct err *err)
{
    if (sv_eqz(name, "openai") && !known(r, "openai"))
        return add_openai(c, r, err);
    if (sv_eqz(name, "anthropic") && !known(r, "anthropic"))
        return add_anthropic(c, r, err);
    return err_set(err, ERR_UNPROCESSABLE,
                   "PROVIDER_ORDER: \"%.*s\" is unknown or named twice; it takes openai and "
                   "anthropic, comma between them",
                   SV(name));
}

bool roster_make(const struct analysis_conf *c, struct roster *out, struct err *err)
{
    struct sv rest = sv_of(c->provider_order);
    struct roster r = {.n = 0};

    while (rest.n > 0)
        if (!add(c, sv_trim(sv_cut(&rest, ',')), &r, err))
            return false;
    if (r.n == 0)
        return err_set(err, ERR_UNPROCESSABLE,
                       "no model provider is configured: set OPENAI_API_KEY and OPENAI_MODEL, or "
                       "ANTHROPIC_API_KEY and ANTHROPIC_MODEL, or OPENAI_BASE_URL and OPENAI_MODEL "
                       "for a server of your own (PROVIDER_ORDER is \"%s\")",
                       c->provider_order);
    *out = r;
    return true;
}

unsigned roster_all(const struct roster *r) { return (1U << r->n) - 1; }

unsigned roster_bits(const struct roster *r, struct sv array)
{
    unsigned bits = 0;

    if (array.n >= 2)
        array = (struct sv){array.p + 1, array.n - 2};
    while (array.n > 0) {
        struct sv word = sv_trim(sv_cut(&array, ','));

        for (size_t i = 0; i < r->n; i++)
            if (sv_eqz(word, r->items[i].name))
                bits |= 1U << i;
    }
    return bits;
}

void roster_array(const struct roster *r, unsigned bits, struct str *out)
{
    const char *comma = "";

    str_addc(out, '{');
    for (size_t i = 0; i < r->n; i++) {
        if (!(bits & (1U << i)))
            continue;
        str_addf(out, "%s%s", comma, r->items[i].name);
        comma = ",";
    }
    str_addc(out, '}');
}

void roster_models(const struct roster *r, struct str *out)
{
    str_addc(out, '{');
    for (size_t i = 0; i < r->n; i++) {
        if (i > 0)
            str_addc(out, ',');
        db_list_quote(out, r->items[i].model);
    }
    str_addc(out, '}');
}
