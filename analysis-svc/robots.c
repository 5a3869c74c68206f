/* robots.c - see robots.h. */
#include "analysis-svc/robots.h"

#include <string.h>

/* The rule that matches longest so far, for one kind of group. */
struct verdict {
    bool spoken; /* there is such a group */
    size_t longest;
    bool forbids;
};

struct reading {
    const char *path;
    bool in_agents;        /* the lines before were User-agent lines */
    bool ours, everybodys; /* whom the present group is about */
    struct verdict us, all;
};

static bool holds(struct sv text, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + n <= text.n; i++)
        if (sv_ieqz((struct sv){text.p + i, n}, word))
            return true;
    return false;
}

static void take_agent(struct reading *r, struct sv name)
{
    if (!r->in_agents)
        r->ours = r->everybodys = false;
    r->in_agents = true;
    if (sv_eqz(name, "*"))
        r->everybodys = r->all.spoken = true;
    if (holds(name, "claude") || holds(name, "anthropic"))
        r->ours = r->us.spoken = true;
}

/* A wildcard matches anything here: a warning too many does no harm. */
static bool covers(struct sv rule, const char *path)
{
    size_t n = 0;

    while (n < rule.n && rule.p[n] != '*' && rule.p[n] != '$')
        n++;
    return rule.n > 0 && strncmp(path, rule.p, n) == 0;
}

static void weigh(struct verdict *v, struct sv rule, bool forbids)
{
    if (rule.n < v->longest || (rule.n == v->longest && forbids))
        return;
    v->longest = rule.n;
    v->forbids = forbids;
}

static void take_rule(struct reading *r, struct sv rule, bool forbids)
{
    r->in_agents = false;
    if (!covers(rule, r->path))
        return;
    if (r->ours)
        weigh(&r->us, rule, forbids);
    if (r->everybodys)
        weigh(&r->all, rule, forbids);
}

static void take_line(struct reading *r, struct sv line)
{
    const char *hash = line.n > 0 ? memchr(line.p, '#', line.n) : NULL, *colon;
    struct sv name, value;

    if (hash)
        line.n = (size_t)(hash - line.p);
    colon = line.n > 0 ? memchr(line.p, ':', line.n) : NULL;
    if (!colon)
        return;
    name = sv_trim((struct sv){line.p, (size_t)(colon - line.p)});
    value = sv_trim((struct sv){colon + 1, line.n - (size_t)(colon + 1 - line.p)});
    if (sv_ieqz(name, "user-agent"))
        take_agent(r, value);
    else if (sv_ieqz(name, "disallow") || sv_ieqz(name, "allow"))
        take_rule(r, value, sv_ieqz(name, "disallow"));
}

enum robots_say robots_read(int status, struct sv body, const char *path)
{
    struct reading r = {.path = path};

    if (status == 401 || status == 403)
        return ROBOTS_HIDDEN;
    if (status >= 400 && status < 500)
        return ROBOTS_ALLOWS;
    if (status != 200)
        return ROBOTS_SILENT;
    while (body.n > 0)
        take_line(&r, sv_cut_line(&body));
    return (r.us.spoken ? r.us.forbids : r.all.forbids) ? ROBOTS_FORBIDS : ROBOTS_ALLOWS;
}
