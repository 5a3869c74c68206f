/*
 * nfc.h - text that looks the same gets the same bytes: Unicode's Normalization Form C (UAX #15);
 * and where one sign ends and the next begins (UAX #29).
 *
 * In: UTF-8. Out: NFC, in UTF-8, at most 3 times as long. A piece of NFC text is NFC too, so it may
 * be cut at any character afterwards.
 */
#pragma once

#include "common/base.h"
#include "common/str.h"

MUST_CHECK bool nfc_add(struct sv text, struct str *out); /* false: not UTF-8, nothing is added */

/* Bytes at the front of a UTF-8 text that hold at most so many characters and nothing but whole
 * signs: no flag, no family of joined emoji, no letter with its marks is cut. Where the first sign
 * alone is longer, it is cut between characters. */
size_t nfc_cut(struct sv text, size_t chars);
