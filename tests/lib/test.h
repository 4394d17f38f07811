/* SPDX-License-Identifier: MIT */
/*
 * test.h - what a conformance test is written with.
 *
 * A test program is one Windows source file over the public API.  It lists
 * its cases in one table and ends with TEST_MAIN:
 *
 *     static void auto_reset_is_consumed(void) { ... CHECK(...); ... }
 *
 *     static const struct test_case cases[] = {
 *         TEST(auto_reset_is_consumed, "10 WSAWaitForMultipleEvents [doc; obs]"),
 *         TEST_WINE_DIFFERS(x, "40 ...", "Wine 8 returns WSAEINVAL"),
 *     };
 *     TEST_MAIN(cases)
 *
 * The rule names the contract file and section, or the reference page.  The
 * same file is compiled against Lapwing and, with MinGW-w64, for Wine; output
 * is TAP.  Winsock 2.2 is started before the first case, and every case must
 * give back all that it took: a leak watch closes each program.
 *
 * No case sleeps to wait for something: each wait has DEADLINE_MS.
 */
#ifndef TEST_H
#define TEST_H

#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longest time that any one wait of a test may take, in milliseconds. */
#define DEADLINE_MS 10000

/* A time that is long enough to see that something does not happen. */
#define QUIET_MS 50

struct test_case {
    const char *name;
    void (*run)(void);
    const char *rule;         /* contract file and section, or reference page */
    const char *wine_differs; /* why Wine fails this case; NULL: it passes */
    int not_on_wine;          /* the case would hang or crash Wine: not run there */
};

#define TEST(fn, rule) { #fn, fn, rule, NULL, 0 }
/* Fails under Wine for the given reason; a pass there is reported as an error, so that the mark goes. */
#define TEST_WINE_DIFFERS(fn, rule, why) { #fn, fn, rule, why, 0 }
/* Passes or fails under Wine depending on timing, or would hang it, or Wine has no such function: skipped there. */
#define TEST_NOT_ON_WINE(fn, rule, why) { #fn, fn, rule, why, 1 }

/* Records a failure and goes on. */
#define CHECK(cond) test_check(!!(cond), __FILE__, __LINE__, #cond)
/* The same for two integers, printing both when they differ. */
#define CHECK_EQ(got, want) test_check_eq((long long)(got), (long long)(want), __FILE__, __LINE__, #got " == " #want)
/* Records a failure and leaves the case (use in the case's own function only). */
#define REQUIRE(cond)             \
    do {                          \
        if (!CHECK(cond)) return; \
    } while (0)

int test_check(int ok, const char *file, int line, const char *what);
int test_check_eq(long long got, long long want, const char *file, int line, const char *what);
/* Marks the running case as skipped, with the reason; the case returns after it. */
void test_skip(const char *why);
/* Prints a TAP comment. */
void test_note(const char *format, ...);
int test_main(const struct test_case *cases, int count);

#define TEST_MAIN(cases)                                                    \
    int main(void)                                                          \
    {                                                                       \
        return test_main(cases, (int)(sizeof(cases) / sizeof((cases)[0]))); \
    }

/* ---- net.c: sockets on the loopback interface; each fails the case and returns 0 if it cannot ---- */

/* A listening TCP socket (overlapped) on 127.0.0.1, its address in *addr. */
SOCKET test_listener(struct sockaddr_in *addr);
/* A new overlapped TCP socket; the same bound to 127.0.0.1:0; a bound UDP socket and its address. */
SOCKET test_tcp(void);
SOCKET test_tcp_bound(void);
SOCKET test_udp(struct sockaddr_in *addr);
/* Two connected TCP sockets (overlapped, Nagle off). */
int test_pair(SOCKET s[2]);
/* Sends or receives exactly len bytes with blocking calls. */
int test_send_all(SOCKET s, const void *data, int len);
int test_recv_all(SOCKET s, void *data, int len);
/* Closes s so that its peer sees a reset. */
void test_reset(SOCKET s);
/* Waits for the request's event (or the socket when hEvent is 0) and returns the WSA error of the result: 0 when it succeeded. */
int test_result(SOCKET s, WSAOVERLAPPED *ov, DWORD *count);
/* The extension function behind the GUID, or NULL. */
void *test_extension(SOCKET s, GUID guid);
/* A WSAOVERLAPPED with all zero but a new manual-reset event. */
void test_overlapped(WSAOVERLAPPED *ov);

/* ---- thread.c: threads, waits, the clock ---- */

/* A new thread; waiting for its end and closing the handle, which gives its exit code (a late thread fails the case). */
HANDLE test_thread(LPTHREAD_START_ROUTINE start, void *arg);
DWORD test_join(HANDLE thread);
/* A new unnamed event. */
HANDLE test_event(BOOL manual_reset, BOOL set);
/* Whether the object is signalled now.  Consumes what a wait consumes. */
int test_signalled(HANDLE h);
/* The handle with its two low bits, which no function may look at, set to tag. */
HANDLE test_tagged(HANDLE h, int tag);

/* A variable that other threads change with Interlocked functions or test_write. */
LONG test_read(volatile LONG *value);
void test_write(volatile LONG *value, LONG to);

/* QueryPerformanceCounter now, and whether at least ms milliseconds have gone since: time-outs are never early. */
LONGLONG test_ticks(void);
int test_elapsed(LONGLONG since, DWORD ms);

/* The three functions that wait for several objects, to be gone through from 0 to TEST_WAITS - 1; none is alertable. */
enum { TEST_WAITS = 3 };
DWORD test_wait(int which, DWORD count, const HANDLE *handles, BOOL all, DWORD ms);
const char *test_wait_name(int which);

/* Every form of alertable wait for one object, from 0 to TEST_ALERTABLES - 1. */
enum { TEST_ALERTABLES = 6 };
DWORD test_alertable(int which, HANDLE h, DWORD ms, BOOL alertable);
const char *test_alertable_name(int which);

/* ---- leak.c ---- */
void test_leak_begin(void);
int test_leak_end(void);

#endif
