/*
 * crypto_pair.h - two SHA-256 states that take the same blocks, in little more than the time of
 * one.
 *
 * For bytes that are summed twice, once as a whole and once chunk by chunk. A processor with SHA
 * extensions (x86-64) waits for each of its rounds before it can begin the next; the rounds of the
 * other state fit in between, and both share one message schedule. On other processors
 * crypto_pair_able is false, and the caller takes one state after the other.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CRYPTO_PAIR_BLOCK = 64 };

bool crypto_pair_able(void); /* asks the processor once */
/* a, b: the eight words of a state each (FIPS 180-4 section 6.2). Only where it is able. */
void crypto_pair_blocks(uint32_t a[static 8], uint32_t b[static 8], const uint8_t *p,
                        size_t blocks);
