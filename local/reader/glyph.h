/*
 * glyph.h - a connected piece of ink: a letter, a part of one, a dot, a bar, an arrow.
 *
 * Pure values: where a piece lies, how much of its box is ink, what colour. The questions below are
 * geometry only, and all lengths are measured in `cap`, the height of a capital letter.
 */
#pragma once

#include "common/base.h"

struct box {
    int x, y, w, h;
};

struct glyph {
    struct box at;
    int ink;     /* pixels of ink */
    int r, g, b; /* mean colour of the ink, the darkest counting most */
    int loud;    /* colourful pixels in its box, ink or not: many in an emoji */
    struct box
        foot;     /* a low bar at one of its sides, of columns that hold nothing else; w 0: none */
    double thick; /* ink of its middle rows, in pixels of full black: the width of a bar */
    double stem;  /* height of its strongest column, in pixels and parts of one: grey edges count */
    int arrow;    /* +1: a filled triangle pointing up, -1: down */
    bool patch;   /* it stands on a patch of its own colour: a pill, a button */
    int cell;     /* number of its cell, -1 before grouping */
};

int box_right(const struct box *b);
int box_bottom(const struct box *b);
double box_mid_x(const struct box *b);
double box_mid_y(const struct box *b);
struct box box_join(struct box a, struct box b);

/* Pixels between two boxes along x (negative: they overlap), and shared rows. */
int box_gap_x(const struct box *a, const struct box *b);
int box_shared_y(const struct box *a, const struct box *b);

/* Neither rule nor frame nor blot: could be text of some size on a page of this cap height. */
bool glyph_is_texty(const struct glyph *g, double cap);

bool glyph_is_flat(const struct glyph *g, double cap); /* hyphen, minus, underscore */
int glyph_saturation(const struct glyph *g);           /* 0: grey, 255: pure colour */
int glyph_light(const struct glyph *g);                /* 0: black, 255: white */
bool glyph_is_at(const struct glyph *g,
                 double cap);          /* by size an '@': larger than capitals, as wide as high */
int glyph_sign(const struct glyph *g); /* +1: green ink, -1: red ink, 0: neither */
