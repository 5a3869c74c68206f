/*
 * test_states.c - the words in upload-svc's SQL are the words of proto/, and what it reads of the
 * analysis is there once both services have made their schemas.
 */
#include <stdio.h>
#include <string.h>

#include "analysis-svc/fail.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/schema.h"
#include "upload-svc/queries.h"
#include "upload-svc/state.h"

static struct app *app;

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(false);
    if (app)
        kit_schema_analysis();
    return app ? 0 : -1;
}

/* The quoted words of a text that follow each `lead`, "a,b,". */
static const char *words_after(const char *text, const char *lead)
{
    static char out[1024];

    out[0] = '\0';
    while ((text = strstr(text, lead))) {
        text += strlen(lead);
        snprintf(out + strlen(out), sizeof out - strlen(out), "%.*s,", (int)strcspn(text, "'"),
                 text);
    }
    return out;
}

static void the_states_that_sql_gives_are_words_of_proto(void **state)
{
    char words[1024], *rest = words, *word;

    (void)state;
    snprintf(words, sizeof words, "%s", words_after(upload_queries[Q_ONE].sql, "THEN '"));
    assert_non_null(strstr(words, "needs_review,"));
    while ((word = strsep(&rest, ",")) && *word != '\0')
        assert_string_equal(snapshot_word_of(word)->wire, word);
}

/* The view tells "validated" beside the enum's own words: a person approved what was read. */
static void sql_knows_every_state_that_a_picture_may_have_in_the_analysis(void **state)
{
    static const char *const states[] = {
#define IMAGE_STATE(name, wire, to) wire,
#include "proto/image_state.def"
#undef IMAGE_STATE
        "validated"};
    const char *words = words_after(upload_queries[Q_ONE].sql, "a.state = '");
    char all[200] = ",", one[40];
    size_t known = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        snprintf(one, sizeof one, "%s,", states[i]);
        assert_non_null(strstr(words, one));
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s", one);
    }
    for (; *words; words += strcspn(words, ",") + 1, known++) {
        snprintf(one, sizeof one, ",%.*s,", (int)strcspn(words, ","), words);
        assert_non_null(strstr(all, one));
    }
    assert_true(known >= COUNT_OF(states));
}

static void the_enums_of_the_analysis_are_the_tables_of_proto(void **state)
{
    AUTO(str_free) struct str jobs = STR_INIT(1024), images = STR_INIT(1024);

    (void)state;
#define JOB_STATE(name, wire, to) str_addz(&jobs, wire ",");
#include "proto/job_state.def"
#undef JOB_STATE
#define IMAGE_STATE(name, wire, to) str_addz(&images, wire ",");
#include "proto/image_state.def"
#undef IMAGE_STATE
    assert_string_equal(
        kit_pg_value("SELECT array_to_string(enum_range(NULL::analysis.job_state), ',') || ','"),
        jobs.p);
    assert_string_equal(
        kit_pg_value("SELECT array_to_string(enum_range(NULL::analysis.image_state), ',') || ','"),
        images.p);
}

static void what_the_relay_writes_as_a_reason_is_one(void **state)
{
    const char *word = words_after(upload_queries[Q_BATCH_FAIL].sql, "fail_code = '");

    (void)state;
    assert_string_equal(word, "batch_rejected,");
    assert_non_null(fail_sentence("batch_rejected"));
}

/* A row that only the CHECK can refuse. */
static bool takes(const char *fmt, const char *word)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    struct err err = ERR_INIT;
    char sql[400];
    bool ok;

    snprintf(sql, sizeof sql, "%.*s'%s'%s", (int)strcspn(fmt, "$"), fmt, word,
             strchr(fmt, '$') + 1);
    assert_ok(db_lease(app->db, 1000, &conn, &err), err);
    assert_ok(db_begin(conn, &err), err);
    ok = db_script(conn, sql, &err);
    db_rollback(conn);
    return ok;
}

static void the_checks_of_upload_allow_its_own_words_and_no_others(void **state)
{
    static const struct {
        const char *sql, *words[5];
    } table[] = {
        {"INSERT INTO upload.outbox (batch_id, body, item_count, op) VALUES (gen_random_uuid(),"
         " '', 0, $)",
         {"extract", "forget", "review"}},
        {"INSERT INTO upload.outbox (batch_id, body, item_count, state) VALUES"
         " (gen_random_uuid(), '', 0, $)",
         {"ready", "sent", "split", "dead"}},
        {"INSERT INTO upload.arrivals (uuid, s3_key, state) VALUES (gen_random_uuid(), 'k', $)",
         {"open", "dead"}},
        {"INSERT INTO upload.api_tokens (name, sha256, role) VALUES ('n', 's', $)",
         {"viewer", "uploader", "admin"}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        for (size_t k = 0; table[i].words[k]; k++)
            if (!takes(table[i].sql, table[i].words[k]))
                fail_msg("%s: refused", table[i].words[k]);
        assert_false(takes(table[i].sql, "other"));
        assert_false(takes(table[i].sql, ""));
    }
}

static void every_late_statement_fits_the_views(void **state)
{
    AUTO(db_release) struct db_conn *conn = NULL;
    AUTO(str_free) struct str sql = STR_INIT(65536);
    struct err err = ERR_INIT;
    int late = 0;

    (void)state;
    assert_ok(db_lease(app->db, 1000, &conn, &err), err);
    for (int i = 0; i < Q_COUNT_; i++) {
        if (!upload_queries[i].late)
            continue;
        str_reset(&sql);
        str_addf(&sql, "PREPARE late_%d AS %s", i, upload_queries[i].sql);
        if (!db_script(conn, sql.p, &err))
            fail_msg("%s: %s", upload_queries[i].name, err.msg);
        late++;
    }
    assert_true(late >= 5);
}

static void upload_can_read_the_views_and_nothing_else_of_the_analysis(void **state)
{
    (void)state;
    assert_string_equal(
        kit_pg_value("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
                     " WHERE nspname = 'analysis' AND relkind = 'r'"
                     " AND has_table_privilege('upload_svc', c.oid, 'SELECT, INSERT, UPDATE,"
                     " DELETE')"),
        "0");
    assert_string_equal(
        kit_pg_value("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
                     " WHERE nspname = 'upload' AND relkind IN ('r', 'v')"
                     " AND has_table_privilege('analysis_svc', c.oid, 'SELECT, INSERT, UPDATE,"
                     " DELETE')"),
        "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_states_that_sql_gives_are_words_of_proto),
        cmocka_unit_test(sql_knows_every_state_that_a_picture_may_have_in_the_analysis),
        cmocka_unit_test(the_enums_of_the_analysis_are_the_tables_of_proto),
        cmocka_unit_test(what_the_relay_writes_as_a_reason_is_one),
        cmocka_unit_test(the_checks_of_upload_allow_its_own_words_and_no_others),
        cmocka_unit_test(every_late_statement_fits_the_views),
        cmocka_unit_test(upload_can_read_the_views_and_nothing_else_of_the_analysis),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
