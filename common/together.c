#include "common/together.h"

#include <stdlib.h>

struct together {
    together_work_fn *work;
    void *arg;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct together_job *first, **end;
    bool started, ending;
};

/* Until there is one, or the end. */
static size_t take(struct together *t, struct together_job *jobs[static TOGETHER_MAX])
{
    size_t n = 0;

    while (!t->first && !t->ending)
        pthread_cond_wait(&t->more, &t->lock);
    while (t->first && n < TOGETHER_MAX) {
        jobs[n++] = t->first;
        t->first = t->first->next;
    }
    if (!t->first)
        t->end = &t->first;
    return n;
}

static void *run(void *arg)
{
    struct together *t = arg;
    struct together_job *jobs[TOGETHER_MAX];
    size_t n;

    pthread_mutex_lock(&t->lock);
    while ((n = take(t, jobs)) > 0) {
        pthread_mutex_unlock(&t->lock);
        t->work(t->arg, jobs, n);
        pthread_mutex_lock(&t->lock);
        for (size_t i = 0; i < n; i++) {
            jobs[i]->done = true;
            pthread_cond_signal(&jobs[i]->over);
        }
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

bool together_open(together_work_fn *work, void *arg, struct together **out, struct err *err)
{
    struct together *t = calloc(1, sizeof *t);

    if (!t)
        abort();
    t->work = work;
    t->arg = arg;
    t->end = &t->first;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->more, NULL);
    *out = t;
    t->started = pthread_create(&t->thread, NULL, run, t) == 0;
    if (t->started)
        return true;
    together_close(out);
    return err_set(err, ERR_INTERNAL, "no thread could be started: raise the limit of processes");
}

void together_close(struct together **tp)
{
    struct together *t = *tp;

    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->ending = true;
    pthread_cond_signal(&t->more);
    pthread_mutex_unlock(&t->lock);
    if (t->started)
        pthread_join(t->thread, NULL);
    pthread_cond_destroy(&t->more);
    pthread_mutex_destroy(&t->lock);
    free(t);
    *tp = NULL;
}

void together_put(struct together *t, struct together_job *job)
{
    pthread_cond_init(&job->over, NULL);
    job->put = true;
    pthread_mutex_lock(&t->lock);
    *t->end = job;
    t->end = &job->next;
    pthread_cond_signal(&t->more);
    pthread_mutex_unlock(&t->lock);
}

void together_wait(struct together *t, struct together_job *job)
{
    if (!job->put)
        return;
    pthread_mutex_lock(&t->lock);
    while (!job->done)
        pthread_cond_wait(&job->over, &t->lock);
    pthread_mutex_unlock(&t->lock);
    pthread_cond_destroy(&job->over);
    job->put = false;
}
