/*
 * creds_profile.c - keys that stand in the shared files: ~/.aws/credentials ("[name]"), then
 * ~/.aws/config ("[profile name]", "[default]"). A profile that leads elsewhere (a role, SSO, a
 * program) is refused with a sentence rather than passed over.
 */
#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "common/creds_internal.h"

enum { PATH_SIZE = 4096 };

struct found {
    bool section, elsewhere;
};

struct file {
    const char *setting, *path; /* path: as it was set, or NULL */
    const char *dflt;           /* below the home folder */
    bool config;                /* sections are called "profile NAME" */
};

static bool is_section(struct sv line, const char *name, bool config)
{
    struct sv inside;

    if (line.n < 2 || line.p[line.n - 1] != ']')
        return false;
    inside = sv_trim((struct sv){line.p + 1, line.n - 2});
    if (config && sv_starts(inside, "profile ") && inside.n > 8)
        inside = sv_trim((struct sv){inside.p + 8, inside.n - 8});
    else if (config && !sv_eqz(inside, "default"))
        return false;
    return sv_eqz(inside, name);
}

static void take(struct sv value, struct str *into)
{
    str_reset(into);
    str_addv(into, value);
}

/* "name = value   # comment" */
static void read_line(struct sv line, struct creds_key *key, struct found *found)
{
    static const char *const elsewhere[] = {"role_arn", "credential_process", "sso_session",
                                            "sso_start_url", "web_identity_token_file"};
    struct sv name, value;

    if (!sv_pair(line, '=', &name, &value))
        return;
    for (size_t i = 1; i < value.n; i++)
        if (strchr("#;", value.p[i]) && strchr(" \t", value.p[i - 1]))
            value = sv_trim((struct sv){value.p, i - 1});
    if (sv_ieqz(name, "aws_access_key_id"))
        take(value, &key->id);
    else if (sv_ieqz(name, "aws_secret_access_key"))
        take(value, &key->secret);
    else if (sv_ieqz(name, "aws_session_token"))
        take(value, &key->token);
    for (size_t i = 0; i < COUNT_OF(elsewhere); i++)
        found->elsewhere = found->elsewhere || sv_ieqz(name, elsewhere[i]);
}

static void read_text(struct sv text, const char *name, bool config, struct creds_key *key,
                      struct found *found)
{
    bool inside = false;

    while (text.n > 0) {
        bool nested = text.p[0] == ' ' || text.p[0] == '\t'; /* belongs to the line before */
        struct sv line = sv_trim(sv_cut_line(&text));

        if (line.n == 0 || nested || strchr("#;", line.p[0]))
            continue;
        if (line.p[0] == '[') {
            inside = is_section(line, name, config);
            found->section = found->section || inside;
        } else if (inside) {
            read_line(line, key, found);
        }
    }
}

static bool read_file(const struct creds_conf *conf, const struct file *file, struct creds_key *key,
                      struct found *found, struct err *err)
{
    AUTO(creds_wipe) struct str text = STR_INIT(CREDS_FILE_MAX);
    AUTO(str_free) struct str path = STR_INIT(PATH_SIZE);
    const char *name = creds_set(conf->profile) ? conf->profile : "default";

    if (creds_set(file->path))
        str_addz(&path, file->path);
    else if (creds_set(conf->home))
        str_addf(&path, "%s/.aws/%s", conf->home, file->dflt);
    if (path.n == 0 || (!creds_set(file->path) && access(path.p, F_OK) != 0))
        return true;
    if (!creds_read_file(file->setting, path.p, &text, err))
        return false;
    read_text(str_sv(&text), name, file->config, key, found);
    return true;
}

static bool judge(const struct creds_conf *conf, const struct creds_key *key,
                  const struct found *found, bool *present, struct err *err)
{
    const char *name = creds_set(conf->profile) ? conf->profile : "default";

    *present = key->id.n > 0 && key->secret.n > 0;
    if (*present)
        return true;
    if (key->id.n > 0 || key->secret.n > 0)
        return err_set(err, ERR_BAD_REQUEST,
                       "profile \"%s\" lacks aws_access_key_id or aws_secret_access_key", name);
    if (found->elsewhere)
        return err_set(err, ERR_BAD_REQUEST,
                       "profile \"%s\" takes its keys from a role, SSO or a program, which is not "
                       "read here: name a profile with keys in AWS_PROFILE, or set "
                       "AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE",
                       name);
    if (!creds_set(conf->profile))
        return true;
    return err_set(err, ERR_BAD_REQUEST, "AWS_PROFILE: %s \"%s\"",
                   found->section ? "there are no keys in profile" : "there is no profile", name);
}

bool creds_profile(const struct creds_conf *conf, struct creds_key *key, bool *present,
                   struct err *err)
{
    const struct file files[] = {
        {"AWS_SHARED_CREDENTIALS_FILE", conf->credentials_file, "credentials", false},
        {"AWS_CONFIG_FILE", conf->config_file, "config", true}};
    struct found found = {false, false};

    for (size_t i = 0; i < COUNT_OF(files) && key->id.n == 0 && key->secret.n == 0; i++)
        if (!read_file(conf, &files[i], key, &found, err))
            return false;
    return judge(conf, key, &found, present, err);
}
