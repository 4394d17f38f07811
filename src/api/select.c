/* SPDX-License-Identifier: MIT */
/* select.c - select over counted sets of sockets (contract 80). */
#include "api/error.h"
#include "api/startup.h"
#include "sock/sock.h"
#include "sys/env.h"

#include <winsock2.h>

/* A program may have been compiled with another FD_SETSIZE: only fd_count says how long the array is. */
int WSAAPI __WSAFDIsSet(SOCKET fd, fd_set *set)
{
    for (u_int i = 0; i < set->fd_count; i++)
        if (set->fd_array[i] == fd) return 1;
    return 0;
}

static unsigned count_of(const fd_set *set)
{
    return set ? set->fd_count : 0;
}

static struct lw_select *add(struct lw_select *at, const fd_set *set, unsigned wanted)
{
    for (unsigned i = 0; i < count_of(set); i++)
        *at++ = (struct lw_select){ .socket = set->fd_array[i], .wanted = wanted };
    return at;
}

/* Leaves the ready sockets in the set; returns how many. */
static int keep_ready(const struct lw_select **at, fd_set *set)
{
    unsigned kept = 0, count = count_of(set);

    for (unsigned i = 0; i < count; i++, (*at)++)
        if ((*at)->ready) set->fd_array[kept++] = (*at)->socket;
    if (set) set->fd_count = kept;
    return (int)kept;
}

static int64_t deadline_of(const struct timeval *timeout)
{
    if (!timeout) return -1;
    int64_t ns = (int64_t)timeout->tv_sec * 1000000000 + (int64_t)timeout->tv_usec * 1000;
    return ns == 0 ? 0 : lw_now_ns() + ns;
}

int WSAAPI select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, const struct timeval *timeout)
{
    unsigned count = count_of(readfds) + count_of(writefds) + count_of(exceptfds);
    NTSTATUS status = STATUS_SUCCESS;

    (void)nfds; /* ignored on Windows too */
    if (!lw_started()) return lw_wsa_refuse(WSANOTINITIALISED);
    if (count == 0) return lw_wsa_refuse(WSAEINVAL);
    if (timeout && (timeout->tv_sec < 0 || timeout->tv_usec < 0)) return lw_wsa_refuse(WSAEINVAL);
    struct lw_select *entries = lw_alloc(count * sizeof *entries);
    if (!entries) return lw_wsa_refuse(WSAENOBUFS);
    (void)add(add(add(entries, readfds, LW_READABLE), writefds, LW_WRITABLE), exceptfds, LW_EXCEPTIONAL);
    int result = lw_sock_select(entries, count, deadline_of(timeout), &status);
    if (result >= 0) {
        const struct lw_select *at = entries;
        result = keep_ready(&at, readfds);
        result += keep_ready(&at, writefds);
        result += keep_ready(&at, exceptfds);
        lw_set_error(0);
    }
    lw_free(entries);
    return lw_ok(status) ? result : lw_wsa_result(status);
}
