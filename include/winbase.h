/* SPDX-License-Identifier: MIT */
/* winbase.h - kernel32, as far as it is here. */
#ifndef LAPWING_WINBASE_H
#define LAPWING_WINBASE_H

#define _WINBASE_

#include <windef.h>

#include <errhandlingapi.h>
#include <handleapi.h>
#include <heapapi.h>
#include <interlockedapi.h>
#include <ioapiset.h>
#include <minwinbase.h>
#include <processthreadsapi.h>
#include <profileapi.h>
#include <synchapi.h>
#include <sysinfoapi.h>
#include <winerror.h>

#define CREATE_SUSPENDED 0x00000004
#define STACK_SIZE_PARAM_IS_A_RESERVATION 0x00010000

#define ZeroMemory RtlZeroMemory
#define FillMemory RtlFillMemory
#define CopyMemory RtlCopyMemory
#define MoveMemory RtlMoveMemory
#define SecureZeroMemory RtlSecureZeroMemory

/* An acquire load: a plain one may be hoisted out of a polling loop, and the bytes must be visible after it. */
#define HasOverlappedIoCompleted(lpOverlapped) \
    ((DWORD)__atomic_load_n(&(lpOverlapped)->Internal, __ATOMIC_ACQUIRE) != 0x00000103 /* STATUS_PENDING */)

#endif
