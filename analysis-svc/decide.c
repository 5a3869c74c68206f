/* decide.c - the answer's class picks the branch; every branch ends in fates and an ending. */
#include "analysis-svc/decide.h"

#include "analysis-svc/claim.h"

struct choice {
    const struct flight *f;
    const struct decide_in *in;
    struct fate *fates;
    struct ending end;
};

static unsigned this_one(const struct choice *c)
{
    return c->f->place >= 0 ? 1U << c->f->place : 0;
}

/* Is there a provider that was neither tried nor refuses? */
static bool another(const struct choice *c)
{
    return (c->end.tried | c->end.refused | this_one(c)) != c->in->all;
}

static void all_again(struct choice *c)
{
    for (size_t i = 0; i < c->f->n; i++)
        c->fates[i] = (struct fate){.todo = FATE_AGAIN};
}

/* The whole job once more, unless it has come round too often. */
static void ready(struct choice *c, int64_t due_ms)
{
    all_again(c);
    c->end.to = JOB_READY;
    c->end.due_ms = due_ms;
}

/* The good ones are stored, all others end. */
static void end_rest(struct choice *c, enum fail_code why)
{
    bool any = false;

    for (size_t i = 0; i < c->f->n; i++) {
        bool good = c->in->good[i];

        c->fates[i] = (struct fate){.todo = good ? FATE_STORE : FATE_FAIL, .fail = why};
        any = any || good;
    }
    c->end.to = any ? JOB_DONE : JOB_DEAD;
    c->end.fail = any ? FAIL_NONE : why;
}

static void again_or_end(struct choice *c, int64_t due_ms, enum fail_code why)
{
    if (c->f->deliveries >= DELIVERIES_MAX)
        end_rest(c, why);
    else
        ready(c, due_ms);
}

static int64_t wait_ms(struct choice *c)
{
    int64_t floor = c->in->retry_after_ms > 0 ? c->in->retry_after_ms : 0;

    c->end.waits = 1;
    return retry_wait_ms(c->in->retry, (unsigned)c->f->retries, floor, c->in->unit);
}

/* ---- split ---- */

static size_t bad_count(const struct choice *c)
{
    size_t bad = 0;

    for (size_t i = 0; i < c->f->n; i++)
        bad += !c->in->good[i];
    return bad;
}

/* Halves first, then singles: no lineage is judged more than ATTEMPTS_MAX times. */
static size_t child_size(const struct choice *c)
{
    return c->f->attempts + 1 >= 2 || c->f->asked < 4 ? 1 : c->f->asked / 2;
}

static void split(struct choice *c)
{
    size_t size = child_size(c), in_group = 0;
    unsigned group = 0;

    for (size_t i = 0; i < c->f->n; i++) {
        c->fates[i] = (struct fate){.todo = FATE_STORE};
        if (c->in->good[i])
            continue;
        if (in_group == size) {
            group++;
            in_group = 0;
        }
        c->fates[i] =
            (struct fate){.todo = FATE_AGAIN, .group = group, .transport = c->end.transport};
        in_group++;
    }
    c->end.to = JOB_DONE;
    c->end.groups = group + 1;
}

/* The provider said which picture it is: that one alone, the others stay together. */
static void isolate(struct choice *c, enum transport transport)
{
    bool others = false;

    for (size_t i = 0; i < c->f->n; i++) {
        bool it = (int)i == c->in->bad_image;

        c->fates[i] = (struct fate){.todo = c->in->good[i] ? FATE_STORE : FATE_AGAIN,
                                    .group = it ? 0 : 1,
                                    .transport = it ? transport : c->end.transport};
        others = others || (!it && !c->in->good[i]);
    }
    c->end.to = JOB_DONE;
    c->end.groups = others ? 2 : 1;
}

static enum fail_code reason_of(enum answer_class class)
{
    static const enum fail_code reasons[ANSWER_COUNT_] = {
        [ANSWER_OK] = FAIL_NONSENSE,          [ANSWER_NONSENSE] = FAIL_NONSENSE,
        [ANSWER_TRUNCATED] = FAIL_TRUNCATED,  [ANSWER_REFUSED] = FAIL_REFUSED,
        [ANSWER_IMAGE_BAD] = FAIL_UNREADABLE, [ANSWER_TOO_BIG] = FAIL_UNREADABLE,
        [ANSWER_IMAGE_FETCH] = FAIL_FETCH,    [ANSWER_REQUEST] = FAIL_NO_PROVIDER};

    return reasons[class] ? reasons[class] : FAIL_UNREADABLE;
}

/* Alone and still no good: another provider; for a muddled answer the same one too, a few times. */
static void alone(struct choice *c)
{
    bool muddled = c->in->class == ANSWER_OK || c->in->class == ANSWER_NONSENSE;
    bool other = another(c);

    if (c->f->attempts + 1 >= ATTEMPTS_MAX || (!other && !muddled)) {
        end_rest(c, reason_of(c->in->class));
        return;
    }
    if (c->in->class == ANSWER_TRUNCATED) /* the same call once more would end the same way */
        c->end.refused |= this_one(c);
    c->end.tried = other ? c->end.tried | this_one(c) : 0;
    again_or_end(c, 0, FAIL_TOO_OFTEN);
}

static void smaller(struct choice *c)
{
    c->end.judged = 1;
    if (bad_count(c) == 0)
        end_rest(c, FAIL_NONE);
    else if (c->f->asked <= 1)
        alone(c);
    else if (c->f->attempts + 1 >= ATTEMPTS_MAX)
        end_rest(c, reason_of(c->in->class));
    else if (c->in->bad_image >= 0 && c->in->class != ANSWER_OK)
        isolate(c, c->end.transport);
    else
        split(c);
}

/* ---- the other branches ---- */

static void next_rung(struct choice *c)
{
    if (c->f->sent_by == TRANSPORT_BASE64) {
        smaller(c);
        return;
    }
    if (c->f->asked > 1 && c->in->bad_image >= 0) {
        isolate(c, TRANSPORT_BASE64);
        return;
    }
    c->end.transport = TRANSPORT_BASE64;
    again_or_end(c, 0, FAIL_TOO_OFTEN);
}

static void fall_back(struct choice *c)
{
    if (another(c)) {
        c->end.tried |= this_one(c);
        again_or_end(c, 0, FAIL_TOO_OFTEN);
        return;
    }
    c->end.tried = 0;
    again_or_end(c, wait_ms(c), FAIL_TOO_OFTEN);
}

static void blocked(struct choice *c)
{
    c->end.refused |= this_one(c);
    if (c->end.refused == c->in->all)
        end_rest(c, FAIL_NO_PROVIDER);
    else
        again_or_end(c, 0, FAIL_TOO_OFTEN);
}

static void branch(struct choice *c)
{
    switch (answer_do(c->in->class)) {
    case DO_JUDGE:
    case DO_SPLIT:
        smaller(c);
        break;
    case DO_TRANSPORT:
        next_rung(c);
        break;
    case DO_RETRY:
        again_or_end(c, wait_ms(c), FAIL_TOO_OFTEN);
        break;
    case DO_AGAIN:
        again_or_end(c, 0, FAIL_TOO_OFTEN);
        break;
    case DO_FALLBACK:
        fall_back(c);
        break;
    case DO_BLOCK:
        blocked(c);
        break;
    case DO_FAIL:
        end_rest(c, reason_of(c->in->class));
        break;
    }
}

struct ending decide(const struct flight *f, const struct decide_in *in, struct fate *fates)
{
    struct choice c = {.f = f, .in = in, .fates = fates};

    c.end = (struct ending){.transport = f->transport, .tried = f->tried, .refused = f->refused};
    if (f->asked == 0) /* every answer was stored already */
        end_rest(&c, FAIL_NONE);
    else
        branch(&c);
    return c.end;
}
