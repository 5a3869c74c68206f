#include "tests/kit/swift.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/kit/place.h"
#include "tests/kit/port.h"

enum { PORTS = 5 };

static char dir[KIT_PLACE_SIZE];
static char url[40];
static pid_t owner; /* a fork of the process that started it must not stop it */

static int installed(void)
{
    static const char *const programs[] = {"/usr/bin/swift-proxy-server",
                                           "/usr/bin/swift-object-server", "/usr/bin/memcached"};

    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (access(programs[i], X_OK) != 0)
            return 0;
    return 1;
}

const char *kit_swift_start(void)
{
    char ports[PORTS][8];
    const char *const argv[] = {"tests/kit/swift", "start",  dir,      ports[0], ports[1],
                                ports[2],          ports[3], ports[4], NULL};

    if (!installed()) {
        printf("SKIPPED: no Swift to test against; Debian has it in swift-proxy, swift-account, "
               "swift-container, swift-object and memcached\n");
        return NULL;
    }
    if (!kit_place("swift", dir))
        return NULL;
    owner = getpid();
    atexit(kit_swift_stop);
    for (int i = 0; i < PORTS; i++)
        snprintf(ports[i], sizeof ports[i], "%d", kit_free_port());
    setenv("AWS_ACCESS_KEY_ID", KIT_SWIFT_ACCESS_KEY, 1);
    setenv("AWS_SECRET_ACCESS_KEY", KIT_SWIFT_SECRET_KEY, 1);
    setenv("AWS_REGION", "us-east-1", 1);
    if (kit_script(argv) != 0) {
        fprintf(stderr, "tests/kit/swift did not start; its own words are above\n");
        abort();
    }
    snprintf(url, sizeof url, "http://127.0.0.1:%s", ports[0]);
    return url;
}

void kit_swift_stop(void)
{
    const char *const stop[] = {"tests/kit/swift", "stop", dir, NULL};
    const char *const wipe[] = {"/bin/rm", "-rf", dir, NULL};

    if (owner != getpid())
        return;
    owner = 0;
    (void)kit_script(stop);
    (void)kit_script(wipe);
}
