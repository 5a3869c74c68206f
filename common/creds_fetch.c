/* creds_fetch.c - asking a source over HTTP, and reading what endpoints and files say. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/creds_internal.h"
#include "common/id.h"
#include "common/json.h"
#include "common/retry.h"

enum { WAIT_MS = 2000, PIECE = 4096 };

bool creds_fetch(const struct creds_ask *ask, struct http_answer *answer, struct err *err)
{
    static const struct retry_plan plan = {.base_ms = 100, .cap_ms = 1000};
    int64_t wait = ask->conf->wait_ms > 0 ? ask->conf->wait_ms : WAIT_MS;
    const struct http_req req = {.method = ask->method,
                                 .url = ask->url,
                                 .headers = ask->headers,
                                 .body = ask->body,
                                 .connect_ms = wait,
                                 .total_ms = wait,
                                 .answer_max = CREDS_ANSWER_MAX};
    struct err why = ERR_INIT;

    for (unsigned n = 0;; n++) {
        bool answered = http_perform(&req, answer, &why);
        bool faulty = !answered || answer->status >= 500 || answer->status == 429;

        if (!faulty || n + 1 >= ask->tries) {
            if (!answered)
                *err = why;
            return answered;
        }
        clock_sleep_ms(retry_wait_ms(&plan, n, 0, rnd_unit()));
    }
}

bool creds_read_json(struct sv body, struct creds_key *key, struct err *err)
{
    AUTO(json_free) struct json *root = NULL;
    struct err ignored = ERR_INIT;

    if (!json_parse(body, &root, &ignored))
        return err_set(err, ERR_STORAGE, "its answer is not JSON");
    str_addz(&key->id, json_text_or(root, "AccessKeyId", ""));
    str_addz(&key->secret, json_text_or(root, "SecretAccessKey", ""));
    str_addz(&key->token, json_text_or(root, "Token", ""));
    if (key->id.n == 0 || key->secret.n == 0)
        return err_set(err, ERR_STORAGE, "its answer holds no keys");
    if (!clock_parse_iso(sv_of(json_text_or(root, "Expiration", "")), &key->expires_s))
        return err_set(err, ERR_STORAGE, "its answer does not say when the keys end");
    return true;
}

static bool read_all(int fd, struct str *out)
{
    char piece[PIECE];
    ssize_t n;

    while ((n = read(fd, piece, sizeof piece)) > 0)
        str_add(out, piece, (size_t)n);
    return n == 0 && str_ok(out);
}

bool creds_read_file(const char *setting, const char *path, struct str *out, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && read_all(fd, out);
    int why = fd < 0 ? errno : 0;

    if (fd >= 0)
        close(fd);
    if (!ok)
        return err_set(err, ERR_BAD_REQUEST, "%s: %s: %s", setting, path,
                       why ? strerror(why) : "it cannot be read, or is too large");
    while (out->n > 0 && strchr(" \t\r\n", out->p[out->n - 1]))
        out->p[--out->n] = '\0';
    return true;
}

bool creds_is_line(struct sv text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f)
            return false;
    return true;
}
