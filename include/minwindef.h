/* SPDX-License-Identifier: MIT */
/*
 * minwindef.h - the basic types and words that every Windows header uses.
 *
 * DWORD, LONG and their kin are 32 bits wide and so cannot be C's long.
 * No socket names in here: it goes together with <sys/socket.h>.
 */
#ifndef LAPWING_MINWINDEF_H
#define LAPWING_MINWINDEF_H

#include <sal.h>
#include <stdarg.h>
#include <stddef.h>

#include <basetsd.h>
#include <sdkddkver.h>

/* #pragma comment(lib, "...") and #pragma warning(...) are in most Windows sources and ask for nothing here. */
#pragma GCC diagnostic ignored "-Wunknown-pragmas"

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

#define MAX_PATH 260

/* Calling conventions: there is one. */
#define WINAPI
#define WINAPIV
#define APIENTRY
#define CALLBACK
#define APIPRIVATE
#define PASCAL
#define CDECL
#define FAR
#define NEAR
#define CONST const
#ifndef _MSC_EXTENSIONS /* clang -fms-extensions knows these itself */
#define __cdecl
#define __stdcall
#define __fastcall
#define __thiscall
#define __vectorcall
#define _cdecl
#define _stdcall
#define __forceinline __inline __attribute__((__always_inline__))
#endif

#define WINBASEAPI
#define WINADVAPI
#define DECLSPEC_IMPORT

/* __declspec(word): the words that have a meaning here get it, the others vanish; an unknown word is an error. */
#if !defined _MSC_EXTENSIONS && !defined __declspec
#define __declspec(word) LW_DECLSPEC_##word
#define _declspec(word) LW_DECLSPEC_##word
#endif
#define LW_DECLSPEC_dllexport __attribute__((__visibility__("default")))
#define LW_DECLSPEC_dllimport
#define LW_DECLSPEC_align(n) __attribute__((__aligned__(n)))
#ifdef __cplusplus
#define LW_DECLSPEC_thread thread_local
#else
#define LW_DECLSPEC_thread _Thread_local
#endif
#define LW_DECLSPEC_noreturn __attribute__((__noreturn__))
#define LW_DECLSPEC_noinline __attribute__((__noinline__))
#define LW_DECLSPEC_nothrow __attribute__((__nothrow__))
#define LW_DECLSPEC_deprecated __attribute__((__deprecated__))
#define LW_DECLSPEC_selectany __attribute__((__weak__))
#define LW_DECLSPEC_restrict
#define LW_DECLSPEC_noalias
#define LW_DECLSPEC_novtable
#define LW_DECLSPEC_empty_bases
#define LW_DECLSPEC_uuid(text)

typedef char CHAR;
typedef short SHORT;
typedef int LONG;
typedef int INT;
typedef int BOOL;
typedef float FLOAT;
typedef unsigned char BYTE;
typedef unsigned char UCHAR;
typedef unsigned short WORD;
typedef unsigned short USHORT;
typedef unsigned int UINT;
typedef unsigned int ULONG;
typedef unsigned int DWORD;

typedef void *LPVOID;
typedef const void *LPCVOID;
typedef BYTE *PBYTE, *LPBYTE;
typedef UCHAR *PUCHAR;
typedef SHORT *PSHORT;
typedef USHORT *PUSHORT;
typedef WORD *PWORD, *LPWORD;
typedef INT *PINT, *LPINT;
typedef UINT *PUINT;
typedef LONG *PLONG, *LPLONG;
typedef ULONG *PULONG;
typedef DWORD *PDWORD, *LPDWORD;
typedef BOOL *PBOOL, *LPBOOL;
typedef FLOAT *PFLOAT;

typedef UINT_PTR WPARAM;
typedef LONG_PTR LPARAM;
typedef LONG_PTR LRESULT;

#define LOBYTE(w) ((BYTE)((DWORD_PTR)(w) & 0xff))
#define HIBYTE(w) ((BYTE)(((DWORD_PTR)(w) >> 8) & 0xff))
#define LOWORD(l) ((WORD)((DWORD_PTR)(l) & 0xffff))
#define HIWORD(l) ((WORD)(((DWORD_PTR)(l) >> 16) & 0xffff))
#define MAKEWORD(low, high) ((WORD)(LOBYTE(low) | (WORD)LOBYTE(high) << 8))
#define MAKELONG(low, high) ((LONG)(LOWORD(low) | (DWORD)LOWORD(high) << 16))

#endif
