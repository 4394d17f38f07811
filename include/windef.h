/* SPDX-License-Identifier: MIT */
/* windef.h - the basic types, and the words that only sources of programs need. */
#ifndef LAPWING_WINDEF_H
#define LAPWING_WINDEF_H

#include <minwindef.h>
#include <winnt.h>

#ifndef IN
#define IN
#endif
#ifndef OUT
#define OUT
#endif
#ifndef OPTIONAL
#define OPTIONAL
#endif

#if !defined __cplusplus && !defined NOMINMAX
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#endif

#endif
