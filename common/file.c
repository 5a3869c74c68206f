/* file.c - see file.h. */
#include "common/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void file_close(FILE **f)
{
    if (*f)
        fclose(*f);
    *f = NULL;
}

bool file_read(const char *path, struct str *out, struct err *err)
{
    AUTO(file_close) FILE *f = fopen(path, "re");
    char buf[4096];
    size_t n;

    if (!f)
        return err_set(err, ERR_INTERNAL, "%s: cannot be opened: %s", path, strerror(errno));
    while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
        str_add(out, buf, n);
    if (ferror(f))
        return err_set(err, ERR_INTERNAL, "%s: cannot be read", path);
    if (!str_ok(out))
        return err_set(err, ERR_INTERNAL, "%s: larger than %zu bytes", path, out->wall);
    return true;
}
