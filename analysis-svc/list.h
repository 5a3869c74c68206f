/*
 * list.h - the lists of a single subject (badges, tokens, points of a chart). Pure.
 *
 * extractor.json: "lists":{NAME:{"max":N,"key":[fields],"fields":[{"name","kind","max",…}]}}. In a
 * document a text field is plain text; any other kind is its value, and NAME_text is the print. An
 * entry whose `unsure` names fields of it bears them as "doubtful".
 */
#pragma once

#include "analysis-svc/cell.h"

struct list_entry {
    struct value *values;  /* one per field of the rule */
    struct notes doubtful; /* names of fields, the rule's own texts */
};
struct list {
    const struct json *rule; /* its member of the rules; its key is the name */
    struct list_entry *entries;
    size_t n, room;
};

size_t list_count(const struct extractor *x);
/* One struct list per list of the rules; NULL when there are none. */
struct list *list_make(const struct extractor *x, struct arena *mem);
/* from: the model's item; d: the document it becomes part of. What was wrong goes to notes. Returns
 * how many fields of entries are doubtful. */
size_t list_extract(struct list *list, const struct json *from, const struct document *d,
                    struct notes *notes);
/* The place of a field in an entry; FIELD_NONE: it has none of that name. */
int list_field(const struct list *list, const char *name);
/* from: "lists" of a document. */
void list_read(struct list *list, const struct json *from, struct arena *mem);
/* Add what `more` has and `into` has not. The same entry: equal in the key fields, and the n-th
 * such in its picture; members that it lacks are filled in, and what one picture shows without
 * doubt is not doubtful. */
void list_merge(struct list *into, const struct list *more, struct arena *mem, struct notes *notes);
void list_write(const struct list *list, struct jw *w);
