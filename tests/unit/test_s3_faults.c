/*
 * test_s3_faults.c - every row of the retry rules against a scripted server: each code, each
 * status, each phase of a call that can break; and the calls that were made.
 * Covers: s3_judge
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/http.h"
#include "common/s3_internal.h"
#include "tests/kit/bucket.h"
#include "tests/kit/kit.h"
#include "tests/kit/rgw.h"
#include "tests/kit/wire.h"

#define CREATED                                                                                    \
    "<InitiateMultipartUploadResult><UploadId>up</UploadId></InitiateMultipartUploadResult>"
#define COMPLETED                                                                                  \
    "<CompleteMultipartUploadResult><ETag>\"e-1\"</ETag></CompleteMultipartUploadResult>"
#define COPIED "<CopyObjectResult><ETag>\"e1\"</ETag></CopyObjectResult>"
#define UPLOAD(id)                                                                                 \
    "<Upload><Key>k</Key><UploadId>" id "</UploadId><Initiated>2026-11-22T10:00:01.000Z"           \
    "</Initiated></Upload>"

enum { PART = 3 << 20 };
static struct kit_wire *wire;
static struct s3 *s3;
static char *part;

static void script(const struct kit_step *steps, size_t n, struct kit_bucket_plan plan)
{
    kit_wire_close(&wire);
    s3_close(&s3);
    wire = kit_wire_open(steps, n);
    plan.endpoint = kit_wire_url(wire);
    s3 = kit_bucket(&plan);
}

/* What is called in each row. */
static bool put(struct err *err) { return s3_put(s3, "k", NULL, SV_LIT("hello"), NULL, err); }
static bool get(struct err *err)
{
    AUTO(str_free) struct str out = STR_INIT(0);

    return s3_get(s3, "k", 100, &out, err);
}
static bool head(struct err *err)
{
    struct s3_head out;

    return s3_stat(s3, "k", &out, err);
}
static bool drop(struct err *err) { return s3_delete(s3, "k", err); }
static bool copy(struct err *err) { return s3_copy(s3, "k", "l", NULL, err); }
static bool begin(struct err *err)
{
    char id[S3_UPLOAD_ID_SIZE];

    return s3_mpu_create(s3, "k", NULL, id, err);
}
static bool send_part(struct err *err)
{
    struct s3_etag etag;

    return s3_mpu_part(s3, &(struct s3_mpu){"k", "up"}, 1, (struct sv){part, PART}, &etag, err);
}
static bool complete(struct err *err)
{
    const struct s3_etag etags[] = {{.text = "e1"}};
    struct s3_etag etag;

    return s3_mpu_complete(s3, &(struct s3_mpu){"k", "up"}, etags, 1, &etag, err);
}

static const struct op {
    const char *name;
    bool (*run)(struct err *err);
    const char *line; /* of the log, without the length */
    struct kit_step good;
} ops[] = {
    {"put", put, "PUT /" KIT_RGW_BUCKET "/k ", {.status = 200, .headers = "ETag: \"e1\"\r\n"}},
    {"get", get, "GET /" KIT_RGW_BUCKET "/k ", {.status = 200, .body = "hello"}},
    {"head", head, "HEAD /" KIT_RGW_BUCKET "/k ", {.status = 200, .body = "hello"}},
    {"delete", drop, "DELETE /" KIT_RGW_BUCKET "/k ", {.status = 204}},
    {"copy", copy, "PUT /" KIT_RGW_BUCKET "/l ", {.status = 200, .body = COPIED}},
    {"part",
     send_part,
     "PUT /" KIT_RGW_BUCKET "/k?partNumber=1&uploadId=up ",
     {.status = 200, .headers = "ETag: \"e1\"\r\n"}},
    {"complete",
     complete,
     "POST /" KIT_RGW_BUCKET "/k?uploadId=up ",
     {.status = 200, .body = COMPLETED}},
};

static size_t lines_like(const char *line)
{
    size_t n = 0;

    for (const char *at = kit_wire_log(wire); (at = strstr(at, line)); at++)
        n++;
    return n;
}

/* One fault, then a good answer: the call succeeds with the very same request sent twice. */
static void heals(const struct op *op, const struct kit_step *fault, const char *what)
{
    const struct kit_step steps[] = {*fault, op->good};
    bool slow = fault->act == KIT_SILENT || fault->act == KIT_DRIP;
    int64_t wait_ms = slow ? 600 : 10000; /* on a busy machine the good answer is late too */
    struct err err = ERR_INIT;

    script(steps, 2,
           (struct kit_bucket_plan){
               .tries = 3, .stall_ms = wait_ms, .stall_bytes_s = 50, .first_byte_ms = wait_ms});
    if (!op->run(&err))
        fail_msg("%s after %s: %s", op->name, what, err.msg);
    if (kit_wire_count(wire) != 2 || lines_like(op->line) != 2)
        fail_msg("%s after %s made other calls:\n%s", op->name, what, kit_wire_log(wire));
}

static void each_phase_of_each_call_may_break_once(void **state)
{
    static const struct {
        const char *what;
        struct kit_step step;
    } faults[] = {
        {"a reset before the answer", {.act = KIT_RESET}},
        {"a reset within the body", {.act = KIT_CUT}},
        {"a reset within the answer's head", {.act = KIT_TORN}},
        {"half an answer", {.act = KIT_HALF, .status = 200, .body = "half"}},
        {"no first byte", {.act = KIT_SILENT}},
    };

    (void)state;
    for (size_t o = 0; o < COUNT_OF(ops); o++) {
        for (size_t f = 0; f < COUNT_OF(faults); f++) {
            if (faults[f].step.act == KIT_HALF && ops[o].run == head)
                continue; /* it has no body to be halved */
            heals(&ops[o], &faults[f].step, faults[f].what);
        }
    }
}

static void an_answer_that_drips_is_given_up(void **state)
{
    const struct kit_step drip = {.act = KIT_DRIP, .status = 200, .body = "abcdefghijklmnopqrst"};

    (void)state;
    heals(&ops[1], &drip, "a drip"); /* stalls by too few bytes a second */
}

static void each_limit_of_time_ends_a_call_by_itself(void **state)
{
    static const struct kit_step silent[] = {{.act = KIT_SILENT}};
    static const struct kit_step drip[] = {
        {.act = KIT_DRIP, .status = 200, .body = "abcdefghijklmnopqrstuvwxyz"}};
    static const struct {
        const char *says;
        const struct kit_step *steps;
        struct kit_bucket_plan plan;
    } rows[] = {
        {"no answer within 300 ms", silent, {.first_byte_ms = 300, .tries = 1}},
        {"only 0 bytes moved", silent, {.stall_ms = 300, .tries = 1}},
        {"bytes moved in", drip, {.stall_ms = 300, .stall_bytes_s = 1000, .tries = 1}},
        {"timed out", drip, {.total_ms = 300, .tries = 1}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t since = clock_mono_ms();
        struct err err = ERR_INIT;

        script(rows[i].steps, 1, rows[i].plan);
        assert_fails(get(&err), err, ERR_TIMEOUT);
        if (!strstr(err.msg, rows[i].says))
            fail_msg("\"%s\" does not say \"%s\"", err.msg, rows[i].says);
        assert_int_equal(kit_wire_count(wire), 1);
        assert_true(clock_mono_ms() - since >= 290);
    }
}

static void each_status_that_may_pass_is_tried_again_by_each_call(void **state)
{
    static const int statuses[] = {500, 502, 504, 429};

    (void)state;
    for (size_t o = 0; o < COUNT_OF(ops); o++)
        for (size_t i = 0; i < COUNT_OF(statuses); i++)
            heals(&ops[o], &(struct kit_step){.status = statuses[i]}, "a status");
}

static const char *date_header(int64_t ahead_s)
{
    static char line[64];
    time_t at = (time_t)(clock_wall_s() + ahead_s);
    struct tm tm;

    gmtime_r(&at, &tm);
    strftime(line, sizeof line, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm);
    return line;
}

/* How often a call is made that is always answered with that code. */
static size_t calls_for(const char *code, enum s3_verdict verdict, struct err *err)
{
    AUTO(str_free) struct str body = STR_INIT(500);
    bool clock = verdict == S3_SKEWED, again = verdict == S3_AGAIN || verdict == S3_SLOW;
    size_t calls;

    str_addf(&body, "<Error><Code>%s</Code><Message></Message></Error>", code);
    const struct kit_step steps[] = {{.status = again   ? 503
                                                : clock ? 403
                                                        : 400,
                                      .headers = clock ? date_header(5000) : NULL,
                                      .body = body.p}};
    script(steps, 1, (struct kit_bucket_plan){.tries = 2});
    assert_false(put(err));
    calls = kit_wire_count(wire);
    kit_wire_close(&wire); /* before the body that it borrows */
    return calls;
}

static void each_code_leads_to_its_calls_and_its_next_step(void **state)
{
    static const struct {
        const char *code, *step;
        enum s3_verdict verdict;
        enum err_code err;
    } codes[] = {
#define S3_CODE(code, verdict, err, step) {#code, step, S3_##verdict, ERR_##err},
#include "common/s3_code.def"
#undef S3_CODE
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        struct err err = ERR_INIT;
        size_t want = codes[i].verdict == S3_FAILED || codes[i].verdict == S3_RENEW ? 1 : 2;
        size_t got = calls_for(codes[i].code, codes[i].verdict, &err);

        if (got != want)
            fail_msg("%s: %zu calls, not %zu", codes[i].code, got, want);
        assert_int_equal(err.code, codes[i].err);
        assert_non_null(strstr(err.msg, codes[i].code));
        assert_non_null(strstr(err.msg, codes[i].step));
    }
}

static void a_code_that_nobody_knows_is_judged_by_its_status(void **state)
{
    static const struct kit_step refused[] = {
        {.status = 400, .body = "<Error><Code>Novelty</Code></Error>"}};
    static const struct kit_step broken[] = {
        {.status = 500, .body = "<Error><Code>Novelty</Code></Error>"}};
    struct err err = ERR_INIT;

    (void)state;
    script(refused, 1, (struct kit_bucket_plan){.tries = 2});
    assert_fails(put(&err), err, ERR_STORAGE);
    assert_int_equal(kit_wire_count(wire), 1);
    assert_string_equal(err.msg, "S3 PUT: HTTP 400 Novelty: see S3's documentation of this code");
    script(broken, 1, (struct kit_bucket_plan){.tries = 2});
    assert_fails(put(&err), err, ERR_STORAGE);
    assert_int_equal(kit_wire_count(wire), 2);
    assert_int_equal(s3_code_verdict("Novelty"), S3_FAILED);
}

static void a_vague_refusal_is_put_down_to_a_clock_that_is_off(void **state)
{
    static const char *const codes[] = {"AccessDenied", "SignatureDoesNotMatch"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        AUTO(str_free) struct str body = STR_INIT(500);
        struct err err = ERR_INIT;

        str_addf(&body, "<Error><Code>%s</Code></Error>", codes[i]);
        const struct kit_step steps[] = {
            {.status = 403, .headers = date_header(4000), .body = body.p}, {.status = 200}};
        script(steps, 2, (struct kit_bucket_plan){.tries = 1});
        assert_ok(put(&err), err);
        assert_int_equal(kit_wire_count(wire), 2);
        kit_wire_close(&wire);
        const struct kit_step right[] = {{.status = 403, .headers = date_header(0), .body = body.p},
                                         {.status = 200}};
        script(right, 2, (struct kit_bucket_plan){.tries = 1});
        assert_fails(put(&err), err, ERR_STORAGE);
        assert_int_equal(kit_wire_count(wire), 1);
        kit_wire_close(&wire);
    }
}

static void a_budget_that_is_spent_ends_all_repeating(void **state)
{
    static const struct kit_step steps[] = {{.status = 500}};
    struct err err = ERR_INIT;

    (void)state;
    script(steps, 1, (struct kit_bucket_plan){.tries = 3});
    atomic_store(&s3->budget.left, RETRY_COST + 1);
    assert_false(put(&err));
    assert_int_equal(kit_wire_count(wire), 2); /* not three */
    assert_false(put(&err));
    assert_int_equal(kit_wire_count(wire), 3); /* not five */
    assert_int_equal(atomic_load(&s3->budget.left), 1);
}

static void a_success_gives_back_to_the_budget(void **state)
{
    static const struct kit_step steps[] = {{.status = 500}, {.status = 200}};
    struct err err = ERR_INIT;

    (void)state;
    script(steps, 2, (struct kit_bucket_plan){.tries = 3});
    atomic_store(&s3->budget.left, 20);
    assert_ok(put(&err), err);
    assert_int_equal(atomic_load(&s3->budget.left), 20); /* paid and given back */
    assert_ok(put(&err), err);
    assert_int_equal(atomic_load(&s3->budget.left), 21);
}

static void a_start_whose_answer_was_lost_leaves_no_second_upload(void **state)
{
    static const struct kit_step steps[] = {{.act = KIT_RESET},
                                            {.status = 200, .body = CREATED},
                                            {.status = 200,
                                             .body = "<ListMultipartUploadsResult>" UPLOAD("lost")
                                                 UPLOAD("up") "</ListMultipartUploadsResult>"},
                                            {.status = 204}};
    struct err err = ERR_INIT;

    (void)state;
    script(steps, 4, (struct kit_bucket_plan){.tries = 3});
    assert_ok(begin(&err), err);
    assert_string_equal(kit_wire_log(wire), "POST /" KIT_RGW_BUCKET "/k?uploads= 0\n"
                                            "POST /" KIT_RGW_BUCKET "/k?uploads= 0\n"
                                            "GET /" KIT_RGW_BUCKET "/?uploads=&prefix=k 0\n"
                                            "DELETE /" KIT_RGW_BUCKET "/k?uploadId=lost 0\n");
}

static void a_start_that_curl_itself_repeats_is_looked_after_too(void **state)
{
    static const struct kit_step steps[] = {
        {.status = 200},    /* the connection is kept ... */
        {.act = KIT_RESET}, /* ... and dies with the next request, which goes out again */
        {.status = 200, .body = CREATED},
        {.status = 200,
         .body = "<ListMultipartUploadsResult>" UPLOAD("lost") "</ListMultipartUploadsResult>"},
        {.status = 204}};
    struct err err = ERR_INIT;

    (void)state;
    script(steps, 5, (struct kit_bucket_plan){.tries = 1});
    assert_ok(put(&err), err);
    assert_ok(begin(&err), err);
    assert_int_equal(kit_wire_count(wire), 5);
    assert_non_null(strstr(kit_wire_log(wire), "DELETE /" KIT_RGW_BUCKET "/k?uploadId=lost 0\n"));
}

static bool put_if_absent(struct s3_etag *etag, struct err *err)
{
    const struct s3_object_in object = {.key = "k", .body = SV_LIT("hello"), .if_absent = true};

    return s3_put_object(s3, &object, etag, err);
}

static void a_key_that_is_taken_is_a_conflict_and_nothing_is_asked_twice(void **state)
{
    static const struct kit_step steps[] = {
        {.status = 412, .body = "<Error><Code>PreconditionFailed</Code></Error>"}};
    struct s3_etag etag;
    struct err err = ERR_INIT;

    (void)state;
    script(steps, 1, (struct kit_bucket_plan){.tries = 3});
    assert_fails(put_if_absent(&etag, &err), err, ERR_CONFLICT);
    assert_int_equal(kit_wire_count(wire), 1);
    assert_non_null(strstr(kit_wire_head(wire, 0), "\r\nIf-None-Match: *\r\n"));
}

static void a_put_that_won_although_its_answer_was_lost_is_known_by_its_bytes(void **state)
{
    static const struct kit_step ours[] = {
        {.act = KIT_RESET},
        {.status = 412, .body = "<Error><Code>PreconditionFailed</Code></Error>"},
        {.status = 200, .headers = "ETag: \"5d41402abc4b2a76b9719d911017c592\"\r\n"}};
    static const struct kit_step other[] = {
        {.act = KIT_RESET},
        {.status = 412, .body = "<Error><Code>PreconditionFailed</Code></Error>"},
        {.status = 200, .headers = "ETag: \"00000000000000000000000000000000\"\r\n"}};
    struct s3_etag etag;
    struct err err = ERR_INIT;

    (void)state;
    script(ours, 3, (struct kit_bucket_plan){.tries = 3});
    assert_ok(put_if_absent(&etag, &err), err);
    assert_string_equal(etag.text, "5d41402abc4b2a76b9719d911017c592");
    assert_int_equal(kit_wire_count(wire), 3);
    script(other, 3, (struct kit_bucket_plan){.tries = 3});
    assert_fails(put_if_absent(&etag, &err), err, ERR_CONFLICT);
}

static void another_region_is_named_with_the_setting_to_change(void **state)
{
    static const struct kit_step steps[] = {
        {.status = 301,
         .headers = "x-amz-bucket-region: eu-central-1\r\n",
         .body = "<Error><Code>PermanentRedirect</Code><Endpoint>b.s3.x</Endpoint></Error>"},
        {.status = 400,
         .body = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>ap-south-1</Region>"
                 "</Error>"},
        {.status = 400, .headers = "x-amz-bucket-region: eu-west-3\r\n"},
        {.status = 301,
         .headers = "x-amz-bucket-region: EVIL\x1b[2J\r\n",
         .body = "<Error><Code>PermanentRedirect</Code></Error>"}};
    struct err err = ERR_INIT;

    (void)state;
    script(steps, 4, (struct kit_bucket_plan){.tries = 3});
    assert_fails(get(&err), err, ERR_STORAGE);
    assert_non_null(
        strstr(err.msg, "lies in region eu-central-1: set AWS_REGION=eu-central-1 and"));
    assert_fails(put(&err), err, ERR_STORAGE);
    assert_non_null(strstr(err.msg, "set AWS_REGION=ap-south-1"));
    assert_fails(head(&err), err, ERR_STORAGE); /* no body to say so */
    assert_non_null(strstr(err.msg, "set AWS_REGION=eu-west-3"));
    assert_fails(get(&err), err, ERR_STORAGE);
    assert_null(strstr(err.msg, "EVIL"));
    assert_int_equal(kit_wire_count(wire), 4);
}

static void a_copy_that_answers_200_with_an_error_is_an_error(void **state)
{
    static const struct kit_step steps[] = {
        {.status = 200, .body = "<Error><Code>AccessDenied</Code></Error>"},
        {.status = 200, .body = "<Error><Code>InternalError</Code></Error>"},
        {.status = 200, .body = COPIED}};
    struct err err = ERR_INIT;

    (void)state;
    script(steps, 3, (struct kit_bucket_plan){.tries = 2});
    assert_fails(copy(&err), err, ERR_STORAGE);
    assert_ok(copy(&err), err);
    assert_int_equal(kit_wire_count(wire), 3);
    assert_non_null(
        strstr(kit_wire_head(wire, 0), "\r\nx-amz-copy-source: /" KIT_RGW_BUCKET "/k\r\n"));
}

static int start(void **state)
{
    (void)state;
    part = calloc(1, PART);
    return part ? 0 : -1;
}

static void part_free(char **p)
{
    free(*p);
    *p = NULL;
}

static int finish(void **state)
{
    (void)state;
    part_free(&part);
    s3_close(&s3);
    kit_wire_close(&wire);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_phase_of_each_call_may_break_once),
        cmocka_unit_test(an_answer_that_drips_is_given_up),
        cmocka_unit_test(each_limit_of_time_ends_a_call_by_itself),
        cmocka_unit_test(each_status_that_may_pass_is_tried_again_by_each_call),
        cmocka_unit_test(each_code_leads_to_its_calls_and_its_next_step),
        cmocka_unit_test(a_code_that_nobody_knows_is_judged_by_its_status),
        cmocka_unit_test(a_vague_refusal_is_put_down_to_a_clock_that_is_off),
        cmocka_unit_test(a_budget_that_is_spent_ends_all_repeating),
        cmocka_unit_test(a_success_gives_back_to_the_budget),
        cmocka_unit_test(a_start_whose_answer_was_lost_leaves_no_second_upload),
        cmocka_unit_test(a_start_that_curl_itself_repeats_is_looked_after_too),
        cmocka_unit_test(a_key_that_is_taken_is_a_conflict_and_nothing_is_asked_twice),
        cmocka_unit_test(a_put_that_won_although_its_answer_was_lost_is_known_by_its_bytes),
        cmocka_unit_test(another_region_is_named_with_the_setting_to_change),
        cmocka_unit_test(a_copy_that_answers_200_with_an_error_is_an_error),
    };

    http_global_open();
    return cmocka_run_group_tests(tests, start, finish);
}
