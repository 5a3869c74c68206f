/*
 * listen.h - the thread that hears of new jobs: NOTIFY on `analysis_jobs` wakes the scheduler.
 */
#pragma once

/* Takes a struct run; ends when that one is stopping. */
void *listen_jobs(void *run);
