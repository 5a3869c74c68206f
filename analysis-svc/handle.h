/*
 * handle.h - "@Foo_Bar " becomes "foo_bar". Pure and total.
 *
 * Rule of the form and of X: ^[A-Za-z0-9_]{1,15}$ after leading @ and blanks; case does not count.
 */
#pragma once

#include "common/base.h"

enum { HANDLE_SIZE = 16 };
enum handle_read { HANDLE_OK, HANDLE_NONE, HANDLE_BAD };

/* HANDLE_NONE: nothing printed, or a dash. HANDLE_BAD: something else than a handle. */
enum handle_read handle_parse(struct sv text, char out[static HANDLE_SIZE]);

/* The handle with look-alikes made one: 0 and o; 1, i and l; rn and m. */
void handle_fold(const char *handle, char out[static HANDLE_SIZE]);
/* How many look-alikes stand in the place of another, rn for m counted once; 0: the same handle;
 * -1: they differ in more than that. Both as handle_parse gives them. */
int handle_edits(const char *a, const char *b);
bool handle_alike(const char *a, const char *b); /* in nothing else */
