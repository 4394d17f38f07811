/* SPDX-License-Identifier: MIT */
/* Guiddef.h - <guiddef.h> in another letter case. */
#include <guiddef.h>
