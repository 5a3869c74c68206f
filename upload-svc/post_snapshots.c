/* post_snapshots.c - POST /upload: one form, many files, a result for each. */
#include <inttypes.h>
#include <stdatomic.h>

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

static bool no_room(const struct app *app, struct err *err)
{
    return err_set_later(err, ERR_BUSY, 5, "%" PRId64 " forms are being taken in already",
                         app->conf.uploads);
}

bool post_snapshots_admit(struct app *app, const struct req *req, struct err *err)
{
    if (!intake_length_ok(app, req, err))
        return false;
    if (atomic_load(&app->forms) < app->conf.uploads)
        return true;
    metric_add(M_REFUSED, ERR_BUSY, 1);
    return no_room(app, err);
}

static void form_leave(struct app **app)
{
    atomic_fetch_sub(&(*app)->forms, 1);
    metric_add(M_FORMS, 0, -1);
}

bool post_snapshots(struct req *req, struct reply *reply, struct err *err)
{
    AUTO(form_leave) struct app *app = req_app(req);
    AUTO(intake_close) struct intake *in = NULL;
    bool ok;

    metric_add(M_FORMS, 0, 1);
    if (atomic_fetch_add(&app->forms, 1) >= app->conf.uploads)
        return no_room(app, err);
    ok = intake_open(app, req, &in, err) && take_form(in, reply, err);
    if (ok && answer_kept(in) > 0)
        relay_news(app->relay);
    return ok;
}
