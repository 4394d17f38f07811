/* SPDX-License-Identifier: MIT */
/*
 * room.h - the socket object and what the files of this room share.
 *
 * s->lock guards everything in a socket that is not marked otherwise and is
 * held across the system calls that perform its requests: that is what keeps
 * order, cancel and close exact.  None of those calls blocks.
 */
#ifndef LW_SOCK_ROOM_H
#define LW_SOCK_ROOM_H

#include "op/op.h"
#include "poll/watchdog.h"
#include "sock/sock.h"
#include "sys/sys.h"
#include "wait/event.h"
#include "wait/wait.h"
#include "xlate/addr.h"

enum lw_sock_state {
    LW_SOCK_OPEN,
    LW_SOCK_LISTENING,
    LW_SOCK_CONNECTING,
    LW_SOCK_CONNECTED,
    LW_SOCK_CLOSED,
};

struct lw_saved_option;

struct lw_sock {
    struct lw_object obj;
    struct lw_lock lock;            /* LW_RANK_SOCKET */
    lw_handle_t self;               /* an open handle: the token that the poller reports */
    struct lw_poller *poller;       /* or NULL: no request has pended yet */
    struct lw_list recvs;           /* requests in issue order: receives, or accepts of a listener */
    struct lw_list sends;           /* sends, connect, FIN */
    struct lw_list accepted;        /* listener: AcceptEx requests that wait for data on their accept socket */
    struct lw_sock *acceptor;       /* counted: the listener whose pending AcceptEx names this socket */
    struct lw_saved_option *saved;  /* set before there was a connection: applied to the accepted descriptor too */
    const struct lw_sock *listener; /* AcceptEx: whose connection this is; only compared, it may be gone */
    int fd;                         /* -1 until bind, connect, accept or an option needs it */
    struct sockaddr_in6 peer;       /* Linux' form; valid when connecting or connected */
    unsigned char peer_len;
    int64_t connected_s;                            /* when it was connected, in seconds of now_ns */
    _Atomic DWORD recv_timeout_ms, send_timeout_ms; /* 0: none; also read without the lock */
    int so_error;                                   /* WSAE*: failed non-blocking connect, setsockopt(SO_ERROR) */
    int sndbuf, rcvbuf;                             /* as set, -1: never */
    short family;                                   /* Windows AF_*; immutable */
    unsigned char type;                             /* SOCK_*: the same on both sides; immutable */
    unsigned char protocol;                         /* immutable */
    unsigned char state;                            /* enum lw_sock_state */
    bool overlapped;                                /* immutable */
    _Atomic bool nonblocking;                       /* also read without the lock */
    _Atomic bool lingers;                           /* SO_LINGER was set at some time; also read without the lock */
    bool bound : 1;
    bool bound_by_call : 1; /* by bind, not by connect or a send */
    bool readable : 1;      /* a receive may find something; false: known to find nothing until the poller reports */
    bool writable : 1;
    bool hung_up : 1;  /* RDHUP, HUP or ERR was reported: a short read proves nothing any more */
    bool urgent : 1;   /* an urgent mark was or may be set: likewise */
    bool reset : 1;    /* the connection was reset */
    bool fin_read : 1; /* a receive has returned 0 bytes */
    bool shut_recv : 1;
    bool shut_send : 1;
    bool oob_inline : 1;
    bool by_accept_ex : 1; /* connected by AcceptEx, SO_UPDATE_ACCEPT_CONTEXT not yet seen */
    bool reuse : 1;        /* SO_REUSEADDR as set */
    bool exclusive : 1;    /* SO_EXCLUSIVEADDRUSE as set */
    bool debug : 1;
    bool dont_route : 1;
    bool v6_only : 1;
    bool udp_no_reset : 1;  /* SIO_UDP_CONNRESET off */
    bool udp_error : 1;     /* a port unreachable waits to be reported to a receive */
    _Atomic bool signalled; /* changed with obj.lock; the handle as an event */
};

static inline struct lw_sock *lw_sock_of(struct lw_object *obj)
{
    return LW_CONTAINER_OF(obj, struct lw_sock, obj);
}

static inline bool lw_sock_is_stream(const struct lw_sock *s)
{
    return s->type == SOCK_STREAM;
}

static inline void lw_sock_lock(struct lw_sock *s)
{
    lw_lock(&s->lock, LW_RANK_SOCKET);
}

static inline void lw_sock_unlock(struct lw_sock *s)
{
    lw_unlock(&s->lock, LW_RANK_SOCKET);
}

/* ---- sock.c ---- */

/* Gives the socket its descriptor.  Called with the lock. */
NTSTATUS lw_sock_need_fd(struct lw_sock *s) LW_MUST_USE;
/* A new socket object without handle and descriptor; NULL. */
struct lw_sock *lw_sock_new(int family, int type, int protocol, bool overlapped) LW_MUST_USE;
/* Takes over what an accepted socket has from its listener.  Called with both locks, or before s is published. */
void lw_sock_inherit(struct lw_sock *s, const struct lw_sock *listener);
/* Opens the handle; the caller's reference goes to it, also on failure. */
NTSTATUS lw_sock_publish(struct lw_sock *s, lw_socket_t *ret) LW_MUST_USE;
/* Remembers whom the socket is connected (or connecting) to.  Called with the lock. */
void lw_sock_set_peer(struct lw_sock *s, const struct sockaddr *name, socklen_t len);
/* The descriptor has just been connected: state, time, flags.  Called with the lock. */
void lw_sock_connected(struct lw_sock *s);
/* Leaves the poller and gives up the descriptor without closing it.  Called with the lock. */
int lw_sock_take_fd(struct lw_sock *s);

/* A request for an OVERLAPPED of the application, with its event or routine; STATUS_INVALID_HANDLE: hEvent is no event. */
NTSTATUS lw_sock_op_new(struct lw_sock *s, enum lw_op_kind kind, OVERLAPPED *ov, lw_routine_fn routine,
                        struct lw_op **ret) LW_MUST_USE;

/* ---- names.c ---- */

/* Sends the FIN behind the sends that are queued.  With the lock. */
NTSTATUS lw_sock_shut_sending(struct lw_sock *s);

/* ---- queue.c ---- */

enum lw_performed {
    LW_BLOCKED,  /* not yet */
    LW_FINISHED, /* status and count are set */
    LW_MOVED,    /* the request now waits in another socket's queue */
};

static inline enum lw_performed lw_finish(struct lw_op *op, NTSTATUS status)
{
    op->status = status;
    return LW_FINISHED;
}

/* Issues a request with an OVERLAPPED, which it then owns.  See lw_sock_receive for the result. */
NTSTATUS lw_sock_submit(struct lw_sock *s, struct lw_op *op, size_t *ret_count);
/* Performs a request on the caller's stack, waiting for it when the socket is blocking. */
NTSTATUS lw_sock_perform_sync(struct lw_sock *s, struct lw_op *op, DWORD timeout_ms, bool may_block);
/*
 * Queues a request until the socket is ready, in `poller` or (NULL) that of
 * the calling thread.  Called with the lock.  STATUS_PENDING, or a refusal.
 */
NTSTATUS lw_sock_pend(struct lw_sock *s, struct lw_op *op, struct lw_poller *poller) LW_MUST_USE;
/* Takes a request out of its queue.  Called with the lock of the socket in whose queue it is. */
void lw_sock_unqueue(struct lw_sock *s, struct lw_op *op);
/* Serves both queues; finished requests go to the list.  Called with the lock. */
void lw_sock_serve(struct lw_sock *s, struct lw_list *finished);
/* Delivers finished requests.  No lock may be held. */
void lw_sock_deliver(struct lw_list *finished);
void lw_sock_ready(struct lw_object *obj, uint32_t events);

/* ---- each performs one request, with the lock ---- */

enum lw_performed lw_receive_perform(struct lw_sock *s, struct lw_op *op);
enum lw_performed lw_send_perform(struct lw_sock *s, struct lw_op *op);
enum lw_performed lw_accept_perform(struct lw_sock *listener, struct lw_op *op);
enum lw_performed lw_connect_perform(struct lw_sock *s, struct lw_op *op);

/* May the request be issued in the socket's state?  With the lock. */
NTSTATUS lw_receive_check(struct lw_sock *s, struct lw_op *op) LW_MUST_USE;
NTSTATUS lw_send_check(struct lw_sock *s, struct lw_op *op) LW_MUST_USE;

/* Looks whether a non-blocking connect has ended.  With the lock. */
void lw_connect_refresh(struct lw_sock *s);
/* A datagram call met the error of an earlier datagram: keeps it for a receive.  With the lock. */
void lw_datagram_note_error(struct lw_sock *s, int err);
/* The status of every call after a reset.  With the lock. */
NTSTATUS lw_reset_status(const struct lw_sock *s);
/* The status of a failed system call on a connected stream; notes a reset.  With the lock. */
NTSTATUS lw_stream_status(struct lw_sock *s, int err);

/* ---- cancel.c ---- */

void lw_sock_thread_exit(struct lw_object *obj, struct lw_object *thread);
/* Takes every request out, with the status that closing gives it.  With the lock. */
void lw_sock_abort_all(struct lw_sock *s, struct lw_list *finished);
/* The accept socket of a pending AcceptEx goes away: ends that request. */
void lw_accept_abandon(struct lw_sock *listener, struct lw_sock *accept_socket);
/* An AcceptEx ends without a connection: its accept socket may be used otherwise.  With the listener's lock. */
void lw_accept_release(struct lw_op *op);
/* Takes one request of a blocking call out; false: somebody finishes it already. */
bool lw_sock_withdraw(struct lw_sock *s, struct lw_op *op);

/* ---- option.c ---- */

void lw_saved_options_apply(struct lw_sock *s, int fd);
void lw_saved_options_free(struct lw_sock *s);

#endif
