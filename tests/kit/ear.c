#include "tests/kit/ear.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "common/file.h"
#include "tests/kit/kit.h"
#include "tests/kit/place.h"

static char place[KIT_PLACE_SIZE], path[KIT_PLACE_SIZE + 8];
static int before = -1;
static struct str heard = STR_INIT(1 << 22);

void kit_ear_open(void)
{
    int file;

    assert_true(kit_place("ear", place));
    snprintf(path, sizeof path, "%s/log", place);
    before = dup(2);
    file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(before >= 0 && file >= 0);
    fflush(stderr);
    dup2(file, 2);
    close(file);
}

const char *kit_ear_close(void)
{
    struct err err = ERR_INIT;

    fflush(stderr);
    dup2(before, 2);
    close(before);
    str_reset(&heard);
    assert_ok(file_read(path, &heard, &err), err);
    unlink(path);
    rmdir(place);
    return heard.p;
}
