/* SPDX-License-Identifier: MIT */
/* stage.c - sockets, handles, helpers and requests of a run, and their end. */
#include "stage.h"

#include <lapwing.h>
#include <pthread.h>
#include <unistd.h>

enum { SOCKETS_MAX = 64, HANDLES_MAX = 64, HELPERS_MAX = 4, REQUESTS_MAX = 12 };

static struct {
    SOCKET sockets[SOCKETS_MAX]; /* atomic; 0: closed again */
    int socket_count;            /* atomic */
    HANDLE handles[HANDLES_MAX];
    int handle_count; /* atomic */
    pthread_t helpers[HELPERS_MAX];
    int (*acts[HELPERS_MAX])(void);
    int helper_count;
    struct request *requests[REQUESTS_MAX];
    int request_count;
    int gave_up; /* atomic: a step has failed, or a helper; what waits is ended by closing */
} stage;

/* ---- steps ---- */

/* What calls and requests end with when their socket is closed under them, or the peer's. */
static int is_aftermath(DWORD code)
{
    return code == WSA_OPERATION_ABORTED || code == WSAECONNABORTED || code == WSAECONNRESET || code == WSAENOTSOCK ||
           code == WSAEINTR || code == WSAENOTCONN || code == WSAESHUTDOWN || code == WSAEINVAL ||
           code == WSAECONNREFUSED;
}

static int gave_up(void)
{
    return __atomic_load_n(&stage.gave_up, __ATOMIC_SEQ_CST);
}

int sweep_expect(int holds, const char *what, const char *file, int line)
{
    char text[300];

    if (holds) return 1;
    snprintf(text, sizeof text, "%s:%d: does not hold: %s (last error %lu)", file, line, what,
             (unsigned long)GetLastError());
    sweep_complain(text);
    return 0;
}

int sweep_step(int success, const char *what)
{
    DWORD code = GetLastError();
    char text[300];

    if (success) return 1;
    if (!sweep_explains(code) && !(gave_up() && is_aftermath(code))) {
        snprintf(text, sizeof text, "failed with %lu: %s", (unsigned long)code, what);
        sweep_complain(text);
    }
    __atomic_store_n(&stage.gave_up, 1, __ATOMIC_SEQ_CST);
    return 0;
}

/* The scenario cannot go on because of what has failed elsewhere. */
static int end_early(void)
{
    if (!sweep_may_fail() && !gave_up()) sweep_complain("the stream ended too early");
    __atomic_store_n(&stage.gave_up, 1, __ATOMIC_SEQ_CST);
    return 0;
}

/* ---- ownership ---- */

SOCKET own_socket(SOCKET s)
{
    if (s == INVALID_SOCKET) return s;
    int i = __atomic_fetch_add(&stage.socket_count, 1, __ATOMIC_SEQ_CST);
    if (!EXPECT(i < SOCKETS_MAX)) abort();
    __atomic_store_n(&stage.sockets[i], s, __ATOMIC_SEQ_CST);
    return s;
}

HANDLE own_handle(HANDLE h)
{
    if (!h) return h;
    int i = __atomic_fetch_add(&stage.handle_count, 1, __ATOMIC_SEQ_CST);
    if (!EXPECT(i < HANDLES_MAX)) abort();
    stage.handles[i] = h;
    return h;
}

static void close_sockets(void)
{
    int count = __atomic_load_n(&stage.socket_count, __ATOMIC_SEQ_CST);

    for (int i = 0; i < count; i++) {
        SOCKET s = __atomic_exchange_n(&stage.sockets[i], 0, __ATOMIC_SEQ_CST);
        if (s) EXPECT(closesocket(s) == 0 || WSAGetLastError() == WSAENOTSOCK); /* the scenario may have closed it */
    }
}

/* A helper has failed: nobody waits for it any more. */
static void give_up(void)
{
    __atomic_store_n(&stage.gave_up, 1, __ATOMIC_SEQ_CST);
    close_sockets();
}

static void *help(void *act)
{
    usleep(1000);
    if (!(*(int (**)(void))act)()) give_up();
    return NULL;
}

void do_later(int (*act)(void))
{
    int i = stage.helper_count++;

    if (!EXPECT(i < HELPERS_MAX)) abort();
    stage.acts[i] = act;
    if (pthread_create(&stage.helpers[i], NULL, help, &stage.acts[i])) abort();
}

void stage_stop_helpers(void)
{
    if (gave_up()) close_sockets();
    while (stage.helper_count > 0) pthread_join(stage.helpers[--stage.helper_count], NULL);
}

/* ---- sockets ---- */

SOCKET make_socket(int type)
{
    SOCKET s = own_socket(WSASocketW(AF_INET, type, 0, NULL, 0, WSA_FLAG_OVERLAPPED));

    return sweep_step(s != INVALID_SOCKET, "WSASocketW") ? s : INVALID_SOCKET;
}

SOCKET make_bound(int type, struct sockaddr_in *addr)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    int len = sizeof a;
    SOCKET s = make_socket(type);

    if (s == INVALID_SOCKET) return s;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!sweep_step(bind(s, (struct sockaddr *)&a, sizeof a) == 0, "bind")) return INVALID_SOCKET;
    if (!sweep_step(getsockname(s, (struct sockaddr *)&a, &len) == 0, "getsockname")) return INVALID_SOCKET;
    *addr = a;
    return s;
}

SOCKET make_listener(struct sockaddr_in *addr)
{
    SOCKET s = make_bound(SOCK_STREAM, addr);

    if (s == INVALID_SOCKET) return s;
    return sweep_step(listen(s, SOMAXCONN) == 0, "listen") ? s : INVALID_SOCKET;
}

SOCKET make_client(const struct sockaddr_in *addr)
{
    SOCKET s = make_socket(SOCK_STREAM);

    if (s == INVALID_SOCKET) return s;
    return sweep_step(connect(s, (const struct sockaddr *)addr, sizeof *addr) == 0, "connect") ? s : INVALID_SOCKET;
}

int make_pair(SOCKET s[2])
{
    struct sockaddr_in addr;
    SOCKET listener = make_listener(&addr);

    if (listener == INVALID_SOCKET) return 0;
    s[0] = make_client(&addr);
    if (s[0] == INVALID_SOCKET) return 0;
    s[1] = own_socket(accept(listener, NULL, NULL));
    STEP(s[1] != INVALID_SOCKET);
    return 1;
}

/* ---- requests ---- */

/* Requests live until the end of the program, so that a late write is seen and hits nobody else. */
struct request *new_request(SOCKET s, enum how how, int len, int buffers)
{
    if (!EXPECT(stage.request_count < REQUESTS_MAX && buffers <= BUFFERS_MAX && len <= DATA_MAX)) abort();
    struct request *r = stage.requests[stage.request_count];

    if (!r) r = stage.requests[stage.request_count] = malloc(sizeof *r);
    memset(r, 0, offsetof(struct request, data));
    r->s = s;
    r->how = how;
    r->buf_count = (DWORD)buffers;
    for (int i = 0, at = 0; i < buffers; i++) {
        int size = i + 1 < buffers ? len / buffers : len - at;
        r->bufs[i] = (WSABUF){ (ULONG)size, r->data + at };
        at += size;
    }
    stage.request_count++;
    if (how == BY_EVENT) {
        r->ov.hEvent = own_handle(WSACreateEvent());
        if (!sweep_step(r->ov.hEvent != NULL, "WSACreateEvent")) return NULL;
    }
    return r;
}

static void CALLBACK tell(DWORD error, DWORD count, LPWSAOVERLAPPED ov, DWORD flags)
{
    struct request *r = CONTAINING_RECORD(ov, struct request, ov);

    (void)flags;
    r->error = error;
    r->count = count;
    r->told++;
}

static LPWSAOVERLAPPED_COMPLETION_ROUTINE routine_of(const struct request *r)
{
    return r->how == BY_ROUTINE ? tell : NULL;
}

static int issued(struct request *r, int at_once, const char *what)
{
    r->accepted = at_once || WSAGetLastError() == WSA_IO_PENDING;
    r->refused = !r->accepted;
    return r->accepted || sweep_step(0, what);
}

int start_recv(struct request *r, DWORD flags)
{
    DWORD n;

    r->flags = flags;
    return issued(r, WSARecv(r->s, r->bufs, r->buf_count, &n, &r->flags, &r->ov, routine_of(r)) == 0, "WSARecv");
}

int start_send(struct request *r)
{
    DWORD n;

    return issued(r, WSASend(r->s, r->bufs, r->buf_count, &n, 0, &r->ov, routine_of(r)) == 0, "WSASend");
}

int start_recv_from(struct request *r)
{
    DWORD n;

    r->from_len = sizeof r->from;
    return issued(r,
                  WSARecvFrom(r->s, r->bufs, r->buf_count, &n, &r->flags, (struct sockaddr *)&r->from, &r->from_len,
                              &r->ov, routine_of(r)) == 0,
                  "WSARecvFrom");
}

int start_send_to(struct request *r, const struct sockaddr_in *to)
{
    DWORD n;

    return issued(r,
                  WSASendTo(r->s, r->bufs, r->buf_count, &n, 0, (const struct sockaddr *)to, sizeof *to, &r->ov,
                            routine_of(r)) == 0,
                  "WSASendTo");
}

int start_accept(struct request *r, SOCKET accept_socket, DWORD data_len)
{
    enum { BLOCK = sizeof(struct sockaddr_in) + 16 };
    DWORD n;

    return issued(r, AcceptEx(r->s, accept_socket, r->data, data_len, BLOCK, BLOCK, &n, &r->ov), "AcceptEx");
}

int await_notice(struct request *r)
{
    HANDLE h = r->how == BY_EVENT ? r->ov.hEvent : (HANDLE)r->s;
    ULONGLONG end = GetTickCount64() + WAIT_MS;

    if (r->how == BY_ROUTINE) {
        while (r->told == 0 && GetTickCount64() < end) SleepEx(100, TRUE);
        return EXPECT(r->told == 1);
    }
    STEP(WaitForSingleObject(h, WAIT_MS) == WAIT_OBJECT_0);
    EXPECT(HasOverlappedIoCompleted(&r->ov));
    return 1;
}

int await_success(struct request *r, DWORD *count)
{
    DWORD n = 0, flags;

    if (!await_notice(r) || gave_up()) return 0; /* a helper's failure ended it */
    STEP(WSAGetOverlappedResult(r->s, &r->ov, &n, FALSE, &flags));
    if (r->how == BY_ROUTINE) EXPECT(r->error == 0 && r->count == n);
    if (count) *count = n;
    return 1;
}

/* ---- the end ---- */

static int is_final(const struct request *r)
{
    return HasOverlappedIoCompleted(&r->ov);
}

/* A request that has ended before anything was closed: its code is one that the fault explains. */
static void check_result(struct request *r)
{
    DWORD n, flags, code;
    char text[100];

    if (!r->accepted || !is_final(r) || WSAGetOverlappedResult(r->s, &r->ov, &n, FALSE, &flags)) return;
    code = (DWORD)WSAGetLastError();
    if (sweep_explains(code) || is_aftermath(code) || code == WSAEMSGSIZE) return;
    snprintf(text, sizeof text, "a request ended with %lu", (unsigned long)code);
    sweep_complain(text);
}

/* One that was ended by closing. */
static void check_status(const struct request *r)
{
    enum { CANCELLED = 0x0120, RESET = 0x020D, ABORTED = 0x0241 }; /* of severity 0xC000 */
    ULONG status = (ULONG)r->ov.Internal;

    EXPECT(status == 0 || status == (0xC0000000u | CANCELLED) || status == (0xC0000000u | RESET) ||
           status == (0xC0000000u | ABORTED));
}

static int is_told(const struct request *r)
{
    return r->how != BY_ROUTINE || r->orphaned || r->told > 0;
}

/* A manual-reset event: set by the one completion, never for a refused request. */
static void check_notice(struct request *r)
{
    DWORD want = r->accepted ? WAIT_OBJECT_0 : WAIT_TIMEOUT;

    if (r->how == BY_ROUTINE) EXPECT(r->told == (r->accepted && !r->orphaned));
    if (r->how == BY_ROUTINE && r->told)
        EXPECT((r->error == 0) == (r->ov.Internal == 0) && r->count == r->ov.InternalHigh);
    if (r->how != BY_EVENT || !r->ov.hEvent) return;
    EXPECT(WaitForSingleObject(r->ov.hEvent, r->accepted ? WAIT_MS : 0) == want);
    ResetEvent(r->ov.hEvent);
}

static void settle_request(struct request *r, int was_final)
{
    ULONGLONG end = GetTickCount64() + WAIT_MS;

    if (r->accepted) {
        while ((!is_final(r) || !is_told(r)) && GetTickCount64() < end) SleepEx(1, TRUE);
        if (EXPECT(is_final(r)) && !was_final) check_status(r);
    }
    SleepEx(0, TRUE);
    check_notice(r);
}

void stage_settle(void)
{
    int was_final[REQUESTS_MAX];

    for (int i = 0; i < stage.request_count; i++) {
        was_final[i] = is_final(stage.requests[i]);
        check_result(stage.requests[i]);
    }
    close_sockets();
    for (int i = 0; i < stage.request_count; i++) settle_request(stage.requests[i], was_final[i]);
    for (int i = 0; i < stage.request_count; i++) {
        const struct request *r = stage.requests[i];
        if (r->how == BY_EVENT && r->ov.hEvent)
            EXPECT(WaitForSingleObject(r->ov.hEvent, 0) == WAIT_TIMEOUT); /* no second time */
    }
    for (int i = 0; i < stage.handle_count; i++) EXPECT(CloseHandle(stage.handles[i]));
    stage.handle_count = 0;
}

void stage_reset(void)
{
    stage.socket_count = stage.handle_count = stage.helper_count = stage.request_count = 0;
    stage.gave_up = 0;
    memset(stage.sockets, 0, sizeof stage.sockets);
}

void stage_dump(void)
{
    struct lapwing_stats stats;

    for (int i = 0; i < stage.request_count; i++) {
        const struct request *r = stage.requests[i];
        printf("# request %d on %llx: accepted %d, refused %d, status %llx, count %llu, told %d\n", i,
               (unsigned long long)r->s, r->accepted, r->refused, (unsigned long long)r->ov.Internal,
               (unsigned long long)r->ov.InternalHigh, (int)r->told);
    }
    lapwing_get_stats(&stats);
    printf("# %llu requests, %llu handles live\n", stats.requests, stats.handles);
}

/* ---- data ---- */

static char byte_at(int at)
{
    return (char)((unsigned)at * 31u + ((unsigned)at >> 8) + 7u);
}

void fill(char *data, int len, int at)
{
    for (int i = 0; i < len; i++) data[i] = byte_at(at + i);
}

int matches(const char *data, int len, int at)
{
    for (int i = 0; i < len; i++)
        if (data[i] != byte_at(at + i)) return 0;
    return 1;
}

int send_exactly(SOCKET s, const char *data, int len)
{
    for (int done = 0; done < len;) {
        int n = send(s, data + done, len - done, 0);
        STEP(n > 0);
        done += n;
    }
    return 1;
}

int recv_exactly(SOCKET s, char *data, int len)
{
    for (int done = 0; done < len;) {
        int n = recv(s, data + done, len - done, 0);
        if (n == 0) return end_early(); /* the peer's send has failed */
        STEP(n > 0);
        done += n;
    }
    return 1;
}
