#include "upload-svc/intake.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "common/clock.h"
#include "common/multipart_head.h"
#include "upload-svc/arrival.h"
#include "upload-svc/idempotency.h"
#include "upload-svc/store.h"
#include "upload-svc/upload.h"

/* A part costs its bytes, its headers and a boundary; fields are few and small. */
enum {
    PARTS_MAX = IDEMPOTENCY_PARTS_MAX,
    BODY_SLACK = 1 << 20,
    CLOSING_MAX = MULTIPART_BOUNDARY_MAX + 8
};

static int64_t body_max(const struct app *app)
{
    return app->conf.file_max * FORM_FILES_MAX + BODY_SLACK;
}

static bool too_much(const struct app *app, struct err *err)
{
    return err_set(err, ERR_TOO_LARGE, "a form may hold %d pictures of %" PRId64 " bytes",
                   FORM_FILES_MAX, app->conf.file_max);
}

bool intake_length_ok(const struct app *app, const struct req *req, struct err *err)
{
    if (req_length(req) == 0 && !req_has(req, "Content-Length"))
        return err_set(err, ERR_LENGTH_REQUIRED,
                       "a form comes with a Content-Length or with Transfer-Encoding: chunked");
    return req_length(req) <= body_max(app) || too_much(app, err);
}

/* The parser's source: the request's body, watched. */
static bool pull(void *arg, char *buf, size_t n, size_t *got, struct err *err)
{
    struct intake *in = arg;
    int64_t cut_at = in->app->cut_at_ms;

    intake_beat(in);
    if (cut_at != 0 && clock_mono_ms() > cut_at)
        return err_set(err, ERR_CLOSING, "the service is going down; send the form again");
    if (!req_read(in->req, buf, n, got, err))
        return false;
    in->body_bytes += (int64_t)*got;
    return in->body_bytes <= body_max(in->app) || too_much(in->app, err);
}

/* "?force" alone, or with a word that means yes or no. */
static bool read_force(struct intake *in, struct err *err)
{
    const char *word = req_query(in->req, "force");

    in->forced = word && (strcmp(word, "true") == 0 || strcmp(word, "1") == 0);
    if (!word || in->forced || strcmp(word, "false") == 0 || strcmp(word, "0") == 0)
        return true;
    return err_set(err, ERR_BAD_REQUEST, "force is true or false");
}

/* A body that does not say its length needs buffers for each of its files: they are there before a
 * byte of it is read, or it is refused. Other forms may do without any. */
static bool reserve(struct intake *in, struct err *err)
{
    const struct app *app = in->app;

    return req_length(in->req) >= 0 ||
           pool_take(app->pool, COUNT_OF(in->lent), app->conf.buffer_wait, in->lent, err);
}

bool intake_open(struct app *app, struct req *req, struct intake **out, struct err *err)
{
    struct intake *in = arena_take(req_arena(req), sizeof *in);

    in->app = app;
    in->req = req;
    in->who = req_who(req)->name;
    in->request_id = req_id(req);
    in->beat_ms = clock_mono_ms();
    in->form = form_new(req_arena(req), clock_wall_s());
    if (!read_force(in, err))
        return false;
    if (!multipart_open(req_header(req, "Content-Type"), pull, in, PARTS_MAX, &in->mp, err))
        return false;
    *out = in;
    return reserve(in, err);
}

void intake_close(struct intake **in)
{
    if (!*in)
        return;
    intake_undo(*in);
    for (size_t i = 0; i < COUNT_OF((*in)->lent); i++)
        pool_give((*in)->app->pool, &(*in)->lent[i]);
    idempotency_release(*in);
    multipart_free(&(*in)->mp);
    *in = NULL;
}

void intake_beat(struct intake *in)
{
    AUTO(str_free) struct str uuids = STR_INIT(1024);
    int64_t now = clock_mono_ms();

    idempotency_beat(in);
    if (now - in->beat_ms < in->app->conf.arrival_stale / 4)
        return;
    in->beat_ms = now;
    str_addc(&uuids, '{');
    for (size_t i = 0; i < in->file_count; i++)
        if (in->files[i].announced)
            str_addf(&uuids, "%s%s", uuids.n > 1 ? "," : "", in->files[i].uuid.text);
    str_addc(&uuids, '}');
    if (uuids.n > 2)
        arrival_beat(in->app, uuids.p);
}

void intake_undo(struct intake *in)
{
    for (size_t i = 0; i < in->file_count; i++) {
        struct intake_file *f = &in->files[i];

        if (!f->announced || f->fate == INTAKE_RECORDED)
            continue;
        arrival_undo(in->app, &f->uuid, f->key, f->uncertain);
        f->announced = false;
    }
}

bool intake_bytes(struct intake *in, struct room room, struct sv *bytes, struct err *err)
{
    struct idempotency_print *print = idempotency_print_of(in);

    if (!multipart_read(in->mp, room, bytes, err))
        return false;
    if (print)
        idempotency_print_bytes(print, *bytes);
    return true;
}

/* What nobody wanted of a part counts as its content all the same. */
static bool read_rest(struct intake *in, struct err *err)
{
    struct sv bytes = {"", 1};

    while (idempotency_print_of(in) && bytes.n > 0)
        if (!intake_bytes(in, NO_ROOM, &bytes, err))
            return false;
    return true;
}

/* All of a text field, up to a byte more than its rule allows. */
static bool read_field(struct intake *in, const struct multipart_part *part, struct err *err)
{
    AUTO(str_free) struct str value = STR_INIT(form_limit(part->name) + 1);
    const char *name = arena_copy(req_arena(in->req), sv_of(part->name));
    struct sv bytes;
    bool more;

    do {
        if (!intake_bytes(in, NO_ROOM, &bytes, err))
            return false;
        more = bytes.n > 0;
        if (bytes.n > value.wall - value.n)
            bytes.n = value.wall - value.n;
        str_addv(&value, bytes);
    } while (more);
    form_field(&in->form, name, str_sv(&value));
    return true;
}

static bool ask_campaign(struct intake *in, struct err *err)
{
    if (in->form.campaign_id == 0 || in->campaign_asked)
        return true;
    in->campaign_asked = true;
    return store_check_campaign(in->app, &in->form, err);
}

static bool ask_type(struct intake *in, struct err *err)
{
    if (!in->form.other_type || in->type_asked)
        return true;
    in->type_asked = true;
    return store_check_type(in->app, &in->form, err);
}

/* Fields that came before the first file are judged before a byte of it is stored. */
static bool before_first_file(struct intake *in, struct err *err)
{
    if (!ask_type(in, err) || !ask_campaign(in, err))
        return false;
    in->doomed = !form_ok(&in->form);
    return true;
}

/* Some clients leave out the line end that closes a form, or add one. They are known again by the
 * name they give themselves; two that share a bit only lose speed. */
static _Atomic uint64_t *odd_client(const struct intake *in, uint64_t *bit)
{
    uint32_t hash = sv_hash(req_header(in->req, "User-Agent"));

    *bit = UINT64_C(1) << (hash % 64);
    return &in->app->odd_clients[hash / 64 % COUNT_OF(in->app->odd_clients)];
}

static bool is_odd(const struct intake *in)
{
    uint64_t bit;
    _Atomic uint64_t *word = odd_client(in, &bit);

    return (atomic_load(word) & bit) != 0;
}

/* The form has ended right behind a file that had to be given up: its frame is an odd one. */
static void note_odd(const struct intake *in)
{
    uint64_t bit;
    _Atomic uint64_t *word = odd_client(in, &bit);

    if (in->lost)
        atomic_fetch_or(word, bit);
}

/* A form is believed when the file could be its last part: it is the first file, and the fields
 * that every form needs have come. A part that tells its own length is believed anyway. */
static bool is_last(const struct intake *in)
{
    return in->file_count == 1 && form_has_needed(&in->form) && !is_odd(in);
}

void intake_foretell(const struct intake *in, const struct multipart_part *part, int64_t *length,
                     int64_t *most)
{
    int64_t all = req_length(in->req);
    int64_t foretold = all < 0 ? -1 : multipart_foretell(in->mp, all - in->body_bytes);

    *most = foretold < 0 ? -1 : foretold + CLOSING_MAX;
    *length = part->length >= 0 ? part->length : is_last(in) ? foretold : -1;
    if (in->misled || *length > in->app->conf.file_max)
        *length = -1;
}

/* A browser sends an input in which nothing was chosen as a file without a name and without a byte
 * (HTML, "constructing the entry list"). */
static bool is_unused(struct intake *in, const struct multipart_part *part, bool *unused,
                      struct err *err)
{
    struct sv head = {"", 1};

    if (part->file_name[0] == '\0' && !multipart_peek(in->mp, 1, &head, err))
        return false;
    *unused = head.n == 0;
    return true;
}

/* All faults of a form are told at once, so the rest of it is read on, and dropped. */
static bool doom(struct intake *in, const char *field, enum err_code code, const char *why)
{
    form_fault(&in->form, arena_copy(req_arena(in->req), sv_of(field)), code, "%s", why);
    in->doomed = true;
    return true;
}

static bool too_many(struct intake *in, const char *field)
{
    if (in->crowded)
        return true;
    in->crowded = true;
    return doom(in, field, ERR_TOO_MANY_FILES, "10 pictures at most; none of these was kept");
}

static bool read_file(struct intake *in, const struct multipart_part *part, struct err *err)
{
    struct intake_file *f;
    bool unused = false;

    if (!is_unused(in, part, &unused, err) || unused)
        return unused;
    if (strcmp(part->name, "screenshots") != 0)
        return doom(in, part->name, ERR_FIELD_UNKNOWN, "files come in the field screenshots");
    if (in->file_count == FORM_FILES_MAX)
        return too_many(in, part->name);
    if (in->file_count == 0 && !before_first_file(in, err))
        return false;
    f = &in->files[in->file_count++];
    snapshot_name(sv_of(part->file_name), f->name);
    f->fate = INTAKE_REJECTED;
    if (in->doomed)
        return true;
    upload_take_in(in, part, f);
    return !in->broken || err_set(err, f->err.code, "%s", f->err.msg);
}

static bool read_part(struct intake *in, const struct multipart_part *part, struct err *err)
{
    struct idempotency_print *print = idempotency_print_of(in);

    if (print)
        idempotency_print_part(print, part->name, part->file_name);
    if (!idempotency_repeats(in) &&
        !(part->file_name ? read_file(in, part, err) : read_field(in, part, err)))
        return false;
    return read_rest(in, err);
}

bool intake_read(struct intake *in, struct err *err)
{
    struct multipart_part part;
    bool more = true, ok = true;

    while (ok) {
        ok = multipart_next(in->mp, &part, &more, err);
        if (!ok || !more)
            break;
        in->lost = false;
        ok = read_part(in, &part, err);
    }
    if (!ok || idempotency_repeats(in))
        return ok;
    note_odd(in);
    if (!ask_type(in, err))
        return false;
    form_end(&in->form, in->file_count);
    return ask_campaign(in, err);
}
