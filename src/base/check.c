/* SPDX-License-Identifier: MIT */
/* check.c - the only thing that the library ever prints, and the count of its own threads. */
#include "base/base.h"
#include "base/threads.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

_Atomic int lw_library_threads;

void lw_check_failed(const char *what, const char *file, int line)
{
    char text[256];
    int n = snprintf(text, sizeof text, "lapwing: internal contradiction: %s (%s:%d)\n", what, file, line);

    if (n > 0) (void)!write(STDERR_FILENO, text, strnlen(text, sizeof text)); /* nothing is left to do if it fails */
    __builtin_trap();
}
