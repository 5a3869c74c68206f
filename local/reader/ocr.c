/*
 * ocr.c - Tesseract's C API: single lines, capitals 28 px high, asked again where a clean line
 * reads empty.
 */
#include "local/reader/ocr.h"

#include <leptonica/allheaders.h>
#include <stdlib.h>
#include <string.h>
#include <tesseract/capi.h>

#define CAP_PX 28 /* Tesseract's line model reads this size best */

struct ocr {
    TessBaseAPI *api;
};

/* Without the word lists: figures, names and handles are no English and must not be bent into it.
 */
static TessBaseAPI *start(void)
{
    static char names[][24] = {"load_system_dawg", "load_freq_dawg",    "load_number_dawg",
                               "load_punc_dawg",   "load_unambig_dawg", "load_bigram_dawg"};
    static char no[] = "0";
    char *keys[COUNT_OF(names)], *off[COUNT_OF(names)];
    TessBaseAPI *api = TessBaseAPICreate();

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        keys[i] = names[i];
        off[i] = no;
    }
    if (TessBaseAPIInit4(api, NULL, "eng", OEM_LSTM_ONLY, NULL, 0, keys, off, COUNT_OF(keys), 0)) {
        TessBaseAPIDelete(api);
        return NULL;
    }
    TessBaseAPISetVariable(api, "debug_file", "/dev/null");
    TessBaseAPISetPageSegMode(api, PSM_SINGLE_LINE);
    return api;
}

bool ocr_open(struct ocr **out, struct err *err)
{
    struct ocr *ocr = calloc(1, sizeof *ocr);

    if (!ocr)
        abort();
    setMsgSeverity(L_SEVERITY_NONE);
    ocr->api = start();
    if (!ocr->api) {
        ocr_free(&ocr);
        return err_set(err, ERR_INTERNAL,
                       "Tesseract's English model is missing: install tesseract-ocr-eng");
    }
    *out = ocr;
    return true;
}

void ocr_free(struct ocr **ocr)
{
    if (!*ocr)
        return;
    if ((*ocr)->api) {
        TessBaseAPIEnd((*ocr)->api);
        TessBaseAPIDelete((*ocr)->api);
    }
    free(*ocr);
    *ocr = NULL;
}

/* Words of the line joined by single blanks; the least sure word speaks for all. */
static void collect(TessBaseAPI *api, struct ocr_line *out)
{
    TessResultIterator *it = TessBaseAPIGetIterator(api);
    size_t used = 0;

    if (!it)
        return;
    do {
        char *word = TessResultIteratorGetUTF8Text(it, RIL_WORD);
        int sure = (int)TessResultIteratorConfidence(it, RIL_WORD);
        size_t n = word ? strcspn(word, "\t\n") : 0;

        if (n && used + n + 2 < sizeof out->text) {
            if (used)
                out->text[used++] = ' ';
            memcpy(out->text + used, word, n);
            used += n;
            out->text[used] = '\0';
            out->sure = used == n || sure < out->sure ? sure : out->sure;
        }
        TessDeleteText(word);
    } while (TessResultIteratorNext(it, RIL_WORD));
    TessResultIteratorDelete(it);
}

/* Which characters may be seen ("": all), and how high capitals are shown. */
static const struct {
    const char *letters;
    double size;
} ways[] = {
    [OCR_ALL] = {"", CAP_PX},
    [OCR_FIGURE] = {"+-.,%#$KMB0123456789", CAP_PX},
    [OCR_HANDLE] = {"@_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                    1.3 * CAP_PX},
    [OCR_SMALL] = {"", 0.78 * CAP_PX},
};

void ocr_read(struct ocr *ocr, const struct picture *pic, const struct cell *cell, enum ocr_how how,
              struct ocr_line *out)
{
    static const double zoom[] = {1, 0.78, 1.3}; /* the next where a line reads empty */
    TessBaseAPI *api = ocr->api;

    TessBaseAPISetVariable(api, "tessedit_char_whitelist", ways[how].letters);
    *out = (struct ocr_line){.sure = 0};
    for (size_t i = 0; i < COUNT_OF(zoom) && !out->text[0]; i++) {
        AUTO(crop_free)
        struct Pix *line =
            picture_crop(pic, cell->glyphs, cell->n, cell->cap, zoom[i] * ways[how].size);

        if (!line)
            return;
        TessBaseAPISetImage2(api, line);
        TessBaseAPISetSourceResolution(api, 9 * CAP_PX);
        if (TessBaseAPIRecognize(api, NULL) == 0)
            collect(api, out);
        TessBaseAPIClear(api);
    }
}
