#include "upload-svc/row.h"

#include <inttypes.h>
#include <string.h>

#include "upload-svc/state.h"

static void text_or_null(struct jw *w, const char *key, const struct db_rows *rows, size_t i,
                         const char *column)
{
    jw_text(w, key, db_null(rows, i, column) ? NULL : db_text(rows, i, column));
}

static void int_or_null(struct jw *w, const char *key, const struct db_rows *rows, size_t i,
                        const char *column)
{
    jw_raw(w, key, db_null(rows, i, column) ? SV_LIT("null") : db_sv(rows, i, column));
}

/* The reason of a failed or doubtful picture, as a sentence. */
static void write_error(struct jw *w, const struct db_rows *rows, size_t i)
{
    AUTO(str_free) struct str log = STR_INIT(4096);
    const char *note = db_text(rows, i, "fail_note");
    const char *sentence = fail_sentence(db_text(rows, i, "fail_code"));

    if (sentence)
        str_addz(&log, sentence);
    if (*note != '\0')
        str_addf(&log, "%s%.1024s", log.n > 0 ? " " : "", note);
    jw_text(w, "errorLog", log.n > 0 ? log.p : NULL);
    text_or_null(w, "failCode", rows, i, "fail_code");
}

void row_write_status(struct jw *w, const struct db_rows *rows, size_t i)
{
    const struct snapshot_word *word = snapshot_word_of(db_text(rows, i, "state"));

    jw_int(w, "id", db_int(rows, i, "id"));
    jw_text(w, "uuid", db_text(rows, i, "uuid"));
    jw_text(w, "fileName", db_text(rows, i, "original_file_name"));
    jw_text(w, "platformSource", db_text(rows, i, "platform_source"));
    jw_text(w, "state", word->wire);
    jw_text(w, "processingStatus", word->old);
    jw_text(w, "statusDisplay", word->label);
    jw_bool(w, "needsReview", snapshot_needs_review(word));
    jw_bool(w, "terminal", word->terminal);
    jw_int(w, "progress", word->progress);
    int_or_null(w, "confidenceScore", rows, i, "confidence");
    text_or_null(w, "campaignTitle", rows, i, "campaign_title");
    jw_text(w, "uploadedAt", db_text(rows, i, "uploaded_at"));
    text_or_null(w, "processedAt", rows, i, "processed_at");
    write_error(w, rows, i);
}

void row_write_list(struct jw *w, const struct db_rows *rows, size_t i)
{
    const struct snapshot_word *word = snapshot_word_of(db_text(rows, i, "state"));
    AUTO(str_free) struct str url = STR_INIT(128);
    bool gone = db_bool(rows, i, "image_gone");

    str_addf(&url, "/api/admin/snapshots/%" PRId64 "/image", db_int(rows, i, "id"));
    jw_text(w, "setId", db_text(rows, i, "set_id"));
    jw_text(w, "snapshotType", db_text(rows, i, "snapshot_type"));
    jw_text(w, "snapshotTimeframe", db_text(rows, i, "snapshot_timeframe"));
    jw_text(w, "snapshotDate", db_text(rows, i, "snapshot_date"));
    int_or_null(w, "campaignId", rows, i, "campaign_id");
    text_or_null(w, "yapperTwitterHandle", rows, i, "yapper_twitter_handle");
    jw_bool(w, "hasData",
            word == &snapshot_words[SNAPSHOT_COMPLETED] ||
                word == &snapshot_words[SNAPSHOT_NEEDS_REVIEW] ||
                word == &snapshot_words[SNAPSHOT_VALIDATED]);
    jw_text(w, "creatorName", db_text(rows, i, "uploaded_by"));
    jw_text(w, "s3Key", db_text(rows, i, "s3_key"));
    jw_text(w, "filePath", db_text(rows, i, "s3_key"));
    jw_text(w, "s3Url", gone ? NULL : url.p);
    jw_text(w, "imageUrl", gone ? NULL : url.p);
    jw_bool(w, "imageGone", gone);
}

void row_write_rest(struct jw *w, const struct db_rows *rows, size_t i)
{
    row_write_list(w, rows, i);
    jw_text(w, "contentType", db_text(rows, i, "content_type"));
    jw_int(w, "bytes", db_int(rows, i, "bytes"));
    text_or_null(w, "sha256", rows, i, "sha256");
    jw_int(w, "width", db_int(rows, i, "width"));
    jw_int(w, "height", db_int(rows, i, "height"));
    jw_raw(w, "metadata", db_sv(rows, i, "metadata"));
    jw_text(w, "uploadedBy", db_text(rows, i, "uploaded_by"));
    int_or_null(w, "attemptCount", rows, i, "attempts");
    int_or_null(w, "costMicroUsd", rows, i, "cost_micro_usd");
}
