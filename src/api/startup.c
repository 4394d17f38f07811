/* SPDX-License-Identifier: MIT */
/*
 * startup.c - WSAStartup, WSACleanup (contract 10; 20 section 14), and what
 * the process needs once: the descriptor limit and the fork handler.
 */
#include "api/startup.h"

#include "api/error.h"
#include "api/fork.h"
#include "sock/sock.h"

#include <lapwing.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <winsock2.h>

_Atomic int lw_startup_count;

static pthread_mutex_t startup_lock = PTHREAD_MUTEX_INITIALIZER; /* held while the count changes */
static pthread_once_t process_once = PTHREAD_ONCE_INIT;
static _Atomic bool keep_limit;

void lapwing_keep_nofile_limit(void)
{
    atomic_store(&keep_limit, true);
}

void lw_startup_lock_for_fork(bool take)
{
    if (take) pthread_mutex_lock(&startup_lock);
    else pthread_mutex_unlock(&startup_lock);
}

/* Windows has no such limit, and 1,024 kills the first real server. */
static void raise_limit(void)
{
    struct rlimit rl;

    if (atomic_load(&keep_limit) || secure_getenv("LAPWING_KEEP_NOFILE_LIMIT")) return;
    if (getrlimit(RLIMIT_NOFILE, &rl) || rl.rlim_cur >= rl.rlim_max) return;
    rl.rlim_cur = rl.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &rl); /* refused: the old limit stays */
}

static void prepare_process(void)
{
    raise_limit();
    lw_fork_prepare();
}

int WSAAPI WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData)
{
    BYTE major = LOBYTE(wVersionRequested), minor = HIBYTE(wVersionRequested);
    bool known = (major == 1 && minor <= 1) || (major == 2 && minor <= 2);

    if (!lpWSAData) return WSAEFAULT;
    if (major < 1) return WSAVERNOTSUPPORTED;
    memset(lpWSAData, 0, sizeof *lpWSAData);
    lpWSAData->wVersion = known ? wVersionRequested : MAKEWORD(2, 2);
    lpWSAData->wHighVersion = MAKEWORD(2, 2);
    lpWSAData->iMaxSockets = major == 1 ? 32767 : 0;
    lpWSAData->iMaxUdpDg = major == 1 ? 65467 : 0;
    strcpy(lpWSAData->szDescription, "WinSock 2.0");
    strcpy(lpWSAData->szSystemStatus, "Running");
    (void)pthread_once(&process_once, prepare_process);
    pthread_mutex_lock(&startup_lock);
    lw_sock_read_limit();
    atomic_fetch_add(&lw_startup_count, 1);
    pthread_mutex_unlock(&startup_lock);
    lw_set_error(0);
    return 0;
}

int WSAAPI WSACleanup(void)
{
    int before;

    pthread_mutex_lock(&startup_lock);
    before = atomic_load(&lw_startup_count);
    if (before > 0) atomic_store(&lw_startup_count, before - 1);
    if (before == 1) lw_sock_close_all();
    pthread_mutex_unlock(&startup_lock);
    if (before == 0) return lw_wsa_refuse(WSANOTINITIALISED);
    lw_set_error(0);
    return 0;
}
