/* SPDX-License-Identifier: MIT */
/*
 * lapwing.h - what Lapwing adds to the Windows functions.
 *
 * It goes together with <winsock2.h>, and with the POSIX socket headers: a
 * program of both worlds has one source file for each.
 */
#ifndef LAPWING_H
#define LAPWING_H

#include <basetsd.h>

typedef UINT_PTR SOCKET;

#ifndef INVALID_SOCKET
#define INVALID_SOCKET ((SOCKET)~(UINT_PTR)0)
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct lapwing_stats {
    unsigned long long requests; /* overlapped requests not yet completed and released */
    unsigned long long handles;  /* open handles */
};

void lapwing_get_stats(struct lapwing_stats *ret_stats);

/* The descriptor of a socket, which keeps it; -1 when s is no socket, or has no descriptor and none can be made. */
int lapwing_socket_to_fd(SOCKET s);

/* A socket that owns the descriptor from now on; INVALID_SOCKET and the last error when it cannot be one. */
SOCKET lapwing_fd_to_socket(int fd);

/* Leaves RLIMIT_NOFILE as it is.  Has an effect before the first WSAStartup only, which else raises the soft limit. */
void lapwing_keep_nofile_limit(void);

#ifdef __cplusplus
}
#endif

#endif
