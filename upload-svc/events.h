/* events.h - where a stream of events stands: the last event of each log that it has told. */
#pragma once

#include "common/base.h"

struct events_cursor {
    uint64_t upload_xid, analysis_xid;
    int64_t upload_seq, analysis_seq;
};
enum { EVENTS_ID_SIZE = 100 };

/* "u{xid}.{seq}-a{xid}.{seq}" */
void events_cursor_print(const struct events_cursor *c, char out[static EVENTS_ID_SIZE]);
bool events_cursor_parse(struct sv text, struct events_cursor *out);
