/* snapshot.h - a picture's identity: its uuid, the key it lies under, and the name people gave it.
 * Nothing of a form ever becomes part of a key. Pure but for the random uuid. */
#pragma once

#include "common/base.h"
#include "common/id.h"
#include "upload-svc/image.h"

enum { SNAPSHOT_NAME_MAX = 255, SNAPSHOT_KEY_SIZE = 400, SNAPSHOT_PREFIX_SIZE = 300 };

/* "{S3_PREFIX}{deployment}/", above all that is ours. */
void snapshot_root(const char *s3_prefix, const char *deployment,
                   char out[static SNAPSHOT_PREFIX_SIZE]);
/* "{S3_PREFIX}{deployment}/snapshots/" */
void snapshot_prefix(const char *s3_prefix, const char *deployment,
                     char out[static SNAPSHOT_PREFIX_SIZE]);
/* PREFIX{UTC day}/{uuid}.{ext} */
void snapshot_key(const char *prefix, int64_t wall_s, const struct id *uuid, enum image_type type,
                  char out[static SNAPSHOT_KEY_SIZE]);
/* Exactly such a key? Then whose? Anything else in the bucket is not ours to touch. */
bool snapshot_key_parse(const char *prefix, const char *key, struct id *uuid);
/* ROOTderived/{uuid}/{what}.{ext}: made of that picture, of small letters, digits, '-' and '_'. */
bool snapshot_derived_parse(const char *root, const char *key, struct id *uuid);
/* Where the sweeper leaves its mark. */
void snapshot_mark_key(const char *root, char out[static SNAPSHOT_KEY_SIZE]);

/* The file's name as data: UTF-8 in NFC, no control characters nor marks that turn the direction of
 * writing, at most 255 bytes and no character cut, never empty. */
void snapshot_name(struct sv sent, char out[static SNAPSHOT_NAME_MAX + 1]);
