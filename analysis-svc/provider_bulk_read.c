/* provider_bulk_read.c - see provider_bulk.h: what comes back. */
#include <stdio.h>
#include <string.h>

#include "analysis-svc/provider_bulk.h"
#include "analysis-svc/provider_dialect.h"
#include "analysis-svc/redact.h"
#include "common/clock.h"

enum { CLOCKS_DIFFER_S = 60, STATUS_ERRORED = 400, STATUS_OK = 200 };

/* An id that is too long is none of theirs. */
static bool take_id(const struct json *obj, const char *key, char out[static BULK_ID_SIZE])
{
    const char *text = json_text_or(obj, key, "");

    out[0] = '\0';
    if (strlen(text) >= BULK_ID_SIZE)
        return false;
    snprintf(out, BULK_ID_SIZE, "%s", text);
    return *text != '\0';
}

static bool is_one_of(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

static void read_files(const struct json *doc, struct bulk_status *out)
{
    static const char *const over[] = {"completed", "failed", "expired", "cancelled", NULL};
    const char *status = json_text_or(doc, "status", "");
    const struct json *why = json_first(json_find(json_find(doc, "errors"), "data"));
    char note[200];

    out->ended = is_one_of(status, over);
    (void)take_id(doc, "output_file_id", out->answers);
    (void)take_id(doc, "error_file_id", out->errors);
    snprintf(note, sizeof note, "%.40s%s%.150s", status, why ? ": " : "",
             json_text_or(why, "message", ""));
    redact_copy(sv_of(note), out->note, sizeof out->note);
}

static void read_inline(const struct json *doc, struct bulk_status *out)
{
    const char *status = json_text_or(doc, "processing_status", "");

    out->ended = strcmp(status, "ended") == 0;
    if (out->ended && json_text(json_find(doc, "results_url")))
        snprintf(out->answers, sizeof out->answers, "%s", out->id);
    redact_copy(sv_of(status), out->note, sizeof out->note);
}

bool bulk_read_status(const struct provider *p, struct sv body, struct bulk_status *out)
{
    AUTO(json_free) struct json *doc = NULL;
    struct err err = ERR_INIT;

    *out = (struct bulk_status){.ended = false};
    if (!json_parse(body, &doc, &err) || !take_id(doc, "id", out->id))
        return false;
    if (bulk_by_file(p))
        read_files(doc, out);
    else
        read_inline(doc, out);
    return out->note[0] != '\0';
}

bool bulk_read_file(struct sv body, char out[static BULK_ID_SIZE])
{
    AUTO(json_free) struct json *doc = NULL;
    struct err err = ERR_INIT;

    return json_parse(body, &doc, &err) && take_id(doc, "id", out);
}

/* ---- the list ---- */

static int64_t calls_of(const struct json *parcel)
{
    const struct json *n = json_first(json_find(parcel, "request_counts"));
    int64_t all = 0;

    for (; n; n = json_next(n))
        all += (int64_t)json_number(n);
    return all;
}

static bool is_wanted(const struct provider *p, const struct json *parcel,
                      const struct bulk_wanted *want)
{
    const struct json *marker = json_find(json_find(parcel, "metadata"), "snapkey");
    int64_t born = 0;

    if (bulk_by_file(p))
        return json_text(marker) && strcmp(json_text(marker), want->marker) == 0;
    return clock_parse_iso(sv_of(json_text_or(parcel, "created_at", "")), &born) &&
           born >= want->since - CLOCKS_DIFFER_S && calls_of(parcel) == want->calls;
}

bool bulk_read_list(const struct provider *p, struct sv body, const struct bulk_wanted *want,
                    struct bulk_found *out)
{
    AUTO(json_free) struct json *doc = NULL;
    const struct json *data;
    struct err err = ERR_INIT;

    *out = (struct bulk_found){.n = 0};
    if (!json_parse(body, &doc, &err) || !json_find(doc, "data") ||
        json_type(json_find(doc, "data")) != JSON_ARRAY)
        return false;
    data = json_first(json_find(doc, "data"));
    for (; data && out->n < BULK_FOUND_MAX; data = json_next(data))
        if (is_wanted(p, data, want) && take_id(data, "id", out->ids[out->n]))
            out->n++;
    return true;
}

/* ---- results ---- */

bool bulk_next_line(struct sv *rest, struct sv *line)
{
    do {
        if (rest->n == 0)
            return false;
        *line = sv_trim(sv_cut_line(rest));
    } while (line->n == 0);
    return true;
}

/* "error":{...} as the body of an answer; one that stands in such an object already is taken so. */
static void take_error(const struct json *error, struct bulk_entry *out)
{
    bool whole = json_type(error) == JSON_OBJECT && json_find(error, "error");

    out->status = STATUS_ERRORED;
    if (!whole)
        str_addz(&out->body, "{\"error\":");
    json_print(error, &out->body);
    if (!whole)
        str_addc(&out->body, '}');
}

static void read_file_line(const struct json *doc, struct bulk_entry *out)
{
    static const char *const ours[] = {"batch_expired", "batch_cancelled", NULL};
    const struct json *error = json_find(doc, "error");
    const struct json *response = json_find(doc, "response");

    if (response && json_type(response) == JSON_OBJECT && json_find(response, "body")) {
        out->answered = true;
        out->status = (int)json_int_or(response, "status_code", 0);
        str_addf(&out->headers, "x-request-id: %.90s\n", json_text_or(response, "request_id", ""));
        json_print(json_find(response, "body"), &out->body);
    } else if (error && json_type(error) == JSON_OBJECT &&
               !is_one_of(json_text_or(error, "code", ""), ours)) {
        out->answered = true;
        take_error(error, out);
    }
}

static void read_inline_line(const struct json *doc, struct bulk_entry *out)
{
    const struct json *result = json_find(doc, "result");
    const char *type = json_text_or(result, "type", "");

    if (strcmp(type, "succeeded") == 0 && json_find(result, "message")) {
        out->answered = true;
        out->status = STATUS_OK;
        json_print(json_find(result, "message"), &out->body);
    } else if (strcmp(type, "errored") == 0 && json_find(result, "error")) {
        out->answered = true;
        take_error(json_find(result, "error"), out);
    }
}

bool bulk_read_entry(const struct provider *p, struct sv line, struct bulk_entry *out)
{
    AUTO(json_free) struct json *doc = NULL;
    struct err err = ERR_INIT;

    str_reset(&out->headers);
    str_reset(&out->body);
    out->answered = false;
    out->status = 0;
    if (!json_parse(line, &doc, &err) || !take_id(doc, "custom_id", out->id))
        return false;
    if (bulk_by_file(p))
        read_file_line(doc, out);
    else
        read_inline_line(doc, out);
    return str_ok(&out->body);
}

void bulk_entry_free(struct bulk_entry *e)
{
    str_free(&e->headers);
    str_free(&e->body);
}
