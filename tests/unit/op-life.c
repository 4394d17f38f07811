/* SPDX-License-Identifier: MIT */
/* op-life.c - one request from issue to its one completion, its memory and the count of live ones (op/op.h). */
#include "core.h"

#include "op/op.h"
#include "poll/poller.h"
#include "wait/event.h"
#include "wait/thread.h"

#include <signal.h>
#include <sys/wait.h>

enum { SPARES = 64 }; /* kept by each thread */

static lw_handle_t event_handle;
static struct lw_object *event; /* manual-reset; kept by event_handle */

static bool is_set(void)
{
    return event->ops->test(event, NULL);
}

/* A request as sock/ makes it, with everything counted. */
static struct lw_op *make(struct thing *target, struct lw_object *with_event, lw_routine_fn routine, OVERLAPPED *ov)
{
    struct lw_op *op = lw_op_new(LW_OP_RECV);

    if (!CHECK(op != NULL)) exit(1);
    op->target = &target->obj;
    lw_object_ref(op->target);
    op->issuer = &lw_thread_self()->obj;
    lw_object_ref(op->issuer);
    op->event = with_event;
    if (with_event) lw_object_ref(with_event);
    op->routine = routine;
    op->ov = ov;
    return op;
}

/* False: there was none. */
static bool run_routines(void)
{
    bool any = lw_apc_pending(lw_thread_self());

    lw_apc_run();
    return any;
}

static void finish(struct lw_op *op, NTSTATUS status, size_t count)
{
    op->status = status;
    op->count = count;
}

/* ---- memory ---- */

static void a_new_request_is_empty(void)
{
    uint64_t live = lw_op_live();
    struct lw_op *op = lw_op_new(LW_OP_SEND);

    REQUIRE(op != NULL);
    CHECK_EQ(op->kind, LW_OP_SEND);
    CHECK(!op->ov && !op->routine && !op->event && !op->target && !op->issuer && !op->waiter && !op->buffers);
    CHECK_EQ(op->count + op->total + op->buffer_count, 0);
    CHECK(lw_list_empty(&op->apc.link));
    CHECK_EQ(lw_op_live(), live + 1);
    lw_op_free(op);
    CHECK_EQ(lw_op_live(), live);
}

static void few_buffers_need_no_memory(void)
{
    struct lw_wsabuf bufs[3] = { { 1, (char *)16 }, { 2, (char *)32 }, { 3, (char *)48 } };
    struct lw_op *op = lw_op_new(LW_OP_SEND);

    fail_allocations_after(0);
    CHECK(lw_op_set_buffers(op, bufs, LW_OP_INLINE_BUFFERS));
    CHECK_EQ(op->total, 3);
    CHECK(op->buffers[1].iov_base == (char *)32 && op->buffers[1].iov_len == 2);
    lw_op_free(op);
    fail_allocations_after(-1);
    op = lw_op_new(LW_OP_SEND);
    fail_allocations_after(0);
    CHECK(!lw_op_set_buffers(op, bufs, 3));
    lw_op_free(op);
    fail_allocations_after(-1);
    op = lw_op_new(LW_OP_SEND);
    CHECK(lw_op_set_buffers(op, bufs, 3));
    CHECK_EQ(op->total, 6);
    CHECK_EQ(op->buffer_count, 3);
    lw_op_free(op);
}

static void a_thread_keeps_few_spares(void)
{
    struct lw_op *ops[3 * SPARES];
    uint64_t live = lw_op_live();
    int n = 0;

    for (int i = 0; i < 3 * SPARES; i++) REQUIRE((ops[i] = lw_op_new(LW_OP_RECV)) != NULL);
    CHECK_EQ(lw_op_live(), live + 3 * SPARES);
    for (int i = 0; i < 3 * SPARES; i++) lw_op_free(ops[i]);
    fail_allocations_after(0);
    while (n < 3 * SPARES && (ops[n] = lw_op_new(LW_OP_RECV))) n++;
    CHECK_EQ(n, SPARES);
    CHECK_EQ(lw_op_live(), live + SPARES); /* the failure is not counted */
    fail_allocations_after(-1);
    while (n > 0) lw_op_free(ops[--n]);
    CHECK_EQ(lw_op_live(), live);
}

/* ---- the cursor ---- */

static void advancing_passes_whole_and_empty_buffers(void)
{
    struct lw_wsabuf bufs[5] = {
        { 0, (char *)100 }, { 3, (char *)200 }, { 0, (char *)300 }, { 0, (char *)400 }, { 2, (char *)500 }
    };
    struct lw_op *op = lw_op_new(LW_OP_RECV);

    REQUIRE(op && lw_op_set_buffers(op, bufs, 5));
    lw_op_advance(op, 1);
    CHECK_EQ(op->buffer_at, 1);
    CHECK(op->buffers[1].iov_base == (char *)201 && op->buffers[1].iov_len == 2);
    lw_op_advance(op, 2);
    CHECK_EQ(op->buffer_at, 4); /* the empty ones went too */
    CHECK(op->buffers[4].iov_base == (char *)500 && op->buffers[4].iov_len == 2);
    lw_op_advance(op, 2);
    CHECK_EQ(op->buffer_at, 5);
    CHECK_EQ(op->count, op->total);
    lw_op_free(op);
}

/* Random buffers in one piece of memory, random steps: the cursor stands where the next byte belongs. */
static void the_cursor_is_where_the_next_byte_goes(void)
{
    unsigned state = 7;
    static char memory[64 * 16];

    for (int round = 0; round < 2000; round++) {
        struct lw_wsabuf bufs[64];
        DWORD count = 1 + (state = state * 1664525u + 1013904223u) % 64;
        size_t at = 0;

        for (DWORD i = 0; i < count; i++) {
            state = state * 1664525u + 1013904223u;
            bufs[i] = (struct lw_wsabuf){ (state >> 16) % 16, memory + at };
            at += bufs[i].len;
        }
        struct lw_op *op = lw_op_new(LW_OP_RECV);
        REQUIRE(op && lw_op_set_buffers(op, bufs, count));
        CHECK_EQ(op->total, at);
        while (op->count < op->total) {
            state = state * 1664525u + 1013904223u;
            size_t left = op->total - op->count, step = 1 + (state >> 16) % (left < 40 ? left : 40);
            lw_op_advance(op, step);
            size_t rest = 0;
            for (uint32_t i = op->buffer_at; i < op->buffer_count; i++) rest += op->buffers[i].iov_len;
            if (!CHECK_EQ(rest, op->total - op->count)) break;
            if (rest && !CHECK(op->buffers[op->buffer_at].iov_base == memory + op->count)) break;
        }
        lw_op_free(op);
    }
}

/* ---- issue ---- */

static void issuing_unsets_what_completion_will_set(void)
{
    struct thing t;
    OVERLAPPED ov = { .Internal = 1, .InternalHigh = 0xdeadbeef };

    thing_init(&t);
    lw_event_set(event);
    struct lw_op *op = make(&t, event, NULL, &ov);
    lw_op_issue(op);
    CHECK_EQ(ov.Internal, STATUS_PENDING);
    CHECK_EQ(ov.InternalHigh, 0xdeadbeef);
    CHECK(!is_set());
    CHECK_EQ(t.unset, 0); /* only the event */
    lw_op_free(op);

    op = make(&t, NULL, NULL, &ov);
    lw_op_issue(op);
    CHECK_EQ(t.unset, 1); /* no event: the handle itself */
    lw_op_free(op);
    lw_object_unref(&t.obj);
    CHECK_EQ(t.destroyed, 1);
}

static void ignore(DWORD error, DWORD count, OVERLAPPED *ov, DWORD flags)
{
    (void)error, (void)count, (void)ov, (void)flags;
}

static void a_routine_leaves_events_alone(void)
{
    struct thing t;
    OVERLAPPED ov = { 0 };

    thing_init(&t);
    struct lw_op *op = make(&t, NULL, ignore, &ov);
    lw_op_issue(op);
    CHECK_EQ(t.unset, 0);
    finish(op, STATUS_SUCCESS, 1);
    lw_op_deliver(op);
    CHECK_EQ(t.set, 0);
    CHECK(run_routines());
    lw_object_unref(&t.obj);
    CHECK_EQ(t.destroyed, 1);
}

static void pending_is_counted_once(void)
{
    struct thing t;
    OVERLAPPED ov = { 0 };
    struct lw_poller *p = lw_poller_new();

    REQUIRE(p != NULL);
    thing_init(&t);
    struct lw_op *op = make(&t, event, NULL, &ov);
    lw_op_issue(op);
    lw_op_pend(op, p);
    CHECK(op->pended);
    CHECK_EQ(event->requests, 1);
    CHECK(event->poller == p);
    CHECK_EQ(p->pending, 1);
    CHECK_EQ(t.obj.requests, 0);
    lw_op_unpend(op, p);
    lw_op_unpend(op, p);
    CHECK(!op->pended);
    CHECK_EQ(event->requests, 0);
    CHECK_EQ(p->pending, 0);
    lw_op_free(op);

    op = make(&t, NULL, NULL, &ov);
    lw_op_pend(op, p);
    CHECK_EQ(t.obj.requests, 1);
    CHECK(t.obj.poller == p);
    lw_op_unpend(op, p);
    lw_op_free(op);
    lw_poller_unuse(p);
    lw_object_unref(&t.obj);
    CHECK_EQ(t.destroyed, 1);
}

/* ---- delivery ---- */

static void delivery_by_event(void)
{
    struct thing t;
    OVERLAPPED ov = { 0 };
    uint64_t live = lw_op_live();
    uint32_t refs = event->refs;

    thing_init(&t);
    struct lw_op *op = make(&t, event, NULL, &ov);
    lw_op_issue(op);
    finish(op, STATUS_CONNECTION_RESET, 42);
    lw_op_deliver(op);
    CHECK_EQ((ULONG)ov.Internal, (ULONG)STATUS_CONNECTION_RESET);
    CHECK_EQ(ov.Internal >> 32, 0); /* zero-extended */
    CHECK_EQ(ov.InternalHigh, 42);
    CHECK(is_set());
    CHECK_EQ(t.set, 0);
    CHECK_EQ(event->refs, refs);
    CHECK_EQ(t.obj.refs, 1);
    CHECK_EQ(lw_op_live(), live);
    lw_event_reset(event);
    lw_object_unref(&t.obj);
}

static void delivery_by_the_handle(void)
{
    struct thing t;
    OVERLAPPED ov = { 0 };

    thing_init(&t);
    struct lw_op *op = make(&t, NULL, NULL, &ov);
    lw_op_issue(op);
    finish(op, STATUS_SUCCESS, 7);
    lw_op_deliver(op);
    CHECK_EQ(t.set, 1);
    CHECK_EQ(ov.Internal, 0);
    CHECK_EQ(ov.InternalHigh, 7);
    lw_object_unref(&t.obj);
    CHECK_EQ(t.destroyed, 1);
}

static struct {
    int runs;
    DWORD error, count, flags;
    OVERLAPPED *ov;
    uint64_t live;
} told;

static void tell(DWORD error, DWORD count, OVERLAPPED *ov, DWORD flags)
{
    told.runs++;
    told.error = error;
    told.count = count;
    told.flags = flags;
    told.ov = ov;
    told.live = lw_op_live();
}

static void delivery_by_routine(void)
{
    struct thing t;
    OVERLAPPED ov = { .hEvent = (HANDLE)(intptr_t)-1 };
    uint64_t live = lw_op_live();

    told.runs = 0;
    thing_init(&t);
    struct lw_op *op = make(&t, NULL, tell, &ov);
    lw_op_issue(op);
    op->flags_out = 5;
    finish(op, STATUS_CANCELLED, 9);
    lw_op_deliver(op);
    CHECK_EQ((ULONG)ov.Internal, (ULONG)STATUS_CANCELLED);
    CHECK_EQ(told.runs, 0); /* only within an alertable wait */
    CHECK_EQ(lw_op_live(), live + 1);
    memset(&ov, 0x5a, sizeof ov); /* nothing reads it any more */
    CHECK(run_routines());
    CHECK(!run_routines());
    CHECK_EQ(told.runs, 1);
    CHECK_EQ(told.error, WSA_OPERATION_ABORTED);
    CHECK_EQ(told.count, 9);
    CHECK_EQ(told.flags, 5);
    CHECK(told.ov == &ov);
    CHECK_EQ(told.live, live); /* gone before the routine ran, which may never return */
    lw_object_unref(&t.obj);
    CHECK_EQ(t.destroyed, 1);
}

static void *issue_and_end(void *arg)
{
    struct lw_op **ret = arg;
    static OVERLAPPED ov;
    static struct thing t;

    thing_init(&t);
    *ret = make(&t, NULL, tell, &ov);
    lw_op_issue(*ret);
    return NULL;
}

static void a_routine_of_an_ended_thread_is_dropped(void)
{
    struct lw_op *op = NULL;
    uint64_t live = lw_op_live();

    told.runs = 0;
    thread_join(thread_start(issue_and_end, &op));
    CHECK_EQ(lw_op_live(), live + 1);
    finish(op, STATUS_SUCCESS, 1);
    lw_op_deliver(op);
    CHECK_EQ(told.runs, 0);
    CHECK_EQ(lw_op_live(), live);
}

static void a_quiet_request_tells_nobody(void)
{
    struct thing t;
    OVERLAPPED ov[3] = { { 0 } };
    uint64_t live = lw_op_live();

    told.runs = 0;
    thing_init(&t);
    struct lw_op *op[3] = { make(&t, event, NULL, &ov[0]), make(&t, NULL, tell, &ov[1]), make(&t, NULL, NULL, &ov[2]) };
    for (int i = 0; i < 3; i++) {
        lw_op_issue(op[i]);
        finish(op[i], STATUS_CANCELLED, 0);
        op[i]->quiet = true;
        lw_op_deliver(op[i]);
        CHECK_EQ((ULONG)ov[i].Internal, (ULONG)STATUS_CANCELLED);
    }
    CHECK(!is_set());
    CHECK(!run_routines());
    CHECK_EQ(told.runs + t.set, 0);
    CHECK_EQ(lw_op_live(), live);
    lw_object_unref(&t.obj);
    CHECK_EQ(t.destroyed, 1);
}

static void a_blocking_call_is_woken_and_keeps_its_request(void)
{
    struct lw_op op;
    struct lw_event done;
    struct lw_wsabuf bufs[3] = { { 1, NULL }, { 1, NULL }, { 1, NULL } };
    uint64_t live = lw_op_live();

    lw_op_init(&op, LW_OP_RECV);
    lw_event_init(&done, true);
    op.waiter = &done.obj;
    REQUIRE(lw_op_set_buffers(&op, bufs, 3));
    lw_op_issue(&op);
    struct lw_poller *p = lw_poller_new();
    REQUIRE(p != NULL);
    lw_op_pend(&op, p);
    CHECK_EQ(done.obj.requests, 1);
    lw_op_unpend(&op, p);
    finish(&op, STATUS_IO_TIMEOUT, 0);
    lw_op_deliver(&op);
    CHECK(done.signalled);
    CHECK_EQ(op.status, STATUS_IO_TIMEOUT);
    CHECK_EQ(lw_op_live(), live); /* never counted */
    lw_poller_unuse(p);
    lw_event_done(&done);
    lw_op_done(&op);
}

static void a_list_is_delivered_in_order(void)
{
    struct thing t;
    OVERLAPPED ov[3] = { { 0 } };
    struct lw_list finished;

    lw_list_init(&finished);
    thing_init(&t);
    for (int i = 0; i < 3; i++) {
        struct lw_op *op = make(&t, NULL, tell, &ov[i]);
        finish(op, STATUS_SUCCESS, (size_t)i);
        lw_list_push(&finished, &op->apc.link);
    }
    lw_op_deliver_all(&finished);
    CHECK(lw_list_empty(&finished));
    told.runs = 0;
    CHECK(run_routines());
    CHECK_EQ(told.runs, 3);
    CHECK(told.ov == &ov[2] && told.count == 2);
    lw_object_unref(&t.obj);
    CHECK_EQ(t.destroyed, 1);
}

/* ---- who frees it ---- */

static void *make_many(void *arg)
{
    struct lw_op **ops = arg;

    for (int i = 0; i < 2 * SPARES; i++) ops[i] = lw_op_new(LW_OP_RECV);
    return NULL;
}

static void *free_many(void *arg)
{
    struct lw_op **ops = arg;

    for (int i = 0; i < 2 * SPARES; i++) lw_op_free(ops[i]);
    return NULL;
}

static void one_thread_makes_and_another_frees(void)
{
    struct lw_op *ops[2 * SPARES];
    uint64_t live = lw_op_live();

    thread_join(thread_start(make_many, ops));
    CHECK_EQ(lw_op_live(), live + 2 * SPARES);
    thread_join(thread_start(free_many, ops));
    CHECK_EQ(lw_op_live(), live);
    make_many(ops);
    thread_join(thread_start(free_many, ops));
    CHECK_EQ(lw_op_live(), live);
    thread_join(thread_start(make_many, ops));
    free_many(ops);
    CHECK_EQ(lw_op_live(), live);
}

/* Such a thread closes a socket with requests and does nothing else: the library never made a block for it. */
static void a_thread_without_block_leaves_nothing_behind(void)
{
    enum { UNCACHED_STACK = 64 << 20 }; /* more than libc keeps: unmapped when the thread ends */
    uint64_t live = lw_op_live();
    pthread_attr_t attr;

    REQUIRE(pthread_attr_init(&attr) == 0);
    CHECK_EQ(pthread_attr_setstacksize(&attr, UNCACHED_STACK), 0);
    for (int i = 0; i < 4; i++) {
        struct lw_op *ops[2 * SPARES];
        pthread_t thread;

        make_many(ops);
        REQUIRE(pthread_create(&thread, &attr, free_many, ops) == 0);
        thread_join(thread);
        CHECK_EQ(lw_op_live(), live); /* looks at what every thread counted */
    }
    (void)pthread_attr_destroy(&attr);
}

/* ---- fork ---- */

static atomic_bool over;

static void *count_for_ever(void *unused)
{
    (void)unused;
    while (!atomic_load(&over)) (void)lw_op_live();
    return NULL;
}

static int use_in_child(void)
{
    alarm(DEADLINE_MS / 1000);
    lw_thread_after_fork();
    struct lw_op *op = lw_op_new(LW_OP_RECV);
    if (!op || lw_op_live() != 1) return 1;
    lw_op_free(op);
    return lw_op_live() == 0 ? 0 : 2;
}

static void *fork_often(void *unused)
{
    (void)unused;
    for (int i = 0; i < 50; i++) {
        int status = -1;
        pid_t child = fork();

        if (child == 0) _exit(use_in_child());
        CHECK(child > 0);
        CHECK(waitpid(child, &status, 0) == child);
        if (!CHECK_EQ(status, 0)) break;
    }
    return NULL;
}

/* The thread that forks has no block, and another one holds the lock of the count. */
static void a_forked_child_counts_from_zero(void)
{
    struct lw_op *op = lw_op_new(LW_OP_RECV);
    pthread_t busy = thread_start(count_for_ever, NULL);

    thread_join(thread_start(fork_often, NULL));
    atomic_store(&over, true);
    thread_join(busy);
    lw_op_free(op);
}

static const struct unit_case cases[] = {
    UNIT(a_new_request_is_empty),
    UNIT(few_buffers_need_no_memory),
    UNIT(a_thread_keeps_few_spares),
    UNIT(advancing_passes_whole_and_empty_buffers),
    UNIT(the_cursor_is_where_the_next_byte_goes),
    UNIT(issuing_unsets_what_completion_will_set),
    UNIT(a_routine_leaves_events_alone),
    UNIT(pending_is_counted_once),
    UNIT(delivery_by_event),
    UNIT(delivery_by_the_handle),
    UNIT(delivery_by_routine),
    UNIT(a_routine_of_an_ended_thread_is_dropped),
    UNIT(a_quiet_request_tells_nobody),
    UNIT(a_blocking_call_is_woken_and_keeps_its_request),
    UNIT(a_list_is_delivered_in_order),
    UNIT(one_thread_makes_and_another_frees),
    UNIT(a_thread_without_block_leaves_nothing_behind),
    UNIT(a_forked_child_counts_from_zero),
};

int main(void)
{
    own_table();
    event_handle = lw_event_create(true, false);
    event = lw_handle_get(event_handle, NULL);
    if (!event || !lw_thread_self()) return 1;
    int bad = unit_main(cases, (int)(sizeof cases / sizeof cases[0]));
    lw_handle_put(event_handle);
    (void)lw_handle_close(event_handle);
    return bad;
}
