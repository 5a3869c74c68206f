/* test_prompt.c - a thread of short slices. */

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/prompt.h"
#include "tests/kit/kit.h"

/* What the kernel says of the calling thread, ms; 0: it does not say (no CONFIG_SCHED_DEBUG). */
static double slice_ms(void)
{
    FILE *f = fopen("/proc/thread-self/sched", "r");
    char line[256];
    double ns = 0;

    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "se.slice", 8) == 0)
            ns = strtod(strchr(line, ':') + 1, NULL);
    if (f)
        fclose(f);
    return ns / 1e6;
}

struct seen {
    double before_ms, after_ms;
    int nice, policy;
};

static void *be_prompt(void *arg)
{
    struct seen *seen = arg;

    seen->before_ms = slice_ms();
    (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), 7);
    prompt_me();
    seen->after_ms = slice_ms();
    seen->nice = getpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid));
    seen->policy = sched_getscheduler((pid_t)syscall(SYS_gettid));
    return NULL;
}

static void a_thread_that_asks_has_short_slices_and_others_keep_theirs(void **state)
{
    struct seen seen;
    pthread_t thread;
    double mine = slice_ms();

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, be_prompt, &seen), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(seen.nice, 7);
    assert_int_equal(seen.policy, SCHED_OTHER);
    if (seen.before_ms == 0 || seen.after_ms == seen.before_ms)
        skip(); /* an older kernel */
    assert_true(seen.after_ms < 0.2);
    assert_true(slice_ms() == mine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_that_asks_has_short_slices_and_others_keep_theirs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
