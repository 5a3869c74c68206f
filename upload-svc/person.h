/*
 * person.h - whom a JWT's claims speak of: a name for the rows, and what that person may do.
 *
 * The role stands in the claim of JWT_ROLE_CLAIM, a name or a path ("realm_access.roles"): a text,
 * a list of texts, or words with blanks between (RFC 8693 "scope"). The highest that is known
 * counts. Pure. Errors: ERR_UNAUTHENTICATED (no sub), ERR_FORBIDDEN (no role of ours).
 */
#pragma once

#include "common/door.h"
#include "common/json.h"

/* out->name is "jwt:" and sub, which is cut and told apart by its sum where it is too long. */
MUST_CHECK bool person_read(const struct json *claims, const char *role_claim, struct door_who *out,
                            struct err *err);
enum door_role person_role(struct sv word); /* DOOR_OPEN: no such role. Case does not count */
const char *person_word(enum door_role role);
