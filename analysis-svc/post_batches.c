/* post_batches.c - POST /internal/v1/batches: 202 new, 200 known, 422 with the items at fault. */
#include <stdio.h>

#include "analysis-svc/accept.h"
#include "analysis-svc/metrics.h"
#include "analysis-svc/routes.h"
#include "common/json_write.h"
#include "common/log.h"

enum { RETRY_AFTER_S = 10 };

/* The relay ends these pictures with the reason and sends the rest as a new batch. */
static void write_faults(struct req *req, struct reply *reply, const struct batch *b,
                         const struct err *why)
{
    struct jw w;

    reply_json(reply, err_http(why->code));
    w = jw_on(&reply->body);
    jw_open(&w, '{');
    jw_bool(&w, "success", false);
    jw_text(&w, "code", err_wire(why->code));
    jw_text(&w, "message", why->msg);
    jw_text(&w, "requestId", req_id(req));
    jw_key(&w, "items");
    jw_open(&w, '[');
    for (size_t i = 0; i < b->n; i++) {
        if (b->list[i].reason[0] == '\0')
            continue;
        jw_open(&w, '{');
        jw_int(&w, "snapshot_id", b->list[i].snapshot_id);
        jw_text(&w, "reason", b->list[i].reason);
        jw_close(&w);
    }
    jw_close(&w);
    jw_close(&w);
}

static void write_accepted(struct reply *reply, const struct batch *b, const struct accepted *a)
{
    struct jw w;

    reply_json(reply, a->known ? 200 : 202);
    w = jw_on(&reply->body);
    jw_open(&w, '{');
    jw_text(&w, "batch_id", b->id.text);
    jw_text(&w, "state", a->state);
    jw_int(&w, "items", (int64_t)a->items);
    jw_close(&w);
}

bool post_batches(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(batch_free) struct batch b = {.root = NULL};
    struct accepted a = {.known = false};
    struct err why = ERR_INIT;
    struct sv body;
    char wait[16];

    if (!req_body(req, &body, err))
        return false;
    if (accept_batch(req_app(req), body, &b, &a, &why)) {
        metric_add(M_BATCHES, ERR_NONE, 1);
        log_info("batch.accepted", "a batch was accepted", KV_S("batch", b.id.text),
                 KV_I("items", a.items), KV_I("known", a.known), KV_S("requestId", req_id(req)));
        write_accepted(reply, &b, &a);
        return true;
    }
    metric_add(M_BATCHES, why.code, 1);
    if (why.code == ERR_UNPROCESSABLE && b.n > 0) {
        write_faults(req, reply, &b, &why);
        return true;
    }
    if (err_http(why.code) == 503) {
        snprintf(wait, sizeof wait, "%d", RETRY_AFTER_S);
        reply_header(reply, "Retry-After", wait);
    }
    *err = why;
    return false;
}
