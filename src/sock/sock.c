/* SPDX-License-Identifier: MIT */
/*
 * sock.c - the socket object: birth, death, descriptors.
 *
 * A stream socket gets its descriptor only when bind, connect, an option or an
 * accepted connection needs one: a socket prepared for AcceptEx has none that
 * would be thrown away, unless an option was set or read before.  It counts
 * against the limit all the same.
 */
#include "sock/room.h"

#include <errno.h>
#include <sys/ioctl.h>

static _Atomic uint32_t open_sockets;
static _Atomic uint32_t limit = 1024;

void lw_sock_read_limit(void)
{
    struct rlimit rl;

    if (getrlimit(RLIMIT_NOFILE, &rl)) return;
    uint32_t value = rl.rlim_cur > LW_HANDLE_MAX ? LW_HANDLE_MAX : (uint32_t)rl.rlim_cur;
    atomic_store_explicit(&limit, value, memory_order_relaxed);
}

/* ---- the object ---- */

static bool sock_test(struct lw_object *obj, struct lw_object *taker)
{
    (void)taker; /* the handle as an event is manual-reset: the next issue resets it */
    return lw_sock_of(obj)->signalled;
}

static bool sock_signal(struct lw_object *obj)
{
    lw_lock(&obj->lock, LW_RANK_OBJECT);
    lw_sock_of(obj)->signalled = true;
    lw_wait_satisfy(obj);
    lw_unlock(&obj->lock, LW_RANK_OBJECT);
    return true;
}

static void sock_reset(struct lw_object *obj)
{
    lw_lock(&obj->lock, LW_RANK_OBJECT);
    lw_sock_of(obj)->signalled = false;
    lw_unlock(&obj->lock, LW_RANK_OBJECT);
}

static void sock_destroy(struct lw_object *obj)
{
    struct lw_sock *s = lw_sock_of(obj);

    LW_CHECK(lw_list_empty(&s->recvs) && lw_list_empty(&s->sends) && lw_list_empty(&s->accepted));
    if (s->fd >= 0) (void)lw_sys->close(s->fd); /* never published */
    lw_saved_options_free(s);
    lw_lock_done(&s->lock);
    lw_object_done(obj);
    lw_free(s);
    atomic_fetch_sub_explicit(&open_sockets, 1, memory_order_relaxed);
}

int lw_sock_take_fd(struct lw_sock *s)
{
    int fd = s->fd;

    if (s->poller) lw_poller_part(s->poller, fd);
    s->poller = NULL;
    s->fd = -1;
    return fd;
}

/* The last handle is gone: every request ends, then the descriptor. */
static void sock_close(struct lw_object *obj)
{
    struct lw_sock *s = lw_sock_of(obj);
    struct lw_list finished;

    lw_list_init(&finished);
    lw_sock_lock(s);
    struct lw_sock *acceptor = s->acceptor;
    s->acceptor = NULL;
    lw_sock_abort_all(s, &finished);
    s->state = LW_SOCK_CLOSED;
    int fd = lw_sock_take_fd(s);
    lw_sock_unlock(s);
    if (acceptor) {
        lw_accept_abandon(acceptor, s);
        lw_object_unref(&acceptor->obj);
    }
    if (fd >= 0) (void)lw_sys->close(fd); /* may wait for SO_LINGER; the descriptor is gone whatever it returns */
    lw_sock_deliver(&finished);
}

/* The handle that the poller reports was closed, but a duplicate keeps the socket: reports that from now on. */
static void sock_handle_closed(struct lw_object *obj, void *handle)
{
    struct lw_sock *s = lw_sock_of(obj);
    lw_handle_t other = lw_handle_find(obj);

    lw_sock_lock(s);
    if (s->self == handle && other) {
        s->self = other;
        if (s->poller) lw_poller_rename(s->poller, s->fd, other);
    }
    lw_sock_unlock(s);
}

static const struct lw_object_ops sock_ops = {
    .kind = LW_KIND_SOCKET,
    .test = sock_test,
    .signal = sock_signal,
    .reset = sock_reset,
    .close = sock_close,
    .handle_closed = sock_handle_closed,
    .destroy = sock_destroy,
    .ready = lw_sock_ready,
    .thread_exit = lw_sock_thread_exit,
};

struct lw_sock *lw_sock_get(lw_socket_t value)
{
    unsigned flags;
    struct lw_object *obj = lw_handle_get((lw_handle_t)value, &flags);

    if (!obj) return NULL;
    if (obj->ops == &sock_ops && !(flags & LW_HANDLE_NOT_WINSOCK)) return lw_sock_of(obj);
    lw_handle_put((lw_handle_t)value);
    return NULL;
}

struct lw_sock *lw_sock_from_object(struct lw_object *obj)
{
    return lw_sock_of(obj);
}

/* ---- birth ---- */

struct lw_sock *lw_sock_new(int family, int type, int protocol, bool overlapped)
{
    struct lw_sock *s = lw_zalloc(sizeof *s);

    if (!s) return NULL;
    lw_object_init(&s->obj, &sock_ops);
    lw_lock_init(&s->lock);
    lw_list_init(&s->recvs);
    lw_list_init(&s->sends);
    lw_list_init(&s->accepted);
    s->fd = -1;
    s->sndbuf = s->rcvbuf = -1;
    s->family = (short)family;
    s->type = (unsigned char)type;
    s->protocol = (unsigned char)protocol;
    s->overlapped = overlapped;
    s->readable = s->writable = true;
    s->v6_only = true;
    atomic_fetch_add_explicit(&open_sockets, 1, memory_order_relaxed);
    return s;
}

/* The kernel copies its own options; these are the ones that are kept here. */
void lw_sock_inherit(struct lw_sock *s, const struct lw_sock *listener)
{
    s->nonblocking = listener->nonblocking;
    s->recv_timeout_ms = listener->recv_timeout_ms;
    s->send_timeout_ms = listener->send_timeout_ms;
    s->sndbuf = listener->sndbuf;
    s->rcvbuf = listener->rcvbuf;
    s->reuse = listener->reuse;
    s->exclusive = listener->exclusive;
    s->debug = listener->debug;
    s->dont_route = listener->dont_route;
    s->oob_inline = listener->oob_inline;
    s->lingers = listener->lingers;
    s->v6_only = listener->v6_only;
}

NTSTATUS lw_sock_publish(struct lw_sock *s, lw_socket_t *ret)
{
    lw_handle_t h = lw_handle_open(&s->obj, 0);

    if (h) {
        s->self = h; /* nobody else knows the value yet */
        *ret = (lw_socket_t)h;
    }
    lw_object_unref(&s->obj);
    return h ? STATUS_SUCCESS : LW_STATUS_WSA(WSAEMFILE);
}

/* Errors of unconnected datagram sockets are reported only with this; see receive.c. */
static void report_errors(struct lw_sock *s)
{
    static const int on = 1;

    if (s->family == W_AF_INET6) (void)lw_sys->setsockopt(s->fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
    else (void)lw_sys->setsockopt(s->fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
}

/* What a new descriptor needs to behave as a Windows socket does. */
static void set_defaults(struct lw_sock *s)
{
    int only = s->v6_only;

    if (s->family == W_AF_INET6) (void)lw_sys->setsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
    if (s->type == SOCK_DGRAM) report_errors(s);
}

NTSTATUS lw_sock_need_fd(struct lw_sock *s)
{
    if (s->fd >= 0) return STATUS_SUCCESS;
    s->fd = lw_sys->socket(lw_af_to_linux(s->family), s->type, s->protocol);
    if (s->fd < 0) return lw_status_of_call(errno == EPERM ? EACCES : errno);
    set_defaults(s);
    return STATUS_SUCCESS;
}

/* The type that a protocol has, where the caller left it open; 0: none. */
static int type_of_protocol(int protocol)
{
    return protocol == 0 || protocol == IPPROTO_TCP ? SOCK_STREAM : protocol == IPPROTO_UDP ? SOCK_DGRAM : 0;
}

/* Fills in what 0 leaves open (contract 80). */
static NTSTATUS resolve(int *af, int *type, int *protocol)
{
    if (*af == W_AF_UNSPEC && *protocol == 0) return STATUS_INVALID_PARAMETER;
    if (*af == W_AF_UNSPEC) *af = W_AF_INET;
    if (*af != W_AF_INET && *af != W_AF_INET6) return LW_STATUS_WSA(WSAEAFNOSUPPORT);
    if (*type == 0) *type = type_of_protocol(*protocol);
    if (*type == 0 || *protocol < 0 || *protocol > 255) return LW_STATUS_WSA(WSAEPROTONOSUPPORT);
    if (*type == SOCK_RAW) return STATUS_SUCCESS;
    if (*type != SOCK_STREAM && *type != SOCK_DGRAM) return LW_STATUS_WSA(WSAESOCKTNOSUPPORT);
    int usual = *type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
    if (*protocol == 0) *protocol = usual;
    return *protocol == usual ? STATUS_SUCCESS : LW_STATUS_WSA(WSAEPROTONOSUPPORT);
}

static bool over_limit(void)
{
    if (LW_LIKELY(atomic_load_explicit(&open_sockets, memory_order_relaxed) < limit)) return false;
    lw_sock_read_limit();
    return atomic_load_explicit(&open_sockets, memory_order_relaxed) >= limit;
}

NTSTATUS lw_sock_create(int af, int type, int protocol, bool overlapped, lw_socket_t *ret)
{
    NTSTATUS status = resolve(&af, &type, &protocol);

    if (!lw_ok(status)) return status;
    if (over_limit()) return LW_STATUS_WSA(WSAEMFILE);
    struct lw_sock *s = lw_sock_new(af, type, protocol, overlapped);
    if (!s) return LW_STATUS_WSA(WSAENOBUFS);
    if (!lw_sock_is_stream(s)) status = lw_sock_need_fd(s);
    if (lw_ok(status)) return lw_sock_publish(s, ret);
    lw_object_unref(&s->obj);
    return status;
}

void lw_sock_set_peer(struct lw_sock *s, const struct sockaddr *name, socklen_t len)
{
    if (len > sizeof s->peer) len = sizeof s->peer;
    __builtin_memcpy(&s->peer, name, len);
    s->peer_len = (unsigned char)len;
}

void lw_sock_connected(struct lw_sock *s)
{
    s->state = LW_SOCK_CONNECTED;
    s->bound = true;
    s->connected_s = lw_now_ns() / 1000000000;
    s->readable = s->writable = true;
}

int lw_sock_fd(struct lw_sock *s)
{
    lw_sock_lock(s);
    int fd = s->state != LW_SOCK_CLOSED && lw_ok(lw_sock_need_fd(s)) ? s->fd : -1;
    lw_sock_unlock(s);
    return fd;
}

static int descriptor_option(int fd, int name)
{
    int value = 0;
    socklen_t len = sizeof value;

    return lw_sys->getsockopt(fd, SOL_SOCKET, name, &value, &len) ? -1 : value;
}

/* What has been done with an adopted descriptor already. */
static void find_state(struct lw_sock *s)
{
    struct sockaddr_storage name;
    socklen_t len = sizeof name;

    if (lw_sys->getsockname(s->fd, (struct sockaddr *)&name, &len) == 0)
        s->bound = ((struct sockaddr_in *)&name)->sin_port != 0;
    if (s->family == W_AF_INET6) {
        int only = 0;
        socklen_t only_len = sizeof only;
        s->v6_only = lw_sys->getsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &only_len) == 0 && only;
    }
    if (s->type == SOCK_DGRAM) report_errors(s);
    if (descriptor_option(s->fd, SO_ACCEPTCONN) == 1) s->state = LW_SOCK_LISTENING;
    len = sizeof name;
    if (lw_sys->getpeername(s->fd, (struct sockaddr *)&name, &len)) return;
    lw_sock_set_peer(s, (struct sockaddr *)&name, len);
    lw_sock_connected(s);
}

NTSTATUS lw_sock_adopt(int fd, lw_socket_t *ret)
{
    int domain = descriptor_option(fd, SO_DOMAIN), on = 1;

    if (domain < 0) return lw_status_of_call(errno);
    if (domain != AF_INET && domain != AF_INET6) return LW_STATUS_WSA(WSAEAFNOSUPPORT);
    if (lw_sys->ioctl(fd, FIONBIO, &on)) return lw_status_of_call(errno);
    struct lw_sock *s =
        lw_sock_new(lw_af_from_linux(domain), descriptor_option(fd, SO_TYPE), descriptor_option(fd, SO_PROTOCOL), true);
    if (!s) return LW_STATUS_WSA(WSAENOBUFS);
    s->fd = fd;
    find_state(s);
    lw_object_ref(&s->obj);
    NTSTATUS status = lw_sock_publish(s, ret);
    if (!lw_ok(status)) s->fd = -1; /* it stays the program's */
    lw_object_unref(&s->obj);
    return status;
}

NTSTATUS lw_sock_op_new(struct lw_sock *s, enum lw_op_kind kind, OVERLAPPED *ov, lw_routine_fn routine,
                        struct lw_op **ret)
{
    struct lw_thread *self = lw_thread_self();
    struct lw_op *op = self ? lw_op_new(kind) : NULL;

    if (!op) return STATUS_INSUFFICIENT_RESOURCES;
    lw_object_ref(&s->obj);
    op->target = &s->obj;
    lw_object_ref(&self->obj);
    op->issuer = &self->obj;
    op->ov = ov;
    op->routine = routine;
    if (!routine && ((uintptr_t)ov->hEvent & ~(uintptr_t)3)) {
        struct lw_object *event = lw_handle_get_kind(ov->hEvent, LW_KIND_EVENT);
        if (!event) {
            lw_op_free(op);
            return LW_STATUS_WSA(WSA_INVALID_HANDLE);
        }
        lw_object_ref(event);
        op->event = event;
        lw_handle_put(ov->hEvent);
    }
    *ret = op;
    return STATUS_SUCCESS;
}
