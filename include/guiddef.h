/* SPDX-License-Identifier: MIT */
/* guiddef.h - GUID, its comparison and DEFINE_GUID. */
#ifndef LAPWING_GUIDDEF_H
#define LAPWING_GUIDDEF_H

#include <string.h>

#ifndef GUID_DEFINED
#define GUID_DEFINED
typedef struct _GUID {
    unsigned int Data1;
    unsigned short Data2;
    unsigned short Data3;
    unsigned char Data4[8];
} GUID;
#endif

typedef GUID *LPGUID;
typedef const GUID *LPCGUID;
typedef GUID IID, *LPIID;
typedef GUID CLSID, *LPCLSID;

#ifdef __cplusplus
#define REFGUID const GUID &
#define REFIID const IID &
#define REFCLSID const CLSID &
#else
#define REFGUID const GUID *
#define REFIID const IID *
#define REFCLSID const CLSID *
#endif

/* With INITGUID defined DEFINE_GUID defines the constant, else it declares it. */
#ifdef __cplusplus
#define LW_GUID_LINKAGE extern "C" const
#else
#define LW_GUID_LINKAGE extern const
#endif
#ifdef INITGUID
#ifdef __cplusplus
#define LW_GUID_STORAGE extern "C" const
#else
#define LW_GUID_STORAGE const
#endif
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) \
    LW_GUID_LINKAGE GUID name;                                       \
    LW_GUID_STORAGE GUID __attribute__((__weak__)) name = { l, w1, w2, { b1, b2, b3, b4, b5, b6, b7, b8 } }
#else
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) LW_GUID_LINKAGE GUID name
#endif

#ifdef __cplusplus
extern "C++" {
static inline int IsEqualGUID(REFGUID a, REFGUID b)
{
    return !memcmp(&a, &b, sizeof(GUID));
}

static inline bool operator==(REFGUID a, REFGUID b)
{
    return IsEqualGUID(a, b);
}

static inline bool operator!=(REFGUID a, REFGUID b)
{
    return !IsEqualGUID(a, b);
}
}
#else
#define IsEqualGUID(a, b) (!memcmp((a), (b), sizeof(GUID)))
#endif
#define InlineIsEqualGUID(a, b) IsEqualGUID(a, b)
#define IsEqualIID(a, b) IsEqualGUID(a, b)
#define IsEqualCLSID(a, b) IsEqualGUID(a, b)

#endif
