/* routes.h - routes.def as the table that door.h wants, and the ops door's own. */
#pragma once

#include "common/door.h"

extern const struct door_route upload_routes[];
extern const size_t upload_route_count;
extern const struct door_route upload_ops_routes[];
extern const size_t upload_ops_route_count;
