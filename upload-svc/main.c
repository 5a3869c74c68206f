/* main.c - upload-svc: settings -> parts -> doors; a signal; everything closes in reverse. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/http.h"
#include "common/log.h"
#include "upload-svc/app.h"
#include "upload-svc/command.h"
#include "upload-svc/metrics.h"
#include "upload-svc/serve.h"

static enum log_level level_of(const char *word)
{
    switch (*word) {
    case 'd':
        return LOG_DEBUG;
    case 'w':
        return LOG_WARN;
    case 'e':
        return LOG_ERROR;
    default:
        return LOG_INFO;
    }
}

/* Every thread inherits this: only main waits for the signals that end us. */
static void block_signals(void)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static int run(const struct upload_conf *conf)
{
    AUTO(app_close) struct app app = {.db = NULL};
    struct err err = ERR_INIT;

    block_signals();
    http_global_open();
    upload_metrics_open();
    if (!app_open(conf, &app, &err) || !serve(&app, &err)) {
        log_error("serve.failed", "upload-svc cannot serve", KV_ERR(&err));
        return 1;
    }
    log_info("serve.closed", "upload-svc has ended", KV_I("status", 0));
    return 0;
}

static const char *get(const char *name) { return getenv(name); }

int main(int argc, char *argv[])
{
    AUTO(str_free) struct str faults = STR_INIT(65536);
    struct upload_conf conf = {.port = 0};
    int status = 0;

    log_open("upload-svc", LOG_INFO);
    if (command_plain(argc, argv, &status))
        return status;
    if (!upload_config_load(get, &conf, &faults)) {
        fprintf(stderr, "upload-svc cannot start; these settings are at fault:\n%s", faults.p);
        return 2;
    }
    log_open("upload-svc", level_of(conf.log_level));
    if (command_with(&conf, argc, argv, &status))
        return status;
    return run(&conf);
}
