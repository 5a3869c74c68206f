#include "common/log.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/json_write.h"

enum { LINE_USUAL = 640, LINE_WALL = 16384, TEXT_MAX = 2048, SCOPE_SIZE = 80 };

static const char *service_name = "snapkey";
static enum log_level least_level = LOG_INFO;
static _Thread_local char scope[SCOPE_SIZE];

void log_open(const char *service, enum log_level least)
{
    service_name = service;
    least_level = least;
}

static void copy(char *to, size_t size, const char *z)
{
    size_t n = strnlen(z, size - 1);

    memcpy(to, z, n);
    to[n] = '\0';
}

void log_scope(const char *request_id) { copy(scope, sizeof scope, request_id ? request_id : ""); }

static bool ends_value(char c)
{
    return c == '\0' || c == '&' || c == ' ' || c == '"' || c == '\'' || c == '\\' || c == '<' ||
           c == '>' || c == '\n' || c == '\r' || c == ')' || c == ',';
}

/* Put "***" over the value that begins at p, and close the gap. Gives the place behind it. */
static char *blot(char *p)
{
    char *end = p;
    size_t keep;

    while (!ends_value(*end))
        end++;
    keep = end - p >= 3 ? 3 : (size_t)(end - p);
    memset(p, '*', keep);
    memmove(p + keep, end, strlen(end) + 1);
    return p + keep;
}

static bool ends_mark(const char *text, const char *last)
{
    static const struct sv marks[] = {
        SV_LIT("X-Amz-Signature="),      SV_LIT("X-Amz-Credential="),
        SV_LIT("X-Amz-Security-Token="), SV_LIT("Signature="),
        SV_LIT("Key-Pair-Id="),          SV_LIT("Bearer "),
        SV_LIT("x-api-key: "),           SV_LIT(" sk-"),
    };
    size_t before = (size_t)(last - text);

    for (size_t i = 0; i < COUNT_OF(marks) && before > 0; i++) {
        const char *mark = marks[i].p;
        size_t n = marks[i].n;

        if (mark[n - 1] == *last && mark[n - 2] == (last[-1] | 0x20) && before + 1 >= n &&
            strncasecmp(last + 1 - n, mark, n) == 0)
            return true;
    }
    return false;
}

/* By the last two characters of the marks, the first of them a small letter or a colon: few of a
 * text's are such. */
void log_redact(char *text)
{
    for (char *p = text; (p = strpbrk(p, "= -"));)
        p = ends_mark(text, p) ? blot(p + 1) : p + 1;
}

static void add_kv(struct jw *w, const struct log_kv *kv)
{
    char text[TEXT_MAX];

    if (kv->type == KV_INT) {
        jw_int(w, kv->key, kv->num);
        return;
    }
    if (!kv->text) {
        jw_text(w, kv->key, NULL);
        return;
    }
    copy(text, sizeof text, kv->text);
    log_redact(text);
    jw_text(w, kv->key, text);
}

void log_line(enum log_level level, const char *event, const char *msg, const struct log_kv *kv,
              size_t n)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    AUTO(str_free) struct str line = STR_INIT(LINE_WALL);
    struct jw w = jw_on(&line);
    char stamp[CLOCK_ISO_SIZE];

    if (level < least_level)
        return;
    str_reserve(&line, LINE_USUAL);
    clock_iso(clock_wall_ms(), stamp);
    jw_open(&w, '{');
    jw_text(&w, "ts", stamp);
    jw_text(&w, "level", names[level]);
    jw_text(&w, "service", service_name);
    jw_text(&w, "event", event);
    jw_text(&w, "msg", msg);
    if (scope[0] != '\0')
        jw_text(&w, "request_id", scope);
    for (size_t i = 0; i < n; i++)
        add_kv(&w, &kv[i]);
    jw_close(&w);
    str_addc(&line, '\n');
    (void)!write(STDERR_FILENO, line.p,
                 line.n); /* one write, so that lines of threads do not mix */
}
