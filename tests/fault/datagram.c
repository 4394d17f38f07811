/* SPDX-License-Identifier: MIT */
/* datagram.c - every failure while datagrams are sent and received. */
#include "sweep.h"

enum { SIZE = 100 };

static struct sockaddr_in here, there;
static SOCKET near_end, far_end;
static char received[SIZE];

static int make_ends(void)
{
    near_end = make_bound(SOCK_DGRAM, &here);
    if (near_end == INVALID_SOCKET) return 0;
    far_end = make_bound(SOCK_DGRAM, &there);
    return far_end != INVALID_SOCKET;
}

static int send_one(void)
{
    char data[SIZE];

    fill(data, SIZE, 0);
    STEP(sendto(near_end, data, SIZE, 0, (struct sockaddr *)&there, sizeof there) == SIZE);
    return 1;
}

static void blocking(void)
{
    struct sockaddr_in from;
    int len = sizeof from;

    if (!make_ends()) return;
    do_later(send_one);
    TRY(recvfrom(far_end, received, SIZE, 0, (struct sockaddr *)&from, &len) == SIZE);
    EXPECT(matches(received, SIZE, 0) && from.sin_port == here.sin_port);
}

static void receive(enum how how, int buffers)
{
    struct request *r;
    DWORD n;

    if (!make_ends()) return;
    if (!(r = new_request(far_end, how, SIZE, buffers)) || !start_recv_from(r)) return;
    do_later(send_one);
    if (!await_success(r, &n)) return;
    EXPECT(n == SIZE && matches(r->data, SIZE, 0));
    EXPECT(r->from_len == sizeof here && ((struct sockaddr_in *)&r->from)->sin_port == here.sin_port);
}

static void receive_by_event(void)
{
    receive(BY_EVENT, 1);
}

static void receive_by_routine(void)
{
    receive(BY_ROUTINE, 1);
}

static void receive_into_many_buffers(void)
{
    receive(BY_EVENT, BUFFERS_MAX);
}

static void receive_what_is_there(void)
{
    struct request *r;
    DWORD n;

    if (!make_ends() || !send_one()) return;
    if (!(r = new_request(far_end, BY_EVENT, SIZE, 1)) || !start_recv_from(r)) return;
    if (await_success(r, &n)) EXPECT(n == SIZE && matches(r->data, SIZE, 0));
}

static void receive_cut_off(void)
{
    struct request *r;
    DWORD n, flags;

    if (!make_ends()) return;
    if (!(r = new_request(far_end, BY_EVENT, SIZE / 2, 1)) || !start_recv_from(r)) return;
    do_later(send_one);
    if (!await_notice(r)) return;
    if (WSAGetOverlappedResult(far_end, &r->ov, &n, FALSE, &flags)) EXPECT(!"a cut datagram is no success");
    if (WSAGetLastError() != WSAEMSGSIZE) TRY(0);
    EXPECT(n == SIZE / 2 && matches(r->data, SIZE / 2, 0));
    /* What comes next is whole again. */
    if (!(r = new_request(far_end, BY_EVENT, SIZE, 1)) || !start_recv_from(r) || !send_one()) return;
    if (await_success(r, &n)) EXPECT(n == SIZE && matches(r->data, SIZE, 0));
}

static void several_receives(void)
{
    enum { MANY = 4 };
    struct request *r[MANY];

    if (!make_ends()) return;
    for (int i = 0; i < MANY; i++)
        if (!(r[i] = new_request(far_end, i % 2 ? BY_ROUTINE : BY_EVENT, SIZE, 1)) || !start_recv_from(r[i])) return;
    for (int i = 0; i < MANY; i++)
        if (!send_one()) return;
    for (int i = 0; i < MANY; i++) {
        DWORD n;
        if (!await_success(r[i], &n)) return;
        EXPECT(n == SIZE && matches(r[i]->data, SIZE, 0));
    }
}

static void transmit(enum how how, int buffers)
{
    struct request *r;
    DWORD n;

    if (!make_ends()) return;
    if (!(r = new_request(near_end, how, SIZE, buffers))) return;
    fill(r->data, SIZE, 0);
    if (!start_send_to(r, &there) || !await_success(r, &n)) return;
    EXPECT(n == SIZE);
    TRY(recv(far_end, received, SIZE, 0) == SIZE);
    EXPECT(matches(received, SIZE, 0));
}

static void send_by_event(void)
{
    transmit(BY_EVENT, 1);
}

static void send_by_routine(void)
{
    transmit(BY_ROUTINE, 1);
}

static void send_from_many_buffers(void)
{
    transmit(BY_EVENT, BUFFERS_MAX);
}

static void connected(void)
{
    struct request *r;
    DWORD n;

    if (!make_ends()) return;
    TRY(connect(near_end, (struct sockaddr *)&there, sizeof there) == 0);
    TRY(connect(far_end, (struct sockaddr *)&here, sizeof here) == 0);
    if (!(r = new_request(far_end, BY_EVENT, SIZE, 1)) || !start_recv(r, 0)) return;
    char data[SIZE];
    fill(data, SIZE, 0);
    TRY(sendto(near_end, data, SIZE, 0, NULL, 0) == SIZE);
    if (await_success(r, &n)) EXPECT(n == SIZE && matches(r->data, SIZE, 0));
}

/* The port of a closed socket: the answer comes to a later receive. */
static void nobody_is_there(void)
{
    struct request *r;
    DWORD n, flags;

    if (!make_ends()) return;
    EXPECT(closesocket(far_end) == 0);
    if (!(r = new_request(near_end, BY_EVENT, SIZE, 1)) || !start_recv_from(r) || !send_one()) return;
    /* A socket whose default options could not be set does not hear of it. */
    if (fault_was(FAULT_SETSOCKOPT) && WaitForSingleObject(r->ov.hEvent, 100) == WAIT_TIMEOUT) return;
    if (!await_notice(r)) return;
    EXPECT(!WSAGetOverlappedResult(near_end, &r->ov, &n, FALSE, &flags));
    if (WSAGetLastError() != WSAECONNRESET) TRY(0);
}

static void poll_without_blocking(void)
{
    u_long on = 1;
    ULONGLONG end = GetTickCount64() + WAIT_MS;
    int n = SOCKET_ERROR;

    if (!make_ends()) return;
    TRY(ioctlsocket(far_end, FIONBIO, &on) == 0);
    EXPECT(recv(far_end, received, SIZE, 0) == SOCKET_ERROR);
    if (WSAGetLastError() != WSAEWOULDBLOCK) TRY(0);
    if (!send_one()) return;
    while (n < 0 && GetTickCount64() < end) {
        n = recv(far_end, received, SIZE, 0);
        if (n < 0 && WSAGetLastError() != WSAEWOULDBLOCK) TRY(0);
    }
    EXPECT(n == SIZE && matches(received, SIZE, 0));
}

static const struct scenario scenarios[] = {
    SCENARIO(blocking),
    SCENARIO(receive_by_event),
    SCENARIO(receive_by_routine),
    SCENARIO(receive_into_many_buffers),
    SCENARIO(receive_what_is_there),
    SCENARIO(receive_cut_off),
    SCENARIO(several_receives),
    SCENARIO(send_by_event),
    SCENARIO(send_by_routine),
    SCENARIO(send_from_many_buffers),
    SCENARIO(connected),
    SCENARIO(nobody_is_there),
    SCENARIO(poll_without_blocking),
};
SWEEP_MAIN(scenarios, FAULT_SOCKET, FAULT_RECVMSG, FAULT_SENDMSG)
