/*
 * plan.c - even groups under all limits at once.
 *
 * Tokens are estimates, erring upwards: what a picture costs is the vendors' formula
 * (model_caps.h); its answer is guessed from its height, as a row of a board is about 40 pixels
 * high and its twelve cells with their names about 100 tokens long.
 */
#include "analysis-svc/plan.h"

#include <string.h>

enum {
    ROW_PIXELS = 40,
    ROW_TOKENS = 100,
    ANSWER_TOKENS = 300, /* what stands around the rows of one picture */
    HEIGHT_UNKNOWN = 1200,
    TEXT_PER_TOKEN = 3, /* bytes of English and JSON, at least */
    CLIFF_PERCENT = 80, /* estimates stay so far below the price cliff */
};

struct load { /* a group so far, as one provider counts it */
    int64_t images, bytes, input, output, longest;
};

static bool over(int64_t value, int64_t limit) { return limit > 0 && value > limit; }

static int64_t answer_tokens(const struct plan_image *image)
{
    int64_t height = image->size.height > 0 ? image->size.height : HEIGHT_UNKNOWN;

    return ANSWER_TOKENS + height / ROW_PIXELS * ROW_TOKENS;
}

/* A picture above the provider's own limit is scaled down to it before it is sent. */
static int64_t sent_bytes(const struct model_caps *c, int64_t bytes)
{
    return over(bytes, c->image_bytes) ? c->image_bytes : bytes;
}

static void put_on(const struct model_caps *c, const struct plan_image *image, struct load *l)
{
    const struct picture_size size = image->size;
    int64_t longest = size.width > size.height ? size.width : size.height;

    l->images++;
    l->bytes += sent_bytes(c, image->bytes);
    l->input += model_image_tokens(c, size);
    l->output += answer_tokens(image);
    l->longest = longest > l->longest ? longest : l->longest;
}

static bool fits(const struct provider *p, const struct load *l)
{
    const struct model_caps *c = &p->caps;

    return !over(l->images, (int64_t)p->images_max) && !over(l->bytes, c->call_bytes) &&
           !over(l->output, p->max_output_tokens) && !over(l->input + l->output, c->context) &&
           !over(l->input, c->cliff_tokens * CLIFF_PERCENT / 100) &&
           !(over(l->images, c->many) && over(l->longest, c->many_side));
}

static bool all_fit(const struct plan_limits *limits, const struct plan_image *image,
                    struct load *loads)
{
    bool fit = true;

    for (size_t i = 0; i < limits->n; i++) {
        put_on(&limits->providers[i].caps, image, &loads[i]);
        fit = fit && fits(&limits->providers[i], &loads[i]);
    }
    return fit;
}

size_t plan_take(const struct plan_image *images, size_t n, const struct plan_limits *limits)
{
    struct load loads[PLAN_PROVIDERS_MAX];
    size_t calls, even, take = 0;

    if (n == 0)
        return 0;
    for (size_t i = 0; i < COUNT_OF(loads); i++)
        loads[i] = (struct load){.input = limits->text_tokens};
    calls = (n + limits->images - 1) / limits->images;
    even = (n + calls - 1) / calls;
    while (take < even && (all_fit(limits, &images[take], loads) || take == 0))
        take++;
    return take;
}

struct provider_usage plan_usage(const struct provider *p, const struct plan_image *images,
                                 size_t n, int64_t text_tokens)
{
    struct load l = {.input = text_tokens};

    for (size_t i = 0; i < n; i++)
        put_on(&p->caps, &images[i], &l);
    return (struct provider_usage){
        .input = l.input,
        .output = l.output < p->max_output_tokens ? l.output : p->max_output_tokens};
}

int64_t plan_text_tokens(const struct extractor *x)
{
    return (int64_t)(strlen(x->prompt) + x->answer_schema.n) / TEXT_PER_TOKEN;
}
