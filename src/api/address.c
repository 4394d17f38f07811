/* SPDX-License-Identifier: MIT */
/*
 * address.c - inet_addr, inet_ntoa, inet_ntop, inet_pton.
 *
 * None of them needs WSAStartup, and none touches the last error unless it
 * says so: a text that is no address is an answer, not an error.
 */
#include <ws2tcpip.h>

#include "api/error.h"
#include "sock/resolve.h"

#include <stdio.h>

static BOOL is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The value of a digit in the base, or -1. */
static int digit(char c, unsigned base)
{
    int value = -1;

    if (c >= '0' && c <= '9') value = c - '0';
    else if (c >= 'a' && c <= 'f') value = c - 'a' + 10;
    else if (c >= 'A' && c <= 'F') value = c - 'A' + 10;
    return value < (int)base ? value : -1;
}

/* A number as in C: decimal, octal after 0, hexadecimal after 0x; NULL: none, or above 32 bits. */
static const char *read_number(const char *text, ULONG *ret)
{
    unsigned base = 10;
    ULONGLONG value = 0;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    } else if (text[0] == '0') {
        base = 8;
    }
    if (digit(*text, base) < 0) return NULL;
    for (; digit(*text, base) >= 0; text++) {
        value = value * base + (unsigned)digit(*text, base);
        if (value > MAXDWORD) return NULL;
    }
    *ret = (ULONG)value;
    return text;
}

/*
 * One to four numbers; the last one fills what the others leave.  White space
 * ends the address, whatever follows: so do the parsers of Windows and of
 * glibc, not those of every libc.
 */
static BOOL read_address(const char *text, ULONG *ret)
{
    ULONG part, address = 0;
    int count = 0;

    for (;;) {
        text = read_number(text, &part);
        if (!text) return FALSE;
        if (*text != '.') break;
        if (count == 3 || part > 0xff) return FALSE;
        address |= part << (24 - 8 * count++);
        text++;
    }
    if (*text != '\0' && !is_space(*text)) return FALSE;
    if (part > MAXDWORD >> (8 * count)) return FALSE;
    *ret = address | part;
    return TRUE;
}

unsigned int WSAAPI inet_addr(const char *cp)
{
    ULONG address;

    if (!cp) {
        lw_set_error(WSAEFAULT);
        return INADDR_NONE;
    }
    if (cp[0] == ' ' && cp[1] == '\0') return 0; /* documented, and alone in that */
    return read_address(cp, &address) ? htonl(address) : INADDR_NONE;
}

char *WSAAPI inet_ntoa(struct in_addr in)
{
    static __thread char text[sizeof "255.255.255.255"];

    (void)snprintf(text, sizeof(text), "%d.%d.%d.%d", in.S_un.S_un_b.s_b1, in.S_un.S_un_b.s_b2, in.S_un.S_un_b.s_b3,
                   in.S_un.S_un_b.s_b4); /* it always fits */
    return text;
}

PCSTR WSAAPI inet_ntop(INT Family, const void *pAddr, PSTR pStringBuf, size_t StringBufSize)
{
    if (!pAddr || !pStringBuf || StringBufSize == 0) {
        lw_set_error(STATUS_INVALID_PARAMETER); /* the status as it is: what Windows does */
        return NULL;
    }
    if (Family != AF_INET && Family != AF_INET6) {
        lw_set_error(WSAEAFNOSUPPORT);
        return NULL;
    }
    if (!lw_address_to_text(Family, pAddr, pStringBuf, StringBufSize)) {
        lw_set_error(STATUS_INVALID_PARAMETER);
        return NULL;
    }
    return pStringBuf;
}

INT WSAAPI inet_pton(INT Family, PCSTR pszAddrString, void *pAddrBuf)
{
    if (!pszAddrString || !pAddrBuf) {
        lw_set_error(WSAEFAULT);
        return -1;
    }
    if (Family != AF_INET && Family != AF_INET6) {
        lw_set_error(WSAEAFNOSUPPORT);
        return -1;
    }
    return lw_address_from_text(Family, pszAddrString, pAddrBuf);
}
