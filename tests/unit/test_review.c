/* test_review.c - what people say about a reading: approved, corrected, rejected; on a real
 * Postgres. Covers: review batch_review */
#include "analysis-svc/review.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/workshop.h"

static struct app *app;

static int start(void **state)
{
    (void)state;
    app = kit_workshop_open();
    return app ? 0 : -1;
}

/* Pictures 41 and 42 of set 1, read: @shared_star on both, @picture_41 and @picture_42. */
static void two_read(void)
{
    struct flight *f;

    f = kit_claim_of(app, 2);
    kit_land_good(app, &f, 0);
}

static void say(int batch, int snapshot, const char *review)
{
    kit_accept(app, kit_review(batch, snapshot, review));
}

/* Refused; the item's reason. */
static const char *refused(int batch, int snapshot, const char *review)
{
    static char reason[160];
    AUTO(batch_free) struct batch b = {.root = NULL};
    struct accepted out;
    struct err err = ERR_INIT;

    assert_fails(accept_batch(app, sv_of(kit_review(batch, snapshot, review)), &b, &out, &err), err,
                 ERR_UNPROCESSABLE);
    assert_int_equal(b.n, 1);
    snprintf(reason, sizeof reason, "%s", b.list[0].reason);
    return reason;
}

#define STATUS(column)                                                                             \
    kit_pg_value("SELECT " column " FROM analysis.snapshot_status WHERE snapshot_id = 41")
#define EDIT(key, field, value)                                                                    \
    "\"action\":\"edit\",\"edits\":[{\"row_key\":\"" key "\",\"field\":\"" field                   \
    "\",\"value\":" value "}]"
#define CELL(column)                                                                               \
    kit_pg_value("SELECT " column " FROM analysis.leaderboard WHERE row_key = '@picture_41'")

static void an_approved_reading_is_validated_and_told_once(void **state)
{
    (void)state;
    two_read();
    say(2, 41, "\"action\":\"approve\",\"note\":\"looks right\"");
    say(2, 41, "\"action\":\"approve\",\"note\":\"looks right\""); /* the same batch again */
    assert_string_equal(STATUS("state"), "validated");
    assert_string_equal(kit_pg_value("SELECT state FROM analysis.snapshot_status WHERE"
                                     " snapshot_id = 42"),
                        "extracted");
    assert_string_equal(
        kit_pg_value("SELECT count(*) FROM analysis.events WHERE state = 'validated'"), "1");
    assert_string_equal(kit_pg_value("SELECT action || ' ' || reviewer || ' ' || note || ' ' ||"
                                     " run FROM analysis.snapshot_reviews"),
                        "approve anna looks right 1");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.batches WHERE ended_at IS"
                                     " NULL"),
                        "0");
}

static void a_rejected_reading_fails_and_leaves_the_sheet_until_it_is_approved(void **state)
{
    (void)state;
    two_read();
    say(2, 41, "\"action\":\"reject\",\"note\":\"blurred\"");
    assert_string_equal(STATUS("state || ' ' || fail_code || ' ' || fail_note"),
                        "failed review_rejected blurred");
    assert_string_equal(
        kit_pg_value("SELECT string_agg(handle, ',' ORDER BY row_no) FROM analysis.leaderboard"),
        "shared_star,picture_42");
    say(3, 41, "\"action\":\"approve\"");
    assert_string_equal(STATUS("state || coalesce(fail_code, ' none')"), "validated none");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.leaderboard"), "3");
}

static void a_correction_lies_over_the_sheet_and_says_whose_it_is(void **state)
{
    (void)state;
    two_read();
    say(2, 41, EDIT("@picture_41", "followers", "\" 1.2K \""));
    assert_string_equal(STATUS("state"), "extracted");
    assert_string_equal(CELL("followers"), "1200");
    assert_string_equal(CELL("edited -> 'followers' ->> 'by'"), "anna");
    assert_string_equal(CELL("edited -> 'followers' ->> 'at' ~ '^20..-..-..T.*Z$'"), "t");
    assert_string_equal(CELL("edited -> 'followers' -> 'was' ->> 'value'"), "100");
    assert_string_equal(
        kit_pg_value("SELECT document::text LIKE '%edited%' FROM analysis.snapshot_result WHERE"
                     " snapshot_id = 41"),
        "f"); /* what was read stays as it was read */
    assert_string_equal(
        kit_pg_value("SELECT data ->> 'edits' FROM analysis.events ORDER BY seq DESC LIMIT 1"),
        "1");
}

static void the_newest_correction_holds_and_null_withdraws_it(void **state)
{
    (void)state;
    two_read();
    say(2, 41, EDIT("@shared_star", "followers", "\"7,000\""));
    say(3, 42, EDIT("@shared_star", "followers", "\"8,000\""));
    assert_string_equal(
        kit_pg_value("SELECT followers FROM analysis.leaderboard WHERE row_key = '@shared_star'"),
        "8000");
    assert_string_equal(kit_pg_value("SELECT edited -> 'followers' -> 'was' ->> 'value' FROM"
                                     " analysis.leaderboard WHERE row_key = '@shared_star'"),
                        "9000");
    say(4, 41, EDIT("@shared_star", "followers", "null"));
    assert_string_equal(kit_pg_value("SELECT followers || ' ' || edited::text FROM"
                                     " analysis.leaderboard WHERE row_key = '@shared_star'"),
                        "9000 {}");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.edits"), "3"); /* history */
}

static void an_approval_may_bring_corrections_with_it(void **state)
{
    (void)state;
    two_read();
    say(2, 41,
        "\"action\":\"approve\",\"edits\":[{\"row_key\":\"@picture_41\",\"field\":"
        "\"display_name\",\"value\":\"Nora K\"},{\"row_key\":\"@picture_41\",\"field\":\"rank\","
        "\"value\":\"7\"}]");
    assert_string_equal(STATUS("state"), "validated");
    assert_string_equal(CELL("display_name || ' ' || rank"), "Nora K 7");
    assert_string_equal(kit_pg_value("SELECT jsonb_array_length(edits) FROM"
                                     " analysis.snapshot_reviews"),
                        "2");
}

static void a_correction_survives_another_run_and_a_validation_does_not(void **state)
{
    struct flight *f;

    (void)state;
    two_read();
    say(2, 41, EDIT("@picture_41", "followers", "\"55\""));
    say(3, 41, "\"action\":\"approve\"");
    kit_accept(app, kit_batch(4, 1, 41, 1, ""));
    assert_string_equal(STATUS("state"), "waiting");
    f = kit_claim(app);
    kit_land_good(app, &f, 0);
    assert_string_equal(STATUS("state"), "extracted");
    assert_string_equal(CELL("followers"), "55");
}

static void what_is_being_read_is_not_judged_and_a_late_store_is_no_review(void **state)
{
    struct flight *f;
    struct stored done;

    (void)state;
    two_read();
    kit_accept(app, kit_batch(2, 1, 41, 1, ""));
    f = kit_claim(app);
    assert_non_null(strstr(refused(3, 41, "\"action\":\"approve\""), "is being read"));
    say(4, 41, EDIT("@picture_41", "followers", "\"66\"")); /* a correction may be made */
    done = kit_land_good(app, &f, 0);
    assert_int_equal(done.images, 1);
    assert_string_equal(CELL("followers"), "66");
    say(5, 41, "\"action\":\"reject\"");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.leaderboard WHERE row_key ="
                                     " '@picture_41'"),
                        "0");
}

static void what_cannot_be_is_refused_with_the_reason_and_changes_nothing(void **state)
{
    static const char *const bad[][2] = {
        {EDIT("@picture_41", "followers", "\"a lot\""), "is no whole number"},
        {EDIT("@picture_41", "shoe_size", "\"44\""), "no field \"shoe_size\""},
        {EDIT("@nobody", "followers", "\"44\""), "no row \"@nobody\""},
        {EDIT("@picture_41", "followers", "44"), "a text, or null"},
        {"\"action\":\"praise\"", "none of approve, edit, reject"},
        {"\"action\":\"edit\"", "nothing is to be changed"},
        {"\"action\":\"edit\",\"edits\":{}", "a list is wanted"},
        {"\"action\":\"reject\",\"edits\":[{\"row_key\":\"a\",\"field\":\"rank\",\"value\":null}]",
         "not corrected"},
    };

    (void)state;
    two_read();
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (!strstr(refused(2, 41, bad[i][0]), bad[i][1]))
            fail_msg("%s: %s", bad[i][0], refused(2, 41, bad[i][0]));
    assert_non_null(strstr(refused(2, 99, "\"action\":\"approve\""), "not known"));
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.reviews"), "0");
    kit_accept(app, kit_batch(5, 1, 41, 1, "\"op\":\"forget\","));
    assert_non_null(strstr(refused(2, 41, "\"action\":\"approve\""), "was deleted"));
}

static void a_deleted_picture_takes_its_reviews_along(void **state)
{
    (void)state;
    two_read();
    say(2, 41, EDIT("@shared_star", "followers", "\"7,000\""));
    kit_accept(app, kit_batch(3, 1, 41, 1, "\"op\":\"forget\","));
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.reviews"), "0");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.edits"), "0");
    assert_string_equal(
        kit_pg_value("SELECT followers FROM analysis.leaderboard WHERE row_key = '@shared_star'"),
        "9000");
}

/* kit_batch with "rev" and "moved" in its one item. */
static const char *sent(int batch, int set, const char *item)
{
    static char out[4096];
    const char *body = kit_batch(batch, set, 41, 1, "");

    snprintf(out, sizeof out, "%.*s%s}]}", (int)(strlen(body) - 3), body, item);
    return out;
}

static void a_picture_that_moves_keeps_its_answer_and_its_corrections(void **state)
{
    struct flight *f;

    (void)state;
    two_read();
    say(2, 41, EDIT("@picture_41", "followers", "\"77\""));
    kit_pg_sql("UPDATE analysis.extractions SET model = 'a model of last year'");
    kit_accept(app, sent(3, 9, ",\"rev\":2,\"moved\":true"));
    f = kit_claim(app);
    assert_int_equal(f->asked, 0); /* no call */
    kit_land(app, &f, ANSWER_OK, "");
    assert_string_equal(CELL("set_id || ' ' || followers"),
                        "00000000-0000-4000-8000-000000000009 77");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.attempts"), "1");
    assert_string_equal(kit_pg_value("SELECT string_agg(handle, ',' ORDER BY row_no) FROM"
                                     " analysis.leaderboard WHERE set_id ="
                                     " '00000000-0000-4000-8000-000000000001'"),
                        "shared_star,picture_42");
}

static void an_older_message_that_comes_late_moves_nothing_back(void **state)
{
    struct flight *f;

    (void)state;
    kit_accept(app, sent(1, 9, ",\"rev\":2"));
    f = kit_claim(app);
    kit_land_good(app, &f, 0);
    kit_accept(app, sent(2, 1, ",\"rev\":1"));
    assert_string_equal(STATUS("state || ' ' || set_id"),
                        "extracted 00000000-0000-4000-8000-000000000009");
    assert_null(kit_claim(app));
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.extractions WHERE current"),
                        "1");
    assert_string_equal(kit_pg_value("SELECT count(*) FROM analysis.batches WHERE ended_at IS"
                                     " NULL"),
                        "0");
}

static void an_empty_text_says_that_nothing_is_there(void **state)
{
    (void)state;
    two_read();
    say(2, 41, EDIT("@picture_41", "followers", "\"\""));
    assert_string_equal(CELL("followers IS NULL"), "t");
    assert_string_equal(CELL("edited -> 'followers' -> 'was' ->> 'text'"), "100");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, kit_workshop_fresh)
    const struct CMUnitTest tests[] = {
        T(an_approved_reading_is_validated_and_told_once),
        T(a_rejected_reading_fails_and_leaves_the_sheet_until_it_is_approved),
        T(a_correction_lies_over_the_sheet_and_says_whose_it_is),
        T(the_newest_correction_holds_and_null_withdraws_it),
        T(an_approval_may_bring_corrections_with_it),
        T(a_correction_survives_another_run_and_a_validation_does_not),
        T(what_is_being_read_is_not_judged_and_a_late_store_is_no_review),
        T(what_cannot_be_is_refused_with_the_reason_and_changes_nothing),
        T(a_deleted_picture_takes_its_reviews_along),
        T(a_picture_that_moves_keeps_its_answer_and_its_corrections),
        T(an_older_message_that_comes_late_moves_nothing_back),
        T(an_empty_text_says_that_nothing_is_there),
    };

    return cmocka_run_group_tests(tests, start, kit_workshop_stop);
}
