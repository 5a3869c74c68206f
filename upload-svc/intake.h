/*
 * intake.h - one form on its way in: its fields, its files, and what became of each.
 *
 * Belongs to the request's thread; the struct lies in the request's arena.
 */
#pragma once

#include "common/door.h"
#include "common/multipart.h"
#include "common/s3_upload.h"
#include "upload-svc/app.h"
#include "upload-svc/form.h"
#include "upload-svc/scribe.h"
#include "upload-svc/state.h"

enum intake_fate {
    INTAKE_COMING,   /* a row in arrivals, perhaps parts */
    INTAKE_STORED,   /* its object is whole */
    INTAKE_RECORDED, /* its row is committed */
    INTAKE_SAME,     /* another snapshot holds the same; its object goes */
    INTAKE_REJECTED  /* err says why; nothing of it stays */
};

struct intake_file {
    enum intake_fate fate;
    struct err err;
    char name[SNAPSHOT_NAME_MAX + 1];
    struct id uuid;
    char key[SNAPSHOT_KEY_SIZE];
    struct scribe_job arrival;
    bool announced; /* there is a row in arrivals */
    bool uncertain; /* S3 may still store it after it said no */
    enum image_type type;
    int width, height;
    struct s3_object object;
    int64_t id;          /* of its row, or of the one that it repeats */
    struct id same_uuid; /* INTAKE_SAME: of that one */
    char same_key[SNAPSHOT_KEY_SIZE];
    char uploaded_at[32];
    const struct snapshot_word *same_word; /* INTAKE_SAME: how far that one is */
};

struct idempotency;

struct intake {
    struct app *app;
    struct req *req;
    struct multipart *mp;
    const char *who; /* whose token, for the rows */
    const char *request_id;
    bool forced;              /* stored even where the same is there: ?force=true */
    struct idempotency *idem; /* NULL: the request bears no Idempotency-Key */
    struct form form;
    struct intake_file files[FORM_FILES_MAX];
    size_t file_count;
    bool campaign_asked; /* the database knows whether it is there */
    bool type_asked;     /* and whether that type can be read */
    bool misled;         /* a file did not end where the form foretold: it is not believed again */
    bool lost;           /* the last file was lost over that */
    bool doomed;         /* a field before the files is at fault: files are read and dropped */
    bool crowded;        /* more files than a form may hold: told once */
    char *lent[2];       /* buffers of a body without a length, for its files; NULL: it has one */
    bool broken;         /* the request itself cannot be read any further */
    int64_t body_bytes;  /* read so far */
    int64_t beat_ms;     /* monotonic time of the last heartbeat */
    struct sv answer;    /* what answer.h made of it, and its status */
    int status;
    bool answered; /* it holds: it may be given again */
};

/* Does the head say how long the form is, and is that within the limits? */
MUST_CHECK bool intake_length_ok(const struct app *app, const struct req *req, struct err *err);
MUST_CHECK bool intake_open(struct app *app, struct req *req, struct intake **out, struct err *err);
void intake_close(struct intake **in); /* what was neither recorded nor undone is undone */

/* Read the whole form. false: the form as a whole cannot be taken. */
MUST_CHECK bool intake_read(struct intake *in, struct err *err);
/* The next bytes of the part, on their way past the sum that an Idempotency-Key needs. */
MUST_CHECK bool intake_bytes(struct intake *in, struct room room, struct sv *bytes,
                             struct err *err);
void intake_beat(struct intake *in); /* rows of arrivals stay young; does nothing if too soon */
/* How many bytes has the file that begins now, and how many at most? -1: cannot be told. */
void intake_foretell(const struct intake *in, const struct multipart_part *part, int64_t *length,
                     int64_t *most);
/* Undo every file that is in S3 and not recorded. */
void intake_undo(struct intake *in);
