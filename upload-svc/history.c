/* history.c - GET /history: pictures, newest first, by filter, by page or by a cursor that stays
 * right while new ones come in. */
#include <string.h>

#include "common/clock.h"
#include "upload-svc/handlers.h"
#include "upload-svc/queries.h"
#include "upload-svc/row.h"
#include "upload-svc/state.h"
#include "upload-svc/store.h"

enum { LIMIT_DEFAULT = 20, LIMIT_MAX = 200, PAGE_MAX = 1000000, FILTERS = 6 };
enum { COUNTED = 1000 }; /* fifty pages; beyond it a count takes longer than it is worth */

/* A list of pictures and how it is asked for; states: bits of those that it shows, 0 for all that
 * are not deleted. */
struct list {
    unsigned states;
    int page, page_alone, count, count_alone;
};
#define LIST(name, states)                                                                         \
    {                                                                                              \
        states, Q_HISTORY_##name, Q_HISTORY_##name##_ALONE, Q_COUNT_##name, Q_COUNT_##name##_ALONE \
    }
#define STATE(name) (1u << SNAPSHOT_##name)
static const struct list lists[] = {
    LIST(ANY, 0),
    LIST(PENDING, STATE(PENDING)),
    LIST(PROCESSING, STATE(PROCESSING)),
    LIST(COMPLETED, STATE(COMPLETED)),
    LIST(NEEDS_REVIEW, STATE(NEEDS_REVIEW)),
    LIST(READ, STATE(COMPLETED) | STATE(NEEDS_REVIEW)),
    LIST(VALIDATED, STATE(VALIDATED)),
    LIST(FAILED, STATE(FAILED)),
    LIST(DELETED, STATE(DELETED)),
};

struct page {
    const struct list *list;
    struct db_param params[FILTERS + 3]; /* the filters, then before, limit, offset */
    struct db_param count[FILTERS + 1];  /* the filters, and how many are counted */
    int64_t page, limit;
};

/* "all" and "" of a select are no filter. */
static const char *filter(struct req *req, const char *name)
{
    const char *v = req_query(req, name);

    return v && *v != '\0' && strcmp(v, "all") != 0 ? v : NULL;
}

static bool number(struct req *req, const char *name, int64_t min, int64_t max, int64_t *out,
                   struct err *err)
{
    const char *v = filter(req, name);

    if (!v)
        return true;
    if (!sv_int(sv_of(v), out) || *out < min || *out > max)
        return err_set(err, ERR_BAD_REQUEST, "%s: a number from %lld to %lld is wanted", name,
                       (long long)min, (long long)max);
    return true;
}

/* A day, or a time that begins with one. */
static bool day(struct req *req, const char *name, struct db_param *out, struct err *err)
{
    const char *v = filter(req, name);
    int64_t t;

    *out = P_NULL;
    if (!v)
        return true;
    if (strlen(v) < 10 || !clock_parse_day((struct sv){v, 10}, &t))
        return err_set(err, ERR_BAD_REQUEST, "%s: YYYY-MM-DD is wanted", name);
    *out = P(((struct sv){v, 10}));
    return true;
}

/* status: an old word means all states that show as it; state: exactly one of the new words. */
static unsigned bits_of(const char *state, const char *status)
{
    unsigned bits = 0;

    for (unsigned i = 0; i < COUNT_OF(snapshot_words); i++) {
        const struct snapshot_word *w = &snapshot_words[i];

        if (state ? strcmp(w->wire, state) == 0
                  : strcmp(w->wire, status) == 0 ||
                        (strcmp(w->old, status) == 0 && i != SNAPSHOT_DELETED))
            bits |= 1u << i;
    }
    return bits;
}

static bool find_list(struct req *req, const struct list **out, struct err *err)
{
    const char *state = filter(req, "state"), *status = filter(req, "status");
    unsigned wanted;

    *out = &lists[0];
    if (!state && !status)
        return true;
    wanted = bits_of(state, status);
    for (size_t i = 1; i < COUNT_OF(lists); i++)
        if (lists[i].states == wanted) {
            *out = &lists[i];
            return true;
        }
    return err_set(err, ERR_BAD_REQUEST, "%s: no such state; GET /api/meta lists them",
                   state ? "state" : "status");
}

static bool read_page(struct req *req, struct page *p, struct err *err)
{
    int64_t before = 0, campaign = 0;

    p->page = 1;
    p->limit = LIMIT_DEFAULT;
    if (!number(req, "page", 1, PAGE_MAX, &p->page, err) ||
        !number(req, "limit", 1, LIMIT_MAX, &p->limit, err) ||
        !number(req, "cursor", 1, INT64_MAX, &before, err) ||
        !number(req, "campaignId", 1, INT64_MAX, &campaign, err) ||
        !find_list(req, &p->list, err) || !day(req, "startDate", &p->params[3], err) ||
        !day(req, "endDate", &p->params[4], err))
        return false;
    p->params[0] = P(filter(req, "platformSource"));
    p->params[1] = campaign > 0 ? P(campaign) : P_NULL;
    p->params[2] = P(filter(req, "snapshotType"));
    p->params[5] = P(filter(req, "q"));
    p->params[6] = before > 0 ? P(before) : P_NULL;
    p->params[7] = P(p->limit);
    p->params[8] = P(before > 0 ? 0 : (p->page - 1) * p->limit);
    memcpy(p->count, p->params, FILTERS * sizeof p->params[0]);
    p->count[FILTERS] = P((int64_t)COUNTED);
    return true;
}

static void write_snapshots(struct jw *w, const struct db_rows *rows)
{
    jw_key(w, "snapshots");
    jw_open(w, '[');
    for (size_t i = 0; i < db_count(rows); i++) {
        jw_open(w, '{');
        row_write_status(w, rows, i);
        row_write_list(w, rows, i);
        jw_close(w);
    }
    jw_close(w);
}

static void write_pagination(struct jw *w, const struct page *p, const struct db_rows *rows,
                             int64_t total)
{
    size_t n = db_count(rows);

    jw_key(w, "pagination");
    jw_open(w, '{');
    jw_int(w, "page", p->page);
    jw_int(w, "limit", p->limit);
    jw_int(w, "total", total);
    jw_bool(w, "totalIsLeast", total == COUNTED);
    jw_int(w, "pages", (total + p->limit - 1) / p->limit);
    if ((int64_t)n == p->limit)
        jw_text(w, "nextCursor", db_text(rows, n - 1, "id"));
    else
        jw_text(w, "nextCursor", NULL);
    jw_close(w);
}

/* How many there are in all, where a page that is not full says so; else -1. */
static int64_t last_of(const struct page *p, size_t n)
{
    int64_t before = (p->page - 1) * p->limit, all = before + (int64_t)n;
    bool by_cursor = p->params[FILTERS].type != DB_P_NULL;

    return !by_cursor && (int64_t)n < p->limit && (n > 0 || before == 0) && all <= COUNTED ? all
                                                                                           : -1;
}

bool get_history(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(db_rows_free) struct db_rows *rows = NULL, *total = NULL;
    struct app *app = req_app(req);
    struct jw w = jw_on(&reply->body);
    struct page p;
    struct store_ask page = {.params = p.params, .n = COUNT_OF(p.params)};
    struct store_ask count = {.params = p.count, .n = COUNT_OF(p.count)};
    int64_t all;

    if (!read_page(req, &p, err) || !db_lease(app->db, APP_DB_WAIT_MS, &conn, err))
        return false;
    page.late = p.list->page;
    page.alone = p.list->page_alone;
    count.late = p.list->count;
    count.alone = p.list->count_alone;
    if (!store_read(conn, &page, &rows, err))
        return false;
    all = last_of(&p, db_count(rows));
    if (all < 0 && store_read(conn, &count, &total, err))
        all = db_int(total, 0, "total");
    if (all < 0)
        return false;
    jw_open(&w, '{');
    jw_bool(&w, "success", true);
    write_snapshots(&w, rows);
    write_pagination(&w, &p, rows, all);
    jw_close(&w);
    return true;
}
