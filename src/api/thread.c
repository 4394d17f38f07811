/* SPDX-License-Identifier: MIT */
/* thread.c - threads of both APIs and user APCs (contract 10). */
#include "wait/thread.h"

#include "api/error.h"
#include "api/object.h"
#include "sys/env.h"

#include <errno.h>
#include <process.h>
#include <sched.h>
#include <windows.h>

HANDLE WINAPI GetCurrentThread(void)
{
    return LW_CURRENT_THREAD;
}

HANDLE WINAPI GetCurrentProcess(void)
{
    return LW_CURRENT_PROCESS;
}

DWORD WINAPI GetCurrentThreadId(void)
{
    struct lw_thread *self = lw_thread_self();

    return self ? lw_thread_id(self) : 0;
}

BOOL WINAPI SwitchToThread(void)
{
    return sched_yield() == 0;
}

/* ---- life ---- */

HANDLE WINAPI CreateThread(LPSECURITY_ATTRIBUTES lpThreadAttributes, SIZE_T dwStackSize,
                           LPTHREAD_START_ROUTINE lpStartAddress, LPVOID lpParameter, DWORD dwCreationFlags,
                           LPDWORD lpThreadId)
{
    (void)lpThreadAttributes; /* inheritance and access have no meaning within one process */
    if (!lpStartAddress || (dwCreationFlags & ~(DWORD)(CREATE_SUSPENDED | STACK_SIZE_PARAM_IS_A_RESERVATION))) {
        lw_set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    struct lw_thread *t =
        lw_thread_new((lw_thread_start_fn)lpStartAddress, lpParameter, (dwCreationFlags & CREATE_SUSPENDED) != 0);
    HANDLE h = t ? lw_handle_open(&t->obj, 0) : NULL;
    if (h && lw_thread_spawn(t, dwStackSize)) {
        (void)lw_handle_close(h);
        h = NULL;
    }
    if (!h) lw_set_error(ERROR_NOT_ENOUGH_MEMORY);
    else if (lpThreadId) *lpThreadId = lw_thread_id(t);
    if (t) lw_object_unref(&t->obj);
    return h;
}

DECLSPEC_NORETURN void WINAPI ExitThread(DWORD dwExitCode)
{
    lw_thread_exit(dwExitCode);
}

DWORD WINAPI ResumeThread(HANDLE hThread)
{
    struct lw_object *obj = lw_api_thread(hThread);

    if (!obj) {
        lw_set_error(ERROR_INVALID_HANDLE);
        return (DWORD)-1;
    }
    bool was = lw_thread_resume(lw_thread_of(obj));
    lw_object_unref(obj);
    return was; /* the previous suspend count */
}

BOOL WINAPI GetExitCodeThread(HANDLE hThread, LPDWORD lpExitCode)
{
    struct lw_object *obj = lw_api_thread(hThread);

    if (!obj) return lw_refuse(ERROR_INVALID_HANDLE);
    if (!lpExitCode) {
        lw_object_unref(obj);
        return lw_refuse(ERROR_NOACCESS);
    }
    uint32_t code = STILL_ACTIVE;
    (void)lw_thread_ended(lw_thread_of(obj), &code);
    *lpExitCode = code;
    lw_object_unref(obj);
    return TRUE;
}

HANDLE WINAPI OpenThread(DWORD dwDesiredAccess, BOOL bInheritHandle, DWORD dwThreadId)
{
    (void)dwDesiredAccess, (void)bInheritHandle; /* every handle has full access, within one process */
    struct lw_thread *t = dwThreadId ? lw_thread_find(dwThreadId) : NULL;

    if (!t) {
        lw_set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    HANDLE h = lw_handle_open(&t->obj, 0);
    lw_object_unref(&t->obj);
    if (!h) lw_set_error(ERROR_NOT_ENOUGH_MEMORY);
    return h;
}

DWORD WINAPI GetThreadId(HANDLE Thread)
{
    struct lw_object *obj = lw_api_thread(Thread);

    if (!obj) return lw_set_error(ERROR_INVALID_HANDLE), 0;
    DWORD id = lw_thread_id(lw_thread_of(obj));
    lw_object_unref(obj);
    return id;
}

/* ---- user APCs ---- */

struct user_apc {
    struct lw_apc apc;
    PAPCFUNC routine;
    ULONG_PTR data;
};

static void user_apc_run(struct lw_apc *apc, bool deliver)
{
    struct user_apc *user = LW_CONTAINER_OF(apc, struct user_apc, apc);
    PAPCFUNC routine = user->routine;
    ULONG_PTR data = user->data;

    lw_free(user); /* first: the routine may never return */
    if (deliver) routine(data);
}

DWORD WINAPI QueueUserAPC(PAPCFUNC pfnAPC, HANDLE hThread, ULONG_PTR dwData)
{
    struct lw_object *obj = lw_api_thread(hThread);

    if (!obj) return (DWORD)lw_refuse(ERROR_INVALID_HANDLE);
    struct user_apc *user = pfnAPC ? lw_zalloc(sizeof *user) : NULL;
    DWORD error = user ? 0 : pfnAPC ? ERROR_NOT_ENOUGH_MEMORY : ERROR_INVALID_PARAMETER;
    if (user) {
        *user = (struct user_apc){ .apc = { .run = user_apc_run }, .routine = pfnAPC, .data = dwData };
        lw_list_init(&user->apc.link);
        if (!lw_apc_queue(lw_thread_of(obj), &user->apc)) {
            lw_free(user);
            error = ERROR_GEN_FAILURE;
        }
    }
    lw_object_unref(obj);
    return error ? (DWORD)lw_refuse(error) : 1;
}

/* ---- process.h ---- */

static int errno_of(DWORD error)
{
    return error == ERROR_INVALID_PARAMETER ? EINVAL : EAGAIN;
}

uintptr_t __cdecl _beginthreadex(void *security, unsigned stack_size, unsigned(__stdcall *start_address)(void *),
                                 void *arglist, unsigned initflag, unsigned *thrdaddr)
{
    DWORD id;
    HANDLE h = CreateThread(security, stack_size, (LPTHREAD_START_ROUTINE)start_address, arglist, initflag, &id);

    if (!h) errno = errno_of(GetLastError());
    else if (thrdaddr) *thrdaddr = id;
    return (uintptr_t)h;
}

DECLSPEC_NORETURN void __cdecl _endthreadex(unsigned retval)
{
    lw_thread_exit(retval);
}

struct plain_start {
    void(__cdecl *start)(void *);
    void *arg;
};

static DWORD WINAPI plain_main(LPVOID arg)
{
    struct plain_start start = *(struct plain_start *)arg;

    lw_free(arg);
    start.start(start.arg);
    return 0;
}

/* The handle closes itself when the thread ends: here it is closed at once, and its value only tells success. */
uintptr_t __cdecl _beginthread(void(__cdecl *start_address)(void *), unsigned stack_size, void *arglist)
{
    struct plain_start *start = start_address ? lw_zalloc(sizeof *start) : NULL;

    if (!start) {
        errno = start_address ? ENOMEM : EINVAL;
        return (uintptr_t)-1;
    }
    *start = (struct plain_start){ start_address, arglist };
    HANDLE h = CreateThread(NULL, stack_size, plain_main, start, 0, NULL);
    if (h) {
        (void)CloseHandle(h);
        return (uintptr_t)h;
    }
    lw_free(start);
    errno = EAGAIN;
    return (uintptr_t)-1;
}

DECLSPEC_NORETURN void __cdecl _endthread(void)
{
    lw_thread_exit(0);
}
