/*
 * provider_bulk.h - the vendors' Batch APIs: many calls in one parcel, at a part of the price,
 * answered within a day. Pure: text in, text out.
 *
 * OpenAI: the calls are lines of a file (POST /files, purpose batch), then POST /batches; results
 * are two files. Anthropic: all in one POST /v1/messages/batches; results are lines. Either way
 * results come in any order, and the call's id (custom_id) says whose they are. A parcel bears our
 * marker: OpenAI keeps it as metadata, so a parcel whose birth nobody saw is found again in the
 * list; Anthropic keeps none, so there it is the one of that time and so many calls.
 * Source: both vendors' API references (batches, files, message batches).
 */
#pragma once

#include "analysis-svc/provider.h"

enum { BULK_ID_SIZE = 128, BULK_FOUND_MAX = 8 };

bool bulk_offered(const struct provider *p); /* a Batch API, and what it costs, are known */
bool bulk_by_file(const struct provider *p); /* the calls are uploaded first */
int64_t bulk_cost(const struct provider *p, const struct provider_usage *u); /* micro-USD */

/* What is sent: open, add each call's body, shut. marker: our name of the parcel, a UUID. */
void bulk_open(const struct provider *p, const char *marker, struct str *out);
void bulk_add(const struct provider *p, const char *id, struct sv body, struct str *out);
void bulk_shut(const struct provider *p, const char *marker, struct str *out);

enum bulk_ask {
    BULK_UPLOAD,  /* the lines, as a file; its body is what was opened, added and shut */
    BULK_CREATE,  /* id: that file; without files the body likewise */
    BULK_STATE,   /* id: the parcel's, as in the next ones */
    BULK_CANCEL,  /* */
    BULK_RESULTS, /* id: a file, or the parcel */
    BULK_LIST,    /* the newest */
    BULK_DROP     /* id: a file, or the parcel */
};
const char *bulk_method(enum bulk_ask ask);
void bulk_request(const struct provider *p, enum bulk_ask ask, const char *id, const char *marker,
                  struct provider_request *out);

struct bulk_status {
    char id[BULK_ID_SIZE];
    bool ended;                 /* nothing more will come */
    char answers[BULK_ID_SIZE]; /* where results lie: files, or the parcel; "": none */
    char errors[BULK_ID_SIZE];  /* and those of calls that failed; "": none */
    char note[240];             /* how it ended, in the provider's words */
};
/* false: this is no parcel's state. */
bool bulk_read_status(const struct provider *p, struct sv body, struct bulk_status *out);
/* The id of an uploaded file; false: there is none. */
bool bulk_read_file(struct sv body, char out[static BULK_ID_SIZE]);

struct bulk_wanted {
    const char *marker;
    int64_t calls, since; /* wall seconds: not born before */
};
struct bulk_found {
    char ids[BULK_FOUND_MAX][BULK_ID_SIZE];
    size_t n;
};
/* Parcels of a list that may be the wanted one; false: this is no list. */
bool bulk_read_list(const struct provider *p, struct sv body, const struct bulk_wanted *want,
                    struct bulk_found *out);

struct bulk_entry {
    char id[BULK_ID_SIZE];
    bool answered; /* false: it expired or was cancelled; reply is empty */
    int status;
    struct str headers, body; /* as if it had come by HTTP, for provider_read */
};
#define BULK_ENTRY_INIT                                                                            \
    {                                                                                              \
        .headers = STR_INIT(1024), .body = STR_INIT(16 << 20)                                      \
    }
/* Cut the next line off; false at the end. */
bool bulk_next_line(struct sv *rest, struct sv *line);
/* false: the line cannot be read. out: initialised, may be used again. */
bool bulk_read_entry(const struct provider *p, struct sv line, struct bulk_entry *out);
void bulk_entry_free(struct bulk_entry *e);
