/*
 * json_node.h - what a tree of JSON is made of, within the room common/json*.
 *
 * All of a document lies in one chain of blocks: a copy of its text, whose strings are unescaped
 * and ended where they stand, and the nodes. The tree is read only; freed as a whole.
 */
#pragma once

#include "common/json.h"

enum { JSON_DEPTH_MAX = 32 };

struct json {
    const char *key; /* of a member; NULL: none */
    struct json *next;
    union {
        struct json *child; /* of an array or object: the first; NULL: none */
        const char *text;
        double number;
    };
    uint32_t n;        /* elements, members, bytes of a text; 1: true */
    uint32_t key_n;    /* bytes */
    uint32_t from, to; /* where it stands in the text, in bytes */
    uint8_t type;      /* enum json_type */
    bool key_plain;    /* its key stands in the text as it is */
};
