/* SPDX-License-Identifier: MIT */
/*
 * option.c - getsockopt and setsockopt over the table of xlate (contract 70).
 *
 * What Linux means otherwise is kept in the socket.  An option that is set
 * before there is a connection is remembered, because a socket prepared for
 * AcceptEx gets another descriptor.
 */
#include "sock/room.h"
#include "xlate/option-names.h"
#include "xlate/option.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/time.h>

struct lw_saved_option {
    struct lw_saved_option *next;
    int level, name;
    socklen_t len;
    char value[];
};

struct w_linger {
    unsigned short on, seconds;
};

/* ---- what is remembered ---- */

static void save(struct lw_sock *s, int level, int name, const void *value, socklen_t len)
{
    struct lw_saved_option **at = &s->saved;

    if (s->state != LW_SOCK_OPEN || !lw_sock_is_stream(s)) return;
    while (*at && ((*at)->level != level || (*at)->name != name || (*at)->len != len)) at = &(*at)->next;
    if (!*at) {
        struct lw_saved_option *o = lw_zalloc(sizeof *o + len);
        if (!o) return; /* the descriptor of the moment has it; only an AcceptEx socket would want it again */
        *o = (struct lw_saved_option){ .level = level, .name = name, .len = len };
        *at = o;
    }
    __builtin_memcpy((*at)->value, value, len);
}

void lw_saved_options_apply(struct lw_sock *s, int fd)
{
    for (struct lw_saved_option *o = s->saved; o; o = o->next)
        (void)lw_sys->setsockopt(fd, o->level, o->name, o->value, o->len); /* was accepted once already */
}

void lw_saved_options_free(struct lw_sock *s)
{
    for (struct lw_saved_option *o; (o = s->saved);) {
        s->saved = o->next;
        lw_free(o);
    }
}

/* ---- setting ---- */

static NTSTATUS set_linux(struct lw_sock *s, int level, int name, const void *value, socklen_t len)
{
    NTSTATUS status = lw_sock_need_fd(s);

    if (!lw_ok(status)) return status;
    if (lw_sys->setsockopt(s->fd, level, name, value, len)) return lw_status_of_call(errno);
    save(s, level, name, value, len);
    return STATUS_SUCCESS;
}

/* An integer of 1 to 4 bytes or more, little-endian as everywhere here. */
static int read_int(const void *value, int len)
{
    int n = 0;

    __builtin_memcpy(&n, value, len < 4 ? (size_t)len : 4);
    return n;
}

static NTSTATUS set_linger(struct lw_sock *s, int on, int seconds)
{
    struct linger l = { on, seconds };

    s->lingers = true;
    return set_linux(s, SOL_SOCKET, SO_LINGER, &l, sizeof l);
}

/* SO_REUSEADDR and SO_EXCLUSIVEADDRUSE exclude each other. */
static NTSTATUS set_sharing(struct lw_sock *s, bool exclusive, bool on)
{
    if (on && (exclusive ? s->reuse : s->exclusive)) return STATUS_INVALID_PARAMETER;
    if (exclusive) {
        s->exclusive = on;
        return STATUS_SUCCESS;
    }
    int value = on;
    NTSTATUS status = set_linux(s, SOL_SOCKET, SO_REUSEADDR, &value, sizeof value);
    if (lw_ok(status)) s->reuse = on;
    return status;
}

static NTSTATUS set_buffer(struct lw_sock *s, int name, int size, int *kept)
{
    int half = size > 1 ? size / 2 : 1; /* Linux doubles it */
    NTSTATUS status = set_linux(s, SOL_SOCKET, name, &half, sizeof half);

    if (lw_ok(status)) *kept = size;
    return status;
}

static NTSTATUS set_v6_only(struct lw_sock *s, bool on)
{
    int value = on;
    NTSTATUS status = STATUS_SUCCESS;

    if (s->family == W_AF_INET6) status = set_linux(s, IPPROTO_IPV6, IPV6_V6ONLY, &value, sizeof value);
    if (lw_ok(status)) s->v6_only = on;
    return status;
}

/*
 * Locks both.  Which of them listens is not known before, so the second lock
 * is only tried: two calls crosswise must not wait for each other.
 */
static void lock_both(struct lw_sock *s, struct lw_sock *listener)
{
    for (;;) {
        lw_sock_lock(listener);
        if (lw_trylock(&s->lock, LW_RANK_SOCKET)) return;
        lw_sock_unlock(listener);
        (void)sched_yield();
    }
}

static NTSTATUS take_context(struct lw_sock *s, struct lw_sock *listener)
{
    NTSTATUS status = STATUS_SUCCESS;

    lock_both(s, listener);
    if (s->state != LW_SOCK_CONNECTED) status = STATUS_INVALID_CONNECTION;
    else if (listener->state != LW_SOCK_LISTENING) status = STATUS_INVALID_PARAMETER;
    else if (s->listener && s->listener != listener) status = STATUS_INVALID_PARAMETER;
    else if (s->by_accept_ex) lw_sock_inherit(s, listener);
    if (lw_ok(status)) s->by_accept_ex = false;
    lw_sock_unlock(s);
    lw_sock_unlock(listener);
    return status;
}

/* SO_UPDATE_ACCEPT_CONTEXT: an accepted socket takes over what its listener has. */
static NTSTATUS update_accept_context(struct lw_sock *s, const void *value, int len)
{
    lw_socket_t listener;

    if (len < (int)sizeof listener) return STATUS_ACCESS_VIOLATION;
    __builtin_memcpy(&listener, value, sizeof listener);
    struct lw_sock *l = lw_sock_get(listener);
    if (!l) return STATUS_INVALID_HANDLE;
    NTSTATUS status = l == s ? STATUS_INVALID_PARAMETER : take_context(s, l);
    lw_sock_put(listener);
    return status;
}

static NTSTATUS set_dont_fragment(struct lw_sock *s, bool on)
{
    int value = on ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT;

    return set_linux(s, IPPROTO_IP, IP_MTU_DISCOVER, &value, sizeof value);
}

static NTSTATUS set_mtu_discover(struct lw_sock *s, int level, int value)
{
    static const int to_linux[] = { 0, IP_PMTUDISC_DO, IP_PMTUDISC_DONT, IP_PMTUDISC_PROBE };

    if (value < 1 || value > 3) return STATUS_INVALID_PARAMETER;
    return level == W_IPPROTO_IP ? set_linux(s, IPPROTO_IP, IP_MTU_DISCOVER, &to_linux[value], sizeof(int))
                                 : set_linux(s, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &to_linux[value], sizeof(int));
}

static NTSTATUS set_own_socket(struct lw_sock *s, int name, int n)
{
    switch (name) {
    case W_SO_DEBUG: s->debug = n != 0; return STATUS_SUCCESS;
    case W_SO_DONTROUTE:
        if (s->family == W_AF_INET6) return LW_STATUS_WSA(WSAENOPROTOOPT);
        s->dont_route = n != 0;
        return STATUS_SUCCESS;
    case W_SO_REUSEADDR: return set_sharing(s, false, n != 0);
    case W_SO_EXCLUSIVEADDRUSE: return set_sharing(s, true, n != 0);
    case W_SO_SNDBUF: return set_buffer(s, SO_SNDBUF, n, &s->sndbuf);
    case W_SO_RCVBUF: return set_buffer(s, SO_RCVBUF, n, &s->rcvbuf);
    case W_SO_SNDTIMEO: s->send_timeout_ms = (DWORD)n; return STATUS_SUCCESS;
    case W_SO_RCVTIMEO: s->recv_timeout_ms = (DWORD)n; return STATUS_SUCCESS;
    case W_SO_ERROR: s->so_error = n; return STATUS_SUCCESS;
    case W_SO_UPDATE_CONNECT_CONTEXT: return s->state == LW_SOCK_CONNECTED ? STATUS_SUCCESS : STATUS_INVALID_CONNECTION;
    case W_SO_TYPE: return lw_sock_is_stream(s) ? LW_STATUS_WSA(WSAENOPROTOOPT) : STATUS_INVALID_PARAMETER;
    default: return LW_STATUS_WSA(WSAENOPROTOOPT);
    }
}

static NTSTATUS set_own(struct lw_sock *s, const struct lw_option *o, const void *value, int len)
{
    int n = read_int(value, len);

    if (o->level == W_SOL_SOCKET) return set_own_socket(s, o->name, n);
    if (o->level == W_IPPROTO_IPV6 && o->name == W_IPV6_V6ONLY) return set_v6_only(s, n != 0);
    if (o->level == W_IPPROTO_IP && o->name == W_IP_DONTFRAGMENT) return set_dont_fragment(s, n != 0);
    return set_mtu_discover(s, o->level, n);
}

static NTSTATUS get_linger(struct lw_sock *s, struct linger *ret)
{
    socklen_t len = sizeof *ret;
    NTSTATUS status = lw_sock_need_fd(s);

    if (!lw_ok(status)) return status;
    return lw_sys->getsockopt(s->fd, SOL_SOCKET, SO_LINGER, ret, &len) ? lw_status_of_call(errno) : STATUS_SUCCESS;
}

/* Only the switch: the time stays. */
static NTSTATUS set_dont_linger(struct lw_sock *s, bool on)
{
    struct linger l;
    NTSTATUS status = get_linger(s, &l);

    return lw_ok(status) ? set_linger(s, !on, l.l_linger) : status;
}

/* The shortest value that is taken (contract 70, option lengths); RAW and own structures check for themselves. */
static int shortest_set(const struct lw_option *o)
{
    switch (o->kind) {
    case LW_OPTION_BOOL:
    case LW_OPTION_BYTE:
    case LW_OPTION_DONTLINGER: return 1;
    case LW_OPTION_INT:
    case LW_OPTION_LINGER: return 4;
    case LW_OPTION_OWN:
        if (o->name == W_SO_UPDATE_CONNECT_CONTEXT && o->level == W_SOL_SOCKET) return 0;
        return o->get_size == 1 || o->zero_length_set ? 1 : 4;
    default: return 1;
    }
}

static NTSTATUS set_checked(struct lw_sock *s, const struct lw_option *o, const void *value, int len)
{
    struct w_linger l = { 0, 0 };
    int n = read_int(value, len);

    switch (o->kind) {
    case LW_OPTION_BOOL:
        n = n != 0;
        if (o->level == W_SOL_SOCKET && o->name == W_SO_OOBINLINE) s->oob_inline = n;
        return set_linux(s, o->linux_level, o->linux_name, &n, sizeof n);
    case LW_OPTION_BYTE:
        if (n < 0 || n > 255) return STATUS_INVALID_PARAMETER;
        return set_linux(s, o->linux_level, o->linux_name, &n, sizeof n);
    case LW_OPTION_INT: return set_linux(s, o->linux_level, o->linux_name, &n, sizeof n);
    case LW_OPTION_LINGER: __builtin_memcpy(&l, value, sizeof l); return set_linger(s, l.on != 0, l.seconds);
    case LW_OPTION_DONTLINGER: return set_dont_linger(s, n != 0);
    case LW_OPTION_RAW: return set_linux(s, o->linux_level, o->linux_name, value, (socklen_t)len);
    case LW_OPTION_OWN: return set_own(s, o, value, len);
    case LW_OPTION_REFUSED: return LW_STATUS_WSA(o->refusal);
    default: return LW_STATUS_WSA(WSAENOPROTOOPT);
    }
}

NTSTATUS lw_sock_set_option(struct lw_sock *s, int level, int name, const void *value, int len)
{
    static const int zero;
    int error;
    const struct lw_option *o = lw_option_find(level, name, &error);

    if (!o) return LW_STATUS_WSA(error);
    if (o->kind == LW_OPTION_REFUSED) return LW_STATUS_WSA(o->refusal);
    if (len == 0 && o->zero_length_set) value = &zero, len = sizeof zero;
    if (len < shortest_set(o) || (!value && len > 0)) return STATUS_ACCESS_VIOLATION;
    if (!value) value = &zero;
    if (level == W_SOL_SOCKET && name == W_SO_UPDATE_ACCEPT_CONTEXT) return update_accept_context(s, value, len);
    lw_sock_lock(s);
    NTSTATUS status = s->state == LW_SOCK_CLOSED ? STATUS_INVALID_HANDLE : set_checked(s, o, value, len);
    lw_sock_unlock(s);
    return status;
}

/* ---- getting ---- */

struct answer {
    char bytes[256];
    int len;
};

static void answer_int(struct answer *a, int value)
{
    __builtin_memcpy(a->bytes, &value, sizeof value);
    a->len = sizeof value;
}

static NTSTATUS get_linux_int(struct lw_sock *s, int level, int name, int *ret)
{
    socklen_t len = sizeof *ret;
    NTSTATUS status = lw_sock_need_fd(s);

    if (!lw_ok(status)) return status;
    *ret = 0;
    return lw_sys->getsockopt(s->fd, level, name, ret, &len) ? lw_status_of_call(errno) : STATUS_SUCCESS;
}

static NTSTATUS get_buffer(struct lw_sock *s, int name, int kept, int *ret)
{
    if (kept < 0) return get_linux_int(s, SOL_SOCKET, name, ret);
    *ret = kept;
    return STATUS_SUCCESS;
}

static int connect_time(const struct lw_sock *s)
{
    if (s->state != LW_SOCK_CONNECTED || !lw_sock_is_stream(s)) return -1;
    return (int)(lw_now_ns() / 1000000000 - s->connected_s);
}

static NTSTATUS get_own_socket(struct lw_sock *s, int name, int *ret)
{
    switch (name) {
    case W_SO_DEBUG: *ret = s->debug; break;
    case W_SO_DONTROUTE: *ret = s->dont_route; break;
    case W_SO_ACCEPTCONN: *ret = s->state == LW_SOCK_LISTENING; break;
    case W_SO_REUSEADDR: *ret = s->reuse; break;
    case W_SO_EXCLUSIVEADDRUSE: *ret = s->exclusive; break;
    case W_SO_SNDBUF: return get_buffer(s, SO_SNDBUF, s->sndbuf, ret);
    case W_SO_RCVBUF: return get_buffer(s, SO_RCVBUF, s->rcvbuf, ret);
    case W_SO_SNDTIMEO: *ret = (int)s->send_timeout_ms; break;
    case W_SO_RCVTIMEO: *ret = (int)s->recv_timeout_ms; break;
    case W_SO_ERROR:
        if (s->state == LW_SOCK_CONNECTING) lw_connect_refresh(s);
        *ret = s->so_error;
        break;
    case W_SO_TYPE: *ret = s->type; break;
    case W_SO_MAX_MSG_SIZE: *ret = lw_sock_is_stream(s) ? -1 : s->family == W_AF_INET6 ? 65527 : 65507; break;
    case W_SO_CONNECT_TIME: *ret = connect_time(s); break;
    default: return LW_STATUS_WSA(WSAENOPROTOOPT);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS get_mtu_discover(struct lw_sock *s, const struct lw_option *o, int *ret)
{
    NTSTATUS status = get_linux_int(s, o->linux_level, o->linux_name, ret);

    if (!lw_ok(status)) return status;
    if (o->name == W_IP_DONTFRAGMENT && o->level == W_IPPROTO_IP) *ret = *ret == IP_PMTUDISC_DO;
    else *ret = *ret == IP_PMTUDISC_DO ? 1 : *ret == IP_PMTUDISC_DONT ? 2 : *ret == IP_PMTUDISC_PROBE ? 3 : 0;
    return STATUS_SUCCESS;
}

static NTSTATUS get_own(struct lw_sock *s, const struct lw_option *o, int *ret)
{
    if (o->level == W_SOL_SOCKET) return get_own_socket(s, o->name, ret);
    if (o->level == W_IPPROTO_IPV6 && o->name == W_IPV6_V6ONLY) {
        *ret = s->v6_only;
        return STATUS_SUCCESS;
    }
    return get_mtu_discover(s, o, ret);
}

static NTSTATUS get_linger_kind(struct lw_sock *s, const struct lw_option *o, struct answer *a)
{
    struct linger l;
    NTSTATUS status = get_linger(s, &l);

    if (!lw_ok(status)) return status;
    struct w_linger w = { (unsigned short)(l.l_onoff != 0), (unsigned short)l.l_linger };
    if (o->kind == LW_OPTION_DONTLINGER) {
        answer_int(a, !w.on);
    } else {
        __builtin_memcpy(a->bytes, &w, sizeof w);
        a->len = sizeof w;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS get_answer(struct lw_sock *s, const struct lw_option *o, struct answer *a)
{
    int n = 0;
    NTSTATUS status;
    socklen_t len = sizeof a->bytes;

    switch (o->kind) {
    case LW_OPTION_BOOL:
    case LW_OPTION_BYTE:
    case LW_OPTION_INT:
        status = get_linux_int(s, o->linux_level, o->linux_name, &n);
        answer_int(a, o->kind == LW_OPTION_BOOL ? n != 0 : n);
        return status;
    case LW_OPTION_LINGER:
    case LW_OPTION_DONTLINGER: return get_linger_kind(s, o, a);
    case LW_OPTION_OWN:
        status = get_own(s, o, &n);
        answer_int(a, n);
        return status;
    case LW_OPTION_RAW:
        status = lw_sock_need_fd(s);
        if (!lw_ok(status)) return status;
        if (lw_sys->getsockopt(s->fd, o->linux_level, o->linux_name, a->bytes, &len)) return lw_status_of_call(errno);
        a->len = (int)len;
        return STATUS_SUCCESS;
    default: return LW_STATUS_WSA(o->refusal ? o->refusal : WSAENOPROTOOPT);
    }
}

/* Values that a short buffer may ask for byte by byte. */
static bool short_get_allowed(const struct lw_option *o)
{
    return o->kind == LW_OPTION_BOOL || o->kind == LW_OPTION_BYTE || o->kind == LW_OPTION_DONTLINGER ||
           (o->kind == LW_OPTION_OWN && (o->get_size == 1 || o->zero_length_set));
}

NTSTATUS lw_sock_get_option(struct lw_sock *s, int level, int name, void *value, int *len)
{
    struct answer a = { .len = 0 };
    int error;
    const struct lw_option *o = lw_option_find(level, name, &error);

    if (!o) return LW_STATUS_WSA(error);
    if (o->kind == LW_OPTION_REFUSED) return LW_STATUS_WSA(o->refusal);
    lw_sock_lock(s);
    NTSTATUS status = s->state == LW_SOCK_CLOSED ? STATUS_INVALID_HANDLE : get_answer(s, o, &a);
    lw_sock_unlock(s);
    if (!lw_ok(status)) return status;
    if (!value || *len <= 0 || (*len < a.len && !short_get_allowed(o))) return STATUS_ACCESS_VIOLATION;
    int size = *len < a.len ? *len : a.len;
    __builtin_memcpy(value, a.bytes, (size_t)size);
    *len = o->get_size == 1 ? 1 : size;
    return STATUS_SUCCESS;
}
