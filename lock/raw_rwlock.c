/* SPDX-License-Identifier: MIT */
/*
 * The waiting ends of the read-write lock.
 *
 * ## Who may run with whom
 *
 * The word (raw_rwlock.h has its bits) says who is in. A writer comes in by the one step that sets WRITER while there is
 * no reader, upgradable reader or writer; an upgrader by the step that makes UPGRADABLE a WRITER while there is no
 * reader. A reader is in when it was counted while there was no WRITER. If it was counted while there was one, it is
 * *announced*: it is in as soon as that WRITER goes, for no other one can come while it is counted. So a writer that
 * leaves lets all readers in that came meanwhile, by one step. If it found the GATE closed, it takes its count back.
 *
 * ## Policies
 *
 * They differ in when a waiting writer closes the GATE, and in who is first when a writer leaves:
 *
 *     task-fair            closed while a writer waits for readers, open while there is one: so all readers that come
 *                          during a write section are in after it, and no reader after them before the next writer
 *     writer-preferring    closed while a writer waits
 *     reader-preferring    never closed
 *
 * The GATE is a wish, kept up by those who wait: who comes in or gives up opens it, and a writer that still spins closes
 * it again; for those who sleep settle() does.
 *
 * ## Sleeping
 *
 * Who has spun in vain enters a queue, which is in a table beside the locks, keyed by address, as their word has no room
 * for it. All of this is under the mutex of a bucket. QUEUED is set exactly while there is somebody; it is set by the
 * step that finds that one has to wait, so whoever ends that state finds it: no wake-up is lost. Sleepers do not race
 * for the lock again when they wake up: settle() decides who is in, does it in the word on their behalf, and wakes just
 * those, each on a word of its own. There is one exception: a writer is woken without being in, as the lock would
 * stand idle until it runs; meanwhile others may go before it. If one did, it enters the queue at its head, and the next
 * time it is in: it loses once.
 *
 * After the step that lets others in the lock may be gone: they may be done, and free it. So nobody touches the word
 * after that, except while there is a sleeper, which keeps it.
 *
 * ## Progress
 *
 * Sleepers: a task-fair reader is in with the next writer that leaves; a writer when the readers that were in have left,
 * or at the second such moment; others as their policy says. Those who still look have no order.
 *
 * Being let in asleep is fair, and slow: the lock stands still until the sleeper runs, which takes as long as a thousand short
 * sections, and who comes meanwhile should not go to sleep, too, or all sections cost that much. So everybody looks for about as
 * long as a wake-up takes (struct im_looks): often who is announced, or has only readers before it, which leave any moment;
 * others rarely, and leave the line to those who are in. Pauses that are longer yield the core, so that with more threads
 * than cores, too, few have to sleep.
 *
 * ## Memory order
 *
 * A step that lets somebody in acquires, one that makes way releases, and all steps are read-modify-writes of one word.
 * So each writer is ordered after all before it, and readers after the last writer. Who is let in while it sleeps
 * acquires its own word, which was stored with release after such a step.
 *
 * Sources: B. B. Brandenburg, J. H. Anderson, "Spin-based reader-writer synchronization for multiprocessor real-time
 * systems", Real-Time Systems 46 (2010), for phases that take turns; the queue beside the lock: parking_lot, after WebKit.
 */
#include <intermut/lock_probes.h>
#include <intermut/raw_rwlock.h>

#ifndef IM_SYNC_HEADER
#include <pthread.h>
#endif

/* How long one looks at the word before it sleeps. */
#ifndef IM_RWLOCK_LOOKS_NS
#define IM_RWLOCK_LOOKS_NS IM_LOOKS_ALL_NS
#endif

#define READER IM__RWLOCK_READER
#define READERS IM__RWLOCK_READERS
#define TOO_MANY IM__RWLOCK_TOO_MANY
#define WRITER IM__RWLOCK_WRITER
#define UPGRADABLE IM__RWLOCK_UPGRADABLE
#define GATE IM__RWLOCK_GATE
#define QUEUED IM__RWLOCK_QUEUED

/* ---- The queue ---- */

enum wish { WISH_READ, WISH_READ_RECURSIVE, WISH_UPGRADABLE, WISH_WRITE, WISH_UPGRADE };
enum outcome { OUTCOME_IN, OUTCOME_TRY_AGAIN, OUTCOME_TOO_LATE };

/* On the stack of who sleeps. Under the mutex of its bucket until it is out of the queue. */
struct sleeper {
    struct sleeper *next, *before;
    const struct im_raw_rwlock *lock;
    enum wish wish;
    enum outcome outcome;
    bool is_queued;
    bool has_lost;  /* it was woken, and others were first */
    uint32_t awake; /* 1 when outcome is there; what it sleeps on */
};

/* Locks whose addresses collide share a mutex and a list, no more. A power of two. */
enum { BUCKETS = 256 };

static struct bucket {
    struct im_sync_mutex mutex;
    struct sleeper *first, *last;
} __attribute__((aligned(IM_CACHE_LINE_BYTES))) buckets[BUCKETS];

static struct bucket *bucket_of(const struct im_raw_rwlock *lock)
{
    /* Fibonacci hashing: the upper bits of the product depend on all lower ones of the address. */
    return &buckets[((uint64_t)(uintptr_t)lock * UINT64_C(0x9e3779b97f4a7c15)) >> 56];
}

_Static_assert(BUCKETS == 1 << (64 - 56), "the hash has as many bits as there are buckets");

static void enter_last(struct bucket *bucket, struct sleeper *sleeper)
{
    sleeper->before = bucket->last;
    sleeper->next = NULL;
    *(bucket->last ? &bucket->last->next : &bucket->first) = sleeper;
    bucket->last = sleeper;
    sleeper->is_queued = true;
}

static void enter_first(struct bucket *bucket, struct sleeper *sleeper)
{
    sleeper->before = NULL;
    sleeper->next = bucket->first;
    *(bucket->first ? &bucket->first->before : &bucket->last) = sleeper;
    bucket->first = sleeper;
    sleeper->is_queued = true;
}

static void leave_queue(struct bucket *bucket, struct sleeper *sleeper)
{
    *(sleeper->before ? &sleeper->before->next : &bucket->first) = sleeper->next;
    *(sleeper->next ? &sleeper->next->before : &bucket->last) = sleeper->before;
    sleeper->is_queued = false;
}

/* Who sleeps for one lock: how many, and the first of each kind. */
struct crowd {
    uint32_t all, readers, recursive_readers, writers;
    struct sleeper *upgradable, *writer, *upgrader;
};

static struct crowd crowd_of(const struct bucket *bucket, const struct im_raw_rwlock *lock)
{
    struct crowd crowd = {0};
    for (struct sleeper *sleeper = bucket->first; sleeper; sleeper = sleeper->next) {
        if (sleeper->lock != lock)
            continue;
        crowd.all++;
        crowd.readers += sleeper->wish == WISH_READ;
        crowd.recursive_readers += sleeper->wish == WISH_READ_RECURSIVE;
        crowd.writers += sleeper->wish == WISH_WRITE || sleeper->wish == WISH_UPGRADE;
        if (sleeper->wish == WISH_UPGRADABLE && !crowd.upgradable)
            crowd.upgradable = sleeper;
        if (sleeper->wish == WISH_WRITE && !crowd.writer)
            crowd.writer = sleeper;
        if (sleeper->wish == WISH_UPGRADE)
            crowd.upgrader = sleeper;
    }
    return crowd;
}

/* ---- Who is next ---- */

struct verdict {
    uint32_t state; /* the word after it */
    bool readers, recursive_readers;
    struct sleeper *upgradable, *writer;
    enum outcome writers_outcome;
};

/* What shall become of `state` and of who sleeps. Changes nothing. */
static struct verdict judge(const struct crowd *crowd, uint32_t state, bool a_write_has_ended)
{
    const uint32_t policy = state & IM__RWLOCK_POLICY;
    struct verdict verdict = {.state = state & ~(GATE | QUEUED)};
    uint32_t in = 0, writers_waiting = crowd->writers;

    if ((state & WRITER) == 0) {
        verdict.recursive_readers = true;
        verdict.readers = crowd->writers == 0 || policy == IM_RWLOCK_READER_PREFERRING ||
                          (policy == IM_RWLOCK_TASK_FAIR && a_write_has_ended);
        in = crowd->recursive_readers + (verdict.readers ? crowd->readers : 0);
        verdict.state += in;
        if (verdict.readers && crowd->upgradable && (state & UPGRADABLE) == 0) {
            verdict.upgradable = crowd->upgradable;
            verdict.state |= UPGRADABLE;
            in++;
        }
        if ((verdict.state & READERS) == 0 && crowd->upgrader) {
            verdict.writer = crowd->upgrader;
            verdict.state = verdict.state - UPGRADABLE + WRITER;
        } else if ((verdict.state & (READERS | UPGRADABLE)) == 0 && crowd->writer) {
            verdict.writer = crowd->writer;
            if (crowd->writer->has_lost)
                verdict.state |= WRITER;
        }
        verdict.writers_outcome = (verdict.state & WRITER) != 0 ? OUTCOME_IN : OUTCOME_TRY_AGAIN;
        in += verdict.writer != NULL;
        writers_waiting -= verdict.writer && verdict.writers_outcome == OUTCOME_IN;
    }
    if (writers_waiting > 0 &&
        (policy == IM_RWLOCK_WRITER_PREFERRING || (policy == IM_RWLOCK_TASK_FAIR && (verdict.state & WRITER) == 0)))
        verdict.state |= GATE;
    if (crowd->all > in)
        verdict.state |= QUEUED;
    return verdict;
}

static bool is_called(const struct verdict *verdict, const struct sleeper *sleeper)
{
    switch (sleeper->wish) {
    case WISH_READ:
        return verdict->readers;
    case WISH_READ_RECURSIVE:
        return verdict->recursive_readers;
    case WISH_UPGRADABLE:
        return sleeper == verdict->upgradable;
    default:
        return sleeper == verdict->writer;
    }
}

/* Take who is called out of the queue: a list by `next`. */
static struct sleeper *call(struct bucket *bucket, const struct im_raw_rwlock *lock, const struct verdict *verdict)
{
    struct sleeper *called = NULL, **end = &called, *next;
    for (struct sleeper *sleeper = bucket->first; sleeper; sleeper = next) {
        next = sleeper->next;
        if (sleeper->lock != lock || !is_called(verdict, sleeper))
            continue;
        leave_queue(bucket, sleeper);
        sleeper->outcome = sleeper == verdict->writer ? verdict->writers_outcome : OUTCOME_IN;
        *end = sleeper;
        end = &sleeper->next;
    }
    *end = NULL;
    return called;
}

/*
 * Replace `drop` by `add` in the word, and in the same step let in who is next. Returns those who are to be woken, after
 * the mutex of the bucket is unlocked.
 */
static struct sleeper *settle(struct bucket *bucket, const struct im_raw_rwlock *lock, const struct crowd *crowd,
                              uint32_t drop, uint32_t add)
{
    uint32_t *word = im__rwlock_word(lock), state = im_sync_load(word, memory_order_relaxed);
    struct verdict verdict;
    /* Release: for who comes next. Acquire: on behalf of those who are let in here. */
    do
        verdict = judge(crowd, state - drop + add, drop == WRITER);
    while (!im_sync_compare_exchange_weak(word, &state, verdict.state, memory_order_acq_rel, memory_order_relaxed));
    return call(bucket, lock, &verdict);
}

static void wake(struct sleeper *sleeper)
{
    while (sleeper) {
        struct sleeper *next = sleeper->next;
        uint32_t *awake = &sleeper->awake;
        IM_LOCK_PROBE_WAKE(sleeper->lock);
        /* Release: pairs with the acquire in sleep_until(). The sleeper may be gone after it. */
        im_sync_store(awake, 1, memory_order_release);
        im_sync_wake(awake, 1);
        sleeper = next;
    }
}

void im__rwlock_make_way(const struct im_raw_rwlock *self, uint32_t drop, uint32_t add)
{
    struct bucket *bucket = bucket_of(self);
    im_sync_mutex_lock(&bucket->mutex);
    struct crowd crowd = crowd_of(bucket, self);
    struct sleeper *called = settle(bucket, self, &crowd, drop, add);
    im_sync_mutex_unlock(&bucket->mutex);
    wake(called);
}

void im__rwlock_readers_left(const struct im_raw_rwlock *self)
{
    struct bucket *bucket = bucket_of(self);
    struct sleeper *called = NULL;
    im_sync_mutex_lock(&bucket->mutex);
    struct crowd crowd = crowd_of(bucket, self);
    if (crowd.all > 0)
        called = settle(bucket, self, &crowd, 0, 0);
    im_sync_mutex_unlock(&bucket->mutex);
    wake(called);
}

/* ---- Sleeping ---- */

/* Leave the queue for good; false: somebody has called. */
static bool give_up(struct bucket *bucket, struct sleeper *sleeper)
{
    struct sleeper *called = NULL;
    im_sync_mutex_lock(&bucket->mutex);
    bool is_over = sleeper->is_queued;
    if (is_over) {
        leave_queue(bucket, sleeper);
        struct crowd crowd = crowd_of(bucket, sleeper->lock);
        called = settle(bucket, sleeper->lock, &crowd, 0, 0);
    }
    im_sync_mutex_unlock(&bucket->mutex);
    wake(called);
    return is_over;
}

static enum outcome sleep_until(struct bucket *bucket, struct sleeper *sleeper, uint64_t deadline_ns)
{
    IM_LOCK_PROBE_WAIT(sleeper->lock);
    /* Acquire: pairs with the release in wake(). */
    while (im_sync_load(&sleeper->awake, memory_order_acquire) == 0) {
        if (im_sync_wait(&sleeper->awake, 0, deadline_ns) != ETIMEDOUT)
            continue;
        if (give_up(bucket, sleeper)) {
            IM_LOCK_PROBE_WAITED(sleeper->lock, false);
            return OUTCOME_TOO_LATE;
        }
        deadline_ns = IM_SYNC_FOREVER;
    }
    IM_LOCK_PROBE_WAITED(sleeper->lock, sleeper->outcome == OUTCOME_IN);
    return sleeper->outcome;
}

/* Stored as others will access it. */
static void begin_sleep(struct sleeper *sleeper)
{
    im_sync_store(&sleeper->awake, 0, memory_order_relaxed);
}

/* ---- Readers ---- */

enum standing { STANDS_OUT, STANDS_ANNOUNCED, STANDS_IN, STANDS_REFUSED };

/* What it means to have been counted when the word was `seen`. */
static enum standing standing_after(const struct im_raw_rwlock *self, uint32_t seen, uint32_t gate)
{
    if ((seen & (gate | TOO_MANY)) == 0)
        return (seen & WRITER) == 0 ? STANDS_IN : STANDS_ANNOUNCED;
    im__rwlock_read_leave(self);
    return (seen & TOO_MANY) != 0 ? STANDS_REFUSED : STANDS_OUT;
}

static enum standing look_again(const struct im_raw_rwlock *self, enum standing standing, uint32_t gate)
{
    uint32_t *word = im__rwlock_word(self);
    /* Acquire: pairs with the release of the writer that leaves; the same for the count. */
    uint32_t state = im_sync_load(word, memory_order_acquire);
    if (standing == STANDS_ANNOUNCED)
        return (state & WRITER) == 0 ? STANDS_IN : STANDS_ANNOUNCED;
    if ((state & gate) != 0)
        return STANDS_OUT;
    return standing_after(self, im_sync_fetch_add(word, READER, memory_order_acquire), gate);
}

/*
 * The gate that keeps out who is about to sleep: GATE, as long as a writer sleeps. Otherwise it is of a writer that still
 * looks, which will close it again, or of one that a fork() left behind: then it is opened. Under the mutex.
 */
static uint32_t gate_of_sleepers(const struct bucket *bucket, const struct im_raw_rwlock *lock)
{
    return crowd_of(bucket, lock).writers > 0 ? GATE : 0;
}

/* An announcement is taken back by the step that enters the queue: the writer that leaves counts the queue. */
static bool sleep_as_reader(const struct im_raw_rwlock *self, bool announced, uint32_t gate, uint64_t deadline_ns)
{
    uint32_t *word = im__rwlock_word(self);
    struct bucket *bucket = bucket_of(self);
    struct sleeper sleeper = {.lock = self, .wish = gate ? WISH_READ : WISH_READ_RECURSIVE};
    begin_sleep(&sleeper);

    im_sync_mutex_lock(&bucket->mutex);
    const uint32_t kept = gate_of_sleepers(bucket, self);
    const uint32_t counted = announced ? READER : 0, closed = announced ? WRITER : WRITER | TOO_MANY | (gate & kept);
    uint32_t state = im_sync_load(word, memory_order_relaxed), next;
    do
        next = (state & closed) == 0 ? (state & ~(gate & ~kept)) - counted + READER : (state - counted) | QUEUED;
    /* Acquire: pairs with the release of the writer that has left. */
    while (!im_sync_compare_exchange_weak(word, &state, next, memory_order_acquire, memory_order_relaxed));
    if ((state & closed) != 0)
        enter_last(bucket, &sleeper);
    im_sync_mutex_unlock(&bucket->mutex);

    return (state & closed) == 0 || sleep_until(bucket, &sleeper, deadline_ns) == OUTCOME_IN;
}

bool im__rwlock_read_slow(const struct im_raw_rwlock *self, uint32_t seen, uint32_t gate, uint64_t deadline_ns)
{
    struct im_looks looks = {0};
    enum standing standing = standing_after(self, seen, gate);
    while ((standing == STANDS_OUT || standing == STANDS_ANNOUNCED) &&
           !im_looks_are_spent(&looks, IM_RWLOCK_LOOKS_NS)) {
        (standing == STANDS_ANNOUNCED ? im_looks_pause_as_next : im_looks_pause)(&looks, deadline_ns);
        standing = look_again(self, standing, gate);
    }
    if (standing == STANDS_IN || standing == STANDS_REFUSED)
        return standing == STANDS_IN;
    return sleep_as_reader(self, standing == STANDS_ANNOUNCED, gate, deadline_ns);
}

/* ---- The upgradable reader ---- */

bool im__rwlock_upgradable_slow(const struct im_raw_rwlock *self, uint64_t deadline_ns)
{
    struct im_looks looks = {0};
    while (!im_looks_are_spent(&looks, IM_RWLOCK_LOOKS_NS)) {
        im_looks_pause(&looks, deadline_ns);
        if (im__rwlock_try_upgradable(self))
            return true;
    }

    uint32_t *word = im__rwlock_word(self);
    struct bucket *bucket = bucket_of(self);
    struct sleeper sleeper = {.lock = self, .wish = WISH_UPGRADABLE};
    begin_sleep(&sleeper);
    im_sync_mutex_lock(&bucket->mutex);
    const uint32_t stale = GATE & ~gate_of_sleepers(bucket, self);
    uint32_t state = im_sync_load(word, memory_order_relaxed), next;
    bool is_in;
    do {
        is_in = (state & IM__RWLOCK_BUSY_FOR_UPGRADABLE & ~stale) == 0;
        next = is_in ? (state & ~stale) | UPGRADABLE : state | QUEUED;
        /* Acquire: pairs with the release of the writer that has left. */
    } while (!im_sync_compare_exchange_weak(word, &state, next, memory_order_acquire, memory_order_relaxed));
    if (!is_in)
        enter_last(bucket, &sleeper);
    im_sync_mutex_unlock(&bucket->mutex);

    return is_in || sleep_until(bucket, &sleeper, deadline_ns) == OUTCOME_IN;
}

/* ---- Writers and upgraders ---- */

/* The word when a writer that waits has come in. */
static uint32_t with_writer(uint32_t state, enum wish wish)
{
    uint32_t next = state + WRITER - (wish == WISH_UPGRADE ? UPGRADABLE : 0);
    /* Perhaps a writer sleeps: then the gate stays closed for it. settle() knows. */
    bool keeps_gate = (state & IM__RWLOCK_POLICY) == IM_RWLOCK_WRITER_PREFERRING && (state & QUEUED) != 0;
    return keeps_gate ? next : next & ~GATE;
}

/* The word while a writer waits. */
static uint32_t with_waiting_writer(uint32_t state)
{
    switch (state & IM__RWLOCK_POLICY) {
    case IM_RWLOCK_TASK_FAIR:
        return (state & WRITER) == 0 ? state | GATE : state;
    case IM_RWLOCK_WRITER_PREFERRING:
        return state | GATE;
    default:
        return state;
    }
}

/* One step of a writer that waits: into the lock if `busy` is clear, otherwise to `state` with its wishes. */
static bool step_of_writer(uint32_t *word, uint32_t busy, enum wish wish, uint32_t more)
{
    uint32_t state = im_sync_load(word, memory_order_relaxed);
    for (;;) {
        bool is_in = (state & busy) == 0;
        uint32_t next = is_in ? with_writer(state, wish) : with_waiting_writer(state) | more;
        /* Acquire: pairs with the releases of the readers and writers that have left. */
        if (next == state ||
            im_sync_compare_exchange_weak(word, &state, next, memory_order_acquire, memory_order_relaxed))
            return is_in;
    }
}

/* Whether there are only readers, which as a rule leave any moment. */
static bool is_next_writer(uint32_t *word)
{
    return (im_sync_load(word, memory_order_relaxed) & WRITER) == 0;
}

static bool wait_as_writer(const struct im_raw_rwlock *self, enum wish wish, uint64_t deadline_ns)
{
    const uint32_t busy = wish == WISH_UPGRADE ? READERS : IM__RWLOCK_BUSY;
    uint32_t *word = im__rwlock_word(self);
    struct bucket *bucket = bucket_of(self);
    struct sleeper sleeper = {.lock = self, .wish = wish};

    for (;;) {
        struct im_looks looks = {0};
        while (!im_looks_are_spent(&looks, IM_RWLOCK_LOOKS_NS)) {
            if (step_of_writer(word, busy, wish, 0))
                return true;
            (is_next_writer(word) ? im_looks_pause_as_next : im_looks_pause)(&looks, deadline_ns);
        }

        begin_sleep(&sleeper);
        im_sync_mutex_lock(&bucket->mutex);
        bool is_in = step_of_writer(word, busy, wish, QUEUED);
        if (!is_in)
            (sleeper.has_lost ? enter_first : enter_last)(bucket, &sleeper);
        im_sync_mutex_unlock(&bucket->mutex);

        enum outcome outcome = is_in ? OUTCOME_IN : sleep_until(bucket, &sleeper, deadline_ns);
        if (outcome != OUTCOME_TRY_AGAIN)
            return outcome == OUTCOME_IN;
        sleeper.has_lost = true;
    }
}

bool im__rwlock_write_slow(const struct im_raw_rwlock *self, uint64_t deadline_ns)
{
    return wait_as_writer(self, WISH_WRITE, deadline_ns);
}

bool im__rwlock_upgrade_slow(const struct im_raw_rwlock *self, uint64_t deadline_ns)
{
    return (im_sync_load(&self->state, memory_order_relaxed) & UPGRADABLE) != 0 &&
           wait_as_writer(self, WISH_UPGRADE, deadline_ns);
}

size_t im_raw_rwlock_sleepers(const struct im_raw_rwlock *self)
{
    struct bucket *bucket = bucket_of(self);
    im_sync_mutex_lock(&bucket->mutex);
    size_t sleepers = crowd_of(bucket, self).all;
    im_sync_mutex_unlock(&bucket->mutex);
    return sleepers;
}

#ifndef IM_SYNC_HEADER
/* The threads that sleep or hold a mutex here do not come along. */
static void begin_in_child(void)
{
    __builtin_memset(buckets, 0, sizeof buckets);
}

__attribute__((constructor)) static void tell_fork(void)
{
    pthread_atfork(NULL, NULL, begin_in_child);
}
#endif
