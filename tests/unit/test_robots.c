/* test_robots.c - what a bucket host's robots.txt means for a fetcher. */
#include "analysis-svc/robots.h"

#include "tests/kit/kit.h"

static void each_file_says_what_it_says(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum robots_say want;
    } cases[] = {
        {200, ROBOTS_PERMISSIVE, ROBOTS_ALLOWS},
        {200, "", ROBOTS_ALLOWS},
        {404, "<Error/>", ROBOTS_ALLOWS},
        {403, "<Error><Code>AccessDenied</Code></Error>", ROBOTS_HIDDEN},
        {401, "", ROBOTS_HIDDEN},
        {503, "", ROBOTS_SILENT},
        {0, "", ROBOTS_SILENT},
        {301, "", ROBOTS_SILENT},
        {200, "User-agent: *\nDisallow: /\n", ROBOTS_FORBIDS},
        {200, "user-agent:*\r\nDISALLOW:/pictures/ # all of them\r\n", ROBOTS_FORBIDS},
        {200, "User-agent: *\nDisallow:\n", ROBOTS_ALLOWS},
        {200, "User-agent: *\nDisallow: /private/\n", ROBOTS_ALLOWS},
        {200, "User-agent: *\nDisallow: /\nAllow: /pictures/\n", ROBOTS_ALLOWS},
        {200, "User-agent: *\nAllow: /\nDisallow: /pictures/\n", ROBOTS_FORBIDS},
        {200, "User-agent: *\nDisallow: /*.png$\n", ROBOTS_FORBIDS},
        {200, "User-agent: Claude-User\nDisallow: /\n\nUser-agent: *\nAllow: /\n", ROBOTS_FORBIDS},
        {200, "User-agent: Claude-User\nAllow: /\n\nUser-agent: *\nDisallow: /\n", ROBOTS_ALLOWS},
        {200, "User-agent: otherbot\nUser-agent: *\nDisallow: /\n", ROBOTS_FORBIDS},
        {200, "User-agent: otherbot\nDisallow: /\n", ROBOTS_ALLOWS},
        {200, "Disallow: /\n", ROBOTS_ALLOWS}, /* of no group */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (robots_read(cases[i].status, sv_of(cases[i].body), "/pictures/a.png") != cases[i].want)
            fail_msg("%d %s", cases[i].status, cases[i].body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_file_says_what_it_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
