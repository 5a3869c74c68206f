/*
 * file.c - reads two files, prints one answer. For people who tune the reader; the server never
 * opens a file.
 */
#include "local/reader/file.h"

#include <stdio.h>

#include "local/reader/reader.h"

#define FILE_MAX (64 << 20)

static void stream_close(FILE **f)
{
    if (*f)
        fclose(*f);
}

static bool slurp(const char *path, struct str *out, struct err *err)
{
    AUTO(stream_close) FILE *f = fopen(path, "rb");
    char buf[1 << 16];
    size_t n;

    if (!f)
        return err_set(err, ERR_NOT_FOUND, "cannot open %s", path);
    while ((n = fread(buf, 1, sizeof buf, f)) > 0)
        str_add(out, buf, n);
    return str_ok(out) || err_set(err, ERR_TOO_LARGE, "%s is too large", path);
}

bool file_print(const char *image, const char *schema, struct err *err)
{
    AUTO(str_free)
    struct str bytes = STR_INIT(FILE_MAX), text = STR_INIT(1 << 20), out = STR_INIT(1 << 22);
    AUTO(json_free) struct json *tree = NULL;
    AUTO(ocr_free) struct ocr *ocr = NULL;

    if (!slurp(image, &bytes, err) || !slurp(schema, &text, err) ||
        !json_parse(str_sv(&text), &tree, err) || !ocr_open(&ocr, err) ||
        !reader_answer(ocr, &(struct reader_task){str_sv(&bytes), tree, NULL, NULL}, &out, err))
        return false;
    return puts(out.p) >= 0 || err_set(err, ERR_INTERNAL, "cannot write the answer");
}
