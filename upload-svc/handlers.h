/*
 * handlers.h - every handler that routes.def names. A handler reads the request and writes the
 * reply; false: err becomes the answer (common/door.h).
 */
#pragma once

#include "common/door.h"

/* post_snapshots.c */
door_handler_fn post_snapshots;
struct app;
/* May this form be sent at all? Asked when only its head is here. */
MUST_CHECK bool post_snapshots_admit(struct app *app, const struct req *req, struct err *err);
/* get_snapshots.c, get_image.c, history.c, leaderboard.c */
door_handler_fn get_snapshot, get_status, get_image, get_history, get_leaderboard, get_movers,
    get_top;
/* post_process.c */
door_handler_fn post_process, post_process_pending, get_pending_summary, post_retry;
/* post_review.c, patch_snapshot.c */
door_handler_fn post_review, patch_snapshot;
/* export.c, profiles.c, intelligence.c */
door_handler_fn get_export, get_profile, get_timeline, get_intelligence;
/* cleanup.c */
door_handler_fn get_cleanup_stats, get_cleanup_status, post_cleanup_processed;
door_handler_fn post_cleanup_old_files, post_cleanup_full;
/* retired.c */
door_handler_fn retired;
/* delete.c */
door_handler_fn delete_snapshot, post_undelete;
/* campaigns.c */
door_handler_fn get_campaigns, post_campaign, patch_campaign;
/* meta.c */
door_handler_fn get_platforms, get_meta;
/* events.c */
door_handler_fn get_events;
/* session.c */
door_handler_fn get_session, post_session, delete_session;
/* page.c */
door_handler_fn get_page;
/* ops.c */
door_handler_fn get_health, get_ready, get_metrics;
