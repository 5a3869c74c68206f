/*
 * picture.c - from bytes to ink: theme, bars and boxes are taken away, pieces of ink are found.
 *
 * Text is what differs from its near surroundings. A grey closing with a window a little smaller
 * than a capital letter paints every thin dark stroke over and leaves bars, pills and panels
 * standing; what the closing changed is the ink. Light letters on a dark patch are found the same
 * way with an opening.
 */
#include "local/reader/picture.h"

#include "local/reader/avatar.h"
#include "local/reader/shape.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>

#define MAX_SIDE   12000
#define MAX_PIXELS 40000000
#define LARGE      5000000 /* pixels; such a picture is looked at in half its size first */
#define INK_LEAST  36      /* a stroke differs at least this much from its surroundings */
#define GLANCE     11      /* pixels: the window of the first look */
#define PATCH_DARK 60      /* a patch this much darker than the page carries light letters */

static int odd(double v) { return (int)(v + 0.5) | 1; }

static PIX *load(struct sv bytes, struct err *err)
{
    l_int32 format = 0, w = 0, h = 0;
    AUTO(pixDestroy) PIX *raw = NULL, *flat = NULL;
    const l_uint8 *p = (const l_uint8 *)bytes.p;

    if (bytes.n == 0)
        return err_set(err, ERR_EMPTY_FILE, "the image has no bytes"), NULL;
    if (findFileFormatBuffer(p, &format) ||
        (format != IFF_PNG && format != IFF_JFIF_JPEG && format != IFF_WEBP && format != IFF_GIF))
        return err_set(err, ERR_FILE_TYPE, "the bytes are no PNG, JPEG, WebP or GIF"), NULL;
    if (format != IFF_GIF && pixReadHeaderMem(p, bytes.n, NULL, &w, &h, NULL, NULL, NULL))
        return err_set(err, ERR_BROKEN_IMAGE, "the header of the image is broken"), NULL;
    if (w > MAX_SIDE || h > MAX_SIDE || (int64_t)w * h > MAX_PIXELS)
        return err_set(err, ERR_IMAGE_SIZE, "the image is %d x %d, too large to read", w, h), NULL;
    raw = pixReadMem(p, bytes.n);
    if (!raw)
        return err_set(err, ERR_BROKEN_IMAGE, "the image cannot be decoded"), NULL;
    if (pixGetWidth(raw) < 32 || pixGetHeight(raw) < 32)
        return err_set(err, ERR_IMAGE_SIZE, "the image is too small to hold text"), NULL;
    flat = pixRemoveAlpha(raw);
    return pixConvertTo32(flat ? flat : raw);
}

/* The page in grey, its paper light: a dark theme is turned over. */
static PIX *paper(PIX *rgb, int *white)
{
    PIX *gray = pixConvertRGBToLuminance(rgb);
    l_float32 mean = 0, median = 0;

    pixGetAverageMasked(gray, NULL, 0, 0, 4, L_MEAN_ABSVAL, &mean);
    if (mean < 128)
        pixInvert(gray, gray);
    pixGetRankValueMasked(gray, NULL, 0, 0, 4, 0.5F, &median, NULL);
    *white = (int)median;
    return gray;
}

/* A true patch is mostly dark; what bold print leaves behind is mostly paper, and goes. */
static PIX *solid_only(PIX *patch, PIX *gray, int white)
{
    AUTO(pixDestroy) PIX *dark = pixThresholdToBinary(gray, white - PATCH_DARK);
    AUTO(boxaDestroy) BOXA *boxes = pixConnComp(patch, NULL, 8);

    for (int i = 0; i < boxaGetCount(boxes); i++) {
        AUTO(boxDestroy) BOX *box = boxaGetBox(boxes, i, L_CLONE);
        AUTO(pixDestroy) PIX *area = pixClipRectangle(patch, box, NULL);
        AUTO(pixDestroy) PIX *ink = pixClipRectangle(dark, box, NULL);
        l_int32 all = 0, solid = 0;

        pixCountPixels(area, &all, NULL);
        pixAnd(ink, ink, area);
        pixCountPixels(ink, &solid, NULL);
        if (solid < 0.6 * all)
            pixClearInRect(patch, box);
    }
    return patch;
}

/* 1: a dark area on which light letters stand. Thin dark strokes are closed first, or text would be
 * one. */
static PIX *patch_of(PIX *gray, int white, double cap)
{
    int thin = odd(0.6 * cap), large = odd(fmax(15, 1.8 * cap)), least = odd(1.6 * cap);
    AUTO(pixDestroy) PIX *bare = pixCloseGray(gray, thin, thin);
    AUTO(pixDestroy) PIX *ground = pixOpenGray(bare, large, large);
    AUTO(pixDestroy) PIX *dark = pixThresholdToBinary(ground, white - PATCH_DARK);

    return solid_only(pixOpenBrick(NULL, dark, least, least), gray, white);
}

/* Paper 255, strokes dark: what a closing changed, and on dark patches what an opening changed. */
static PIX *ink_of(PIX *gray, PIX *patch, double cap)
{
    int small = odd(fmax(9, 0.95 * cap));
    AUTO(pixDestroy) PIX *closed = pixCloseGray(gray, small, small);
    AUTO(pixDestroy) PIX *opened = pixOpenGray(gray, small, small);
    AUTO(pixDestroy) PIX *light = pixSubtractGray(NULL, gray, opened);
    PIX *ink = pixSubtractGray(NULL, closed, gray);

    pixCombineMasked(ink, light, patch);
    return pixInvert(ink, ink);
}

static PIX *mask_of(PIX *ink) { return pixThresholdToBinary(ink, 255 - INK_LEAST); }

/* The commonest height of a letter; of two equal peaks the taller, which is capitals and digits. */
static double cap_of(PIX *mask)
{
    AUTO(boxaDestroy) BOXA *boxes = pixConnComp(mask, NULL, 8);
    double seen[130] = {0}, best = 0;
    int n = boxaGetCount(boxes), cap = 10;

    for (int i = 0; i < n; i++) {
        l_int32 w, h;

        boxaGetBoxGeometry(boxes, i, NULL, NULL, &w, &h);
        if (h >= 5 && h < 120 && w > 0.12 * h && w < 1.5 * h)
            seen[h]++;
    }
    for (int h = 5; h < 120; h++) {
        double weight = (seen[h] + 0.6 * (seen[h - 1] + seen[h + 1])) * pow(h, 0.45);

        if (weight > best) {
            best = weight;
            cap = h;
        }
    }
    return cap;
}

static bool on_patch(PIX *patch, const struct box *b)
{
    l_uint32 bit = 0;

    pixGetPixel(patch, b->x + b->w / 2, b->y + b->h / 2, &bit);
    return bit != 0;
}

static int by_x(const void *a, const void *b)
{
    const struct glyph *l = a, *r = b;

    return l->at.x != r->at.x ? (l->at.x < r->at.x ? -1 : 1) : l->at.y - r->at.y;
}

static void glyphs_of(struct picture *pic)
{
    struct avatars avatars;
    AUTO(pixaDestroy) PIXA *shapes = NULL;
    AUTO(boxaDestroy) BOXA *boxes = pixConnComp(pic->mask, &shapes, 8);
    int n = boxaGetCount(boxes);

    pic->glyphs = calloc((size_t)n + 1, sizeof *pic->glyphs);
    if (!pic->glyphs)
        abort();
    for (int i = 0; i < n; i++) {
        struct glyph *g = &pic->glyphs[pic->n];
        AUTO(pixDestroy) PIX *shape = pixaGetPix(shapes, i, L_CLONE);

        *g = (struct glyph){.cell = -1};
        boxaGetBoxGeometry(boxes, i, &g->at.x, &g->at.y, &g->at.w, &g->at.h);
        shape_measure(shape, pic->rgb, pic->ink, pic->cap, g);
        g->patch = on_patch(pic->patch, &g->at);
        if (glyph_is_texty(g, pic->cap))
            pic->n++;
    }
    qsort(pic->glyphs, pic->n, sizeof *pic->glyphs, by_x);
    avatars_find(pic->gray, pic->cap, &avatars);
    pic->n = avatars_clear(&avatars, pic->glyphs, pic->n, pic->cap);
}

/* How high letters are, by their strokes alone: patches are not looked for yet. */
static double glance(PIX *rgb)
{
    int white = 0;
    AUTO(pixDestroy) PIX *gray = paper(rgb, &white);
    AUTO(pixDestroy) PIX *closed = pixCloseGray(gray, GLANCE, GLANCE);
    AUTO(pixDestroy) PIX *ink = pixSubtractGray(NULL, closed, gray);
    AUTO(pixDestroy) PIX *mask = NULL;

    pixInvert(ink, ink);
    mask = mask_of(ink);
    return cap_of(mask);
}

/* Ink is found with windows of the size of its letters. */
static double look(struct picture *pic, double cap)
{
    int white = 0;

    pic->gray = paper(pic->rgb, &white);
    pic->patch = patch_of(pic->gray, white, cap);
    pic->ink = ink_of(pic->gray, pic->patch, cap);
    pic->mask = mask_of(pic->ink);
    return cap_of(pic->mask);
}

static void zoom(struct picture *pic, double factor)
{
    PIX *scaled = pixScale(pic->rgb, (l_float32)factor, (l_float32)factor);

    if (!scaled)
        return;
    pixDestroy(&pic->rgb);
    pic->rgb = scaled;
}

/* A large picture is looked at in half its size first: most of its letters are larger than need be.
 */
static double first_look(struct picture *pic)
{
    double factor = 1, seen;

    if ((int64_t)pixGetWidth(pic->rgb) * pixGetHeight(pic->rgb) > LARGE) {
        AUTO(pixDestroy) PIX *whole = pixClone(pic->rgb);

        zoom(pic, 0.5);
        seen = glance(pic->rgb);
        if (seen > GLANCE)
            return seen;
        pixDestroy(&pic->rgb);
        pic->rgb = pixClone(whole);
        return 2 * seen;
    }
    seen = glance(pic->rgb);
    if (seen < 10)
        factor = 2;
    if (seen > 28)
        factor = 0.5;
    if (factor != 1)
        zoom(pic, factor);
    return factor * seen;
}

bool picture_open(struct picture *pic, struct sv bytes, struct err *err)
{
    pic->rgb = load(bytes, err);
    if (!pic->rgb)
        return false;
    pic->cap = look(pic, first_look(pic));
    pic->w = pixGetWidth(pic->rgb);
    pic->h = pixGetHeight(pic->rgb);
    glyphs_of(pic);
    return true;
}

bool picture_size(struct sv bytes, int *w, int *h)
{
    return pixReadHeaderMem((const l_uint8 *)bytes.p, bytes.n, NULL, w, h, NULL, NULL, NULL) == 0;
}

void picture_free(struct picture *pic)
{
    pixDestroy(&pic->rgb);
    pixDestroy(&pic->gray);
    pixDestroy(&pic->ink);
    pixDestroy(&pic->mask);
    pixDestroy(&pic->patch);
    free(pic->glyphs);
    *pic = (struct picture)PICTURE_INIT;
}

void crop_free(struct Pix **crop) { pixDestroy(crop); }

/* Grey handles become as dark as white names: the darkest pixels of the line go to 0. */
static void stretch(PIX *line)
{
    l_float32 dark = 0;

    pixGetRankValueMasked(line, NULL, 0, 0, 1, 0.02F, &dark, NULL);
    if (dark < 220)
        pixGammaTRC(line, line, 1.0F, (l_int32)dark, 250);
}

struct Pix *picture_crop(const struct picture *pic, const struct glyph *const *glyphs, size_t n,
                         double cap, double size)
{
    struct box all = glyphs[0]->at;
    double s = size / cap;
    AUTO(pixDestroy) PIX *line = NULL, *scaled = NULL;

    for (size_t i = 1; i < n; i++)
        all = box_join(all, glyphs[i]->at);
    line = pixCreate(all.w + 4, all.h + 4, 8);
    pixSetAll(line);
    for (size_t i = 0; i < n; i++) {
        struct box b = glyphs[i]->at;

        pixRasterop(line, b.x - all.x, b.y - all.y, b.w + 4, b.h + 4, PIX_SRC & PIX_DST, pic->ink,
                    b.x - 2, b.y - 2);
    }
    stretch(line);
    scaled = pixScale(line, (l_float32)s, (l_float32)s);
    return scaled ? pixAddBorderGeneral(scaled, 12, 12, 12, 12, 255) : NULL;
}

static int mean_ink(PIX *ink, int x0, int y0, int x1, int y1)
{
    int all = 0, n = 0;

    for (int y = y0; y < y1 || y == y0; y++)
        for (int x = x0; x < x1 || x == x0; x++, n++) {
            l_uint32 paper = 255;

            pixGetPixel(ink, x, y, &paper);
            all += 255 - (int)paper;
        }
    return all / n;
}

void picture_sample(const struct picture *pic, const struct box *at, int w, int h,
                    unsigned char *out)
{
    int cell[1024], most = 1;

    for (int i = 0; i < w * h && i < (int)COUNT_OF(cell); i++) {
        int x = i % w, y = i / w;

        cell[i] = mean_ink(pic->ink, at->x + at->w * x / w, at->y + at->h * y / h,
                           at->x + at->w * (x + 1) / w, at->y + at->h * (y + 1) / h);
        most = cell[i] > most ? cell[i] : most;
    }
    for (int i = 0; i < w * h && i < (int)COUNT_OF(cell); i++)
        out[i] = (unsigned char)(cell[i] * 255 / most);
}
