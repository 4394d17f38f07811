/* SPDX-License-Identifier: MIT */
/* lapwing.c - our own few functions; see lapwing.h. */
#include "api/error.h"
#include "op/op.h"
#include "sock/sock.h"

#include <lapwing.h>

void lapwing_get_stats(struct lapwing_stats *ret_stats)
{
    ret_stats->requests = lw_op_live();
    ret_stats->handles = lw_handle_count();
}

int lapwing_socket_to_fd(SOCKET s)
{
    struct lw_sock *sock = lw_sock_get(s);

    if (!sock) {
        lw_set_error(WSAENOTSOCK);
        return -1;
    }
    int fd = lw_sock_fd(sock);
    lw_sock_put(s);
    if (fd < 0) lw_set_error(WSAEMFILE);
    return fd;
}

SOCKET lapwing_fd_to_socket(int fd)
{
    lw_socket_t s = LW_INVALID_SOCKET;

    (void)lw_wsa_result(lw_sock_adopt(fd, &s));
    return s;
}
