#include "upload-svc/form.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/utf8.h"

enum { DAY_S = 86400, HANDLE_MAX = 15, TYPE_MAX = 48 };

static const char *const platforms[] = {
#define PLATFORM(wire, label, other) wire,
#include "proto/platform.def"
#undef PLATFORM
};
static const struct {
    const char *wire, *timeframe;
    bool needs_handle;
} types[] = {
#define SNAPSHOT_TYPE(name, wire, timeframe, needs_handle) {wire, timeframe, needs_handle},
#include "proto/snapshot_type.def"
#undef SNAPSHOT_TYPE
};

struct form form_new(struct arena *arena, int64_t now_s)
{
    return (struct form){.arena = arena,
                         .now_s = now_s,
                         .type = types[0].wire,
                         .metadata = "{}",
                         .set_id = id_new()};
}

void form_fault(struct form *f, const char *field, enum err_code code, const char *fmt, ...)
{
    char text[256];
    va_list ap;

    if (f->fault_count == FORM_FAULTS_MAX)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    f->faults[f->fault_count++] = (struct form_fault){arena_copy(f->arena, sv_of(field)), code,
                                                      arena_copy(f->arena, sv_of(text))};
}

/* ---- what each field may be: true, or a sentence in `why` ---- */

static bool platform(struct form *f, struct sv v, const char **why)
{
    for (size_t i = 0; i < COUNT_OF(platforms); i++)
        if (sv_eqz(v, platforms[i]))
            f->platform = platforms[i];
    *why = "no such platform; GET /api/admin/snapshots/platforms lists them";
    return f->platform != NULL;
}

static bool date(struct form *f, struct sv v, const char **why)
{
    int64_t day = 0, first = 0;
    char year[CLOCK_DAY_SIZE];

    snprintf(year, sizeof year, "%d-01-01", FORM_YEAR_MIN);
    *why = "a day that exists, as YYYY-MM-DD, is wanted";
    if (!clock_parse_day(v, &day) || !clock_parse_day(sv_of(year), &first))
        return false;
    *why = "the day lies before 2015";
    if (day < first)
        return false;
    *why = "the day lies in the future";
    if (day > f->now_s + DAY_S) /* somewhere it is tomorrow already */
        return false;
    f->date = arena_copy(f->arena, v);
    return true;
}

/* The name of an extractor, which may be one that was dropped in: whether it is there, the caller
 * asks (form_other_type). */
static bool type(struct form *f, struct sv v, const char **why)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

    f->type = NULL;
    f->other_type = true;
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (sv_eqz(v, types[i].wire))
            f->other_type = false;
    *why = "no such type; GET /api/meta lists them";
    for (size_t i = 0; i < v.n; i++)
        if (v.n > TYPE_MAX || !strchr(letters, v.p[i]))
            return false;
    f->type = arena_copy(f->arena, v);
    return true;
}

static bool timeframe(struct form *f, struct sv v, const char **why)
{
    int64_t n = 0;

    *why = "hours or days are wanted, as 24H or 7D";
    if (v.n < 2 || v.n > 5 || (v.p[v.n - 1] != 'H' && v.p[v.n - 1] != 'D') ||
        !sv_int((struct sv){v.p, v.n - 1}, &n) || n < 1)
        return false;
    f->timeframe = arena_copy(f->arena, v); /* compared with the type's in form_end */
    return true;
}

static bool campaign(struct form *f, struct sv v, const char **why)
{
    int64_t n = 0;

    *why = "the number of a campaign is wanted";
    if (!sv_int(v, &n) || n <= 0)
        return false;
    f->campaign_id = n;
    return true;
}

static bool handle_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool handle(struct form *f, struct sv v, const char **why)
{
    char text[HANDLE_MAX + 1] = "";
    size_t at = v.n > 0 && v.p[0] == '@';

    v = sv_trim((struct sv){v.p + at, v.n - at});
    *why = "1 to 15 letters, digits or _ are wanted, with or without @";
    if (v.n == 0 || v.n > HANDLE_MAX)
        return false;
    for (size_t i = 0; i < v.n; i++) {
        if (!handle_letter(v.p[i]))
            return false;
        text[i] = (char)(v.p[i] >= 'A' && v.p[i] <= 'Z' ? v.p[i] + 32 : v.p[i]);
    }
    f->handle = arena_copy(f->arena, sv_of(text));
    return true;
}

static bool metadata(struct form *f, struct sv v, const char **why)
{
    AUTO(json_free) struct json *doc = NULL;
    struct err err = ERR_INIT;

    *why = "a JSON object is wanted";
    if (!json_parse(v, &doc, &err) || json_type(doc) != JSON_OBJECT)
        return false;
    *why = "a \\u0000 cannot be kept";
    if (memmem(v.p, v.n, "\\u0000", 6))
        return false;
    f->metadata = arena_copy(f->arena, v);
    return true;
}

static bool set(struct form *f, struct sv v, const char **why)
{
    *why = "a UUID is wanted";
    f->set_given = id_parse(v, &f->set_id);
    return f->set_given;
}

static bool deadline(struct form *f, struct sv v, const char **why)
{
    int64_t n = 0;

    *why = "seconds from 1 to 604800 are wanted";
    if (!sv_int(v, &n) || n < 1 || n > FORM_DEADLINE_MAX)
        return false;
    f->deadline_s = n;
    return true;
}

/* The table: every field that a form may have. */
static const struct rule {
    const char *name;
    enum err_code bad;
    size_t max;
    bool required;
    bool (*read)(struct form *f, struct sv value, const char **why);
} rules[FORM_FIELD_COUNT_] = {
    [FORM_PLATFORM] = {"platformSource", ERR_BAD_PLATFORM, FORM_TEXT_MAX, true, platform},
    [FORM_DATE] = {"snapshotDate", ERR_BAD_DATE, FORM_TEXT_MAX, true, date},
    [FORM_TYPE] = {"snapshotType", ERR_BAD_TYPE, FORM_TEXT_MAX, false, type},
    [FORM_TIMEFRAME] = {"snapshotTimeframe", ERR_BAD_TIMEFRAME, FORM_TEXT_MAX, false, timeframe},
    [FORM_CAMPAIGN] = {"campaignId", ERR_BAD_CAMPAIGN, FORM_TEXT_MAX, false, campaign},
    [FORM_HANDLE] = {"yapperTwitterHandle", ERR_BAD_HANDLE, FORM_TEXT_MAX, false, handle},
    [FORM_METADATA] = {"metadata", ERR_BAD_METADATA, FORM_METADATA_MAX, false, metadata},
    [FORM_SET] = {"setId", ERR_BAD_SET, FORM_TEXT_MAX, false, set},
    [FORM_DEADLINE] = {"deadlineS", ERR_BAD_DEADLINE, FORM_TEXT_MAX, false, deadline},
};

static int find(const char *name)
{
    for (int i = 0; i < FORM_FIELD_COUNT_; i++)
        if (strcmp(rules[i].name, name) == 0)
            return i;
    return -1;
}

size_t form_limit(const char *name)
{
    int i = find(name);

    return i < 0 ? 0 : rules[i].max;
}

void form_field(struct form *f, const char *name, struct sv value)
{
    int i = find(name);
    const char *why = "";

    if (i < 0) {
        form_fault(f, name, ERR_FIELD_UNKNOWN, "%s",
                   strcmp(name, "screenshots") == 0
                       ? "pictures come as files: their parts need a filename"
                       : "no field of this form has that name");
        return;
    }
    if (f->seen[i]) {
        form_fault(f, name, rules[i].bad, "the field was given twice");
        return;
    }
    value = sv_trim(value);
    if (value.n == 0) /* an empty input of a browser's form is no value */
        return;
    f->seen[i] = true;
    if (value.n > rules[i].max)
        form_fault(f, name, rules[i].bad, "longer than %zu bytes", rules[i].max);
    else if (!utf8_ok(value) || memchr(value.p, '\0', value.n))
        form_fault(f, name, rules[i].bad, "not text in UTF-8");
    else if (!rules[i].read(f, value, &why))
        form_fault(f, name, rules[i].bad, "%s", why);
}

const char *form_timeframe_of(const char *wire, bool *needs_handle)
{
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (strcmp(types[i].wire, wire) != 0)
            continue;
        *needs_handle = types[i].needs_handle;
        return types[i].timeframe;
    }
    return NULL;
}

static void check_platform(struct form *f)
{
    const char *due = f->due_platforms;

    if (!f->other_type || !f->platform || !due || strstr(due, " * ") ||
        strstr(due, arena_printf(f->arena, " %s ", f->platform)))
        return;
    form_fault(f, rules[FORM_PLATFORM].name, ERR_BAD_PLATFORM,
               "%s is not read on this platform, but on:%s", f->type,
               arena_printf(f->arena, "%.*s", (int)strlen(due) - 1, due));
}

static void check_together(struct form *f)
{
    bool needs_handle = false;
    const char *due = f->type ? form_timeframe_of(f->type, &needs_handle) : NULL;

    if (f->other_type) {
        due = f->due_timeframe;
        needs_handle = f->due_handle;
    }
    if (!due)
        return;
    check_platform(f);
    if (!f->timeframe)
        f->timeframe = due;
    else if (strcmp(f->timeframe, due) != 0)
        form_fault(f, rules[FORM_TIMEFRAME].name, ERR_BAD_TIMEFRAME, "%s shows %s", f->type, due);
    if (needs_handle && !f->seen[FORM_HANDLE])
        form_fault(f, rules[FORM_HANDLE].name, ERR_FIELD_MISSING, "%s is about one person: whose?",
                   f->type);
}

bool form_has_needed(const struct form *f)
{
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (rules[i].required && !f->seen[i])
            return false;
    return true;
}

void form_end(struct form *f, size_t files)
{
    for (size_t i = 0; i < FORM_FIELD_COUNT_; i++)
        if (rules[i].required && !f->seen[i])
            form_fault(f, rules[i].name, ERR_FIELD_MISSING, "the field is required");
    check_together(f);
    if (files == 0)
        form_fault(f, "screenshots", ERR_NO_FILE, "send 1 to %d pictures in this field",
                   FORM_FILES_MAX);
}

void form_write_faults(const struct form *f, struct jw *w)
{
    jw_key(w, "errors");
    jw_open(w, '[');
    for (size_t i = 0; i < f->fault_count; i++) {
        jw_open(w, '{');
        jw_text(w, "field", f->faults[i].field);
        jw_text(w, "code", err_wire(f->faults[i].code));
        jw_text(w, "message", f->faults[i].message);
        jw_close(w);
    }
    jw_close(w);
}
