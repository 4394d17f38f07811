/* SPDX-License-Identifier: MIT */
/*
 * handles.c - handles that are no handles, closed, or of the wrong kind, in every function about events, waits and
 * threads; and DuplicateHandle within the process.
 */
#include "test.h"

static void CALLBACK nothing(ULONG_PTR data)
{
    (void)data;
    CHECK(!"this APC must not run");
}

/* Each function as one that gives 0 when it accepted the handle, otherwise the error code. */
#define CALL(name, succeeds)                    \
    static DWORD try_##name(HANDLE h)           \
    {                                           \
        SetLastError(0xdeadbeef);               \
        return (succeeds) ? 0 : GetLastError(); \
    }

CALL(SetEvent, SetEvent(h))
CALL(ResetEvent, ResetEvent(h))
CALL(PulseEvent, PulseEvent(h))
CALL(WSASetEvent, WSASetEvent(h))
CALL(WSAResetEvent, WSAResetEvent(h))
CALL(WSACloseEvent, WSACloseEvent(h))
CALL(CloseHandle, CloseHandle(h))
CALL(WaitForSingleObject, WaitForSingleObject(h, 0) != WAIT_FAILED)
CALL(WaitForSingleObjectEx, WaitForSingleObjectEx(h, 0, TRUE) != WAIT_FAILED)
CALL(WaitForMultipleObjects, WaitForMultipleObjects(1, &h, FALSE, 0) != WAIT_FAILED)
CALL(WaitForMultipleObjectsEx, WaitForMultipleObjectsEx(1, &h, TRUE, 0, TRUE) != WAIT_FAILED)
CALL(WSAWaitForMultipleEvents, WSAWaitForMultipleEvents(1, &h, FALSE, 0, TRUE) != WSA_WAIT_FAILED)
CALL(SignalObjectAndWait, SignalObjectAndWait(h, GetCurrentThread(), 0, FALSE) != WAIT_FAILED)
CALL(QueueUserAPC, QueueUserAPC(nothing, h, 0))
CALL(ResumeThread, ResumeThread(h) != (DWORD)-1)

static DWORD try_GetExitCodeThread(HANDLE h)
{
    DWORD code = 0;

    SetLastError(0xdeadbeef);
    return GetExitCodeThread(h, &code) ? 0 : GetLastError();
}

static DWORD try_DuplicateHandle(HANDLE h)
{
    HANDLE copy = NULL;

    SetLastError(0xdeadbeef);
    if (!DuplicateHandle(GetCurrentProcess(), h, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS))
        return GetLastError();
    CHECK(CloseHandle(copy));
    return 0;
}

enum { EVENT = 1, THREAD = 2, SOCKETS = 4, ANY = 7, PSEUDO = 8, SEVERAL = 16 };

/* takes: kinds that the function is for; PSEUDO: (HANDLE)-1 is the process to it; SEVERAL: it waits for several. */
static const struct call {
    const char *name;
    DWORD (*run)(HANDLE h);
    int takes;
} calls[] = {
    { "SetEvent", try_SetEvent, EVENT },
    { "ResetEvent", try_ResetEvent, EVENT },
    { "PulseEvent", try_PulseEvent, EVENT },
    { "WSASetEvent", try_WSASetEvent, EVENT },
    { "WSAResetEvent", try_WSAResetEvent, EVENT },
    { "WSACloseEvent", try_WSACloseEvent, ANY | PSEUDO },
    { "CloseHandle", try_CloseHandle, ANY | PSEUDO },
    { "WaitForSingleObject", try_WaitForSingleObject, ANY | PSEUDO },
    { "WaitForSingleObjectEx", try_WaitForSingleObjectEx, ANY | PSEUDO },
    { "WaitForMultipleObjects", try_WaitForMultipleObjects, ANY | SEVERAL },
    { "WaitForMultipleObjectsEx", try_WaitForMultipleObjectsEx, ANY | SEVERAL },
    { "WSAWaitForMultipleEvents", try_WSAWaitForMultipleEvents, ANY | SEVERAL },
    { "SignalObjectAndWait", try_SignalObjectAndWait, EVENT },
    { "QueueUserAPC", try_QueueUserAPC, THREAD },
    { "ResumeThread", try_ResumeThread, THREAD },
    { "GetExitCodeThread", try_GetExitCodeThread, THREAD },
    { "DuplicateHandle", try_DuplicateHandle, ANY | PSEUDO },
};
enum { CALLS = sizeof calls / sizeof calls[0] };

/* Every function that is not for `kind` must refuse h as an invalid handle. */
static void check_refused(HANDLE h, int kind)
{
    int i;

    for (i = 0; i < CALLS; i++) {
        if (calls[i].takes & kind) continue;
        if (!CHECK_EQ(calls[i].run(h), ERROR_INVALID_HANDLE)) test_note("%s", calls[i].name);
    }
}

static void null_is_refused(void)
{
    check_refused(NULL, 0);
}

static void garbage_is_refused(void)
{
    static const ULONG_PTR values[] = { 1,          3,           0xdeadbee0,         0x7ffffffc,
                                        0xfffffff0, 0x100000000, 0xdeadbeefdeadbee0, 0x8000000000000000 };
    size_t i;

    for (i = 0; i < sizeof values / sizeof values[0]; i++) check_refused((HANDLE)values[i], 0);
}

/* The low half is that of a pseudo handle, or of an event that exists. */
static void all_64_bits_count(void)
{
    HANDLE e = test_event(FALSE, FALSE);

    check_refused((HANDLE)(ULONG_PTR)0x7ffffffffffffffc, 0);
    check_refused((HANDLE)((ULONG_PTR)e ^ 0x4000000000000000), 0);
    check_refused((HANDLE)((ULONG_PTR)e ^ 0x100000000), 0);
    CHECK(!test_signalled(e));
    CHECK(try_CloseHandle(e) == 0);
}

static void pointer_is_refused(void)
{
    void *memory = calloc(1, 64);

    check_refused(memory, 0);
    check_refused(&memory, 0);
    check_refused((HANDLE)(ULONG_PTR)&null_is_refused, 0);
    free(memory);
}

/* It is the pseudo handle of the process where a process will do, and in the others no handle. */
static void invalid_handle_value_is_refused(void)
{
    check_refused(INVALID_HANDLE_VALUE, PSEUDO | SEVERAL);
}

static void invalid_handle_value_is_refused_in_waits_for_several(void)
{
    HANDLE h = INVALID_HANDLE_VALUE;
    int which;

    for (which = 0; which < TEST_WAITS; which++) {
        SetLastError(0);
        CHECK_EQ(test_wait(which, 1, &h, FALSE, 0), WAIT_FAILED);
        CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    }
}

/* Whatever it returns, the process goes on. */
static void closing_pseudo_handles_is_harmless(void)
{
    DWORD code = 0;

    CloseHandle(GetCurrentProcess());
    CloseHandle(GetCurrentThread());
    WSACloseEvent(INVALID_HANDLE_VALUE);
    CHECK(GetExitCodeThread(GetCurrentThread(), &code));
    CHECK_EQ(code, STILL_ACTIVE);
    CHECK_EQ(WaitForSingleObject(GetCurrentProcess(), 0), WAIT_TIMEOUT);
}

static void closed_event_is_refused(void)
{
    HANDLE e = test_event(TRUE, TRUE);

    CHECK(CloseHandle(e));
    check_refused(e, 0);
    e = WSACreateEvent();
    CHECK(WSACloseEvent(e));
    check_refused(e, 0);
}

static DWORD WINAPI wait_for_event(void *arg)
{
    return WaitForSingleObject(arg, DEADLINE_MS);
}

static void closed_thread_is_refused(void)
{
    HANDLE go = test_event(TRUE, FALSE), thread = test_thread(wait_for_event, go), copy = NULL;

    CHECK(DuplicateHandle(GetCurrentProcess(), thread, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CHECK(CloseHandle(copy));
    check_refused(copy, 0);
    CHECK(SetEvent(go));
    test_join(thread);
    check_refused(thread, 0);
    CHECK(CloseHandle(go));
}

static void closed_socket_is_refused(void)
{
    SOCKET s = test_tcp();

    CHECK_EQ(closesocket(s), 0);
    check_refused((HANDLE)s, 0);
}

static void socket_is_no_event_and_no_thread(void)
{
    SOCKET s = test_tcp_bound();
    struct sockaddr_in addr;
    int len = sizeof addr;

    check_refused((HANDLE)s, SOCKETS);
    CHECK_EQ(getsockname(s, (struct sockaddr *)&addr, &len), 0);
    CHECK_EQ(closesocket(s), 0);
}

static void thread_is_no_event(void)
{
    HANDLE go = test_event(TRUE, FALSE), thread = test_thread(wait_for_event, go);

    check_refused(thread, THREAD);
    CHECK(SetEvent(go));
    CHECK_EQ(test_join(thread), WAIT_OBJECT_0);
    CHECK(CloseHandle(go));
}

static void event_is_no_thread(void)
{
    HANDLE e = test_event(FALSE, TRUE);

    check_refused(e, EVENT);
    CHECK(test_signalled(e));
    CHECK(CloseHandle(e));
}

#define CHECK_NOTSOCK(call)                       \
    do {                                          \
        WSASetLastError(0);                       \
        CHECK((call) == SOCKET_ERROR);            \
        CHECK_EQ(WSAGetLastError(), WSAENOTSOCK); \
    } while (0)

static void check_no_socket(SOCKET s)
{
    struct sockaddr_in addr;
    int len = sizeof addr, value = 0, size = sizeof value;
    u_long mode = 1;
    DWORD flags = 0, n = 0;
    WSAOVERLAPPED ov;
    char byte = 0;
    WSABUF buf = { 1, &byte };

    memset(&addr, 0, sizeof addr);
    memset(&ov, 0, sizeof ov);
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_NOTSOCK(bind(s, (struct sockaddr *)&addr, sizeof addr));
    CHECK_NOTSOCK(listen(s, 1));
    CHECK_NOTSOCK(connect(s, (struct sockaddr *)&addr, sizeof addr));
    CHECK_NOTSOCK(getsockname(s, (struct sockaddr *)&addr, &len));
    CHECK_NOTSOCK(getpeername(s, (struct sockaddr *)&addr, &len));
    CHECK_NOTSOCK(shutdown(s, SD_BOTH));
    CHECK_NOTSOCK(ioctlsocket(s, FIONBIO, &mode));
    CHECK_NOTSOCK(getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&value, &size));
    CHECK_NOTSOCK(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (char *)&value, sizeof value));
    CHECK_NOTSOCK(send(s, &byte, 1, 0));
    CHECK_NOTSOCK(recv(s, &byte, 1, 0));
    CHECK_NOTSOCK(WSARecv(s, &buf, 1, NULL, &flags, &ov, NULL));
    CHECK_NOTSOCK(WSASend(s, &buf, 1, &n, 0, NULL, NULL));
    CHECK_NOTSOCK(closesocket(s));
    WSASetLastError(0);
    CHECK(accept(s, NULL, NULL) == INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
}

/* Events and threads are alive afterwards: closesocket in particular closes nothing that is no socket. */
static void event_and_thread_are_no_sockets(void)
{
    HANDLE go = test_event(TRUE, FALSE), thread = test_thread(wait_for_event, go);

    check_no_socket((SOCKET)go);
    check_no_socket((SOCKET)thread);
    CHECK(!test_signalled(go));
    CHECK(SetEvent(go));
    CHECK_EQ(test_join(thread), WAIT_OBJECT_0);
    CHECK(CloseHandle(go));
}

static void values_that_are_no_sockets_are_refused(void)
{
    SOCKET s = test_tcp();

    CHECK_EQ(closesocket(s), 0);
    check_no_socket(s);
    check_no_socket(0);
    check_no_socket(INVALID_SOCKET);
    check_no_socket((SOCKET)0xdeadbee0);
    check_no_socket((SOCKET)(ULONG_PTR)-2);
}

static HANDLE duplicate(HANDLE h, DWORD options)
{
    HANDLE copy = NULL;

    CHECK(DuplicateHandle(GetCurrentProcess(), h, GetCurrentProcess(), &copy, 0, FALSE, options));
    CHECK(copy != NULL);
    return copy;
}

static void duplicate_names_the_same_object(void)
{
    HANDLE e = test_event(FALSE, FALSE), copy = duplicate(e, DUPLICATE_SAME_ACCESS), again;

    CHECK(copy != e);
    CHECK_EQ((ULONG_PTR)copy & 3, 0);
    CHECK(SetEvent(copy));
    CHECK(test_signalled(e));
    CHECK(!test_signalled(copy));
    CHECK(CloseHandle(e));
    again = duplicate(copy, DUPLICATE_SAME_ACCESS);
    CHECK(SetEvent(again));
    CHECK(test_signalled(copy));
    CHECK(CloseHandle(again));
    CHECK(SetEvent(copy));
    CHECK(CloseHandle(copy));
    check_refused(copy, 0);
}

static void source_can_be_closed_on_the_way(void)
{
    HANDLE e = test_event(TRUE, TRUE), copy = duplicate(e, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE), last;

    CHECK(test_signalled(copy));
    CHECK(copy == e || try_SetEvent(e) == ERROR_INVALID_HANDLE);
    last = duplicate(test_tagged(copy, 2), DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE);
    CHECK(test_signalled(last));
    CHECK(CloseHandle(last));
}

/* As the page says how a duplicate is closed. */
static void close_source_without_target_only_closes(void)
{
    HANDLE e = test_event(TRUE, TRUE);

    DuplicateHandle(GetCurrentProcess(), e, NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE);
    check_refused(e, 0);
}

static void duplicate_of_the_pseudo_handle_is_real(void)
{
    HANDLE self = duplicate(GetCurrentThread(), DUPLICATE_SAME_ACCESS), h[2];
    HANDLE done = test_event(TRUE, TRUE);

    CHECK(self != GetCurrentThread());
    h[0] = self, h[1] = done;
    CHECK_EQ(WaitForMultipleObjects(2, h, FALSE, 0), WAIT_OBJECT_0 + 1);
    CHECK(CloseHandle(self));
    check_refused(self, 0);
    CHECK(CloseHandle(done));
}

static void thread_lives_as_long_as_any_handle(void)
{
    HANDLE go = test_event(TRUE, FALSE), thread = test_thread(wait_for_event, go),
           copy = duplicate(thread, DUPLICATE_SAME_ACCESS);

    CHECK(CloseHandle(thread));
    CHECK(SetEvent(go));
    CHECK_EQ(WaitForSingleObject(copy, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(test_join(copy), WAIT_OBJECT_0);
    CHECK(CloseHandle(go));
}

static void bad_process_is_refused(void)
{
    HANDLE e = test_event(TRUE, TRUE), copy = NULL;

    SetLastError(0);
    CHECK(!DuplicateHandle(NULL, e, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    SetLastError(0);
    CHECK(!DuplicateHandle(GetCurrentProcess(), e, e, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK(copy == NULL);
    CHECK(test_signalled(e));
    CHECK(CloseHandle(e));
}

/* Values are used again sooner or later; an old one must never reach the new object while it differs in value. */
static void closed_values_stay_invalid(void)
{
    HANDLE old[64], fresh;
    int i, j;

    for (i = 0; i < 64; i++) {
        old[i] = test_event(FALSE, FALSE);
        CHECK(CloseHandle(old[i]));
    }
    fresh = test_event(FALSE, FALSE);
    for (i = 0; i < 64; i++) {
        if (old[i] == fresh) continue;
        CHECK_EQ(try_SetEvent(old[i]), ERROR_INVALID_HANDLE);
        CHECK_EQ(try_CloseHandle(old[i]), ERROR_INVALID_HANDLE);
        for (j = 1; j < 4; j++) CHECK_EQ(try_SetEvent(test_tagged(old[i], j)), ERROR_INVALID_HANDLE);
    }
    CHECK(!test_signalled(fresh));
    CHECK(CloseHandle(fresh));
}

static const struct test_case cases[] = {
    TEST(null_is_refused, "10 Close/Set/Reset: 6 for a bad handle; Failures; QueueUserAPC"),
    TEST(garbage_is_refused, "10 Close/Set/Reset: 6 for a bad handle; Failures; QueueUserAPC"),
    TEST_WINE_DIFFERS(all_64_bits_count, "00 Types: HANDLE is 8 bytes",
                      "Wine 8 looks at the low 32 bits of a handle only"),
    TEST(pointer_is_refused, "10 Close/Set/Reset: 6 for a bad handle; Failures; QueueUserAPC"),
    TEST(invalid_handle_value_is_refused, "00 Types: HANDLE: NULL and −1 invalid"),
    TEST_WINE_DIFFERS(invalid_handle_value_is_refused_in_waits_for_several, "10 Failures: pseudo handles [obs]",
                      "Wine 8 takes pseudo handles in waits for several objects"),
    TEST(closing_pseudo_handles_is_harmless, "GetCurrentProcess page: closing has no effect [doc]"),
    TEST(closed_event_is_refused, "10 Close/Set/Reset: 6 for a closed handle; Failures"),
    TEST(closed_thread_is_refused, "10 Failures; QueueUserAPC"),
    TEST(closed_socket_is_refused, "10 Failures; 00 Types: SOCKET"),
    TEST(socket_is_no_event_and_no_thread, "10 Close/Set/Reset: 6 for a non-event; QueueUserAPC"),
    TEST(thread_is_no_event, "10 Close/Set/Reset: 6 for a non-event"),
    TEST(event_is_no_thread, "10 QueueUserAPC: ERROR_INVALID_HANDLE"),
    TEST(event_and_thread_are_no_sockets, "00 Parameter-check order: WSAENOTSOCK; 97 note 2"),
    TEST(values_that_are_no_sockets_are_refused, "00 Parameter-check order: WSAENOTSOCK; 97 note 2"),
    TEST(duplicate_names_the_same_object, "DuplicateHandle page [doc]"),
    TEST(source_can_be_closed_on_the_way, "DuplicateHandle page: DUPLICATE_CLOSE_SOURCE [doc]"),
    TEST(close_source_without_target_only_closes, "DuplicateHandle page: to close a duplicated handle [doc]"),
    TEST(duplicate_of_the_pseudo_handle_is_real, "DuplicateHandle page: pseudo handle [doc]"),
    TEST(thread_lives_as_long_as_any_handle, "DuplicateHandle page; CloseHandle page [doc]"),
    TEST(bad_process_is_refused, "DuplicateHandle page; 97 ERROR_INVALID_HANDLE"),
    TEST(closed_values_stay_invalid, "10 Close/Set/Reset: 6 for a closed handle"),
};
TEST_MAIN(cases)
