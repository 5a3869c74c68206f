/*
 * shape.h - what the pixels of one piece of ink say: fills ink, colour, loud, foot and arrow of a
 * glyph.
 */
#pragma once

#include "local/reader/glyph.h"

struct Pix;

/* `shape` is the mask of the piece, as large as g->at; rgb and ink are the whole picture. */
void shape_measure(struct Pix *shape, struct Pix *rgb, struct Pix *ink, double cap,
                   struct glyph *g);
