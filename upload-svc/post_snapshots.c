/* post_snapshots.c - POST /upload: one form, many files, a result for each. */
#include "common/log.h"
#include "upload-svc/answer.h"
#include "upload-svc/handlers.h"
#include "upload-svc/hub.h"
#include "upload-svc/idempotency.h"
#include "upload-svc/intake.h"
#include "upload-svc/metrics.h"
#include "upload-svc/record.h"
#include "upload-svc/relay.h"

static void note_files(const struct intake *in)
{
    for (size_t i = 0; i < in->file_count; i++) {
        const struct intake_file *f = &in->files[i];

        metric_add(M_FILES, answer_keeps(f) ? ERR_NONE : f->err.code, 1);
        metric_add(M_DUPLICATES, 0, f->fate == INTAKE_SAME);
        if (f->fate != INTAKE_RECORDED)
            continue;
        metric_add(M_BYTES, 0, f->object.size);
        log_info("snapshot.stored", "a picture was stored", KV_I("id", f->id), KV_S("key", f->key),
                 KV_I("bytes", f->object.size), KV_I("parts", f->object.parts));
    }
}

static bool any_stored(const struct intake *in)
{
    for (size_t i = 0; i < in->file_count; i++)
        if (in->files[i].fate == INTAKE_STORED)
            return true;
    return false;
}

/* The whole form was read, and its fields are good. */
static bool record(struct intake *in, struct err *err)
{
    if (any_stored(in)) {
        if (!record_form(in, err))
            return false;
    } else {
        answer_files(in);
        if (answer_lasts(in) && !idempotency_keep_alone(in, err))
            return false;
    }
    in->answered = answer_lasts(in);
    return true;
}

static bool take_form(struct intake *in, struct reply *reply, struct err *err)
{
    if (!idempotency_claim(in, err) || !intake_read(in, err))
        return false;
    if (idempotency_repeats(in))
        return idempotency_replay(in, reply, err);
    if (form_ok(&in->form) && !record(in, err) && form_ok(&in->form))
        return false;
    if (!form_ok(&in->form)) {
        *err = (struct err)ERR_INIT; /* a set that does not fit is told as a fault */
        answer_faults(in);
    } else {
        intake_undo(in); /* of what was not recorded, before anybody is told */
        note_files(in);
    }
    answer_send(in, reply);
    return true;
}

bool post_snapshots(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(intake_close) struct intake *in = NULL;
    struct app *app = req_app(req);
    bool ok;

    if (!intake_open(app, req, &in, err))
        return false;
    metric_add(M_FORMS, 0, 1);
    ok = take_form(in, reply, err);
    metric_add(M_FORMS, 0, -1);
    if (ok && answer_kept(in) > 0)
        relay_wake(app->relay);
    return ok;
}
