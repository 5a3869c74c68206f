/* reextract.c - sets a page at a time; each set that has something due is one transaction. */
#include "analysis-svc/reextract.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/bulk.h"
#include "analysis-svc/fail.h"
#include "analysis-svc/jobs.h"
#include "analysis-svc/queries.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/str.h"

enum { WAIT_MS = 5000, SHEETS_AT_ONCE = 200 };

struct again {
    struct app *app;
    const struct reextract_ask *ask;
    const struct extractor *x;
    struct plan_limits limits;
    struct reextract_counts *out;
};

/* Rows first .. end - 1 of a page: the pictures of one set. */
struct set {
    const struct db_rows *rows;
    size_t first, end;
};

/* ---- the words ---- */

bool reextract_parse(int argc, char *const argv[], struct reextract_ask *out, struct err *err)
{
    static const char usage[] = "write --reextract NAME --since YYYY-MM-DD, and --dry-run to see "
                                "first what it costs";
    struct reextract_ask ask = {.since = NULL};
    int64_t day;

    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc && strncmp(argv[i + 1], "--", 2) != 0;

        if (strcmp(argv[i], "--dry-run") == 0)
            ask.dry = true;
        else if (strcmp(argv[i], "--reextract") == 0 && more && !ask.name)
            ask.name = argv[++i];
        else if (strcmp(argv[i], "--since") == 0 && more && !ask.since)
            ask.since = argv[++i];
        else
            return err_set(err, ERR_BAD_REQUEST, "%s", usage);
    }
    if (!ask.name || !ask.since)
        return err_set(err, ERR_BAD_REQUEST, "%s", usage);
    if (!clock_parse_day(sv_of(ask.since), &day))
        return err_set(err, ERR_BAD_REQUEST, "--since: \"%.40s\" is no day; write YYYY-MM-DD",
                       ask.since);
    *out = ask;
    return true;
}

/* ---- what it takes ---- */

static bool is(const struct set *s, size_t i, const char *fate)
{
    return strcmp(db_text(s->rows, i, "fate"), fate) == 0;
}

static void count(struct reextract_counts *c, const struct set *s, size_t i)
{
    c->seen++;
    c->done += is(s, i, "done");
    c->waiting += is(s, i, "waiting");
    c->rejected += is(s, i, "rejected");
    c->unread += is(s, i, "unread");
    c->due += is(s, i, "due");
    c->cached += is(s, i, "due") && db_bool(s->rows, i, "cached");
}

static void add_call(struct again *a, const struct plan_image *asked, size_t n)
{
    a->out->calls++;
    for (size_t i = 0; i < a->app->roster.n; i++) {
        const struct provider *p = &a->app->roster.items[i];
        struct provider_usage used = plan_usage(p, asked, n, a->limits.text_tokens);

        a->out->of[i].usage.input += used.input;
        a->out->of[i].usage.output += used.output;
        a->out->of[i].cost_micro_usd += provider_cost(p, &used);
    }
}

static void pictures_free(struct plan_image **list)
{
    free(*list);
    *list = NULL;
}

static struct plan_image *pictures(const struct set *s)
{
    struct plan_image *list = calloc(s->end - s->first + 1, sizeof *list);

    if (!list)
        abort();
    return list;
}

/* One job, as jobs.h makes them: those whose answer is known go along and cost nothing. */
static void add_group(struct again *a, const struct set *s, const struct plan_image *group,
                      size_t take)
{
    AUTO(pictures_free) struct plan_image *asked = pictures(s);
    size_t n = 0;

    for (size_t i = s->first, at = 0; i < s->end && at < take; i++) {
        if (db_int(s->rows, i, "snapshot_id") != group[at].snapshot_id)
            continue;
        if (!db_bool(s->rows, i, "cached"))
            asked[n++] = group[at];
        at++;
    }
    if (n > 0)
        add_call(a, asked, n);
}

static void add_set(struct again *a, const struct set *s)
{
    AUTO(pictures_free) struct plan_image *due = pictures(s);
    size_t n = 0;

    for (size_t i = s->first; i < s->end; i++) {
        count(a->out, s, i);
        if (is(s, i, "due"))
            due[n++] = jobs_picture(s->rows, i);
    }
    a->out->sets += n > 0;
    for (size_t at = 0, take; at < n; at += take) {
        take = plan_take(due + at, n - at, &a->limits);
        add_group(a, s, due + at, take);
    }
}

/* ---- doing it ---- */

static bool has_room(struct again *a, struct db_conn *conn, struct err *err)
{
    AUTO(db_rows_free) struct db_rows *rows = NULL;
    int64_t most = a->app->conf.queue_max;

    if (!db_run(conn, Q_QUEUE_DEPTH, &rows, err, P(most + 1)))
        return false;
    return db_int(rows, 0, "n") < most ||
           err_set(err, ERR_BUSY,
                   "the queue is full (QUEUE_MAX): say the same again later, what is queued by "
                   "then is passed over");
}

static bool queue_set(struct again *a, const struct set *s, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *taken = NULL;
    const struct id batch = id_new();
    const char *set = db_text(s->rows, s->first, "set_id");
    const struct jobs_order order = {batch.text, set, a->x, REEXTRACT_PRIORITY,
                                     REEXTRACT_DEADLINE_S};
    size_t jobs;

    if (!db_lease(a->app->db, WAIT_MS, &conn, err) || !has_room(a, conn, err) ||
        !db_begin(conn, err) || !db_run(conn, Q_SHEET_LOCK, NULL, err, P(set)) ||
        !db_run(conn, Q_REEXTRACT_TAKE, &taken, err, P(batch.text), P(set), P(a->x->name),
                P(a->x->version), P((int)REEXTRACT_PRIORITY), P((int64_t)REEXTRACT_DEADLINE_S),
                P(image_state_sources(IMAGE_WAITING))))
        return false;
    if (db_count(taken) == 0) /* another hand was faster */
        return true;
    if (!jobs_born(a->app, conn, &order, taken, &jobs, err) || !db_commit(conn, err))
        return false;
    a->out->queued += db_count(taken);
    a->out->jobs += jobs;
    return true;
}

/* ---- the whole ---- */

static bool handle_set(struct again *a, const struct set *s, struct err *err)
{
    size_t before = a->out->due;

    add_set(a, s);
    return a->ask->dry || a->out->due == before || queue_set(a, s, err);
}

/* *last: the sheet to go on behind. */
static bool handle_page(struct again *a, const struct db_rows *rows, int64_t *last, struct err *err)
{
    struct set s = {.rows = rows};

    for (; s.first < db_count(rows); s.first = s.end) {
        *last = db_int(rows, s.first, "sheet_id");
        for (s.end = s.first; s.end < db_count(rows); s.end++)
            if (db_int(rows, s.end, "sheet_id") != *last)
                break;
        if (!handle_set(a, &s, err))
            return false;
    }
    return true;
}

static bool list_page(struct again *a, int64_t behind, struct db_rows **rows, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(str_free) struct str models = STR_INIT(1024);

    roster_models(&a->app->roster, &models);
    return db_lease(a->app->db, WAIT_MS, &conn, err) &&
           db_run(conn, Q_REEXTRACT_LIST, rows, err, P(a->x->name), P(a->ask->since),
                  P(a->x->version), P(models.p), P(behind), P((int)SHEETS_AT_ONCE));
}

static bool same_version(struct again *a, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL;

    if (!db_lease(a->app->db, WAIT_MS, &conn, err) ||
        !db_run(conn, Q_REEXTRACT_OTHERS, &rows, err, P(a->x->name), P(a->x->version)))
        return false;
    if (db_int(rows, 0, "n") == 0)
        return true;
    return err_set(err, ERR_CONFLICT,
                   "%" PRId64 " analysis-svc at work would read with version %s of %s, not %d: "
                   "restart it with this folder first",
                   db_int(rows, 0, "n"), db_text(rows, 0, "versions"), a->x->name, a->x->version);
}

static bool find_extractor(struct again *a, struct err *err)
{
    AUTO(str_free) struct str names = STR_INIT(200);
    const struct extractors *all = &a->app->extractors;

    a->x = extractors_find(all, a->ask->name);
    if (a->x)
        return true;
    for (size_t i = 0; i < all->n; i++)
        str_addf(&names, "%s%s", i ? ", " : "", all->items[i].name);
    return err_set(err, ERR_NOT_FOUND, "there is no extractor \"%.60s\", only %s", a->ask->name,
                   names.p);
}

bool reextract_run(struct app *app, const struct reextract_ask *ask, struct reextract_counts *out,
                   struct err *err)
{
    struct again a = {.app = app, .ask = ask, .out = out};
    int64_t last = 0;

    *out = (struct reextract_counts){.seen = 0};
    if (!find_extractor(&a, err) || (!ask->dry && !same_version(&a, err)))
        return false;
    a.limits = jobs_limits(app, a.x);
    for (;;) {
        AUTO(db_rows_free) struct db_rows *rows = NULL;

        if (!list_page(&a, last, &rows, err) || !handle_page(&a, rows, &last, err))
            return false;
        if (db_count(rows) == 0)
            return true;
    }
}

/* ---- telling ---- */

static const char *plural(size_t n) { return n == 1 ? "" : "s"; }

static void line(struct str *out, const char *what, size_t n, const char *why)
{
    str_addf(out, "  %-24s %8zu%s%s\n", what, n, *why ? "   " : "", why);
}

static void usd(struct str *out, bool known, double micro_usd)
{
    if (known)
        str_addf(out, " %12.4f", micro_usd / 1e6);
    else
        str_addf(out, " %12s", "-");
}

/* bulk: they go through the providers' Batch APIs, where there are such. */
static void report_costs(const struct app *app, const struct reextract_counts *c, bool bulk,
                         struct str *out)
{
    str_addf(out, "\n%-12s %-28s %14s %14s %12s%s\n", "provider", "model", "tokens in",
             "tokens out", "USD", bulk ? " USD in batch" : "");
    for (size_t i = 0; i < app->roster.n; i++) {
        const struct provider *p = &app->roster.items[i];
        bool priced = p->caps.price_in > 0 || p->caps.price_out > 0;
        double cost = (double)c->of[i].cost_micro_usd;

        str_addf(out, "%-12s %-28.28s %14" PRId64 " %14" PRId64, p->name, p->model,
                 c->of[i].usage.input, c->of[i].usage.output);
        usd(out, priced, cost);
        if (bulk)
            usd(out, priced && p->caps.batch_percent > 0,
                cost * (double)p->caps.batch_percent / 100);
        str_addc(out, '\n');
    }
    str_addz(out,
             "Estimates that err upwards, each as if that provider answered all of it. -: no price "
             "is known.\n");
    if (bulk)
        str_addz(out, "They have a week, so they go through a Batch API where there is one: "
                      "HALF_PRICE_FROM.\n");
}

void reextract_report(const struct app *app, const struct reextract_ask *ask,
                      const struct reextract_counts *c, struct str *out)
{
    const struct extractor *x = extractors_find(&app->extractors, ask->name);

    str_addf(out, "%s, version %d, pictures of %s and later:\n", ask->name, x ? x->version : 0,
             ask->since);
    line(out, "all", c->seen, "");
    line(out, "read with this version", c->done, "left alone");
    line(out, "waiting already", c->waiting, "left alone");
    line(out, "rejected by a person", c->rejected, "left alone");
    line(out, "never read", c->unread, "left alone: retry them instead");
    line(out, "to be read again", c->due, "");
    line(out, "  from the cache", c->cached, "the same bytes were read already: no call");
    str_addf(out, "  in %zu call%s for %zu set%s\n", c->calls, plural(c->calls), c->sets,
             plural(c->sets));
    report_costs(app, c, bulk_wanted(app, REEXTRACT_DEADLINE_S), out);
    if (ask->dry)
        str_addz(out, "\nA dry run: nothing was queued.\n");
    else
        str_addf(out, "\nQueued: %zu picture%s in %zu job%s of priority %d.\n", c->queued,
                 plural(c->queued), c->jobs, plural(c->jobs), REEXTRACT_PRIORITY);
}
