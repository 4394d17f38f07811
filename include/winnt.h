/* SPDX-License-Identifier: MIT */
/*
 * winnt.h - types and values of the system below kernel32: handles, strings,
 * 64-bit integers, access rights, locks.
 *
 * WCHAR is a UTF-16 unit, two bytes, as on Windows.  u"..." is its literal
 * (L"..." is four bytes wide on Linux unless -fshort-wchar is given), and
 * TEXT("...") chooses the right one.
 */
#ifndef LAPWING_WINNT_H
#define LAPWING_WINNT_H

#define _WINNT_

#include <ctype.h>
#include <string.h>
#include <wchar.h> /* wprintf is in Windows' <stdio.h>, wcslen in its <string.h> */

#include <minwindef.h>

#ifndef VOID
#define VOID void
#endif

typedef void *PVOID;
typedef void *HANDLE, **PHANDLE, **LPHANDLE;
typedef HANDLE HLOCAL, HGLOBAL;
typedef LONG HRESULT;
typedef BYTE BOOLEAN, *PBOOLEAN;
typedef long long LONGLONG, *PLONGLONG;
typedef unsigned long long ULONGLONG, *PULONGLONG;
typedef unsigned long long DWORDLONG, *PDWORDLONG;

#define NTAPI
#define STDAPICALLTYPE
#define STDMETHODCALLTYPE
#define DECLSPEC_NORETURN __attribute__((__noreturn__))
#define DECLSPEC_NOINLINE __attribute__((__noinline__))
#define FORCEINLINE __forceinline
#define DECLSPEC_ALIGN(n) __attribute__((__aligned__(n)))
#define DECLARE_HANDLE(name) \
    struct name##__;         \
    typedef struct name##__ *name

DECLARE_HANDLE(HWND);
DECLARE_HANDLE(HINSTANCE);
typedef HINSTANCE HMODULE;

/* ---- text ---- */

#if defined __SIZEOF_WCHAR_T__ && __SIZEOF_WCHAR_T__ == 2
typedef wchar_t WCHAR;
#define LW_WIDE_TEXT(text) L##text
#elif defined __cplusplus
typedef char16_t WCHAR;
#define LW_WIDE_TEXT(text) u##text
#else
typedef __CHAR16_TYPE__ WCHAR;
#define LW_WIDE_TEXT(text) u##text
#endif

typedef CHAR *PCHAR, *LPCH, *PCH, *LPSTR, *PSTR, *NPSTR;
typedef const CHAR *LPCCH, *PCCH, *LPCSTR, *PCSTR;
typedef WCHAR *PWCHAR, *LPWCH, *PWCH, *LPWSTR, *PWSTR, *NWPSTR;
typedef const WCHAR *LPCWCH, *PCWCH, *LPCWSTR, *PCWSTR;

#ifdef UNICODE
typedef WCHAR TCHAR, *PTCHAR;
typedef LPWSTR PTSTR, LPTSTR;
typedef LPCWSTR PCTSTR, LPCTSTR;
#define LW_TEXT(text) LW_WIDE_TEXT(text)
#else
typedef CHAR TCHAR, *PTCHAR;
typedef LPSTR PTSTR, LPTSTR;
typedef LPCSTR PCTSTR, LPCTSTR;
#define LW_TEXT(text) text
#endif
#ifndef TEXT
#define TEXT(text) LW_TEXT(text) /* the detour expands macros in the argument first */
#endif

/* ---- 64-bit integers and lists ---- */

typedef union _LARGE_INTEGER {
    __extension__ struct {
        DWORD LowPart;
        LONG HighPart;
    };
    struct {
        DWORD LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
    __extension__ struct {
        DWORD LowPart;
        DWORD HighPart;
    };
    struct {
        DWORD LowPart;
        DWORD HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY *Flink;
    struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY;

#define CONTAINING_RECORD(address, type, field) ((type *)((char *)(address)-offsetof(type, field)))
#define FIELD_OFFSET(type, field) ((LONG)offsetof(type, field))
#define ARRAYSIZE(array) (sizeof(array) / sizeof((array)[0]))
#define UNREFERENCED_PARAMETER(name) ((void)(name))
#define DBG_UNREFERENCED_PARAMETER(name) ((void)(name))
#define DBG_UNREFERENCED_LOCAL_VARIABLE(name) ((void)(name))

#define MAXBYTE 0xff
#define MAXWORD 0xffff
#define MAXDWORD 0xffffffff

#define MAXIMUM_WAIT_OBJECTS 64
#define MAXIMUM_SUSPEND_COUNT 127

/* ---- rights ---- */

typedef DWORD ACCESS_MASK;

#define DELETE 0x00010000
#define READ_CONTROL 0x00020000
#define WRITE_DAC 0x00040000
#define WRITE_OWNER 0x00080000
#define SYNCHRONIZE 0x00100000
#define STANDARD_RIGHTS_REQUIRED 0x000f0000
#define STANDARD_RIGHTS_READ READ_CONTROL
#define STANDARD_RIGHTS_WRITE READ_CONTROL
#define STANDARD_RIGHTS_EXECUTE READ_CONTROL
#define STANDARD_RIGHTS_ALL 0x001f0000
#define SPECIFIC_RIGHTS_ALL 0x0000ffff
#define MAXIMUM_ALLOWED 0x02000000
#define GENERIC_READ 0x80000000
#define GENERIC_WRITE 0x40000000
#define GENERIC_EXECUTE 0x20000000
#define GENERIC_ALL 0x10000000

#define EVENT_MODIFY_STATE 0x0002
#define EVENT_ALL_ACCESS 0x001f0003

#define THREAD_TERMINATE 0x0001
#define THREAD_SUSPEND_RESUME 0x0002
#define THREAD_GET_CONTEXT 0x0008
#define THREAD_SET_CONTEXT 0x0010
#define THREAD_SET_INFORMATION 0x0020
#define THREAD_QUERY_INFORMATION 0x0040
#define THREAD_SET_THREAD_TOKEN 0x0080
#define THREAD_IMPERSONATE 0x0100
#define THREAD_DIRECT_IMPERSONATION 0x0200
#define THREAD_SET_LIMITED_INFORMATION 0x0400
#define THREAD_QUERY_LIMITED_INFORMATION 0x0800
#define THREAD_RESUME 0x1000
#define THREAD_ALL_ACCESS 0x001fffff

#define DUPLICATE_CLOSE_SOURCE 0x00000001
#define DUPLICATE_SAME_ACCESS 0x00000002

#define HEAP_NO_SERIALIZE 0x00000001
#define HEAP_GENERATE_EXCEPTIONS 0x00000004
#define HEAP_ZERO_MEMORY 0x00000008
#define HEAP_REALLOC_IN_PLACE_ONLY 0x00000010

#define TLS_MINIMUM_AVAILABLE 64

/* ---- languages: those that FormatMessage has texts in ---- */

typedef WORD LANGID;

#define MAKELANGID(primary, sub) ((WORD)((WORD)(primary) | (WORD)(sub) << 10))
#define PRIMARYLANGID(language) ((WORD)((WORD)(language) & 0x3ff))
#define SUBLANGID(language) ((WORD)((WORD)(language) >> 10))
#define LANG_NEUTRAL 0x00
#define LANG_ENGLISH 0x09
#define SUBLANG_NEUTRAL 0x00
#define SUBLANG_DEFAULT 0x01
#define SUBLANG_SYS_DEFAULT 0x02
#define SUBLANG_ENGLISH_US 0x01
#define SUBLANG_ENGLISH_UK 0x02
#define LANG_USER_DEFAULT MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT)
#define LANG_SYSTEM_DEFAULT MAKELANGID(LANG_NEUTRAL, SUBLANG_SYS_DEFAULT)

#define PROCESSOR_ARCHITECTURE_INTEL 0
#define PROCESSOR_ARCHITECTURE_ARM 5
#define PROCESSOR_ARCHITECTURE_AMD64 9
#define PROCESSOR_ARCHITECTURE_ARM64 12
#define PROCESSOR_ARCHITECTURE_UNKNOWN 0xffff

/* ---- a few statuses, as DWORD; <ntstatus.h> has all of them as NTSTATUS and replaces these ---- */

#if !defined WIN32_NO_STATUS && !defined LAPWING_NTSTATUS_H
#define STATUS_WAIT_0 ((DWORD)0x00000000)
#define STATUS_ABANDONED_WAIT_0 ((DWORD)0x00000080)
#define STATUS_USER_APC ((DWORD)0x000000c0)
#define STATUS_TIMEOUT ((DWORD)0x00000102)
#define STATUS_PENDING ((DWORD)0x00000103)
#define STATUS_ACCESS_VIOLATION ((DWORD)0xc0000005)
#define STATUS_INVALID_HANDLE ((DWORD)0xc0000008)
#define STATUS_INVALID_PARAMETER ((DWORD)0xc000000d)
#define STATUS_NO_MEMORY ((DWORD)0xc0000017)
#define STATUS_CONTROL_C_EXIT ((DWORD)0xc000013a)
#endif

/* ---- locks: a CRITICAL_SECTION is this; its members belong to the library ---- */

typedef struct _RTL_CRITICAL_SECTION {
    PVOID DebugInfo;
    LONG LockCount;
    LONG RecursionCount;
    HANDLE OwningThread;
    HANDLE LockSemaphore;
    ULONG_PTR SpinCount;
} RTL_CRITICAL_SECTION, *PRTL_CRITICAL_SECTION;

typedef void(NTAPI *PAPCFUNC)(ULONG_PTR Parameter);

/* ---- memory ---- */

#define RtlZeroMemory(to, length) memset((to), 0, (length))
#define RtlFillMemory(to, length, byte) memset((to), (byte), (length))
#define RtlCopyMemory(to, from, length) memcpy((to), (from), (length))
#define RtlMoveMemory(to, from, length) memmove((to), (from), (length))
/* Zeroes memory that is not read again, too. */
static __inline __attribute__((__unused__)) PVOID RtlSecureZeroMemory(PVOID to, SIZE_T length)
{
    memset(to, 0, length);
    __asm__ __volatile__("" : : "r"(to) : "memory");
    return to;
}
#define RtlEqualMemory(a, b, length) (!memcmp((a), (b), (length)))

#define MemoryBarrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#if defined __x86_64__ || defined __i386__
#define YieldProcessor() __builtin_ia32_pause()
#elif defined __aarch64__ || defined __arm__
#define YieldProcessor() __asm__ __volatile__("yield" ::: "memory")
#else
#define YieldProcessor() __asm__ __volatile__("" ::: "memory")
#endif

#endif
