/* provider_bulk.c - see provider_bulk.h: what is sent. */
#include "analysis-svc/provider_bulk.h"

#include <stdio.h>
#include <string.h>

#include "analysis-svc/provider_dialect.h"
#include "common/url.h"

enum { URL_MAX = 4096, TEXT_MAX = 64 << 10, FILE_DAYS_S = 172800 };

bool bulk_offered(const struct provider *p) { return p->caps.batch_percent > 0; }
bool bulk_by_file(const struct provider *p) { return p->dialect != DIALECT_MESSAGES; }

int64_t bulk_cost(const struct provider *p, const struct provider_usage *u)
{
    int64_t full = provider_cost(p, u);

    return full / 100 * p->caps.batch_percent + (full % 100 * p->caps.batch_percent + 99) / 100;
}

/* ---- the parcel ---- */

static void form_field(struct str *out, const char *marker, const char *name, const char *value)
{
    str_addf(out, "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n", marker, name,
             value);
}

void bulk_open(const struct provider *p, const char *marker, struct str *out)
{
    char seconds[16];

    if (!bulk_by_file(p)) {
        str_addz(out, "{\"requests\":[");
        return;
    }
    snprintf(seconds, sizeof seconds, "%d", FILE_DAYS_S);
    form_field(out, marker, "purpose", "batch");
    /* The pictures are in it: it goes by itself, should we not get to it. */
    form_field(out, marker, "expires_after[anchor]", "created_at");
    form_field(out, marker, "expires_after[seconds]", seconds);
    str_addf(out,
             "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s.jsonl\"\r\n"
             "Content-Type: application/jsonl\r\n\r\n",
             marker, marker);
}

/* A line holds no line ends: outside of texts they are blanks of the schema's file, inside they
 * are escaped. */
static void add_flat(struct str *out, struct sv body)
{
    size_t from = out->n;

    str_addv(out, body);
    for (size_t i = from; i < out->n; i++)
        if (out->p[i] == '\n' || out->p[i] == '\r')
            out->p[i] = ' ';
}

void bulk_add(const struct provider *p, const char *id, struct sv body, struct str *out)
{
    if (bulk_by_file(p)) {
        str_addf(out, "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":\"/v1%s\",\"body\":", id,
                 dialect_of(p)->path);
        add_flat(out, body);
        str_addz(out, "}\n");
        return;
    }
    if (out->n > 0 && out->p[out->n - 1] != '[')
        str_addc(out, ',');
    str_addf(out, "{\"custom_id\":\"%s\",\"params\":", id);
    str_addv(out, body);
    str_addc(out, '}');
}

void bulk_shut(const struct provider *p, const char *marker, struct str *out)
{
    if (bulk_by_file(p))
        str_addf(out, "\r\n--%s--\r\n", marker);
    else
        str_addz(out, "]}");
}

/* ---- requests ---- */

const char *bulk_method(enum bulk_ask ask)
{
    if (ask == BULK_DROP)
        return "DELETE";
    return ask == BULK_UPLOAD || ask == BULK_CREATE || ask == BULK_CANCEL ? "POST" : "GET";
}

/* What stands before and behind the id. */
static void write_path(bool by_file, enum bulk_ask ask, const char *id, struct str *out)
{
    static const struct {
        const char *file[2], *inl[2];
    } paths[] = {
        [BULK_UPLOAD] = {{"/files", NULL}, {"", NULL}},
        [BULK_CREATE] = {{"/batches", NULL}, {"/v1/messages/batches", NULL}},
        [BULK_STATE] = {{"/batches/", ""}, {"/v1/messages/batches/", ""}},
        [BULK_CANCEL] = {{"/batches/", "/cancel"}, {"/v1/messages/batches/", "/cancel"}},
        [BULK_RESULTS] = {{"/files/", "/content"}, {"/v1/messages/batches/", "/results"}},
        [BULK_LIST] = {{"/batches?limit=100", NULL}, {"/v1/messages/batches?limit=100", NULL}},
        [BULK_DROP] = {{"/files/", ""}, {"/v1/messages/batches/", ""}},
    };
    const char *const *path = by_file ? paths[ask].file : paths[ask].inl;

    str_addz(out, path[0]);
    if (!path[1])
        return;
    url_encode(out, sv_of(id));
    str_addz(out, path[1]);
}

static void write_creation(const struct provider *p, const char *file, const char *marker,
                           struct str *out)
{
    struct jw w = jw_on(out);
    char endpoint[64];

    snprintf(endpoint, sizeof endpoint, "/v1%s", dialect_of(p)->path);
    jw_open(&w, '{');
    jw_text(&w, "input_file_id", file);
    jw_text(&w, "endpoint", endpoint);
    jw_text(&w, "completion_window", "24h");
    jw_key(&w, "metadata");
    jw_open(&w, '{');
    jw_text(&w, "snapkey", marker);
    jw_close(&w);
    jw_key(&w, "output_expires_after");
    jw_open(&w, '{');
    jw_text(&w, "anchor", "created_at");
    jw_int(&w, "seconds", FILE_DAYS_S);
    jw_close(&w);
    jw_close(&w);
}

void bulk_request(const struct provider *p, enum bulk_ask ask, const char *id, const char *marker,
                  struct provider_request *out)
{
    *out = (struct provider_request){STR_INIT(URL_MAX), STR_INIT(TEXT_MAX), STR_INIT(TEXT_MAX)};
    dialect_base(p, &out->url);
    write_path(bulk_by_file(p), ask, id, &out->url);
    dialect_of(p)->headers(p, &out->headers);
    if (ask == BULK_UPLOAD)
        str_addf(&out->headers, "Content-Type: multipart/form-data; boundary=%s\n", marker);
    if (ask != BULK_CREATE)
        return;
    str_addz(&out->headers, "Content-Type: application/json\n");
    if (bulk_by_file(p))
        write_creation(p, id, marker, &out->body);
}
