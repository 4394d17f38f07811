/* SPDX-License-Identifier: MIT */
/* system.c - the machine and this process. */
#include <processthreadsapi.h>
#include <sysinfoapi.h>

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    ALLOCATION_GRANULARITY = 0x10000, /* what programs expect; mmap is finer */
    PROCESSOR_TYPE_AMD64 = 8664,
    PROCESSOR_TYPE_INTEL = 586,
};

/* The processors that this process may use, as Windows counts them for a process with an affinity. */
static DWORD count_processors(DWORD_PTR *ret_mask)
{
    cpu_set_t set;
    DWORD count;

    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set)) {
        /* More processors than the set has bits. */
        *ret_mask = ~(DWORD_PTR)0;
        return (DWORD)sysconf(_SC_NPROCESSORS_ONLN);
    }
    count = (DWORD)CPU_COUNT(&set);
    *ret_mask = 0;
    for (unsigned i = 0; i < 8 * sizeof(*ret_mask); i++) {
        if (CPU_ISSET(i, &set)) *ret_mask |= (DWORD_PTR)1 << i;
    }
    return count;
}

void WINAPI GetSystemInfo(LPSYSTEM_INFO lpSystemInfo)
{
    static const SYSTEM_INFO nothing;

    *lpSystemInfo = nothing;
#if defined __x86_64__
    lpSystemInfo->wProcessorArchitecture = PROCESSOR_ARCHITECTURE_AMD64;
    lpSystemInfo->dwProcessorType = PROCESSOR_TYPE_AMD64;
#elif defined __i386__
    lpSystemInfo->wProcessorArchitecture = PROCESSOR_ARCHITECTURE_INTEL;
    lpSystemInfo->dwProcessorType = PROCESSOR_TYPE_INTEL;
#elif defined __aarch64__
    lpSystemInfo->wProcessorArchitecture = PROCESSOR_ARCHITECTURE_ARM64;
#elif defined __arm__
    lpSystemInfo->wProcessorArchitecture = PROCESSOR_ARCHITECTURE_ARM;
#else
    lpSystemInfo->wProcessorArchitecture = PROCESSOR_ARCHITECTURE_UNKNOWN;
#endif
    lpSystemInfo->dwPageSize = (DWORD)sysconf(_SC_PAGESIZE);
    lpSystemInfo->lpMinimumApplicationAddress = (LPVOID)(ULONG_PTR)ALLOCATION_GRANULARITY;
    /* Linux' limit, one page below the end of the lower half: the stack may stand above Windows' 0x7ffffffeffff. */
    lpSystemInfo->lpMaximumApplicationAddress =
        (LPVOID)(((ULONG_PTR)1 << (sizeof(void *) == 8 ? 47 : 31)) - lpSystemInfo->dwPageSize - 1);
    lpSystemInfo->dwNumberOfProcessors = count_processors(&lpSystemInfo->dwActiveProcessorMask);
    lpSystemInfo->dwAllocationGranularity = ALLOCATION_GRANULARITY;
}

DWORD WINAPI GetCurrentProcessId(void)
{
    return (DWORD)getpid();
}

void WINAPI ExitProcess(UINT uExitCode)
{
    static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
    static __thread int exiting;
    /* The shell sees eight bits of the code; what is not zero must not look like success. */
    int code = (uExitCode & 0xff) || !uExitCode ? (int)(uExitCode & 0xff) : 0xff;

    /* exit may run once only: another thread waits here for the end, and a handler that runs in it ends at once. */
    if (exiting) _exit(code);
    exiting = 1;
    (void)pthread_mutex_lock(&once); /* never given back */
    exit(code);
}
