/* SPDX-License-Identifier: MIT */
/* ws2tcpip.h - names and addresses of TCP/IP, IPv6 included. */
#ifndef LAPWING_WS2TCPIP_H
#define LAPWING_WS2TCPIP_H

#include <winsock2.h>

#include <ws2ipdef.h>

#define _WS2TCPIP_H_

#define EAI_AGAIN WSATRY_AGAIN
#define EAI_BADFLAGS WSAEINVAL
#define EAI_FAIL WSANO_RECOVERY
#define EAI_FAMILY WSAEAFNOSUPPORT
#define EAI_MEMORY WSA_NOT_ENOUGH_MEMORY
#define EAI_NOSECURENAME WSA_SECURE_HOST_NOT_FOUND
#define EAI_NONAME WSAHOST_NOT_FOUND
#define EAI_NODATA EAI_NONAME
#define EAI_SERVICE WSATYPE_NOT_FOUND
#define EAI_SOCKTYPE WSAESOCKTNOSUPPORT
#define EAI_IPSECPOLICY WSA_IPSEC_NAME_POLICY_ERROR

#define GAI_STRERROR_BUFFER_SIZE 1024

#ifdef __cplusplus
extern "C" {
#endif

INT WSAAPI getaddrinfo(PCSTR pNodeName, PCSTR pServiceName, const ADDRINFOA *pHints, PADDRINFOA *ppResult)
    LW_SYMBOL(getaddrinfo);
void WSAAPI freeaddrinfo(PADDRINFOA pAddrInfo) LW_SYMBOL(freeaddrinfo);
INT WSAAPI getnameinfo(const SOCKADDR *pSockaddr, socklen_t SockaddrLength, PCHAR pNodeBuffer,
                       DWORD NodeBufferSize, PCHAR pServiceBuffer, DWORD ServiceBufferSize, INT Flags)
    LW_SYMBOL(getnameinfo);
char *WSAAPI gai_strerrorA(int ecode) LW_SYMBOL(gai_strerror);

PCSTR WSAAPI inet_ntop(INT Family, const void *pAddr, PSTR pStringBuf, size_t StringBufSize) LW_SYMBOL(inet_ntop);
INT WSAAPI inet_pton(INT Family, PCSTR pszAddrString, void *pAddrBuf) LW_SYMBOL(inet_pton);

/* libc's own objects: the layout is the same. */
extern const IN6_ADDR in6addr_any;
extern const IN6_ADDR in6addr_loopback;

#ifdef __cplusplus
}
#endif

#define GetAddrInfoA getaddrinfo
#define FreeAddrInfoA freeaddrinfo
#define GetNameInfoA getnameinfo
#define InetNtopA inet_ntop
#define InetPtonA inet_pton
#ifndef UNICODE
#define GetAddrInfo GetAddrInfoA
#define FreeAddrInfo FreeAddrInfoA
#define GetNameInfo GetNameInfoA
#define InetNtop InetNtopA
#define InetPton InetPtonA
#define gai_strerror gai_strerrorA
#endif

/* ---- kinds of IPv6 addresses ---- */

#define LW_IN6_TEST(name, condition)                                              \
    static __inline __attribute__((__unused__)) BOOLEAN name(const IN6_ADDR *a)   \
    {                                                                             \
        const UCHAR *b = a->u.Byte;                                               \
                                                                                  \
        return (condition) ? 1 : 0;                                                \
    }

/* The first n bytes are zero. */
static __inline __attribute__((__unused__)) int lw_in6_zero(const UCHAR *b, int n)
{
    while (n--)
        if (b[n]) return 0;
    return 1;
}

LW_IN6_TEST(IN6_IS_ADDR_UNSPECIFIED, lw_in6_zero(b, 16))
LW_IN6_TEST(IN6_IS_ADDR_LOOPBACK, lw_in6_zero(b, 15) && b[15] == 1)
LW_IN6_TEST(IN6_IS_ADDR_MULTICAST, b[0] == 0xff)
LW_IN6_TEST(IN6_IS_ADDR_LINKLOCAL, b[0] == 0xfe && (b[1] & 0xc0) == 0x80)
LW_IN6_TEST(IN6_IS_ADDR_SITELOCAL, b[0] == 0xfe && (b[1] & 0xc0) == 0xc0)
LW_IN6_TEST(IN6_IS_ADDR_GLOBAL, b[0] >> 5 != 0 && b[0] >> 5 != 7)
LW_IN6_TEST(IN6_IS_ADDR_V4MAPPED, lw_in6_zero(b, 10) && b[10] == 0xff && b[11] == 0xff)
LW_IN6_TEST(IN6_IS_ADDR_V4COMPAT, lw_in6_zero(b, 12) && (b[12] || b[13] || b[14] || b[15] > 1))
LW_IN6_TEST(IN6_IS_ADDR_MC_NODELOCAL, b[0] == 0xff && (b[1] & 0xf) == 1)
LW_IN6_TEST(IN6_IS_ADDR_MC_LINKLOCAL, b[0] == 0xff && (b[1] & 0xf) == 2)
LW_IN6_TEST(IN6_IS_ADDR_MC_SITELOCAL, b[0] == 0xff && (b[1] & 0xf) == 5)
LW_IN6_TEST(IN6_IS_ADDR_MC_ORGLOCAL, b[0] == 0xff && (b[1] & 0xf) == 8)
LW_IN6_TEST(IN6_IS_ADDR_MC_GLOBAL, b[0] == 0xff && (b[1] & 0xf) == 0xe)
#undef LW_IN6_TEST

static __inline __attribute__((__unused__)) BOOLEAN IN6_ADDR_EQUAL(const IN6_ADDR *a, const IN6_ADDR *b)
{
    return memcmp(a, b, sizeof *a) ? 0 : 1;
}
#define IN6_ARE_ADDR_EQUAL IN6_ADDR_EQUAL

#endif
