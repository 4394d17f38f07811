/* SPDX-License-Identifier: MIT */
/* handle.c - CloseHandle and DuplicateHandle, for every kind of object. */
#include "api/error.h"
#include "api/object.h"
#include "wait/thread.h"

#include <windows.h>

/* ---- the process as an object ---- */

static bool process_test(struct lw_object *obj, struct lw_object *taker)
{
    (void)obj, (void)taker;
    return false; /* it is running */
}

static void process_destroy(struct lw_object *obj)
{
    (void)obj; /* static: its first reference is never given back */
}

static const struct lw_object_ops process_ops = {
    .kind = LW_KIND_PROCESS,
    .test = process_test,
    .destroy = process_destroy,
};

static struct lw_object process = {
    .ops = &process_ops,
    .refs = 1,
    .lock = LW_LOCK_INITIALIZER,
    .waiters = { &process.waiters, &process.waiters },
};

struct lw_object *lw_api_object(lw_handle_t h)
{
    struct lw_object *obj;

    if (h == LW_CURRENT_THREAD) {
        struct lw_thread *self = lw_thread_self();
        obj = self ? &self->obj : NULL;
        if (obj) lw_object_ref(obj);
        return obj;
    }
    if (h == LW_CURRENT_PROCESS) {
        lw_object_ref(&process);
        return &process;
    }
    obj = lw_handle_get(h, NULL);
    if (!obj) return NULL;
    lw_object_ref(obj);
    lw_handle_put(h);
    return obj;
}

struct lw_object *lw_api_thread(lw_handle_t h)
{
    struct lw_object *obj = lw_api_object(h);

    if (!obj || obj->ops->kind == LW_KIND_THREAD) return obj;
    lw_object_unref(obj);
    return NULL;
}

BOOL WINAPI CloseHandle(HANDLE hObject)
{
    if (hObject == LW_CURRENT_PROCESS || hObject == LW_CURRENT_THREAD) return TRUE; /* nothing to close */
    return lw_handle_close(hObject) ? TRUE : lw_refuse(ERROR_INVALID_HANDLE);
}

BOOL WINAPI DuplicateHandle(HANDLE hSourceProcessHandle, HANDLE hSourceHandle, HANDLE hTargetProcessHandle,
                            LPHANDLE lpTargetHandle, DWORD dwDesiredAccess, BOOL bInheritHandle, DWORD dwOptions)
{
    (void)dwDesiredAccess, (void)bInheritHandle; /* every handle has full access, within one process */
    struct lw_object *from = lw_api_object(hSourceProcessHandle), *to = lw_api_object(hTargetProcessHandle);
    bool just_close = !lpTargetHandle && (dwOptions & DUPLICATE_CLOSE_SOURCE); /* needs no target process */
    bool ours = from == &process && (to == &process || just_close);

    if (from) lw_object_unref(from);
    if (to) lw_object_unref(to);
    if (!ours) return lw_refuse(ERROR_INVALID_HANDLE);
    struct lw_object *obj = lw_api_object(hSourceHandle);
    if (!obj) return lw_refuse(ERROR_INVALID_HANDLE);
    HANDLE copy = NULL;
    unsigned flags = obj->ops->kind == LW_KIND_SOCKET ? LW_HANDLE_NOT_WINSOCK : 0;
    if (lpTargetHandle) copy = lw_handle_open(obj, flags);
    lw_object_unref(obj);
    if (lpTargetHandle && !copy) return lw_refuse(ERROR_NOT_ENOUGH_MEMORY);
    if (dwOptions & DUPLICATE_CLOSE_SOURCE) (void)CloseHandle(hSourceHandle);
    if (lpTargetHandle) *lpTargetHandle = copy;
    return TRUE;
}
