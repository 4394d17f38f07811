/* SPDX-License-Identifier: MIT */
/*
 * epoll_echo - raw epoll echo server:  epoll_echo PORT [THREADS] [lt|et]
 *
 * One epoll and one SO_REUSEPORT listener per thread.  One receive buffer per
 * thread; a connection owns memory only while the peer is not reading.
 * recv then send straight away: 2 system calls a message + epoll_wait/batch.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUF = 64 * 1024, BATCH = 512 };

struct conn {
    int fd;
    char *left; /* bytes not yet sent back, or NULL */
    size_t off, len;
};

static int port, edge;

static int listener(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 4096)) {
        perror("listen");
        exit(1);
    }
    return fd;
}

static void watch(int ep, int op, struct conn *c, unsigned events)
{
    struct epoll_event ev = { .events = events, .data.ptr = c };
    epoll_ctl(ep, op, c->fd, &ev);
}

static void destroy(struct conn *c)
{
    close(c->fd);
    free(c->left);
    free(c);
}

/* 0: all left-over bytes are out; 1: the peer is not reading; -1: dead. */
static int flush_left(struct conn *c)
{
    while (c->off < c->len) {
        ssize_t w = send(c->fd, c->left + c->off, c->len - c->off, MSG_NOSIGNAL);
        if (w < 0) return errno == EAGAIN ? 1 : -1;
        c->off += (size_t)w;
    }
    free(c->left);
    c->left = NULL;
    return 0;
}

/* Echoes what is there.  Same results as flush_left. */
static int echo(struct conn *c, char *buf)
{
    for (;;) {
        ssize_t n = recv(c->fd, buf, BUF, 0);
        if (n == 0) return -1;
        if (n < 0) return errno == EAGAIN ? 0 : -1;
        ssize_t w = send(c->fd, buf, (size_t)n, MSG_NOSIGNAL);
        if (w < 0 && errno != EAGAIN) return -1;
        if (w < n) {
            if (w < 0) w = 0;
            c->off = 0;
            c->len = (size_t)(n - w);
            c->left = malloc(c->len);
            if (!c->left) return -1;
            memcpy(c->left, buf + w, c->len);
            int r = flush_left(c);
            if (r) return r;
        }
        if (n < BUF) return 0; /* drained (epoll(7) allows this inference) */
        if (!edge) return 0;   /* level-triggered: it will be reported again */
    }
}

static void *worker(void *arg)
{
    (void)arg;
    struct epoll_event ev[BATCH];
    char *buf = malloc(BUF);
    int lfd = listener(), ep = epoll_create1(0);
    struct conn self = { .fd = lfd };
    watch(ep, EPOLL_CTL_ADD, &self, EPOLLIN);
    for (;;) {
        int n = epoll_wait(ep, ev, BATCH, -1);
        for (int i = 0; i < n; i++) {
            struct conn *c = ev[i].data.ptr;
            if (c == &self) {
                int fd, one = 1;
                while ((fd = accept4(lfd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    struct conn *k = calloc(1, sizeof *k);
                    k->fd = fd;
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    watch(ep, EPOLL_CTL_ADD, k, edge ? EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET : EPOLLIN);
                }
                continue;
            }
            int blocked = c->left != NULL, r = blocked ? flush_left(c) : 0;
            if (r == 0 && (edge ? blocked || (ev[i].events & ~(unsigned)EPOLLOUT) : !blocked)) r = echo(c, buf);
            if (r < 0) {
                destroy(c);
            } else if (!edge && (r == 1) != blocked) {
                watch(ep, EPOLL_CTL_MOD, c, r ? EPOLLOUT : EPOLLIN);
            }
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: epoll_echo PORT [THREADS] [lt|et]\n");
        return 1;
    }
    port = atoi(argv[1]);
    int threads = argc > 2 ? atoi(argv[2]) : 1;
    edge = argc > 3 && !strcmp(argv[3], "et");
    signal(SIGPIPE, SIG_IGN);
    pthread_t t;
    for (int i = 1; i < threads; i++) pthread_create(&t, NULL, worker, NULL);
    worker(NULL);
}
