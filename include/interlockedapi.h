/* SPDX-License-Identifier: MIT */
/*
 * interlockedapi.h - Interlocked*: full barriers, built by the compiler.
 *
 * Windows sources write their counters as LONG or as long, and as LONG64,
 * __int64 or int64_t.  On Linux these differ in width or name, so each function
 * takes either: by overloading in C++, by _Generic in C.
 */
#ifndef LAPWING_INTERLOCKEDAPI_H
#define LAPWING_INTERLOCKEDAPI_H

#include <winnt.h>

#ifdef __cplusplus
extern "C++" {
#define LW_INLINE inline
#else
#define LW_INLINE static __inline __attribute__((__unused__))
#endif

/* The functions on one type; in C the suffix tells the types apart. */
#define LW_INTERLOCKED(type, suffix)                                                               \
    LW_INLINE type InterlockedIncrement##suffix(type volatile *Addend)                             \
    {                                                                                              \
        return __sync_add_and_fetch(Addend, 1);                                                    \
    }                                                                                              \
    LW_INLINE type InterlockedDecrement##suffix(type volatile *Addend)                             \
    {                                                                                              \
        return __sync_sub_and_fetch(Addend, 1);                                                    \
    }                                                                                              \
    LW_INLINE type InterlockedExchange##suffix(type volatile *Target, type Value)                  \
    {                                                                                              \
        return __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);                               \
    }                                                                                              \
    LW_INLINE type InterlockedExchangeAdd##suffix(type volatile *Addend, type Value)               \
    {                                                                                              \
        return __sync_fetch_and_add(Addend, Value);                                                \
    }                                                                                              \
    LW_INLINE type InterlockedCompareExchange##suffix(type volatile *Destination, type ExChange,   \
                                                      type Comperand)                              \
    {                                                                                              \
        return __sync_val_compare_and_swap(Destination, Comperand, ExChange);                      \
    }                                                                                              \
    LW_INLINE type InterlockedAnd##suffix(type volatile *Destination, type Value)                  \
    {                                                                                              \
        return __sync_fetch_and_and(Destination, Value);                                           \
    }                                                                                              \
    LW_INLINE type InterlockedOr##suffix(type volatile *Destination, type Value)                   \
    {                                                                                              \
        return __sync_fetch_and_or(Destination, Value);                                            \
    }                                                                                              \
    LW_INLINE type InterlockedXor##suffix(type volatile *Destination, type Value)                  \
    {                                                                                              \
        return __sync_fetch_and_xor(Destination, Value);                                           \
    }

#ifdef __cplusplus

LW_INTERLOCKED(int, )
LW_INTERLOCKED(unsigned int, )
LW_INTERLOCKED(long, )
LW_INTERLOCKED(unsigned long, )
LW_INTERLOCKED(long long, 64)
LW_INTERLOCKED(unsigned long long, 64)
LW_INTERLOCKED(long, 64)
LW_INTERLOCKED(unsigned long, 64)

#else

LW_INTERLOCKED(LONG, )
LW_INTERLOCKED(LONG64, 64)
LW_INTERLOCKED(long, _lw_long)

/* InterlockedX where *p is a long, else the function of that name. */
#define LW_BY_WIDTH(p, function, base) \
    _Generic((p), long *: base##_lw_long, volatile long *: base##_lw_long, default: function)

#define InterlockedIncrement(p) LW_BY_WIDTH(p, InterlockedIncrement, InterlockedIncrement)(p)
#define InterlockedDecrement(p) LW_BY_WIDTH(p, InterlockedDecrement, InterlockedDecrement)(p)
#define InterlockedExchange(p, v) LW_BY_WIDTH(p, InterlockedExchange, InterlockedExchange)(p, v)
#define InterlockedExchangeAdd(p, v) LW_BY_WIDTH(p, InterlockedExchangeAdd, InterlockedExchangeAdd)(p, v)
#define InterlockedCompareExchange(p, x, c) \
    LW_BY_WIDTH(p, InterlockedCompareExchange, InterlockedCompareExchange)(p, x, c)
#define InterlockedAnd(p, v) LW_BY_WIDTH(p, InterlockedAnd, InterlockedAnd)(p, v)
#define InterlockedOr(p, v) LW_BY_WIDTH(p, InterlockedOr, InterlockedOr)(p, v)
#define InterlockedXor(p, v) LW_BY_WIDTH(p, InterlockedXor, InterlockedXor)(p, v)

#define InterlockedIncrement64(p) LW_BY_WIDTH(p, InterlockedIncrement64, InterlockedIncrement)(p)
#define InterlockedDecrement64(p) LW_BY_WIDTH(p, InterlockedDecrement64, InterlockedDecrement)(p)
#define InterlockedExchange64(p, v) LW_BY_WIDTH(p, InterlockedExchange64, InterlockedExchange)(p, v)
#define InterlockedExchangeAdd64(p, v) LW_BY_WIDTH(p, InterlockedExchangeAdd64, InterlockedExchangeAdd)(p, v)
#define InterlockedCompareExchange64(p, x, c) \
    LW_BY_WIDTH(p, InterlockedCompareExchange64, InterlockedCompareExchange)(p, x, c)
#define InterlockedAnd64(p, v) LW_BY_WIDTH(p, InterlockedAnd64, InterlockedAnd)(p, v)
#define InterlockedOr64(p, v) LW_BY_WIDTH(p, InterlockedOr64, InterlockedOr)(p, v)
#define InterlockedXor64(p, v) LW_BY_WIDTH(p, InterlockedXor64, InterlockedXor)(p, v)

#endif

LW_INLINE PVOID InterlockedExchangePointer(PVOID volatile *Target, PVOID Value)
{
    return __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);
}

LW_INLINE PVOID InterlockedCompareExchangePointer(PVOID volatile *Destination, PVOID Exchange, PVOID Comperand)
{
    return __sync_val_compare_and_swap(Destination, Comperand, Exchange);
}

#ifdef __cplusplus
}
#endif

#endif
