/* SPDX-License-Identifier: MIT */
/*
 * resolve.c - libc's resolver with Windows' results.
 *
 * Windows differs in four ways: each address comes once, with the socket type
 * and protocol of the hints; the empty node name and this machine's own name
 * stand for the addresses of its interfaces; an IPv6 address may be written in
 * brackets; an empty service is port 0.
 */
#include "sock/resolve.h"
#include "sys/sys.h"
#include "xlate/addr.h"
#include "xlate/status.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* One entry, in one piece of memory: a list that a program has cut and spliced can still be freed entry by entry. */
struct entry {
    struct lw_address_info info;
    unsigned char address[sizeof(struct sockaddr_in6)] __attribute__((aligned(8)));
    char canonical[];
};

/* A list under construction. */
struct list {
    struct lw_address_info *first;
    struct lw_address_info **end;
    const struct lw_resolve_hints *hints;
};

static int code_of(int eai)
{
    switch (eai) {
    case 0: return 0;
    case EAI_AGAIN: return WSATRY_AGAIN;
    case EAI_BADFLAGS: return WSAEINVAL;
    case EAI_FAMILY: return WSAEAFNOSUPPORT;
    case EAI_MEMORY: return WSA_NOT_ENOUGH_MEMORY;
    case EAI_NONAME: return WSAHOST_NOT_FOUND;
    case EAI_SERVICE: return WSATYPE_NOT_FOUND;
    case EAI_SOCKTYPE: return WSAESOCKTNOSUPPORT;
    case EAI_OVERFLOW: return ERROR_INSUFFICIENT_BUFFER;
    case EAI_SYSTEM: return errno == ENOMEM ? WSA_NOT_ENOUGH_MEMORY : lw_status_to_wsa(lw_status_of_call(errno));
#ifdef EAI_NODATA
    case EAI_NODATA: return WSANO_DATA;
#endif
#ifdef EAI_ADDRFAMILY
    case EAI_ADDRFAMILY: return WSAHOST_NOT_FOUND; /* an address, but of the other family */
#endif
    default: return WSANO_RECOVERY;
    }
}

void lw_resolve_free(struct lw_address_info *list)
{
    while (list) {
        struct lw_address_info *next = list->next;

        lw_free(LW_CONTAINER_OF(list, struct entry, info));
        list = next;
    }
}

/* False: out of memory.  An address of a family that Windows lacks is left out. */
static bool append(struct list *list, const struct sockaddr *address, socklen_t address_len, const char *canonical)
{
    size_t name_size = canonical ? strlen(canonical) + 1 : 0;
    struct entry *e = lw_zalloc(sizeof(*e) + name_size);

    if (!e) return false;
    e->info.address_len = (size_t)lw_addr_from_linux(address, address_len, e->address, (int)sizeof(e->address));
    if (e->info.address_len == 0 || e->info.address_len > sizeof(e->address)) {
        lw_free(e);
        return true;
    }
    e->info.family = lw_af_from_linux(address->sa_family);
    e->info.type = list->hints->type;
    e->info.protocol = list->hints->protocol;
    e->info.address = e->address;
    if (canonical) e->info.canonical = memcpy(e->canonical, canonical, name_size);
    *list->end = &e->info;
    list->end = &e->info.next;
    return true;
}

static int finish(struct list *list, int code, struct lw_address_info **ret_list)
{
    if (code == 0 && !list->first) code = WSAHOST_NOT_FOUND;
    if (code) lw_resolve_free(list->first);
    else *ret_list = list->first;
    return code;
}

static int linux_flags(unsigned flags)
{
    int ret = 0;

    if (flags & LW_RESOLVE_PASSIVE) ret |= AI_PASSIVE;
    if (flags & LW_RESOLVE_CANONICAL) ret |= AI_CANONNAME;
    if (flags & LW_RESOLVE_NUMERIC_NODE) ret |= AI_NUMERICHOST;
    if (flags & LW_RESOLVE_NUMERIC_SERVICE) ret |= AI_NUMERICSERV;
    if (flags & LW_RESOLVE_ALL) ret |= AI_ALL;
    if (flags & LW_RESOLVE_CONFIGURED) ret |= AI_ADDRCONFIG;
    if (flags & LW_RESOLVE_MAPPED) ret |= AI_V4MAPPED;
    return ret;
}

/*
 * Asks libc for one socket type, so that each address comes once; a service
 * that the type does not have is looked for under the other one when the
 * caller leaves the type open.
 */
static int look_up(const char *node, const char *service, const struct lw_resolve_hints *hints, int family,
                   struct addrinfo **ret)
{
    bool datagram = hints->type == SOCK_DGRAM || (hints->type == 0 && hints->protocol == IPPROTO_UDP);
    struct addrinfo wanted = {
        .ai_flags = linux_flags(hints->flags),
        .ai_family = family,
        .ai_socktype = datagram ? SOCK_DGRAM : SOCK_STREAM,
    };
    int eai = getaddrinfo(node, service, &wanted, ret);

    if (eai == EAI_SERVICE && hints->type == 0 && hints->protocol == 0) {
        wanted.ai_socktype = SOCK_DGRAM;
        eai = getaddrinfo(node, service, &wanted, ret);
    }
    return code_of(eai);
}

static int resolve_elsewhere(const char *node, const char *service, const struct lw_resolve_hints *hints,
                             struct lw_address_info **ret_list)
{
    struct list list = { .end = &list.first, .hints = hints };
    struct addrinfo *found;
    int code = look_up(node, service, hints, lw_af_to_linux(hints->family), &found);

    if (code) return code;
    for (const struct addrinfo *a = found; a && !code; a = a->ai_next) {
        if (!append(&list, a->ai_addr, a->ai_addrlen, a->ai_canonname)) code = WSA_NOT_ENOUGH_MEMORY;
    }
    freeaddrinfo(found);
    return finish(&list, code, ret_list);
}

/* The addresses of this machine come in this order: what reaches farthest first. */
enum reach { REACH_FAR, REACH_LINK, REACH_SELF, REACH_END };

static int reach_of(const struct ifaddrs *a, int family)
{
    if (!a->ifa_addr || !(a->ifa_flags & IFF_UP)) return -1;
    if (a->ifa_addr->sa_family != AF_INET && a->ifa_addr->sa_family != AF_INET6) return -1;
    if (family != AF_UNSPEC && a->ifa_addr->sa_family != family) return -1;
    if (a->ifa_flags & IFF_LOOPBACK) return REACH_SELF;
    if (a->ifa_addr->sa_family == AF_INET6 &&
        IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)(const void *)a->ifa_addr)->sin6_addr)) {
        return REACH_LINK;
    }
    return REACH_FAR;
}

static bool append_with_port(struct list *list, const struct sockaddr *address, in_port_t port, const char *canonical)
{
    struct sockaddr_storage copy = { 0 };
    socklen_t len = address->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);

    memcpy(&copy, address, len);
    if (address->sa_family == AF_INET) ((struct sockaddr_in *)&copy)->sin_port = port;
    else ((struct sockaddr_in6 *)&copy)->sin6_port = port;
    return append(list, (struct sockaddr *)&copy, len, canonical);
}

/* The loopback interface counts only where there is nothing else. */
static int append_interfaces(struct list *list, in_port_t port, const char *canonical)
{
    int family = lw_af_to_linux(list->hints->family);
    struct ifaddrs *all;

    if (getifaddrs(&all)) return code_of(EAI_SYSTEM);
    for (int reach = REACH_FAR; reach < REACH_END; reach++) {
        if (reach == REACH_SELF && list->first) break;
        for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
            if (reach_of(a, family) != reach) continue;
            if (!append_with_port(list, a->ifa_addr, port, list->first ? NULL : canonical)) {
                freeifaddrs(all);
                return WSA_NOT_ENOUGH_MEMORY;
            }
        }
    }
    freeifaddrs(all);
    return 0;
}

static int resolve_here(const char *own_name, const char *service, const struct lw_resolve_hints *hints,
                        struct lw_address_info **ret_list)
{
    struct lw_resolve_hints port_hints = *hints;
    struct list list = { .end = &list.first, .hints = hints };
    struct addrinfo *found = NULL;
    in_port_t port = 0;
    int code = 0;

    /* libc checks the service and knows its port; any address will do for that. */
    port_hints.flags &= LW_RESOLVE_NUMERIC_SERVICE;
    if (service) code = look_up("127.0.0.1", service, &port_hints, AF_INET, &found);
    if (code) return code;
    if (found) port = ((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_port;
    if (found) freeaddrinfo(found);
    code = append_interfaces(&list, port, hints->flags & LW_RESOLVE_CANONICAL ? own_name : NULL);
    return finish(&list, code, ret_list);
}

/* Linux cuts a port number beyond 65535 to its low bits. */
static bool is_wild_number(const char *service)
{
    char *end;
    unsigned long port = strtoul(service, &end, 10);

    return end != service && *end == '\0' && (port > USHRT_MAX || strchr(service, '-'));
}

/* "[address]" and "[address]:port", the port ignored as on Windows: the address alone in buf. */
static const char *without_brackets(const char *node, char *buf, size_t size)
{
    const char *end = node && node[0] == '[' ? strchr(node, ']') : NULL;

    if (!end || (size_t)(end - node) > size || (end[1] != '\0' && end[1] != ':')) return node;
    memcpy(buf, node + 1, (size_t)(end - node - 1));
    buf[end - node - 1] = '\0';
    return strchr(buf, ':') ? buf : node;
}

static bool is_own_name(const char *node, const char *own_name)
{
    return node[0] == '\0' || strcasecmp(node, own_name) == 0 || strcasecmp(node, "..localmachine") == 0;
}

int lw_resolve(const char *node, const char *service, const struct lw_resolve_hints *hints,
               struct lw_address_info **ret_list)
{
    char own_name[NI_MAXHOST], bare[INET6_ADDRSTRLEN + IF_NAMESIZE];

    if (service && service[0] == '\0') service = "0";
    if (service && is_wild_number(service)) return WSATYPE_NOT_FOUND;
    node = without_brackets(node, bare, sizeof(bare));
    /* "localhost" is the name of a machine that has no other; its address is loopback nevertheless. */
    if (node && !(hints->flags & LW_RESOLVE_NUMERIC_NODE) && strcasecmp(node, "localhost") != 0 &&
        lw_resolve_own_name(own_name, sizeof(own_name)) && is_own_name(node, own_name)) {
        return resolve_here(own_name, service, hints, ret_list);
    }
    return resolve_elsewhere(node, service, hints, ret_list);
}

int lw_resolve_name(const void *name, int name_len, char *host, size_t host_size, char *service, size_t service_size,
                    unsigned flags)
{
    struct sockaddr_storage address;
    unsigned short family;
    socklen_t len;
    int linux_flags = 0;

    if (!name || name_len < (int)sizeof(family)) return WSAEFAULT;
    memcpy(&family, name, sizeof(family));
    if (family != W_AF_INET && family != W_AF_INET6) return WSAEAFNOSUPPORT;
    if (name_len < lw_addr_size(family) || !lw_ok(lw_addr_to_linux(name, name_len, family, &address, &len))) {
        return WSAEFAULT;
    }
    if (flags & LW_NAME_NUMERIC_HOST) linux_flags |= NI_NUMERICHOST;
    if (flags & LW_NAME_NUMERIC_SERVICE) linux_flags |= NI_NUMERICSERV;
    if (flags & LW_NAME_REQUIRED) linux_flags |= NI_NAMEREQD;
    if (flags & LW_NAME_NO_DOMAIN) linux_flags |= NI_NOFQDN;
    if (flags & LW_NAME_DATAGRAM) linux_flags |= NI_DGRAM;
    return code_of(getnameinfo((struct sockaddr *)&address, len, host, (socklen_t)host_size, service,
                               (socklen_t)service_size, linux_flags));
}

bool lw_resolve_own_name(char *name, size_t size)
{
    char whole[HOST_NAME_MAX + 1];

    if (gethostname(whole, sizeof(whole))) return false;
    whole[HOST_NAME_MAX] = '\0';
    if (strlen(whole) >= size) return false;
    memcpy(name, whole, strlen(whole) + 1);
    return true;
}

bool lw_address_from_text(int family, const char *text, void *ret_address)
{
    return inet_pton(lw_af_to_linux(family), text, ret_address) == 1;
}

bool lw_address_to_text(int family, const void *address, char *ret_text, size_t size)
{
    /* A larger buffer is of no use, and its size may not fit the type. */
    if (size > INET6_ADDRSTRLEN) size = INET6_ADDRSTRLEN;
    return inet_ntop(lw_af_to_linux(family), address, ret_text, (socklen_t)size) != NULL;
}
