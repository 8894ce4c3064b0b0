/* SPDX-License-Identifier: MIT */
/**
 * @file engine.h
 * The inside of the model checker: what its files share. Harnesses use <im_model.h>.
 *
 * One execution runs the threads of a harness as fibers, one at a time. Each step of a thread parks it with its next
 * operation in sight, a decision picks who goes on, and the operation takes effect when its thread is picked:
 *
 *     step.c      a thread parks, is picked, its operation takes effect; the record of it
 *     decide.c    who goes on, which store a load reads: depth first, at random, or by a printed schedule
 *     reduce.c    which decisions need their other choices tried (dynamic partial order reduction, sleep sets)
 *     memory.c    what a load may read: modification orders and views
 *     blocking.c  mutex, futex, RCU, yield
 *     shadow.c    races of plain accesses, the life of blocks
 *     fiber.c     switching stacks
 *     report.c    the table of a failure
 *     driver.c    main(): options, harness after harness
 *     runtime.c   the callbacks of -fsanitize=thread and the library functions that are renamed
 */
#ifndef MODEL_ENGINE_H
#define MODEL_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <im_model.h>
#include <model_sync.h>

enum {
    THREADS = IM_MODEL_MAX_THREADS + 1,
    LOCATIONS = 2048, /* atomic objects of one execution */
    OBJECTS = 64,     /* mutexes, futex words, the RCU domain */
    EVENTS = 1 << 16,
    CHOICES = 64, /* of one decision: a mask is 64 bits */
    NAMES = 128,
    STALE_READS = 256,
    WATCHED = 32,
    NO_EVENT = -1,
    NO_DECISION = -1
};

/** A vector clock: how far this knows each thread. */
struct clock {
    uint32_t at[THREADS];
};

/** What a thread or a message knows: the clock of happens-before and, by location, the oldest readable store. */
struct view {
    struct clock clock;
    uint32_t count;
    uint64_t at[];
};

/** One value in the modification order of a location, by `at`; a read-modify-write is glued to what it read. */
struct store {
    uint64_t at;
    uint64_t value;
    struct store *older, *newer;
    const struct view *message;
    uint32_t number; /* how many of this location were made before it */
    int event;
    bool glued;   /* nothing may come between this and the older one */
    bool pending; /* a plain store: its value is in memory */
};

struct location {
    uintptr_t address;
    struct store *oldest, *newest;
    struct clock reads, writes;
    uint32_t stores;
    int chain; /* the last event here */
    uint8_t bytes;
    bool retired;
};

enum object_kind { OBJECT_MUTEX, OBJECT_FUTEX, OBJECT_RCU };

/** What is stronger than a location: all operations on it are in one order. */
struct object {
    uintptr_t address;
    enum object_kind kind;
    int chain;
    unsigned owner;          /* of a mutex: thread + 1 */
    uint32_t changes;        /* of a mutex */
    const struct view *view; /* released by a mutex */
    uint64_t woken_at;       /* of a futex: stores that a wake-up has made known */
    uint64_t slept_at;       /* of a futex: the newest store that somebody has gone to sleep on */
    uint8_t queue[THREADS];
    unsigned waiters;
};

enum kind {
    OP_NONE,
    OP_LOAD,
    OP_STORE,
    OP_RMW,
    OP_COMPARE_EXCHANGE,
    OP_FENCE,
    OP_FUTEX_WAIT,
    OP_FUTEX_SLEEP, /* until woken */
    OP_FUTEX_LEAVE, /* at any time, woken or not */
    OP_FUTEX_WAKE,
    OP_FUTEX_REQUEUE,
    OP_MUTEX_LOCK,
    OP_MUTEX_TRY_LOCK,
    OP_MUTEX_UNLOCK,
    OP_RCU_LOCK,
    OP_RCU_UNLOCK,
    OP_RCU_START,
    OP_RCU_END,
};

struct operation {
    enum kind kind;
    const struct im_model_site *site;
    uintptr_t address;
    size_t bytes;
    int order, failure_order;
    enum im_model_rmw how;
    uint64_t operand, expected;
    uint64_t result;
    int location; /* or -1 */
    int object;   /* or -1 */
    int onto;     /* of a requeue: the other object, and 1; or 0 */
    bool weak;
    bool succeeded;
};

/** One step that has been made. */
struct event {
    struct operation op;
    struct clock clock; /* of the order that the reduction keeps, not happens-before */
    unsigned thread;
    uint32_t number;     /* among those of its thread, from 1 */
    int source;          /* the event that made the store it read, or NO_EVENT */
    int decision;        /* where this thread was picked, or NO_DECISION when it was alone */
    int location_before; /* the event before it on the same location, and so on: chains */
    int object_before;
    int onto_before;
    int sc_before;
    bool reads, writes, sc;
    bool outdated; /* read a store that was not the newest */
};

struct stale_read {
    const struct im_model_site *site;
    int location;
    uint64_t at;
    unsigned times;
};

struct watched {
    int location; /* or -1: a mutex */
    int object;
    uint64_t at;
};

struct grace_period {
    bool active;
    uint32_t waits_for; /* a mask of threads */
    struct view *view;
    struct clock trace;
};

struct thread {
    struct operation pending;
    bool live;
    bool awaits; /* has yielded: goes on when something that it looks at has changed */
    bool reads_time;
    bool woken;
    int leave_code;
    uint64_t deadline_ns;
    unsigned spins;
    struct view *current, *acquired;
    const struct view *released;
    struct clock trace;
    uint32_t events;
    unsigned rcu_depth;
    unsigned sections; /* counted by the code under test */
    unsigned owned;    /* the same */
    struct im_sync_nesting nesting;
    struct grace_period grace;
    struct watched watched[WATCHED];
    unsigned watched_count;
    struct stale_read stale[STALE_READS];
    unsigned stale_count;
    uint64_t last_read[LOCATIONS]; /* what it read before its last yield must not be read again when outdated */
    uint32_t last_read_yield[LOCATIONS];
    uint32_t yields;
};

enum ending {
    ENDING_RUNS,
    ENDING_COMPLETE,
    ENDING_PRUNED,     /* equal to an execution that was seen */
    ENDING_INCOMPLETE, /* too many steps or spins */
    ENDING_FAILED
};

enum phase { PHASE_IDLE, PHASE_INIT, PHASE_START, PHASE_THREADS, PHASE_CHECK };

enum strategy { STRATEGY_DEPTH_FIRST, STRATEGY_NAIVE, STRATEGY_RANDOM, STRATEGY_REPLAY };

/** The state of one execution. */
struct execution {
    const struct im_model_harness *harness;
    enum phase phase;
    enum ending ending;
    unsigned self; /* the thread that runs */
    unsigned threads;
    struct thread thread[THREADS];
    struct location location[LOCATIONS];
    unsigned locations;
    struct object object[OBJECTS];
    unsigned objects;
    struct event *event; /* EVENTS of them */
    int events;
    int sc_chain;
    struct view *sc; /* what seq_cst fences have made known */
    struct view *rcu_left, *rcu_started;
    struct clock rcu_left_trace;
    uint64_t now_ns;
    unsigned spurious, failed_allocations;
    char message[512];
    char detail[1024];
    char outcome[128];
};

extern struct execution run;

static inline struct thread *self_thread(void)
{
    return &run.thread[run.self];
}

/* fiber.c */
void fiber_start(unsigned index, void (*entry)(void));
void fiber_switch(unsigned from, unsigned to); /* THREADS is the driver */
bool fiber_on_stack(uintptr_t address, unsigned *owner);

/* step.c */
void execution_run(void);
void step(struct operation *op);
void end_execution(enum ending ending) __attribute__((noreturn));
bool is_enabled(unsigned thread);

/* decide.c */
struct search_limits {
    enum strategy strategy;
    unsigned preemptions; /* UINT_MAX: no bound */
    uint64_t seed;
    const char *schedule;
};
void search_begin(const struct search_limits *limits);
bool search_next(void); /* false when everything has been tried */
void execution_begin_decisions(void);
/** One of the `count` choices whose bit is in `allowed`. */
unsigned decide_value(unsigned count, uint64_t allowed);
/** The next thread, or -1 when all that could run have been tried like this. */
int decide_thread(unsigned enabled);
void schedule_print(FILE *out);
int decision_now(void);
bool decisions_replayed(void);
bool decision_was_tried(int decision, unsigned threads);
unsigned decision_enabled(int decision);
void decision_try(int decision, unsigned threads);

/* reduce.c */
void reduce_begin(void);
void reduce_event(struct event *event, const struct clock *before);
bool reduce_is_asleep(unsigned thread);
uint64_t reduce_fresh(unsigned thread, struct store *const *candidates, unsigned count);
unsigned reduce_sleep_set(uint32_t marks[THREADS]);
void reduce_set_sleep_set(unsigned sleeping, const uint32_t marks[THREADS]);
uint32_t reduce_mark(unsigned thread);

/* memory.c */
void memory_begin(void);
void *memory_arena(size_t bytes);
const struct view *view_copy(const struct view *view);
void view_join(struct view *into, const struct view *from);
void view_join_order(struct view *into, const struct view *from);
int location_of(uintptr_t address, size_t bytes);
unsigned memory_candidates(unsigned thread, const struct operation *op, struct store **candidates);
void memory_perform(struct event *event);
void memory_fence(struct event *event);
struct store *memory_read(struct event *event, int order);
void memory_plain_store(int location);
bool memory_is_outdated(int location, uint64_t at);

/* blocking.c */
void blocking_perform(struct event *event);
bool blocking_is_enabled(unsigned thread);
int object_of(uintptr_t address, enum object_kind kind);
void watch_location(int location, uint64_t at);
bool await_is_over(const struct thread *thread);

/* shadow.c */
void shadow_begin(void);
void shadow_atomic(int location, bool reads, bool writes);
void shadow_plain(uintptr_t address, size_t bytes, bool writes, uintptr_t code);
int *shadow_location(uintptr_t address);
bool shadow_knows(const struct clock *known);
void shadow_check_life(uintptr_t address, size_t bytes, const char *what);
void shadow_check_leaks(void);
void shadow_describe(uintptr_t address, char *text, size_t bytes);

/* report.c */
void report_begin(void);
const char *report_find_name(uintptr_t address, size_t *offset);
void report_code(uintptr_t code, char *text, size_t bytes);
void report_failure(FILE *out, const char *program);

static inline void clock_join(struct clock *into, const struct clock *from)
{
    for (unsigned i = 0; i < THREADS; i++)
        if (into->at[i] < from->at[i])
            into->at[i] = from->at[i];
}

static inline unsigned bit(unsigned index)
{
    return 1u << index;
}

#endif
