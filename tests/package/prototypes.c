/* SPDX-License-Identifier: MIT */
/*
 * prototypes.c - every function that the headers declare has the type that it
 * has on Windows, and exists.
 *
 * The compiler compares each with the type written here, natively and with
 * MinGW-w64; linking the program shows that the library has them all.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <ws2spi.h>
#include <windows.h>
#include <process.h>

#include <stdio.h>

static int count;

/* The assignment checks the type; the address must not be a constant, or nothing would be linked. */
#define HAS(result, convention, name, ...)                  \
    do {                                                    \
        result(convention *volatile p)(__VA_ARGS__) = name; \
        if (p) count++;                                     \
    } while (0)

static void last_error(void)
{
    HAS(DWORD, WINAPI, GetLastError, void);
    HAS(void, WINAPI, SetLastError, DWORD);
}

static void handles(void)
{
    HAS(BOOL, WINAPI, CloseHandle, HANDLE);
    HAS(BOOL, WINAPI, DuplicateHandle, HANDLE, HANDLE, HANDLE, LPHANDLE, DWORD, BOOL, DWORD);
}

static void requests(void)
{
    HAS(BOOL, WINAPI, GetOverlappedResult, HANDLE, LPOVERLAPPED, LPDWORD, BOOL);
    HAS(BOOL, WINAPI, GetOverlappedResultEx, HANDLE, LPOVERLAPPED, LPDWORD, DWORD, BOOL);
    HAS(BOOL, WINAPI, CancelIo, HANDLE);
    HAS(BOOL, WINAPI, CancelIoEx, HANDLE, LPOVERLAPPED);
}

static void waits(void)
{
    HAS(HANDLE, WINAPI, CreateEventA, LPSECURITY_ATTRIBUTES, BOOL, BOOL, LPCSTR);
    HAS(HANDLE, WINAPI, CreateEventW, LPSECURITY_ATTRIBUTES, BOOL, BOOL, LPCWSTR);
    HAS(HANDLE, WINAPI, CreateEventExA, LPSECURITY_ATTRIBUTES, LPCSTR, DWORD, DWORD);
    HAS(HANDLE, WINAPI, CreateEventExW, LPSECURITY_ATTRIBUTES, LPCWSTR, DWORD, DWORD);
    HAS(HANDLE, WINAPI, OpenEventA, DWORD, BOOL, LPCSTR);
    HAS(HANDLE, WINAPI, OpenEventW, DWORD, BOOL, LPCWSTR);
    HAS(BOOL, WINAPI, SetEvent, HANDLE);
    HAS(BOOL, WINAPI, ResetEvent, HANDLE);
    HAS(BOOL, WINAPI, PulseEvent, HANDLE);
    HAS(DWORD, WINAPI, WaitForSingleObject, HANDLE, DWORD);
    HAS(DWORD, WINAPI, WaitForSingleObjectEx, HANDLE, DWORD, BOOL);
    HAS(DWORD, WINAPI, WaitForMultipleObjects, DWORD, const HANDLE *, BOOL, DWORD);
    HAS(DWORD, WINAPI, WaitForMultipleObjectsEx, DWORD, const HANDLE *, BOOL, DWORD, BOOL);
    HAS(DWORD, WINAPI, SignalObjectAndWait, HANDLE, HANDLE, DWORD, BOOL);
    HAS(void, WINAPI, Sleep, DWORD);
    HAS(DWORD, WINAPI, SleepEx, DWORD, BOOL);
    HAS(void, WINAPI, InitializeCriticalSection, LPCRITICAL_SECTION);
    HAS(BOOL, WINAPI, InitializeCriticalSectionAndSpinCount, LPCRITICAL_SECTION, DWORD);
    HAS(BOOL, WINAPI, InitializeCriticalSectionEx, LPCRITICAL_SECTION, DWORD, DWORD);
    HAS(void, WINAPI, EnterCriticalSection, LPCRITICAL_SECTION);
    HAS(BOOL, WINAPI, TryEnterCriticalSection, LPCRITICAL_SECTION);
    HAS(void, WINAPI, LeaveCriticalSection, LPCRITICAL_SECTION);
    HAS(void, WINAPI, DeleteCriticalSection, LPCRITICAL_SECTION);
}

static void threads(void)
{
    HAS(HANDLE, WINAPI, CreateThread, LPSECURITY_ATTRIBUTES, SIZE_T, LPTHREAD_START_ROUTINE, LPVOID, DWORD, LPDWORD);
    HAS(void, WINAPI, ExitThread, DWORD);
    HAS(DWORD, WINAPI, ResumeThread, HANDLE);
    HAS(BOOL, WINAPI, GetExitCodeThread, HANDLE, LPDWORD);
    HAS(HANDLE, WINAPI, OpenThread, DWORD, BOOL, DWORD);
    HAS(HANDLE, WINAPI, GetCurrentThread, void);
    HAS(DWORD, WINAPI, GetCurrentThreadId, void);
    HAS(DWORD, WINAPI, GetThreadId, HANDLE);
    HAS(BOOL, WINAPI, SwitchToThread, void);
    HAS(DWORD, WINAPI, QueueUserAPC, PAPCFUNC, HANDLE, ULONG_PTR);
    HAS(DWORD, WINAPI, TlsAlloc, void);
    HAS(LPVOID, WINAPI, TlsGetValue, DWORD);
    HAS(BOOL, WINAPI, TlsSetValue, DWORD, LPVOID);
    HAS(BOOL, WINAPI, TlsFree, DWORD);
    HAS(HANDLE, WINAPI, GetCurrentProcess, void);
    HAS(DWORD, WINAPI, GetCurrentProcessId, void);
    HAS(void, WINAPI, ExitProcess, UINT);
}

static void heap(void)
{
    HAS(HANDLE, WINAPI, GetProcessHeap, void);
    HAS(LPVOID, WINAPI, HeapAlloc, HANDLE, DWORD, SIZE_T);
    HAS(LPVOID, WINAPI, HeapReAlloc, HANDLE, DWORD, LPVOID, SIZE_T);
    HAS(BOOL, WINAPI, HeapFree, HANDLE, DWORD, LPVOID);
    HAS(HGLOBAL, WINAPI, GlobalAlloc, UINT, SIZE_T);
    HAS(HGLOBAL, WINAPI, GlobalFree, HGLOBAL);
    HAS(LPVOID, WINAPI, GlobalLock, HGLOBAL);
    HAS(BOOL, WINAPI, GlobalUnlock, HGLOBAL);
    HAS(HLOCAL, WINAPI, LocalAlloc, UINT, SIZE_T);
    HAS(HLOCAL, WINAPI, LocalFree, HLOCAL);
    HAS(LPVOID, WINAPI, LocalLock, HLOCAL);
    HAS(BOOL, WINAPI, LocalUnlock, HLOCAL);
}

static void messages(void)
{
    HAS(DWORD, WINAPI, FormatMessageA, DWORD, LPCVOID, DWORD, DWORD, LPSTR, DWORD, va_list *);
    HAS(DWORD, WINAPI, FormatMessageW, DWORD, LPCVOID, DWORD, DWORD, LPWSTR, DWORD, va_list *);
}

static void strings(void)
{
    HAS(int, WINAPI, lstrlenA, LPCSTR);
    HAS(int, WINAPI, lstrlenW, LPCWSTR);
    HAS(LPSTR, WINAPI, lstrcpyA, LPSTR, LPCSTR);
    HAS(LPWSTR, WINAPI, lstrcpyW, LPWSTR, LPCWSTR);
    HAS(LPSTR, WINAPI, lstrcpynA, LPSTR, LPCSTR, int);
    HAS(LPWSTR, WINAPI, lstrcpynW, LPWSTR, LPCWSTR, int);
    HAS(LPSTR, WINAPI, lstrcatA, LPSTR, LPCSTR);
    HAS(LPWSTR, WINAPI, lstrcatW, LPWSTR, LPCWSTR);
    HAS(int, __cdecl, _stricmp, const char *, const char *);
    HAS(int, __cdecl, _strnicmp, const char *, const char *, size_t);
    HAS(char *, __cdecl, _strdup, const char *);
}

static void system_info(void)
{
    HAS(void, WINAPI, GetSystemInfo, LPSYSTEM_INFO);
    HAS(DWORD, WINAPI, GetTickCount, void);
    HAS(ULONGLONG, WINAPI, GetTickCount64, void);
    HAS(void, WINAPI, GetSystemTimeAsFileTime, LPFILETIME);
#if !defined __MINGW32__ || _WIN32_WINNT >= 0x0602
    HAS(void, WINAPI, GetSystemTimePreciseAsFileTime, LPFILETIME);
#endif
    HAS(void, WINAPI, GetSystemTime, LPSYSTEMTIME);
    HAS(void, WINAPI, GetLocalTime, LPSYSTEMTIME);
}

static void clock_functions(void)
{
    HAS(BOOL, WINAPI, QueryPerformanceCounter, LARGE_INTEGER *);
    HAS(BOOL, WINAPI, QueryPerformanceFrequency, LARGE_INTEGER *);
}

static void console(void)
{
    HAS(BOOL, WINAPI, SetConsoleCtrlHandler, PHANDLER_ROUTINE, BOOL);
}

static void runtime_threads(void)
{
    HAS(uintptr_t, __cdecl, _beginthreadex, void *, unsigned, unsigned(__stdcall *)(void *), void *, unsigned,
        unsigned *);
    HAS(void, __cdecl, _endthreadex, unsigned retval);
    HAS(uintptr_t, __cdecl, _beginthread, void(__cdecl *)(void *), unsigned, void *);
    HAS(void, __cdecl, _endthread, void);
}

static void winsock(void)
{
    HAS(int, WINAPI, WSAStartup, WORD, LPWSADATA);
    HAS(int, WINAPI, WSACleanup, void);
    HAS(int, WINAPI, WSAGetLastError, void);
    HAS(void, WINAPI, WSASetLastError, int);
    HAS(WSAEVENT, WINAPI, WSACreateEvent, void);
    HAS(BOOL, WINAPI, WSACloseEvent, WSAEVENT);
    HAS(BOOL, WINAPI, WSASetEvent, WSAEVENT);
    HAS(BOOL, WINAPI, WSAResetEvent, WSAEVENT);
    HAS(DWORD, WINAPI, WSAWaitForMultipleEvents, DWORD, const WSAEVENT *, BOOL, DWORD, BOOL);
    HAS(SOCKET, WINAPI, socket, int, int, int);
    HAS(SOCKET, WINAPI, WSASocketA, int, int, int, LPWSAPROTOCOL_INFOA, GROUP, DWORD);
    HAS(SOCKET, WINAPI, WSASocketW, int, int, int, LPWSAPROTOCOL_INFOW, GROUP, DWORD);
    HAS(int, WINAPI, bind, SOCKET, const struct sockaddr *, int);
    HAS(int, WINAPI, listen, SOCKET, int);
    HAS(SOCKET, WINAPI, accept, SOCKET, struct sockaddr *, int *);
    HAS(int, WINAPI, connect, SOCKET, const struct sockaddr *, int);
    HAS(int, WINAPI, WSAConnect, SOCKET, const struct sockaddr *, int, LPWSABUF, LPWSABUF, LPQOS, LPQOS);
    HAS(int, WINAPI, shutdown, SOCKET, int);
    HAS(int, WINAPI, closesocket, SOCKET);
    HAS(int, WINAPI, getsockname, SOCKET, struct sockaddr *, int *);
    HAS(int, WINAPI, getpeername, SOCKET, struct sockaddr *, int *);
    HAS(int, WINAPI, send, SOCKET, const char *, int, int);
    HAS(int, WINAPI, recv, SOCKET, char *, int, int);
    HAS(int, WINAPI, sendto, SOCKET, const char *, int, int, const struct sockaddr *, int);
    HAS(int, WINAPI, recvfrom, SOCKET, char *, int, int, struct sockaddr *, int *);
    HAS(int, WINAPI, WSASend, SOCKET, LPWSABUF, DWORD, LPDWORD, DWORD, LPWSAOVERLAPPED,
        LPWSAOVERLAPPED_COMPLETION_ROUTINE);
    HAS(int, WINAPI, WSASendTo, SOCKET, LPWSABUF, DWORD, LPDWORD, DWORD, const struct sockaddr *, int, LPWSAOVERLAPPED,
        LPWSAOVERLAPPED_COMPLETION_ROUTINE);
    HAS(int, WINAPI, WSARecv, SOCKET, LPWSABUF, DWORD, LPDWORD, LPDWORD, LPWSAOVERLAPPED,
        LPWSAOVERLAPPED_COMPLETION_ROUTINE);
    HAS(int, WINAPI, WSARecvFrom, SOCKET, LPWSABUF, DWORD, LPDWORD, LPDWORD, struct sockaddr *, LPINT, LPWSAOVERLAPPED,
        LPWSAOVERLAPPED_COMPLETION_ROUTINE);
    HAS(BOOL, WINAPI, WSAGetOverlappedResult, SOCKET, LPWSAOVERLAPPED, LPDWORD, BOOL, LPDWORD);
}

static void options_and_addresses(void)
{
    HAS(int, WINAPI, getsockopt, SOCKET, int, int, char *, int *);
    HAS(int, WINAPI, setsockopt, SOCKET, int, int, const char *, int);
    HAS(int, WINAPI, ioctlsocket, SOCKET, long, u_long *);
    HAS(int, WINAPI, WSAIoctl, SOCKET, DWORD, LPVOID, DWORD, LPVOID, DWORD, LPDWORD, LPWSAOVERLAPPED,
        LPWSAOVERLAPPED_COMPLETION_ROUTINE);
    HAS(u_long, WINAPI, htonl, u_long);
    HAS(u_short, WINAPI, htons, u_short);
    HAS(u_long, WINAPI, ntohl, u_long);
    HAS(u_short, WINAPI, ntohs, u_short);
    HAS(int, WINAPI, WSAHtonl, SOCKET, u_long, u_long *);
    HAS(int, WINAPI, WSAHtons, SOCKET, u_short, u_short *);
    HAS(int, WINAPI, WSANtohl, SOCKET, u_long, u_long *);
    HAS(int, WINAPI, WSANtohs, SOCKET, u_short, u_short *);
    HAS(u_long, WINAPI, inet_addr, const char *);
    HAS(char *, WINAPI, inet_ntoa, struct in_addr);
#ifdef __MINGW32__
    HAS(int, WINAPI, gethostname, char *, int);
#else
    HAS(int, WINAPI, gethostname, char *, size_t);
    HAS(int, WINAPI, select, int, fd_set *, fd_set *, fd_set *, const struct timeval *); /* MinGW: "const PTIMEVAL" */
#endif
}

static void sets(void)
{
    HAS(int, WINAPI, __WSAFDIsSet, SOCKET, fd_set *);
}

static void names(void)
{
    HAS(INT, WINAPI, getaddrinfo, PCSTR, PCSTR, const ADDRINFOA *, PADDRINFOA *);
    HAS(void, WINAPI, freeaddrinfo, PADDRINFOA);
    HAS(INT, WINAPI, getnameinfo, const SOCKADDR *, socklen_t, PCHAR, DWORD, PCHAR, DWORD, INT);
    HAS(char *, WINAPI, gai_strerrorA, int);
    HAS(struct hostent *, WINAPI, gethostbyname, const char *);
    HAS(struct hostent *, WINAPI, gethostbyaddr, const char *, int, int);
    HAS(PCSTR, WINAPI, inet_ntop, INT, const void *, PSTR, size_t);
    HAS(INT, WINAPI, inet_pton, INT, PCSTR, void *);
}

static void extensions(void)
{
    HAS(BOOL, WINAPI, AcceptEx, SOCKET, SOCKET, PVOID, DWORD, DWORD, DWORD, LPDWORD, LPOVERLAPPED);
    HAS(void, WINAPI, GetAcceptExSockaddrs, PVOID, DWORD, DWORD, DWORD, struct sockaddr **, LPINT, struct sockaddr **,
        LPINT);
}

static void provider(void)
{
#ifndef __MINGW32__ /* which does not declare it */
    HAS(BOOL, WINAPI, WSPGetOverlappedResult, SOCKET, LPWSAOVERLAPPED, LPDWORD, BOOL, LPDWORD, LPINT);
#endif
}

int main(void)
{
    last_error();
    handles();
    requests();
    waits();
    threads();
    heap();
    messages();
    strings();
    system_info();
    clock_functions();
    console();
    runtime_threads();
    winsock();
    options_and_addresses();
    sets();
    names();
    extensions();
    provider();
    printf("%d functions\n", count);
    return 0;
}
