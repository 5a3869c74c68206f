/*
 * wire_read.c - requests: the text part before a picture says its id.
 */
#include <stdio.h>
#include <string.h>

#include "local/reader/wire.h"

static bool bad(struct err *err, const char *what)
{
    return err_set(err, ERR_BAD_REQUEST, "%s", what);
}

/* "image id: X" names the picture that follows. */
static void note_id(const char *text, char id[80])
{
    static const char mark[] = "image id:";
    const char *at = text ? strstr(text, mark) : NULL;
    size_t n;

    if (!at)
        return;
    at += sizeof mark - 1;
    at += strspn(at, " ");
    n = strcspn(at, " \r\n\t");
    snprintf(id, 80, "%.*s", (int)(n < 79 ? n : 79), at);
}

static bool add(struct wire_call *out, const char *url, const char *base64, char id[80],
                struct err *err)
{
    struct wire_image *image = &out->image[out->n];

    if (!url && !base64)
        return bad(
            err,
            "An image part carries neither a URL nor base64 data; file ids are not kept here.");
    if (out->n == WIRE_IMAGES_MAX)
        return err_set(err, ERR_BAD_REQUEST, "Too many images: at most %d in one request.",
                       WIRE_IMAGES_MAX);
    *image = (struct wire_image){.url = url, .base64 = base64};
    if (id[0])
        memcpy(image->id, id, sizeof image->id);
    else
        snprintf(image->id, sizeof image->id, "%zu", out->n + 1);
    id[0] = '\0';
    out->n++;
    return true;
}

static bool read_part(const struct json *part, struct wire_call *out, char id[80], struct err *err)
{
    const char *type = json_text_or(part, "type", "");
    const struct json *inner;

    if (strcmp(type, "input_image") == 0)
        return add(out, json_text(json_find(part, "image_url")), NULL, id, err);
    if (strcmp(type, "image_url") == 0) {
        inner = json_find(part, "image_url");
        return add(out, json_text(inner) ? json_text(inner) : json_text(json_find(inner, "url")),
                   NULL, id, err);
    }
    if (strcmp(type, "image") == 0) {
        inner = json_find(part, "source");
        return add(out, json_text(json_find(inner, "url")), json_text(json_find(inner, "data")), id,
                   err);
    }
    note_id(json_text(json_find(part, "text")), id);
    out->text_bytes += strlen(json_text_or(part, "text", ""));
    return true;
}

static bool read_messages(const struct json *messages, struct wire_call *out, struct err *err)
{
    char id[80] = "";

    for (const struct json *m = json_first(messages); m; m = json_next(m)) {
        const struct json *content = json_find(m, "content");

        out->text_bytes += json_text(content) ? strlen(json_text(content)) : 0;
        for (const struct json *p = json_text(content) ? NULL : json_first(content); p;
             p = json_next(p))
            if (!read_part(p, out, id, err))
                return false;
    }
    return true;
}

/* Where each dialect keeps the schema. */
static const struct json *schema_of(enum wire_dialect dialect, const struct json *body)
{
    const struct json *at = NULL;

    switch (dialect) {
    case WIRE_RESPONSES:
        at = json_find(json_find(body, "text"), "format");
        break;
    case WIRE_CHAT:
        at = json_find(json_find(body, "response_format"), "json_schema");
        break;
    case WIRE_MESSAGES:
        at = json_find(json_find(body, "output_config"), "format");
        if (!at)
            at = json_find(body, "output_format");
        break;
    }
    return json_find(at, "schema");
}

static bool read_schema(const struct json *schema, struct wire_call *out, struct err *err)
{
    const struct json *results = json_find(json_find(schema, "properties"), "results");

    out->item = json_find(results, "items");
    if (out->item)
        return true;
    return bad(err, "This is no language model: it reads tables. The request must ask for JSON by "
                    "a json_schema whose "
                    "\"results\" is an array with one object per image.");
}

bool wire_read(enum wire_dialect dialect, const struct json *body, struct wire_call *out,
               struct err *err)
{
    const struct json *messages = json_find(body, dialect == WIRE_RESPONSES ? "input" : "messages");
    AUTO(str_free) struct str schema = STR_INIT(1 << 20);

    *out = (struct wire_call){.dialect = dialect, .model = json_text_or(body, "model", WIRE_MODEL)};
    if (json_type(body) != JSON_OBJECT || !messages)
        return bad(err, "The body must be an object with the messages of a conversation.");
    if (json_bool_or(body, "stream", false))
        return bad(err, "Streaming is not offered here; leave \"stream\" out.");
    if (!read_schema(schema_of(dialect, body), out, err) || !read_messages(messages, out, err))
        return false;
    if (out->n == 0)
        return bad(err,
                   "There is no image in the request, and this reader reads nothing but images.");
    json_print(out->item, &schema);
    out->text_bytes += schema.n;
    return true;
}
