/*
 * main.c - the offline reader: without arguments a server (settings.def), with
 * `reader --file IMAGE --schema SCHEMA.json` one answer on standard output.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "local/reader/file.h"
#include "local/reader/serve.h"

/* Tesseract's OpenMP reads its limit once, when the process starts: without it a line takes ten
 * times as long. */
static void one_thread_each(char **argv)
{
    if (getenv("OMP_THREAD_LIMIT"))
        return;
    setenv("OMP_THREAD_LIMIT", "1", 1);
    execv("/proc/self/exe", argv);
}

static int complain(const struct err *err)
{
    fprintf(stderr, "reader: %s\n", err->msg);
    return 1;
}

int main(int argc, char **argv)
{
    struct err err = ERR_INIT;

    one_thread_each(argv);
    if (argc == 5 && strcmp(argv[1], "--file") == 0 && strcmp(argv[3], "--schema") == 0)
        return file_print(argv[2], argv[4], &err) ? 0 : complain(&err);
    if (argc == 1)
        return serve_run(&err) ? 0 : complain(&err);
    fprintf(stderr,
            "usage: reader [--file IMAGE --schema SCHEMA.json]\n"
            "Without arguments it serves on READER_BIND (127.0.0.1) and READER_PORT (8090).\n");
    return 2;
}
