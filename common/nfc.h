/*
 * nfc.h - text that looks the same gets the same bytes: Unicode's Normalization Form C (UAX #15).
 *
 * In: UTF-8. Out: NFC, in UTF-8, at most 3 times as long. A piece of NFC text is NFC too, so it may
 * be cut at any character afterwards.
 */
#pragma once

#include "common/base.h"
#include "common/str.h"

MUST_CHECK bool nfc_add(struct sv text, struct str *out); /* false: not UTF-8, nothing is added */
