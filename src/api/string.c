/* SPDX-License-Identifier: MIT */
/* string.c - lstrlen, lstrcpy and their relatives: those that do not ask for a language. */
#include <string.h>
#include <winbase.h>

int WINAPI lstrlenA(LPCSTR lpString)
{
    return lpString ? (int)strlen(lpString) : 0;
}

int WINAPI lstrlenW(LPCWSTR lpString)
{
    int length = 0;

    while (lpString && lpString[length]) length++;
    return length;
}

LPSTR WINAPI lstrcpyA(LPSTR lpString1, LPCSTR lpString2)
{
    if (!lpString1 || !lpString2) return NULL;
    return memcpy(lpString1, lpString2, strlen(lpString2) + 1);
}

LPWSTR WINAPI lstrcpyW(LPWSTR lpString1, LPCWSTR lpString2)
{
    if (!lpString1 || !lpString2) return NULL;
    return memcpy(lpString1, lpString2, ((size_t)lstrlenW(lpString2) + 1) * sizeof(*lpString2));
}

LPSTR WINAPI lstrcatA(LPSTR lpString1, LPCSTR lpString2)
{
    if (!lpString1 || !lpString2) return NULL;
    memcpy(lpString1 + strlen(lpString1), lpString2, strlen(lpString2) + 1);
    return lpString1;
}

LPWSTR WINAPI lstrcatW(LPWSTR lpString1, LPCWSTR lpString2)
{
    if (!lpString1 || !lpString2) return NULL;
    (void)lstrcpyW(lpString1 + lstrlenW(lpString1), lpString2);
    return lpString1;
}

/* At most iMaxLength - 1 characters, and always a NUL after them. */
LPSTR WINAPI lstrcpynA(LPSTR lpString1, LPCSTR lpString2, int iMaxLength)
{
    size_t length;

    if (!lpString1 || !lpString2) return NULL;
    if (iMaxLength <= 0) return lpString1;
    length = strnlen(lpString2, (size_t)iMaxLength - 1);
    memcpy(lpString1, lpString2, length);
    lpString1[length] = '\0';
    return lpString1;
}

LPWSTR WINAPI lstrcpynW(LPWSTR lpString1, LPCWSTR lpString2, int iMaxLength)
{
    int length = 0;

    if (!lpString1 || !lpString2) return NULL;
    if (iMaxLength <= 0) return lpString1;
    for (; length < iMaxLength - 1 && lpString2[length]; length++) lpString1[length] = lpString2[length];
    lpString1[length] = 0;
    return lpString1;
}
