/* test_watch.c - a thread that waits in a socket is woken when its time is up, and only then. */
#include "common/watch.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/kit/kit.h"

struct pair {
    int listener, near, far, near_port, far_port;
};

static int port_of(int fd)
{
    struct sockaddr_in at;
    socklen_t n = sizeof(at);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    return ntohs(at.sin_port);
}

static struct pair make_pair(void)
{
    struct pair p;
    struct sockaddr_in at = {.sin_family = AF_INET};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    p.listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(p.listener, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(p.listener, 5), 0);
    p.near_port = port_of(p.listener);
    at.sin_port = htons((uint16_t)p.near_port);
    p.far = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(p.far, (struct sockaddr *)&at, sizeof(at)), 0);
    p.near = accept(p.listener, NULL, NULL);
    assert_true(p.near >= 0);
    p.far_port = port_of(p.far);
    return p;
}

static void end_pair(const struct pair *p)
{
    close(p->near);
    close(p->far);
    close(p->listener);
}

static struct watch_item item_for(const struct pair *p, int64_t in_ms)
{
    return (struct watch_item){.far_address = "127.0.0.1",
                               .far_port = p->far_port,
                               .near_port = p->near_port,
                               .until_ms = clock_mono_ms() + in_ms,
                               .how = SHUT_RD};
}

static void a_late_read_is_woken_and_others_are_left_alone(void **state)
{
    (void)state;
    AUTO(watch_close) struct watch *watch = NULL;
    struct err err = ERR_INIT;
    char c;
    assert_ok(watch_open(&watch, &err), err);
    struct pair late = make_pair(), early = make_pair();
    struct watch_item a = item_for(&late, 200), b = item_for(&early, 60000);
    int64_t start = clock_mono_ms();
    watch_begin(watch, &b);
    watch_begin(watch, &a);
    assert_int_equal(recv(late.near, &c, 1, 0), 0);
    assert_in_range(clock_mono_ms() - start, 195, 200 + 8 * WATCH_TICK_MS);
    watch_end(watch, &a);
    watch_end(watch, &b);
    assert_true(a.cut);
    assert_false(b.cut);
    assert_int_equal(send(late.near, "x", 1, 0), 1); /* only reading was shut */
    assert_int_equal(recv(late.far, &c, 1, 0), 1);
    assert_int_equal(send(early.far, "y", 1, 0), 1);
    assert_int_equal(recv(early.near, &c, 1, 0), 1);
    end_pair(&late);
    end_pair(&early);
}

static void what_ends_in_time_is_never_cut(void **state)
{
    (void)state;
    AUTO(watch_close) struct watch *watch = NULL;
    struct err err = ERR_INIT;
    char c;
    assert_ok(watch_open(&watch, &err), err);
    struct pair p = make_pair();
    for (int i = 0; i < 1000; i++) {
        struct watch_item item = item_for(&p, 150);
        watch_begin(watch, &item);
        watch_end(watch, &item);
        assert_false(item.cut);
    }
    clock_sleep_ms(400);
    assert_int_equal(send(p.far, "x", 1, 0), 1);
    assert_int_equal(recv(p.near, &c, 1, 0), 1);
    end_pair(&p);
}

static void leaving_the_list_in_any_order_works(void **state)
{
    (void)state;
    static const size_t orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {1, 2, 0}};
    AUTO(watch_close) struct watch *watch = NULL;
    struct err err = ERR_INIT;
    assert_ok(watch_open(&watch, &err), err);
    struct pair p = make_pair();
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        struct watch_item items[3];
        for (size_t k = 0; k < 3; k++) {
            items[k] = item_for(&p, 60000);
            watch_begin(watch, &items[k]);
        }
        for (size_t k = 0; k < 3; k++)
            watch_end(watch, &items[orders[i][k]]);
        clock_sleep_ms(WATCH_TICK_MS + 20); /* the thread walks the list once */
    }
    end_pair(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_late_read_is_woken_and_others_are_left_alone),
        cmocka_unit_test(what_ends_in_time_is_never_cut),
        cmocka_unit_test(leaving_the_list_in_any_order_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
