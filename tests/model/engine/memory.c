/* SPDX-License-Identifier: MIT */
/*
 * What a load may read.
 *
 * Each location keeps its modification order: a list of stores, each with a timestamp. Each thread has a view: by
 * location, the timestamp of the oldest store that it may still read. The rules are those of RC11 without load
 * buffering, in operational form (Kang et al., "A promising semantics for relaxed-memory concurrency", POPL 2017,
 * without promises):
 *
 *   load       reads any store that is not older than the view says, which then says at least that one. An acquire
 *              load joins the message of the store into the view; a relaxed one keeps it for a later acquire fence.
 *   store      goes anywhere in the modification order after what the view says, also before a store that has been
 *              made already. Its message is the thread's view if it releases, or what the thread knew at its last
 *              release fence.
 *   read-modify-write  reads as a load and is glued right behind what it read. Its message includes the message
 *              read: that is the release sequence.
 *   seq_cst    the order of execution is the total order S. A fence joins the thread's view with the view of all
 *              fences before it, both ways. A load reads nothing older than the last seq_cst store to its location,
 *              nor what a fence before it has made known; a store goes behind them.
 *
 * A view has two parts: timestamps limit what is read, the vector clock is happens-before and decides what is a
 * race. A seq_cst fence moves timestamps only.
 *
 * Real memory holds the newest value of each location at every moment, so that plain code sees it too. A plain store
 * to a location is put at the end of its modification order; whether that is allowed is for shadow.c.
 */
#include "engine.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Room between two stores for others that are put in later. */
static const uint64_t gap = UINT64_C(1) << 32;
enum { ARENA_BYTES = 256 << 20 };

static char *arena;
static size_t arena_used;

/* ------------------------------------------------------------------------------------------------------- views */

void *memory_arena(size_t bytes)
{
    bytes = (bytes + 15) & ~(size_t)15;
    if (arena_used + bytes > ARENA_BYTES) {
        snprintf(run.message, sizeof run.message, "the engine's memory for one execution is used up");
        end_execution(ENDING_INCOMPLETE);
    }
    void *start = arena + arena_used;
    arena_used += bytes;
    return start;
}

static struct view *view_new(void)
{
    struct view *view = malloc(sizeof *view + LOCATIONS * sizeof view->at[0]);
    if (!view)
        abort();
    return view;
}

static void view_clear(struct view **view)
{
    if (!*view)
        *view = view_new();
    (*view)->count = 0;
    memset(&(*view)->clock, 0, sizeof(*view)->clock);
}

static uint64_t view_at(const struct view *view, int location)
{
    return (uint32_t)location < view->count ? view->at[location] : 0;
}

static void view_raise(struct view *view, int location, uint64_t at)
{
    for (; view->count <= (uint32_t)location; view->count++)
        view->at[view->count] = 0;
    if (view->at[location] < at)
        view->at[location] = at;
}

void view_join_order(struct view *into, const struct view *from)
{
    for (; into->count < from->count; into->count++)
        into->at[into->count] = 0;
    for (uint32_t i = 0; i < from->count; i++)
        if (into->at[i] < from->at[i])
            into->at[i] = from->at[i];
}

void view_join(struct view *into, const struct view *from)
{
    clock_join(&into->clock, &from->clock);
    view_join_order(into, from);
}

const struct view *view_copy(const struct view *view)
{
    size_t bytes = sizeof *view + view->count * sizeof view->at[0];
    struct view *copy = memory_arena(bytes);
    memcpy(copy, view, bytes);
    return copy;
}

static const struct view *view_joined(const struct view *a, const struct view *b)
{
    if (!a || !b)
        return a ? a : b;
    uint32_t count = a->count > b->count ? a->count : b->count;
    struct view *joined = memory_arena(sizeof *joined + count * sizeof joined->at[0]);
    joined->count = 0;
    memset(&joined->clock, 0, sizeof joined->clock);
    view_join(joined, a);
    view_join(joined, b);
    return joined;
}

void memory_begin(void)
{
    if (!arena) {
        arena = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (arena == MAP_FAILED)
            abort();
    }
    arena_used = 0;
    run.locations = 0;
    view_clear(&run.sc);
    view_clear(&run.rcu_left);
    view_clear(&run.rcu_started);
    for (unsigned i = 0; i < THREADS; i++) {
        view_clear(&run.thread[i].current);
        view_clear(&run.thread[i].acquired);
        view_clear(&run.thread[i].grace.view);
    }
}

/* --------------------------------------------------------------------------------------------------- locations */

static uint64_t peek(uintptr_t address, size_t bytes)
{
    uint64_t value = 0;
    memcpy(&value, (const void *)address, bytes); // NOLINT(performance-no-int-to-ptr)
    return value;
}

static void poke(uintptr_t address, size_t bytes, uint64_t value)
{
    memcpy((void *)address, &value, bytes); // NOLINT(performance-no-int-to-ptr)
}

static uint64_t truncated(uint64_t value, size_t bytes)
{
    return bytes == 8 ? value : value & ((UINT64_C(1) << (8 * bytes)) - 1);
}

static struct store *put_behind(struct location *location, struct store *older, uint64_t at)
{
    struct store *store = memory_arena(sizeof *store);
    *store = (struct store){.at = at, .older = older, .event = NO_EVENT, .number = location->stores++};
    store->newer = older ? older->newer : NULL;
    if (older)
        older->newer = store;
    else
        location->oldest = store;
    if (store->newer)
        store->newer->older = store;
    else
        location->newest = store;
    return store;
}

static void forget_reads(unsigned location)
{
    for (unsigned i = 0; i < THREADS; i++) {
        run.thread[i].last_read[location] = 0;
        run.thread[i].last_read_yield[location] = 0;
    }
}

static int new_location(uintptr_t address, size_t bytes)
{
    if (run.locations == LOCATIONS)
        im_model_fail("more than %d atomic locations in one execution", LOCATIONS);
    unsigned index = run.locations++;
    struct location *location = &run.location[index];
    *location = (struct location){.address = address, .bytes = (uint8_t)bytes, .chain = NO_EVENT};
    put_behind(location, NULL, gap)->value = peek(address, bytes);
    forget_reads(index);
    for (size_t i = 0; i < bytes; i++)
        *shadow_location(address + i) = (int)index;
    return (int)index;
}

/** Memory that is accessed by another size now: allowed to who comes after all accesses by the old one. */
static void retire(int index, uintptr_t address, size_t bytes)
{
    struct location *location = &run.location[index];
    unsigned owner = THREADS;
    bool on_stack = fiber_on_stack(location->address, &owner);
    if (!on_stack && (!shadow_knows(&location->reads) || !shadow_knows(&location->writes)))
        im_model_fail("mixed sizes: %zu bytes at %#zx, accessed as %u bytes at %#zx by a thread that this is not "
                      "ordered with",
                      bytes, (size_t)address, location->bytes, (size_t)location->address);
    location->retired = true;
    for (size_t i = 0; i < location->bytes; i++)
        *shadow_location(location->address + i) = -1;
}

int location_of(uintptr_t address, size_t bytes)
{
    int index = *shadow_location(address);
    if (index >= 0 && run.location[index].address == address && run.location[index].bytes == bytes)
        return index;
    if (address % bytes != 0)
        im_model_fail("misaligned atomic access of %zu bytes at %#zx", bytes, (size_t)address);
    for (size_t i = 0; i < bytes; i++) {
        int other = *shadow_location(address + i);
        if (other >= 0)
            retire(other, address, bytes);
    }
    return new_location(address, bytes);
}

bool memory_is_outdated(int location, uint64_t at)
{
    return run.location[location].newest->at > at;
}

void memory_plain_store(int index)
{
    struct location *location = &run.location[index];
    struct store *newest = location->newest;
    if (newest->pending)
        newest->value = peek(location->address, location->bytes);
    newest->pending = false;
    struct store *store = put_behind(location, newest, newest->at + gap);
    store->pending = true;
    view_raise(self_thread()->current, index, store->at);
}

/** Bring the newest store up to date with memory, which plain code may have written. */
static void settle(int index)
{
    struct location *location = &run.location[index];
    uint64_t value = peek(location->address, location->bytes);
    struct store *newest = location->newest;
    unsigned owner = THREADS;
    if (newest->pending) {
        newest->value = value;
        newest->pending = false;
    } else if (newest->value != value) {
        if (!fiber_on_stack(location->address, &owner))
            im_model_fail("%#zx was changed by code that the checker does not see", (size_t)location->address);
        struct store *store = put_behind(location, newest, newest->at + gap);
        store->value = value;
        view_raise(run.thread[owner].current, index, store->at);
    }
}

/* -------------------------------------------------------------------------------------------------- what to read */

static uint64_t read_floor(unsigned thread, const struct operation *op, int order)
{
    uint64_t floor = view_at(run.thread[thread].current, op->location);
    uint64_t sc = order == memory_order_seq_cst ? view_at(run.sc, op->location) : 0;
    uint64_t woken = op->kind == OP_FUTEX_WAIT      ? run.object[op->object].woken_at
                     : op->kind == OP_FUTEX_REQUEUE ? run.object[op->object].slept_at
                                                    : 0;
    floor = floor < sc ? sc : floor;
    return floor < woken ? woken : floor;
}

static unsigned stale_times(const struct thread *thread, const struct operation *op, uint64_t at)
{
    for (unsigned i = 0; i < thread->stale_count; i++) {
        const struct stale_read *read = &thread->stale[i];
        if (read->site == op->site && read->location == op->location && read->at == at)
            return read->times;
    }
    return 0;
}

/** A loop sees a newer value at last: C11 7.17.3p16 asks for it, and without it the search would not end. */
static bool is_worn_out(const struct thread *thread, const struct operation *op, const struct store *store)
{
    if (!store->newer)
        return false;
    if (thread->last_read[op->location] == store->at && thread->last_read_yield[op->location] < thread->yields)
        return true;
    return stale_times(thread, op, store->at) >= run.harness->stale_repeats;
}

static bool would_write(const struct operation *op, const struct store *store)
{
    return op->kind == OP_RMW || (op->kind == OP_COMPARE_EXCHANGE && store->value == op->expected);
}

/** The stores that a thread may read, the newest first. */
unsigned memory_candidates(unsigned thread, const struct operation *op, struct store **candidates)
{
    settle(op->location);
    int weakest = op->kind == OP_COMPARE_EXCHANGE ? op->failure_order : op->order;
    uint64_t floor = read_floor(thread, op, weakest);
    uint64_t write_floor = read_floor(thread, op, op->order);
    unsigned count = 0;
    for (struct store *store = run.location[op->location].newest; store && store->at >= floor; store = store->older) {
        bool writes = would_write(op, store);
        if (writes && ((store->newer && store->newer->glued) || store->at < write_floor))
            continue;
        if (is_worn_out(&run.thread[thread], op, store))
            continue;
        if (count == CHOICES)
            im_model_fail("more than %d values to read", CHOICES);
        candidates[count++] = store;
    }
    return count;
}

static void remember_read(struct thread *thread, const struct operation *op, const struct store *store)
{
    thread->last_read[op->location] = store->at;
    thread->last_read_yield[op->location] = thread->yields;
    watch_location(op->location, store->at);
    if (!store->newer)
        return;
    for (unsigned i = 0; i < thread->stale_count; i++) {
        struct stale_read *read = &thread->stale[i];
        if (read->site == op->site && read->location == op->location && read->at == store->at) {
            read->times++;
            return;
        }
    }
    if (thread->stale_count < STALE_READS)
        thread->stale[thread->stale_count++] =
            (struct stale_read){.site = op->site, .location = op->location, .at = store->at, .times = 1};
}

static bool acquires(int order)
{
    return order == memory_order_acquire || order == memory_order_consume || order == memory_order_acq_rel ||
           order == memory_order_seq_cst;
}

static bool releases(int order)
{
    return order == memory_order_release || order == memory_order_acq_rel || order == memory_order_seq_cst;
}

static void take(struct event *event, struct store *store, int order)
{
    struct thread *thread = self_thread();
    remember_read(thread, &event->op, store);
    view_raise(thread->current, event->op.location, store->at);
    view_raise(thread->acquired, event->op.location, store->at);
    if (store->message) {
        view_join(thread->acquired, store->message);
        if (acquires(order))
            view_join(thread->current, store->message);
    }
    if (store->event != NO_EVENT)
        clock_join(&event->clock, &run.event[store->event].clock);
    event->source = store->event;
    event->reads = true;
    event->sc |= order == memory_order_seq_cst;
    event->outdated = store->newer != NULL;
    event->op.result = store->value;
}

static uint64_t all_of(unsigned count)
{
    return count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

struct store *memory_read(struct event *event, int order)
{
    struct store *candidates[CHOICES];
    unsigned count = memory_candidates(run.self, &event->op, candidates);
    uint64_t fresh = reduce_fresh(run.self, candidates, count);
    struct store *store = candidates[decide_value(count, fresh & all_of(count))];
    take(event, store, order);
    return store;
}

/* ------------------------------------------------------------------------------------------------- what to write */

static const struct view *release_message(int order)
{
    struct thread *thread = self_thread();
    return releases(order) ? view_copy(thread->current) : thread->released;
}

static void publish(struct event *event, struct store *store, uint64_t value, int order, const struct view *read)
{
    struct location *location = &run.location[event->op.location];
    struct thread *thread = self_thread();
    store->value = truncated(value, location->bytes);
    store->event = run.phase == PHASE_THREADS ? (int)(event - run.event) : NO_EVENT;
    view_raise(thread->current, event->op.location, store->at);
    view_raise(thread->acquired, event->op.location, store->at);
    if (order == memory_order_seq_cst)
        view_raise(run.sc, event->op.location, store->at);
    store->message = view_joined(release_message(order), read);
    watch_location(event->op.location, store->at);
    event->writes = true;
    event->sc |= order == memory_order_seq_cst;
    if (!store->newer)
        poke(location->address, location->bytes, store->value);
}

static void perform_store(struct event *event)
{
    struct operation *op = &event->op;
    struct location *location = &run.location[op->location];
    settle(op->location);
    uint64_t floor = read_floor(run.self, op, op->order);
    struct store *places[CHOICES];
    unsigned count = 0;
    for (struct store *store = location->newest; store; store = store->older) {
        if (count == CHOICES)
            im_model_fail("more than %d places for a store", CHOICES);
        if (!(store->newer && store->newer->glued))
            places[count++] = store;
        if (store->at <= floor)
            break;
    }
    struct store *older = places[decide_value(count, all_of(count))];
    uint64_t room = older->newer ? older->newer->at - older->at : 2 * gap;
    if (room < 2)
        im_model_fail("no room left in a modification order");
    publish(event, put_behind(location, older, older->at + room / 2), op->operand, op->order, NULL);
}

static uint64_t combine(enum im_model_rmw how, uint64_t old, uint64_t operand)
{
    switch (how) {
    case IM_MODEL_EXCHANGE:
        return operand;
    case IM_MODEL_ADD:
        return old + operand;
    case IM_MODEL_SUB:
        return old - operand;
    case IM_MODEL_AND:
        return old & operand;
    case IM_MODEL_NAND:
        return ~(old & operand);
    case IM_MODEL_OR:
        return old | operand;
    default:
        return old ^ operand;
    }
}

static void glue_behind(struct event *event, struct store *read, uint64_t value, int order)
{
    struct location *location = &run.location[event->op.location];
    struct store *store = put_behind(location, read, read->at + 1);
    store->glued = true;
    if (store->newer && store->newer->at == store->at)
        im_model_fail("no room left in a modification order");
    publish(event, store, value, order, read->message);
}

static void perform_rmw(struct event *event)
{
    struct operation *op = &event->op;
    struct store *read = memory_read(event, op->order);
    glue_behind(event, read, combine(op->how, read->value, op->operand), op->order);
}

/** The choices are the stores to read and, after them, each success once more as a failure for no reason. */
static void perform_compare_exchange(struct event *event)
{
    struct operation *op = &event->op;
    struct store *candidates[CHOICES];
    unsigned count = memory_candidates(run.self, op, candidates);
    uint64_t fresh = reduce_fresh(run.self, candidates, count) & all_of(count);
    unsigned options = count;
    unsigned original[CHOICES];
    for (unsigned i = 0; op->weak && run.spurious > 0 && i < count && options < CHOICES; i++) {
        if (!would_write(op, candidates[i]))
            continue;
        fresh |= (fresh >> i & 1) << options;
        original[options++] = i;
    }
    unsigned choice = decide_value(options, fresh);
    bool spurious = choice >= count;
    struct store *read = candidates[spurious ? original[choice] : choice];
    op->succeeded = !spurious && would_write(op, read);
    run.spurious -= spurious;
    take(event, read, op->succeeded ? op->order : op->failure_order);
    if (op->succeeded)
        glue_behind(event, read, op->operand, op->order);
}

void memory_perform(struct event *event)
{
    shadow_check_life(event->op.address, event->op.bytes, "atomic access");
    event->op.location = location_of(event->op.address, event->op.bytes);
    switch (event->op.kind) {
    case OP_LOAD:
        memory_read(event, event->op.order);
        break;
    case OP_STORE:
        perform_store(event);
        break;
    case OP_RMW:
        perform_rmw(event);
        break;
    default:
        perform_compare_exchange(event);
        break;
    }
    shadow_atomic(event->op.location, event->reads, event->writes);
}

void memory_fence(struct event *event)
{
    struct thread *thread = self_thread();
    int order = event->op.order;
    if (acquires(order))
        view_join(thread->current, thread->acquired);
    if (order == memory_order_seq_cst) {
        view_join_order(thread->current, run.sc);
        view_join_order(run.sc, thread->current);
        event->sc = true;
    }
    if (releases(order))
        thread->released = view_copy(thread->current);
}
