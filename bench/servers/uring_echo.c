/* SPDX-License-Identifier: MIT */
/*
 * uring_echo - raw liburing echo server:  uring_echo PORT [THREADS] [plain|multi]
 *
 * plain: one recv or one send in flight per connection, buffer per connection.
 * multi: multishot accept, multishot recv into a ring of provided buffers.
 * One ring (SINGLE_ISSUER | DEFER_TASKRUN) and one SO_REUSEPORT listener per
 * thread; one io_uring_enter per batch.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BUF = 64 * 1024, /* plain: per connection */
    NBUF = 4096,
    PBUF = 16 * 1024
};                                    /* multi: the shared pool */
enum { OP_RECV, OP_SEND, OP_ACCEPT }; /* in the low bits of user_data */

struct conn {
    int fd;
    char *buf;
    unsigned off, len;
    /* multi: received buffers waiting to be sent, linked through next[] */
    int head, tail, recv_armed, send_busy, dead;
    struct conn *starved_next;
    int starved;
};

struct server {
    struct io_uring ring;
    int lfd;
    struct io_uring_buf_ring *br;
    char *pool;
    unsigned plen[NBUF];
    int next[NBUF], nfree;
    struct conn *starved; /* multi: ran out of buffers */
};

static int port, multi;

static int listener(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 4096)) {
        perror("listen");
        exit(1);
    }
    return fd;
}

static struct io_uring_sqe *get_sqe(struct server *s)
{
    struct io_uring_sqe *q;
    while (!(q = io_uring_get_sqe(&s->ring))) io_uring_submit(&s->ring);
    return q;
}

static void post(struct server *s, struct conn *c, int op)
{
    struct io_uring_sqe *q = get_sqe(s);
    switch (op) {
    case OP_ACCEPT:
        if (multi) io_uring_prep_multishot_accept(q, s->lfd, NULL, NULL, 0);
        else io_uring_prep_accept(q, s->lfd, NULL, NULL, 0);
        break;
    case OP_RECV:
        if (multi) {
            io_uring_prep_recv_multishot(q, c->fd, NULL, 0, 0);
            q->flags |= IOSQE_BUFFER_SELECT;
            q->buf_group = 0;
            c->recv_armed = 1;
        } else {
            io_uring_prep_recv(q, c->fd, c->buf, BUF, 0);
        }
        break;
    case OP_SEND:
        if (multi)
            io_uring_prep_send(q, c->fd, s->pool + (size_t)c->head * PBUF + c->off, s->plen[c->head] - c->off,
                               MSG_NOSIGNAL);
        else io_uring_prep_send(q, c->fd, c->buf + c->off, c->len - c->off, MSG_NOSIGNAL);
        break;
    }
    io_uring_sqe_set_data64(q, (unsigned long)c | (unsigned)op);
}

static void destroy(struct conn *c)
{
    close(c->fd);
    free(c->buf);
    free(c);
}

static void accepted(struct server *s, int fd)
{
    int one = 1;
    struct conn *c = calloc(1, sizeof *c);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->fd = fd;
    c->head = c->tail = -1;
    if (!multi) c->buf = malloc(BUF);
    post(s, c, OP_RECV);
}

/* ---- plain ---- */

static void plain_done(struct server *s, struct conn *c, int op, int res)
{
    if (res <= 0) {
        destroy(c);
        return;
    }
    if (op == OP_RECV) {
        c->off = 0;
        c->len = (unsigned)res;
        post(s, c, OP_SEND);
    } else {
        c->off += (unsigned)res;
        post(s, c, c->off < c->len ? OP_SEND : OP_RECV);
    }
}

/* ---- multi ---- */

static void give_back(struct server *s, int bid)
{
    io_uring_buf_ring_add(s->br, s->pool + (size_t)bid * PBUF, PBUF, (unsigned short)bid, io_uring_buf_ring_mask(NBUF),
                          0);
    io_uring_buf_ring_advance(s->br, 1);
    s->nfree++;
    if (s->starved && s->nfree >= NBUF / 8) {
        struct conn *c = s->starved;
        s->starved = c->starved_next;
        c->starved = 0;
        post(s, c, OP_RECV);
    }
}

static void multi_reap(struct server *s, struct conn *c)
{
    if (!c->dead || c->send_busy || c->recv_armed || c->starved) return;
    while (c->head >= 0) {
        int b = c->head;
        c->head = s->next[b];
        give_back(s, b);
    }
    destroy(c);
}

static void multi_done(struct server *s, struct conn *c, int op, struct io_uring_cqe *cqe)
{
    int res = cqe->res;
    if (op == OP_RECV) {
        if (!(cqe->flags & IORING_CQE_F_MORE)) c->recv_armed = 0;
        if (res > 0) {
            int bid = (int)(cqe->flags >> IORING_CQE_BUFFER_SHIFT);
            s->nfree--;
            s->plen[bid] = (unsigned)res;
            s->next[bid] = -1;
            if (c->head < 0) c->head = bid;
            else s->next[c->tail] = bid;
            c->tail = bid;
            if (!c->send_busy && !c->dead) {
                c->send_busy = 1;
                c->off = 0;
                post(s, c, OP_SEND);
            }
            if (!c->recv_armed && !c->dead) post(s, c, OP_RECV);
        } else if (res == -ENOBUFS) {
            c->starved = 1;
            c->starved_next = s->starved;
            s->starved = c;
        } else {
            c->dead = 1;
        }
    } else {
        c->send_busy = 0;
        if (res <= 0) {
            c->dead = 1;
            shutdown(c->fd, SHUT_RDWR); /* ends the multishot recv */
        } else {
            c->off += (unsigned)res;
            if (c->off == s->plen[c->head]) {
                int b = c->head;
                c->head = s->next[b];
                c->off = 0;
                give_back(s, b);
            }
            if (c->head >= 0 && !c->dead) {
                c->send_busy = 1;
                post(s, c, OP_SEND);
            }
        }
    }
    multi_reap(s, c);
}

static void *worker(void *arg)
{
    (void)arg;
    struct server *s = calloc(1, sizeof *s);
    struct io_uring_params p = { .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
                                 .cq_entries = 32768 };
    int r = io_uring_queue_init_params(4096, &s->ring, &p);
    if (r) {
        fprintf(stderr, "io_uring: %s\n", strerror(-r));
        exit(1);
    }
    io_uring_register_ring_fd(&s->ring);
    s->lfd = listener();
    if (multi) {
        struct io_uring_buf_reg reg = { .ring_entries = NBUF, .bgid = 0 };
        void *mem = NULL;
        if (posix_memalign(&mem, 4096, NBUF * sizeof(struct io_uring_buf))) exit(1);
        s->br = mem;
        reg.ring_addr = (unsigned long)mem;
        if ((r = io_uring_register_buf_ring(&s->ring, &reg, 0))) {
            fprintf(stderr, "buf_ring: %s\n", strerror(-r));
            exit(1);
        }
        io_uring_buf_ring_init(s->br);
        s->pool = malloc((size_t)NBUF * PBUF);
        for (int i = 0; i < NBUF; i++) give_back(s, i);
    }
    post(s, NULL, OP_ACCEPT);
    for (;;) {
        struct io_uring_cqe *cqe;
        unsigned head, n = 0;
        io_uring_submit_and_wait(&s->ring, 1);
        io_uring_for_each_cqe(&s->ring, head, cqe)
        {
            struct conn *c = (void *)(unsigned long)(cqe->user_data & ~3ull);
            int op = (int)(cqe->user_data & 3);
            n++;
            if (op == OP_ACCEPT) {
                if (cqe->res >= 0) accepted(s, cqe->res);
                if (!(cqe->flags & IORING_CQE_F_MORE)) post(s, NULL, OP_ACCEPT);
            } else if (multi) {
                multi_done(s, c, op, cqe);
            } else {
                plain_done(s, c, op, cqe->res);
            }
        }
        io_uring_cq_advance(&s->ring, n);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: uring_echo PORT [THREADS] [plain|multi]\n");
        return 1;
    }
    port = atoi(argv[1]);
    int threads = argc > 2 ? atoi(argv[2]) : 1;
    multi = argc > 3 && !strcmp(argv[3], "multi");
    signal(SIGPIPE, SIG_IGN);
    pthread_t t;
    for (int i = 1; i < threads; i++) pthread_create(&t, NULL, worker, NULL);
    worker(NULL);
}
