/* SPDX-License-Identifier: MIT */
/*
 * lapwing/clash.h - makes room for the names of the Windows socket headers;
 * each of them includes it first.  Programs do not include it.
 *
 * glibc brings fd_set, select and u_long through <stdlib.h>, socklen_t and
 * gethostname through <unistd.h>, each with another type than on Windows.  So
 * the headers that have them are included here, before anything else, and the
 * names become macros.  (<unistd.h> itself would take pause, link, pipe and more
 * from the program.)
 *
 * The functions that libc has under the same name are declared under their
 * Windows types with an assembler name of ours: no macro touches the names.
 */
#ifndef LAPWING_CLASH_H
#define LAPWING_CLASH_H

#if defined _SYS_SOCKET_H || defined _NETINET_IN_H || defined _ARPA_INET_H || defined _NETDB_H || defined _SYS_UN_H || \
    defined _NETINET_TCP_H || defined _NET_IF_H || defined _IFADDRS_H
#error Windows and POSIX socket headers share names but not their meaning: include the Windows ones first (POSIX ones \
after them are empty), or use two source files, or define WIN32_LEAN_AND_MEAN if you only need <windows.h>
#endif

#define _SYS_SOCKET_H 1
#define _SYS_UN_H 1
#define _NETINET_IN_H 1
#define _NETINET_TCP_H 1
#define _NETINET_UDP_H 1
#define __NETINET_UDP_H 1
#define _NETINET_IP_H 1
#define __NETINET_IP_H 1
#define _ARPA_INET_H 1
#define _NETDB_H 1
#define _NET_IF_H 1
#define _IFADDRS_H 1
#define _RESOLV_H_ 1
#define _RESOLV_H 1

/*
 * The program may choose FD_SETSIZE.  glibc's own value is a macro of another
 * macro, which tells whose it is.
 */
#if defined FD_SETSIZE && defined _SYS_SELECT_H
#pragma push_macro("__FD_SETSIZE")
#undef __FD_SETSIZE
#define __FD_SETSIZE 0
#if FD_SETSIZE + 0 != 0 && (defined __GLIBC__ || FD_SETSIZE + 0 != 1024)
#define LW_PROGRAM_CHOSE_FD_SETSIZE
#endif
#pragma pop_macro("__FD_SETSIZE")
#elif defined FD_SETSIZE
#define LW_PROGRAM_CHOSE_FD_SETSIZE
#endif
#ifdef LW_PROGRAM_CHOSE_FD_SETSIZE
#pragma push_macro("FD_SETSIZE")
#endif

#include <sys/types.h>

#include <sys/select.h>

#undef FD_SETSIZE
#ifdef LW_PROGRAM_CHOSE_FD_SETSIZE
#pragma pop_macro("FD_SETSIZE")
#endif

#include <minwindef.h>

#undef FD_SET
#undef FD_CLR
#undef FD_ISSET
#undef FD_ZERO

/* FIONBIO and IOC_IN: Linux' own are macros of this header, which <sys/ioctl.h> must not include again later. */
#if __has_include(<asm/ioctls.h>)
#include <asm/ioctls.h>
#endif
#undef FIONREAD
#undef FIONBIO
#undef FIOASYNC
#undef SIOCATMARK
#undef IOC_IN
#undef IOC_OUT
#undef IOC_INOUT

#define fd_set lw_fd_set
#define u_long ULONG
#define gethostname lw_gethostname /* libc's after all, if <unistd.h> follows under _FORTIFY_SOURCE */

/* C++ has an overload instead: methods called select keep their name.  In C it is members, which have no symbol. */
#ifndef __cplusplus
#define select lw_select
#endif

typedef int lw_socklen_t;
#define socklen_t lw_socklen_t
#undef __socklen_t_defined
#define __socklen_t_defined
#undef __DEFINED_socklen_t
#define __DEFINED_socklen_t

typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;

/* The exported name of a function that libc has as well. */
#define LW_SYMBOL(name) __asm__("lw_" #name)

/* glibc's prototypes are marked as throwing nothing, and C++ wants every declaration to agree. */
#ifdef __THROW
#define LW_NOTHROW __THROW
#else
#define LW_NOTHROW
#endif

#endif
