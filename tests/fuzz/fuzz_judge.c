/*
 * fuzz_judge.c - whatever a model answers, the rooms behind it hold their promises: judge, extract,
 * merge.
 *
 * Input: the first letter of an extractor's name (or any byte), then the answer's text. libFuzzer's
 * main; run from the repository's root, where the extractors are.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis-svc/document.h"
#include "analysis-svc/extract.h"
#include "analysis-svc/judge.h"
#include "analysis-svc/merge.h"
#include "analysis-svc/provider.h"
#include "common/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct extractors all;
enum { IDS = 2 };
static const char *const ids[IDS] = {"a1", "b2"};

static void merge(const struct extractor *x, const struct merge_input *in, size_t n,
                  struct str *out)
{
    struct err err = ERR_INIT;
    struct merge_said said;

    if (!merge_documents(x, &(struct merge_set){.in = in, .n = n}, out, &said, &err) ||
        !(said.confidence >= 0 && said.confidence <= 1))
        abort();
}

/* The document must be one that the merge takes; merging it twice must change nothing, nor must
 * taking it as it was before it was written. */
static void check_sheet(const struct extractor *x, const struct extracted *e, struct sv document)
{
    AUTO(str_free) struct str once = STR_INIT(64 << 20), twice = STR_INIT(64 << 20);
    AUTO(str_free) struct str unwritten = STR_INIT(64 << 20);
    struct merge_input input = {.snapshot_id = 5, .document = document};
    struct merge_input in[2] = {input, input};

    merge(x, in, 1, &once);
    merge(x, in, 2, &twice);
    input.read = e->as_read ? &e->paper->doc : NULL;
    merge(x, &input, 1, &unwritten);
    if (!sv_eq(str_sv(&once), str_sv(&twice)) || !sv_eq(str_sv(&once), str_sv(&unwritten)))
        abort();
}

static void check_item(const struct extractor *x, const struct json *item)
{
    AUTO(str_free) struct str text = STR_INIT(64 << 20);
    AUTO(extracted_free) struct extracted e;
    struct expected want = {"cookie.fun", x->timeframe, "ana", "", "2026-11-20"};

    extract_document(x, item, &want, &e);
    document_write(&e.paper->doc, &text);
    if (!(e.confidence >= 0 && e.confidence <= 1) || !str_ok(&text) || !utf8_ok(sv_of(e.note)) ||
        !utf8_ok(str_sv(&text)))
        abort();
    if ((e.state == IMAGE_FAILED) != (e.fail != FAIL_NONE) || e.state == IMAGE_WAITING)
        abort();
    check_sheet(x, &e, str_sv(&text));
}

/* The same bytes as a provider's answer: never a crash, never a secret. */
static void check_provider(struct sv body)
{
    static const int statuses[] = {200, 400, 429, 529};
    struct provider_reply reply = {statuses[body.n % COUNT_OF(statuses)], ERR_NONE, body, body};

    for (size_t d = 0; d < DIALECT_COUNT_; d++) {
        struct provider p = {.name = "x", .dialect = (enum provider_dialect)d, .base_url = ""};
        AUTO(provider_answer_free) struct provider_answer a;

        provider_read(&p, &reply, 0, &a);
        if (a.class >= ANSWER_COUNT_ || !utf8_ok(sv_of(a.message)) ||
            provider_cost(&p, &a.usage) != 0)
            abort();
    }
}

static const struct extractor *chosen(uint8_t by)
{
    for (size_t i = 0; i < all.n; i++)
        if ((uint8_t)all.items[i].name[0] == by)
            return &all.items[i];
    return &all.items[by % all.n];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    AUTO(json_free) struct json *doc = NULL;
    struct judged out[IDS];
    struct err err = ERR_INIT;
    const struct extractor *x;
    struct sv text;

    if (all.n == 0 && !extractors_load("analysis-svc/extractors", &all, &err))
        abort();
    if (n == 0)
        return 0;
    x = chosen(data[0]);
    text = (struct sv){(const char *)data + 1, n - 1};
    check_provider(text);
    if (!judge_answer(x, text, &(struct judge_ids){ids, IDS}, &doc, out, &err))
        return 0;
    for (size_t i = 0; i < IDS; i++)
        if (out[i].verdict == VERDICT_GOOD)
            check_item(x, out[i].item);
    return 0;
}
