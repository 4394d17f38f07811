/* SPDX-License-Identifier: MIT */
/*
 * hosts.c - gethostbyname, gethostbyaddr.
 *
 * IPv4 names only, as on Windows.  The answer is one piece of memory that
 * belongs to the thread: its next call replaces it, the end of the thread
 * frees it.
 */
#include <ws2tcpip.h>

#include "api/error.h"
#include "api/startup.h"
#include "sock/resolve.h"
#include "sys/env.h"

#include <pthread.h>

enum { NAME_SIZE = NI_MAXHOST };

struct answer {
    struct hostent host;
    char *no_aliases[1];
    char name[NAME_SIZE];
    char *addresses[]; /* ended by NULL; the bytes of the addresses follow */
};

static __thread struct answer *the_answer;
static pthread_key_t end_key;
static pthread_once_t end_key_once = PTHREAD_ONCE_INIT;
static bool end_key_made;

static void end_destructor(void *answer)
{
    the_answer = NULL;
    lw_free(answer);
}

static void make_end_key(void)
{
    end_key_made = pthread_key_create(&end_key, end_destructor) == 0;
}

/* The thread's answer anew, with room for the addresses; NULL: out of memory. */
static struct answer *new_answer(const char *name, int family, size_t count, size_t address_size)
{
    struct answer *a = lw_zalloc(sizeof(*a) + (count + 1) * sizeof(char *) + count * address_size);
    char *bytes;

    pthread_once(&end_key_once, make_end_key);
    if (!a || !end_key_made || pthread_setspecific(end_key, a)) {
        lw_free(a);
        return NULL;
    }
    lw_free(the_answer);
    the_answer = a;
    strncpy(a->name, name, NAME_SIZE - 1);
    bytes = (char *)(a->addresses + count + 1);
    for (size_t i = 0; i < count; i++) a->addresses[i] = bytes + i * address_size;
    a->host.h_name = a->name;
    a->host.h_aliases = a->no_aliases;
    a->host.h_addrtype = (short)family;
    a->host.h_length = (short)address_size;
    a->host.h_addr_list = a->addresses;
    return a;
}

static int answer_with(const char *name, const struct lw_address_info *list, struct hostent **ret)
{
    struct answer *a;
    size_t count = 0;

    if (!list) return WSANO_DATA;
    for (const struct lw_address_info *i = list; i; i = i->next) count++;
    a = new_answer(list->canonical ? list->canonical : name, AF_INET, count, sizeof(IN_ADDR));
    if (!a) return WSAENOBUFS;
    for (size_t i = 0; i < count; i++, list = list->next) {
        memcpy(a->addresses[i], &((const struct sockaddr_in *)list->address)->sin_addr, sizeof(IN_ADDR));
    }
    *ret = &a->host;
    return 0;
}

/* What is left of the resolver's codes in the reference's list for these two functions. */
static int code_for_hosts(int code)
{
    if (code == WSA_NOT_ENOUGH_MEMORY) return WSAENOBUFS;
    return code == WSATYPE_NOT_FOUND ? WSAHOST_NOT_FOUND : code;
}

static int by_name(const char *name, struct hostent **ret)
{
    const struct lw_resolve_hints hints = { .flags = LW_RESOLVE_CANONICAL, .family = AF_INET };
    struct lw_address_info *list;
    IN6_ADDR six;
    int code;

    if (!lw_started()) return WSANOTINITIALISED;
    if (!name) name = "";
    if (lw_address_from_text(AF_INET6, name, &six)) return WSANO_DATA; /* exists, and has no IPv4 address */
    code = lw_resolve(name, NULL, &hints, &list);
    if (code) return code_for_hosts(code);
    code = answer_with(name, list, ret);
    lw_resolve_free(list);
    return code;
}

struct hostent *WSAAPI gethostbyname(const char *name)
{
    struct hostent *host = NULL;

    lw_set_error((DWORD)by_name(name, &host));
    return host;
}

/* The address as a sockaddr that the resolver takes; its length, or 0 for a length that is not the family's. */
static int sockaddr_of(const char *address, int len, int family, SOCKADDR_INET *ret_name)
{
    memset(ret_name, 0, sizeof(*ret_name));
    ret_name->si_family = (ADDRESS_FAMILY)family;
    if (family == AF_INET && len == (int)sizeof(IN_ADDR)) {
        memcpy(&ret_name->Ipv4.sin_addr, address, sizeof(IN_ADDR));
        return sizeof(ret_name->Ipv4);
    }
    if (family == AF_INET6 && len == (int)sizeof(IN6_ADDR)) {
        memcpy(&ret_name->Ipv6.sin6_addr, address, sizeof(IN6_ADDR));
        return sizeof(ret_name->Ipv6);
    }
    return 0;
}

static int by_address(const char *address, int len, int family, struct hostent **ret)
{
    char name[NAME_SIZE];
    SOCKADDR_INET from;
    struct answer *a;
    int code, from_len;

    if (!lw_started()) return WSANOTINITIALISED;
    if (!address) return WSAEFAULT;
    if (family != AF_INET && family != AF_INET6) return WSAEAFNOSUPPORT;
    from_len = sockaddr_of(address, len, family, &from);
    if (!from_len) return WSAEFAULT;
    code = lw_resolve_name(&from, from_len, name, sizeof(name), NULL, 0, LW_NAME_REQUIRED);
    if (code == WSAHOST_NOT_FOUND) code = WSANO_DATA; /* an address is always a valid name: it has no record */
    if (code) return code_for_hosts(code);
    a = new_answer(name, family, 1, (size_t)len);
    if (!a) return WSAENOBUFS;
    memcpy(a->addresses[0], address, (size_t)len);
    *ret = &a->host;
    return 0;
}

struct hostent *WSAAPI gethostbyaddr(const char *addr, int len, int type)
{
    struct hostent *host = NULL;

    lw_set_error((DWORD)by_address(addr, len, type, &host));
    return host;
}
