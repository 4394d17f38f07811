/* SPDX-License-Identifier: MIT */
/*
 * op.c - memory of requests and their delivery.
 *
 * Each thread keeps a few spare requests, so that the usual one allocates
 * nothing.  A request may be freed by another thread than made it; the counts
 * of live requests are per thread and only their sum means something.
 */
#include "op/op.h"

#include "poll/poller.h"
#include "sys/sys.h"

#include <pthread.h>

enum { SPARE_MAX = 64 };

struct cache {
    struct lw_list spare;
    unsigned spare_count;
    bool listed;
    _Atomic int64_t live; /* owner writes; made minus freed here */
    struct lw_list link;  /* guarded: caches.lock */
};

static struct {
    struct lw_lock lock; /* LW_RANK_TABLE */
    struct lw_list list;
    _Atomic int64_t live_of_ended; /* and of threads without a cache */
} caches = { LW_LOCK_INITIALIZER, { &caches.list, &caches.list }, 0 };

static __thread struct cache cache __attribute__((tls_model("initial-exec")));

/* A thread that only closes sockets frees requests and never gets a block in wait/: its end is noticed here too. */
static pthread_key_t end_key;
static pthread_once_t end_once = PTHREAD_ONCE_INIT;
static bool end_key_made;
static __thread bool ended __attribute__((tls_model("initial-exec"))); /* later destructors do without a cache */

static void end_destructor(void *unused)
{
    (void)unused;
    ended = true;
    lw_op_thread_exit();
}

static void make_end_key(void)
{
    end_key_made = pthread_key_create(&end_key, end_destructor) == 0;
}

/* False: nobody would take the cache out of the list when the thread ends. */
static bool cache_enter(void)
{
    (void)pthread_once(&end_once, make_end_key);
    if (ended || !end_key_made || pthread_setspecific(end_key, &cache)) return false;
    lw_list_init(&cache.spare);
    cache.listed = true;
    lw_lock(&caches.lock, LW_RANK_TABLE);
    lw_list_push(&caches.list, &cache.link);
    lw_unlock(&caches.lock, LW_RANK_TABLE);
    return true;
}

static void count_live(int change)
{
    if (LW_UNLIKELY(!cache.listed) && !cache_enter()) {
        atomic_fetch_add(&caches.live_of_ended, change);
        return;
    }
    int64_t live = atomic_load_explicit(&cache.live, memory_order_relaxed);
    atomic_store_explicit(&cache.live, live + change, memory_order_relaxed);
}

uint64_t lw_op_live(void)
{
    lw_lock(&caches.lock, LW_RANK_TABLE);
    int64_t sum = atomic_load(&caches.live_of_ended);
    LW_LIST_EACH(link, &caches.list) {
        sum += atomic_load_explicit(&LW_CONTAINER_OF(link, struct cache, link)->live, memory_order_relaxed);
    }
    lw_unlock(&caches.lock, LW_RANK_TABLE);
    return sum > 0 ? (uint64_t)sum : 0;
}

void lw_op_thread_exit(void)
{
    if (!cache.listed) return;
    for (struct lw_list *l; (l = lw_list_pop(&cache.spare));) lw_free(lw_op_of(l));
    lw_lock(&caches.lock, LW_RANK_TABLE);
    lw_list_remove(&cache.link);
    atomic_fetch_add(&caches.live_of_ended, atomic_load(&cache.live));
    lw_unlock(&caches.lock, LW_RANK_TABLE);
    cache.spare_count = 0;
    cache.listed = false;
    atomic_store(&cache.live, 0);
}

void lw_op_after_fork(void)
{
    lw_lock_init(&caches.lock);
    lw_list_init(&caches.list);
    atomic_store(&caches.live_of_ended, 0);
    atomic_store(&cache.live, 0);
    if (cache.listed) lw_list_push(&caches.list, &cache.link);
}

/* ---- life ---- */

static void run(struct lw_apc *apc, bool deliver);

void lw_op_init(struct lw_op *op, enum lw_op_kind kind)
{
    __builtin_memset(op, 0, sizeof *op);
    lw_list_init(&op->apc.link);
    op->apc.run = run;
    op->kind = kind;
}

struct lw_op *lw_op_new(enum lw_op_kind kind)
{
    count_live(1);
    struct lw_list *spare = cache.listed ? lw_list_pop(&cache.spare) : NULL;
    struct lw_op *op;

    if (spare) {
        cache.spare_count--;
        op = lw_op_of(spare);
    } else {
        op = lw_alloc(sizeof *op);
    }
    if (op) lw_op_init(op, kind);
    else count_live(-1);
    return op;
}

bool lw_op_set_buffers(struct lw_op *op, const struct lw_wsabuf *bufs, DWORD count)
{
    op->buffers = op->inline_buffers;
    if (count > LW_OP_INLINE_BUFFERS) {
        op->buffers = lw_alloc((size_t)count * sizeof *op->buffers);
        if (!op->buffers) return false;
    }
    op->buffer_count = count;
    for (DWORD i = 0; i < count; i++) {
        op->buffers[i] = (struct iovec){ bufs[i].buf, bufs[i].len };
        op->total += bufs[i].len;
    }
    return true;
}

bool lw_op_flatten(struct lw_op *op)
{
    enum { DATAGRAM_MAX = 65536 }; /* nothing longer exists; a longer send must still be refused for its length */
    size_t size = op->total > DATAGRAM_MAX ? DATAGRAM_MAX : op->total, at = 0;

    if (op->buffer_count <= LW_OP_BUFFERS_PER_CALL) return true;
    char *memory = lw_alloc(size ? size : 1);
    if (!memory) return false;
    struct iovec *parts = op->buffers;
    for (uint32_t i = 0; op->kind == LW_OP_SEND && i < op->buffer_count && at < size; i++) {
        size_t n = parts[i].iov_len < size - at ? parts[i].iov_len : size - at;
        __builtin_memcpy(memory + at, parts[i].iov_base, n);
        at += n;
    }
    if (op->kind == LW_OP_RECV) {
        op->recv.scatter = parts;
        op->recv.scatter_count = op->buffer_count;
    } else {
        lw_free(parts);
    }
    op->buffers = op->inline_buffers;
    op->buffers[0] = (struct iovec){ memory, size };
    op->buffer_count = 1;
    op->flat = true;
    return true;
}

void lw_op_scatter(struct lw_op *op)
{
    const char *from = op->buffers[0].iov_base;
    size_t left = op->count;

    for (uint32_t i = 0; op->flat && i < op->recv.scatter_count && left > 0; i++) {
        size_t n = op->recv.scatter[i].iov_len < left ? op->recv.scatter[i].iov_len : left;
        __builtin_memcpy(op->recv.scatter[i].iov_base, from, n);
        from += n;
        left -= n;
    }
}

void lw_op_advance(struct lw_op *op, size_t n)
{
    op->count += n;
    while (op->buffer_at < op->buffer_count && n >= op->buffers[op->buffer_at].iov_len)
        n -= op->buffers[op->buffer_at++].iov_len;
    if (op->buffer_at == op->buffer_count) return;
    struct iovec *first = &op->buffers[op->buffer_at];
    *first = (struct iovec){ (char *)first->iov_base + n, first->iov_len - n };
}

void lw_op_done(struct lw_op *op)
{
    if (op->flat) lw_free(op->buffers[0].iov_base);
    if (op->flat && op->kind == LW_OP_RECV) lw_free(op->recv.scatter);
    if (op->buffers != op->inline_buffers) lw_free(op->buffers);
    if (op->event) lw_object_unref(op->event);
    if (op->issuer) lw_object_unref(op->issuer);
    if (op->kind == LW_OP_ACCEPT && op->accept.socket) lw_object_unref(op->accept.socket);
    if (op->target) lw_object_unref(op->target);
}

void lw_op_free(struct lw_op *op)
{
    lw_op_done(op);
    count_live(-1);
    if (cache.listed && cache.spare_count < SPARE_MAX) {
        lw_list_push_front(&cache.spare, &op->apc.link);
        cache.spare_count++;
    } else {
        lw_free(op);
    }
}

/* ---- issue ---- */

/* What completion signals: the event, or the handle itself; nothing for a request with a routine. */
static struct lw_object *signalled_by(struct lw_op *op)
{
    if (op->waiter) return op->waiter;
    if (op->event) return op->event;
    return op->routine ? NULL : op->target;
}

void lw_op_issue(struct lw_op *op)
{
    struct lw_object *obj = signalled_by(op);

    if (op->ov) __atomic_store_n(&op->ov->Internal, (ULONG_PTR)STATUS_PENDING, __ATOMIC_RELAXED);
    if (obj && obj->ops->reset) obj->ops->reset(obj);
}

void lw_op_pend(struct lw_op *op, struct lw_poller *poller)
{
    struct lw_object *obj = signalled_by(op);

    op->pended = true;
    if (obj) {
        atomic_store_explicit(&obj->poller, poller, memory_order_release);
        atomic_fetch_add_explicit(&obj->requests, 1, memory_order_relaxed);
    }
    lw_poller_pend(poller);
}

void lw_op_unpend(struct lw_op *op, struct lw_poller *poller)
{
    struct lw_object *obj = signalled_by(op);

    if (!op->pended) return;
    op->pended = false;
    if (obj) atomic_fetch_sub_explicit(&obj->requests, 1, memory_order_relaxed);
    lw_poller_unpend(poller);
}

/* ---- delivery ---- */

/* The APC of a request with a completion routine.  The request is freed first: the routine may issue the next, or never return. */
static void run(struct lw_apc *apc, bool deliver)
{
    struct lw_op *op = LW_CONTAINER_OF(apc, struct lw_op, apc);
    lw_routine_fn routine = op->routine;
    OVERLAPPED *ov = op->ov;
    DWORD error = (DWORD)lw_status_to_wsa(op->status), count = (DWORD)op->count, flags = op->flags_out;

    lw_op_free(op);
    if (deliver) routine(error, count, ov, flags);
}

void lw_op_store_result(OVERLAPPED *ov, NTSTATUS status, size_t count)
{
    __atomic_store_n(&ov->InternalHigh, (ULONG_PTR)count, __ATOMIC_RELAXED);
    __atomic_store_n(&ov->Internal, (ULONG_PTR)(ULONG)status, __ATOMIC_RELEASE);
}

void lw_op_deliver(struct lw_op *op)
{
    struct lw_object *waiter = op->waiter;

    if (waiter) { /* the request is on the stack of a caller that returns as soon as the event is set */
        (void)waiter->ops->signal(waiter);
        return;
    }
    lw_op_store_result(op->ov, op->status, op->count);
    if (op->quiet) {
        lw_op_free(op);
        return;
    }
    if (op->routine) {
        if (!op->issuer->ops->queue_apc(op->issuer, &op->apc)) lw_op_free(op);
        return;
    }
    /* Freed first, so that who sees the completion sees no request left of it. */
    struct lw_object *obj = signalled_by(op);
    lw_object_ref(obj);
    lw_op_free(op);
    (void)obj->ops->signal(obj);
    lw_object_unref(obj);
}

void lw_op_deliver_all(struct lw_list *finished)
{
    for (struct lw_list *l; (l = lw_list_pop(finished));) lw_op_deliver(lw_op_of(l));
}
