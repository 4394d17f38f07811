/* SPDX-License-Identifier: MIT */
/* names.c - getaddrinfo, getnameinfo, gethostname: checks and flags; sock/resolve.c does the rest. */
#include <ws2tcpip.h>

#include "api/error.h"
#include "api/startup.h"
#include "sock/resolve.h"

#define SAME_PLACE(ours, theirs)                                                                        \
    _Static_assert(offsetof(struct lw_address_info, ours) == offsetof(ADDRINFOA, theirs) &&             \
                       sizeof(((struct lw_address_info *)0)->ours) == sizeof(((ADDRINFOA *)0)->theirs), \
                   "lw_address_info is addrinfo")

SAME_PLACE(flags, ai_flags);
SAME_PLACE(family, ai_family);
SAME_PLACE(type, ai_socktype);
SAME_PLACE(protocol, ai_protocol);
SAME_PLACE(address_len, ai_addrlen);
SAME_PLACE(canonical, ai_canonname);
SAME_PLACE(address, ai_addr);
SAME_PLACE(next, ai_next);
_Static_assert(sizeof(struct lw_address_info) == sizeof(ADDRINFOA), "lw_address_info is addrinfo");

struct flag {
    int windows;
    unsigned ours;
};

static unsigned translate(const struct flag *table, size_t count, int flags)
{
    unsigned ret = 0;

    for (size_t i = 0; i < count; i++) {
        if (flags & table[i].windows) ret |= table[i].ours;
    }
    return ret;
}

/* The full name and the canonical one are the same thing to libc. */
static const struct flag resolve_flags[] = {
    { AI_PASSIVE, LW_RESOLVE_PASSIVE },
    { AI_CANONNAME, LW_RESOLVE_CANONICAL },
    { AI_FQDN, LW_RESOLVE_CANONICAL },
    { AI_NUMERICHOST, LW_RESOLVE_NUMERIC_NODE },
    { AI_NUMERICSERV, LW_RESOLVE_NUMERIC_SERVICE },
    { AI_ALL, LW_RESOLVE_ALL },
    { AI_ADDRCONFIG, LW_RESOLVE_CONFIGURED },
    { AI_V4MAPPED, LW_RESOLVE_MAPPED },
};

/* Those that speak of namespaces and encodings which are not here are allowed and change nothing. */
enum {
    AI_WITHOUT_EFFECT = AI_DNS_ONLY | AI_NON_AUTHORITATIVE | AI_SECURE | AI_RETURN_PREFERRED_NAMES | AI_FILESERVER |
                        AI_DISABLE_IDN_ENCODING,
    AI_KNOWN = AI_PASSIVE | AI_CANONNAME | AI_FQDN | AI_NUMERICHOST | AI_NUMERICSERV | AI_ALL | AI_ADDRCONFIG |
               AI_V4MAPPED | AI_WITHOUT_EFFECT,
};

/* 0, or the code that refuses the hints. */
static int check_hints(PCSTR node, const ADDRINFOA *hints)
{
    if (hints->ai_addrlen || hints->ai_canonname || hints->ai_addr || hints->ai_next) return WSANO_RECOVERY;
    if (hints->ai_flags & ~AI_KNOWN) return WSAEINVAL;
    if ((hints->ai_flags & AI_CANONNAME) && (hints->ai_flags & AI_FQDN)) return WSAEINVAL;
    if ((hints->ai_flags & (AI_CANONNAME | AI_FQDN)) && !node) return WSANO_RECOVERY;
    if (hints->ai_family != AF_UNSPEC && hints->ai_family != AF_INET && hints->ai_family != AF_INET6) {
        return WSAEAFNOSUPPORT;
    }
    if (hints->ai_socktype < 0 || hints->ai_socktype > SOCK_RAW) return WSAESOCKTNOSUPPORT;
    return 0;
}

static int look_up(PCSTR node, PCSTR service, const ADDRINFOA *hints, PADDRINFOA *ret)
{
    static const ADDRINFOA none;
    struct lw_resolve_hints wanted;
    struct lw_address_info *list;
    int error;

    if (!lw_started()) return WSANOTINITIALISED;
    if (!ret) return WSAEFAULT;
    *ret = NULL;
    if (!node && !service) return WSAHOST_NOT_FOUND;
    if (!hints) hints = &none;
    error = check_hints(node, hints);
    if (error) return error;

    wanted.flags = translate(resolve_flags, ARRAYSIZE(resolve_flags), hints->ai_flags);
    wanted.family = hints->ai_family;
    wanted.type = hints->ai_socktype;
    wanted.protocol = hints->ai_protocol;
    error = lw_resolve(node, service, &wanted, &list);
    if (!error) *ret = (PADDRINFOA)list;
    return error;
}

INT WSAAPI getaddrinfo(PCSTR pNodeName, PCSTR pServiceName, const ADDRINFOA *pHints, PADDRINFOA *ppResult)
{
    int error = look_up(pNodeName, pServiceName, pHints, ppResult);

    lw_set_error((DWORD)error);
    return error;
}

void WSAAPI freeaddrinfo(PADDRINFOA pAddrInfo)
{
    lw_resolve_free((struct lw_address_info *)pAddrInfo);
}

static const struct flag name_flags[] = {
    { NI_NOFQDN, LW_NAME_NO_DOMAIN },  { NI_NUMERICHOST, LW_NAME_NUMERIC_HOST },
    { NI_NAMEREQD, LW_NAME_REQUIRED }, { NI_NUMERICSERV, LW_NAME_NUMERIC_SERVICE },
    { NI_DGRAM, LW_NAME_DATAGRAM },
};

static int look_up_name(const SOCKADDR *name, int name_len, PCHAR host, DWORD host_size, PCHAR service,
                        DWORD service_size, INT flags)
{
    if (!lw_started()) return WSANOTINITIALISED;
    if (!name) return WSAEFAULT;
    if (!host && !service) return WSAHOST_NOT_FOUND;
    if ((host && host_size == 0) || (service && service_size == 0)) return WSAEINVAL;
    return lw_resolve_name(name, name_len, host, host_size, service, service_size,
                           translate(name_flags, ARRAYSIZE(name_flags), flags));
}

INT WSAAPI getnameinfo(const SOCKADDR *pSockaddr, socklen_t SockaddrLength, PCHAR pNodeBuffer, DWORD NodeBufferSize,
                       PCHAR pServiceBuffer, DWORD ServiceBufferSize, INT Flags)
{
    int error =
        look_up_name(pSockaddr, SockaddrLength, pNodeBuffer, NodeBufferSize, pServiceBuffer, ServiceBufferSize, Flags);

    lw_set_error((DWORD)error);
    return error;
}

char *WSAAPI gai_strerrorA(int ecode)
{
    static const struct {
        int code;
        const char *text;
    } texts[] = {
        { 0, "No error" },
        { EAI_AGAIN, "The name server does not answer for now" },
        { EAI_BADFLAGS, "A flag or a length is not valid" },
        { EAI_FAIL, "The look-up failed for good" },
        { EAI_FAMILY, "The address family is not supported" },
        { EAI_MEMORY, "Out of memory" },
        { EAI_NONAME, "No host of that name is known" },
        { EAI_SERVICE, "The service is not known for this socket type" },
        { EAI_SOCKTYPE, "The socket type is not supported" },
        { WSANO_DATA, "The host has no address of the family asked for" },
        { WSANOTINITIALISED, "WSAStartup has not been called" },
        { WSAEFAULT, "A pointer or a length is not valid" },
        { ERROR_INSUFFICIENT_BUFFER, "The buffer is too small" },
    };
    const char *text = "Unknown error";

    for (size_t i = 0; i < ARRAYSIZE(texts); i++) {
        if (texts[i].code == ecode) text = texts[i].text;
    }
    return (char *)text; /* not const on Windows either; nobody writes there */
}

int WSAAPI gethostname(char *name, size_t namelen)
{
    DWORD error = 0;

    if (!lw_started()) error = WSANOTINITIALISED;
    else if (!name || (int)namelen <= 0 || !lw_resolve_own_name(name, namelen)) error = WSAEFAULT;
    lw_set_error(error);
    return error ? SOCKET_ERROR : 0;
}
