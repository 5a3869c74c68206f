/* config.c - the table of config.def, and what no single line of it can say. */
#include "analysis-svc/config.h"

#include <stdlib.h>
#include <string.h>

const struct conf_item analysis_config_items[] = {
#define CONF(TYPE, field, env, dflt, min, max, flags, help)                                        \
    {CONF_##TYPE, env, dflt, min, max, flags, help, offsetof(struct analysis_conf, field)},
#include "analysis-svc/config.def"
#undef CONF
};
const size_t analysis_config_count = COUNT_OF(analysis_config_items);

static bool one_of(const char *word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

static void check_words(const struct analysis_conf *c, struct str *faults)
{
    static const char *const apis[] = {"", "responses", "chat"};
    static const char *const servers[] = {"openai", "xai", "vllm", "llamacpp", "ollama"};
    static const char *const details[] = {"high", "low", "original"};
    static const char *const levels[] = {"debug", "info", "warn", "error"};

    if (!one_of(c->openai_api, apis, COUNT_OF(apis)))
        str_addf(faults, "OPENAI_API: \"%s\" is neither responses nor chat\n", c->openai_api);
    if (!one_of(c->openai_server, servers, COUNT_OF(servers)))
        str_addf(faults, "OPENAI_SERVER: \"%s\" is none of openai, xai, vllm, llamacpp, ollama\n",
                 c->openai_server);
    if (!one_of(c->openai_detail, details, COUNT_OF(details)))
        str_addf(faults, "OPENAI_DETAIL: \"%s\" is none of high, low, original\n",
                 c->openai_detail);
    if (!one_of(c->log_level, levels, COUNT_OF(levels)))
        str_addf(faults, "LOG_LEVEL: \"%s\" is none of debug, info, warn, error\n", c->log_level);
}

/* "", or a decimal number from 0 to 2: it stands in the request as it stands here. */
static void check_temperature(const char *name, const char *text, struct str *faults)
{
    char *end = NULL;
    double n = strtod(text, &end);

    if (*text && (*end || strspn(text, "0123456789.") != strlen(text) || *text == '.' ||
                  end[-1] == '.' || !(n >= 0 && n <= 2)))
        str_addf(faults, "%s: \"%s\" is no number from 0 to 2\n", name, text);
}

bool analysis_config_load(conf_get_fn *get, struct analysis_conf *out, struct str *faults)
{
    if (!conf_load(analysis_config_items, analysis_config_count, get, out, faults))
        return false;
    check_words(out, faults);
    check_temperature("OPENAI_TEMPERATURE", out->openai_temperature, faults);
    check_temperature("ANTHROPIC_TEMPERATURE", out->anthropic_temperature, faults);
    if (out->heartbeat * 2 > out->lease_time)
        str_addz(faults, "HEARTBEAT: must be at most half of LEASE_TIME, or leases are lost while "
                         "their worker lives\n");
    if (out->retry_cap < out->retry_base)
        str_addz(faults, "RETRY_CAP: must not be below RETRY_BASE\n");
    return faults->n == 0;
}
