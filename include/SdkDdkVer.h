/* SPDX-License-Identifier: MIT */
/* SdkDdkVer.h - <sdkddkver.h> in another letter case. */
#include <sdkddkver.h>
