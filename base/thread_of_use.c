/* SPDX-License-Identifier: MIT */
/*
 * A table of last uses, from the address of an object: sets of a few slots, of which a new object takes the one that was
 * filled longest ago. It never grows, so uses of millions of objects need no memory, and what is forgotten is only a
 * misuse that goes unseen.
 *
 * A thread is in the list of the living from its first use until a thread-specific destructor takes it out, which is
 * before anybody can have joined it. The kernel's own numbers would not do: one is still there for a moment after the
 * join, and is given to another thread later. What a thread does in destructors behind ours is not seen.
 *
 * Each use notes the locks that its thread had for itself. A thread that has one of those now comes after that use: the
 * lock went from one to the other in between. So it takes the object over, as if that had been handed over.
 */
#include <intermut/thread_of_use.h>

#include <pthread.h>
#include <stdint.h>

#include <intermut/sync.h>

enum { SETS = 4096, SLOTS = 4, LOCKS = 4 };

struct use {
    const void *object;
    const struct im_place *place;
    uint64_t thread; /* 0: handed over */
    long thread_number;
    const void *locks[LOCKS]; /* that the thread had for itself; the latest ones */
};

struct set {
    struct use uses[SLOTS];
    unsigned next;
};

struct life {
    uint64_t thread; /* its serial number; 0: not begun; THREAD_GONE */
    struct life *next, **link;
};

static const uint64_t THREAD_GONE = UINT64_MAX;

static struct set sets[SETS];
static struct life *living;
static bool is_ready;
static pthread_key_t end_of_life;
static struct im_sync_mutex lock;

static __thread struct life own;

static void end_life(void *life)
{
    struct life *gone = life;
    im_sync_mutex_lock(&lock);
    *gone->link = gone->next;
    if (gone->next)
        gone->next->link = gone->link;
    gone->thread = THREAD_GONE;
    im_sync_mutex_unlock(&lock);
}

static void lock_for_fork(void)
{
    im_sync_mutex_lock(&lock);
}

static void unlock_after_fork(void)
{
    im_sync_mutex_unlock(&lock);
}

/* In the child there is this thread only; the others' places in the list may soon be somebody else's stack. */
static void forget_the_others(void)
{
    bool is_living = own.thread && own.thread != THREAD_GONE;
    living = is_living ? &own : NULL;
    own.next = NULL;
    own.link = &living;
    im_sync_mutex_unlock(&lock);
}

static void forget(const void *memory, size_t bytes);
static struct im_checked_listener listener = {.ends = forget};

/* At once, so that it is the last to be called: a fork() may wait before for who needs the lock, as maps' threads do. */
__attribute__((constructor)) static void watch_forks(void)
{
    im_sync_at_fork(lock_for_fork, unlock_after_fork, forget_the_others);
}

static bool prepare(void)
{
    if (!is_ready && pthread_key_create(&end_of_life, end_life) == 0) {
        im_checked_listen(&listener);
        is_ready = true;
    }
    return is_ready;
}

/* The number of this thread; THREAD_GONE where no end of it would be noticed. Under the lock. */
static uint64_t this_thread(void)
{
    if (own.thread)
        return own.thread;
    uint32_t serial = im_sync_thread_serial();
    if (!serial || !prepare() || pthread_setspecific(end_of_life, &own))
        return THREAD_GONE;
    own = (struct life){serial, living, &living};
    if (living)
        living->link = &own.next;
    living = &own;
    return own.thread;
}

static bool is_alive(uint64_t thread)
{
    const struct life *life = living;
    while (life && life->thread != thread)
        life = life->next;
    return life != NULL;
}

static struct set *set_of(const void *object)
{
    /* Fibonacci hashing: the upper bits of the product depend on all lower ones of the address. */
    return &sets[(uint64_t)(uintptr_t)object * 0x9e3779b97f4a7c15u >> 52];
}

_Static_assert(SETS == 1 << (64 - 52), "the hash has as many bits as there are sets");

static struct use *find(const void *object)
{
    struct set *set = set_of(object);
    for (unsigned i = 0; i < SLOTS; i++) {
        if (set->uses[i].object == object)
            return &set->uses[i];
    }
    return NULL;
}

static void remember(struct use use)
{
    struct use *place = find(use.object);
    if (!place) {
        struct set *set = set_of(use.object);
        place = &set->uses[set->next++ % SLOTS];
    }
    *place = use;
}

static const char *name_of(const struct im_place *place)
{
    return place->expression + (place->expression[0] == '&');
}

static bool have_a_lock_in_common(const struct use *one, const struct use *other)
{
    for (unsigned i = 0; i < LOCKS && one->locks[i]; i++) {
        for (unsigned j = 0; j < LOCKS && other->locks[j]; j++) {
            if (one->locks[i] == other->locks[j])
                return true;
        }
    }
    return false;
}

const void *im_checked_used(const void *object, const char *operation, const struct im_place *place)
{
    if (!place)
        return object;
    if (!object)
        im_panic_with(place->site, NULL, 0, 0, "cannot %s `%s`: it is NULL", operation, name_of(place));
    im_checked_reached(object, place);

    struct use mine = {.object = object, .place = place, .thread_number = im_sync_thread_number()};
    im_checked_locks_held(mine.locks, LOCKS);
    im_sync_mutex_lock(&lock);
    mine.thread = this_thread();
    const struct use *last = find(object);
    bool is_foreign =
        last && last->thread != mine.thread && is_alive(last->thread) && !have_a_lock_in_common(last, &mine);
    struct use theirs = is_foreign ? *last : (struct use){0};
    if (!is_foreign && mine.thread != THREAD_GONE)
        remember(mine);
    im_sync_mutex_unlock(&lock);

    if (is_foreign) {
        const struct im_panic_line used = {"used", theirs.place->site, theirs.thread_number};
        im_panic_with(place->site, &used, 1, 1, "cannot %s `%s`: another thread uses it", operation, name_of(place));
    }
    return object;
}

void im_checked_ended(const void *object, const struct im_place *place)
{
    im_sync_mutex_lock(&lock);
    remember((struct use){.object = object, .place = place, .thread_number = im_sync_thread_number()});
    im_sync_mutex_unlock(&lock);
}

bool im_checked_last_use(const void *object, struct im_panic_line *use)
{
    im_sync_mutex_lock(&lock);
    const struct use *last = find(object);
    if (last)
        *use = (struct im_panic_line){use->label, last->place->site, last->thread_number};
    im_sync_mutex_unlock(&lock);
    return last != NULL;
}

static void hand_over(struct use *use)
{
    use->thread = 0;
}

/* Address by address, or slot by slot: whatever is less. */
static void forget(const void *start, size_t bytes)
{
    im_sync_mutex_lock(&lock);
    if (bytes <= SETS) {
        for (size_t i = 0; i == 0 || i < bytes; i++) {
            struct use *use = find((const char *)start + i);
            if (use)
                hand_over(use);
        }
    } else {
        for (size_t i = 0; i < SETS * SLOTS; i++) {
            struct use *use = &sets[i / SLOTS].uses[i % SLOTS];
            if ((uintptr_t)use->object - (uintptr_t)start < bytes)
                hand_over(use);
        }
    }
    im_sync_mutex_unlock(&lock);
}

void *im_checked_handed_over(void *start, size_t bytes)
{
    forget(start, bytes);
    return start;
}
