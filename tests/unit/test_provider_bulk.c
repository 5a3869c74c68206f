/* test_provider_bulk.c - both vendors' Batch APIs: what goes out, and what is read in any order.
 * Covers: provider_bulk provider_bulk_read */
#include "analysis-svc/provider_bulk.h"

#include <string.h>

#include "common/json.h"
#include "tests/kit/kit.h"

#define MARKER "5b1e2d3c-0f4a-4c58-9d7e-6a5b4c3d2e1f"

static const struct provider openai = {.name = "openai",
                                       .dialect = DIALECT_RESPONSES,
                                       .base_url = "https://models.test/v1/",
                                       .key = {"sk-kit"},
                                       .caps = {.batch_percent = 50,
                                                .price_in = 1000000,
                                                .price_out = 4000000}},
                             anthropic = {.name = "anthropic",
                                          .dialect = DIALECT_MESSAGES,
                                          .base_url = "https://models.test",
                                          .key = {"sk-kit"},
                                          .caps = {.batch_percent = 50, .price_in = 1}};

static void a_parcel_costs_its_part_of_the_price_rounded_up(void **state)
{
    struct provider_usage u = {.input = 1000, .output = 100};

    (void)state;
    assert_int_equal(provider_cost(&openai, &u), 1400);
    assert_int_equal(bulk_cost(&openai, &u), 700);
    u = (struct provider_usage){.input = 3};
    assert_int_equal(bulk_cost(&openai, &u), 2);
    assert_true(bulk_offered(&openai));
    assert_false(bulk_offered(&(struct provider){.name = "own"}));
}

static void lines_of_a_file_hold_no_line_ends(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 20);

    (void)state;
    bulk_open(&openai, MARKER, &out);
    assert_non_null(strstr(out.p, "name=\"purpose\"\r\n\r\nbatch\r\n"));
    assert_non_null(strstr(out.p, "name=\"expires_after[seconds]\"\r\n\r\n172800\r\n"));
    assert_non_null(strstr(out.p, "filename=\"" MARKER ".jsonl\""));
    str_reset(&out);
    bulk_add(&openai, "call-1", SV_LIT("{\n \"model\":\"a\\nb\"\r\n}"), &out);
    bulk_add(&openai, "call-2", SV_LIT("{}"), &out);
    assert_string_equal(out.p, "{\"custom_id\":\"call-1\",\"method\":\"POST\",\"url\":\"/v1/"
                               "responses\",\"body\":{  \"model\":\"a\\nb\"  }}\n"
                               "{\"custom_id\":\"call-2\",\"method\":\"POST\",\"url\":\"/v1/"
                               "responses\",\"body\":{}}\n");
    str_reset(&out);
    bulk_shut(&openai, MARKER, &out);
    assert_string_equal(out.p, "\r\n--" MARKER "--\r\n");
}

static void a_parcel_without_files_is_one_document(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(1 << 20);

    (void)state;
    bulk_open(&anthropic, MARKER, &out);
    bulk_add(&anthropic, "call-1", SV_LIT("{\"model\":\"a\"}"), &out);
    bulk_add(&anthropic, "call-2", SV_LIT("{}"), &out);
    bulk_shut(&anthropic, MARKER, &out);
    assert_string_equal(out.p,
                        "{\"requests\":[{\"custom_id\":\"call-1\",\"params\":{\"model\":\"a\"}},"
                        "{\"custom_id\":\"call-2\",\"params\":{}}]}");
}

static void every_request_has_its_address_and_its_key(void **state)
{
    static const struct {
        const struct provider *p;
        enum bulk_ask ask;
        const char *method, *url;
    } rows[] = {
        {&openai, BULK_UPLOAD, "POST", "https://models.test/v1/files"},
        {&openai, BULK_CREATE, "POST", "https://models.test/v1/batches"},
        {&openai, BULK_STATE, "GET", "https://models.test/v1/batches/a%2Fb"},
        {&openai, BULK_CANCEL, "POST", "https://models.test/v1/batches/a%2Fb/cancel"},
        {&openai, BULK_RESULTS, "GET", "https://models.test/v1/files/a%2Fb/content"},
        {&openai, BULK_LIST, "GET", "https://models.test/v1/batches?limit=100"},
        {&openai, BULK_DROP, "DELETE", "https://models.test/v1/files/a%2Fb"},
        {&anthropic, BULK_CREATE, "POST", "https://models.test/v1/messages/batches"},
        {&anthropic, BULK_STATE, "GET", "https://models.test/v1/messages/batches/a%2Fb"},
        {&anthropic, BULK_CANCEL, "POST", "https://models.test/v1/messages/batches/a%2Fb/cancel"},
        {&anthropic, BULK_RESULTS, "GET", "https://models.test/v1/messages/batches/a%2Fb/results"},
        {&anthropic, BULK_LIST, "GET", "https://models.test/v1/messages/batches?limit=100"},
        {&anthropic, BULK_DROP, "DELETE", "https://models.test/v1/messages/batches/a%2Fb"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(provider_request_free)
        struct provider_request r = {STR_INIT(0), STR_INIT(0), STR_INIT(0)};

        bulk_request(rows[i].p, rows[i].ask, "a/b", MARKER, &r);
        assert_string_equal(bulk_method(rows[i].ask), rows[i].method);
        assert_string_equal(r.url.p, rows[i].url);
        assert_non_null(strstr(r.headers.p, rows[i].p == &openai ? "Authorization: Bearer sk-kit\n"
                                                                 : "x-api-key: sk-kit\n"));
    }
}

static void the_birth_of_a_parcel_of_files_names_file_endpoint_and_marker(void **state)
{
    AUTO(provider_request_free)
    struct provider_request r = {STR_INIT(0), STR_INIT(0), STR_INIT(0)};
    AUTO(json_free) struct json *doc = NULL;
    struct err err = ERR_INIT;

    (void)state;
    bulk_request(&openai, BULK_CREATE, "file-1", MARKER, &r);
    assert_ok(json_parse(str_sv(&r.body), &doc, &err), err);
    assert_string_equal(json_text_or(doc, "input_file_id", ""), "file-1");
    assert_string_equal(json_text_or(doc, "endpoint", ""), "/v1/responses");
    assert_string_equal(json_text_or(doc, "completion_window", ""), "24h");
    assert_string_equal(json_text_or(json_find(doc, "metadata"), "snapkey", ""), MARKER);
}

static void a_parcel_says_how_it_is(void **state)
{
    struct bulk_status s;

    (void)state;
    assert_true(bulk_read_status(
        &openai, SV_LIT("{\"id\":\"batch_1\",\"status\":\"in_progress\",\"errors\":null}"), &s));
    assert_false(s.ended);
    assert_string_equal(s.id, "batch_1");
    assert_true(bulk_read_status(&openai,
                                 SV_LIT("{\"id\":\"batch_1\",\"status\":\"expired\","
                                        "\"output_file_id\":\"f1\",\"error_file_id\":\"f2\"}"),
                                 &s));
    assert_true(s.ended);
    assert_string_equal(s.answers, "f1");
    assert_string_equal(s.errors, "f2");
    assert_true(bulk_read_status(&openai,
                                 SV_LIT("{\"id\":\"batch_1\",\"status\":\"failed\",\"errors\":{"
                                        "\"data\":[{\"message\":\"too many tokens wait\"}]}}"),
                                 &s));
    assert_string_equal(s.note, "failed: too many tokens wait");
    assert_true(bulk_read_status(&anthropic,
                                 SV_LIT("{\"id\":\"msgbatch_1\",\"processing_status\":\"ended\","
                                        "\"results_url\":\"https://elsewhere.test/x\"}"),
                                 &s));
    assert_true(s.ended);
    assert_string_equal(s.answers, "msgbatch_1"); /* never an address that somebody else names */
    assert_false(bulk_read_status(&anthropic, SV_LIT("{\"id\":\"m\"}"), &s));
    assert_false(bulk_read_status(&openai, SV_LIT("<html>"), &s));
}

static void a_lost_parcel_is_found_in_the_list(void **state)
{
    struct bulk_wanted want = {.marker = MARKER, .calls = 3, .since = 1795353126};
    struct bulk_found found;

    (void)state;
    assert_true(bulk_read_list(&openai,
                               SV_LIT("{\"data\":[{\"id\":\"b1\",\"metadata\":null},{\"id\":\"b2\","
                                      "\"metadata\":{\"snapkey\":\"" MARKER "\"}}]}"),
                               &want, &found));
    assert_int_equal(found.n, 1);
    assert_string_equal(found.ids[0], "b2");
    assert_true(bulk_read_list(
        &anthropic,
        SV_LIT("{\"data\":["
               "{\"id\":\"m1\",\"created_at\":\"2026-11-22T13:12:06.5Z\",\"request_counts\":{"
               "\"processing\":3,\"succeeded\":0}},"
               "{\"id\":\"m2\",\"created_at\":\"2026-11-22T13:12:06Z\",\"request_counts\":{"
               "\"processing\":4}},"
               "{\"id\":\"m3\",\"created_at\":\"2026-11-22T10:00:00Z\",\"request_counts\":{"
               "\"processing\":1,\"succeeded\":2}}]}"),
        &want, &found));
    assert_int_equal(found.n, 1);
    assert_string_equal(found.ids[0], "m1");
    assert_false(bulk_read_list(&openai, SV_LIT("{}"), &want, &found));
}

static void entries_say_whose_they_are_and_what_was_answered(void **state)
{
    static const struct {
        const struct provider *p;
        const char *line, *id;
        bool answered;
        int status;
        const char *body;
    } rows[] = {
        {&openai,
         "{\"id\":\"r\",\"custom_id\":\"c1\",\"response\":{\"status_code\":200,\"request_id\":"
         "\"req_7\",\"body\":{\"id\":\"resp_1\"}},\"error\":null}",
         "c1", true, 200, "{\"id\":\"resp_1\"}"},
        {&openai,
         "{\"custom_id\":\"c2\",\"response\":{\"status_code\":400,\"body\":{\"error\":{\"code\":"
         "\"invalid_image\"}}},\"error\":null}",
         "c2", true, 400, "{\"error\":{\"code\":\"invalid_image\"}}"},
        {&openai,
         "{\"custom_id\":\"c3\",\"response\":null,\"error\":{\"code\":\"batch_expired\","
         "\"message\":"
         "\"late\"}}",
         "c3", false, 0, ""},
        {&openai, "{\"custom_id\":\"c4\",\"response\":null,\"error\":{\"code\":\"other\"}}", "c4",
         true, 400, "{\"error\":{\"code\":\"other\"}}"},
        {&anthropic,
         "{\"custom_id\":\"c5\",\"result\":{\"type\":\"succeeded\",\"message\":{\"id\":\"msg\"}}}",
         "c5", true, 200, "{\"id\":\"msg\"}"},
        {&anthropic,
         "{\"custom_id\":\"c6\",\"result\":{\"type\":\"errored\",\"error\":{\"type\":\"error\","
         "\"error\":{\"type\":\"api_error\"}}}}",
         "c6", true, 400, "{\"type\":\"error\",\"error\":{\"type\":\"api_error\"}}"},
        {&anthropic,
         "{\"custom_id\":\"c7\",\"result\":{\"type\":\"errored\",\"error\":{\"type\":"
         "\"overloaded_error\"}}}",
         "c7", true, 400, "{\"error\":{\"type\":\"overloaded_error\"}}"},
        {&anthropic, "{\"custom_id\":\"c8\",\"result\":{\"type\":\"expired\"}}", "c8", false, 0,
         ""},
        {&anthropic, "{\"custom_id\":\"c9\",\"result\":{\"type\":\"canceled\"}}", "c9", false, 0,
         ""},
    };
    AUTO(bulk_entry_free) struct bulk_entry e = BULK_ENTRY_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(bulk_read_entry(rows[i].p, sv_of(rows[i].line), &e));
        assert_string_equal(e.id, rows[i].id);
        assert_int_equal(e.answered, rows[i].answered);
        assert_int_equal(e.status, rows[i].status);
        assert_string_equal(e.body.p, rows[i].body);
    }
    assert_true(bulk_read_entry(&openai, sv_of(rows[0].line), &e));
    assert_string_equal(e.headers.p, "x-request-id: req_7\n");
    assert_false(bulk_read_entry(&openai, SV_LIT("{\"response\":{}}"), &e));
    assert_false(bulk_read_entry(&openai, SV_LIT("{\"custom_id\":\"c1\",\"resp"), &e));
}

static void lines_are_cut_whatever_their_ends(void **state)
{
    struct sv rest = SV_LIT("\r\n{1}\r\n\n{2}\n{3}"), line;
    char seen[16] = "";

    (void)state;
    while (bulk_next_line(&rest, &line))
        strncat(seen, line.p, line.n);
    assert_string_equal(seen, "{1}{2}{3}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parcel_costs_its_part_of_the_price_rounded_up),
        cmocka_unit_test(lines_of_a_file_hold_no_line_ends),
        cmocka_unit_test(a_parcel_without_files_is_one_document),
        cmocka_unit_test(every_request_has_its_address_and_its_key),
        cmocka_unit_test(the_birth_of_a_parcel_of_files_names_file_endpoint_and_marker),
        cmocka_unit_test(a_parcel_says_how_it_is),
        cmocka_unit_test(a_lost_parcel_is_found_in_the_list),
        cmocka_unit_test(entries_say_whose_they_are_and_what_was_answered),
        cmocka_unit_test(lines_are_cut_whatever_their_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
