/*
 * bench_presign.c - presigned GETs a second on one thread against what hashing alone allows.
 *
 * The limit: SHA-256 of a canonical request and an HMAC of a string to sign (its two halves from
 * kept mid-states), of the same lengths and by the same functions (crypto.h), nothing else. All
 * rows run in turn, ROUNDS times, each with keys that differ; medians. Amazon's documented URL is
 * asserted first, and that no call allocates. Last line: JSON. The mould hashes the string to sign
 * but for its last line once a second, one block of ten that the limit still pays for each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "common/json_write.h"
#include "common/s3.h"
#include "common/sigv4.h"

enum { ROUNDS = 15, MANY = 60000, EXPIRES_S = 900, WALL = 8192 };

#define KEY "0a1b2c3d/snapshots/2026-11-22/0192f3c0-7d4b-4c11-9a5e-0000000000000000.png"

static const struct sigv4_conf documented = {
    .access_key = SV_LIT("AKIAIOSFODNN7EXAMPLE"),
    .secret_key = SV_LIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    .region = SV_LIT("us-east-1"),
    .service = SV_LIT("s3"),
};
static const int64_t may_24_2013 = 1369353600;
static struct sigv4 *signer;
static struct s3 *bucket;
static struct sigv4_mould mould;
static struct sigv4_pair host = {SV_LIT("host"), SV_LIT("examplebucket.s3.amazonaws.com")};
static char path[] = "/" KEY;
static struct str url = STR_INIT(WALL);
static size_t canonical_n, text_n;
static struct crypto_key key;

static struct sigv4_request request(struct sv raw)
{
    return (struct sigv4_request){.method = SV_LIT("GET"),
                                  .path = raw,
                                  .headers = &host,
                                  .headers_n = 1,
                                  .payload = SV_LIT(SIGV4_UNSIGNED),
                                  .now = may_24_2013};
}

static void number(unsigned n) /* the last digits before ".png" */
{
    char *at = path + sizeof path - sizeof ".png" - 1;

    for (int i = 0; i < 8; i++, n /= 10)
        *at-- = (char)('0' + n % 10);
}

/* Everything that allocates passes here, OpenSSL too. */
void *__libc_malloc(size_t n);
static size_t allocations;

void *malloc(size_t n)
{
    allocations++;
    return __libc_malloc(n);
}

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench_presign: %s\n", what);
    exit(1);
}

static void check_documented(void)
{
    const struct sigv4_request req = request(SV_LIT("/test.txt"));
    const char *want = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

    for (int with = 0; with < 2; with++) {
        str_reset(&url);
        must(with ? sigv4_presign_with(&mould, signer, &req, 86400, &url)
                  : sigv4_presign(signer, &req, 86400, &url),
             "the documented request is not signed");
        must(url.n > 64 && strcmp(url.p + url.n - 64, want) == 0,
             "the documented URL has another signature");
    }
}

static void by_mould(unsigned n)
{
    struct sigv4_request req;

    number(n);
    req = request((struct sv){path, sizeof path - 1});
    str_reset(&url);
    must(sigv4_presign_with(&mould, signer, &req, EXPIRES_S, &url), "no URL");
}

static void by_bucket(unsigned n)
{
    struct err err = ERR_INIT;

    number(n);
    str_reset(&url);
    must(s3_presign_get(bucket, S3_FOR_MODEL, path + 1, EXPIRES_S, &url, &err), err.msg);
}

static void one_by_one(unsigned n)
{
    struct sigv4_request req;

    number(n);
    req = request((struct sv){path, sizeof path - 1});
    str_reset(&url);
    must(sigv4_presign(signer, &req, EXPIRES_S, &url), "no URL");
}

static void hashing(unsigned n)
{
    static char canonical[WALL], text[WALL];
    uint8_t sum[SHA256_SIZE];

    canonical[40] = (char)('0' + n % 10);
    crypto_sha256((struct sv){canonical, canonical_n}, sum);
    memcpy(text, sum, sizeof sum);
    crypto_key_hmac(&key, (struct sv){text, text_n}, sum);
    canonical[41] = (char)sum[0];
}

static const struct contender {
    const char *name;
    void (*once)(unsigned n);
} contenders[] = {{"hashing alone (the limit)", hashing},
                  {"sigv4_presign_with, one second's mould", by_mould},
                  {"s3_presign_get, as the services call it", by_bucket},
                  {"sigv4_presign, nothing kept but the key", one_by_one}};
enum { N = COUNT_OF(contenders) };

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *list)
{
    qsort(list, ROUNDS, sizeof *list, order);
    return list[ROUNDS / 2];
}

/* A presign takes no memory once its buffer and the day's key are there. */
static void check_allocations(void)
{
    for (size_t i = 0; i < N; i++) {
        size_t before;

        contenders[i].once(0);
        before = allocations;
        contenders[i].once(1);
        must(allocations == before, "a presign allocated memory");
    }
}

/* rate[i]: per second of CPU; share[i]: of the limit in the same round. */
static void measure(double rate[N], double share[N])
{
    static double rates[N][ROUNDS], shares[N][ROUNDS];

    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < N; i++) {
            double from = seconds();

            for (unsigned n = 0; n < MANY; n++)
                contenders[i].once(n);
            rates[i][round] = MANY / (seconds() - from);
            shares[i][round] = rates[i][round] / rates[0][round];
        }
    for (size_t i = 0; i < N; i++) {
        rate[i] = median(rates[i]);
        share[i] = median(shares[i]);
    }
}

static void prepare(void)
{
    const struct sigv4_request req = request((struct sv){path, sizeof path - 1});
    const struct s3_conf conf = {.endpoint = "https://s3.amazonaws.com",
                                 .region = "us-east-1",
                                 .bucket = "examplebucket",
                                 .access_key = "AKIAIOSFODNN7EXAMPLE",
                                 .secret_key =
                                     secret_of("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")};
    struct str canonical = STR_INIT(WALL), text = STR_INIT(WALL);
    struct err err = ERR_INIT;

    must(s3_open(&conf, &bucket, &err), err.msg);
    must(sigv4_canonical(signer, &req, EXPIRES_S, &canonical), "no canonical request");
    sigv4_string_to_sign(signer, may_24_2013, str_sv(&canonical), &text);
    canonical_n = canonical.n;
    text_n = text.n;
    crypto_key_set(&key, SV_LIT("any key does"));
    str_free(&canonical);
    str_free(&text);
}

static void machine(struct str *out)
{
    struct utsname u;
    char line[256];
    FILE *f = fopen("/proc/cpuinfo", "r");

    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':')) {
            str_add(out, strchr(line, ':') + 2, strcspn(strchr(line, ':') + 2, "\n"));
            break;
        }
    if (f)
        fclose(f);
    if (uname(&u) == 0)
        str_addf(out, "%s%s", out->n > 0 ? ", " : "", u.machine);
}

static void add_bar(struct jw *w, const char *name, double value, double bar)
{
    jw_open(w, '{');
    jw_text(w, "name", name);
    jw_num(w, "value", value);
    jw_num(w, "bar", bar);
    jw_text(w, "better", "higher");
    jw_close(w);
}

static void print_json(const double rate[N], const double share[N])
{
    AUTO(str_free) struct str out = STR_INIT(WALL), where = STR_INIT(1024);
    struct jw w = jw_on(&out);

    machine(&where);
    jw_open(&w, '{');
    jw_text(&w, "bench", "presign");
    jw_sv(&w, "machine", str_sv(&where));
    jw_key(&w, "rows");
    jw_open(&w, '[');
    for (size_t i = 0; i < N; i++) {
        jw_open(&w, '{');
        jw_text(&w, "name", contenders[i].name);
        jw_num(&w, "per_s", (double)(int64_t)rate[i]);
        jw_num(&w, "of_limit", (double)(int64_t)(share[i] * 1000) / 1000);
        jw_close(&w);
    }
    jw_close(&w);
    jw_key(&w, "bars");
    jw_open(&w, '[');
    add_bar(&w, "presigned GETs, share of the hashing limit",
            (double)(int64_t)(share[1] * 1000) / 1000, 0.45);
    add_bar(&w, "the same through s3_presign_get", (double)(int64_t)(share[2] * 1000) / 1000, 0.45);
    jw_close(&w);
    jw_close(&w);
    printf("%s\n", out.p);
}

int main(void)
{
    double rate[N], share[N];

    signer = sigv4_open(&documented);
    check_documented();
    prepare();
    check_allocations();
    measure(rate, share);
    printf("presigned GET, one thread, canonical request %zu bytes, string to sign %zu\n",
           canonical_n, text_n);
    for (size_t i = 0; i < N; i++)
        printf("  %-42s %10.0f /s %7.1f ns %6.2f of the limit\n", contenders[i].name, rate[i],
               1e9 / rate[i], share[i]);
    print_json(rate, share);
    s3_close(&bucket);
    sigv4_free(&signer);
    str_free(&url);
    return 0;
}
