/*
 * crc32c.h - CRC-32C (Castagnoli; RFC 3720 appendix B.4), the checksum that S3 takes in
 * x-amz-checksum-crc32c. Pure; any thread.
 */
#pragma once

#include "common/base.h"

enum { CRC32C_BASE64_SIZE = 9 };

/* The checksum of what `crc` covers followed by bytes; nothing yet: 0. */
uint32_t crc32c(uint32_t crc, struct sv bytes);
uint32_t crc32c_portable(uint32_t crc, struct sv bytes); /* what processors without SSE4.2 run */
void crc32c_base64(uint32_t crc, char out[static CRC32C_BASE64_SIZE]); /* as S3 writes it */
