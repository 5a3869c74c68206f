#include "upload-svc/command.h"

#include <stdio.h>
#include <string.h>

#include "upload-svc/adopt.h"
#include "upload-svc/app.h"
#include "upload-svc/sweep.h"
#include "upload-svc/tokens.h"

static const char usage[] =
    "upload-svc takes pictures in: browser form -> S3 -> Postgres -> analysis-svc.\n\n"
    "  upload-svc                                serve until SIGTERM\n"
    "  upload-svc --help                         this text\n"
    "  upload-svc --print-config                 the settings in force, secrets masked\n"
    "  upload-svc --config-markdown              all settings as a table\n"
    "  upload-svc --migrate-only                 bring the schema up to date and end\n"
    "  upload-svc --token-create NAME --role viewer|uploader|admin\n"
    "                                            print a new token, once\n"
    "  upload-svc --token-list                   all tokens, without what opens\n"
    "  upload-svc --token-revoke NAME            end a token, and the sessions that it began\n"
    "  upload-svc --adopt TABLE [--dry-run]      take over the pictures of the back end before "
    "this\n"
    "                                            one (public.platform_snapshots); repeatable\n"
    "  upload-svc --sweep-lift                   let the sweeper delete past its fuse, once\n"
    "  upload-svc --sweep-dry-run                what a sweep would delete now, counted\n\n"
    "Settings are read from the environment:\n";

static bool is(int argc, char *const argv[], const char *word)
{
    return argc >= 2 && strcmp(argv[1], word) == 0;
}

static void print(const struct str *text) { (void)!fwrite(text->p, 1, text->n, stdout); }

bool command_plain(int argc, char *const argv[], int *status)
{
    static const char *const words[] = {
        "--help",       "--print-config", "--config-markdown", "--migrate-only",  "--token-create",
        "--token-list", "--token-revoke", "--sweep-lift",      "--sweep-dry-run", "--adopt"};
    AUTO(str_free) struct str out = STR_INIT(65536);
    bool known = argc < 2;

    *status = 0;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        known = known || is(argc, argv, words[i]);
    if (!known) {
        fprintf(stderr, "upload-svc does not know \"%s\"; see upload-svc --help\n", argv[1]);
        *status = 2;
        return true;
    }
    if (is(argc, argv, "--help")) {
        str_addz(&out, usage);
        conf_help(upload_config_items, upload_config_count, &out);
    } else if (is(argc, argv, "--config-markdown")) {
        conf_markdown(upload_config_items, upload_config_count, &out);
    } else {
        return false;
    }
    print(&out);
    return true;
}

static bool create_token(struct app *app, int argc, char *const argv[], struct err *err)
{
    char token[TOKEN_SIZE];

    if (argc != 5 || strcmp(argv[3], "--role") != 0)
        return err_set(err, ERR_BAD_REQUEST, "write --token-create NAME --role ROLE");
    if (!tokens_create(app, argv[2], argv[4], token, err))
        return false;
    printf("%s\n", token);
    return true;
}

/* Counts for people. */
static bool dry_run(const struct upload_conf *conf, struct err *err)
{
    AUTO(app_close) struct app app = {.db = NULL};
    struct sweep_counts c;

    if (!app_open(conf, &app, err) || !sweep_dry_run(&app, &c, err))
        return false;
    printf("abandoned uploads    %zu\nobjects of ours      %zu\n  in no row          %zu\n"
           "unfinished uploads   %zu\nfuse                 %s\n",
           c.arrivals, c.listed, c.strays, c.parts,
           c.foreign ? "blows: this database is older than the bucket; nothing would be deleted"
           : c.blown ? "blows: so many strays are no strays; only abandoned uploads would go"
                     : "holds");
    return true;
}

static bool adopt(const struct upload_conf *conf, int argc, char *const argv[], struct err *err)
{
    AUTO(app_close) struct app app = {.db = NULL};
    AUTO(str_free) struct str report = STR_INIT(16 << 20);
    bool dry = argc == 4 && strcmp(argv[3], "--dry-run") == 0;
    bool ok;

    if (argc != 3 && !dry)
        return err_set(err, ERR_BAD_REQUEST, "write --adopt TABLE [--dry-run]");
    ok = app_open(conf, &app, err) && adopt_all(&app, argv[2], dry, &report, err);
    print(&report);
    return ok;
}

static bool list_tokens(struct app *app, struct err *err)
{
    AUTO(str_free) struct str out = STR_INIT(16 << 20);

    if (!tokens_list(app, &out, err))
        return false;
    print(&out);
    return true;
}

static bool revoke_token(struct app *app, int argc, char *const argv[], struct err *err)
{
    if (argc != 3)
        return err_set(err, ERR_BAD_REQUEST, "write --token-revoke NAME");
    return tokens_revoke(app, argv[2], err);
}

static bool with_db(const struct upload_conf *conf, int argc, char *const argv[], struct err *err)
{
    AUTO(app_close) struct app app = {.db = NULL};

    if (!app_open_db(conf, &app, err))
        return false;
    if (is(argc, argv, "--token-create"))
        return create_token(&app, argc, argv, err);
    if (is(argc, argv, "--token-list"))
        return list_tokens(&app, err);
    if (is(argc, argv, "--token-revoke"))
        return revoke_token(&app, argc, argv, err);
    return !is(argc, argv, "--sweep-lift") || sweep_lift(&app, err);
}

static bool run_command(const struct upload_conf *conf, int argc, char *const argv[],
                        struct err *err)
{
    if (is(argc, argv, "--sweep-dry-run"))
        return dry_run(conf, err);
    if (is(argc, argv, "--adopt"))
        return adopt(conf, argc, argv, err);
    return with_db(conf, argc, argv, err);
}

bool command_with(const struct upload_conf *conf, int argc, char *const argv[], int *status)
{
    AUTO(str_free) struct str out = STR_INIT(65536);
    struct err err = ERR_INIT;

    *status = 0;
    if (argc < 2)
        return false;
    if (is(argc, argv, "--print-config")) {
        conf_print(upload_config_items, upload_config_count, conf, &out);
        print(&out);
    } else if (!run_command(conf, argc, argv, &err)) {
        fprintf(stderr, "upload-svc: %s\n", err.msg);
        *status = 1;
    }
    return true;
}
