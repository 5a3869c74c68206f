#include "tests/kit/place.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

bool kit_place(const char *name, char out[static KIT_PLACE_SIZE])
{
    const char *base = getenv("TMPDIR");
    int n =
        snprintf(out, KIT_PLACE_SIZE, "%s/snapkey-%s-XXXXXX", base && *base ? base : "/tmp", name);

    return n < KIT_PLACE_SIZE && mkdtemp(out) != NULL;
}

int kit_script(const char *const argv[])
{
    pid_t pid = fork();
    int status = -1;
    sigset_t none;

    if (pid == 0) {
        sigemptyset(&none); /* what it starts must hear SIGTERM, whatever this test blocks */
        sigprocmask(SIG_SETMASK, &none, NULL);
        if (!freopen("/dev/null", "w", stdout))
            _exit(126);
        execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
