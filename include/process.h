/* SPDX-License-Identifier: MIT */
/* process.h - threads as the C runtime starts them. */
#ifndef LAPWING_PROCESS_H
#define LAPWING_PROCESS_H

#include <stdint.h>

#include <minwindef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 0 and errno when it fails; the caller closes the handle. */
uintptr_t __cdecl _beginthreadex(void *security, unsigned stack_size, unsigned(__stdcall *start_address)(void *),
                                 void *arglist, unsigned initflag, unsigned *thrdaddr);
__attribute__((__noreturn__)) void __cdecl _endthreadex(unsigned retval);

/* (uintptr_t)-1 and errno when it fails; the handle is closed when the thread ends. */
uintptr_t __cdecl _beginthread(void(__cdecl *start_address)(void *), unsigned stack_size, void *arglist);
__attribute__((__noreturn__)) void __cdecl _endthread(void);

#ifdef __cplusplus
}
#endif

#endif
