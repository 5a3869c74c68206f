/*
 * test_campaigns.c - what pictures are counted for: made, changed and archived by admins; and the
 * words and pages that need no row. Through the real door.
 * Covers: campaigns meta page
 */
#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "tests/kit/gate.h"
#include "tests/kit/kit.h"
#include "tests/kit/pg.h"
#include "tests/kit/talk.h"
#include "upload-svc/image.h"
#include "upload-svc/meta.h"
#include "upload-svc/state.h"

#define ROOT   "/api/admin/campaigns"
#define NOBODY "X-Nobody: 1\r\n"

static struct app *app;
static const struct json *doc;

static int start(void **state)
{
    (void)state;
    app = kit_gate_open(false);
    return app ? 0 : -1;
}

/* The status; the answer is in doc. */
static int ask(const char *method, const char *path, const char *body)
{
    int status;

    doc = kit_json(method, path, body, &status);
    return status;
}

static const struct json *one(void) { return json_find(doc, "campaign"); }
static size_t listed(const char *query)
{
    char path[200];

    snprintf(path, sizeof path, "/api/admin/snapshots/campaigns%s", query);
    assert_int_equal(ask("GET", path, ""), 200);
    return json_count(json_find(doc, "campaigns"));
}

static void a_campaign_is_made_and_listed(void **state)
{
    (void)state;
    assert_int_equal(listed(""), 0);
    assert_int_equal(ask("POST", ROOT,
                         "{\"title\":\"  Moonlit \\\"Harbor\\\" \",\"platformSource\":"
                         "\"cookie.fun\",\"description\":\"x\"}"),
                     201);
    assert_string_equal(json_text_or(one(), "title", ""), "Moonlit \"Harbor\"");
    assert_true(json_bool_or(one(), "isActive", false));
    assert_int_equal(ask("POST", ROOT, "{\"title\":\"Second\",\"platformSource\":\"arbus\"}"), 201);
    assert_int_equal(listed(""), 2);
    assert_int_equal(listed("?platformSource=all"), 2);
    assert_int_equal(listed("?platformSource=arbus"), 1);
    assert_string_equal(json_text_or(json_first(json_find(doc, "campaigns")), "label", ""),
                        "Second (arbus)");
}

static void what_makes_no_campaign_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *body;
        int status;
    } table[] = {
        {"", 400},
        {"{", 400},
        {"[]", 400},
        {"{}", 422},
        {"{\"title\":\"\",\"platformSource\":\"arbus\"}", 422},
        {"{\"title\":\"  \",\"platformSource\":\"arbus\"}", 422},
        {"{\"title\":7,\"platformSource\":\"arbus\"}", 422},
        {"{\"title\":\"x\"}", 422},
        {"{\"title\":\"x\",\"platformSource\":\"nowhere\"}", 422},
        {"{\"title\":\"x\",\"platformSource\":\"arbus\",\"description\":[]}", 422},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        int got = ask("POST", ROOT, table[i].body);

        if (got != table[i].status)
            fail_msg("%s: %d", table[i].body, got);
        assert_true(strlen(json_text_or(doc, "message", "")) > 10);
    }
    assert_string_equal(kit_pg_value("SELECT count(*) FROM upload.campaigns"), "0");
}

static void a_title_may_have_255_bytes(void **state)
{
    char body[400];

    (void)state;
    snprintf(body, sizeof body, "{\"title\":\"%0255d\",\"platformSource\":\"arbus\"}", 1);
    assert_int_equal(ask("POST", ROOT, body), 201);
    snprintf(body, sizeof body, "{\"title\":\"%0256d\",\"platformSource\":\"arbus\"}", 2);
    assert_int_equal(ask("POST", ROOT, body), 422);
}

static void a_title_is_used_once_per_platform_while_it_is_active(void **state)
{
    static const char body[] = "{\"title\":\"Same\",\"platformSource\":\"arbus\"}";

    (void)state;
    assert_int_equal(ask("POST", ROOT, body), 201);
    assert_int_equal(ask("POST", ROOT, "{\"title\":\"SAME\",\"platformSource\":\"arbus\"}"), 409);
    assert_int_equal(ask("POST", ROOT, "{\"title\":\"Same\",\"platformSource\":\"bantr\"}"), 201);
    assert_int_equal(ask("PATCH", ROOT "/1", "{\"isActive\":false}"), 200);
    assert_int_equal(ask("POST", ROOT, body), 201);
    assert_int_equal(ask("PATCH", ROOT "/1", "{\"isActive\":true}"), 409);
    assert_int_equal(listed("?platformSource=arbus"), 1);
}

static void a_change_leaves_what_it_does_not_name(void **state)
{
    (void)state;
    (void)ask("POST", ROOT, "{\"title\":\"A\",\"platformSource\":\"arbus\",\"description\":\"d\"}");
    assert_int_equal(ask("PATCH", ROOT "/1", "{\"title\":\"B\"}"), 200);
    assert_string_equal(json_text_or(one(), "title", ""), "B");
    assert_string_equal(json_text_or(one(), "description", ""), "d");
    assert_int_equal(ask("PATCH", ROOT "/1", "{\"description\":\"\"}"), 200);
    assert_string_equal(json_text_or(one(), "description", "x"), "");
    assert_int_equal(ask("PATCH", ROOT "/1", "{\"isActive\":\"no\"}"), 422);
    assert_int_equal(ask("PATCH", ROOT "/1", "{\"title\":\" \"}"), 422);
    assert_int_equal(ask("PATCH", ROOT "/9", "{\"title\":\"C\"}"), 404);
    assert_int_equal(ask("PATCH", ROOT "/x", "{\"title\":\"C\"}"), 404);
    assert_string_equal(kit_pg_value("SELECT title FROM upload.campaigns"), "B");
}

/* ---- words ---- */
static bool holds(const struct json *list, const char *key, const char *value)
{
    for (const struct json *it = json_first(list); it; it = json_next(it))
        if (strcmp(json_text_or(it, key, ""), value) == 0)
            return true;
    return false;
}

static void meta_tells_every_word_of_the_tables(void **state)
{
    const struct json *limits;

    (void)state;
    assert_int_equal(ask("GET", "/api/meta", ""), 200);
#define PLATFORM(wire, label, other) assert_true(holds(json_find(doc, "platforms"), "value", wire));
#include "proto/platform.def"
#undef PLATFORM
#define ERR(name, wire, http, again) assert_true(holds(json_find(doc, "errors"), "code", wire));
#include "proto/err.def"
#undef ERR
#define SNAPSHOT_TYPE(name, wire, timeframe, needs)                                                \
    assert_true(holds(json_find(doc, "snapshotTypes"), "value", wire));
#include "proto/snapshot_type.def"
#undef SNAPSHOT_TYPE
#define FAIL(name, wire, sentence)                                                                 \
    assert_true(*(wire) == '\0' || holds(json_find(doc, "failReasons"), "message", sentence));
#include "proto/fail.def"
#undef FAIL
    for (size_t i = 0; i < SNAPSHOT_STATE_COUNT_; i++)
        assert_true(holds(json_find(doc, "snapshotStates"), "state", snapshot_words[i].wire));
    limits = json_find(doc, "limits");
    assert_int_equal(json_int_or(limits, "files", 0), 10);
    assert_int_equal(json_int_or(limits, "fileBytes", 0), 7 << 20);
    assert_int_equal(json_int_or(limits, "pixels", 0), IMAGE_PIXELS_MAX);
    assert_int_equal(json_count(json_find(limits, "imageTypes")), 4);
    assert_int_equal(json_type(json_find(doc, "extractors")), JSON_ARRAY); /* nobody is there */
    assert_int_equal(json_count(json_find(doc, "extractors")), 0);
    assert_int_equal(json_count(json_find(doc, "providers")), 0);
}

static void a_platform_is_known_by_its_exact_word(void **state)
{
    (void)state;
    assert_true(meta_platform_known("cookie.fun"));
    assert_false(meta_platform_known("Cookie.fun"));
    assert_false(meta_platform_known(""));
    assert_int_equal(ask("GET", "/api/admin/snapshots/platforms", ""), 200);
    assert_true(holds(json_find(doc, "platforms"), "label", "Cookie.fun"));
}

/* ---- the page ---- */
static void the_page_needs_no_token_and_may_load_only_its_own_files(void **state)
{
    const char *answer = kit_ask("GET", "/", NOBODY, SV_LIT(""));

    (void)state;
    assert_int_equal(talk_status(answer), 200);
    assert_non_null(strstr(answer, "Content-Type: text/html; charset=utf-8\r\n"));
    assert_non_null(strstr(answer, "Content-Security-Policy: default-src 'none'"));
    assert_non_null(strstr(answer, "X-Content-Type-Options: nosniff\r\n"));
    assert_null(strstr(answer, "unsafe-inline"));
    answer = kit_ask("GET", "/app.js", NOBODY, SV_LIT(""));
    assert_non_null(strstr(answer, "Content-Type: text/javascript; charset=utf-8\r\n"));
    answer = kit_ask("GET", "/app.css", NOBODY, SV_LIT(""));
    assert_non_null(strstr(answer, "Content-Type: text/css; charset=utf-8\r\n"));
}

static void other_files_are_not_served(void **state)
{
    static const char *const paths[] = {"/passwd",        "/../etc/passwd", "/..%2fetc%2fpasswd",
                                        "/index.html%00", "/.git",          "/app.js/",
                                        "/%2e%2e",        "/main.c"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        int got = talk_status(kit_ask("GET", paths[i], NOBODY, SV_LIT("")));

        if (got != 404 && got != 400)
            fail_msg("%s: %d", paths[i], got);
    }
}

/* The old back end's table, as TypeORM makes it. */
static void old_table(void)
{
    app->conf.campaigns_from = "public.campaigns";
    app->campaigns_at_ms = 0;
    kit_pg_sql("DROP TABLE IF EXISTS public.campaigns;"
               "CREATE TABLE public.campaigns (id serial PRIMARY KEY, title varchar(255),"
               " description text, \"platformSource\" varchar(50), \"isActive\" boolean);"
               "INSERT INTO public.campaigns (id, title, description, \"platformSource\","
               " \"isActive\") VALUES (70, 'Twice', NULL, 'cookie.fun', true),"
               " (71, 'Twice', 'd', 'cookie.fun', true), (72, 'Over', '', 'arbus', false);"
               "GRANT USAGE ON SCHEMA public TO upload_svc;"
               "GRANT SELECT ON public.campaigns TO upload_svc");
}

static void the_old_back_ends_campaigns_are_read_from_its_table(void **state)
{
    (void)state;
    kit_pg_sql("INSERT INTO upload.campaigns (title, platform_source) VALUES ('Ours', 'arbus')");
    old_table();
    assert_int_equal(listed(""), 2);
    assert_non_null(strstr(kit_get("/api/admin/snapshots/campaigns"), "\"id\" : 71"));
    kit_pg_sql("UPDATE public.campaigns SET \"isActive\" = true WHERE id = 72;"
               "DELETE FROM public.campaigns WHERE id = 70");
    assert_int_equal(listed(""), 2); /* read a moment ago */
    app->campaigns_at_ms = 0;
    assert_int_equal(listed(""), 2);
    assert_non_null(strstr(kit_get("/api/admin/snapshots/campaigns"), "Over"));
    app->conf.campaigns_from = "";
    assert_int_equal(listed(""), 1);
}

static void campaigns_that_others_keep_are_not_changed_here(void **state)
{
    (void)state;
    old_table();
    assert_int_equal(
        talk_status(kit_ask("POST", "/api/admin/campaigns", NULL, SV_LIT("{\"title\":\"x\"}"))),
        409);
    assert_int_equal(talk_status(kit_ask("PATCH", "/api/admin/campaigns/70", NULL, SV_LIT("{}"))),
                     409);
}

static void a_table_that_cannot_be_read_is_said_so(void **state)
{
    (void)state;
    old_table();
    kit_pg_sql("REVOKE SELECT ON public.campaigns FROM upload_svc");
    assert_int_equal(
        talk_status(kit_ask("GET", "/api/admin/snapshots/campaigns", NULL, SV_LIT(""))), 503);
    kit_pg_sql("DROP TABLE public.campaigns");
    assert_int_equal(
        talk_status(kit_ask("GET", "/api/admin/snapshots/campaigns", NULL, SV_LIT(""))), 503);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, kit_gate_fresh)
    const struct CMUnitTest tests[] = {
        T(a_campaign_is_made_and_listed),
        T(what_makes_no_campaign_is_refused_with_a_reason),
        T(a_title_may_have_255_bytes),
        T(a_title_is_used_once_per_platform_while_it_is_active),
        T(a_change_leaves_what_it_does_not_name),
        T(the_old_back_ends_campaigns_are_read_from_its_table),
        T(campaigns_that_others_keep_are_not_changed_here),
        T(a_table_that_cannot_be_read_is_said_so),
        cmocka_unit_test(meta_tells_every_word_of_the_tables),
        cmocka_unit_test(a_platform_is_known_by_its_exact_word),
        cmocka_unit_test(the_page_needs_no_token_and_may_load_only_its_own_files),
        cmocka_unit_test(other_files_are_not_served),
    };

    return cmocka_run_group_tests(tests, start, kit_gate_stop);
}
