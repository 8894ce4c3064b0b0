/* SPDX-License-Identifier: MIT */
/*
 * One execution: init, the threads step by step, check.
 *
 * A thread parks at each operation with the operation pending; everything up to there is local to it (plain accesses
 * are local as long as they do not race, and shadow.c finds those that do). Fiber 0 runs init, brings each thread to
 * its first operation, hands over to the first that is picked, and goes on with check when no thread lives.
 */
#include "engine.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <intermut/panic.h>

struct execution run;

void end_execution(enum ending ending)
{
    run.ending = ending;
    fiber_switch(run.self, THREADS);
    __builtin_unreachable();
}

void im_model_fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(run.message, sizeof run.message, format, arguments);
    va_end(arguments);
    end_execution(ENDING_FAILED);
}

static IM_NORETURN void panic(struct im_site here, struct im_site before, const char *format, va_list arguments)
{
    size_t used = (size_t)snprintf(run.message, sizeof run.message, "panic: ");
    vsnprintf(run.message + used, sizeof run.message - used, format, arguments);
    snprintf(run.detail, sizeof run.detail, "  here   %s:%d\n  before %s:%d\n", here.file ? here.file : "", here.line,
             before.file ? before.file : "", before.line);
    end_execution(ENDING_FAILED);
    __builtin_unreachable();
}

void im_panic(struct im_site here, struct im_site before, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    panic(here, before, format, arguments);
}

void im_panic_with(struct im_site here, const struct im_panic_line *lines, size_t line_count, size_t total,
                   const char *format, ...)
{
    va_list arguments;
    (void)total;
    va_start(arguments, format);
    panic(here, line_count ? lines[0].site : (struct im_site){0}, format, arguments);
}

im_panic_handler *im_panic_set_handler(im_panic_handler *handler)
{
    (void)handler;
    return NULL;
}

bool is_enabled(unsigned index)
{
    const struct thread *thread = &run.thread[index];
    return thread->live && !(thread->awaits && !await_is_over(thread)) && blocking_is_enabled(index);
}

static void describe_stuck(void)
{
    size_t used = 0;
    for (unsigned i = 1; i <= run.threads; i++) {
        const struct thread *thread = &run.thread[i];
        if (!thread->live || used >= sizeof run.detail)
            continue;
        const char *how = thread->awaits ? "spins" : "waits";
        used += (size_t)snprintf(run.detail + used, sizeof run.detail - used, "  thread %u %s at %s:%d on %s\n", i, how,
                                 thread->pending.site->file, thread->pending.site->line, thread->pending.site->object);
    }
}

static void go_on_after_yield(struct thread *thread)
{
    if (!thread->awaits)
        return;
    thread->awaits = false;
    thread->reads_time = false;
    thread->watched_count = 0;
    if (++thread->spins > run.harness->spins) {
        snprintf(run.message, sizeof run.message, "a thread spins more than %u times", run.harness->spins);
        end_execution(ENDING_INCOMPLETE);
    }
}

/** The thread that makes the next step; 0 when all are done. */
static unsigned pick(void)
{
    unsigned enabled = 0;
    bool lives = false;
    for (unsigned i = 1; i <= run.threads; i++) {
        lives |= run.thread[i].live;
        if (is_enabled(i))
            enabled |= bit(i);
    }
    if (!lives)
        return 0;
    if (!enabled) {
        describe_stuck();
        im_model_fail("deadlock: every thread that is left waits for another");
    }
    int next = decide_thread(enabled);
    if (next < 0)
        end_execution(ENDING_PRUNED);
    go_on_after_yield(&run.thread[next]);
    return (unsigned)next;
}

static void hand_over(unsigned from, unsigned to)
{
    run.self = to;
    if (from != to)
        fiber_switch(from, to);
}

static void park(void)
{
    unsigned self = run.self;
    hand_over(self, run.phase == PHASE_START ? 0 : pick());
}

static bool is_memory(enum kind kind)
{
    return kind == OP_LOAD || kind == OP_STORE || kind == OP_RMW || kind == OP_COMPARE_EXCHANGE;
}

static void perform(struct thread *thread)
{
    if (run.events >= (int)run.harness->steps) {
        snprintf(run.message, sizeof run.message, "more than %u steps", run.harness->steps);
        end_execution(ENDING_INCOMPLETE);
    }
    bool threads_run = run.phase == PHASE_THREADS;
    struct event *event = &run.event[run.events];
    const struct clock before = thread->trace;
    *event = (struct event){
        .op = thread->pending, .thread = run.self, .clock = before, .source = NO_EVENT, .decision = NO_DECISION};
    if (threads_run) {
        run.events++;
        event->number = ++thread->events;
        event->clock.at[run.self] = event->number;
        event->decision = decision_now();
    }
    if (is_memory(event->op.kind))
        memory_perform(event);
    else if (event->op.kind == OP_FENCE)
        memory_fence(event);
    else
        blocking_perform(event);
    if (threads_run)
        reduce_event(event, &before);
    thread->trace = event->clock;
    thread->current->clock.at[run.self]++;
    thread->pending = event->op;
}

void step(struct operation *op)
{
    struct thread *thread = self_thread();
    thread->pending = *op;
    if (run.phase == PHASE_START || run.phase == PHASE_THREADS)
        park();
    perform(thread);
    *op = thread->pending;
    thread->pending.kind = OP_NONE;
}

static void thread_main(void)
{
    unsigned self = run.self;
    run.harness->threads[self - 1]();
    run.thread[self].live = false;
    if (run.thread[self].rcu_depth)
        im_model_fail("thread %u ends inside a read section", self);
    hand_over(self, run.phase == PHASE_START ? 0 : pick());
}

static void start_thread(unsigned index)
{
    struct thread *thread = &run.thread[index];
    thread->live = true;
    view_join(thread->current, run.thread[0].current);
    view_join(thread->acquired, run.thread[0].current);
    thread->current->clock.at[index] = 1;
    run.self = index;
    fiber_start(index, thread_main);
    fiber_switch(0, index);
}

static void join_threads(void)
{
    for (unsigned i = 1; i <= run.threads; i++)
        view_join(run.thread[0].current, run.thread[i].current);
}

static void main_thread(void)
{
    if (run.harness->init)
        run.harness->init();
    run.phase = PHASE_START;
    run.thread[0].current->clock.at[0]++;
    for (unsigned i = 1; i <= run.threads; i++)
        start_thread(i);
    run.phase = PHASE_THREADS;
    run.self = 0;
    hand_over(0, pick());
    join_threads();
    run.phase = PHASE_CHECK;
    if (run.harness->check)
        run.harness->check();
    if (!run.harness->leaks)
        shadow_check_leaks();
    end_execution(ENDING_COMPLETE);
}

static void reset_threads(void)
{
    for (unsigned i = 0; i < THREADS; i++) {
        struct thread *thread = &run.thread[i];
        thread->pending = (struct operation){.kind = OP_NONE};
        thread->live = thread->awaits = thread->reads_time = thread->woken = false;
        thread->spins = thread->yields = 0;
        thread->released = NULL;
        thread->trace = (struct clock){{0}};
        thread->events = 0;
        thread->rcu_depth = thread->sections = thread->owned = thread->nesting.depth = 0;
        thread->grace.active = false;
        thread->watched_count = thread->stale_count = 0;
    }
    run.threads = 0;
    while (run.threads < IM_MODEL_MAX_THREADS && run.harness->threads[run.threads])
        run.threads++;
}

static void reset(void)
{
    if (!run.event)
        run.event = malloc(EVENTS * sizeof *run.event);
    if (!run.event)
        abort();
    run.ending = ENDING_RUNS;
    run.self = 0;
    run.objects = 0;
    run.events = 0;
    run.sc_chain = NO_EVENT;
    run.rcu_left_trace = (struct clock){{0}};
    run.now_ns = 1000000000;
    run.spurious = run.harness->spurious;
    run.failed_allocations = run.harness->failed_allocations;
    run.message[0] = run.detail[0] = run.outcome[0] = '\0';
    reset_threads();
    memory_begin();
    shadow_begin();
    report_begin();
    reduce_begin();
    execution_begin_decisions();
}

void execution_run(void)
{
    reset();
    run.phase = PHASE_INIT;
    run.thread[0].current->clock.at[0] = 1;
    fiber_start(0, main_thread);
    fiber_switch(THREADS, 0);
    run.phase = PHASE_IDLE;
}

/* ------------------------------------------------------------------------------------------ calls of <model_sync.h> */

static struct operation operation(enum kind kind, const struct im_model_site *site, uintptr_t address, size_t bytes,
                                  int order)
{
    return (struct operation){
        .kind = kind, .site = site, .address = address, .bytes = bytes, .order = order, .location = -1, .object = -1};
}

static uint64_t cut(uint64_t value, size_t bytes)
{
    return bytes == 8 ? value : value & ((UINT64_C(1) << (8 * bytes)) - 1);
}

static struct operation access(enum kind kind, const struct im_model_site *site, const volatile void *object,
                               size_t bytes, int order)
{
    struct operation op = operation(kind, site, (uintptr_t)object, bytes, order);
    shadow_check_life(op.address, bytes, "atomic access");
    op.location = location_of(op.address, bytes);
    return op;
}

uint64_t im_model_load(const struct im_model_site *site, const volatile void *object, size_t bytes, int order)
{
    struct operation op = access(OP_LOAD, site, object, bytes, order);
    step(&op);
    return op.result;
}

void im_model_store(const struct im_model_site *site, volatile void *object, size_t bytes, uint64_t value, int order)
{
    struct operation op = access(OP_STORE, site, object, bytes, order);
    op.operand = cut(value, bytes);
    step(&op);
}

uint64_t im_model_rmw(const struct im_model_site *site, volatile void *object, size_t bytes, enum im_model_rmw how,
                      uint64_t operand, int order)
{
    struct operation op = access(OP_RMW, site, object, bytes, order);
    op.how = how;
    op.operand = cut(operand, bytes);
    step(&op);
    return op.result;
}

bool im_model_compare_exchange(const struct im_model_site *site, volatile void *object, size_t bytes, void *expected,
                               uint64_t desired, bool weak, int success, int failure)
{
    struct operation op = access(OP_COMPARE_EXCHANGE, site, object, bytes, success);
    memcpy(&op.expected, expected, bytes);
    op.operand = cut(desired, bytes);
    op.weak = weak;
    op.failure_order = failure;
    step(&op);
    if (!op.succeeded)
        memcpy(expected, &op.result, bytes);
    return op.succeeded;
}

void im_model_fence(const struct im_model_site *site, int order)
{
    struct operation op = operation(OP_FENCE, site, 0, 0, order);
    step(&op);
}

uintptr_t im_model_thread_id(void)
{
    return 1000 + run.self;
}

unsigned *im_model_owned(void)
{
    return &self_thread()->owned;
}

unsigned *im_model_sections(void)
{
    return &self_thread()->sections;
}

struct im_sync_nesting *im_model_nesting(void)
{
    return &self_thread()->nesting;
}

unsigned im_model_thread(void)
{
    return run.self;
}

unsigned im_model_choose(unsigned count)
{
    return decide_value(count, (UINT64_C(1) << count) - 1);
}

void im_model_note(const char *format, ...)
{
    va_list arguments;
    char line[256];
    size_t used = strlen(run.detail);
    snprintf(line, sizeof line, "  %s\n", format);
    va_start(arguments, format);
    vsnprintf(run.detail + used, sizeof run.detail - used, line, arguments);
    va_end(arguments);
}

void im_model_outcome(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(run.outcome, sizeof run.outcome, format, arguments);
    va_end(arguments);
}
