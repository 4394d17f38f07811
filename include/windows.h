/* SPDX-License-Identifier: MIT */
/*
 * windows.h - what a Windows source expects of it, as far as it is here.
 *
 * As on Windows it brings the socket functions unless WIN32_LEAN_AND_MEAN or
 * _WINSOCKAPI_ is defined; they are those of <winsock2.h>, so that either
 * order of the two headers works.
 */
#ifndef LAPWING_WINDOWS_H
#define LAPWING_WINDOWS_H

#define _WINDOWS_
#define _INC_WINDOWS

#include <guiddef.h>
#include <lapwing/strings.h>
#include <winbase.h>
#include <wincon.h>
#include <windef.h>
#include <winerror.h>

#if !defined WIN32_LEAN_AND_MEAN && !defined _WINSOCKAPI_
#include <winsock.h>
#endif

#endif
