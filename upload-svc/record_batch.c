/* record_batch.c - the pictures of a form, as analysis-svc is told of them. */
#include <string.h>

#include "upload-svc/frozen.h"
#include "upload-svc/record.h"

int64_t record_deadline_s(const struct intake *in)
{
    return in->form.deadline_s > 0 ? in->form.deadline_s : in->app->conf.deadline / 1000;
}

static struct jw begin(const struct intake *in, const char *batch_id, const char *title,
                       struct str *body)
{
    const struct form *f = &in->form;
    const struct frozen_set set = {.id = f->set_id.text,
                                   .type = f->type,
                                   .platform = f->platform,
                                   .date = f->date,
                                   .timeframe = f->timeframe,
                                   .campaign_id = f->campaign_id,
                                   .campaign_title = title,
                                   .handle = f->handle,
                                   .deadline_s = record_deadline_s(in)};

    return frozen_open(body, batch_id, &set);
}

static void add(struct jw *w, const struct intake_file *f, int64_t id)
{
    const struct frozen_item item = {.id = id,
                                     .uuid = f->uuid.text,
                                     .key = f->key,
                                     .mime = image_mime(f->type),
                                     .bytes = f->object.size,
                                     .sha256 = *f->object.sha256 ? f->object.sha256 : NULL,
                                     .width = f->width,
                                     .height = f->height,
                                     .rev = 1};

    frozen_add(w, &item);
}

void record_batch(const struct intake *in, const char *batch_id, const char *title,
                  struct str *body)
{
    struct jw w = begin(in, batch_id, title, body);

    for (size_t i = 0; i < in->file_count; i++)
        if (in->files[i].fate == INTAKE_RECORDED)
            add(&w, &in->files[i], in->files[i].id);
    frozen_close(&w);
}

/* A quote within a text is written with a backslash, so the member is found for sure. */
void record_batch_cut(const struct intake *in, const char *batch_id, struct str *body,
                      struct sv *head, struct sv *tail)
{
    static const char member[] = "\"snapshot_id\":";
    struct jw w = begin(in, batch_id, in->form.campaign_title, body);
    const char *hit;

    add(&w, &in->files[0], 0);
    frozen_close(&w);
    hit = memmem(body->p, body->n, member, sizeof member - 1);
    hit = hit ? hit + sizeof member - 1 : body->p + body->n - 1;
    *head = (struct sv){body->p, (size_t)(hit - body->p)};
    *tail = (struct sv){hit + 1, body->n - head->n - 1};
}
