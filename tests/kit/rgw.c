#include "tests/kit/rgw.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kit/port.h"

static char dir[] = "/tmp/snapkey-rgw-XXXXXX";
static char url[40];
static pid_t owner; /* a fork of the process that started it must not stop it */

/* Run a program quietly; its exit status. */
static int run(const char *const argv[])
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

const char *kit_rgw_start(void)
{
    char port[8], mon_port[8];
    const char *const argv[] = {"local/rgw", "start", dir, port, mon_port, NULL};

    if (access("/usr/bin/radosgw", X_OK) != 0 || access("/usr/bin/ceph-osd", X_OK) != 0) {
        printf("SKIPPED: no S3 to test against; make setup installs Ceph\n");
        return NULL;
    }
    if (!mkdtemp(dir))
        return NULL;
    owner = getpid();
    atexit(kit_rgw_stop);
    snprintf(port, sizeof port, "%d", kit_free_port());
    snprintf(mon_port, sizeof mon_port, "%d", kit_free_port());
    setenv("AWS_ACCESS_KEY_ID", KIT_RGW_ACCESS_KEY, 1);
    setenv("AWS_SECRET_ACCESS_KEY", KIT_RGW_SECRET_KEY, 1);
    setenv("S3_BUCKET_NAME", KIT_RGW_BUCKET, 1);
    setenv("AWS_REGION", "us-east-1", 1);
    setenv("CEPH_STORE", "memstore", 1);
    if (run(argv) != 0) {
        fprintf(stderr, "local/rgw did not start a gateway; its own words are above\n");
        abort();
    }
    snprintf(url, sizeof url, "http://127.0.0.1:%s", port);
    return url;
}

void kit_rgw_stop(void)
{
    const char *const stop[] = {"local/rgw", "stop", dir, NULL};
    const char *const wipe[] = {"/bin/rm", "-rf", dir, NULL};

    if (owner != getpid())
        return;
    owner = 0;
    (void)run(stop);
    (void)run(wipe);
}
