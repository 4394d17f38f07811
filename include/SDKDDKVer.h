/* SPDX-License-Identifier: MIT */
/* SDKDDKVer.h - <sdkddkver.h> in another letter case. */
#include <sdkddkver.h>
