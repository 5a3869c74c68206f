/*
 * model_caps.h - what a model takes and costs: a line of models.json as a struct. Pure but for the
 * file that is read at start; immutable afterwards.
 *
 * The facts are data, not code: an operator may put another file in its place (ANALYSIS_MODELS).
 */
#pragma once

#include "common/base.h"
#include "common/err.h"

enum cap_refuses { /* parameters that this model answers with a 400 */
                   REFUSES_TEMPERATURE = 1,
                   REFUSES_EFFORT = 2,
                   REFUSES_DETAIL = 4,
                   REFUSES_DETAIL_ORIGINAL = 8,
};
enum cap_type { TAKES_PNG = 1, TAKES_JPEG = 2, TAKES_WEBP = 4, TAKES_GIF = 8 };

struct model_caps { /* numbers: 0 is no limit, or not known */
    int64_t images; /* in one call */
    int64_t many;   /* with more pictures than that in a call, many_side is the limit, not side */
    int64_t side, many_side;     /* longest side of a picture, pixels */
    int64_t pixels;              /* of one picture */
    int64_t image_bytes;         /* of one picture, as it lies in S3 */
    int64_t call_bytes;          /* of a call's pictures together */
    int64_t context;             /* tokens, in and out */
    int64_t patch, fit_side;     /* a token is patch x patch pixels, after fitting into fit_side */
    int64_t image_tokens;        /* of one picture, at most */
    int64_t image_percent;       /* what a patch costs, in hundredths of a token */
    int64_t price_in, price_out; /* micro-USD per million tokens */
    int64_t cliff_tokens;        /* input above this costs, all of it: */
    int64_t cliff_price_in, cliff_price_out;
    int64_t batch_percent; /* of these prices, through its Batch API; 0: it has none */
    unsigned refuses;      /* enum cap_refuses */
    unsigned types;        /* enum cap_type */
    bool urls;             /* fetches pictures by itself */
    bool old_limit;        /* max_tokens where others say max_completion_tokens */
    bool listed;           /* the server tells of its models, GET /v1/models/{model} */
    bool by_tool;          /* no structured output: the schema goes as a forced tool */
};

/* Everything that no line says: takes all, knows nothing. */
struct model_caps model_caps_default(void);
/* The lines of the file for this model of this kind of server ("openai", "ollama"...), later ones
 * over earlier ones. Errors: ERR_INTERNAL, ERR_UNPROCESSABLE, ERR_BAD_REQUEST with file and path.
 */
MUST_CHECK bool model_caps_read(const char *file, const char *server, const char *model,
                                struct model_caps *out, struct err *err);

struct picture_size {
    int64_t width, height;
};
/* Input tokens of a picture, erring upwards; a size that is not known counts as the largest. */
int64_t model_image_tokens(const struct model_caps *c, struct picture_size size);
/* Does the model take a picture of this content type as it is? */
bool model_takes_type(const struct model_caps *c, const char *type);
