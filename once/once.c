/* SPDX-License-Identifier: MIT */
/*
 * Making a value once: all but the hot path.
 *
 * The life of the word (raw_once.h has the bits):
 *
 *     empty ──begin──> RUNNING | owner ──finish──> FULL          for ever, but for who is alone with the cell
 *       ^                     │
 *       └─────── abandon ─────┘           or POISONED ──clear_poison──> empty
 *
 * Invariants. Only the owner leaves RUNNING, so the value and `place` are written by one thread at a time: each owner
 * acquires what the one before released (its compare-exchange meets the exchange of abandon). FULL is set by an exchange
 * that releases the value, and each way to learn of it acquires. Who sleeps has seen WAITERS in the word that it sleeps
 * on, and whoever replaces a word with WAITERS wakes all: no wake-up is lost. WAITERS may be there without a sleeper
 * (one that was cancelled, or came late): that costs a system call.
 *
 * Who waits for whom. A thread that meets RUNNING waits for the owner. Before it sleeps, unless it owns nothing itself
 * and so is waited for by nobody, it enters itself in a list of all such sleepers, under a lock, and follows: the owner
 * of this cell, the cell that the owner sleeps on, its owner, … If that comes back to the thread itself, nobody of these
 * would ever wake up: EDEADLK. It is exact. Each of them is in the list, so it cannot leave its initialiser while the
 * lock is held; that the word of its cell is looked at by relaxed loads does no harm, as what the others did before they
 * entered themselves is visible through the lock. And it is complete: of the threads that close a circle, each owns a
 * cell, and one is the last to enter. A direct recursion needs no list: the owner is this thread. Waits with a deadline
 * end by themselves and are not in the list; nor are threads without a serial, of whom there are none before the 2^27th.
 *
 * fork(): only the thread that forks goes on in the child. If another one was at an initialiser, the cell counts as left
 * there: im_sync_is_left_behind(owner). If it was the forking thread itself, it goes on in both processes, and each
 * has the value when it has finished.
 *
 * Progress: a value that is there is read wait-free. Before, threads wait for the one that initialises. finish and
 * abandon never wait.
 *
 * Source: musl's pthread_once, for the initialiser that is abandoned, resets and wakes all; once_cell and
 * Rust's std::sync::OnceLock for the operations.
 */
#include <intermut/backoff.h>
#include <intermut/raw_once.h>

/* Looks at an initialiser before sleeping, ever longer apart: many are over in less than the time of going to sleep. */
#ifndef IM_ONCE_LOOKS
#define IM_ONCE_LOOKS IM_BACKOFF_SPIN_ROUNDS
#endif

/* ---- The word ---- */

static uint32_t *word_of(const struct im_raw_once *self)
{
    return &im__raw_once(self)->state;
}

static uint32_t owner_of(uint32_t state)
{
    return state >> IM_ONCE_OWNER_SHIFT;
}

static bool is_owner(uint32_t state, uint32_t serial)
{
    return (state & IM_ONCE_RUNNING) && serial != 0 && owner_of(state) == serial;
}

/* Whether somebody is at it who will come to an end. */
static bool is_running(uint32_t state)
{
    return (state & IM_ONCE_RUNNING) && !im_sync_is_left_behind(owner_of(state));
}

static void set_place(const struct im_raw_once *self, const struct im_place *place)
{
    /* Relaxed: who looks is this thread, or finds its owner in the list of those that wait, under the lock. */
    im_sync_store(&im__raw_once(self)->place, place, memory_order_relaxed);
}

static const struct im_place *place_of(const struct im_raw_once *self)
{
    return im_sync_load(&self->place, memory_order_relaxed);
}

/* ---- Who waits for whom ---- */

/* On the stack of a thread that sleeps. */
struct waiter {
    struct waiter *next;
    const struct im_raw_once *cell;
    const struct im_place *place;
    uint32_t serial;
    long number;
};

static struct waiter *waiters;
static struct im_sync_mutex waiters_lock;

static void lock_waiters(void)
{
    im_sync_mutex_lock(&waiters_lock);
}

static void unlock_waiters(void)
{
    im_sync_mutex_unlock(&waiters_lock);
}

/* The others' stacks are gone. */
static void forget_waiters(void)
{
    waiters = NULL;
    unlock_waiters();
}

__attribute__((constructor)) static void watch_forks(void)
{
    im_sync_at_fork(lock_waiters, unlock_waiters, forget_waiters);
}

/* What the initialiser of `cell` waits for; NULL: it does not. Under the lock. */
static const struct waiter *obstacle_of(const struct im_raw_once *cell)
{
    uint32_t state = im_sync_load(&cell->state, memory_order_relaxed);
    if (!(state & IM_ONCE_RUNNING) || owner_of(state) == 0)
        return NULL;
    const struct waiter *waiter = waiters;
    while (waiter && waiter->serial != owner_of(state))
        waiter = waiter->next;
    return waiter;
}

/* Whether `cell` is, in the end, waited for by the thread `serial` itself. Under the lock. */
static bool closes_circle(const struct im_raw_once *cell, uint32_t serial)
{
    for (const struct waiter *waiter; (waiter = obstacle_of(cell)) != NULL;)
        cell = waiter->cell;
    return is_owner(im_sync_load(&cell->state, memory_order_relaxed), serial);
}

static bool enter(struct waiter *waiter)
{
    waiter->number = im_sync_thread_number();
    lock_waiters();
    bool is_circle = closes_circle(waiter->cell, waiter->serial);
    if (!is_circle) {
        waiter->next = waiters;
        waiters = waiter;
    }
    unlock_waiters();
    return !is_circle;
}

/* Also when the thread is cancelled in its sleep. Nothing, if it has not entered. */
static void leave(struct waiter *waiter)
{
    if (!waiter->number)
        return;
    lock_waiters();
    struct waiter **link = &waiters;
    while (*link && *link != waiter)
        link = &(*link)->next;
    if (*link)
        *link = waiter->next;
    unlock_waiters();
}

/* ---- Sleeping ---- */

typedef int sleep_function(const uint32_t *word, uint32_t expected, uint64_t deadline_ns);

static int sleep_for_ever(const struct im_raw_once *self, uint32_t state, sleep_function *sleep,
                          const struct im_place *place)
{
    struct waiter waiter IM_CLEANUP(leave) = {NULL, self, place, im_sync_thread_serial(), 0};
    /* Who makes nothing is waited for by nobody: it cannot be part of a circle. */
    if (*im_sync_owned() != 0 && !enter(&waiter))
        return EDEADLK;
    sleep(word_of(self), state, IM_SYNC_FOREVER);
    return 0;
}

/* A name that is a function also where the one of sync.h is a macro. */
static int sleep_only(const uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
    return im_sync_wait(word, expected, deadline_ns);
}

static int sleep_cancellable(const uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
    return im_sync_wait_cancellable(word, expected, deadline_ns);
}

/*
 * Sleep while the word is *state, and look at it again. 0, EDEADLK or ETIMEDOUT; 0 proves nothing.
 * Acquire: pairs with the release in im_raw_once_finish() and im_raw_once_abandon(), whose work the caller goes on with.
 */
IM_COLD static int sleep_on(const struct im_raw_once *self, uint32_t *state, uint64_t deadline_ns,
                            sleep_function *sleep, const struct im_place *place)
{
    int error = 0;
    uint32_t expected = *state | IM_ONCE_WAITERS;
    /* Relaxed: what comes of it is looked at below. */
    if (*state == expected ||
        im_sync_compare_exchange(word_of(self), state, expected, memory_order_relaxed, memory_order_relaxed)) {
        if (deadline_ns == IM_SYNC_FOREVER)
            error = sleep_for_ever(self, expected, sleep, place);
        else
            error = sleep(word_of(self), expected, deadline_ns);
    }
    *state = im_sync_load(&self->state, memory_order_acquire);
    return error == EDEADLK || error == ETIMEDOUT ? error : 0;
}

/* The word, when the initialiser that it names has ended, or is not going to soon. Acquire: as above. */
IM_COLD static uint32_t look_again(const struct im_raw_once *self, uint32_t state)
{
    struct im_backoff backoff = {0};
    for (int looks = 0; looks < IM_ONCE_LOOKS && is_running(state); looks++) {
        im_backoff_wait(&backoff);
        state = im_sync_load(&self->state, memory_order_acquire);
    }
    return state;
}

/* ---- Beginning and ending ---- */

enum claim { TO_RUN, TO_FIX };

/* Take an empty cell. Acquire: pairs with the release in im_raw_once_abandon(); for a full one, in _finish(). */
static int claim(const struct im_raw_once *self, enum claim what, const struct im_place *place)
{
    uint32_t serial = im_sync_thread_serial();
    uint32_t state = im_sync_load(&self->state, memory_order_acquire);
    for (int error = 0; error == 0;) {
        if (state & IM_ONCE_FULL)
            return EEXIST;
        if (state & IM_ONCE_POISONED)
            return ENOTRECOVERABLE;
        if (is_owner(state, serial))
            return EDEADLK;
        if (is_running(state)) {
            state = look_again(self, state);
            if (is_running(state))
                error = sleep_on(self, &state, IM_SYNC_FOREVER, sleep_only, place);
            continue;
        }
        uint32_t running =
            (state & (IM_ONCE_WAITERS | IM_ONCE_POISONS)) | IM_ONCE_RUNNING | serial << IM_ONCE_OWNER_SHIFT;
        uint32_t full = (state & IM_ONCE_POISONS) | IM_ONCE_FULL;
        if (im_sync_compare_exchange(word_of(self), &state, what == TO_RUN ? running : full, memory_order_acquire,
                                     memory_order_acquire)) {
            set_place(self, place);
            *im_sync_owned() += what == TO_RUN;
            return 0;
        }
    }
    return EDEADLK;
}

int im_raw_once_begin(const struct im_raw_once *self, const struct im_place *place)
{
    return claim(self, TO_RUN, place);
}

int im_raw_once_fix(const struct im_raw_once *self, const struct im_place *place)
{
    return claim(self, TO_FIX, place);
}

/* The end of RUNNING. Release: pairs with the acquire of whoever sees the new word. */
static void end(const struct im_raw_once *self, uint32_t state)
{
    --*im_sync_owned();
    if (im_sync_exchange(word_of(self), state, memory_order_release) & IM_ONCE_WAITERS)
        im_sync_wake(word_of(self), IM_SYNC_ALL);
}

static uint32_t policy_of(const struct im_raw_once *self)
{
    /* Relaxed: it never changes while the cell is shared. */
    return im_sync_load(&self->state, memory_order_relaxed) & IM_ONCE_POISONS;
}

void im_raw_once_finish(const struct im_raw_once *self)
{
    end(self, policy_of(self) | IM_ONCE_FULL);
}

void im_raw_once_abandon(const struct im_raw_once *self, bool left_early)
{
    uint32_t policy = policy_of(self);
    end(self, policy | (left_early && policy ? IM_ONCE_POISONED : 0));
}

bool im_raw_once_release(const struct im_raw_once *self)
{
    /* Relaxed: if it is this thread's, it has written that itself. */
    if (!is_owner(im_sync_load(&self->state, memory_order_relaxed), im_sync_thread_serial()))
        return false;
    /* What is found there once the value is fixed is the place of that, or nothing. */
    set_place(self, NULL);
    im_raw_once_abandon(self, false);
    return true;
}

void im_raw_once_clear_poison(const struct im_raw_once *self)
{
    uint32_t state = im_sync_load(&self->state, memory_order_relaxed);
    /* Relaxed: what the poisoner did stays released, as this only continues its release sequence. */
    while ((state & IM_ONCE_POISONED) &&
           !im_sync_compare_exchange_weak(word_of(self), &state, state & ~(uint32_t)IM_ONCE_POISONED,
                                          memory_order_relaxed, memory_order_relaxed))
        continue;
}

/* ---- Waiting for a value ---- */

int im_raw_once_wait(const struct im_raw_once *self, uint64_t deadline_ns, const struct im_place *place)
{
    uint32_t serial = im_sync_thread_serial();
    /* Pairs with the release in im_raw_once_finish(). */
    uint32_t state = im_sync_load(&self->state, memory_order_acquire);
    for (int error = 0;; error = sleep_on(self, &state, deadline_ns, sleep_cancellable, place)) {
        if (state & IM_ONCE_FULL)
            return 0;
        if (state & IM_ONCE_POISONED)
            return ENOTRECOVERABLE;
        if (is_owner(state, serial))
            return EDEADLK;
        if (error)
            return error;
    }
}

uint64_t im_raw_once_deadline(uint64_t ns)
{
    uint64_t deadline_ns;
    return __builtin_add_overflow(im_sync_now_ns(), ns, &deadline_ns) ? IM_SYNC_FOREVER : deadline_ns;
}

bool im_raw_once_is_running(const struct im_raw_once *self)
{
    return is_running(im_sync_load(&self->state, memory_order_relaxed));
}

/* ---- Refusals ---- */

/* A circle of more than eight threads is told without its middle. */
enum { LISTED = 16 };

/* The operand without the `&` that every call has. */
static const char *name_of(const struct im_place *place)
{
    return place->expression + (place->expression[0] == '&');
}

/* Who initialises what, and waits for what, until it comes back to this thread. */
static size_t describe_circle(const struct im_raw_once *cell, struct im_panic_line *lines)
{
    size_t count = 0;
    lock_waiters();
    for (const struct waiter *waiter; count + 2 < LISTED && (waiter = obstacle_of(cell)) != NULL; cell = waiter->cell) {
        lines[count++] = (struct im_panic_line){"initialising", place_of(cell)->site, waiter->number};
        lines[count++] = (struct im_panic_line){"waiting", waiter->place->site, waiter->number};
    }
    if (is_owner(im_sync_load(&cell->state, memory_order_relaxed), im_sync_thread_serial()))
        lines[count++] = (struct im_panic_line){"initialising", place_of(cell)->site, im_sync_thread_number()};
    unlock_waiters();
    return count;
}

/* The place that was kept, if there is one. */
static size_t describe_place(const struct im_raw_once *self, const char *label, long thread,
                             struct im_panic_line *lines)
{
    const struct im_place *place = place_of(self);
    if (!place)
        return 0;
    lines[0] = (struct im_panic_line){label, place->site, thread};
    return 1;
}

/* Whether EDEADLK is of this thread alone: an unsync cell has no owner. */
static bool is_own(const struct im_raw_once *self)
{
    uint32_t state = im_sync_load(&self->state, memory_order_relaxed);
    return owner_of(state) == 0 || is_owner(state, im_sync_thread_serial());
}

/* What stands in the way, and its places; returns their number. */
static size_t explain(const struct im_raw_once *self, int error, const char **words, struct im_panic_line *lines)
{
    switch (error) {
    case EDEADLK:
        if (is_own(self)) {
            bool is_foreign = im_checked_is_foreign(self);
            *words = is_foreign ? "another thread initialises it" : "this thread is initialising it";
            return describe_place(self, "initialising", is_foreign ? 0 : im_sync_thread_number(), lines);
        }
        *words = "deadlock: its initialiser waits for one of this thread";
        return describe_circle(self, lines);
    case ENOTRECOVERABLE:
        *words = "poisoned: an initialiser was left early";
        return describe_place(self, "left", 0, lines);
    case EBUSY:
        *words = "somebody initialises it";
        return describe_place(self, "initialising", 0, lines);
    default:
        *words = "there is no function to initialise it";
        return 0;
    }
}

void im_raw_once_refuse(const struct im_raw_once *self, int error, const char *operation, const struct im_place *place)
{
    struct im_panic_line lines[LISTED];
    const char *words;
    size_t count = explain(self, error, &words, lines);
    im_panic_with(place->site, lines, count, 0, "cannot %s `%s`: %s", operation, name_of(place), words);
}

void im_raw_mut_once_refuse(const struct im_raw_once *self, int error, const char *operation,
                            const struct im_place *place)
{
    struct im_panic_line lines[LISTED];
    const char *words = "already mutably borrowed";
    size_t count;
    if (error == EDEADLK && !is_own(self)) {
        words = "deadlock: its borrower waits for something that this thread has";
        count = describe_circle(self, lines);
    } else if (error == EEXIST) {
        words = "fixed: somebody has a reference";
        count = describe_place(self, "fixed", 0, lines);
    } else if (error == EPERM) {
        words = "not mutably borrowed by this thread";
        count = 0;
    } else {
        count = describe_place(self, "borrowed", error == EDEADLK ? im_sync_thread_number() : 0, lines);
    }
    im_panic_with(place->site, lines, count, 0, "cannot %s `%s`: %s", operation, name_of(place), words);
}

void im_raw_once_is_null(const struct im_place *place)
{
    im_panic(place->site, (struct im_site){0}, "`%s` is NULL", place->expression);
}
