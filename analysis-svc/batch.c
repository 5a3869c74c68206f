/* batch.c - one message from upload-svc, checked field by field; faults are told per item. */
#include "analysis-svc/batch.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/page_platform.h"
#include "analysis-svc/rules.h"
#include "common/clock.h"

enum { DEADLINE_DEFAULT_S = 86400, DEADLINE_MAX_S = 30 * 86400, PRIORITY_MAX = 1000 };

void batch_free(struct batch *b)
{
    json_free(&b->root);
    free(b->list);
    b->list = NULL;
    b->n = 0;
}

static void fault(struct batch_item *item, const char *reason)
{
    if (item->reason[0] == '\0')
        snprintf(item->reason, sizeof item->reason, "%.159s", reason);
}

bool batch_refuse(struct batch *b, const char *reason, struct err *err)
{
    for (size_t i = 0; i < b->n; i++)
        fault(&b->list[i], reason);
    return err_set(err, ERR_UNPROCESSABLE, "%s", reason);
}

void batch_ids(const struct batch *b, struct str *out)
{
    for (size_t i = 0; i < b->n; i++)
        str_addf(out, "%s%" PRId64, i ? "," : "{", b->list[i].snapshot_id);
    str_addc(out, '}');
}

/* ---- one item ---- */

static bool is_sha256(const char *s) { return strspn(s, "0123456789abcdef") == 64 && !s[64]; }

/* null: nobody has summed its bytes up (UPLOAD_SHA256=off, adopted pictures). */
static bool is_sum(const struct json *n)
{
    const struct json *sum = json_find(n, "sha256");

    return sum && (json_type(sum) == JSON_NULL || is_sha256(json_text_or(n, "sha256", "")));
}

static bool is_picture(const char *type)
{
    static const char *const types[] = {"image/png", "image/jpeg", "image/webp", "image/gif"};

    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (strcmp(type, types[i]) == 0)
            return true;
    return false;
}

static bool need_size(const struct json *n, const char *key, int64_t most, int64_t *out,
                      struct err *err)
{
    if (!json_need_int(n, key, out, err))
        return false;
    if (*out < 1 || *out > most)
        return err_set(err, ERR_UNPROCESSABLE, "%s: %" PRId64 " is out of range", key, *out);
    return true;
}

static bool read_picture(const struct json *n, struct batch_item *item, struct err *err)
{
    const char *type;
    int64_t side;

    if (!json_need_text(n, "content_type", &type, err) ||
        !need_size(n, "bytes", INT64_C(5) << 30, &item->bytes, err) ||
        !need_size(n, "width", 100000, &side, err) || !need_size(n, "height", 100000, &side, err))
        return false;
    if (!is_picture(type))
        return err_set(err, ERR_UNPROCESSABLE, "content_type: not a picture that models read");
    if (!is_sum(n))
        return err_set(err, ERR_UNPROCESSABLE, "sha256: 64 lower-case hex digits or null");
    return true;
}

/* key NULL: the item names its picture only. */
static bool read_names(const struct json *n, struct batch_item *item, const char **key,
                       struct err *err)
{
    const char *uuid;
    struct id id;

    if (!json_need_int(n, "snapshot_id", &item->snapshot_id, err) ||
        !json_need_text(n, "uuid", &uuid, err) || (key && !json_need_text(n, "s3_key", key, err)))
        return false;
    if (item->snapshot_id < 1)
        return err_set(err, ERR_UNPROCESSABLE, "snapshot_id: must be positive");
    if (!id_parse(sv_of(uuid), &id))
        return err_set(err, ERR_UNPROCESSABLE, "uuid: not a UUID");
    return true;
}

/* Every key of a batch lies under one deployment. */
static void check_key(struct batch *b, struct batch_item *item, const char *key,
                      const struct batch_rules *rules)
{
    char deployment[DEPLOYMENT_SIZE];

    if (!batch_key(key, rules, deployment))
        fault(item, "the key lies outside the prefixes this service may read");
    else if (deployment[0] && b->deployment[0] && strcmp(deployment, b->deployment) != 0)
        fault(item, "the key lies under another deployment than the keys before it");
    else if (deployment[0])
        memcpy(b->deployment, deployment, sizeof deployment);
}

static void read_item(struct batch *b, size_t i, const struct batch_rules *rules)
{
    const struct json *n = json_at(b->items, i);
    struct batch_item *item = &b->list[i];
    const char *key = NULL;
    struct err why = ERR_INIT;

    if (!read_names(n, item, b->op == BATCH_REVIEW ? NULL : &key, &why))
        fault(item, why.msg);
    else if (b->op == BATCH_EXTRACT && !read_picture(n, item, &why))
        fault(item, why.msg);
    else if (b->op == BATCH_EXTRACT)
        check_key(b, item, key, rules);
}

static void find_doubles(struct batch *b)
{
    for (size_t i = 0; i < b->n; i++)
        for (size_t j = 0; j < i; j++)
            if (b->list[i].snapshot_id == b->list[j].snapshot_id)
                fault(&b->list[i], "the picture is named twice in this batch");
}

static bool read_items(struct batch *b, const struct batch_rules *rules, struct err *err)
{
    size_t n = json_count(b->items), bad = 0;

    if (n > BATCH_ITEMS_MAX)
        return err_set(err, ERR_TOO_LARGE, "a batch holds at most %d pictures, not %zu",
                       BATCH_ITEMS_MAX, n);
    if (n == 0)
        return err_set(err, ERR_BAD_REQUEST, "items: a batch holds at least one picture");
    b->list = calloc(n, sizeof *b->list);
    if (!b->list)
        abort();
    b->n = n;
    for (size_t i = 0; i < n; i++)
        read_item(b, i, rules);
    find_doubles(b);
    for (size_t i = 0; i < n; i++)
        bad += b->list[i].reason[0] != '\0';
    return bad == 0 || err_set(err, ERR_UNPROCESSABLE, "%zu item%s cannot be accepted", bad,
                               bad == 1 ? "" : "s");
}

/* ---- what all items share ---- */

static void set_handle(struct batch *b, const char *handle)
{
    size_t n = 0;

    for (; *handle && n < sizeof b->handle - 1; handle++)
        if (*handle != '@' && *handle != ' ')
            b->handle[n++] = (char)tolower((unsigned char)*handle);
    b->handle[n] = '\0';
}

static bool read_campaign(struct batch *b, struct err *err)
{
    const struct json *campaign = json_find(b->root, "campaign");

    b->campaign_title = "";
    if (!campaign || json_type(campaign) == JSON_NULL)
        return true;
    b->has_campaign = true;
    return json_need_int(campaign, "id", &b->campaign_id, err) &&
           json_need_text(campaign, "title", &b->campaign_title, err);
}

static bool read_bounds(struct batch *b, struct err *err)
{
    b->priority = json_int_or(b->root, "priority", 0);
    b->deadline_s = json_int_or(b->root, "deadline_s", DEADLINE_DEFAULT_S);
    b->fresh = json_bool_or(b->root, "fresh", false);
    if (b->deadline_s < 1 || b->deadline_s > DEADLINE_MAX_S)
        return err_set(err, ERR_UNPROCESSABLE, "deadline_s: must be 1 to %d", DEADLINE_MAX_S);
    if (b->priority < -PRIORITY_MAX || b->priority > PRIORITY_MAX)
        return err_set(err, ERR_UNPROCESSABLE, "priority: must be -%d to %d", PRIORITY_MAX,
                       PRIORITY_MAX);
    return true;
}

static bool read_facts(struct batch *b, const struct batch_rules *rules, struct err *err)
{
    const char *set;
    int64_t day;

    if (!json_need_text(b->root, "set_id", &set, err) ||
        !json_need_text(b->root, "snapshot_type", &b->type, err) ||
        !json_need_text(b->root, "platform_source", &b->platform, err) ||
        !json_need_text(b->root, "snapshot_date", &b->date, err) ||
        !json_need_text(b->root, "timeframe", &b->timeframe, err) || !read_campaign(b, err) ||
        !read_bounds(b, err))
        return false;
    set_handle(b, json_text_or(b->root, "yapper_handle", ""));
    b->extractor = extractors_find(rules->extractors, b->type);
    if (!id_parse(sv_of(set), &b->set_id))
        return err_set(err, ERR_UNPROCESSABLE, "set_id: not a UUID");
    if (!b->extractor)
        return err_set(err, ERR_UNPROCESSABLE, "snapshot_type: there is no extractor \"%.60s\"",
                       b->type);
    if (!page_platform_known(b->platform))
        return err_set(err, ERR_UNPROCESSABLE, "platform_source: \"%.60s\" is unknown",
                       b->platform);
    if (!rules_platform(b->extractor, b->platform))
        return err_set(err, ERR_UNPROCESSABLE,
                       "platform_source: %s is not read from pictures of \"%.60s\"", b->type,
                       b->platform);
    if (!clock_parse_day(sv_of(b->date), &day))
        return err_set(err, ERR_UNPROCESSABLE, "snapshot_date: not a date");
    return true;
}

static const char *const op_words[] = {
    [BATCH_EXTRACT] = "extract", [BATCH_FORGET] = "forget", [BATCH_REVIEW] = "review"};

const char *batch_op_wire(enum batch_op op) { return op_words[op]; }

static bool read_op(struct batch *b, struct err *err)
{
    const char *op = json_text_or(b->root, "op", "extract");

    for (size_t i = 0; i < COUNT_OF(op_words); i++)
        if (strcmp(op, op_words[i]) == 0) {
            b->op = (enum batch_op)i;
            return true;
        }
    return err_set(err, ERR_BAD_REQUEST, "op: \"%.40s\" is none of extract, forget, review", op);
}

static bool read_head(struct batch *b, struct err *err)
{
    const char *id;

    if (!json_need_text(b->root, "batch_id", &id, err) ||
        !json_need(b->root, "items", JSON_ARRAY, &b->items, err)) {
        err->code = ERR_BAD_REQUEST;
        return false;
    }
    if (!id_parse(sv_of(id), &b->id))
        return err_set(err, ERR_BAD_REQUEST, "batch_id: not a UUID");
    return read_op(b, err);
}

bool batch_read(struct sv body, const struct batch_rules *rules, struct batch *out, struct err *err)
{
    struct err why = ERR_INIT;

    *out = (struct batch){.type = "", .platform = "", .timeframe = "", .campaign_title = ""};
    if (!json_parse(body, &out->root, err) || !read_head(out, err) || !read_items(out, rules, err))
        return false;
    if (out->op == BATCH_EXTRACT && !read_facts(out, rules, &why))
        return batch_refuse(out, why.msg, err);
    if (out->op == BATCH_REVIEW && !batch_read_review(out, &why))
        return batch_refuse(out, why.msg, err);
    return true;
}
