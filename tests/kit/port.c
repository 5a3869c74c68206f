#include "tests/kit/port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/id.h"

static bool is_free(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1, rc;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    rc = bind(fd, (struct sockaddr *)&at, sizeof at);
    close(fd);
    return rc == 0;
}

int kit_free_port(void)
{
    int port;

    do
        port = 20000 + (int)(rnd_u64() % 12000);
    while (!is_free(port));
    return port;
}
