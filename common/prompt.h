/*
 * prompt.h - a thread that is to run soon after what it waits for has come.
 *
 * On a busy machine the kernel lets whoever runs finish a slice (some milliseconds) before a thread
 * that woke up. Who asks for short slices goes first, and gets no more of the processor for it.
 * Linux 6.12 and later (sched_setattr(2), sched_runtime of SCHED_OTHER); no privilege is needed.
 * Elsewhere, or where it is forbidden, all is as it was.
 */
#pragma once

void prompt_me(void); /* the calling thread, for as long as it lives */
