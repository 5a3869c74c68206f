#include "upload-svc/csv.h"

#include <string.h>

#include "common/json_write.h"

static bool begins(struct sv text, const char *sign)
{
    return text.n >= strlen(sign) && memcmp(text.p, sign, strlen(sign)) == 0;
}

/* OWASP, "CSV Injection"; and the full-width forms U+FF1D U+FF0B U+FF0D U+FF20. */
static bool is_formula(struct sv text)
{
    static const char *const signs[] = {"=",
                                        "+",
                                        "-",
                                        "@",
                                        "\t",
                                        "\r",
                                        "\n",
                                        "\xef\xbc\x9d",
                                        "\xef\xbc\x8b",
                                        "\xef\xbc\x8d",
                                        "\xef\xbc\xa0"};

    while (text.n > 0 && (text.p[0] == ' ' || begins(text, "\xc2\xa0")))
        text = (struct sv){text.p + 1 + (text.p[0] != ' '), text.n - 1 - (text.p[0] != ' ')};
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (begins(text, signs[i]))
            return true;
    return false;
}

void csv_text(struct str *out, struct sv text)
{
    bool quote = false, formula = is_formula(text);

    for (size_t i = 0; i < text.n; i++)
        quote = quote || strchr("\",;\r\n\t", text.p[i]) != NULL;
    if (!quote && !formula) {
        str_addv(out, text);
        return;
    }
    str_addz(out, formula ? "\"'" : "\"");
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            str_addc(out, '"');
        str_addc(out, text.p[i]);
    }
    str_addc(out, '"');
}

void csv_number(struct str *out, double n)
{
    struct jw w = jw_on(out);

    jw_num(&w, NULL, n);
}

void csv_comma(struct str *out) { str_addc(out, ','); }
void csv_end(struct str *out) { str_addz(out, "\r\n"); }
