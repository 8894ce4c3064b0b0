/* SPDX-License-Identifier: MIT */
/*
 * The watch over grace periods: a list of those that are under way, and a thread that looks at it.
 *
 * The thread needs not be woken by a grace period that begins: while none is under way it sleeps for as long as one may
 * last, which is before any that begins meanwhile has lasted so long. When it finds twice in a row that there was
 * none, it ends; the next one starts it anew.
 */
#include <map_internal.h>

#include <stdio.h>
#include <unistd.h>

#include <intermut/map_stall.h>

enum { READERS_SHOWN = 16, TEXT_BYTES = 4096 };

static struct {
    struct im_sync_mutex lock; /* of all but `after_ns` */
    uint64_t after_ns;         /* atomic; 0: off */
    im_map_stall_handler *handler;
    void *context;
    struct im_map_wait *waits;
    bool has_thread;
    bool was_used;     /* a grace period began since the thread looked last */
    uint32_t settings; /* atomic; counts changes: the thread sleeps on it */
    uint32_t calling;  /* atomic; the handler runs: who changes it sleeps on this */
    uintptr_t caller;  /* the thread that runs it */
} watch;

static void lock_for_fork(void)
{
    im_sync_mutex_lock(&watch.lock);
}

static void unlock_after_fork(void)
{
    im_sync_mutex_unlock(&watch.lock);
}

/* In the child nobody waits, and the thread is not there. */
static void forget_the_others(void)
{
    watch.waits = NULL;
    watch.has_thread = false;
    im_sync_store(&watch.calling, 0, memory_order_relaxed);
    im_sync_mutex_unlock(&watch.lock);
}

/* When somebody is to be told of a wait: after one time, two times, four times `after_ns`. */
static uint64_t due_ns(const struct im_map_wait *wait)
{
    uint64_t after_ns = im_sync_load(&watch.after_ns, memory_order_relaxed);
    uint64_t due;
    if (wait->told >= 63 || after_ns > UINT64_MAX >> wait->told ||
        __builtin_add_overflow(wait->began_ns, after_ns << wait->told, &due))
        return UINT64_MAX;
    return due;
}

static struct im_map_wait *first_due(void)
{
    struct im_map_wait *first = watch.waits;
    for (struct im_map_wait *wait = watch.waits; wait; wait = wait->next)
        first = due_ns(wait) < due_ns(first) ? wait : first;
    return first;
}

/* Call the handler, with the lock held at the beginning and at the end, but not meanwhile. */
static void tell(struct im_map_wait *wait, uint64_t now_ns)
{
    struct im_map_reader readers[READERS_SHOWN];
    const struct im_map_stall stall = {
        .map_name = wait->type->name,
        .map = wait->map,
        .flavour = wait->type->rcu->name,
        .waited_ns = now_ns - wait->began_ns,
        .thread = wait->thread,
        .readers = readers,
        .reader_count = im__map_readers(wait->type->rcu->name, wait->began_ns, now_ns, readers, READERS_SHOWN),
    };
    im_map_stall_handler *handler = watch.handler;
    void *context = watch.context;
    if (wait->told == 0)
        im_sync_fetch_add(&wait->map->stalls, 1, memory_order_relaxed);
    while (due_ns(wait) <= now_ns)
        wait->told++;
    watch.caller = im_sync_thread_id();
    im_sync_store(&watch.calling, 1, memory_order_relaxed);
    im_sync_mutex_unlock(&watch.lock);
    handler(&stall, context);
    im_sync_mutex_lock(&watch.lock);
    watch.caller = 0;
    im_sync_store(&watch.calling, 0, memory_order_relaxed);
    im_sync_wake(&watch.calling, IM_SYNC_ALL);
}

static void keep_watch(void *argument)
{
    (void)argument;
    im_sync_mutex_lock(&watch.lock);
    for (;;) {
        const uint64_t now_ns = im_sync_now_ns(), after_ns = im_sync_load(&watch.after_ns, memory_order_relaxed);
        struct im_map_wait *first = first_due();
        if (!after_ns || (!first && !watch.was_used))
            break;
        if (first && due_ns(first) <= now_ns) {
            tell(first, now_ns);
            continue;
        }
        watch.was_used = first != NULL;
        uint64_t until_ns = now_ns + after_ns < now_ns ? IM_SYNC_FOREVER : now_ns + after_ns;
        if (first && due_ns(first) < until_ns)
            until_ns = due_ns(first);
        const uint32_t settings = im_sync_load(&watch.settings, memory_order_relaxed);
        im_sync_mutex_unlock(&watch.lock);
        im_sync_wait(&watch.settings, settings, until_ns);
        im_sync_mutex_lock(&watch.lock);
    }
    watch.has_thread = false;
    im_sync_mutex_unlock(&watch.lock);
}

void im__map_wait_begins(struct im_map_wait *wait)
{
    /* Relaxed: what it stands for is looked at under the lock. */
    if (IM_LIKELY(!im_sync_load(&watch.after_ns, memory_order_relaxed)))
        return;
    wait->thread = im_sync_thread_number();
    im_sync_mutex_lock(&watch.lock);
    wait->next = watch.waits;
    wait->link = &watch.waits;
    if (wait->next)
        wait->next->link = &wait->next;
    watch.waits = wait;
    watch.was_used = true;
    /* No thread to be had: then perhaps for the next grace period. */
    if (!watch.has_thread)
        watch.has_thread = im_sync_start_thread(keep_watch, NULL) == 0;
    im_sync_mutex_unlock(&watch.lock);
}

void im__map_wait_ends(struct im_map_wait *wait)
{
    if (IM_LIKELY(!wait->link))
        return;
    im_sync_mutex_lock(&watch.lock);
    *wait->link = wait->next;
    if (wait->next)
        wait->next->link = wait->link;
    im_sync_mutex_unlock(&watch.lock);
}

/* Under the lock. */
static void watch_forks(void)
{
    static bool knows_forks;
    if (!knows_forks) {
        /* The last to say so is the first to lock: first this lock, then that of the sections, as tell() does. */
        im__map_sections_watch_forks();
        im_sync_at_fork(lock_for_fork, unlock_after_fork, forget_the_others);
    }
    knows_forks = true;
}

void im__map_stall_watch_forks(void)
{
    im_sync_mutex_lock(&watch.lock);
    watch_forks();
    im_sync_mutex_unlock(&watch.lock);
}

int im_map_on_stall(im_map_stall_handler *handler, void *context, uint64_t after_ns)
{
    if (handler && !after_ns)
        return EINVAL;
    im_sync_mutex_lock(&watch.lock);
    if (im_sync_load(&watch.calling, memory_order_relaxed) && watch.caller == im_sync_thread_id()) {
        im_sync_mutex_unlock(&watch.lock);
        return EDEADLK;
    }
    watch_forks();
    watch.handler = handler;
    watch.context = context;
    im_sync_store(&watch.after_ns, handler ? after_ns : 0, memory_order_relaxed);
    im_sync_fetch_add(&watch.settings, 1, memory_order_relaxed);
    im_sync_wake(&watch.settings, IM_SYNC_ALL);
    while (im_sync_load(&watch.calling, memory_order_relaxed)) {
        im_sync_mutex_unlock(&watch.lock);
        im_sync_wait(&watch.calling, 1, IM_SYNC_FOREVER);
        im_sync_mutex_lock(&watch.lock);
    }
    im_sync_mutex_unlock(&watch.lock);
    return 0;
}

static double seconds(uint64_t ns)
{
    return (double)ns / 1e9;
}

void im_map_print_stall(const struct im_map_stall *stall, void *context)
{
    char text[TEXT_BYTES];
    (void)context;
    int used = snprintf(text, sizeof text,
                        "intermut: map: %s has waited %.1f s for read sections of flavour %s, in thread %ld\n",
                        stall->map_name, seconds(stall->waited_ns), stall->flavour, stall->thread);
    for (size_t i = 0; i < stall->reader_count && used > 0 && (size_t)used < sizeof text; i++) {
        const struct im_map_reader *reader = &stall->readers[i];
        used += snprintf(text + used, sizeof text - (size_t)used, "  reads %s since %.1f s: thread %ld",
                         reader->map_name, seconds(reader->inside_ns), reader->thread);
        if (reader->opened.file && (size_t)used < sizeof text)
            used += snprintf(text + used, sizeof text - (size_t)used, ", %s:%d in %s()", reader->opened.file,
                             reader->opened.line, reader->opened.function);
        if ((size_t)used < sizeof text)
            used += snprintf(text + used, sizeof text - (size_t)used, "\n");
    }
    /* One write; there is nobody to tell if it fails. */
    size_t length = used < 0 ? 0 : (size_t)used < sizeof text ? (size_t)used : sizeof text - 1;
    ssize_t written = write(STDERR_FILENO, text, length);
    (void)written;
}
