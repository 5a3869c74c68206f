/*
 * fetch.c - one GET without redirects, with the patience of a provider: 5 s to connect, 20 s in
 * all.
 */
#include "local/reader/fetch.h"

#include <string.h>

#include "common/base64.h"
#include "common/http.h"

#define IMAGE_MAX  ((size_t)50 << 20)
#define CONNECT_MS 5000
#define TOTAL_MS   20000

static bool cannot(enum wire_dialect dialect, enum err_code code, struct err *err)
{
    if (dialect == WIRE_MESSAGES)
        return err_set(err, ERR_UPSTREAM,
                       "Unable to download the file. Please verify the URL and try again.");
    return err_set(
        err, code,
        "Unable to download content from the provided URL before the timeout. Check that the URL "
        "is "
        "publicly accessible and responds promptly, or send the image as base64 instead.");
}

static bool refused(enum wire_dialect dialect, int status, struct err *err)
{
    if (dialect == WIRE_MESSAGES)
        return cannot(dialect, ERR_UPSTREAM, err);
    return err_set(err, ERR_UPSTREAM, "Error while downloading file. Upstream status code: %d.",
                   status);
}

static bool download(enum wire_dialect dialect, const char *url, struct str *out, struct err *err)
{
    struct http_req req = {.method = "GET",
                           .url = url,
                           .connect_ms = CONNECT_MS,
                           .total_ms = TOTAL_MS,
                           .answer_max = IMAGE_MAX};
    AUTO(http_answer_free) struct http_answer answer = HTTP_ANSWER_INIT;
    struct err why = ERR_INIT;

    if (!http_perform(&req, &answer, &why)) {
        if (why.code == ERR_TOO_LARGE)
            return err_set(err, ERR_FILE_TOO_LARGE,
                           "Failed to download image. Image size exceeds the limit of 50 MB.");
        return cannot(dialect, why.code == ERR_TIMEOUT ? ERR_TIMEOUT : ERR_UPSTREAM, err);
    }
    if (answer.status != 200)
        return refused(dialect, answer.status, err);
    str_addv(out, str_sv(&answer.body));
    return true;
}

static bool decode(const char *text, struct str *out, struct err *err)
{
    if (base64_decode(sv_of(text), out) && str_ok(out))
        return true;
    return err_set(
        err, ERR_BROKEN_IMAGE,
        "The image data you provided does not represent a valid image: its base64 is broken.");
}

bool fetch_image(enum wire_dialect dialect, const struct wire_image *image, struct str *out,
                 struct err *err)
{
    const char *comma;

    if (image->base64)
        return decode(image->base64, out, err);
    if (strncmp(image->url, "data:", 5) == 0) {
        comma = strstr(image->url, ";base64,");
        return comma ? decode(comma + 8, out, err)
                     : err_set(err, ERR_BROKEN_IMAGE,
                               "The image data you provided does not represent a valid image: "
                               "a data URL must be base64.");
    }
    if (strncmp(image->url, "http://", 7) != 0 && strncmp(image->url, "https://", 8) != 0)
        return err_set(err, ERR_BAD_REQUEST,
                       "An image URL must begin with https://, http:// or data:.");
    return download(dialect, image->url, out, err);
}
