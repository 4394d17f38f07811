/* SPDX-License-Identifier: MIT */
/*
 * layouts.c - the sizes, offsets and types of contract 00, 10, 20 and 40,
 * checked by the compiler.
 *
 * It includes nothing of ours and also compiles with MinGW-w64, whose headers
 * thereby confirm the numbers.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <mstcpip.h>
#include <ws2spi.h>
#include <windows.h>

#include <stddef.h>

#define SIZE(type, size) _Static_assert(sizeof(type) == (size), "size of " #type)
#define AT(type, member, offset) _Static_assert(offsetof(type, member) == (offset), #type "." #member)
#define UNSIGNED(type) _Static_assert((type)-1 > (type)0, #type " is unsigned")
#define SIGNED(type) _Static_assert((type)-1 < (type)0, #type " is signed")

/* ---- contract 00, types ---- */

SIZE(BYTE, 1);
SIZE(WORD, 2);
SIZE(u_short, 2);
SIZE(WCHAR, 2);
SIZE(DWORD, 4);
SIZE(ULONG, 4);
SIZE(u_long, 4);
SIZE(LONG, 4);
SIZE(BOOL, 4);
SIZE(INT, 4);
SIZE(UINT, 4);
SIZE(*(LPDWORD)0, 4);
SIZE(*(LPINT)0, 4);
SIZE(socklen_t, 4);
SIZE(SOCKET, 8);
SIZE(HANDLE, 8);
SIZE(WSAEVENT, 8);
SIZE(ULONG_PTR, 8);
SIZE(SIZE_T, 8);
SIZE(DWORD_PTR, 8);
SIZE(LARGE_INTEGER, 8);
SIZE(LONGLONG, 8);
SIZE(LPARAM, 8);
SIZE(HWND, 8);
SIZE(__int64, 8);
UNSIGNED(SOCKET);
UNSIGNED(DWORD);
UNSIGNED(u_long);
UNSIGNED(ULONG_PTR);
SIGNED(LONG);
SIGNED(INT_PTR);
SIGNED(socklen_t);

/* ---- contract 00, structures ---- */

SIZE(GUID, 16);
AT(GUID, Data2, 4);
AT(GUID, Data3, 6);
AT(GUID, Data4, 8);

SIZE(OVERLAPPED, 32);
AT(OVERLAPPED, Internal, 0);
AT(OVERLAPPED, InternalHigh, 8);
AT(OVERLAPPED, Offset, 16);
AT(OVERLAPPED, OffsetHigh, 20);
AT(OVERLAPPED, Pointer, 16);
AT(OVERLAPPED, hEvent, 24);
SIZE(WSAOVERLAPPED, 32);
_Static_assert(_Alignof(OVERLAPPED) == 8, "alignment of OVERLAPPED");
_Static_assert(_Generic((LPWSAOVERLAPPED)0, OVERLAPPED * : 1, default : 0), "WSAOVERLAPPED is OVERLAPPED");

SIZE(OVERLAPPED_ENTRY, 32);
AT(OVERLAPPED_ENTRY, lpOverlapped, 8);
AT(OVERLAPPED_ENTRY, Internal, 16);
AT(OVERLAPPED_ENTRY, dwNumberOfBytesTransferred, 24);

SIZE(WSABUF, 16);
AT(WSABUF, len, 0);
AT(WSABUF, buf, 8);

SIZE(WSAMSG, 56);
AT(WSAMSG, name, 0);
AT(WSAMSG, namelen, 8);
AT(WSAMSG, lpBuffers, 16);
AT(WSAMSG, dwBufferCount, 24);
AT(WSAMSG, Control, 32);
AT(WSAMSG, dwFlags, 48);

SIZE(WSACMSGHDR, 16);
AT(WSACMSGHDR, cmsg_level, 8);
AT(WSACMSGHDR, cmsg_type, 12);
_Static_assert(WSA_CMSG_LEN(4) == 20, "WSA_CMSG_LEN");
_Static_assert(WSA_CMSG_SPACE(4) == 24, "WSA_CMSG_SPACE");
_Static_assert(WSA_CMSG_SPACE(20) == 40, "WSA_CMSG_SPACE");

SIZE(fd_set, 520);
AT(fd_set, fd_array, 8);
SIZE(struct fd_set, 520);

SIZE(struct sockaddr, 16);
SIZE(struct sockaddr_in, 16);
AT(struct sockaddr_in, sin_port, 2);
AT(struct sockaddr_in, sin_addr, 4);
SIZE(struct sockaddr_in6, 28);
AT(struct sockaddr_in6, sin6_port, 2);
AT(struct sockaddr_in6, sin6_flowinfo, 4);
AT(struct sockaddr_in6, sin6_addr, 8);
AT(struct sockaddr_in6, sin6_scope_id, 24);
SIZE(SOCKADDR_INET, 28);
SIZE(struct sockaddr_storage, 128);
_Static_assert(_Alignof(struct sockaddr_storage) == 8, "alignment of sockaddr_storage");
SIZE(((struct sockaddr *)0)->sa_family, 2);
SIZE(IN_ADDR, 4);
SIZE(IN6_ADDR, 16);
SIZE(struct addrinfo, 48);
AT(struct addrinfo, ai_addrlen, 16);
AT(struct addrinfo, ai_canonname, 24);
AT(struct addrinfo, ai_addr, 32);
AT(struct addrinfo, ai_next, 40);
SIZE(((struct addrinfo *)0)->ai_addrlen, 8);

SIZE(LINGER, 4);
AT(LINGER, l_linger, 2);
SIZE(WSADATA, 408);
AT(WSADATA, wHighVersion, 2);
AT(WSADATA, iMaxSockets, 4);
AT(WSADATA, iMaxUdpDg, 6);
AT(WSADATA, lpVendorInfo, 8);
AT(WSADATA, szDescription, 16);
AT(WSADATA, szSystemStatus, 273);

SIZE(TRANSMIT_FILE_BUFFERS, 32);
SIZE(TRANSMIT_PACKETS_ELEMENT, 24);
AT(TRANSMIT_PACKETS_ELEMENT, hFile, 16);
AT(TRANSMIT_PACKETS_ELEMENT, pBuffer, 8);
SIZE(struct tcp_keepalive, 12);
SIZE(INTERFACE_INFO, 76);
SIZE(SOCKET_ADDRESS, 16);
AT(SOCKET_ADDRESS_LIST, Address, 8);
SIZE(WSAPROTOCOL_INFOA, 372);
SIZE(WSAPROTOCOL_INFOW, 628);
SIZE(WSATHREADID, 16);

/* ---- contract 40, control items ---- */

SIZE(struct in_pktinfo, 8);
SIZE(struct in6_pktinfo, 20);

/* ---- kernel32, as the Windows headers have it ---- */

SIZE(SECURITY_ATTRIBUTES, 24);
SIZE(CRITICAL_SECTION, 40);
SIZE(SYSTEM_INFO, 48);
SIZE(FILETIME, 8);
SIZE(SYSTEMTIME, 16);
AT(SYSTEMTIME, wDay, 6);
AT(SYSTEMTIME, wMilliseconds, 14);
AT(SYSTEM_INFO, dwNumberOfProcessors, 32);
SIZE(FLOWSPEC, 32);
SIZE(QOS, 80);
SIZE(struct hostent, 32);
SIZE(struct servent, 32);
SIZE(struct protoent, 24);
SIZE(struct ip_mreq, 8);
SIZE(struct ipv6_mreq, 20);
SIZE(struct group_req, 136);

_Static_assert(INVALID_SOCKET == (SOCKET)~0ull, "INVALID_SOCKET");
_Static_assert(HIBYTE(MAKEWORD(2, 1)) == 1 && LOBYTE(MAKEWORD(2, 1)) == 2, "MAKEWORD");
_Static_assert(HIWORD(MAKELONG(2, 1)) == 1 && LOWORD(MAKELONG(2, 1)) == 2, "MAKELONG");
