#include "upload-svc/frozen.h"

static void write_campaign(struct jw *w, const struct frozen_set *set)
{
    jw_key(w, "campaign");
    if (!set->campaign_title) {
        jw_raw(w, NULL, SV_LIT("null"));
        return;
    }
    jw_open(w, '{');
    jw_int(w, "id", set->campaign_id);
    jw_text(w, "title", set->campaign_title);
    jw_close(w);
}

struct jw frozen_open(struct str *out, const char *batch_id, const struct frozen_set *set)
{
    struct jw w = jw_on(out);

    jw_open(&w, '{');
    jw_text(&w, "batch_id", batch_id);
    jw_text(&w, "op", "extract");
    jw_text(&w, "set_id", set->id);
    jw_text(&w, "snapshot_type", set->type);
    jw_text(&w, "platform_source", set->platform);
    jw_text(&w, "snapshot_date", set->date);
    jw_text(&w, "timeframe", set->timeframe);
    write_campaign(&w, set);
    jw_text(&w, "yapper_handle", set->handle);
    jw_int(&w, "priority", 0);
    jw_int(&w, "deadline_s", set->deadline_s);
    jw_key(&w, "items");
    jw_open(&w, '[');
    return w;
}

void frozen_add(struct jw *w, const struct frozen_item *item)
{
    jw_open(w, '{');
    jw_int(w, "snapshot_id", item->id);
    jw_text(w, "uuid", item->uuid);
    jw_text(w, "s3_key", item->key);
    jw_text(w, "content_type", item->mime);
    jw_int(w, "bytes", item->bytes);
    jw_text(w, "sha256", item->sha256);
    jw_int(w, "width", item->width);
    jw_int(w, "height", item->height);
    jw_int(w, "rev", item->rev);
    jw_bool(w, "moved", item->moved);
    jw_close(w);
}

void frozen_close(struct jw *w)
{
    jw_close(w);
    jw_close(w);
}
