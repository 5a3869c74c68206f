/*
 * extractor.c - loading the folders of extractors/. See extractor.h.
 */
#include "analysis-svc/extractor.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/extractor_own.h"
#include "analysis-svc/glyph.h"
#include "analysis-svc/rules.h"
#include "analysis-svc/schema.h"
#include "common/file.h"
#include "common/json_write.h"

enum { FILE_MAX = 256 << 10, PATH_SIZE = 1024, EXTRACTORS_MAX = 64 };

/* err names the file; the faults in it name the path inside. */
static bool in_file(const char *folder, const char *file, struct err *err)
{
    return err_wrap(err, "%s/%s", folder, file);
}

static bool read_json(const char *folder, const char *file, struct json **out, struct err *err)
{
    AUTO(str_free) struct str text = STR_INIT(FILE_MAX);
    char path[PATH_SIZE + 16];

    snprintf(path, sizeof(path), "%s/%.15s", folder, file);
    if (!file_read(path, &text, err))
        return false;
    return json_parse(str_sv(&text), out, err) || in_file(folder, file, err);
}

static void extractor_free(struct extractor *x)
{
    if (x->own_) {
        json_free(&x->own_->rules);
        json_free(&x->own_->schema);
        json_free(&x->own_->answer);
        str_free(&x->own_->prompt);
        arena_free(&x->own_->mem);
    }
    free(x->own_);
    free(x->fields);
    str_free(&x->answer_schema);
    *x = (struct extractor){.answer_schema = STR_INIT(0)};
}

void extractors_free(struct extractors *x)
{
    for (size_t i = 0; i < x->n; i++)
        extractor_free(&x->items[i]);
    free(x->items);
    *x = (struct extractors){NULL, 0};
}

static void write_value(struct jw *w, const char *key, const struct json *value)
{
    AUTO(str_free) struct str text = STR_INIT(FILE_MAX);

    json_print(value, &text);
    jw_raw(w, key, str_sv(&text));
}

static void write_required(struct jw *w, const struct json *required)
{
    jw_key(w, "required");
    jw_open(w, '[');
    jw_text(w, NULL, "id");
    for (const struct json *r = json_first(required); r; r = json_next(r))
        jw_text(w, NULL, json_text(r));
    jw_close(w);
}

static void write_properties(struct jw *w, const struct json *properties)
{
    jw_key(w, "properties");
    jw_open(w, '{');
    jw_key(w, "id");
    jw_open(w, '{');
    jw_text(w, "type", "string");
    jw_text(w, "description", "The id that stands before the picture");
    jw_close(w);
    for (const struct json *p = json_first(properties); p; p = json_next(p))
        write_value(w, json_key(p), p);
    jw_close(w);
}

/* schema.json with `id` as its first member. */
static void write_item(struct jw *w, const struct json *schema)
{
    jw_open(w, '{');
    for (const struct json *m = json_first(schema); m; m = json_next(m)) {
        if (strcmp(json_key(m), "required") == 0)
            write_required(w, m);
        else if (strcmp(json_key(m), "properties") == 0)
            write_properties(w, m);
        else
            write_value(w, json_key(m), m);
    }
    jw_close(w);
}

static void write_answer(const struct json *schema, struct str *out)
{
    struct jw w = jw_on(out);

    jw_open(&w, '{');
    jw_text(&w, "type", "object");
    jw_bool(&w, "additionalProperties", false);
    jw_raw(&w, "required", SV_LIT("[\"results\"]"));
    jw_key(&w, "properties");
    jw_open(&w, '{');
    jw_key(&w, "results");
    jw_open(&w, '{');
    jw_text(&w, "type", "array");
    jw_key(&w, "items");
    write_item(&w, schema);
    jw_close(&w);
    jw_close(&w);
    jw_close(&w);
}

static const struct json *inside(const struct json *n, const char *a, const char *b, const char *c)
{
    return json_find(json_find(json_find(n, a), b), c);
}

static bool make_answer(struct extractor *x, struct err *err)
{
    write_answer(x->item_schema, &x->answer_schema);
    if (json_find(json_find(x->item_schema, "properties"), "id"))
        return err_set(err, ERR_UNPROCESSABLE, "properties.id: this name is ours");
    if (!str_ok(&x->answer_schema))
        return err_set(err, ERR_UNPROCESSABLE, "larger than %d bytes", FILE_MAX);
    if (!json_parse(str_sv(&x->answer_schema), &x->own_->answer, err) ||
        !schema_check(x->own_->answer, err))
        return false;
    x->result_schema =
        schema_make(inside(x->own_->answer, "properties", "results", "items"), &x->own_->mem);
    return true;
}

static struct sv head_of(const char *name, struct arena *mem)
{
    AUTO(str_free) struct str head = STR_INIT(1 << 16);

    json_quote(&head, sv_of(name));
    str_addz(&head, ":{\"text\":");
    return (struct sv){arena_copy(mem, str_sv(&head)), head.n};
}

static bool read_fields(struct extractor *x, struct err *err)
{
    const struct json *list;

    if (!json_need(x->rules, "fields", JSON_ARRAY, &list, err))
        return false;
    x->fields = calloc(json_count(list) + 1, sizeof(*x->fields));
    if (!x->fields)
        abort();
    for (const struct json *f = json_first(list); f; f = json_next(f), x->field_count++) {
        struct extractor_field *field = &x->fields[x->field_count];

        if (!extractor_field_read(f, field, err))
            return err_wrap(err, "fields[%zu]", x->field_count);
        field->head = head_of(field->name, &x->own_->mem);
    }
    return true;
}

/* [a-z][a-z0-9_]*, short: it becomes part of the schema's name at the provider. */
static bool is_name(const char *name)
{
    return strlen(name) <= 48 && *name >= 'a' && *name <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

static bool read_rules(struct extractor *x, const char *name, struct err *err)
{
    const struct json *below;
    int64_t version;

    x->rules = x->own_->rules;
    x->item_schema = x->own_->schema;
    if (!json_need_text(x->rules, "name", &x->name, err) ||
        !json_need_int(x->rules, "version", &version, err) ||
        !json_need_text(x->rules, "timeframe", &x->timeframe, err) ||
        !json_need(x->rules, "review_below", JSON_NUMBER, &below, err) || !read_fields(x, err))
        return false;
    if (strcmp(x->name, name) != 0 || !is_name(name))
        return err_set(err, ERR_UNPROCESSABLE, "name: must be the folder's, in a-z, 0-9 and _");
    if (version < 1 || version > 1000000)
        return err_set(err, ERR_UNPROCESSABLE, "version: must be 1 or more");
    x->version = (int)version;
    x->rows = json_text_or(x->rules, "rows", NULL);
    x->review_below = json_number(below);
    if (!(x->review_below >= 0 && x->review_below <= 1))
        return err_set(err, ERR_UNPROCESSABLE, "review_below: must be 0 to 1");
    return extractor_check(x, err);
}

static void add_key(struct extractor *x, const struct json *names)
{
    struct extractor_key *key = &x->keys[x->key_count++];

    key->fields = arena_take(&x->own_->mem, (json_count(names) + 1) * sizeof *key->fields);
    for (const struct json *f = json_first(names); f; f = json_next(f))
        key->fields[key->n++] = rules_field(x, json_text(f));
}

static void add_checks(struct extractor *x, const struct json *checks)
{
    x->checks = arena_take(&x->own_->mem, (json_count(checks) + 1) * sizeof *x->checks);
    for (const struct json *c = json_first(checks); c; c = json_next(c))
        x->checks[x->check_count++] = (struct extractor_check){
            json_key(c), json_num_or(c, "weight", 0), json_num_or(c, "unseen", 0)};
}

/* What is asked of every row and picture: the rules are looked through for it once. */
static void look_up(struct extractor *x)
{
    const struct json *keys = json_find(x->rules, "key");

    x->keys = arena_take(&x->own_->mem, (json_count(keys) + 1) * sizeof *x->keys);
    for (const struct json *k = json_first(keys); k; k = json_next(k))
        add_key(x, k);
    add_checks(x, json_find(x->rules, "checks"));
    x->lacks[0] = (struct extractor_lack){rules_role(x, "handle"), rules_row_loss(x, "no_handle")};
    x->lacks[1] = (struct extractor_lack){rules_role(x, "rank"), rules_row_loss(x, "no_rank")};
}

static bool load_one(const char *path, const char *name, struct extractor *x, struct err *err)
{
    char prompt[PATH_SIZE + 16];

    snprintf(prompt, sizeof(prompt), "%s/prompt.txt", path);
    if (!read_json(path, "extractor.json", &x->own_->rules, err) ||
        !read_json(path, "schema.json", &x->own_->schema, err) ||
        !file_read(prompt, &x->own_->prompt, err))
        return false;
    x->prompt = x->own_->prompt.p;
    if (!schema_check(x->own_->schema, err))
        return in_file(path, "schema.json", err);
    if (!read_rules(x, name, err))
        return in_file(path, "extractor.json", err);
    look_up(x);
    if (glyph_trim(sv_of(x->prompt)).n == 0)
        return err_set(err, ERR_UNPROCESSABLE, "%s: is empty", prompt);
    return make_answer(x, err) || in_file(path, "schema.json", err);
}

static bool add_one(const char *folder, const char *name, struct extractors *all, struct err *err)
{
    struct extractor *x = &all->items[all->n];
    char path[PATH_SIZE];
    int n = snprintf(path, sizeof(path), "%s/%s", folder, name);

    *x = (struct extractor){.answer_schema = STR_INIT(FILE_MAX)};
    x->own_ = calloc(1, sizeof(*x->own_));
    if (!x->own_)
        abort();
    x->own_->prompt = (struct str)STR_INIT(FILE_MAX);
    all->n++;
    if (n < 0 || (size_t)n >= sizeof(path))
        return err_set(err, ERR_INTERNAL, "%s: the path is too long", name);
    return load_one(path, name, x, err);
}

static void folder_close(DIR **d)
{
    if (*d)
        closedir(*d);
    *d = NULL;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct extractor *)a)->name, ((const struct extractor *)b)->name);
}

static bool is_folder(const struct dirent *e)
{
    return e->d_name[0] != '.' && (e->d_type == DT_DIR || e->d_type == DT_UNKNOWN);
}

static bool report_one(const char *folder, const char *name, struct str *said)
{
    struct extractor item = {.answer_schema = STR_INIT(0)};
    struct extractors one = {&item, 0};
    struct err err = ERR_INIT;
    bool ok = add_one(folder, name, &one, &err);

    if (ok)
        str_addf(said, "%s version %d, %zu fields, %s\n", item.name, item.version, item.field_count,
                 item.timeframe);
    else
        str_addf(said, "wrong: %s\n", err.msg);
    extractor_free(&item);
    return ok;
}

bool extractors_report(const char *folder, struct str *said)
{
    AUTO(folder_close) DIR *d = opendir(folder);
    size_t n = 0;
    bool ok = true;

    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        if (!is_folder(e))
            continue;
        n++;
        ok = report_one(folder, e->d_name, said) && ok;
    }
    if (n == 0)
        str_addf(said, "wrong: %s: holds no extractor\n", folder);
    return ok && n > 0;
}

bool extractors_load(const char *folder, struct extractors *out, struct err *err)
{
    AUTO(extractors_free) struct extractors all = {NULL, 0};
    AUTO(folder_close) DIR *d = opendir(folder);

    if (!d)
        return err_set(err, ERR_INTERNAL, "%s: cannot be opened: %s", folder, strerror(errno));
    all.items = calloc(EXTRACTORS_MAX, sizeof(*all.items));
    if (!all.items)
        abort();
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        if (!is_folder(e))
            continue;
        if (all.n == EXTRACTORS_MAX)
            return err_set(err, ERR_INTERNAL, "%s: more than %d folders", folder, EXTRACTORS_MAX);
        if (!add_one(folder, e->d_name, &all, err))
            return false;
    }
    if (all.n == 0)
        return err_set(err, ERR_INTERNAL, "%s: holds no extractor", folder);
    qsort(all.items, all.n, sizeof(*all.items), by_name);
    *out = all;
    all = (struct extractors){NULL, 0};
    return true;
}

const struct extractor *extractors_find(const struct extractors *x, const char *name)
{
    for (size_t i = 0; i < x->n; i++)
        if (strcmp(x->items[i].name, name) == 0)
            return &x->items[i];
    return NULL;
}
