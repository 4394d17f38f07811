/* SPDX-License-Identifier: MIT */
/* wincon.h - the console. */
#ifndef LAPWING_WINCON_H
#define LAPWING_WINCON_H

#include <windef.h>

#include <consoleapi.h>

#endif
