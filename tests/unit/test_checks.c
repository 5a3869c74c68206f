#include "analysis-svc/checks.h"

#include <string.h>

#include "analysis-svc/rules.h"
#include "tests/kit/board.h"
#include "tests/kit/kit.h"

static struct arena mem = ARENA_INIT;

static int forget(void **state)
{
    arena_free(&mem);
    return board_close(state);
}

/* A document with one row, nothing visible in it. */
static struct document blank(const char *name)
{
    struct document d = {.mem = &mem, .x = board_extractor(name), .page = {"", "", "", ""}};

    d.rows = arena_take(&mem, sizeof(*d.rows));
    d.rows[0].cells = arena_take(&mem, d.x->field_count * sizeof(struct cell));
    d.rows[0].confidence = 1;
    d.row_count = 1;
    return d;
}

static struct findings check(struct document *d, const char *handle)
{
    struct expected want = {"cookie.fun", d->x->timeframe, handle, "", "2026-11-20"};
    struct findings f = {FAIL_NONE, false};

    checks_page(d, &want, &f);
    return f;
}

static const struct check *found(const struct document *d, const char *name)
{
    for (size_t i = 0; i < d->check_count; i++)
        if (strcmp(d->checks[i].name, name) == 0)
            return &d->checks[i];
    fail_msg("no check %s", name);
    return NULL;
}

static void a_picture_said_to_be_hard_to_read_only_loses(void **state)
{
    static const struct {
        const char *said;
        double loss;
        bool ok;
    } cases[] = {{"high", 0, true},
                 {"", 0, true},
                 {"excellent!", 0, true},
                 {"Low", 0.15, false},
                 {"MEDIUM", 0.05, true}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct document d = blank("yapper_profile");

        d.page[PAGE_QUALITY] = cases[i].said;
        check(&d, "");
        assert_true(found(&d, "quality")->loss == cases[i].loss);
        assert_int_equal(found(&d, "quality")->ok, cases[i].ok);
    }
}

static void what_cannot_be_seen_costs_a_little(void **state)
{
    struct document d = blank("leaderboard");
    struct findings f = check(&d, "");

    (void)state;
    assert_int_equal(f.fail, FAIL_NONE);
    assert_false(f.doubtful);
    assert_true(found(&d, "columns")->loss == 0.03);
    assert_true(found(&d, "timeframe")->loss == 0.04);
    assert_true(found(&d, "platform")->loss == 0.04);
    assert_true(found(&d, "platform")->ok);
}

static void what_agrees_costs_nothing(void **state)
{
    struct document d = blank("leaderboard");

    (void)state;
    d.page[PAGE_PLATFORM] = "Cookie.fun";
    d.page[PAGE_TIMEFRAME] = "Last 24 hours";
    notes_add(&mem, &d.columns, "#");
    assert_int_equal(check(&d, "").fail, FAIL_NONE);
    assert_int_equal(d.check_count, 3);
    for (size_t i = 0; i < d.check_count; i++)
        assert_true(d.checks[i].loss == 0 && d.checks[i].ok);
}

static void another_platform_or_period_fails(void **state)
{
    struct document d = blank("leaderboard"), e = blank("leaderboard"),
                    several = blank("leaderboard");

    (void)state;
    d.page[PAGE_PLATFORM] = "Bantr";
    assert_int_equal(check(&d, "").fail, FAIL_WRONG_PLATFORM);
    assert_string_equal(found(&d, "platform")->note, "the picture shows Bantr, not cookie.fun");
    e.page[PAGE_TIMEFRAME] = "Past 7 days";
    assert_int_equal(check(&e, "").fail, FAIL_WRONG_TIMEFRAME);
    assert_string_equal(found(&e, "timeframe")->note, "the picture says Past 7 days, not 24H");
    several.page[PAGE_TIMEFRAME] = "24H 7D 30D";
    assert_int_equal(check(&several, "").fail, FAIL_NONE);
}

static void figures_of_a_period_need_a_heading_of_that_period(void **state)
{
    struct document d = blank("leaderboard"), good = blank("leaderboard");
    int field = rules_field(d.x, "snaps_24h");

    (void)state;
    d.rows[0].cells[field].value = (struct value){CELL_NUMBER, "5", 5, NULL};
    notes_add(&mem, &d.columns, "7D Snaps");
    check(&d, "");
    assert_false(found(&d, "columns")->ok);
    assert_true(d.rows[0].cells[field].doubtful);
    good.rows[0].cells[field].value = (struct value){CELL_NUMBER, "5", 5, NULL};
    notes_add(&mem, &good.columns, "Snaps (24h)");
    check(&good, "");
    assert_true(found(&good, "columns")->ok);
    assert_false(good.rows[0].cells[field].doubtful);
}

static struct findings profile_of(struct document *d, const char *seen, const char *want)
{
    int field = rules_role(board_extractor("yapper_profile"), "handle");

    *d = blank("yapper_profile");
    if (*seen)
        d->rows[0].cells[field].value = (struct value){CELL_WORD, seen, 0, seen};
    return check(d, want);
}

static void a_profile_must_be_the_persons_that_was_asked_for(void **state)
{
    struct document d;
    struct findings f = profile_of(&d, "ana", "ana");

    (void)state;
    assert_true(f.fail == FAIL_NONE && !f.doubtful && found(&d, "handle")->ok);
    f = profile_of(&d, "bob", "ana");
    assert_int_equal(f.fail, FAIL_WRONG_HANDLE);
    f = profile_of(&d, "bi1l", "bill");
    assert_true(f.fail == FAIL_NONE && f.doubtful);
    assert_true(found(&d, "handle")->loss == 0.1);
    f = profile_of(&d, "", "ana");
    assert_true(f.fail == FAIL_NONE && f.doubtful && found(&d, "handle")->ok);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_seen_costs_a_little),
        cmocka_unit_test(a_picture_said_to_be_hard_to_read_only_loses),
        cmocka_unit_test(what_agrees_costs_nothing),
        cmocka_unit_test(another_platform_or_period_fails),
        cmocka_unit_test(figures_of_a_period_need_a_heading_of_that_period),
        cmocka_unit_test(a_profile_must_be_the_persons_that_was_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
