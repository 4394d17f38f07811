/* SPDX-License-Identifier: MIT */
/* libuv_echo - libuv echo server:  libuv_echo PORT
 * uv_try_write first; uv_write only for what did not fit. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { BUF = 64 * 1024 };

struct pending {
    uv_write_t req;
    char data[];
};

static char shared[BUF]; /* libuv uses a buffer only inside one read callback */

static void on_alloc(uv_handle_t *h, size_t want, uv_buf_t *b)
{
    (void)h;
    (void)want;
    *b = uv_buf_init(shared, BUF);
}
static void on_close(uv_handle_t *h)
{
    free(h);
}

static void on_written(uv_write_t *req, int status)
{
    if (status < 0 && !uv_is_closing((uv_handle_t *)req->handle)) uv_close((uv_handle_t *)req->handle, on_close);
    free(req);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
    if (n == 0) return;
    if (n < 0) {
        if (!uv_is_closing((uv_handle_t *)s)) uv_close((uv_handle_t *)s, on_close);
        return;
    }
    uv_buf_t out = uv_buf_init(b->base, (unsigned)n);
    int w = s->write_queue_size ? UV_EAGAIN : uv_try_write(s, &out, 1);
    if (w == n) return;
    if (w < 0) w = 0;
    struct pending *p = malloc(sizeof *p + (size_t)(n - w));
    memcpy(p->data, b->base + w, (size_t)(n - w));
    out = uv_buf_init(p->data, (unsigned)(n - w));
    uv_write(&p->req, s, &out, 1, on_written);
}

static void on_connection(uv_stream_t *l, int status)
{
    if (status < 0) return;
    uv_tcp_t *c = malloc(sizeof *c);
    uv_tcp_init(l->loop, c);
    if (uv_accept(l, (uv_stream_t *)c)) {
        uv_close((uv_handle_t *)c, on_close);
        return;
    }
    uv_tcp_nodelay(c, 1);
    uv_read_start((uv_stream_t *)c, on_alloc, on_read);
}

int main(int argc, char **argv)
{
    struct sockaddr_in a;
    uv_tcp_t l;
    if (argc < 2) return 1;
    signal(SIGPIPE, SIG_IGN); /* libuv leaves this to the program */
    uv_ip4_addr("127.0.0.1", atoi(argv[1]), &a);
    uv_tcp_init(uv_default_loop(), &l);
    if (uv_tcp_bind(&l, (struct sockaddr *)&a, 0) || uv_listen((uv_stream_t *)&l, 4096, on_connection)) return 1;
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
