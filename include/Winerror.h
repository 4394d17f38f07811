/* SPDX-License-Identifier: MIT */
/* Winerror.h - <winerror.h> in another letter case. */
#include <winerror.h>
