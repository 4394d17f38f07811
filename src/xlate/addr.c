/* SPDX-License-Identifier: MIT */
/*
 * addr.c - address families and socket addresses.
 *
 * The members of sockaddr_in, sockaddr_in6 and sockaddr_un lie alike on both
 * systems; what differs is the number of AF_INET6 and the shorter
 * sockaddr_in6 of old programs.
 */
#include "xlate/addr.h"
#include "xlate/status.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

struct family_row {
    int windows;
    int linux_family;
    int size;     /* of the Windows address */
    int size_min; /* shortest that is accepted */
};

static const struct family_row family_rows[] = {
    { W_AF_INET, AF_INET, sizeof(struct sockaddr_in), sizeof(struct sockaddr_in) },
    /* Without the scope id, as before Windows XP. */
    { W_AF_INET6, AF_INET6, sizeof(struct sockaddr_in6), offsetof(struct sockaddr_in6, sin6_scope_id) },
    { W_AF_UNIX, AF_UNIX, sizeof(struct sockaddr_un), offsetof(struct sockaddr_un, sun_path) },
};

_Static_assert(sizeof(struct sockaddr_in) == 16 && sizeof(struct sockaddr_in6) == 28 &&
                   offsetof(struct sockaddr_in6, sin6_scope_id) == 24 && sizeof(struct sockaddr_un) == 110,
               "Windows' sizes");

static const struct family_row *find_windows(int family)
{
    for (size_t i = 0; i < sizeof(family_rows) / sizeof(family_rows[0]); i++) {
        if (family_rows[i].windows == family) return &family_rows[i];
    }
    return NULL;
}

static const struct family_row *find_linux(int family)
{
    for (size_t i = 0; i < sizeof(family_rows) / sizeof(family_rows[0]); i++) {
        if (family_rows[i].linux_family == family) return &family_rows[i];
    }
    return NULL;
}

int lw_af_to_linux(int family)
{
    const struct family_row *row = find_windows(family);

    if (family == W_AF_UNSPEC) return AF_UNSPEC;
    return row ? row->linux_family : -1;
}

int lw_af_from_linux(int family)
{
    const struct family_row *row = find_linux(family);

    if (family == AF_UNSPEC) return W_AF_UNSPEC;
    return row ? row->windows : -1;
}

int lw_addr_size(int family)
{
    const struct family_row *row = find_windows(family);

    return row ? row->size : 0;
}

NTSTATUS lw_addr_to_linux(const void *name, int name_len, int family, struct sockaddr_storage *ret, socklen_t *ret_len)
{
    const struct family_row *row = find_windows(family);
    unsigned short name_family;

    if (!row) return LW_STATUS_WSA(WSAEAFNOSUPPORT);
    /* The length comes first: sixteen bytes for an IPv6 socket are too short whatever family they name. */
    if (!name || name_len < row->size_min) return STATUS_ACCESS_VIOLATION;
    memcpy(&name_family, name, sizeof(name_family));
    if (name_family != family) return LW_STATUS_WSA(WSAEAFNOSUPPORT);

    memset(ret, 0, sizeof(*ret));
    memcpy(ret, name, (size_t)(name_len < row->size ? name_len : row->size));
    ret->ss_family = (sa_family_t)row->linux_family;
    /* A Unix address is as long as its caller says: the length is part of an abstract name. */
    if (row->linux_family == AF_UNIX && name_len < row->size) *ret_len = (socklen_t)name_len;
    else *ret_len = (socklen_t)row->size;
    return STATUS_SUCCESS;
}

int lw_addr_from_linux(const struct sockaddr *name, socklen_t name_len, void *out, int out_len)
{
    const struct family_row *row;
    struct sockaddr_storage copy = { 0 };
    unsigned short family;

    if (!name || name_len < offsetof(struct sockaddr, sa_data)) return 0;
    row = find_linux(name->sa_family);
    if (!row) return 0;
    memcpy(&copy, name, name_len < (socklen_t)row->size ? name_len : (socklen_t)row->size);
    family = (unsigned short)row->windows;
    memcpy(&copy, &family, sizeof(family));
    if (out && out_len > 0) memcpy(out, &copy, (size_t)(out_len < row->size ? out_len : row->size));
    return row->size;
}

bool lw_addr_is_destination(const struct sockaddr_storage *name, bool has_port)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)name;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)name;

    if (has_port && v4->sin_port == 0) return false; /* at the same place in both families */
    return name->ss_family == AF_INET ? v4->sin_addr.s_addr != INADDR_ANY : !IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
}
