/* SPDX-License-Identifier: MIT */
/*
 * words.c - what Microsoft's compiler knows and ours is taught: C and C++.
 */
#define INITGUID
#include <winsock2.h>
#include <mswsock.h>
#include <windows.h>

#include <stdio.h>

DEFINE_GUID(own_guid, 0x12345678, 0x9abc, 0xdef0, 1, 2, 3, 4, 5, 6, 7, 8);

__declspec(dllexport) int __cdecl exported(int value);
__declspec(dllimport) int __stdcall imported(int value);
__declspec(noreturn) void leave(void);
struct __declspec(align(64)) line {
    unsigned __int8 bytes[64];
};
__declspec(thread) static __int64 per_thread;
static unsigned __int32 last;

static __forceinline int twice(_In_ int value, _In_opt_ LPCVOID unused)
{
    UNREFERENCED_PARAMETER(unused);
    return 2 * value;
}

__declspec(noinline) static LONGLONG quad(_Out_writes_bytes_(length) PVOID to, _In_ SIZE_T length)
{
    LARGE_INTEGER large;

    large.LowPart = 1;
    large.u.HighPart = 2;
    SecureZeroMemory(to, length);
    FillMemory(to, length, 'x');
    MemoryBarrier();
    YieldProcessor();
    return large.QuadPart;
}

int __cdecl exported(int value)
{
    static struct line cache;
    WCHAR const wide[] = { 'a', 0 };
    LPCTSTR text = TEXT("text") TEXT(__FILE__);
    GUID one = WSAID_ACCEPTEX;

    last = wide[0] + (unsigned __int32)text[0] + own_guid.Data1 + one.Data1;
    per_thread += quad(&cache, sizeof cache) + imported(value);
#ifndef __cplusplus
    value = min(value, 3) + max(value, 4);
#endif
    return twice(value, NULL) + (int)per_thread + (int)last + FIELD_OFFSET(SYSTEM_INFO, dwPageSize);
}

VOID CALLBACK routine(DWORD error, DWORD count, LPWSAOVERLAPPED overlapped, DWORD flags);
VOID CALLBACK routine(IN DWORD error, IN DWORD count, IN LPWSAOVERLAPPED overlapped, IN DWORD flags)
{
    if (HasOverlappedIoCompleted(overlapped)) last = error + count + flags;
    if (last) leave();
}

/* The pages of the Winsock reference print like this, with no header but <stdio.h> for it. */
void say(const wchar_t *what);
void say(const wchar_t *what)
{
    if (wcslen(what)) wprintf(L"%ls failed with error: %d\n", what, WSAGetLastError());
}
