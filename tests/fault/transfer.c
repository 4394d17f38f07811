/* SPDX-License-Identifier: MIT */
/* transfer.c - every failure while bytes of a stream are sent and received. */
#include "sweep.h"

enum { SMALL = 100, LARGE = 24000 };

static SOCKET pair[2];

static int send_small(void)
{
    char data[SMALL];

    fill(data, SMALL, 0);
    return send_exactly(pair[0], data, SMALL);
}

/* The first receive is completed, the rest read; all together is what was sent. */
static void check_stream(struct request *r, int total)
{
    DWORD n;

    if (!await_success(r, &n)) return;
    EXPECT(n > 0 && (int)n <= total && matches(r->data, (int)n, 0));
    if (!recv_exactly(r->s, r->data + n, total - (int)n)) return;
    EXPECT(matches(r->data, total, 0));
}

/* ---- receives ---- */

static void receive(enum how how, int buffers)
{
    struct request *r;

    if (!make_pair(pair)) return;
    if (!(r = new_request(pair[1], how, SMALL, buffers)) || !start_recv(r, 0)) return;
    do_later(send_small);
    check_stream(r, SMALL);
}

static void receive_by_event(void)
{
    receive(BY_EVENT, 1);
}

static void receive_by_routine(void)
{
    receive(BY_ROUTINE, 1);
}

static void receive_by_handle(void)
{
    receive(BY_HANDLE, 1);
}

static void receive_into_many_buffers(void)
{
    receive(BY_EVENT, BUFFERS_MAX);
}

static void receive_into_many_buffers_by_routine(void)
{
    receive(BY_ROUTINE, BUFFERS_MAX);
}

static void receive_what_is_there(void)
{
    struct request *r;

    if (!make_pair(pair) || !send_small()) return;
    if (!(r = new_request(pair[1], BY_EVENT, SMALL, 1)) || !start_recv(r, 0)) return;
    check_stream(r, SMALL);
}

static void receive_all(void)
{
    struct request *r;
    DWORD n;

    if (!make_pair(pair)) return;
    if (!(r = new_request(pair[1], BY_EVENT, SMALL, 3)) || !start_recv(r, MSG_WAITALL)) return;
    do_later(send_small);
    if (!await_success(r, &n)) return;
    EXPECT(n == SMALL && matches(r->data, SMALL, 0));
}

static void peek_and_receive(void)
{
    struct request *r;

    if (!make_pair(pair)) return;
    if (!(r = new_request(pair[1], BY_EVENT, SMALL, 1)) || !start_recv(r, MSG_PEEK)) return;
    do_later(send_small);
    DWORD n;
    if (!await_success(r, &n)) return;
    EXPECT(n > 0 && matches(r->data, (int)n, 0));
    if (!recv_exactly(pair[1], r->data, SMALL)) return;
    EXPECT(matches(r->data, SMALL, 0));
}

static void receive_of_nothing(void)
{
    struct request *r;
    DWORD n;

    if (!make_pair(pair)) return;
    if (!(r = new_request(pair[1], BY_EVENT, 0, 1)) || !start_recv(r, 0)) return;
    do_later(send_small);
    if (!await_success(r, &n)) return;
    EXPECT(n == 0);
    if (!recv_exactly(pair[1], r->data, SMALL)) return;
    EXPECT(matches(r->data, SMALL, 0));
}

static void several_receives(void)
{
    enum { MANY = 5 };
    struct request *r[MANY];
    DWORD n = 0;
    int at = 0;

    if (!make_pair(pair)) return;
    for (int i = 0; i < MANY; i++)
        if (!(r[i] = new_request(pair[1], i % 2 ? BY_ROUTINE : BY_EVENT, SMALL / MANY, 1)) || !start_recv(r[i], 0))
            return;
    do_later(send_small);
    for (int i = 0; i < MANY && at < SMALL; i++, at += (int)n) {
        if (!await_success(r[i], &n)) return;
        EXPECT(n > 0 && matches(r[i]->data, (int)n, at)); /* in the order of their issue */
    }
}

static int send_and_finish(void)
{
    if (!send_small()) return 0;
    STEP(shutdown(pair[0], SD_SEND) == 0);
    return 1;
}

static void receive_until_the_end(void)
{
    DWORD n = 1;
    int at = 0;

    if (!make_pair(pair)) return;
    do_later(send_and_finish);
    while (n > 0) {
        static char received[2 * SMALL];
        WSABUF buf = { sizeof received, received };
        DWORD flags = 0;
        TRY(WSARecv(pair[1], &buf, 1, &n, &flags, NULL, NULL) == 0);
        EXPECT(matches(received, (int)n, at));
        at += (int)n;
    }
    EXPECT(at == SMALL || sweep_may_fail());
}

static void end_found_by_a_pending_receive(void)
{
    struct request *r;
    DWORD n;

    if (!make_pair(pair)) return;
    if (!(r = new_request(pair[1], BY_EVENT, SMALL, 1)) || !start_recv(r, 0)) return;
    TRY(shutdown(pair[0], SD_SEND) == 0);
    if (await_success(r, &n)) EXPECT(n == 0);
}

/* ---- sends ---- */

static int receive_large(void)
{
    static char received[LARGE];

    if (!recv_exactly(pair[1], received, LARGE)) return 0;
    EXPECT(matches(received, LARGE, 0));
    return 1;
}

/* Buffers so small that a large send has to wait for the reader. */
static int make_narrow_pair(void)
{
    struct sockaddr_in addr;
    SOCKET listener = make_listener(&addr);
    int receives = 8192, sends = 2048, on = 1;

    if (listener == INVALID_SOCKET) return 0;
    STEP(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, (char *)&receives, sizeof receives) == 0);
    if ((pair[0] = make_client(&addr)) == INVALID_SOCKET) return 0;
    STEP(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, (char *)&sends, sizeof sends) == 0);
    STEP(setsockopt(pair[0], IPPROTO_TCP, TCP_NODELAY, (char *)&on, sizeof on) == 0);
    pair[1] = own_socket(accept(listener, NULL, NULL));
    STEP(pair[1] != INVALID_SOCKET);
    return 1;
}

static void send_large(enum how how, int buffers)
{
    struct request *r;
    DWORD n;

    if (!make_narrow_pair()) return;
    if (!(r = new_request(pair[0], how, LARGE, buffers))) return;
    fill(r->data, LARGE, 0);
    if (!start_send(r)) return;
    do_later(receive_large);
    if (await_success(r, &n)) EXPECT(n == LARGE);
}

static void send_by_event(void)
{
    send_large(BY_EVENT, 1);
}

static void send_by_routine(void)
{
    send_large(BY_ROUTINE, 1);
}

static void send_from_many_buffers(void)
{
    send_large(BY_EVENT, BUFFERS_MAX);
}

static void several_sends(void)
{
    enum { MANY = 3 };
    struct request *r[MANY];

    if (!make_narrow_pair()) return;
    for (int i = 0; i < MANY; i++) {
        if (!(r[i] = new_request(pair[0], i % 2 ? BY_ROUTINE : BY_EVENT, LARGE / MANY, 1 + i))) return;
        fill(r[i]->data, LARGE / MANY, i * (LARGE / MANY));
        if (!start_send(r[i])) return;
    }
    do_later(receive_large);
    for (int i = 0; i < MANY; i++) {
        DWORD n;
        if (!await_success(r[i], &n)) return;
        EXPECT(n == LARGE / MANY);
    }
}

static void shutdown_behind_a_send(void)
{
    struct request *r;
    char byte;

    if (!make_narrow_pair()) return;
    if (!(r = new_request(pair[0], BY_EVENT, LARGE, 1))) return;
    fill(r->data, LARGE, 0);
    if (!start_send(r)) return;
    TRY(shutdown(pair[0], SD_SEND) == 0);
    if (!receive_large()) return;
    int n = recv(pair[1], &byte, 1, 0);
    TRY(n == 0 || n == SOCKET_ERROR);
    TRY(n == 0);
    (void)await_success(r, NULL);
}

/* ---- blocking calls ---- */

static void blocking_receive(void)
{
    if (!make_pair(pair)) return;
    do_later(send_small);
    static char received[SMALL];
    if (!recv_exactly(pair[1], received, SMALL)) return;
    EXPECT(matches(received, SMALL, 0));
}

static void blocking_send(void)
{
    if (!make_narrow_pair()) return;
    do_later(receive_large);
    char data[LARGE];
    fill(data, LARGE, 0);
    if (!send_exactly(pair[0], data, LARGE)) return;
}

static void blocking_calls_with_many_buffers(void)
{
    WSABUF out[5], in[5];
    char data[SMALL], received[SMALL];
    DWORD n, flags = MSG_WAITALL;

    if (!make_pair(pair)) return;
    fill(data, SMALL, 0);
    for (int i = 0; i < 5; i++) {
        out[i] = (WSABUF){ SMALL / 5, data + i * (SMALL / 5) };
        in[i] = (WSABUF){ SMALL / 5, received + i * (SMALL / 5) };
    }
    TRY(WSASend(pair[0], out, 5, &n, 0, NULL, NULL) == 0);
    EXPECT(n == SMALL);
    TRY(WSARecv(pair[1], in, 5, &n, &flags, NULL, NULL) == 0);
    EXPECT(n == SMALL && matches(received, SMALL, 0));
}

static void receive_with_a_time_out(void)
{
    DWORD ms = 5;
    char byte;

    if (!make_pair(pair)) return;
    TRY(setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, (char *)&ms, sizeof ms) == 0);
    EXPECT(recv(pair[1], &byte, 1, 0) == SOCKET_ERROR);
    if (WSAGetLastError() != WSAETIMEDOUT) TRY(0);
}

static void urgent_byte(void)
{
    struct request *r;
    DWORD n;

    if (!make_pair(pair)) return;
    if (!(r = new_request(pair[1], BY_EVENT, 1, 1)) || !start_recv(r, MSG_OOB)) return;
    TRY(send(pair[0], "!", 1, MSG_OOB) == 1);
    if (await_success(r, &n)) EXPECT(n == 1 && r->data[0] == '!');
}

/* ---- nobody waits in the library ---- */

static void request_polled_by_hand(void)
{
    struct request *r;
    ULONGLONG end = GetTickCount64() + WAIT_MS;

    if (!make_pair(pair)) return;
    if (!(r = new_request(pair[1], BY_EVENT, SMALL, 1)) || !start_recv(r, 0)) return;
    if (!send_small()) return;
    while (!HasOverlappedIoCompleted(&r->ov) && GetTickCount64() < end) SwitchToThread();
    EXPECT(HasOverlappedIoCompleted(&r->ov));
    (void)await_success(r, NULL);
}

static const struct scenario scenarios[] = {
    SCENARIO(receive_by_event),
    SCENARIO(receive_by_routine),
    SCENARIO(receive_by_handle),
    SCENARIO(receive_into_many_buffers),
    SCENARIO(receive_into_many_buffers_by_routine),
    SCENARIO(receive_what_is_there),
    SCENARIO(receive_all),
    SCENARIO(peek_and_receive),
    SCENARIO(receive_of_nothing),
    SCENARIO(several_receives),
    SCENARIO(receive_until_the_end),
    SCENARIO(end_found_by_a_pending_receive),
    SCENARIO(send_by_event),
    SCENARIO(send_by_routine),
    SCENARIO(send_from_many_buffers),
    SCENARIO(several_sends),
    SCENARIO(shutdown_behind_a_send),
    SCENARIO(blocking_receive),
    SCENARIO(blocking_send),
    SCENARIO(blocking_calls_with_many_buffers),
    SCENARIO(receive_with_a_time_out),
    SCENARIO(urgent_byte),
    SCENARIO(request_polled_by_hand),
};
SWEEP_MAIN(scenarios, FAULT_RECV, FAULT_RECVMSG, FAULT_SEND, FAULT_SENDMSG, FAULT_SHUTDOWN, FAULT_ALLOC)
