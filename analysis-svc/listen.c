/* listen.c - see listen.h. Only a hint: without it the poll is slower, nothing is lost. */
#include "analysis-svc/listen.h"

#include "analysis-svc/app.h"
#include "analysis-svc/run.h"
#include "common/clock.h"

enum { LISTEN_MS = 500, FAULT_PAUSE_MS = 1000 };

static void listen_once(struct run *run)
{
    AUTO(db_listen_close) struct db_listen *l = NULL;
    struct err err = ERR_INIT;
    bool heard;

    if (!db_listen_open(&run_app(run)->db_conf, "analysis_jobs", &l, &err))
        return;
    run_wake(run); /* what was called out before we listened, nobody heard */
    while (!run_stopping(run)) {
        if (!db_listen_wait(l, LISTEN_MS, &heard, &err))
            return;
        if (heard)
            run_wake(run);
    }
}

void *listen_jobs(void *arg)
{
    struct run *run = arg;

    while (!run_stopping(run)) {
        listen_once(run); /* without it the poll is slower, nothing is lost */
        if (!run_stopping(run))
            clock_sleep_ms(FAULT_PAUSE_MS);
    }
    return NULL;
}
