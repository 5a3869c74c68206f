/*
 * xml.h - enough of XML 1.0 to read what S3 answers: elements by name, one level at a time, and
 * their text. Strict, pure, no recursion; attributes and namespaces are passed over.
 *
 * In:      bytes from the network, of any kind. Refused: a document type, tags that do not match,
 *          nesting over 32, entities other than the five and numeric ones.
 */
#pragma once

#include "common/base.h"
#include "common/str.h"

enum { XML_DEPTH_MAX = 32 };

/*
 * The next child element of that name; *content moves behind it. What stands between its tags is
 * given raw (a further content to look into, or for xml_text). false: none is left, or the rest is
 * not well-formed.
 */
bool xml_next(struct sv *content, const char *name, struct sv *inner);
bool xml_child(struct sv content, const char *name, struct sv *inner); /* the first of them */

/* The text of an element without children, entities resolved, appended. false: it is none. */
bool xml_text(struct sv inner, struct str *out);
/* The same of a child, NUL-terminated into out; false: absent, too long, or not text. */
bool xml_child_text(struct sv content, const char *name, char *out, size_t size);

void xml_escape(struct sv text, struct str *out); /* for writing element text */
