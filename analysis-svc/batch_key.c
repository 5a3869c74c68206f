/* batch_key.c - which S3 keys this service may presign: `{prefix}{8 hex}/snapshots|derived/...`. */
#include <string.h>

#include "analysis-svc/batch.h"

static bool in_read_prefix(const char *key, const char *list)
{
    while (*list) {
        size_t n = strcspn(list, ",");
        struct sv prefix = sv_trim((struct sv){list, n});

        if (prefix.n > 0 && strncmp(key, prefix.p, prefix.n) == 0 && key[prefix.n] != '\0')
            return true;
        list += n + (list[n] == ',');
    }
    return false;
}

static bool is_hex8(const char *s)
{
    return strspn(s, "0123456789abcdef") == DEPLOYMENT_SIZE - 1 && s[DEPLOYMENT_SIZE - 1] == '/';
}

/* A picture's place below its deployment. */
static bool is_place(const char *s)
{
    static const char *const rooms[] = {"snapshots/", "derived/"};

    for (size_t i = 0; i < COUNT_OF(rooms); i++)
        if (strncmp(s, rooms[i], strlen(rooms[i])) == 0 && s[strlen(rooms[i])] != '\0')
            return true;
    return false;
}

bool batch_key(const char *key, const struct batch_rules *rules, char out[static DEPLOYMENT_SIZE])
{
    size_t n = strlen(rules->prefix);

    out[0] = '\0';
    if (strstr(key, "/../") || strlen(key) > 1024)
        return false;
    if (strncmp(key, rules->prefix, n) == 0 && is_hex8(key + n) &&
        is_place(key + n + DEPLOYMENT_SIZE)) {
        memcpy(out, key + n, DEPLOYMENT_SIZE - 1);
        out[DEPLOYMENT_SIZE - 1] = '\0';
        return true;
    }
    return in_read_prefix(key, rules->read_prefixes);
}
