#include "upload-svc/state.h"

#include <string.h>

const struct snapshot_word snapshot_words[SNAPSHOT_STATE_COUNT_] = {
#define SNAPSHOT_STATE(name, wire, old, label, progress, terminal)                                 \
    {wire, old, label, progress, terminal},
#include "proto/snapshot_state.def"
#undef SNAPSHOT_STATE
};

const struct snapshot_word *snapshot_word_of(const char *wire)
{
    for (size_t i = 0; i < COUNT_OF(snapshot_words); i++)
        if (strcmp(snapshot_words[i].wire, wire) == 0)
            return &snapshot_words[i];
    return &snapshot_words[SNAPSHOT_PENDING];
}

bool snapshot_needs_review(const struct snapshot_word *w)
{
    return w == &snapshot_words[SNAPSHOT_NEEDS_REVIEW];
}

const char *snapshot_wire_of_image(const char *image_state)
{
    static const struct {
        const char *image;
        enum snapshot_state seen;
    } map[] = {{"waiting", SNAPSHOT_PROCESSING},    {"extracted", SNAPSHOT_COMPLETED},
               {"doubtful", SNAPSHOT_NEEDS_REVIEW}, {"validated", SNAPSHOT_VALIDATED},
               {"failed", SNAPSHOT_FAILED},         {"forgotten", SNAPSHOT_DELETED}};

    for (size_t i = 0; i < COUNT_OF(map); i++)
        if (strcmp(map[i].image, image_state) == 0)
            return snapshot_words[map[i].seen].wire;
    return snapshot_words[SNAPSHOT_PENDING].wire;
}

const char *fail_sentence(const char *code)
{
    static const struct {
        const char *wire, *sentence;
    } fails[] = {
#define FAIL(name, wire, sentence) {wire, sentence},
#include "proto/fail.def"
#undef FAIL
    };

    for (size_t i = 0; i < COUNT_OF(fails); i++)
        if (*code != '\0' && strcmp(fails[i].wire, code) == 0)
            return fails[i].sentence;
    return NULL;
}
