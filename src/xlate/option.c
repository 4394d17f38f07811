/* SPDX-License-Identifier: MIT */
/*
 * option.c - socket options, by contract 70.
 *
 * Present are the options that Linux can honour with Windows' meaning and
 * those that the socket object answers.  An OWN row names its nearest Linux
 * option where the object needs one.  Absent on purpose: what the kernel
 * would take but mean otherwise (the order of members in ip_mreq_source, the
 * byte order of IPV6_UNICAST_IF, the error queue).
 */
#include "xlate/option.h"
#include "xlate/option-names.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <sys/socket.h>

/* Linux 4.18; older C libraries lack the name. */
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

#define OWN(level, name, get_size, zero)                    \
    {                                                       \
        level, name, LW_OPTION_OWN, 0, 0, get_size, zero, 0 \
    }
#define REFUSED(level, name, code)                       \
    {                                                    \
        level, name, LW_OPTION_REFUSED, 0, 0, 0, 0, code \
    }

static const struct lw_option socket_rows[] = {
    OWN(W_SOL_SOCKET, W_SO_DEBUG, 4, 0),
    OWN(W_SOL_SOCKET, W_SO_ACCEPTCONN, 4, 0),
    { W_SOL_SOCKET, W_SO_REUSEADDR, LW_OPTION_OWN, SOL_SOCKET, SO_REUSEADDR, 4, 1, 0 },
    { W_SOL_SOCKET, W_SO_EXCLUSIVEADDRUSE, LW_OPTION_OWN, SOL_SOCKET, SO_REUSEADDR, 4, 1, 0 },
    { W_SOL_SOCKET, W_SO_KEEPALIVE, LW_OPTION_BOOL, SOL_SOCKET, SO_KEEPALIVE, 1, 0, 0 },
    /* Windows remembers it and ignores it on IPv4; Linux would stop using gateways. */
    OWN(W_SOL_SOCKET, W_SO_DONTROUTE, 1, 0),
    { W_SOL_SOCKET, W_SO_BROADCAST, LW_OPTION_BOOL, SOL_SOCKET, SO_BROADCAST, 4, 1, 0 },
    REFUSED(W_SOL_SOCKET, W_SO_USELOOPBACK, WSAEINVAL),
    { W_SOL_SOCKET, W_SO_LINGER, LW_OPTION_LINGER, SOL_SOCKET, SO_LINGER, 0, 0, 0 },
    { W_SOL_SOCKET, W_SO_DONTLINGER, LW_OPTION_DONTLINGER, SOL_SOCKET, SO_LINGER, 4, 1, 0 },
    { W_SOL_SOCKET, W_SO_OOBINLINE, LW_OPTION_BOOL, SOL_SOCKET, SO_OOBINLINE, 4, 1, 0 },
    /* Linux doubles the sizes and has a least one; Windows reads back what was set. */
    { W_SOL_SOCKET, W_SO_SNDBUF, LW_OPTION_OWN, SOL_SOCKET, SO_SNDBUF, 4, 0, 0 },
    { W_SOL_SOCKET, W_SO_RCVBUF, LW_OPTION_OWN, SOL_SOCKET, SO_RCVBUF, 4, 0, 0 },
    REFUSED(W_SOL_SOCKET, W_SO_SNDLOWAT, WSAEINVAL),
    REFUSED(W_SOL_SOCKET, W_SO_RCVLOWAT, WSAEINVAL),
    OWN(W_SOL_SOCKET, W_SO_SNDTIMEO, 4, 0),
    OWN(W_SOL_SOCKET, W_SO_RCVTIMEO, 4, 0),
    OWN(W_SOL_SOCKET, W_SO_ERROR, 4, 0),
    OWN(W_SOL_SOCKET, W_SO_TYPE, 4, 0),
    OWN(W_SOL_SOCKET, W_SO_BSP_STATE, 0, 0),
    OWN(W_SOL_SOCKET, W_SO_MAX_MSG_SIZE, 4, 0),
    OWN(W_SOL_SOCKET, W_SO_PROTOCOL_INFOA, 0, 0),
    OWN(W_SOL_SOCKET, W_SO_PROTOCOL_INFOW, 0, 0),
    OWN(W_SOL_SOCKET, W_SO_OPENTYPE, 4, 0),
    OWN(W_SOL_SOCKET, W_SO_UPDATE_ACCEPT_CONTEXT, 0, 0),
    OWN(W_SOL_SOCKET, W_SO_CONNECT_TIME, 4, 0),
    OWN(W_SOL_SOCKET, W_SO_UPDATE_CONNECT_CONTEXT, 0, 1),
};

static const struct lw_option tcp_rows[] = {
    { W_IPPROTO_TCP, W_TCP_NODELAY, LW_OPTION_BOOL, IPPROTO_TCP, TCP_NODELAY, 1, 0, 0 },
    { W_IPPROTO_TCP, W_TCP_KEEPALIVE, LW_OPTION_INT, IPPROTO_TCP, TCP_KEEPIDLE, 4, 0, 0 },
    { W_IPPROTO_TCP, W_TCP_MAXSEG, LW_OPTION_INT, IPPROTO_TCP, TCP_MAXSEG, 4, 0, 0 },
    { W_IPPROTO_TCP, W_TCP_KEEPCNT, LW_OPTION_INT, IPPROTO_TCP, TCP_KEEPCNT, 4, 0, 0 },
    { W_IPPROTO_TCP, W_TCP_KEEPINTVL, LW_OPTION_INT, IPPROTO_TCP, TCP_KEEPINTVL, 4, 0, 0 },
};

static const struct lw_option udp_rows[] = {
    { W_IPPROTO_UDP, W_UDP_NOCHECKSUM, LW_OPTION_BOOL, SOL_SOCKET, SO_NO_CHECK, 4, 0, 0 },
    { W_IPPROTO_UDP, W_UDP_SEND_MSG_SIZE, LW_OPTION_INT, IPPROTO_UDP, UDP_SEGMENT, 4, 0, 0 },
};

static const struct lw_option ip_rows[] = {
    { W_IPPROTO_IP, W_IP_OPTIONS, LW_OPTION_RAW, IPPROTO_IP, IP_OPTIONS, 0, 0, 0 },
    REFUSED(W_IPPROTO_IP, W_IP_HDRINCL, WSAEINVAL),
    { W_IPPROTO_IP, W_IP_TOS, LW_OPTION_BYTE, IPPROTO_IP, IP_TOS, 4, 0, 0 },
    { W_IPPROTO_IP, W_IP_TTL, LW_OPTION_BYTE, IPPROTO_IP, IP_TTL, 4, 0, 0 },
    { W_IPPROTO_IP, W_IP_MULTICAST_IF, LW_OPTION_RAW, IPPROTO_IP, IP_MULTICAST_IF, 4, 0, 0 },
    { W_IPPROTO_IP, W_IP_MULTICAST_TTL, LW_OPTION_BYTE, IPPROTO_IP, IP_MULTICAST_TTL, 4, 0, 0 },
    { W_IPPROTO_IP, W_IP_MULTICAST_LOOP, LW_OPTION_BOOL, IPPROTO_IP, IP_MULTICAST_LOOP, 4, 0, 0 },
    { W_IPPROTO_IP, W_IP_ADD_MEMBERSHIP, LW_OPTION_RAW, IPPROTO_IP, IP_ADD_MEMBERSHIP, 0, 0, 0 },
    { W_IPPROTO_IP, W_IP_DROP_MEMBERSHIP, LW_OPTION_RAW, IPPROTO_IP, IP_DROP_MEMBERSHIP, 0, 0, 0 },
    /* Linux has one option with four values for what are a BOOL and an enumeration of other numbers on Windows. */
    { W_IPPROTO_IP, W_IP_DONTFRAGMENT, LW_OPTION_OWN, IPPROTO_IP, IP_MTU_DISCOVER, 4, 0, 0 },
    { W_IPPROTO_IP, W_IP_PKTINFO, LW_OPTION_INT, IPPROTO_IP, IP_PKTINFO, 4, 0, 0 },
    { W_IPPROTO_IP, W_IP_RECVTTL, LW_OPTION_INT, IPPROTO_IP, IP_RECVTTL, 4, 0, 0 },
    { W_IPPROTO_IP, W_IP_UNICAST_IF, LW_OPTION_INT, IPPROTO_IP, IP_UNICAST_IF, 4, 0, 0 },
    { W_IPPROTO_IP, W_IP_RECVTOS, LW_OPTION_INT, IPPROTO_IP, IP_RECVTOS, 4, 0, 0 },
    /* At this level the addresses inside are IPv4, which have the same bytes on both sides. */
    { W_IPPROTO_IP, W_MCAST_JOIN_GROUP, LW_OPTION_RAW, IPPROTO_IP, MCAST_JOIN_GROUP, 0, 0, 0 },
    { W_IPPROTO_IP, W_MCAST_LEAVE_GROUP, LW_OPTION_RAW, IPPROTO_IP, MCAST_LEAVE_GROUP, 0, 0, 0 },
    { W_IPPROTO_IP, W_MCAST_BLOCK_SOURCE, LW_OPTION_RAW, IPPROTO_IP, MCAST_BLOCK_SOURCE, 0, 0, 0 },
    { W_IPPROTO_IP, W_MCAST_UNBLOCK_SOURCE, LW_OPTION_RAW, IPPROTO_IP, MCAST_UNBLOCK_SOURCE, 0, 0, 0 },
    { W_IPPROTO_IP, W_MCAST_JOIN_SOURCE_GROUP, LW_OPTION_RAW, IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, 0, 0, 0 },
    { W_IPPROTO_IP, W_MCAST_LEAVE_SOURCE_GROUP, LW_OPTION_RAW, IPPROTO_IP, MCAST_LEAVE_SOURCE_GROUP, 0, 0, 0 },
    { W_IPPROTO_IP, W_IP_MTU_DISCOVER, LW_OPTION_OWN, IPPROTO_IP, IP_MTU_DISCOVER, 4, 0, 0 },
    { W_IPPROTO_IP, W_IP_MTU, LW_OPTION_INT, IPPROTO_IP, IP_MTU, 4, 0, 0 },
};

static const struct lw_option ipv6_rows[] = {
    { W_IPPROTO_IPV6, W_IPV6_UNICAST_HOPS, LW_OPTION_BYTE, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 4, 0, 0 },
    { W_IPPROTO_IPV6, W_IPV6_MULTICAST_IF, LW_OPTION_INT, IPPROTO_IPV6, IPV6_MULTICAST_IF, 4, 0, 0 },
    { W_IPPROTO_IPV6, W_IPV6_MULTICAST_HOPS, LW_OPTION_BYTE, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 4, 0, 0 },
    { W_IPPROTO_IPV6, W_IPV6_MULTICAST_LOOP, LW_OPTION_BOOL, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 4, 0, 0 },
    { W_IPPROTO_IPV6, W_IPV6_JOIN_GROUP, LW_OPTION_RAW, IPPROTO_IPV6, IPV6_JOIN_GROUP, 0, 0, 0 },
    { W_IPPROTO_IPV6, W_IPV6_LEAVE_GROUP, LW_OPTION_RAW, IPPROTO_IPV6, IPV6_LEAVE_GROUP, 0, 0, 0 },
    { W_IPPROTO_IPV6, W_IPV6_DONTFRAG, LW_OPTION_BOOL, IPPROTO_IPV6, IPV6_DONTFRAG, 4, 0, 0 },
    { W_IPPROTO_IPV6, W_IPV6_PKTINFO, LW_OPTION_INT, IPPROTO_IPV6, IPV6_RECVPKTINFO, 4, 0, 0 },
    { W_IPPROTO_IPV6, W_IPV6_HOPLIMIT, LW_OPTION_INT, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 4, 0, 0 },
    /* On by default, and settable on an IPv4 socket too: the object keeps it. */
    { W_IPPROTO_IPV6, W_IPV6_V6ONLY, LW_OPTION_OWN, IPPROTO_IPV6, IPV6_V6ONLY, 1, 0, 0 },
    { W_IPPROTO_IPV6, W_IPV6_RECVTCLASS, LW_OPTION_INT, IPPROTO_IPV6, IPV6_RECVTCLASS, 4, 0, 0 },
    { W_IPPROTO_IPV6, W_IPV6_MTU_DISCOVER, LW_OPTION_OWN, IPPROTO_IPV6, IPV6_MTU_DISCOVER, 4, 0, 0 },
    { W_IPPROTO_IPV6, W_IPV6_MTU, LW_OPTION_INT, IPPROTO_IPV6, IPV6_MTU, 4, 0, 0 },
};

struct level_rows {
    int level;
    const struct lw_option *rows;
    size_t count;
};

#define LEVEL(level, rows)                            \
    {                                                 \
        level, rows, sizeof(rows) / sizeof((rows)[0]) \
    }

static const struct level_rows levels[] = {
    LEVEL(W_SOL_SOCKET, socket_rows), LEVEL(W_IPPROTO_IP, ip_rows),     LEVEL(W_IPPROTO_TCP, tcp_rows),
    LEVEL(W_IPPROTO_UDP, udp_rows),   LEVEL(W_IPPROTO_IPV6, ipv6_rows),
};

static const struct level_rows *find_level(int level)
{
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (levels[i].level == level) return &levels[i];
    }
    return NULL;
}

const struct lw_option *lw_option_find(int level, int name, int *ret_error)
{
    const struct level_rows *found = find_level(level);

    if (!found) {
        *ret_error = WSAEINVAL;
        return NULL;
    }
    for (size_t i = 0; i < found->count; i++) {
        if (found->rows[i].name == name) return &found->rows[i];
    }
    *ret_error = WSAENOPROTOOPT;
    return NULL;
}
