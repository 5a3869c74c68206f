#include "tests/kit/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/door.h"
#include "common/json.h"
#include "common/log.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/rgw.h"
#include "tests/kit/talk.h"
#include "upload-svc/arrival.h"
#include "upload-svc/hub.h"
#include "upload-svc/metrics.h"
#include "upload-svc/record.h"
#include "upload-svc/routes.h"
#include "upload-svc/session.h"
#include "upload-svc/tokens.h"

static struct app app;
static struct upload_conf conf;         /* as it was loaded */
static const char *endpoint;            /* NULL: no S3 */
static struct arena arena = ARENA_INIT; /* of the forms */
static struct door *door;
static struct str security = STR_INIT(8192);
static struct json *doc; /* the last answer */

static const char *setting(const char *name)
{
    static const char *const set[][2] = {{"UPLOAD_TOKEN", KIT_GATE_TOKEN},
                                         {"INTERNAL_TOKEN", "kit-internal-token-0123"},
                                         {"AWS_ACCESS_KEY_ID", KIT_RGW_ACCESS_KEY},
                                         {"AWS_SECRET_ACCESS_KEY", KIT_RGW_SECRET_KEY},
                                         {"S3_BUCKET_NAME", KIT_RGW_BUCKET},
                                         {"ANALYSIS_URL", "http://127.0.0.1:9"},
                                         {"S3_TIMEOUT", "5s"},
                                         {"UPLOAD_WORKERS", "16"},
                                         {"UPLOADS_AT_ONCE", "8"},
                                         {"SSE_MAX", "4"},
                                         {"FILE_MAX", "7MiB"}};

    if (strcmp(name, "UPLOAD_DATABASE_URL") == 0)
        return kit_pg_url("upload_svc");
    if (strcmp(name, "AWS_ENDPOINT_URL_S3") == 0)
        return endpoint ? endpoint : "http://127.0.0.1:9";
    for (size_t i = 0; i < COUNT_OF(set); i++)
        if (strcmp(set[i][0], name) == 0)
            return set[i][1];
    return NULL;
}

struct app *kit_gate_open(bool with_s3)
{
    AUTO(str_free) struct str faults = STR_INIT(65536);
    struct err err = ERR_INIT;

    if (!kit_pg_start())
        return NULL;
    endpoint = with_s3 ? kit_rgw_start() : NULL;
    if (with_s3 && !endpoint)
        return NULL;
    log_open("kit", LOG_ERROR);
    upload_metrics_open();
    if (!upload_config_load(setting, &conf, &faults) || !app_open(&conf, &app, &err)) {
        fprintf(stderr, "the gate does not open: %s%s\n", faults.p, err.msg);
        return NULL;
    }
    return &app;
}

void kit_gate_close(void)
{
    json_free(&doc);
    door_close(&door);
    arena_free(&arena);
    hub_close(&app.hub);
    app_close(&app);
    str_free(&security);
    kit_rgw_stop();
    kit_pg_stop();
}

static void empty_bucket(void)
{
    AUTO(s3_list_free) struct s3_list page = {0};
    struct err err = ERR_INIT;

    assert_ok(s3_list(app.s3, "", NULL, &page, &err), err);
    for (size_t i = 0; i < page.n; i++)
        assert_ok(s3_delete(app.s3, page.items[i].key, &err), err);
}

void kit_gate_reset(void)
{
    arena_free(&arena);
    app.conf = conf;
    kit_pg_sql("TRUNCATE upload.arrivals, upload.platform_snapshots, upload.sets, upload.outbox,"
               " upload.campaigns, upload.event_log, upload.api_tokens, upload.sessions,"
               " upload.idempotency, upload.login_failures"
               " RESTART IDENTITY CASCADE;"
               "UPDATE upload.sweeper SET listed_at = '-infinity', tripped_at = NULL,"
               " tripped_why = NULL, lifted = false, mark = NULL, next_mark = NULL");
    if (endpoint)
        empty_bucket();
}

int kit_gate_stop(void **state)
{
    (void)state;
    kit_gate_close();
    return 0;
}

int kit_gate_fresh(void **state)
{
    (void)state;
    kit_gate_reset();
    return 0;
}

static void store_file(struct intake *in, int seed, int i)
{
    struct intake_file *f = &in->files[i];
    struct err err = ERR_INIT;

    f->fate = INTAKE_STORED;
    f->type = IMAGE_PNG;
    f->uuid = id_new();
    f->width = 1280;
    f->height = 971;
    f->object.size = 181233;
    snprintf(f->name, sizeof f->name, "board %d.png", i + 1);
    snprintf(f->object.etag.text, sizeof f->object.etag.text, "etag-%d", seed);
    snprintf(f->object.sha256, sizeof f->object.sha256, "%064d", seed * 100 + i);
    snapshot_key(app.key_prefix, clock_wall_s(), &f->uuid, f->type, f->key);
    arrival_begin(&app, f);
    assert_ok(arrival_await(&app, f, &err), err);
}

struct intake *kit_intake(int files, const char *set_id, int seed)
{
    struct intake *in = arena_take(&arena, sizeof *in);

    in->app = &app;
    in->who = "kit";
    in->beat_ms = clock_mono_ms();
    in->form = form_new(&arena, clock_wall_s());
    form_field(&in->form, "platformSource", SV_LIT("cookie.fun"));
    form_field(&in->form, "snapshotDate", SV_LIT("2026-11-20"));
    form_field(&in->form, "setId", sv_of(set_id));
    form_end(&in->form, (size_t)files);
    assert_true(form_ok(&in->form));
    for (int i = 0; i < files; i++)
        store_file(in, seed, i);
    in->file_count = (size_t)files;
    return in;
}

struct intake *kit_recorded(int files, const char *set_id, int seed)
{
    struct intake *in = kit_intake(files, set_id, seed);
    struct err err = ERR_INIT;

    assert_ok(record_form(in, &err), err);
    return in;
}

int kit_gate_port(void)
{
    struct err err = ERR_INIT;
    struct door_conf plan = {.bind = "127.0.0.1",
                             .threads = (int)conf.workers,
                             .header_timeout_ms = 5000,
                             .body_timeout_ms = 20000,
                             .routes = upload_routes,
                             .route_count = upload_route_count,
                             .app = &app,
                             .auth = tokens_auth,
                             .cookie = SESSION_COOKIE,
                             .allowed_origins = ""};

    if (door)
        return door_port(door);
    upload_config_headers(&conf, &security);
    plan.security_headers = security.p;
    if (!app.hub)
        assert_ok(hub_open(&app, &app.hub, &err), err);
    assert_ok(door_open(&plan, &door, &err), err);
    return door_port(door);
}

const char *kit_ask(const char *method, const char *path, const char *headers, struct sv body)
{
    static char answer[256 * 1024];
    AUTO(talk_close) struct talk *talk = talk_open(kit_gate_port());
    AUTO(str_free) struct str head = STR_INIT(65536);

    str_addf(&head, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n%s", method, path,
             headers ? headers : "Authorization: Bearer " KIT_GATE_TOKEN "\r\n");
    if (body.n > 0)
        str_addf(&head, "Content-Length: %zu\r\n", body.n);
    str_addz(&head, "\r\n");
    talk_send(talk, head.p, head.n);
    talk_send(talk, body.p, body.n);
    snprintf(answer, sizeof answer, "%s", talk_answer(talk));
    return answer;
}

const char *kit_get(const char *path) { return talk_body(kit_ask("GET", path, NULL, SV_LIT(""))); }

int kit_status(const char *method, const char *path, const char *body)
{
    return talk_status(kit_ask(method, path, NULL, sv_of(body)));
}

const struct json *kit_json(const char *method, const char *path, const char *body, int *status)
{
    const char *answer = kit_ask(method, path, NULL, sv_of(body));
    struct err err = ERR_INIT;

    if (status)
        *status = talk_status(answer);
    json_free(&doc);
    assert_ok(json_parse(sv_of(talk_body(answer)), &doc, &err), err);
    return doc;
}

size_t kit_objects(void)
{
    AUTO(s3_list_free) struct s3_list page = {0};
    struct err err = ERR_INIT;

    assert_ok(s3_list(app.s3, "", NULL, &page, &err), err);
    return page.n;
}

void kit_form_field(struct str *form, const char *bnd, const char *name, const char *value)
{
    str_addf(form, "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n", bnd, name,
             value);
}

void kit_form_png(struct str *form, const char *bnd, const char *name, int seed, size_t n)
{
    static const char head[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\0\xf0\b\x02\0\0\0crc!"
                               "\0\xff\0\0IDAT";
    size_t began;

    str_addf(form,
             "--%s\r\nContent-Disposition: form-data; name=\"screenshots\"; filename=\"%s\"\r\n"
             "Content-Type: text/plain\r\n\r\n",
             bnd, name);
    began = form->n;
    str_add(form, head, sizeof head - 1);
    str_addf(form, "%d", seed);
    while (form->n - began < n)
        str_addc(form, (char)((form->n - began) * 31 >> 3));
    str_addz(form, "\r\n");
}
