/* SPDX-License-Identifier: MIT */
/* libevent_echo - libevent bufferevent echo server:  libevent_echo PORT */
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>

enum { BUF = 64 * 1024 };

static void on_read(struct bufferevent *b, void *x)
{
    (void)x;
    bufferevent_write_buffer(b, bufferevent_get_input(b)); /* moves, does not copy */
}

static void on_event(struct bufferevent *b, short what, void *x)
{
    (void)x;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) bufferevent_free(b);
}

static void on_connection(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *a, int len, void *x)
{
    int one = 1;
    (void)a;
    (void)len;
    (void)x;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct bufferevent *b = bufferevent_socket_new(evconnlistener_get_base(l), fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(b, on_read, NULL, on_event, NULL);
    bufferevent_set_max_single_read(b, BUF);
    bufferevent_set_max_single_write(b, BUF);
    bufferevent_enable(b, EV_READ | EV_WRITE);
}

int main(int argc, char **argv)
{
    if (argc < 2) return 1;
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((unsigned short)atoi(argv[1])),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    signal(SIGPIPE, SIG_IGN);
    struct event_base *base = event_base_new();
    if (!evconnlistener_new_bind(base, on_connection, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 4096,
                                 (struct sockaddr *)&a, sizeof a))
        return 1;
    return event_base_dispatch(base);
}
