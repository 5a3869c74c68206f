/*
 * reader.c - the corridor: picture ► page ► leaderboard or profile ► answer.
 */
#include "local/reader/reader.h"

#include "local/reader/answer.h"
#include "local/reader/page.h"
#include "local/reader/repair.h"

static bool wants(const struct json *schema, const char *name)
{
    return json_find(json_find(schema, "properties"), name) != NULL;
}

/* Where the first person stands: what a page says about itself is above. */
static int first_row(const struct page *page, const struct board *b)
{
    double y = page->h;

    for (size_t i = 0; i < b->n; i++)
        y = b->rows[i].y < y ? b->rows[i].y : y;
    return (int)(y - 1.5 * page->cap);
}

/* People without a rank and without a figure are no leaderboard: a profile, a list of followers. */
static bool is_board(const struct board *b)
{
    size_t filled = 0;

    for (size_t i = 0; i < b->n; i++)
        for (int c = 1; c < COL_COUNT_; c++)
            filled += c != COL_NAME && c != COL_HANDLE && b->rows[i].cell[c][0];
    return b->n > 0 && filled >= b->n;
}

static bool board_answer(const struct page *page, const struct reader_task *task, struct reading *r,
                         struct jw *w, struct err *err)
{
    AUTO(board_free) struct board board = BOARD_INIT;

    board_read(page, task->lent, &board);
    if (!is_board(&board))
        return err_set(err, ERR_UNPROCESSABLE, "no row of a leaderboard can be read in the image");
    repair_board(&board);
    top_read(page, first_row(page, &board), &r->top);
    r->board = &board;
    answer_write(r, task->schema, w);
    r->board = NULL;
    return true;
}

static bool profile_answer(const struct page *page, const struct json *schema, struct reading *r,
                           struct jw *w, struct err *err)
{
    struct profile profile;

    profile_read(page, &profile);
    if (!profile_is_readable(&profile))
        return err_set(err, ERR_UNPROCESSABLE,
                       "neither a handle nor a figure can be read in the image");
    top_read(page, page->h, &r->top);
    r->profile = &profile;
    answer_write(r, schema, w);
    r->profile = NULL;
    return true;
}

bool reader_answer(struct ocr *ocr, const struct reader_task *task, struct str *out,
                   struct err *err)
{
    AUTO(page_free) struct page page = PAGE_INIT;
    struct reading r = {.id = task->id};
    struct jw w = jw_on(out);

    if (!wants(task->schema, "rows") && !wants(task->schema, "twitter_handle"))
        return err_set(err, ERR_UNPROCESSABLE,
                       "the schema asks neither for rows of a leaderboard nor for the "
                       "twitter_handle of a profile; "
                       "this reader knows no other pages");
    if (!page_read(&page, ocr, task->bytes, err))
        return false;
    return wants(task->schema, "rows") ? board_answer(&page, task, &r, &w, err)
                                       : profile_answer(&page, task->schema, &r, &w, err);
}
