/* SPDX-License-Identifier: MIT */
/* wait.c - the wait functions of both APIs (contract 10), all through wait/wait.h. */
#include "wait/wait.h"

#include "api/error.h"
#include "api/object.h"
#include "sys/env.h"

#include <winsock2.h>
#include <windows.h>

static int64_t deadline_of(DWORD ms)
{
    return ms == 0 ? 0 : lw_deadline(ms);
}

/* The end of every wait: nothing is held any more when the APCs run. */
static DWORD wait_result(int result)
{
    switch (result) {
    case LW_WAIT_TIMED_OUT: return WAIT_TIMEOUT;
    case LW_WAIT_ALERTED: lw_apc_run(); return WAIT_IO_COMPLETION;
    case LW_WAIT_NO_MEMORY: lw_set_error(ERROR_NOT_ENOUGH_MEMORY); return WAIT_FAILED;
    default: return WAIT_OBJECT_0 + (DWORD)result;
    }
}

static DWORD wait_failed(DWORD code)
{
    lw_set_error(code);
    return WAIT_FAILED;
}

/* ---- one object ---- */

DWORD WINAPI WaitForSingleObjectEx(HANDLE hHandle, DWORD dwMilliseconds, BOOL bAlertable)
{
    struct lw_object *obj = lw_api_object(hHandle);

    if (!obj) return wait_failed(ERROR_INVALID_HANDLE);
    int result = lw_wait(&obj, 1, false, deadline_of(dwMilliseconds), bAlertable);
    lw_object_unref(obj);
    return wait_result(result);
}

DWORD WINAPI WaitForSingleObject(HANDLE hHandle, DWORD dwMilliseconds)
{
    return WaitForSingleObjectEx(hHandle, dwMilliseconds, FALSE);
}

DWORD WINAPI SignalObjectAndWait(HANDLE hObjectToSignal, HANDLE hObjectToWaitOn, DWORD dwMilliseconds, BOOL bAlertable)
{
    struct lw_object *signal = lw_api_object(hObjectToSignal);
    struct lw_object *wait = lw_api_object(hObjectToWaitOn);
    DWORD error = 0;
    int result = 0;

    if (!signal || !wait || signal->ops->kind != LW_KIND_EVENT) error = ERROR_INVALID_HANDLE;
    if (!error) {
        (void)signal->ops->signal(signal); /* an event can always be set */
        result = lw_wait(&wait, 1, false, deadline_of(dwMilliseconds), bAlertable);
    }
    if (signal) lw_object_unref(signal);
    if (wait) lw_object_unref(wait);
    return error ? wait_failed(error) : wait_result(result);
}

/* ---- several ---- */

static void put_all(const HANDLE *handles, DWORD count)
{
    for (DWORD i = 0; i < count; i++) lw_handle_put(handles[i]);
}

/* Pseudo handles are not valid here. */
static bool get_all(const HANDLE *handles, DWORD count, struct lw_object **ret)
{
    for (DWORD i = 0; i < count; i++) {
        ret[i] = lw_handle_get(handles[i], NULL);
        if (!ret[i]) {
            put_all(handles, i);
            return false;
        }
    }
    return true;
}

static bool has_duplicate(const HANDLE *handles, DWORD count)
{
    for (DWORD i = 1; i < count; i++)
        for (DWORD k = 0; k < i; k++)
            if (((uintptr_t)handles[i] ^ (uintptr_t)handles[k]) < 4) return true; /* the two low bits do not count */
    return false;
}

static DWORD wait_multiple(DWORD count, const HANDLE *lpHandles, BOOL all, DWORD ms, BOOL alertable)
{
    struct lw_object *objects[LW_WAIT_MAX] = { NULL };
    HANDLE handles[LW_WAIT_MAX]; /* the array is the caller's and may change meanwhile */

    for (DWORD i = 0; i < count; i++) handles[i] = lpHandles[i];
    if (!get_all(handles, count, objects)) return wait_failed(ERROR_INVALID_HANDLE);
    int result = LW_WAIT_NO_MEMORY;
    bool duplicate = all && has_duplicate(handles, count);
    if (!duplicate) result = lw_wait(objects, count, all && count > 1, deadline_of(ms), alertable);
    put_all(handles, count);
    return duplicate ? wait_failed(ERROR_INVALID_PARAMETER) : wait_result(result);
}

DWORD WINAPI WaitForMultipleObjectsEx(DWORD nCount, const HANDLE *lpHandles, BOOL bWaitAll, DWORD dwMilliseconds,
                                      BOOL bAlertable)
{
    if (nCount == 0 || nCount > MAXIMUM_WAIT_OBJECTS || !lpHandles) return wait_failed(ERROR_INVALID_PARAMETER);
    return wait_multiple(nCount, lpHandles, bWaitAll, dwMilliseconds, bAlertable);
}

DWORD WINAPI WaitForMultipleObjects(DWORD nCount, const HANDLE *lpHandles, BOOL bWaitAll, DWORD dwMilliseconds)
{
    return WaitForMultipleObjectsEx(nCount, lpHandles, bWaitAll, dwMilliseconds, FALSE);
}

DWORD WSAAPI WSAWaitForMultipleEvents(DWORD cEvents, const WSAEVENT *lphEvents, BOOL fWaitAll, DWORD dwTimeout,
                                      BOOL fAlertable)
{
    if (cEvents == 0 || cEvents > WSA_MAXIMUM_WAIT_EVENTS) return wait_failed(WSA_INVALID_PARAMETER);
    if (!lphEvents) return wait_failed(WSAEFAULT);
    return wait_multiple(cEvents, lphEvents, fWaitAll, dwTimeout, fAlertable);
}

/* ---- none ---- */

DWORD WINAPI SleepEx(DWORD dwMilliseconds, BOOL bAlertable)
{
    if (!bAlertable && dwMilliseconds == 0) return SwitchToThread(), 0;
    int result = lw_wait(NULL, 0, false, deadline_of(dwMilliseconds), bAlertable);
    return result == LW_WAIT_ALERTED ? wait_result(result) : 0;
}

void WINAPI Sleep(DWORD dwMilliseconds)
{
    (void)SleepEx(dwMilliseconds, FALSE);
}
