/* post_snapshots.c - POST /upload: one form, many files, a result for each. */
#include "common/log.h"
#include "upload-svc/handlers.h"
#include "upload-svc/hub.h"
#include "upload-svc/intake.h"
#include "upload-svc/metrics.h"
#include "upload-svc/record.h"
#include "upload-svc/relay.h"
#include "upload-svc/store.h"

struct tally {
    size_t kept, rejected;
};

static bool is_kept(const struct intake_file *f)
{
    return f->fate == INTAKE_RECORDED || f->fate == INTAKE_SAME;
}

static struct tally count(const struct intake *in)
{
    struct tally t = {0, 0};

    for (size_t i = 0; i < in->file_count; i++)
        *(is_kept(&in->files[i]) ? &t.kept : &t.rejected) += 1;
    return t;
}

static void write_kept(struct jw *w, struct app *app, const struct intake_file *f)
{
    bool same = f->fate == INTAKE_SAME;
    const struct snapshot_word *word =
        same ? store_word(app, f->id) : &snapshot_words[SNAPSHOT_PENDING];

    jw_open(w, '{');
    jw_int(w, "id", f->id);
    jw_text(w, "uuid", same ? f->same_uuid.text : f->uuid.text);
    jw_text(w, "fileName", f->name);
    jw_text(w, "s3Key", same ? f->same_key : f->key);
    jw_text(w, "sha256", f->object.sha256);
    jw_int(w, "bytes", f->object.size);
    jw_int(w, "width", f->width);
    jw_int(w, "height", f->height);
    jw_text(w, "state", word->wire);
    jw_text(w, "processingStatus", word->old);
    jw_text(w, "uploadedAt", f->uploaded_at);
    if (same)
        jw_int(w, "duplicateOf", f->id);
    jw_close(w);
}

static void write_rejected(struct jw *w, const struct intake_file *f)
{
    jw_open(w, '{');
    jw_text(w, "fileName", f->name);
    jw_text(w, "code", err_wire(f->err.code));
    jw_text(w, "message",
            err_http(f->err.code) < 500 ? f->err.msg : "not stored; send this file again");
    jw_bool(w, "retry", err_again(f->err.code));
    jw_close(w);
}

static void write_files(struct jw *w, const struct intake *in, bool kept)
{
    jw_key(w, kept ? "snapshots" : "rejected");
    jw_open(w, '[');
    for (size_t i = 0; i < in->file_count; i++) {
        if (is_kept(&in->files[i]) != kept)
            continue;
        if (kept)
            write_kept(w, in->app, &in->files[i]);
        else
            write_rejected(w, &in->files[i]);
    }
    jw_close(w);
}

/* None was stored: the answer is the first one's, or that of one which may be sent again. */
static enum err_code worst(const struct intake *in)
{
    for (size_t i = 0; i < in->file_count; i++)
        if (err_http(in->files[i].err.code) >= 500)
            return in->files[i].err.code;
    return in->files[0].err.code;
}

/* "2 of 3 pictures stored"; for a single file that was refused, why. */
static const char *summary(const struct intake *in, struct tally t)
{
    const struct err *why = &in->files[0].err;

    if (in->file_count == 1 && t.kept == 0 && err_http(why->code) < 500)
        return why->msg;
    return arena_printf(req_arena(in->req), "%zu of %zu picture%s stored", t.kept, in->file_count,
                        in->file_count == 1 ? "" : "s");
}

static void answer_files(const struct intake *in, struct reply *reply)
{
    struct jw w = jw_on(&reply->body);
    struct tally t = count(in);

    reply_json(reply, t.rejected == 0 ? 201 : t.kept > 0 ? 207 : err_http(worst(in)));
    jw_open(&w, '{');
    jw_bool(&w, "success", t.rejected == 0);
    if (t.kept == 0)
        jw_text(&w, "code", err_wire(worst(in)));
    jw_text(&w, "message", summary(in, t));
    jw_text(&w, "requestId", req_id(in->req));
    jw_text(&w, "setId", in->form.set_id.text);
    write_files(&w, in, true);
    write_files(&w, in, false);
    jw_close(&w);
    if (reply->status == 503)
        reply_header(reply, "Retry-After", "5");
}

/* Fields are at fault: all of them are told, and nothing stays. */
static void answer_faults(const struct intake *in, struct reply *reply)
{
    struct jw w = jw_on(&reply->body);
    const struct form_fault *first = &in->form.faults[0];

    reply_json(reply, err_http(first->code));
    jw_open(&w, '{');
    jw_bool(&w, "success", false);
    jw_text(&w, "code", err_wire(first->code));
    jw_text(&w, "message",
            arena_printf(req_arena(in->req), "%s: %s", first->field, first->message));
    jw_text(&w, "requestId", req_id(in->req));
    form_write_faults(&in->form, &w);
    jw_close(&w);
}

static void note_files(const struct intake *in)
{
    for (size_t i = 0; i < in->file_count; i++) {
        const struct intake_file *f = &in->files[i];

        metric_add(M_FILES, is_kept(f) ? ERR_NONE : f->err.code, 1);
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

static bool take_form(struct intake *in, struct reply *reply, struct err *err)
{
    if (!intake_read(in, err))
        return false;
    if (form_ok(&in->form) && any_stored(in) && !record_form(in, err) && form_ok(&in->form))
        return false;
    if (!form_ok(&in->form)) {
        *err = (struct err)ERR_INIT; /* a set that does not fit is told as a fault */
        answer_faults(in, reply);
        return true;
    }
    intake_undo(in); /* of what was not recorded, before anybody is told */
    note_files(in);
    answer_files(in, reply);
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
    if (ok && count(in).kept > 0)
        relay_wake(app->relay);
    return ok;
}
