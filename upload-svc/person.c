#include "upload-svc/person.h"

#include <stdio.h>
#include <string.h>

#include "common/crypto.h"

static const char *const words[] = {[DOOR_OPEN] = "open",
                                    [DOOR_VIEWER] = "viewer",
                                    [DOOR_UPLOADER] = "uploader",
                                    [DOOR_ADMIN] = "admin"};

const char *person_word(enum door_role role) { return words[role]; }

enum door_role person_role(struct sv word)
{
    for (unsigned i = DOOR_VIEWER; i < COUNT_OF(words); i++)
        if (sv_ieqz(word, words[i]))
            return (enum door_role)i;
    return DOOR_OPEN;
}

static enum door_role higher(enum door_role a, enum door_role b) { return a > b ? a : b; }

static enum door_role best_word(const char *text)
{
    enum door_role best = DOOR_OPEN;

    while (*text != '\0') {
        size_t n = strcspn(text, " ");

        best = higher(best, person_role((struct sv){text, n}));
        text += n + strspn(text + n, " ");
    }
    return best;
}

static enum door_role role_in(const struct json *claim)
{
    enum door_role best = DOOR_OPEN;

    if (json_text(claim))
        return best_word(json_text(claim));
    if (!claim || json_type(claim) != JSON_ARRAY)
        return DOOR_OPEN;
    for (const struct json *one = json_first(claim); one; one = json_next(one))
        if (json_text(one))
            best = higher(best, best_word(json_text(one)));
    return best;
}

/* The claim of that very name, which may hold dots (a URL), or else along the path. */
static const struct json *walk(const struct json *claims, const char *path)
{
    const struct json *at = json_find(claims, path);
    char step[128];

    if (at)
        return at;
    for (at = claims; at && *path != '\0';) {
        size_t n = strcspn(path, ".");

        if (n >= sizeof step)
            return NULL;
        memcpy(step, path, n);
        step[n] = '\0';
        at = json_find(at, step);
        path += n + (path[n] == '.');
    }
    return at == claims ? NULL : at;
}

static void name_of(const char *sub, char out[static 64])
{
    char sum[SHA256_HEX_SIZE];
    int n = 26;

    if (snprintf(out, 64, "jwt:%s", sub) < 64)
        return;
    crypto_sha256_hex(sv_of(sub), sum);
    while ((sub[n] & 0xc0) == 0x80)
        n--; /* not within a character of UTF-8 */
    snprintf(out, 64, "jwt:%.*s~%.32s", n, sub, sum);
}

bool person_read(const struct json *claims, const char *role_claim, struct door_who *out,
                 struct err *err)
{
    const char *sub = json_text_or(claims, "sub", "");
    enum door_role role = role_in(walk(claims, role_claim));

    if (*sub == '\0')
        return err_set(err, ERR_UNAUTHENTICATED, "the JWT names nobody (sub)");
    if (role == DOOR_OPEN)
        return err_set(err, ERR_FORBIDDEN,
                       "the JWT holds none of viewer, uploader, admin in its claim %s", role_claim);
    *out = (struct door_who){.role = role};
    name_of(sub, out->name);
    return true;
}
