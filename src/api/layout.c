/* SPDX-License-Identifier: MIT */
/* layout.c - what the rooms below api/ believe of the public headers is true. */
#include "sock/sock.h"
#include "wait/wait.h"
#include "xlate/option-names.h"

#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>

#define SAME(internal, public) _Static_assert((int)(internal) == (int)(public), #internal)

SAME(W_AF_INET, AF_INET);
SAME(W_AF_INET6, AF_INET6);
SAME(W_SOL_SOCKET, SOL_SOCKET);
SAME(W_MSG_OOB, MSG_OOB);
SAME(W_MSG_PEEK, MSG_PEEK);
SAME(W_MSG_DONTROUTE, MSG_DONTROUTE);
SAME(W_MSG_WAITALL, MSG_WAITALL);
SAME(W_MSG_PUSH_IMMEDIATE, MSG_PUSH_IMMEDIATE);
SAME(W_MSG_TRUNC, MSG_TRUNC);
SAME(W_MSG_CTRUNC, MSG_CTRUNC);
SAME(W_MSG_PARTIAL, MSG_PARTIAL);
SAME(W_SD_RECEIVE, SD_RECEIVE);
SAME(W_SD_SEND, SD_SEND);
SAME(W_SD_BOTH, SD_BOTH);
SAME(W_SO_REUSEADDR, SO_REUSEADDR);
SAME(W_SO_EXCLUSIVEADDRUSE, SO_EXCLUSIVEADDRUSE);
SAME(W_SO_LINGER, SO_LINGER);
SAME(W_SO_SNDBUF, SO_SNDBUF);
SAME(W_SO_RCVTIMEO, SO_RCVTIMEO);
SAME(W_SO_UPDATE_ACCEPT_CONTEXT, SO_UPDATE_ACCEPT_CONTEXT);
SAME(W_SO_CONNECT_TIME, SO_CONNECT_TIME);
SAME(W_IPV6_V6ONLY, IPV6_V6ONLY);
SAME(LW_WAIT_MAX, MAXIMUM_WAIT_OBJECTS);

SAME(sizeof(struct lw_wsabuf), sizeof(WSABUF));
SAME(offsetof(struct lw_wsabuf, len), offsetof(WSABUF, len));
SAME(offsetof(struct lw_wsabuf, buf), offsetof(WSABUF, buf));
SAME(sizeof(lw_socket_t), sizeof(SOCKET));
SAME(sizeof(uint16_t), sizeof(WCHAR));
SAME(sizeof(OVERLAPPED), sizeof(WSAOVERLAPPED));
