/* page.c - the page's files, which travel inside the program. */
#include <string.h>

#include "common/embed.h"
#include "upload-svc/handlers.h"

extern const struct embed_file upload_web[];
extern const size_t upload_web_count;

static const char *type_of(const char *name)
{
    static const struct {
        const char *ending, *type;
    } types[] = {{".html", "text/html; charset=utf-8"},
                 {".js", "text/javascript; charset=utf-8"},
                 {".css", "text/css; charset=utf-8"},
                 {".svg", "image/svg+xml"}};
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && i < COUNT_OF(types); i++)
        if (strcmp(dot, types[i].ending) == 0)
            return types[i].type;
    return "application/octet-stream";
}

bool get_page(struct req *req, struct reply *reply, struct err *err)
{
    const char *name = strcmp(req_path(req), "/") == 0 ? "index.html" : req_path(req) + 1;

    for (size_t i = 0; i < upload_web_count; i++) {
        if (strcmp(upload_web[i].name, name) != 0)
            continue;
        reply->type = type_of(name);
        reply_header(reply, "Cache-Control", "no-cache");
        str_add(&reply->body, upload_web[i].bytes, upload_web[i].n);
        return true;
    }
    return err_set(err, ERR_NOT_FOUND, "this build holds no %s", name);
}
