/* SPDX-License-Identifier: MIT */
/*
 * probe.c - what must hold whatever was included before, after and between.
 *
 * It includes nothing: headers.sh gives it headers in many orders (-include),
 * and compiles it as C and as C++.
 */
#ifdef __cplusplus
#define PROBE(condition) static_assert(condition, #condition)
#else
#define PROBE(condition) _Static_assert(condition, #condition)
#endif

PROBE(sizeof(u_long) == 4);
PROBE(sizeof(u_short) == 2);
PROBE(sizeof(DWORD) == 4 && sizeof(LONG) == 4 && sizeof(BOOL) == 4);
PROBE(sizeof(SOCKET) == 8 && INVALID_SOCKET > 0);
PROBE(sizeof(fd_set) == 8 + 8 * FD_SETSIZE);
PROBE(sizeof(struct fd_set) == sizeof(fd_set));
PROBE(sizeof(socklen_t) == 4 && (socklen_t)-1 < 0);
PROBE(sizeof(OVERLAPPED) == 32 && sizeof(WSABUF) == 16);
PROBE(sizeof(WCHAR) == 2);
PROBE(sizeof(struct sockaddr_in) == 16 && sizeof(struct sockaddr_storage) == 128);
PROBE(AF_INET6 == 23 && SOL_SOCKET == 0xffff && MSG_WAITALL == 8 && SD_BOTH == 2);
PROBE(MAKEWORD(2, 2) == 0x0202);
#ifdef PROBE_FIONBIO
PROBE(FIONBIO == 0x8004667e && FIONREAD == 0x4004667f);
#endif
#ifdef PROBE_FD_SETSIZE
PROBE(FD_SETSIZE == PROBE_FD_SETSIZE);
#endif
#ifdef EWOULDBLOCK /* errno's, not Winsock's */
PROBE(EWOULDBLOCK == 11 && ECONNRESET == 104 && EINPROGRESS == 115);
#endif

int probe(SOCKET s, LONG *narrow, long *wide, __int64 *eight, volatile long *counter);
int probe(SOCKET s, LONG *narrow, long *wide, __int64 *eight, volatile long *counter)
{
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    struct timeval now;
    fd_set set;
    u_long on = 1;
    unsigned long also = 1;
    char host[64];
    void *target = host;

    now.tv_sec = now.tv_usec = 0;
    FD_ZERO(&set);
    FD_SET(s, &set);
    FD_CLR(s, &set);
    if (FD_ISSET(s, &set) || select(0, &set, NULL, NULL, &now) < 0) return 1;
    if (ioctlsocket(s, FIONBIO, &on) || ioctlsocket(s, FIONBIO, &also)) return 2;
    if (getsockname(s, (struct sockaddr *)&name, &length) || gethostname(host, sizeof host)) return 3;
    if (send(s, host, 1, 0) != recv(s, host, 1, 0) || closesocket(s)) return 4;
    InterlockedIncrement(narrow);
    InterlockedExchangeAdd(wide, 2);
    InterlockedCompareExchange(counter, 3, 2);
    InterlockedDecrement64(eight);
    InterlockedExchangePointer(&target, host);
    CopyMemory(host, &name, sizeof name < sizeof host ? sizeof name : sizeof host);
    return WSAGetLastError() == WSAEWOULDBLOCK && GetLastError() == ERROR_IO_PENDING;
}
