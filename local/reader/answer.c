/*
 * answer.c - a walk over the schema; at each property the reading is asked for what stands there.
 */
#include "local/reader/answer.h"

#include <string.h>

enum place { AT_TOP, IN_ROW, IN_TOKEN, IN_BADGE, IN_NOTHING };

struct spot {
    const struct reading *r;
    enum place place;
    size_t i;
};

static void write_object(const struct spot *s, const struct json *schema, struct jw *w);

static const char *of_row(const struct row *row, const char *name)
{
    enum column c = column_of_row_field(name);

    return c == COL_NONE ? "" : row->cell[c];
}

static const char *of_profile(const struct profile *p, const char *name)
{
    for (int c = 1; c < COL_COUNT_; c++)
        if (strcmp(column_profile_field((enum column)c), name) == 0)
            return p->row.cell[c];
    if (strcmp(name, "display_name") == 0)
        return p->row.cell[COL_NAME];
    if (strcmp(name, "twitter_handle") == 0 || strcmp(name, "handle") == 0)
        return p->row.cell[COL_HANDLE];
    return strcmp(name, "bio") == 0 ? p->bio : "";
}

static const char *of_top(const struct spot *s, const char *name)
{
    const struct top *t = &s->r->top;

    if (strcmp(name, "id") == 0)
        return s->r->id ? s->r->id : "";
    if (strcmp(name, "platform") == 0)
        return t->platform;
    if (strcmp(name, "title") == 0)
        return t->title;
    if (strcmp(name, "timeframe") == 0)
        return t->timeframe;
    return s->r->profile ? of_profile(s->r->profile, name) : "";
}

static const char *of_token(const struct profile *p, size_t i, const char *name)
{
    return strcmp(name, "token") == 0       ? p->token[i].token
           : strcmp(name, "sentiment") == 0 ? p->token[i].sentiment
           : strcmp(name, "mentions") == 0  ? p->token[i].mentions
                                            : "";
}

static const char *of_badge(const struct profile *p, size_t i, const char *name)
{
    return strcmp(name, "title") == 0       ? p->badge[i].title
           : strcmp(name, "earned_on") == 0 ? p->badge[i].earned_on
           : strcmp(name, "rank") == 0      ? p->badge[i].rank
                                            : "";
}

static const char *text_at(const struct spot *s, const char *name)
{
    switch (s->place) {
    case AT_TOP:
        return of_top(s, name);
    case IN_ROW:
        return of_row(&s->r->board->rows[s->i], name);
    case IN_TOKEN:
        return of_token(s->r->profile, s->i, name);
    case IN_BADGE:
        return of_badge(s->r->profile, s->i, name);
    case IN_NOTHING:
        break;
    }
    return "";
}

/* The schema's name of a column: of a row, or of a profile. */
static const char *field_of(const struct spot *s, enum column c)
{
    if (s->place == IN_ROW)
        return column_row_field(c);
    return c == COL_HANDLE ? "twitter_handle"
           : c == COL_NAME ? "display_name"
                           : column_profile_field(c);
}

/* Names in `unsure` are the schema's own: of the fields that this object has. */
static void write_unsure(const struct spot *s, const struct json *properties, struct jw *w)
{
    const struct row *row = s->place == IN_ROW                    ? &s->r->board->rows[s->i]
                            : s->place == AT_TOP && s->r->profile ? &s->r->profile->row
                                                                  : NULL;

    jw_open(w, '[');
    for (int c = 1; row && c < COL_COUNT_; c++) {
        const char *field = field_of(s, (enum column)c);

        if (row->unsure & (1U << c) && field[0] && json_find(properties, field))
            jw_text(w, NULL, field);
    }
    jw_close(w);
}

static void write_list(const struct spot *s, size_t n, enum place place, const struct json *item,
                       struct jw *w)
{
    jw_open(w, '[');
    for (size_t i = 0; i < n; i++)
        write_object(&(struct spot){s->r, place, i}, item, w);
    jw_close(w);
}

static void write_headings(const struct board *b, struct jw *w)
{
    jw_open(w, '[');
    for (size_t i = 0; b && i < b->headings; i++)
        jw_text(w, NULL, b->heading[i]);
    jw_close(w);
}

static void write_array(const struct spot *s, const char *name, const struct json *schema,
                        const struct json *properties, struct jw *w)
{
    const struct json *item = json_find(schema, "items");
    const struct profile *p = s->r->profile;

    if (strcmp(name, "unsure") == 0)
        write_unsure(s, properties, w);
    else if (s->place == AT_TOP && strcmp(name, "rows") == 0 && s->r->board)
        write_list(s, s->r->board->n, IN_ROW, item, w);
    else if (s->place == AT_TOP && strcmp(name, "columns") == 0)
        write_headings(s->r->board, w);
    else if (s->place == AT_TOP && strcmp(name, "token_sentiments") == 0 && p)
        write_list(s, p->tokens, IN_TOKEN, item, w);
    else if (s->place == AT_TOP && strcmp(name, "badges") == 0 && p)
        write_list(s, p->badges, IN_BADGE, item, w);
    else
        write_list(s, 0, IN_NOTHING, item, w);
}

static void write_property(const struct spot *s, const struct json *property,
                           const struct json *properties, struct jw *w)
{
    const char *name = json_key(property), *type = json_text_or(property, "type", "string");

    jw_key(w, name);
    if (strcmp(type, "array") == 0)
        write_array(s, name, property, properties, w);
    else if (strcmp(type, "object") == 0)
        write_object(&(struct spot){s->r, IN_NOTHING, 0}, property, w);
    else if (strcmp(type, "string") == 0)
        jw_text(w, NULL, text_at(s, name));
    else if (strcmp(type, "boolean") == 0)
        jw_bool(w, NULL, false);
    else if (strcmp(type, "null") == 0)
        jw_text(w, NULL, NULL);
    else
        jw_int(w, NULL, 0);
}

static void write_object(const struct spot *s, const struct json *schema, struct jw *w)
{
    const struct json *properties = json_find(schema, "properties");

    jw_open(w, '{');
    for (const struct json *p = json_first(properties); p; p = json_next(p))
        write_property(s, p, properties, w);
    jw_close(w);
}

void answer_write(const struct reading *r, const struct json *schema, struct jw *w)
{
    write_object(&(struct spot){r, AT_TOP, 0}, schema, w);
}
