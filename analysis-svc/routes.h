/* routes.h - every URL of both ports, from routes.def. */
#pragma once

#include "common/door.h"

extern const struct door_route analysis_routes_internal[];
extern const size_t analysis_routes_internal_count;
extern const struct door_route analysis_routes_ops[];
extern const size_t analysis_routes_ops_count;

door_handler_fn post_batches, get_batch, analysis_metrics, analysis_health, analysis_ready;
/* INTERNAL_TOKEN, compared in constant time. */
door_auth_fn analysis_routes_auth;
/* Counts and logs a finished request. */
door_done_fn analysis_routes_done;
