/* SPDX-License-Identifier: MIT */
/*
 * sweep.h - runs scenarios in which every call to the system fails in turn.
 *
 * A scenario is a function over the public API that does one thing from begin
 * to end.  The driver runs it again and again: with the first call of a kind
 * failing, then the second, until it comes to its end without meeting the
 * fault; once only, and from that call on; for each kind and each errno.
 * After every run:
 *
 *   - each step has succeeded, or failed with a code that the fault explains;
 *   - each accepted request was notified once, each refused one never;
 *   - requests, handles and descriptors are what they were before;
 *   - nothing took longer than HANG_S, or the program ends with a dump.
 *
 * A scenario leaves by `return` when a step fails.  It cleans nothing up: its
 * sockets, handles and threads are given to the driver when they are made.
 */
#ifndef SWEEP_H
#define SWEEP_H

#include "fault.h"

#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The longest that one wait of a scenario, and one run, may take. */
enum { WAIT_MS = 8000, HANG_S = 20 };

struct scenario {
    const char *name;
    void (*run)(void);
};

#define SCENARIO(fn) \
    {                \
#fn, fn      \
    }

/* Calls of these kinds must have failed in one of the scenarios, with every errno of theirs. */
int sweep_main(const struct scenario *scenarios, int count, const enum fault_call *must_fail, int must_fail_count);

#define SWEEP_MAIN(scenarios, ...)                                                                 \
    int main(void)                                                                                 \
    {                                                                                              \
        static const enum fault_call must_fail[] = { __VA_ARGS__ };                                \
        return sweep_main(scenarios, (int)(sizeof(scenarios) / sizeof((scenarios)[0])), must_fail, \
                          (int)(sizeof(must_fail) / sizeof(must_fail[0])));                        \
    }

/* ---- steps ---- */

/* A call that may fail, with the last error set then; leaves the scenario. */
#define TRY(success)                                    \
    do {                                                \
        if (!sweep_step(!!(success), #success)) return; \
    } while (0)
/* The same in a helper, which returns 0. */
#define STEP(success)                                     \
    do {                                                  \
        if (!sweep_step(!!(success), #success)) return 0; \
    } while (0)
/* What must hold whatever failed. */
#define EXPECT(cond) sweep_expect(!!(cond), #cond, __FILE__, __LINE__)

/* Has there been a fault that makes calls fail, unlike an interruption? */
int sweep_may_fail(void);
int sweep_step(int success, const char *what);
int sweep_expect(int holds, const char *what, const char *file, int line);

/* ---- things that the driver cleans up: each returns what it was given ---- */

SOCKET own_socket(SOCKET s);
HANDLE own_handle(HANDLE h);
/* Runs act in a thread of its own after a moment.  When it returns 0, every socket of the run is closed, so that nobody waits for it. */
void do_later(int (*act)(void));

/* ---- sockets: 0 or INVALID_SOCKET when a step failed ---- */

SOCKET make_socket(int type);
SOCKET make_listener(struct sockaddr_in *addr);
SOCKET make_bound(int type, struct sockaddr_in *addr);
int make_pair(SOCKET s[2]);
/* A socket that is connected to the address. */
SOCKET make_client(const struct sockaddr_in *addr);

/* ---- requests ---- */

enum how { BY_EVENT, BY_ROUTINE, BY_HANDLE };
enum { DATA_MAX = 65536, BUFFERS_MAX = 8 };

struct request {
    WSAOVERLAPPED ov;
    SOCKET s;
    enum how how;
    int accepted;       /* notified once at the end */
    int refused;        /* never notified */
    int orphaned;       /* by routine, of a thread that ends before it could run */
    int told;           /* how often the routine ran */
    DWORD error, count; /* what it was told */
    SOCKADDR_STORAGE from;
    int from_len;
    DWORD flags;
    WSABUF bufs[BUFFERS_MAX];
    DWORD buf_count;
    char data[DATA_MAX];
};

/* A new request on s over `len` bytes in `buffers` pieces; NULL when a step failed. */
struct request *new_request(SOCKET s, enum how how, int len, int buffers);
/* Each issues it; 0 when it was refused. */
int start_recv(struct request *r, DWORD flags);
int start_send(struct request *r);
int start_recv_from(struct request *r);
int start_send_to(struct request *r, const struct sockaddr_in *to);
int start_accept(struct request *r, SOCKET accept_socket, DWORD data_len);
/* Waits for its notification; 0 when the wait failed. */
int await_notice(struct request *r);
/* Waits, and wants success; *count may be NULL. */
int await_success(struct request *r, DWORD *count);

/* ---- data: known by its position ---- */

void fill(char *data, int len, int at);
int matches(const char *data, int len, int at);
/* Blocking calls until `len` bytes are moved. */
int send_exactly(SOCKET s, const char *data, int len);
int recv_exactly(SOCKET s, char *data, int len);

#endif
