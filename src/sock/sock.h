/* SPDX-License-Identifier: MIT */
/*
 * sock.h - sockets: what api/ calls.
 *
 * A SOCKET is a handle of the table; lw_sock_get keeps the object while a call
 * uses it.  Every function returns a status; what a call refuses without an
 * NTSTATUS of its own is LW_STATUS_WSA(code).  No lock may be held by callers.
 * Addresses are in Windows' form.
 */
#ifndef LW_SOCK_SOCK_H
#define LW_SOCK_SOCK_H

#include "obj/handle.h"
#include "xlate/status.h"

struct lw_sock;

/* A socket that is open, until lw_sock_put(s); NULL: WSAENOTSOCK. */
struct lw_sock *lw_sock_get(lw_socket_t s) LW_MUST_USE;
static inline void lw_sock_put(lw_socket_t s)
{
    lw_handle_put((lw_handle_t)s);
}

/* socket, WSASocket: resolves (af, type, protocol) as contract 80 says. */
NTSTATUS lw_sock_create(int af, int type, int protocol, bool overlapped, lw_socket_t *ret) LW_MUST_USE;
/* closesocket, CloseHandle.  STATUS_INVALID_HANDLE: not a socket. */
NTSTATUS lw_sock_close(lw_socket_t s) LW_MUST_USE;
/* The last WSACleanup: closes every socket hard, tells no event and no routine. */
void lw_sock_close_all(void);

NTSTATUS lw_sock_bind(struct lw_sock *s, const void *name, int name_len);
NTSTATUS lw_sock_listen(struct lw_sock *s, int backlog);
NTSTATUS lw_sock_shutdown(struct lw_sock *s, int how);
NTSTATUS lw_sock_name(struct lw_sock *s, bool peer, void *name, int *name_len);
NTSTATUS lw_sock_connect(struct lw_sock *s, const void *name, int name_len);
NTSTATUS lw_sock_accept(struct lw_sock *s, void *name, int *name_len, lw_socket_t *ret);

/* One send or receive, as the caller of the API gave it. */
struct lw_io {
    const struct lw_wsabuf *buffers;
    DWORD buffer_count;
    DWORD flags;       /* Windows MSG_* */
    void *name;        /* receives: where the address goes, or NULL; sends: the destination, or NULL */
    int name_len;      /* sends */
    bool wants_name;   /* WSASendTo: a missing destination is its own error */
    int *name_len_ptr; /* receives */
    OVERLAPPED *ov;    /* NULL: a synchronous call */
    lw_routine_fn routine;
};

/*
 * STATUS_SUCCESS: done, *ret_count bytes, *ret_flags; STATUS_PENDING: will be
 * notified; anything else: refused, and never notified.
 */
NTSTATUS lw_sock_receive(struct lw_sock *s, const struct lw_io *io, size_t *ret_count, DWORD *ret_flags);
NTSTATUS lw_sock_send(struct lw_sock *s, const struct lw_io *io, size_t *ret_count);

/* AcceptEx: STATUS_PENDING or a refusal. */
NTSTATUS lw_sock_accept_ex(struct lw_sock *listener, lw_socket_t accept_socket, void *output, DWORD data_len,
                           DWORD local_len, DWORD remote_len, OVERLAPPED *ov);

/* Where the address stands in an address block of an AcceptEx buffer: aligned, which the block has room for. */
static inline char *lw_accept_ex_address(char *block)
{
    return block + (-(uintptr_t)block & 7);
}

/* Cancels requests on the socket: of `issuer` only, or (NULL) of all threads; with that ov, or (NULL) all.  False: none found. */
bool lw_sock_cancel(struct lw_sock *s, struct lw_object *issuer, OVERLAPPED *ov);

NTSTATUS lw_sock_get_option(struct lw_sock *s, int level, int name, void *value, int *len);
NTSTATUS lw_sock_set_option(struct lw_sock *s, int level, int name, const void *value, int len);

/* FIONBIO, FIONREAD, SIOCATMARK, SIO_UDP_CONNRESET. */
NTSTATUS lw_sock_set_nonblocking(struct lw_sock *s, bool on);
NTSTATUS lw_sock_bytes_readable(struct lw_sock *s, ULONG *ret);
NTSTATUS lw_sock_at_mark(struct lw_sock *s, ULONG *ret);
NTSTATUS lw_sock_set_udp_reset(struct lw_sock *s, bool on);

enum lw_readiness { LW_READABLE = 1, LW_WRITABLE = 2, LW_EXCEPTIONAL = 4 };
/* What select reports of the socket now; *ret_fd: its descriptor, -1 for none. */
unsigned lw_sock_readiness(struct lw_sock *s, int *ret_fd);

struct lw_select {
    lw_socket_t socket;
    unsigned wanted; /* enum lw_readiness */
    unsigned ready;  /* result */
};

/*
 * Waits, alertably, until one of the sockets is ready or the time is over (-1: never).
 * The number of entries with something ready, or -1 with *ret_status.
 */
int lw_sock_select(struct lw_select *entries, unsigned count, int64_t deadline_ns, NTSTATUS *ret_status);

/* The descriptor, made if there is none yet; -1. */
int lw_sock_fd(struct lw_sock *s);
/* Adopts a descriptor of the program. */
NTSTATUS lw_sock_adopt(int fd, lw_socket_t *ret) LW_MUST_USE;
/* The socket of an object of its kind. */
struct lw_sock *lw_sock_from_object(struct lw_object *obj);

/*
 * Notifies an overlapped ioctl that has ended with `status`, count 0.  A
 * failing result: the notification was refused, as for a bad hEvent.
 */
NTSTATUS lw_sock_complete_ioctl(struct lw_sock *s, OVERLAPPED *ov, lw_routine_fn routine, NTSTATUS status);

/* How many sockets may be open: the descriptor limit, read anew. */
void lw_sock_read_limit(void);

#endif
