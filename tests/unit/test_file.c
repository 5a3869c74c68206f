/* test_file.c - a small file is read whole, or its path is told. */
#include "common/file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/kit/kit.h"
#include "tests/kit/place.h"

static void a_file_is_read_whole_up_to_the_wall(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(12000);
    AUTO(str_free) struct str little = STR_INIT(100);
    char place[KIT_PLACE_SIZE], path[KIT_PLACE_SIZE + 8];
    struct err err = ERR_INIT;
    FILE *f;

    (void)state;
    assert_true(kit_place("file", place));
    snprintf(path, sizeof path, "%s/a", place);
    f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 10000; i++)
        fputc('a' + i % 7, f);
    fclose(f);
    assert_ok(file_read(path, &out, &err), err);
    assert_int_equal(out.n, 10000);
    assert_int_equal(out.p[9999], 'a' + 9999 % 7);
    assert_fails(file_read(path, &little, &err), err, ERR_INTERNAL);
    assert_non_null(strstr(err.msg, "larger than 100 bytes"));
    unlink(path);
    rmdir(place);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    AUTO(str_free) struct str out = STR_INIT(100);
    struct err err = ERR_INIT;

    (void)state;
    assert_fails(file_read("no/such/file", &out, &err), err, ERR_INTERNAL);
    assert_non_null(strstr(err.msg, "no/such/file: cannot be opened"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_whole_up_to_the_wall),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
