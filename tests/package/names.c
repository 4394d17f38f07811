/* SPDX-License-Identifier: MIT */
/*
 * names.c - the headers leave a program's own names alone.
 *
 * Members called like socket functions, and functions called like those of
 * <unistd.h>, which the headers must not bring.  tests/package/headers.sh also
 * looks at the symbols of the object file.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>
#include <process.h>

/* A macro of that name would change what is spelled here. */
#define SPELLED(name) SPELLED_(name)
#define SPELLED_(name) #name
#define KEEPS(name) _Static_assert(sizeof SPELLED(name) == sizeof #name, #name " is not a macro")

KEEPS(socket);
KEEPS(bind);
KEEPS(listen);
KEEPS(accept);
KEEPS(connect);
KEEPS(close);
KEEPS(shutdown);
KEEPS(send);
KEEPS(recv);
KEEPS(sendto);
KEEPS(recvfrom);
KEEPS(read);
KEEPS(write);
KEEPS(getsockopt);
KEEPS(setsockopt);
KEEPS(getaddrinfo);
KEEPS(inet_addr);
KEEPS(htons);
KEEPS(s_addr);
KEEPS(s6_addr);
KEEPS(interface);
KEEPS(near);
KEEPS(far);
KEEPS(small);
KEEPS(u_short);
KEEPS(timeval);
KEEPS(WSARecv);

struct session {
    SOCKET socket;
    int (*send)(struct session *);
    int (*recv)(struct session *);
    int (*bind)(struct session *);
    int (*listen)(struct session *);
    int (*accept)(struct session *);
    int (*connect)(struct session *);
    int (*shutdown)(struct session *);
    int (*close)(struct session *);
    int (*select)(struct session *); /* spelled otherwise by a macro; a member has no symbol */
};

/* <unistd.h>'s, with types of the program's own. */
int pause(struct session *s);
static void link(struct session *s, struct session *next);
static struct session *pipe(struct session *s);
static double alarm(double seconds);
static int dup, sync, access, nice, sleep;

int pause(struct session *s)
{
    return s->send(s) + s->recv(s) + s->bind(s) + s->listen(s) + s->accept(s) + s->connect(s) + s->shutdown(s) +
           s->close(s) + s->select(s);
}

static void link(struct session *s, struct session *next)
{
    s->socket = next->socket;
}

static struct session *pipe(struct session *s)
{
    return s;
}

static double alarm(double seconds)
{
    return seconds;
}

/* The functions behind the names are ours: headers.sh looks for lw_send and the others. */
int send_to_all(SOCKET s, struct session *first)
{
    struct sockaddr_in to = { 0 };
    char byte = 0;
    fd_set set;

    FD_ZERO(&set);
    FD_SET(s, &set);
    link(first, pipe(first));
    if (select(0, &set, NULL, NULL, NULL) != 1 || connect(s, (struct sockaddr *)&to, sizeof to)) return -1;
    if (bind(s, (struct sockaddr *)&to, sizeof to) || listen(s, 1) || accept(s, NULL, NULL) == INVALID_SOCKET)
        return -1;
    if (gethostname(&byte, 1)) return -1;
    dup = sync = access = nice = sleep = (int)alarm(1.0);
    return send(s, &byte, 1, 0) + recv(s, &byte, 1, 0) + shutdown(s, SD_BOTH) + dup + sync + access + nice + sleep;
}
