/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* sets of cores */
#include <intermut/panic.h>
#include <intermut/sync.h>

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

__thread unsigned im__sync_sections;
__thread struct im_sync_nesting im__sync_nesting;

__thread uint32_t im__sync_serial;
__thread unsigned im__sync_owned;

static uint32_t last_serial;
/* After a fork: all threads up to this number stayed behind, but for the one that forked. Written while it is alone. */
static uint32_t last_left_behind, survivor;

/* AddressSanitizer does not see a cancelled frame go, and would take its variables for still there: so it sees none. */
#if IM_ADDRESS_SANITIZER
void __asan_handle_no_return(void);
#define FORGET_FRAMES_ABOVE() __asan_handle_no_return()
#else
#define FORGET_FRAMES_ABOVE() ((void)0)
#endif
#define UNSEEN_FRAME __attribute__((no_sanitize_address))

UNSEEN_FRAME int im_sync_wait(const uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
    const struct timespec deadline = {
        .tv_sec = (time_t)(deadline_ns / 1000000000u),
        .tv_nsec = (long)(deadline_ns % 1000000000u),
    };
    int saved_errno = errno;
    /* FUTEX_WAIT_BITSET and not FUTEX_WAIT, because only it takes an absolute deadline. */
    long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
                          deadline_ns == IM_SYNC_FOREVER ? NULL : &deadline, NULL, FUTEX_BITSET_MATCH_ANY);
    int error = result == 0 ? 0 : errno;
    errno = saved_errno;
    return error;
}

UNSEEN_FRAME int im_sync_wait_cancellable(const uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
    int type;
    FORGET_FRAMES_ABOVE();
    /* What follows changes nothing of ours, so it may end anywhere. */
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
    int error = im_sync_wait(word, expected, deadline_ns);
    pthread_setcanceltype(type, NULL);
    return error;
}

int im_sync_wake(const uint32_t *word, int count)
{
    int saved_errno = errno;
    long woken = syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, NULL, NULL, 0);
    errno = saved_errno;
    return woken > 0 ? (int)woken : 0;
}

int im_sync_requeue(const uint32_t *word, uint32_t expected, int count, const uint32_t *onto)
{
    int saved_errno = errno;
    /* The fourth argument is how many to move. */
    long result =
        syscall(SYS_futex, word, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE_FLAG, count, (long)IM_SYNC_ALL, onto, expected);
    int error = result >= 0 ? 0 : errno;
    errno = saved_errno;
    if (error != 0 && error != EAGAIN)
        im_sync_wake(word, IM_SYNC_ALL);
    return error == EAGAIN ? EAGAIN : 0;
}

uint32_t im__sync_light_fences;

void im_sync_light_fence_begin(void)
{
    /* ThreadSanitizer takes no notice of the kernel's fences. */
    if (IM_THREAD_SANITIZER || __atomic_load_n(&im__sync_light_fences, __ATOMIC_RELAXED) != 0)
        return;
    int saved_errno = errno;
    /* Release: who takes its fence for a light one comes after the heavy ones that were full fences only. */
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0)
        __atomic_fetch_or(&im__sync_light_fences, 1, __ATOMIC_ACQ_REL);
    errno = saved_errno;
}

void im_sync_heavy_fence(void)
{
    /* A read-modify-write, so that a begin() is either seen here, or comes after this. */
    if (__atomic_fetch_add(&im__sync_light_fences, 0, __ATOMIC_SEQ_CST) == 0)
        return;
    int saved_errno = errno;
    /* The child of a fork() may have to register again. */
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0 &&
        (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) != 0 ||
         syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0))
        im_panic(IM_HERE, (struct im_site){0}, "sync: the kernel refuses membarrier, which it has granted before");
    errno = saved_errno;
}

long im_sync_thread_number(void)
{
    return syscall(SYS_gettid);
}

uint32_t im__sync_new_serial(void)
{
    /* Relaxed: the numbers only have to differ. */
    uint32_t last = im_sync_load(&last_serial, memory_order_relaxed);
    while (im__sync_serial == 0 && last + 1 < 1u << IM_SYNC_SERIAL_BITS) {
        if (im_sync_compare_exchange_weak(&last_serial, &last, last + 1, memory_order_relaxed, memory_order_relaxed))
            im__sync_serial = last + 1;
    }
    return im__sync_serial;
}

bool im_sync_is_left_behind(uint32_t serial)
{
    return serial != 0 && serial <= last_left_behind && serial != survivor;
}

static void leave_the_others_behind(void)
{
    last_left_behind = im_sync_load(&last_serial, memory_order_relaxed);
    survivor = im__sync_serial;
}

void im_sync_at_fork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
    pthread_atfork(prepare, parent, child);
}

__attribute__((constructor)) static void watch_forks(void)
{
    im_sync_at_fork(NULL, NULL, leave_the_others_behind);
}

/* What a thread is to do; freed by it. */
struct work {
    void (*function)(void *argument);
    void *argument;
};

static void *run(void *argument)
{
    struct work work = *(struct work *)argument;
    free(argument);
    work.function(work.argument);
    return NULL;
}

/* The cores that the process was given: whoever binds himself to one of them did not mean our threads. */
static cpu_set_t given_cores;

__attribute__((constructor)) static void look_at_cores(void)
{
    if (sched_getaffinity(0, sizeof given_cores, &given_cores) != 0)
        CPU_ZERO(&given_cores);
}

/* If the caller is bound to one core: the others that the process was given, if there are any. */
static bool look_for_others(cpu_set_t *others)
{
    cpu_set_t own;
    if (sched_getaffinity(0, sizeof own, &own) != 0 || CPU_COUNT(&own) != 1)
        return false;
    CPU_AND(&own, &own, &given_cores);
    CPU_XOR(others, &given_cores, &own);
    return CPU_COUNT(others) > 0;
}

/*
 * A thread that is told its cores has been put on one of them, whoever runs there. One that it starts is put where least
 * is to be done: on a core that is free, if there is one.
 */
static void *run_where_least_is_to_be_done(void *work)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, work) != 0)
        return run(work);
    pthread_detach(thread);
    return NULL;
}

/* The thread does not share the core of one who is bound to it, if there are others: the two would stop each other. */
static int start(pthread_t *thread, struct work *work)
{
    pthread_attr_t attributes;
    cpu_set_t others;
    if (!look_for_others(&others) || pthread_attr_init(&attributes) != 0)
        return pthread_create(thread, NULL, run, work);
    int error = pthread_attr_setaffinity_np(&attributes, sizeof others, &others);
    if (!error)
        error = pthread_create(thread, &attributes, run_where_least_is_to_be_done, work);
    pthread_attr_destroy(&attributes);
    /* EINVAL: those cores are not there any more. */
    return error == EINVAL ? pthread_create(thread, NULL, run, work) : error;
}

int im_sync_start_thread(void (*function)(void *argument), void *argument)
{
    pthread_t thread;
    sigset_t all, before;
    int saved_errno = errno;
    struct work *work = malloc(sizeof *work);
    errno = saved_errno;
    if (!work)
        return ENOMEM;
    *work = (struct work){function, argument};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = start(&thread, work);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error)
        free(work);
    else
        pthread_detach(thread);
    return error;
}
