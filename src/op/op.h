/* SPDX-License-Identifier: MIT */
/*
 * op.h - one overlapped request, from issue to its one completion.
 *
 *   new      memory for everything that completion needs exists
 *   issued   OVERLAPPED says pending, the event is reset
 *   performed at once, or queued on its socket until it can be
 *   finished status and count are known; the socket's queue has let go of it
 *   delivered count and status are in the OVERLAPPED, then the event is set or
 *            the routine queued; the request is freed
 *
 * Who takes a request out of its socket's queue (under the socket's lock)
 * finishes and delivers it: that is what makes every completion happen exactly
 * once.  Completion cannot fail: it allocates nothing.
 *
 * A blocking call is a request too, with `waiter` instead of an OVERLAPPED.
 */
#ifndef LW_OP_OP_H
#define LW_OP_OP_H

#include "obj/object.h"
#include "xlate/status.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum lw_op_kind {
    LW_OP_RECV,
    LW_OP_SEND,
    LW_OP_ACCEPT, /* AcceptEx, accept */
    LW_OP_CONNECT,
    LW_OP_FIN,   /* shutdown(SD_SEND) behind queued sends */
    LW_OP_IOCTL, /* only delivered, never queued */
};

enum {
    LW_OP_INLINE_BUFFERS = 2,
    LW_OP_BUFFERS_PER_CALL = 1024, /* UIO_MAXIOV */
};

struct lw_op {
    struct lw_apc apc;        /* apc.link: socket's queue, then list of finished requests, then APC queue */
    OVERLAPPED *ov;           /* the application's, not touched after delivery; NULL for blocking calls */
    lw_routine_fn routine;    /* or NULL */
    struct lw_object *event;  /* counted: signalled at completion; NULL with a routine */
    struct lw_object *target; /* counted: the socket that the request was issued on */
    struct lw_object *issuer; /* counted while set: the thread */
    struct lw_object *waiter; /* blocking calls: the event on the caller's stack */
    enum lw_op_kind kind;
    NTSTATUS status; /* valid when finished */
    size_t count;    /* bytes transferred so far */
    DWORD flags_in;  /* Windows MSG_* */
    DWORD flags_out;
    int msg_flags; /* Linux MSG_* of flags_in */
    bool pended;   /* counted in its poller and its event */
    bool flat;     /* buffers[0] is memory of the request, see lw_op_flatten */
    bool quiet;    /* WSACleanup: status is written, nobody is told */
    uint32_t buffer_count;
    uint32_t buffer_at;    /* first buffer that is not finished */
    size_t total;          /* bytes in all buffers, at issue */
    struct iovec *buffers; /* own copy: inline_buffers or allocated */
    struct iovec inline_buffers[LW_OP_INLINE_BUFFERS];
    union {
        struct {
            void *from; /* the application's; written at completion */
            int *from_len;
            struct iovec *scatter; /* a flat datagram: the true buffers */
            uint32_t scatter_count;
        } recv;
        struct {
            socklen_t to_len; /* 0: none */
            struct sockaddr_in6 to;
        } send;
        struct {
            struct lw_object *socket; /* counted: the accept socket; NULL for accept() */
            struct lw_list owner;     /* in the listener's list while waiting for data; guarded: listener's lock */
            char *output;             /* AcceptEx buffer */
            DWORD data_len, local_len, remote_len;
            int fd;                        /* accept(): the result, -1 */
            struct sockaddr_storage *peer; /* accept(): where the peer's address goes */
            socklen_t peer_len;
        } accept;
    };
};

static inline struct lw_op *lw_op_of(struct lw_list *link)
{
    return LW_CONTAINER_OF(link, struct lw_op, apc.link);
}

/* A zeroed request with buffers NULL; NULL: out of memory. */
struct lw_op *lw_op_new(enum lw_op_kind kind) LW_MUST_USE;
/* The same on the caller's stack, for a blocking call. */
void lw_op_init(struct lw_op *op, enum lw_op_kind kind);
/* Copies the WSABUF array; false: out of memory. */
bool lw_op_set_buffers(struct lw_op *op, const struct lw_wsabuf *bufs, DWORD count) LW_MUST_USE;
/*
 * A datagram goes in one call, which takes LW_OP_BUFFERS_PER_CALL buffers: for
 * more, one piece of memory stands for all.  Sends are gathered at once,
 * receives scattered by lw_op_scatter when they are done.  False: no memory.
 */
bool lw_op_flatten(struct lw_op *op) LW_MUST_USE;
void lw_op_scatter(struct lw_op *op);
/* n more bytes were moved: cuts them off the front of the buffers, which are the request's own copy. */
void lw_op_advance(struct lw_op *op, size_t n);
/* Frees a request that was refused, or was never issued. */
void lw_op_free(struct lw_op *op);
/* Gives back what a request on the stack took. */
void lw_op_done(struct lw_op *op);

/* The OVERLAPPED says pending from now on, and the event (or the handle) is not signalled. */
void lw_op_issue(struct lw_op *op);
/* Counts the request as waiting for `poller`, and the reverse. */
void lw_op_pend(struct lw_op *op, struct lw_poller *poller);
void lw_op_unpend(struct lw_op *op, struct lw_poller *poller);
/* Writes count and status, so that who sees the status final sees all bytes. */
void lw_op_store_result(OVERLAPPED *ov, NTSTATUS status, size_t count);
/* Tells the application; the request is gone afterwards.  No lock may be held. */
void lw_op_deliver(struct lw_op *op);
/* Delivers each of a list of finished requests. */
void lw_op_deliver_all(struct lw_list *finished);

/* Requests that are not yet freed, in the whole process. */
uint64_t lw_op_live(void);
/* The calling thread ends: gives back its spare requests. */
void lw_op_thread_exit(void);
void lw_op_after_fork(void);

#endif
