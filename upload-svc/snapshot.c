#include "upload-svc/snapshot.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/nfc.h"
#include "common/utf8.h"

enum { CLEAN_MAX = 4 * SNAPSHOT_NAME_MAX };

enum { WHAT_MAX = 64, EXT_MAX = 8 };

void snapshot_root(const char *s3_prefix, const char *deployment,
                   char out[static SNAPSHOT_PREFIX_SIZE])
{
    snprintf(out, SNAPSHOT_PREFIX_SIZE, "%s%s/", s3_prefix, deployment);
}

void snapshot_mark_key(const char *root, char out[static SNAPSHOT_KEY_SIZE])
{
    snprintf(out, SNAPSHOT_KEY_SIZE, "%ssweep-mark", root);
}

void snapshot_prefix(const char *s3_prefix, const char *deployment,
                     char out[static SNAPSHOT_PREFIX_SIZE])
{
    snprintf(out, SNAPSHOT_PREFIX_SIZE, "%s%s/snapshots/", s3_prefix, deployment);
}

void snapshot_key(const char *prefix, int64_t wall_s, const struct id *uuid, enum image_type type,
                  char out[static SNAPSHOT_KEY_SIZE])
{
    char day[CLOCK_DAY_SIZE];

    clock_day(wall_s, day);
    snprintf(out, SNAPSHOT_KEY_SIZE, "%s%s/%s.%s", prefix, day, uuid->text, image_ext(type));
}

static bool known_ext(const char *ext)
{
    for (int t = IMAGE_PNG; t <= IMAGE_GIF; t++)
        if (strcmp(ext, image_ext((enum image_type)t)) == 0)
            return true;
    return false;
}

bool snapshot_key_parse(const char *prefix, const char *key, struct id *uuid)
{
    size_t n = strlen(prefix);
    struct id found;
    int64_t day;

    if (strncmp(key, prefix, n) != 0)
        return false;
    key += n;
    if (strlen(key) < 10 + 1 + 36 + 2 || key[10] != '/' || key[47] != '.' ||
        !clock_parse_day((struct sv){key, 10}, &day) ||
        !id_parse((struct sv){key + 11, 36}, &found) || memcmp(key + 11, found.text, 36) != 0 ||
        !known_ext(key + 48))
        return false;
    *uuid = found;
    return true;
}

bool snapshot_derived_parse(const char *root, const char *key, struct id *uuid)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t n = strlen(root), what, ext;
    struct id found;

    if (strncmp(key, root, n) != 0 || strncmp(key + n, "derived/", 8) != 0)
        return false;
    key += n + 8;
    if (strlen(key) < 36 + 4 || key[36] != '/' || !id_parse((struct sv){key, 36}, &found) ||
        memcmp(key, found.text, 36) != 0)
        return false;
    key += 37;
    what = strspn(key, plain);
    if (what < 1 || what > WHAT_MAX || key[what] != '.')
        return false;
    ext = strspn(key + what + 1, plain);
    if (ext < 1 || ext > EXT_MAX || key[what + 1 + ext] != '\0')
        return false;
    *uuid = found;
    return true;
}

/* A character that a file's name may hold. */
static bool shown(const unsigned char *p, size_t n)
{
    if (n == 1)
        return p[0] >= 0x20 && p[0] != 0x7f;
    if (n == 2)
        return !(p[0] == 0xc2 && p[1] < 0xa0); /* C1 controls */
    if (n == 3 && p[0] == 0xe2 && p[1] == 0x80)
        return p[2] < 0xaa || p[2] > 0xae; /* U+202A..U+202E */
    if (n == 3 && p[0] == 0xe2 && p[1] == 0x81)
        return p[2] < 0xa6 || p[2] > 0xa9; /* U+2066..U+2069 */
    return true;
}

/* What of it is text and may be shown. More than CLEAN_MAX bytes cannot matter: composing makes
 * text shorter by a factor of 3 at most. */
static void clean(struct sv sent, struct str *out)
{
    while (sent.n > 0 && out->n < CLEAN_MAX) {
        size_t n = utf8_step(sent);

        if (n > 0 && shown((const unsigned char *)sent.p, n))
            str_add(out, sent.p, n);
        n = n > 0 ? n : 1;
        sent = (struct sv){sent.p + n, sent.n - n};
    }
}

/* As many whole characters as there is room for. */
static size_t fitting(struct sv text)
{
    size_t used = 0;

    while (used < text.n) {
        size_t n = utf8_step((struct sv){text.p + used, text.n - used});

        if (n == 0 || used + n > SNAPSHOT_NAME_MAX)
            break;
        used += n;
    }
    return used;
}

void snapshot_name(struct sv sent, char out[static SNAPSHOT_NAME_MAX + 1])
{
    AUTO(str_free) struct str text = STR_INIT(CLEAN_MAX + 4);
    AUTO(str_free) struct str name = STR_INIT((CLEAN_MAX + 4) * 3);
    size_t n;

    clean(sent, &text);
    n = nfc_add(str_sv(&text), &name) ? fitting(str_sv(&name)) : 0;
    if (n == 0)
        snprintf(out, SNAPSHOT_NAME_MAX + 1, "unnamed");
    else
        snprintf(out, SNAPSHOT_NAME_MAX + 1, "%.*s", (int)n, name.p);
}
