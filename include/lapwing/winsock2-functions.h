/* SPDX-License-Identifier: MIT */
/* lapwing/winsock2-functions.h - the functions of <winsock2.h>, which includes it. */
#ifndef LAPWING_WINSOCK2_FUNCTIONS_H
#define LAPWING_WINSOCK2_FUNCTIONS_H

#ifdef __cplusplus
extern "C" {
#endif

/* ---- start and errors ---- */

int WSAAPI WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData);
int WSAAPI WSACleanup(void);
int WSAAPI WSAGetLastError(void);
void WSAAPI WSASetLastError(int iError);

/* ---- events ---- */

WSAEVENT WSAAPI WSACreateEvent(void);
BOOL WSAAPI WSACloseEvent(WSAEVENT hEvent);
BOOL WSAAPI WSASetEvent(WSAEVENT hEvent);
BOOL WSAAPI WSAResetEvent(WSAEVENT hEvent);
DWORD WSAAPI WSAWaitForMultipleEvents(DWORD cEvents, const WSAEVENT *lphEvents, BOOL fWaitAll, DWORD dwTimeout,
                                      BOOL fAlertable);

/* ---- making, connecting and closing ---- */

SOCKET WSAAPI socket(int af, int type, int protocol) LW_SYMBOL(socket);
SOCKET WSAAPI WSASocketA(int af, int type, int protocol, LPWSAPROTOCOL_INFOA lpProtocolInfo, GROUP g, DWORD dwFlags);
SOCKET WSAAPI WSASocketW(int af, int type, int protocol, LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags);
int WSAAPI bind(SOCKET s, const struct sockaddr *name, int namelen) LW_SYMBOL(bind);
int WSAAPI listen(SOCKET s, int backlog) LW_SYMBOL(listen);
SOCKET WSAAPI accept(SOCKET s, struct sockaddr *addr, int *addrlen) LW_SYMBOL(accept);
int WSAAPI connect(SOCKET s, const struct sockaddr *name, int namelen) LW_SYMBOL(connect);
int WSAAPI WSAConnect(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
                      LPQOS lpSQOS, LPQOS lpGQOS);
int WSAAPI shutdown(SOCKET s, int how) LW_SYMBOL(shutdown);
int WSAAPI closesocket(SOCKET s);
int WSAAPI getsockname(SOCKET s, struct sockaddr *name, int *namelen) LW_SYMBOL(getsockname);
int WSAAPI getpeername(SOCKET s, struct sockaddr *name, int *namelen) LW_SYMBOL(getpeername);

/* ---- sending and receiving ---- */

int WSAAPI send(SOCKET s, const char *buf, int len, int flags) LW_SYMBOL(send);
int WSAAPI recv(SOCKET s, char *buf, int len, int flags) LW_SYMBOL(recv);
int WSAAPI sendto(SOCKET s, const char *buf, int len, int flags, const struct sockaddr *to, int tolen)
    LW_SYMBOL(sendto);
int WSAAPI recvfrom(SOCKET s, char *buf, int len, int flags, struct sockaddr *from, int *fromlen) LW_SYMBOL(recvfrom);

int WSAAPI WSASend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                   LPWSAOVERLAPPED lpOverlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
int WSAAPI WSASendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                     const struct sockaddr *lpTo, int iTolen, LPWSAOVERLAPPED lpOverlapped,
                     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
int WSAAPI WSARecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                   LPWSAOVERLAPPED lpOverlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
int WSAAPI WSARecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesRecvd,
                       LPDWORD lpFlags, struct sockaddr *lpFrom, LPINT lpFromlen, LPWSAOVERLAPPED lpOverlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
BOOL WSAAPI WSAGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped, LPDWORD lpcbTransfer, BOOL fWait,
                                   LPDWORD lpdwFlags);

/* ---- options and ioctls ---- */

int WSAAPI getsockopt(SOCKET s, int level, int optname, char *optval, int *optlen) LW_SYMBOL(getsockopt);
int WSAAPI setsockopt(SOCKET s, int level, int optname, const char *optval, int optlen) LW_SYMBOL(setsockopt);
int WSAAPI ioctlsocket(SOCKET s, long cmd, u_long *argp);
int WSAAPI WSAIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer, DWORD cbInBuffer, LPVOID lpvOutBuffer,
                    DWORD cbOutBuffer, LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);

/* ---- byte order, addresses, names ---- */

u_long WSAAPI htonl(u_long hostlong) LW_SYMBOL(htonl);
u_short WSAAPI htons(u_short hostshort) LW_SYMBOL(htons);
u_long WSAAPI ntohl(u_long netlong) LW_SYMBOL(ntohl);
u_short WSAAPI ntohs(u_short netshort) LW_SYMBOL(ntohs);
int WSAAPI WSAHtonl(SOCKET s, u_long hostlong, u_long *lpnetlong);
int WSAAPI WSAHtons(SOCKET s, u_short hostshort, u_short *lpnetshort);
int WSAAPI WSANtohl(SOCKET s, u_long netlong, u_long *lphostlong);
int WSAAPI WSANtohs(SOCKET s, u_short netshort, u_short *lphostshort);
u_long WSAAPI inet_addr(const char *cp) LW_SYMBOL(inet_addr);
char *WSAAPI inet_ntoa(struct in_addr in) LW_SYMBOL(inet_ntoa);
/* The result belongs to the library: valid until the thread's next call. */
struct hostent *WSAAPI gethostbyname(const char *name) LW_SYMBOL(gethostbyname);
struct hostent *WSAAPI gethostbyaddr(const char *addr, int len, int type) LW_SYMBOL(gethostbyaddr);

/* The length is an int on Windows; the type is libc's here because its <unistd.h> may follow. */
int WSAAPI gethostname(char *name, size_t namelen) LW_NOTHROW;

#ifndef __cplusplus
int WSAAPI select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, const struct timeval *timeout);
#endif

#ifdef __cplusplus
}

/* Overloads have C++ linkage, also when a program wraps the header in extern "C". */
extern "C++" int WSAAPI select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
                               const struct timeval *timeout) LW_SYMBOL(select);
#endif

#ifdef UNICODE
#define WSASocket WSASocketW
typedef WSAPROTOCOL_INFOW WSAPROTOCOL_INFO, *LPWSAPROTOCOL_INFO;
#else
#define WSASocket WSASocketA
typedef WSAPROTOCOL_INFOA WSAPROTOCOL_INFO, *LPWSAPROTOCOL_INFO;
#endif

/* Windows sources write the argument as unsigned long, which is 8 bytes wide here, as often as u_long. */
#ifdef __cplusplus
extern "C++" inline int ioctlsocket(SOCKET s, long cmd, unsigned long *argp)
#else
static __inline __attribute__((__unused__)) int lw_ioctlsocket_long(SOCKET s, long cmd, unsigned long *argp)
#endif
{
    u_long value = 0, *low = NULL;
    int result;

    if (argp) {
        value = *argp & 0xffffffff;
        low = &value;
    }
    result = ioctlsocket(s, cmd, low);
    if (argp && !result) *argp = value;
    return result;
}
#ifndef __cplusplus
#define ioctlsocket(s, cmd, argp) \
    _Generic((argp), unsigned long *: lw_ioctlsocket_long, default: ioctlsocket)(s, cmd, argp)
#endif

#endif
