/* batch_review.c - the member `review` of a batch: who says what about its pictures. What a field
 * may hold is asked later, when the picture's extractor is known. */
#include <string.h>

#include "analysis-svc/batch.h"

enum { BY_MAX = 120, KEY_MAX = 400, FIELD_MAX = 80 };

static const char *const action_words[] = {
    [REVIEW_APPROVE] = "approve", [REVIEW_EDIT] = "edit", [REVIEW_REJECT] = "reject"};

const char *review_action_wire(enum review_action a) { return action_words[a]; }

static bool read_action(const struct json *review, enum review_action *out, struct err *err)
{
    const char *word;

    if (!json_need_text(review, "action", &word, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(action_words); i++)
        if (strcmp(word, action_words[i]) == 0) {
            *out = (enum review_action)i;
            return true;
        }
    return err_set(err, ERR_UNPROCESSABLE, "action: \"%.40s\" is none of approve, edit, reject",
                   word);
}

static bool need_short(const struct json *from, const char *key, size_t max, const char **out,
                       struct err *err)
{
    if (!json_need_text(from, key, out, err))
        return false;
    if (**out == '\0' || strlen(*out) > max)
        return err_set(err, ERR_UNPROCESSABLE, "%s: 1 to %zu bytes are wanted", key, max);
    return true;
}

static bool read_edit(const struct json *edit, struct err *err)
{
    const struct json *value = json_find(edit, "value");
    const char *text = json_text(value), *ignored;

    if (!need_short(edit, "row_key", KEY_MAX, &ignored, err) ||
        !need_short(edit, "field", FIELD_MAX, &ignored, err))
        return false;
    if (!value || (!text && json_type(value) != JSON_NULL))
        return err_set(err, ERR_UNPROCESSABLE, "value: a text, or null to withdraw, is wanted");
    if (text && strlen(text) > REVIEW_TEXT_MAX)
        return err_set(err, ERR_UNPROCESSABLE, "value: longer than %d bytes", REVIEW_TEXT_MAX);
    return true;
}

static bool read_edits(const struct json *review, struct batch_review *out, struct err *err)
{
    const struct json *edits = json_find(review, "edits");
    size_t n = edits ? json_count(edits) : 0;

    if (edits && json_type(edits) != JSON_ARRAY)
        return err_set(err, ERR_UNPROCESSABLE, "edits: a list is wanted");
    if (n > REVIEW_EDITS_MAX)
        return err_set(err, ERR_UNPROCESSABLE, "edits: at most %d, not %zu", REVIEW_EDITS_MAX, n);
    for (const struct json *e = n > 0 ? json_first(edits) : NULL; e; e = json_next(e))
        if (!read_edit(e, err))
            return err_wrap(err, "edits");
    out->edits = n > 0 ? edits : NULL;
    return true;
}

bool batch_read_review(struct batch *b, struct err *err)
{
    struct batch_review *r = &b->review;
    const struct json *review;

    if (!json_need(b->root, "review", JSON_OBJECT, &review, err) ||
        !read_action(review, &r->action, err) || !need_short(review, "by", BY_MAX, &r->by, err) ||
        !read_edits(review, r, err))
        return false;
    r->note = json_text_or(review, "note", "");
    if (strlen(r->note) > REVIEW_TEXT_MAX)
        return err_set(err, ERR_UNPROCESSABLE, "note: longer than %d bytes", REVIEW_TEXT_MAX);
    if (r->action == REVIEW_EDIT && !r->edits)
        return err_set(err, ERR_UNPROCESSABLE, "edits: nothing is to be changed");
    if (r->action == REVIEW_REJECT && r->edits)
        return err_set(err, ERR_UNPROCESSABLE, "edits: what is rejected is not corrected");
    return true;
}
