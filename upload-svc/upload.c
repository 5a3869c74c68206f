#include "upload-svc/upload.h"

#include <inttypes.h>

#include "common/clock.h"
#include "common/log.h"
#include "upload-svc/arrival.h"

/* Parts will exist on S3: their upload id is made durable first. */
static bool parts_begin(void *arg, const char *upload_id, struct err *err)
{
    struct intake *in = arg;

    return arrival_parts(in->app, &in->files[in->file_count - 1].uuid, upload_id, err);
}

/* The request's own end is told from S3's: after it nothing more can be read. */
static bool next_bytes(struct intake *in, struct room room, struct sv *bytes, struct err *err)
{
    in->broken = !intake_bytes(in, room, bytes, err);
    return !in->broken;
}

static bool within_limit(const struct intake *in, uint64_t bytes, struct err *err)
{
    if (bytes <= (uint64_t)in->app->conf.file_max)
        return true;
    return err_set(err, ERR_FILE_TOO_LARGE, "larger than %" PRId64 " bytes",
                   in->app->conf.file_max);
}

struct walk {
    struct intake *in;
    struct intake_file *file;
    struct image_scan scan;
};

/* The upload's source: bytes as they arrive, looked at on the way. */
static bool pull(void *arg, struct room room, struct sv *bytes, struct err *err)
{
    struct walk *w = arg;

    if (!next_bytes(w->in, room, bytes, err) || !image_feed(&w->scan, *bytes, err) ||
        !within_limit(w->in, w->scan.offset, err))
        return false;
    return bytes->n > 0 || (image_end(&w->scan, err) && arrival_await(w->in->app, w->file, err));
}

/* Move the bytes into an S3 object while they arrive. */
static bool stream(struct intake *in, const struct multipart_part *part, struct intake_file *f,
                   struct err *err)
{
    struct walk walk = {.in = in, .file = f};
    struct s3_upload_plan plan = {.s3 = in->app->s3,
                                  .pool = in->app->pool,
                                  .key = f->key,
                                  .type = image_mime(f->type),
                                  .source = pull,
                                  .source_arg = &walk,
                                  .lent = in->lent[0] ? in->lent : NULL,
                                  .buffer_wait_ms = in->app->conf.buffer_wait,
                                  .began = parts_begin,
                                  .began_arg = in,
                                  .no_hash = !in->app->conf.sha256};
    struct s3_upload_doubt doubt;
    bool ok;

    image_begin(&walk.scan);
    intake_foretell(in, part, &plan.length, &plan.most);
    if (plan.length <= 0 && !arrival_await(in->app, f, err)) /* it may have parts */
        return false;
    ok = s3_upload(&plan, &f->object, &doubt, err);
    f->uncertain = doubt.uncertain; /* a PUT that fails may have been heard all the same */
    in->misled = in->misled || doubt.deceived;
    in->lost = !ok && doubt.deceived;
    f->width = walk.scan.width;
    f->height = walk.scan.height;
    return ok;
}

/* Row before object: after a crash the sweeper finds the row, and by it the stray object. It is
 * written while the bytes pass where the length is known: such an object comes to be by its last
 * byte (s3_upload.h), and that waits for the row. */
static void arrive(struct intake *in, struct intake_file *f)
{
    f->uuid = id_new();
    snapshot_key(in->app->key_prefix, clock_wall_s(), &f->uuid, f->type, f->key);
    arrival_begin(in->app, f);
}

static bool walk(struct intake *in, const struct multipart_part *part, struct intake_file *f,
                 struct err *err)
{
    struct sv head;

    /* Nothing is written anywhere until the first bytes say: this is a picture we take. */
    in->broken = !multipart_peek(in->mp, IMAGE_HEAD, &head, err);
    if (in->broken || !image_judge(head, &f->type, err))
        return false;
    arrive(in, f);
    return stream(in, part, f, err);
}

/* Nothing of it shall stay. A row that is still on its way is waited for. */
static void give_up(struct intake *in, struct intake_file *f)
{
    struct err err = ERR_INIT;

    f->fate = INTAKE_REJECTED;
    if (f->announced || (f->arrival.uuid && scribe_wait(in->app, &f->arrival, &err)))
        arrival_undo(in->app, &f->uuid, f->key, f->uncertain);
    f->announced = false;
    log_info("file.rejected", "a file was not taken", KV_S("file", f->name), KV_ERR(&f->err));
}

void upload_take_in(struct intake *in, const struct multipart_part *part, struct intake_file *f)
{
    f->fate = INTAKE_COMING;
    if (walk(in, part, f, &f->err) && arrival_await(in->app, f, &f->err))
        f->fate = INTAKE_STORED;
    else
        give_up(in, f);
}
