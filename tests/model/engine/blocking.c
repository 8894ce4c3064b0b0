/* SPDX-License-Identifier: MIT */
/*
 * What a thread waits for: mutexes, futexes, RCU grace periods, and the next change after a yield.
 *
 * Futex: the kernel's promise and nothing more. Looking at the word and going to sleep is one step; a wake-up that
 * comes before it makes the stores that its thread had made to the word known to it, so that it does not sleep on the
 * old value. No other ordering: what a woken thread may read, the program's own acquire must say. A sleeper with a
 * deadline may leave at any time, and `spurious` sleepers of an execution leave for no reason; who is about to
 * leave is still in the queue and may take a wake-up. A requeue compares and moves in one step, and its comparison is not
 * older than what any of the sleepers had seen; who was moved is woken, or leaves, as if it had gone to sleep there.
 *
 * RCU: for each section and each grace period, either the section began before the grace period did, then all of it
 * happens before the end; or it began later, then all that came before the start happens before it. Nothing else: a
 * read section is no fence, a grace period does not order the threads that did not take part.
 *
 * Yield: a thread that has yielded goes on when a location that it read since its last yield has another value to
 * offer, or a mutex that it tried has changed. If nothing ever changes, all wait: a livelock is reported as a deadlock.
 */
#include "engine.h"

#include <errno.h>
#include <string.h>

#include "rcu.h"

/* ----------------------------------------------------------------------------------------------------- objects */

int object_of(uintptr_t address, enum object_kind kind)
{
    for (unsigned i = 0; i < run.objects; i++)
        if (run.object[i].address == address && run.object[i].kind == kind)
            return (int)i;
    if (run.objects == OBJECTS)
        im_model_fail("more than %d mutexes and futexes in one execution", OBJECTS);
    run.object[run.objects] = (struct object){.address = address, .kind = kind, .chain = NO_EVENT};
    return (int)run.objects++;
}

static struct operation object_operation(enum kind kind, const struct im_model_site *site, const volatile void *where,
                                         enum object_kind object)
{
    return (struct operation){.kind = kind,
                              .site = site,
                              .address = (uintptr_t)where,
                              .location = -1,
                              .object = object_of((uintptr_t)where, object)};
}

/* ------------------------------------------------------------------------------------------------------- yield */

static void watch(const struct watched *watched)
{
    struct thread *thread = self_thread();
    for (unsigned i = 0; i < thread->watched_count; i++) {
        if (thread->watched[i].location == watched->location && thread->watched[i].object == watched->object) {
            thread->watched[i] = *watched;
            return;
        }
    }
    if (thread->watched_count == WATCHED) {
        memmove(thread->watched, thread->watched + 1, (WATCHED - 1) * sizeof thread->watched[0]);
        thread->watched_count--;
    }
    thread->watched[thread->watched_count++] = *watched;
}

void watch_location(int location, uint64_t at)
{
    watch(&(struct watched){.location = location, .object = -1, .at = at});
}

bool await_is_over(const struct thread *thread)
{
    for (unsigned i = 0; i < thread->watched_count; i++) {
        const struct watched *watched = &thread->watched[i];
        if (watched->location >= 0 && memory_is_outdated(watched->location, watched->at))
            return true;
        if (watched->location < 0 && run.object[watched->object].changes != watched->at)
            return true;
    }
    return thread->reads_time;
}

void im_model_yield(const struct im_model_site *site)
{
    struct thread *thread = self_thread();
    (void)site;
    if (run.phase == PHASE_INIT || run.phase == PHASE_CHECK || (!thread->watched_count && !thread->reads_time))
        return;
    thread->awaits = true;
    thread->yields++;
}

uint64_t im_model_now_ns(void)
{
    const uint64_t tick_ns = 10 * 1000 * 1000;
    self_thread()->reads_time = true;
    run.now_ns += tick_ns;
    return run.now_ns;
}

/* ------------------------------------------------------------------------------------------------------- mutex */

void im_model_mutex_lock(const struct im_model_site *site, struct im_sync_mutex *mutex)
{
    struct operation op = object_operation(OP_MUTEX_LOCK, site, mutex, OBJECT_MUTEX);
    step(&op);
}

bool im_model_mutex_try_lock(const struct im_model_site *site, struct im_sync_mutex *mutex)
{
    struct operation op = object_operation(OP_MUTEX_TRY_LOCK, site, mutex, OBJECT_MUTEX);
    step(&op);
    return op.succeeded;
}

void im_model_mutex_unlock(const struct im_model_site *site, struct im_sync_mutex *mutex)
{
    struct operation op = object_operation(OP_MUTEX_UNLOCK, site, mutex, OBJECT_MUTEX);
    step(&op);
}

static void take_mutex(struct object *mutex)
{
    mutex->owner = run.self + 1;
    mutex->changes++;
    if (mutex->view)
        view_join(self_thread()->current, mutex->view);
}

static void release_mutex(struct object *mutex)
{
    if (mutex->owner != run.self + 1)
        im_model_fail("unlock of a mutex that this thread does not hold");
    mutex->owner = 0;
    mutex->changes++;
    mutex->view = view_copy(self_thread()->current);
}

static void perform_mutex(struct event *event)
{
    struct object *mutex = &run.object[event->op.object];
    shadow_check_life(event->op.address, sizeof(struct im_sync_mutex), "mutex operation");
    if (event->op.kind == OP_MUTEX_UNLOCK) {
        release_mutex(mutex);
        return;
    }
    event->op.succeeded = mutex->owner == 0;
    if (event->op.succeeded)
        take_mutex(mutex);
    else if (run.phase != PHASE_THREADS && event->op.kind == OP_MUTEX_LOCK)
        im_model_fail("lock of a mutex that is never released");
    if (event->op.kind == OP_MUTEX_TRY_LOCK)
        watch(&(struct watched){.location = -1, .object = event->op.object, .at = mutex->changes});
}

/* ------------------------------------------------------------------------------------------------------- futex */

static void leave_queue(struct object *futex, unsigned thread)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < futex->waiters; i++)
        if (futex->queue[i] != thread)
            futex->queue[kept++] = futex->queue[i];
    futex->waiters = kept;
}

/** 0: until woken; otherwise the code to leave with, at any moment. */
static bool decide_to_leave(struct thread *thread)
{
    thread->leave_code = ETIMEDOUT;
    unsigned choice = run.spurious > 0 ? decide_value(3, 7) : 0;
    if (choice == 0)
        return thread->deadline_ns != UINT64_MAX;
    run.spurious--;
    thread->leave_code = choice == 1 ? 0 : EINTR;
    return true;
}

static void perform_wait(struct event *event)
{
    struct thread *thread = self_thread();
    struct object *futex = &run.object[event->op.object];
    shadow_check_life(event->op.address, event->op.bytes, "futex wait");
    const struct store *read = memory_read(event, __ATOMIC_RELAXED);
    shadow_atomic(event->op.location, true, false);
    event->op.succeeded = read->value == event->op.expected;
    if (!event->op.succeeded)
        return;
    if (read->at > futex->slept_at)
        futex->slept_at = read->at;
    futex->queue[futex->waiters++] = (uint8_t)run.self;
    thread->woken = false;
}

static void wake_one(struct event *event, struct object *futex)
{
    unsigned chosen = decide_value(futex->waiters, (UINT64_C(1) << futex->waiters) - 1);
    unsigned thread = futex->queue[chosen];
    run.thread[thread].woken = true;
    leave_queue(futex, thread);
    event->op.result++;
}

/** What this thread knows of the word, the next one that wants to sleep on it knows. */
static void make_known(struct object *futex)
{
    int location = *shadow_location(futex->address);
    const struct view *known = self_thread()->current;
    if (location >= 0 && (uint32_t)location < known->count && known->at[location] > futex->woken_at)
        futex->woken_at = known->at[location];
}

static void perform_wake(struct event *event)
{
    struct object *futex = &run.object[event->op.object];
    make_known(futex);
    event->op.result = 0;
    while (futex->waiters > 0 && event->op.result < event->op.operand)
        wake_one(event, futex);
}

static void perform_requeue(struct event *event)
{
    struct object *futex = &run.object[event->op.object], *onto = &run.object[event->op.onto - 1];
    shadow_check_life(event->op.address, event->op.bytes, "futex requeue");
    const struct store *read = memory_read(event, __ATOMIC_RELAXED);
    shadow_atomic(event->op.location, true, false);
    event->op.succeeded = read->value == event->op.expected;
    if (!event->op.succeeded)
        return;
    make_known(futex);
    event->op.result = 0;
    while (futex->waiters > 0 && event->op.result < event->op.operand)
        wake_one(event, futex);
    event->op.operand = futex->waiters;
    for (unsigned i = 0; i < futex->waiters; i++) {
        onto->queue[onto->waiters++] = futex->queue[i];
        run.thread[futex->queue[i]].pending.object = event->op.onto - 1;
    }
    futex->waiters = 0;
}

static void perform_leave(struct event *event)
{
    struct thread *thread = self_thread();
    event->op.result = thread->woken ? 0 : (uint64_t)thread->leave_code;
    leave_queue(&run.object[event->op.object], run.self);
    if (event->op.result == ETIMEDOUT && run.now_ns < thread->deadline_ns)
        run.now_ns = thread->deadline_ns;
}

int im_model_wait(const struct im_model_site *site, const uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
    struct thread *thread = self_thread();
    struct operation op = object_operation(OP_FUTEX_WAIT, site, word, OBJECT_FUTEX);
    shadow_check_life(op.address, sizeof *word, "futex wait");
    op.location = location_of(op.address, sizeof *word);
    op.bytes = sizeof *word;
    op.expected = expected;
    step(&op);
    thread->watched_count = 0;
    if (!op.succeeded)
        return EAGAIN;
    if (deadline_ns <= run.now_ns) {
        leave_queue(&run.object[op.object], run.self);
        return ETIMEDOUT;
    }
    thread->deadline_ns = deadline_ns;
    struct operation rest = object_operation(OP_FUTEX_SLEEP, site, word, OBJECT_FUTEX);
    if (decide_to_leave(thread))
        rest.kind = OP_FUTEX_LEAVE;
    step(&rest);
    return (int)rest.result;
}

int im_model_wake(const struct im_model_site *site, const uint32_t *word, int count)
{
    struct operation op = object_operation(OP_FUTEX_WAKE, site, word, OBJECT_FUTEX);
    op.operand = count > 0 ? (uint64_t)count : 0;
    step(&op);
    return (int)op.result;
}

int im_model_requeue(const struct im_model_site *site, const uint32_t *word, uint32_t expected, int count,
                     const uint32_t *onto)
{
    struct operation op = object_operation(OP_FUTEX_REQUEUE, site, word, OBJECT_FUTEX);
    op.onto = object_of((uintptr_t)onto, OBJECT_FUTEX) + 1;
    shadow_check_life(op.address, sizeof *word, "futex requeue");
    op.location = location_of(op.address, sizeof *word);
    op.bytes = sizeof *word;
    op.expected = expected;
    op.operand = (uint64_t)count;
    step(&op);
    return op.succeeded ? 0 : EAGAIN;
}

/* --------------------------------------------------------------------------------------------------------- RCU */

static const char rcu_domain;

static void begin_section(void)
{
    view_join(self_thread()->current, run.rcu_started);
}

static void end_section(struct event *event)
{
    struct view *current = self_thread()->current;
    view_join(run.rcu_left, current);
    clock_join(&run.rcu_left_trace, &event->clock);
    for (unsigned i = 0; i < THREADS; i++) {
        struct grace_period *grace = &run.thread[i].grace;
        if (!grace->active || !(grace->waits_for & bit(run.self)))
            continue;
        grace->waits_for &= ~bit(run.self);
        view_join(grace->view, current);
        clock_join(&grace->trace, &event->clock);
    }
}

static void start_grace_period(void)
{
    struct grace_period *grace = &self_thread()->grace;
    grace->active = true;
    grace->waits_for = 0;
    grace->view->count = 0;
    grace->view->clock = (struct clock){{0}};
    grace->trace = run.rcu_left_trace;
    view_join(grace->view, run.rcu_left);
    view_join(run.rcu_started, self_thread()->current);
    for (unsigned i = 0; i < THREADS; i++)
        if (run.thread[i].rcu_depth)
            grace->waits_for |= bit(i);
}

static void end_grace_period(struct event *event)
{
    struct grace_period *grace = &self_thread()->grace;
    if (grace->waits_for)
        im_model_fail("a grace period that nobody can end");
    view_join(self_thread()->current, grace->view);
    clock_join(&event->clock, &grace->trace);
    grace->active = false;
}

void im_model_rcu_read_lock(const struct im_model_site *site)
{
    struct thread *thread = self_thread();
    if (thread->rcu_depth == 0) {
        struct operation op = object_operation(OP_RCU_LOCK, site, &rcu_domain, OBJECT_RCU);
        step(&op);
    }
    thread->rcu_depth++;
}

void im_model_rcu_read_unlock(const struct im_model_site *site)
{
    struct thread *thread = self_thread();
    if (thread->rcu_depth == 0)
        im_model_fail("end of a read section outside of one");
    if (thread->rcu_depth > 1) {
        thread->rcu_depth--;
        return;
    }
    struct operation op = object_operation(OP_RCU_UNLOCK, site, &rcu_domain, OBJECT_RCU);
    step(&op);
}

void im_model_rcu_synchronize(const struct im_model_site *site)
{
    if (self_thread()->rcu_depth)
        im_model_fail("deadlock: a grace period inside a read section");
    struct operation start = object_operation(OP_RCU_START, site, &rcu_domain, OBJECT_RCU);
    step(&start);
    struct operation end = object_operation(OP_RCU_END, site, &rcu_domain, OBJECT_RCU);
    step(&end);
}

bool im_model_rcu_in_section(void)
{
    return self_thread()->rcu_depth > 0;
}

/* ---------------------------------------------------------------------------------------------------- the steps */

bool blocking_is_enabled(unsigned index)
{
    const struct thread *thread = &run.thread[index];
    switch (thread->pending.kind) {
    case OP_MUTEX_LOCK:
        return run.object[thread->pending.object].owner == 0;
    case OP_FUTEX_SLEEP:
        return thread->woken;
    case OP_RCU_END:
        return thread->grace.waits_for == 0;
    default:
        return true;
    }
}

void blocking_perform(struct event *event)
{
    switch (event->op.kind) {
    case OP_FUTEX_WAIT:
        perform_wait(event);
        break;
    case OP_FUTEX_WAKE:
        perform_wake(event);
        break;
    case OP_FUTEX_REQUEUE:
        perform_requeue(event);
        break;
    case OP_FUTEX_LEAVE:
        perform_leave(event);
        break;
    case OP_RCU_LOCK:
        begin_section();
        break;
    case OP_RCU_UNLOCK:
        end_section(event);
        self_thread()->rcu_depth--;
        break;
    case OP_RCU_START:
        start_grace_period();
        break;
    case OP_RCU_END:
        end_grace_period(event);
        break;
    case OP_FUTEX_SLEEP:
        break;
    default:
        perform_mutex(event);
        break;
    }
}
