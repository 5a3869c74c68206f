/* test_model_caps.c - facts about models come from a file, later lines over earlier ones. */
#include "analysis-svc/model_caps.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/kit/kit.h"
#include "tests/kit/place.h"

#define OURS "analysis-svc/models.json"

static struct model_caps of(const char *server, const char *model)
{
    struct model_caps c;
    struct err err = ERR_INIT;

    assert_ok(model_caps_read(OURS, server, model, &c, &err), err);
    return c;
}

static void the_file_that_ships_knows_each_kind_of_server(void **state)
{
    struct model_caps c = of("anthropic", "claude-haiku-5-5-20260901");

    (void)state;
    assert_int_equal(c.images, 100);
    assert_int_equal(c.many, 20);
    assert_int_equal(c.side, 8000);
    assert_int_equal(c.many_side, 2000);
    assert_int_equal(c.cliff_tokens, 100000);
    assert_int_equal(c.cliff_price_in, 5 * c.price_in);
    assert_true(c.refuses & REFUSES_TEMPERATURE);
    assert_false(c.by_tool);
    c = of("anthropic", "claude-of-tomorrow");
    assert_int_equal(c.cliff_tokens, 0);
    assert_int_equal(c.refuses, 0);
    assert_int_equal(c.side, 8000);
    c = of("openai", "gpt-6-luna");
    assert_int_equal(c.pixels, 25000000);
    assert_int_equal(c.price_out, 500000);
    assert_true(c.urls);
    c = of("ollama", "any");
    assert_false(c.urls);
    assert_true(c.old_limit);
    assert_false(model_takes_type(&c, "image/webp"));
    c = of("xai", "any");
    assert_true(c.urls);
    assert_true(model_takes_type(&c, "image/png"));
    assert_false(model_takes_type(&c, "image/gif"));
    assert_true(of("vllm", "any").urls);
    assert_true(of("llamacpp", "any").old_limit);
}

static void a_picture_costs_what_the_vendors_say(void **state)
{
    struct model_caps c = of("anthropic", "claude-of-tomorrow");

    (void)state;
    assert_int_equal(model_image_tokens(&c, (struct picture_size){280, 281}), 10 * 11);
    /* 3000 x 1500 becomes 1568 x 784 */
    assert_int_equal(model_image_tokens(&c, (struct picture_size){3000, 1500}), 56 * 28);
    assert_int_equal(model_image_tokens(&c, (struct picture_size){9000, 9000}), 1568);
    assert_int_equal(model_image_tokens(&c, (struct picture_size){0, 0}), 1568);
    c = of("openai", "gpt-6-luna");
    assert_int_equal(model_image_tokens(&c, (struct picture_size){1280, 960}), 40 * 30 * 12 / 10);
    c = model_caps_default();
    assert_int_equal(model_image_tokens(&c, (struct picture_size){64, 64}), 4784);
    assert_true(model_takes_type(&c, "image/gif"));
}

static void read_text(const char *text, struct model_caps *out, struct err *err)
{
    char place[KIT_PLACE_SIZE], path[KIT_PLACE_SIZE + 8];
    FILE *f;

    assert_true(kit_place("caps", place));
    snprintf(path, sizeof path, "%s/m", place);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    *err = (struct err)ERR_INIT;
    if (model_caps_read(path, "s", "m-1", out, err))
        assert_string_equal(err->msg, "");
    unlink(path);
    rmdir(place);
}

static void later_lines_win_where_they_match(void **state)
{
    struct model_caps c;
    struct err err;

    (void)state;
    read_text("{\"models\":[{\"server\":\"s\",\"match\":\"m*\",\"images\":7,\"pixels\":5},"
              "{\"server\":\"s\",\"match\":\"m-1\",\"images\":9,\"structured\":\"tool\"},"
              "{\"server\":\"s\",\"match\":\"m-12\",\"images\":1},"
              "{\"server\":\"t\",\"match\":\"*\",\"images\":2}]}",
              &c, &err);
    assert_int_equal(c.images, 9);
    assert_int_equal(c.pixels, 5);
    assert_true(c.by_tool);
}

static void a_slip_is_told_with_its_line(void **state)
{
    static const char *const bad[][2] = {
        {"{\"match\":\"*\"}", "server"},
        {"{\"server\":\"t\",\"match\":\"*\",\"imagse\":3}", "imagse"},
        {"{\"server\":\"t\",\"match\":\"*\",\"images\":\"3\"}", "images"},
        {"{\"server\":\"t\",\"match\":\"*\",\"images\":-3}", "images"},
        {"{\"server\":\"t\",\"match\":\"*\",\"refuses\":[\"advice\"]}", "advice"},
        {"{\"server\":\"t\",\"match\":\"*\",\"types\":\"image/png\"}", "a list is required"},
        {"{\"server\":\"t\",\"match\":\"*\",\"limit\":\"tokens\"}", "limit"},
        {"{\"server\":\"t\",\"match\":\"*\",\"urls\":1}", "urls"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        char text[256];
        struct model_caps c;
        struct err err;

        snprintf(text, sizeof text, "{\"models\":[{\"server\":\"s\",\"match\":\"*\"},%s]}",
                 bad[i][0]);
        read_text(text, &c, &err);
        if (!strstr(err.msg, bad[i][1]) || !strstr(err.msg, "models[1]"))
            fail_msg("%s: %s", bad[i][0], err.msg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_that_ships_knows_each_kind_of_server),
        cmocka_unit_test(a_picture_costs_what_the_vendors_say),
        cmocka_unit_test(later_lines_win_where_they_match),
        cmocka_unit_test(a_slip_is_told_with_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
