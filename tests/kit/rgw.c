#include "tests/kit/rgw.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/kit/place.h"
#include "tests/kit/port.h"

static char dir[KIT_PLACE_SIZE];
static char url[40];
static pid_t owner; /* a fork of the process that started it must not stop it */

const char *kit_rgw_start(void)
{
    char port[8], mon_port[8];
    const char *const argv[] = {"local/rgw", "start", dir, port, mon_port, NULL};

    if (access("/usr/bin/radosgw", X_OK) != 0 || access("/usr/bin/ceph-osd", X_OK) != 0) {
        printf("SKIPPED: no S3 to test against; make setup installs Ceph\n");
        return NULL;
    }
    if (!kit_place("rgw", dir))
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
    if (kit_script(argv) != 0) {
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
    (void)kit_script(stop);
    (void)kit_script(wipe);
}
