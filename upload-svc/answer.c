#include "upload-svc/answer.h"

#include "common/json_write.h"

enum { ANSWER_WALL = 1 << 20 };

struct tally {
    size_t kept, rejected, fresh; /* fresh: of the kept, those that will be read */
};

bool answer_keeps(const struct intake_file *f)
{
    return f->fate == INTAKE_RECORDED || f->fate == INTAKE_SAME;
}

static struct tally count(const struct intake *in)
{
    struct tally t = {0, 0, 0};

    for (size_t i = 0; i < in->file_count; i++) {
        *(answer_keeps(&in->files[i]) ? &t.kept : &t.rejected) += 1;
        t.fresh += in->files[i].fate == INTAKE_RECORDED;
    }
    return t;
}

static void write_kept(struct jw *w, const struct intake *in, size_t index)
{
    const struct intake_file *f = &in->files[index];
    bool same = f->fate == INTAKE_SAME;
    const struct snapshot_word *word = same ? f->same_word : &snapshot_words[SNAPSHOT_PENDING];

    jw_open(w, '{');
    jw_int(w, "index", (int64_t)index);
    jw_int(w, "id", f->id);
    jw_text(w, "uuid", same ? f->same_uuid.text : f->uuid.text);
    jw_text(w, "fileName", f->name);
    jw_text(w, "platformSource", in->form.platform);
    jw_text(w, "s3Key", same ? f->same_key : f->key);
    jw_text(w, "sha256", *f->object.sha256 ? f->object.sha256 : NULL);
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

static void write_rejected(struct jw *w, const struct intake_file *f, size_t index)
{
    jw_open(w, '{');
    jw_int(w, "index", (int64_t)index);
    jw_text(w, "fileName", f->name);
    jw_text(w, "code", err_wire(f->err.code));
    jw_text(w, "message",
            err_http(f->err.code) < 500 ? f->err.msg : "not stored; send this file again");
    jw_bool(w, "retry", err_again(f->err.code));
    jw_close(w);
}

/* index: which file of the form it was, from 0; names may be equal (every paste is an image.png).
 */
static void write_files(struct jw *w, const struct intake *in, bool kept)
{
    jw_key(w, kept ? "snapshots" : "rejected");
    jw_open(w, '[');
    for (size_t i = 0; i < in->file_count; i++) {
        if (answer_keeps(&in->files[i]) != kept)
            continue;
        if (kept)
            write_kept(w, in, i);
        else
            write_rejected(w, &in->files[i], i);
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
    return arena_printf(in->form.arena, "%zu of %zu picture%s stored", t.kept, in->file_count,
                        in->file_count == 1 ? "" : "s");
}

static bool any_again(const struct intake *in)
{
    for (size_t i = 0; i < in->file_count; i++)
        if (err_again(in->files[i].err.code))
            return true;
    return false;
}

static void keep(struct intake *in, int status, const struct str *text)
{
    in->status = status;
    in->answer = sv_of(arena_copy(in->form.arena, str_sv(text)));
}

void answer_files(struct intake *in)
{
    AUTO(str_free) struct str text = STR_INIT(ANSWER_WALL);
    struct tally t = count(in);
    struct jw w = jw_on(&text);

    jw_open(&w, '{');
    jw_bool(&w, "success", t.rejected == 0);
    if (t.kept == 0)
        jw_text(&w, "code", err_wire(worst(in)));
    jw_text(&w, "message", summary(in, t));
    jw_text(&w, "requestId", in->request_id);
    jw_bool(&w, "batch_processing_triggered", t.fresh > 0); /* the old front end's name */
    jw_text(&w, "setId", in->form.set_id.text);
    write_files(&w, in, true);
    write_files(&w, in, false);
    jw_close(&w);
    keep(in, t.rejected == 0 ? 201 : t.kept > 0 ? 207 : err_http(worst(in)), &text);
}

void answer_faults(struct intake *in)
{
    AUTO(str_free) struct str text = STR_INIT(ANSWER_WALL);
    const struct form_fault *first = &in->form.faults[0];
    struct jw w = jw_on(&text);

    jw_open(&w, '{');
    jw_bool(&w, "success", false);
    jw_text(&w, "code", err_wire(first->code));
    jw_text(&w, "message", arena_printf(in->form.arena, "%s: %s", first->field, first->message));
    jw_text(&w, "requestId", in->request_id);
    form_write_faults(&in->form, &w);
    jw_close(&w);
    keep(in, err_http(first->code), &text);
}

size_t answer_kept(const struct intake *in) { return count(in).kept; }

bool answer_lasts(const struct intake *in)
{
    return in->status < 500 && (count(in).kept > 0 || !any_again(in));
}

void answer_send(const struct intake *in, struct reply *reply)
{
    reply_json(reply, in->status);
    str_addv(&reply->body, in->answer);
    if (in->status == 503)
        reply_header(reply, "Retry-After", "5");
}
