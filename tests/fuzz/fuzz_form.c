/*
 * fuzz_form.c - whatever fields a form holds: what is taken keeps the rules, what is not has a
 * fault, and the faults are JSON. Names of files come out as clean text.
 *
 * Input: lines, each the digit of a field and its value. libFuzzer's main.
 */
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/utf8.h"
#include "upload-svc/form.h"
#include "upload-svc/snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const names[] = {
    "platformSource",      "snapshotDate", "snapshotType", "snapshotTimeframe", "campaignId",
    "yapperTwitterHandle", "metadata",     "setId",        "deadlineS",         "another"};

static void must(bool held)
{
    if (!held)
        abort();
}

static void check_values(const struct form *f)
{
    must(f->platform && f->date && f->type && f->timeframe && f->metadata);
    must(strlen(f->date) == 10 && strcmp(f->date, "2015-01-01") >= 0);
    must(strlen(f->set_id.text) == 36 && f->campaign_id >= 0);
    must(f->deadline_s >= 0 && f->deadline_s <= FORM_DEADLINE_MAX);
    must(strlen(f->metadata) <= FORM_METADATA_MAX && f->metadata[0] == '{');
    if (f->handle)
        must(strlen(f->handle) <= 15 && *f->handle != '\0' &&
             f->handle[strspn(f->handle, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0');
    else
        must(strcmp(f->type, "yapper_profile") != 0);
}

static void check_faults(const struct form *f)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 20);
    AUTO(json_free) struct json *doc = NULL;
    struct err err = ERR_INIT;
    struct jw w = jw_on(&out);

    jw_open(&w, '{');
    form_write_faults(f, &w);
    jw_close(&w);
    must(json_parse(str_sv(&out), &doc, &err));
    must(json_count(json_find(doc, "errors")) == f->fault_count);
}

static void check_name(struct sv sent)
{
    char name[SNAPSHOT_NAME_MAX + 1], again[SNAPSHOT_NAME_MAX + 1];

    snapshot_name(sent, name);
    must(*name != '\0' && utf8_ok(sv_of(name)));
    for (const char *c = name; *c != '\0'; c++)
        must((unsigned char)*c >= 0x20 && *c != 0x7f);
    snapshot_name(sv_of(name), again);
    must(strcmp(name, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    AUTO(arena_free) struct arena arena = ARENA_INIT;
    struct form f = form_new(&arena, 1795348800);
    struct sv rest = {(const char *)data, n};

    while (rest.n > 1) {
        const char *end = memchr(rest.p, '\n', rest.n);
        size_t line = end ? (size_t)(end - rest.p) : rest.n;
        struct sv value = {rest.p + 1, line > 0 ? line - 1 : 0};

        form_field(&f, names[(unsigned char)rest.p[0] % COUNT_OF(names)], value);
        check_name(value);
        line += end != NULL;
        rest = (struct sv){rest.p + line, rest.n - line};
    }
    form_end(&f, n % 3);
    if (form_ok(&f))
        check_values(&f);
    check_faults(&f);
    return 0;
}
