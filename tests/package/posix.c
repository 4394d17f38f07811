/* SPDX-License-Identifier: MIT */
/*
 * posix.c - the headers without socket names go together with the POSIX socket
 * headers, in either order (headers.sh gives both with -include).
 */
extern DWORD codes[];
extern int domains[];
int use(int s, OVERLAPPED *ov);

DWORD codes[] = { WSAEWOULDBLOCK, ERROR_IO_PENDING, WAIT_TIMEOUT, WAIT_IO_COMPLETION, (DWORD)STATUS_PENDING };
int domains[] = { AF_UNIX, AF_INET6, SOL_SOCKET, MSG_DONTWAIT, EAI_SYSTEM, TCP_NODELAY };

int use(int s, OVERLAPPED *ov)
{
    static struct sockaddr_in address;
    static struct sockaddr_un file;
    fd_set set;

    FD_ZERO(&set);
    FD_SET(s, &set);
    address.sin_family = AF_INET;
    file.sun_family = AF_UNIX;
    ov->Internal = 0;
    return connect(s, (struct sockaddr *)&address, sizeof address) + connect(s, (struct sockaddr *)&file, sizeof file) +
           select(s + 1, &set, 0, 0, 0) + (int)sizeof(struct lapwing_stats);
}
