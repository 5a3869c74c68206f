/* picture.h - the headers of made-up pictures, byte by byte: enough for a service that looks at
 * headers only, and for headers that no encoder writes. */
#pragma once

#include "common/str.h"

void kit_png(struct str *out, unsigned width, unsigned height);  /* whole, one IDAT of noise */
void kit_apng(struct str *out, unsigned width, unsigned height); /* the same with an acTL */
/* app_bytes of APP1 segments stand before the frame header of that marker (0xc0, 0xc2, ...). */
void kit_jpeg(struct str *out, unsigned width, unsigned height, unsigned char marker,
              size_t app_bytes);
void kit_webp(struct str *out, const char *kind, unsigned width, unsigned height,
              bool moves); /* kind: "VP8 ", "VP8L", "VP8X" */
void kit_gif(struct str *out, unsigned width, unsigned height, unsigned frames);
