/* SPDX-License-Identifier: MIT */
/**
 * @file sync.h
 * The one place where intermut meets the machine: atomic accesses, fences, sleeping and waking, yields, thread
 * identity.
 *
 * Internal: installed because the inline parts of other headers need it, not meant to be called by programs.
 *
 * Everything in the library that could make one thread notice another goes through the names of this file. A build
 * with IM_SYNC_HEADER defined (as `"my_sync.h"`) takes them all from that header instead: that is how the model tests
 * run the real algorithms under a scheduler of their own.
 *
 * Every call names its order, and every acquire says in a comment which release it meets.
 */
#ifndef INTERMUT_SYNC_H
#define INTERMUT_SYNC_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <intermut/compiler.h>

#ifdef IM_SYNC_HEADER
#include IM_SYNC_HEADER
#else

#include <pthread.h>
#include <sched.h>

/*
 * Atomic accesses. The object is a plain integer or pointer of 1, 2, 4 or 8 bytes, aligned to its size; it is only
 * ever accessed through these names while threads share it.
 */
#define im_sync_load(object, order) __atomic_load_n(object, order)
#define im_sync_store(object, value, order) __atomic_store_n(object, value, order)
#define im_sync_exchange(object, value, order) __atomic_exchange_n(object, value, order)
/** Strong; on failure writes the value seen to *expected. True on success. */
#define im_sync_compare_exchange(object, expected, desired, success, failure) \
    __atomic_compare_exchange_n(object, expected, desired, false, success, failure)
/** May fail for no reason: for use in loops. */
#define im_sync_compare_exchange_weak(object, expected, desired, success, failure) \
    __atomic_compare_exchange_n(object, expected, desired, true, success, failure)
#define im_sync_fetch_add(object, operand, order) __atomic_fetch_add(object, operand, order)
#define im_sync_fetch_sub(object, operand, order) __atomic_fetch_sub(object, operand, order)
#define im_sync_fetch_and(object, operand, order) __atomic_fetch_and(object, operand, order)
#define im_sync_fetch_nand(object, operand, order) __atomic_fetch_nand(object, operand, order)
#define im_sync_fetch_or(object, operand, order) __atomic_fetch_or(object, operand, order)
#define im_sync_fetch_xor(object, operand, order) __atomic_fetch_xor(object, operand, order)
#define im_sync_fence(order) __atomic_thread_fence(order)

/** Tell the core that this thread spins. */
static inline void im_sync_spin_hint(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("isb" ::: "memory");
#endif
}

/** Give the core to another thread. */
static inline void im_sync_yield(void)
{
    sched_yield();
}

/** A value that no other living thread has; never 0. */
static inline uintptr_t im_sync_thread_id(void)
{
    return (uintptr_t)pthread_self();
}

/* initial-exec: one instruction where the library was loaded with the program. */
extern __thread unsigned im__sync_sections __attribute__((tls_model("initial-exec")));
extern __thread uint32_t im__sync_serial __attribute__((tls_model("initial-exec")));
extern __thread unsigned im__sync_owned __attribute__((tls_model("initial-exec")));

/** This thread's count of open read sections, of whatever kind: inside of one it must not wait for a grace period. */
static inline unsigned *im_sync_sections(void)
{
    return &im__sync_sections;
}

/** This thread's count of the cells that it is making the value of: while it is 0, no other thread waits for this one. */
static inline unsigned *im_sync_owned(void)
{
    return &im__sync_owned;
}

/**
 * The objects that this thread is in the middle of changing, the outermost first: who finds itself among them was called
 * from its own callback. Addresses only, never looked at.
 */
enum { IM_SYNC_NESTING = 8 };
struct im_sync_nesting {
    unsigned depth;
    const void *objects[IM_SYNC_NESTING];
};
extern __thread struct im_sync_nesting im__sync_nesting __attribute__((tls_model("initial-exec")));

static inline struct im_sync_nesting *im_sync_nesting(void)
{
    return &im__sync_nesting;
}

/**
 * Keep pthread_cancel away from a piece of work that must not stop halfway; what is returned goes to
 * im_sync_cancel_restore().
 */
static inline int im_sync_cancel_disable(void)
{
    int state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    return state;
}

static inline void im_sync_cancel_restore(int state)
{
    pthread_setcancelstate(state, NULL);
}

/** Nanoseconds on CLOCK_MONOTONIC: for durations and deadlines. */
static inline uint64_t im_sync_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/*
 * A fence of two halves, for the frequent and the rare side of one decision: each stores, then looks at what the other
 * side has stored. With a light fence between on the one side and a heavy one on the other, at least one of them sees the
 * other's store. Light fences do not order each other. The light one costs nothing once im_sync_light_fence_begin() was
 * called, and Linux can interrupt the other cores (membarrier); otherwise both are full fences.
 */
extern uint32_t im__sync_light_fences;

static inline void im_sync_light_fence(void)
{
    /* Acquire: pairs with the release in im_sync_light_fence_begin(), and with what a heavy fence before it released. */
    if (__builtin_expect(__atomic_load_n(&im__sync_light_fences, __ATOMIC_ACQUIRE) != 0, 1))
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
    else
        /* A full fence that ThreadSanitizer knows, too. */
        __atomic_fetch_add(&im__sync_light_fences, 0, __ATOMIC_SEQ_CST);
}

IM_BEGIN_DECLS

/** Costs some microseconds, and an interrupt for each core that runs this program. */
void im_sync_heavy_fence(void);

/** Make light fences light from now on, if that is possible. Once is enough; more do nothing. */
void im_sync_light_fence_begin(void);

/**
 * Sleep while *word is `expected`, until woken by im_sync_wake(), or until `deadline_ns` on CLOCK_MONOTONIC
 * (IM_SYNC_FOREVER: without limit). Threads of one process.
 *
 * Returns 0 when woken, EAGAIN when *word was not `expected`, ETIMEDOUT, or EINTR. A return of 0 proves nothing: the
 * caller looks at its condition again. Leaves errno alone.
 */
int im_sync_wait(const uint32_t *word, uint32_t expected, uint64_t deadline_ns);

/**
 * Wake up to `count` threads that sleep on `word`; returns how many. The word itself is not read: it may be gone already.
 */
int im_sync_wake(const uint32_t *word, int count);

/**
 * While *word is `expected`, in one step: wake up to `count` threads that sleep on `word`, and let all others sleep on
 * `onto` from now on, where im_sync_wake() finds them; the word there is not read. Their im_sync_wait() goes on. EAGAIN:
 * *word is not `expected`, and nothing was done; else 0. A kernel that cannot do it wakes all.
 */
int im_sync_requeue(const uint32_t *word, uint32_t expected, int count, const uint32_t *onto);

/**
 * Run `work(argument)` in a thread of its own, with all signals blocked, which nobody joins. If the caller is
 * bound to one core, the thread may run on all others that the process began with. 0, or an error when there
 * can be no such thread. What the caller did before is visible to it.
 */
int im_sync_start_thread(void (*work)(void *argument), void *argument);

/** The same as a cancellation point: a thread may be cancelled where it sleeps here. */
int im_sync_wait_cancellable(const uint32_t *word, uint32_t expected, uint64_t deadline_ns);

/** The kernel's number of this thread, for reports: what debuggers and top show. A system call. */
long im_sync_thread_number(void);

/**
 * A number of this thread that no other one of the process ever gets, and that it keeps in the child of a fork(); from
 * 1, of IM_SYNC_SERIAL_BITS bits. 0 when they have run out: the thread is then nobody in particular.
 */
static inline uint32_t im_sync_thread_serial(void);
uint32_t im__sync_new_serial(void);

/** Whether that thread stayed behind when this process was forked: whatever it was at will not be finished. */
bool im_sync_is_left_behind(uint32_t serial);

/** Call these functions around each fork(), as pthread_atfork() does. */
void im_sync_at_fork(void (*prepare)(void), void (*parent)(void), void (*child)(void));

IM_END_DECLS

static inline uint32_t im_sync_thread_serial(void)
{
    return IM_LIKELY(im__sync_serial) ? im__sync_serial : im__sync_new_serial();
}

/**
 * A mutual exclusion lock for cold paths of the library itself; zeroed is unlocked. Not recursive.
 * Lock acquires what unlock released.
 */
struct im_sync_mutex {
    pthread_mutex_t pthread;
};

static inline bool im_sync_mutex_try_lock(struct im_sync_mutex *mutex)
{
    return pthread_mutex_trylock(&mutex->pthread) == 0;
}

static inline void im_sync_mutex_lock(struct im_sync_mutex *mutex)
{
    pthread_mutex_lock(&mutex->pthread);
}

static inline void im_sync_mutex_unlock(struct im_sync_mutex *mutex)
{
    pthread_mutex_unlock(&mutex->pthread);
}

#endif /* IM_SYNC_HEADER */

#define IM_SYNC_FOREVER UINT64_MAX
#define IM_SYNC_SERIAL_BITS 27
#define IM_SYNC_ALL INT32_MAX

/*
 * Happens-before edges that ThreadSanitizer cannot see by itself, because the code that makes them is not instrumented
 * (liburcu). Nothing in other builds.
 */
#if IM_THREAD_SANITIZER
IM_BEGIN_DECLS
void __tsan_acquire(void *address);
void __tsan_release(void *address);
IM_END_DECLS
#define IM_SYNC_EDGE_ACQUIRE(address) __tsan_acquire(address)
#define IM_SYNC_EDGE_RELEASE(address) __tsan_release(address)
#else
#define IM_SYNC_EDGE_ACQUIRE(address) ((void)(address))
#define IM_SYNC_EDGE_RELEASE(address) ((void)(address))
#endif

#endif
