/* SPDX-License-Identifier: MIT */
/*
 * Which decisions need their other threads tried.
 *
 * Two executions that differ only in the order of independent steps end alike; one of them is enough. This is
 * source-set dynamic partial order reduction with sleep sets (Abdulla et al., "Optimal dynamic partial order
 * reduction", POPL 2014), with a dependency that suits the memory model: as a load may read old stores and a store
 * may be put before others, two steps on one location commute, except that
 *
 *   a load that comes before a store cannot read it      reversed: the store first, and the load reads it
 *
 * and as many executions are left as there are ways to read (compare Kokologiannakis et al., "Truly stateless, optimal
 * dynamic partial order reduction", POPL 2022). Operations on one mutex, futex or RCU domain, and seq_cst ones, do have
 * an order; those that do not commute are dependent both ways.
 *
 * A thread that has been tried at a decision is asleep below it until a dependent step of another wakes it. A
 * sleeping load keeps a mark: it has read every store made before; it may go on to read a store made since. That is
 * why a value is never read twice in the same situation.
 *
 * The clocks here follow program order, reads-from and the order of dependent operations: what cannot be reversed.
 * They are not happens-before. tests/model/harness/reduction.c compares the outcomes with those of a search without
 * any reduction, for programs made up at random.
 */
#include "engine.h"

#include <stdatomic.h>

enum { COMMUTE = 0, ORDERED = 1, REVERSIBLE = 2 };

static unsigned sleeping;
static uint32_t mark[THREADS];

void reduce_begin(void)
{
    sleeping = 0;
}

static bool is_sc_fence(const struct operation *op)
{
    return op->kind == OP_FENCE && op->order == memory_order_seq_cst;
}

/* ---------------------------------------------------------------------------------------------------- dependency */

static bool is_reader(enum kind kind)
{
    return kind == OP_LOAD || kind == OP_RMW || kind == OP_COMPARE_EXCHANGE || kind == OP_FUTEX_WAIT ||
           kind == OP_FUTEX_REQUEUE;
}

static bool is_writer(enum kind kind)
{
    return kind == OP_STORE || kind == OP_RMW || kind == OP_COMPARE_EXCHANGE;
}

static int object_dependency(enum kind first, enum kind second)
{
    switch (first) {
    case OP_MUTEX_UNLOCK:
        return second == OP_MUTEX_LOCK ? ORDERED : ORDERED | REVERSIBLE;
    case OP_MUTEX_LOCK:
    case OP_MUTEX_TRY_LOCK:
        return ORDERED | REVERSIBLE;
    case OP_FUTEX_WAIT:
    case OP_FUTEX_LEAVE:
        return second == OP_FUTEX_WAKE || second == OP_FUTEX_REQUEUE ? ORDERED | REVERSIBLE : COMMUTE;
    case OP_FUTEX_WAKE:
    case OP_FUTEX_REQUEUE:
        return second == OP_FUTEX_SLEEP ? ORDERED : ORDERED | REVERSIBLE;
    case OP_RCU_LOCK:
        return second == OP_RCU_START ? ORDERED | REVERSIBLE : COMMUTE;
    case OP_RCU_START:
        return second == OP_RCU_LOCK ? ORDERED | REVERSIBLE : COMMUTE;
    default:
        return COMMUTE;
    }
}

static bool is_on(const struct operation *op, int object)
{
    return op->object == object || op->onto == object + 1;
}

static bool share_an_object(const struct operation *one, const struct operation *other)
{
    return (one->object >= 0 && is_on(other, one->object)) || (one->onto && is_on(other, one->onto - 1));
}

/** Of two seq_cst operations. */
static int sc_dependency(const struct event *first, const struct event *second)
{
    if (is_sc_fence(&first->op) || is_sc_fence(&second->op))
        return ORDERED | REVERSIBLE;
    bool same = first->op.location == second->op.location;
    return same && (first->writes || second->writes) ? ORDERED | REVERSIBLE : COMMUTE;
}

/** Of two steps on one location: a load before a store, or two that could both have been the one to replace a value. */
static int location_dependency(const struct event *first, const struct event *second)
{
    bool lost = second->op.kind == OP_COMPARE_EXCHANGE && !second->writes && first->reads && first->writes &&
                first->op.result == second->op.expected;
    return (first->reads && second->writes) || lost ? REVERSIBLE : COMMUTE;
}

static int other_dependency(const struct event *first, const struct event *second)
{
    int dependency = COMMUTE;
    if (share_an_object(&first->op, &second->op))
        dependency |= object_dependency(first->op.kind, second->op.kind);
    if (first->sc && second->sc)
        dependency |= sc_dependency(first, second);
    return dependency;
}

/* -------------------------------------------------------------------------------------------------------- races */

static bool comes_after(const struct clock *later, const struct event *earlier)
{
    return later->at[earlier->thread] >= earlier->number;
}

/** What must come before `second` when it comes before `first`: program order, and what else it depends on. */
static struct clock clock_without(const struct event *first, const struct event *second, const struct clock *before)
{
    struct clock clock = *before;
    for (const struct event *event = first + 1; event < second; event++)
        if (!comes_after(&event->clock, first) &&
            (event - run.event == second->source || (other_dependency(event, second) & ORDERED)))
            clock_join(&clock, &event->clock);
    return clock;
}

/** Threads whose next step at the decision of `first` can begin an execution where `second` comes before it. */
static unsigned initials(const struct event *first, const struct event *second, const struct clock *before)
{
    const struct event *head[THREADS] = {NULL};
    const struct clock *clock[THREADS] = {NULL};
    const struct clock without = clock_without(first, second, before);
    for (const struct event *event = first + 1; event <= second; event++) {
        const struct clock *known = event == second ? &without : &event->clock;
        if (head[event->thread] || comes_after(known, first))
            continue;
        head[event->thread] = event;
        clock[event->thread] = known;
    }
    unsigned found = 0;
    for (unsigned i = 1; i <= run.threads; i++) {
        bool is_first = head[i] != NULL;
        for (unsigned j = 1; is_first && j <= run.threads; j++)
            if (j != i && head[j] && comes_after(clock[i], head[j]))
                is_first = false;
        if (is_first)
            found |= bit(i);
    }
    return found;
}

static void reverse(const struct event *first, const struct event *second, const struct clock *before)
{
    if (first->decision == NO_DECISION)
        return;
    unsigned enabled = decision_enabled(first->decision);
    unsigned candidates = initials(first, second, before) & enabled;
    if (!candidates)
        decision_try(first->decision, enabled);
    else if (!decision_was_tried(first->decision, candidates))
        decision_try(first->decision,
                     candidates & bit(second->thread) ? bit(second->thread) : candidates & -candidates);
}

/** `before`: the clock of the second one's thread until this step. */
static void meet(const struct event *first, struct event *second, const struct clock *before, int dependency)
{
    if (first->thread == second->thread || dependency == COMMUTE)
        return;
    bool settled = before->at[first->thread] >= first->number;
    if ((dependency & REVERSIBLE) && !settled && !decisions_replayed())
        reverse(first, second, before);
    if (dependency & ORDERED)
        clock_join(&second->clock, &first->clock);
}

static void meet_location(struct event *event, const struct clock *before)
{
    struct location *location = &run.location[event->op.location];
    for (int i = location->chain; i != NO_EVENT; i = run.event[i].location_before)
        meet(&run.event[i], event, before, location_dependency(&run.event[i], event));
    event->location_before = location->chain;
    location->chain = (int)(event - run.event);
}

/** The event before it on the same object. */
static int *before_on(struct event *event, int object)
{
    return event->op.object == object ? &event->object_before : &event->onto_before;
}

static void meet_object(struct event *event, int index, const struct clock *before)
{
    struct object *object = &run.object[index];
    for (int i = object->chain; i != NO_EVENT; i = *before_on(&run.event[i], index))
        meet(&run.event[i], event, before, object_dependency(run.event[i].op.kind, event->op.kind));
    *before_on(event, index) = object->chain;
    object->chain = (int)(event - run.event);
}

static void meet_sc(struct event *event, const struct clock *before)
{
    for (int i = run.sc_chain; i != NO_EVENT; i = run.event[i].sc_before)
        meet(&run.event[i], event, before, sc_dependency(&run.event[i], event));
    event->sc_before = run.sc_chain;
    run.sc_chain = (int)(event - run.event);
}

/* --------------------------------------------------------------------------------------------------- sleep sets */

static bool pending_is_sc(const struct operation *op)
{
    return op->order == memory_order_seq_cst && (op->kind == OP_FENCE || is_reader(op->kind) || is_writer(op->kind));
}

/** Whether a step changes what a sleeper's next step does, beyond new stores to read. */
static bool wakes(const struct event *event, const struct operation *sleeper)
{
    if (share_an_object(&event->op, sleeper) &&
        (object_dependency(event->op.kind, sleeper->kind) || object_dependency(sleeper->kind, event->op.kind)))
        return true;
    if (!event->sc || !pending_is_sc(sleeper))
        return false;
    if (is_sc_fence(&event->op) || is_sc_fence(sleeper))
        return true;
    return event->op.location == sleeper->location && (is_writer(sleeper->kind) || event->writes);
}

static void wake_sleepers(const struct event *event)
{
    for (unsigned i = 1; i <= run.threads; i++)
        if ((sleeping & bit(i)) && wakes(event, &run.thread[i].pending))
            sleeping &= ~bit(i);
}

static bool has_fresh_store(unsigned thread, const struct operation *op)
{
    struct store *candidates[CHOICES];
    unsigned count = memory_candidates(thread, op, candidates);
    for (unsigned i = 0; i < count; i++)
        if (candidates[i]->number >= mark[thread])
            return true;
    return false;
}

bool reduce_is_asleep(unsigned thread)
{
    const struct operation *op = &run.thread[thread].pending;
    if (!(sleeping & bit(thread)))
        return false;
    return !is_reader(op->kind) || run.location[op->location].stores <= mark[thread] || !has_fresh_store(thread, op);
}

/** Of the stores that a thread may read, those that it has not read in this situation. */
uint64_t reduce_fresh(unsigned thread, struct store *const *candidates, unsigned count)
{
    uint64_t fresh = UINT64_MAX;
    if (!(sleeping & bit(thread)))
        return fresh;
    for (unsigned i = 0; i < count; i++)
        if (candidates[i]->number < mark[thread])
            fresh &= ~(UINT64_C(1) << i);
    return fresh;
}

unsigned reduce_sleep_set(uint32_t marks[THREADS])
{
    for (unsigned i = 0; i < THREADS; i++)
        marks[i] = mark[i];
    return sleeping;
}

void reduce_set_sleep_set(unsigned threads, const uint32_t marks[THREADS])
{
    sleeping = threads;
    for (unsigned i = 0; i < THREADS; i++)
        mark[i] = marks[i];
}

uint32_t reduce_mark(unsigned thread)
{
    const struct operation *op = &run.thread[thread].pending;
    return is_reader(op->kind) && op->location >= 0 ? run.location[op->location].stores : 0;
}

void reduce_event(struct event *event, const struct clock *before)
{
    if (event->op.location >= 0)
        meet_location(event, before);
    if (event->op.object >= 0)
        meet_object(event, event->op.object, before);
    if (event->op.onto)
        meet_object(event, event->op.onto - 1, before);
    if (event->sc)
        meet_sc(event, before);
    sleeping &= ~bit(event->thread);
    wake_sleepers(event);
}
