/*
 * handle.h - a text as a handle: its bytes, its letters settled by their ink, and the signs that it
 * may have been misread.
 *
 * Pure. A wrong handle gives one person's numbers to another, so every sign of one is a doubt:
 * another reading of the same ink spells it differently, or the handle goes on where its cell ends.
 */
#pragma once

#include "local/reader/page.h"

/* How many bytes at the start of a text are an '@', or what the recogniser makes of one. */
size_t handle_at_sign(const char *text);

/* Handle bytes only; look-alike punctuation becomes the letter it stands for. false: no handle. */
bool handle_of(const char *text, char *out, size_t size);

/* One word that could be a handle is spelled like one; whether it is, the layout decides. */
void handle_settle(struct item *it, const struct cell *c);

/* Another reading of the same ink: does it spell the same handle? */
bool handle_is_confirmed(const struct item *it, const struct cell *c, const char *again);

/* Where two other readings spell the same handle, it is that one. */
void handle_outvote(struct item *it, const struct cell *c, const char *one, const char *other);

/* A handle is in doubt where text of its own print begins right behind it: it may be cut off. */
void handles_cut_off(struct page *page);
