/* SPDX-License-Identifier: MIT */
/*
 * The records of the checked build: who holds which lock, and which lock was ever locked while which other one was held.
 *
 * Three kinds of things, all under one lock:
 *
 *     thread   in thread-local memory; the holds of this thread, the latest one first
 *     lock     in a hash table by address; the holds of this lock, and its figures
 *     node     a place in the order of locks: a lock of its own has one, and so has each level of a named class
 *
 * An edge from node A to node B says that B was waited for while A was held. It remembers the first such place for each of
 * four kinds: whether A was held shared, and whether the wait for B was that of a recursive reader, whom only an exclusive
 * holder stops. A deadlock is a circle of threads, each holding what the one before waits for; so it is a circle of edges
 * in which no wait of a recursive reader meets a shared hold. As all edges are there before a thread waits, and a new edge
 * that would close such a circle is reported first, no deadlock by order comes unannounced. The search goes by breadth, so
 * it finds a shortest circle; it visits a node twice at most: once by a wait that any hold stops, once by a recursive one.
 *
 * Nothing is held on to while a report is made: what it needs is copied, since a handler may jump out, or use locks itself.
 */
#include <intermut/lock_checked.h>

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <intermut/sync.h>

/* Some thousand locks, and pairs of them, are many. Powers of two. */
enum {
    BUCKET_BITS = 12,
    BUCKETS = 1 << BUCKET_BITS,
    /* Locks that lie so close together are in one list: so those in some bytes are found by few lists. */
    GRANULE_BYTES = 16,
};

/* A report longer than this is not read to its end. Circles are short: theirs is a line for each lock, but the first. */
enum { MESSAGE_BYTES = 512, LINES = 24, LABEL_BYTES = 16 };

/* Whether the hold is shared, and whether the wait is recursive. */
enum { SHARED = 2, RECURSIVE = 1, KINDS = 4 };

/* The first time that an edge of one kind was seen. */
struct step {
    const struct im_place *held, *locked;
    long thread;
};

struct edge {
    struct edge *next, *next_out, *next_in;
    struct node *from, *to;
    unsigned kinds; /* a bit for each kind that was seen */
    struct step steps[KINDS];
};

/* A node as the search has come to it: by the wait of a recursive reader, or by another one. */
struct visit {
    uint64_t search; /* the one that came here last */
    struct node *node;
    bool is_recursive;
    struct visit *next, *before;
    const struct step *by;
};

struct node {
    struct im_lock_class *class; /* NULL: a lock of its own */
    struct node *next;           /* the next level of the class */
    unsigned level;
    struct edge *out, *in;
    struct visit visits[2];
};

struct im_lock_class {
    struct im_lock_class *next;
    bool by_address;
    struct node *levels;
    char name[];
};

struct lock {
    struct lock *next;
    const void *address;
    struct node *node; /* its own, or one of a class */
    struct node own;
    struct hold *holds;
    bool is_mixed;          /* plain code uses it, too */
    bool is_repeat_known;   /* a repeated read was reported */
    const char *expression; /* as the program spells it, the first time */
    struct im_lock_stats stats;
    /* Of a condition variable: who waits on it, with which lock. */
    size_t waiters;
    const void *waiters_lock;
    struct im_lock_hold waiter;
};

struct hold {
    struct hold *earlier; /* of the thread */
    struct hold *other;   /* of the lock */
    struct thread *owner; /* NULL: leaked, or its thread has ended */
    struct lock *lock;
    struct node *node;
    struct im_lock_hold info;
    uint64_t since_ns;
};

struct thread {
    struct thread *next, *previous;
    bool is_known, has_ended, is_forking;
    unsigned rounds; /* of destructors */
    long number;
    struct hold *holds;
    /* What it waits for, if anything. */
    const void *waits_for;
    const struct im_place *waits_at;
    uint64_t waits_since_ns;
    /* The next time that it locks this one, it does so at that level. */
    const void *leveled;
    unsigned level;
};

/* What will be said when the guard is free again. */
struct finding {
    bool is_found, is_danger_only;
    struct im_site here;
    char message[MESSAGE_BYTES];
    char labels[LINES][LABEL_BYTES];
    struct im_panic_line lines[LINES];
    size_t line_count, total;
};

static __thread struct thread me;

static struct im_sync_mutex guard;
static struct lock *locks[BUCKETS];
static struct edge *edges[BUCKETS];
static struct im_lock_class *classes;
static struct thread *threads;
static uint64_t searches;
/* Since memory was short, a hold without a record proves nothing. */
static bool has_gaps;

static im_panic_handler *danger_handler;

/* Fibonacci hashing: the upper bits of the product depend on all lower ones of the address. */
static size_t hash_of(const void *one, const void *two)
{
    uint64_t mixed = (uint64_t)(uintptr_t)one * 0x9e3779b97f4a7c15u;
    if (two)
        mixed = (mixed ^ (uint64_t)(uintptr_t)two) * 0x9e3779b97f4a7c15u;
    return (size_t)(mixed >> (64 - BUCKET_BITS));
}

/* The operand without the `&` that most calls have. */
static const char *name_of(const struct im_place *place)
{
    return place ? place->expression + (place->expression[0] == '&') : "?";
}

static struct im_site site_of(const struct im_place *place)
{
    return place ? place->site : (struct im_site){NULL, NULL, 0};
}

static void *allocate(size_t bytes)
{
    void *memory = calloc(1, bytes);
    if (!memory)
        has_gaps = true;
    return memory;
}

/* Threads */

static pthread_key_t thread_key;
static pthread_once_t thread_key_once = PTHREAD_ONCE_INIT;
static bool has_thread_key;

static void thread_ends(void *thread);

static void before_fork(void)
{
    im_sync_mutex_lock(&guard);
    me.is_forking = true; /* handlers of the program may use locks, though this thread has the guard */
}

static void after_fork(void)
{
    me.is_forking = false;
    im_sync_mutex_unlock(&guard);
}

/* The other threads are not there any more; what they held stays locked. */
static void after_fork_in_child(void)
{
    for (struct thread *thread = threads; thread; thread = thread->next) {
        for (struct hold *hold = thread->holds; thread != &me && hold; hold = hold->earlier)
            hold->owner = NULL;
    }
    me.number = im_sync_thread_number();
    for (struct hold *hold = me.holds; hold; hold = hold->earlier)
        hold->info.thread = me.number;
    threads = me.is_known ? &me : NULL;
    me.next = me.previous = NULL;
    after_fork();
}

static void forget_memory(const void *memory, size_t bytes);
static size_t locks_held(const void **held, size_t capacity);
static struct im_checked_listener listener = {.ends = forget_memory, .moved = im__lock_moved, .locks_held = locks_held};

static void prepare_threads(void)
{
    has_thread_key = pthread_key_create(&thread_key, thread_ends) == 0;
    im_checked_listen(&listener);
}

/*
 * Before the program registers handlers of its own: so they are called before the guard is taken, and may wait for a lock whose
 * holder needs the guard to give it back.
 */
__attribute__((constructor)) static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

static void lock_guard(void)
{
    if (!me.is_forking)
        im_sync_mutex_lock(&guard);
}

static void unlock_guard(void)
{
    if (!me.is_forking)
        im_sync_mutex_unlock(&guard);
}

/* For the checks of objects that are for one thread at a time. */
static size_t locks_held(const void **held, size_t capacity)
{
    size_t count = 0;
    lock_guard();
    for (const struct hold *hold = me.holds; hold && count < capacity; hold = hold->earlier) {
        if (hold->info.mode == IM_LOCK_EXCLUSIVE || hold->info.mode == IM_LOCK_REENTRANT)
            held[count++] = hold->lock->address;
    }
    unlock_guard();
    return count;
}

/* Lock the guard and make this thread known; false, and nothing locked, where it cannot be told when the thread ends. */
static bool enter(void)
{
    if (me.has_ended)
        return false;
    if (!me.is_known) {
        pthread_once(&thread_key_once, prepare_threads);
        if (!has_thread_key || pthread_setspecific(thread_key, &me)) {
            me.has_ended = true;
            lock_guard();
            has_gaps = true;
            unlock_guard();
            return false;
        }
        me.number = im_sync_thread_number();
    }
    lock_guard();
    if (!me.is_known) {
        me.is_known = true;
        me.next = threads;
        if (threads)
            threads->previous = &me;
        threads = &me;
    }
    return true;
}

static void forget_me(void)
{
    if (me.previous)
        me.previous->next = me.next;
    else
        threads = me.next;
    if (me.next)
        me.next->previous = me.previous;
    me.is_known = false;
    me.has_ended = true;
}

/* Nodes and edges */

static struct edge **edge_between(const struct node *from, const struct node *to)
{
    struct edge **link = &edges[hash_of(from, to)];
    while (*link && ((*link)->from != from || (*link)->to != to))
        link = &(*link)->next;
    return link;
}

static bool has_edge(const struct node *from, const struct node *to, unsigned kind)
{
    const struct edge *edge = *edge_between(from, to);
    return edge && edge->kinds & 1u << kind;
}

static void add_edge(struct node *from, struct node *to, unsigned kind, struct step step)
{
    struct edge **link = edge_between(from, to);
    if (!*link) {
        struct edge *edge = allocate(sizeof *edge);
        if (!edge)
            return;
        edge->from = from;
        edge->to = to;
        edge->next_out = from->out;
        edge->next_in = to->in;
        from->out = to->in = *link = edge;
    }
    (*link)->kinds |= 1u << kind;
    (*link)->steps[kind] = step;
}

static void remove_edge(struct edge *gone)
{
    struct edge **link = edge_between(gone->from, gone->to);
    *link = gone->next;
    for (link = &gone->from->out; *link != gone; link = &(*link)->next_out) {
    }
    *link = gone->next_out;
    for (link = &gone->to->in; *link != gone; link = &(*link)->next_in) {
    }
    *link = gone->next_in;
    free(gone);
}

static void remove_edges(struct node *node)
{
    while (node->out)
        remove_edge(node->out);
    while (node->in)
        remove_edge(node->in);
}

/* Having come by a wait that any hold stops, there is no need to come again. */
static bool is_new(const struct node *node, bool is_recursive)
{
    return node->visits[false].search != searches && !(is_recursive && node->visits[true].search == searches);
}

static struct visit *visit(struct node *node, bool is_recursive, struct visit *before, const struct step *by)
{
    struct visit *here = &node->visits[is_recursive];
    *here = (struct visit){searches, node, is_recursive, NULL, before, by};
    return here;
}

/*
 * A shortest way from `start`, which is waited for, to `end`, which is held, so that an edge of `kind` from `end` to `start`
 * would close a circle. Gives its last visit, from which `before` leads back; NULL when there is none.
 */
static const struct visit *find_way(struct node *start, const struct node *end, unsigned kind)
{
    searches++;
    struct visit *last = visit(start, kind & RECURSIVE, NULL, NULL);
    for (struct visit *at = last; at; at = at->next) {
        if (at->node == end && !(at->is_recursive && kind & SHARED))
            return at;
        for (const struct edge *edge = at->node->out; edge; edge = edge->next_out) {
            for (unsigned next = 0; next < KINDS; next++) {
                bool is_there = edge->kinds & 1u << next && !(at->is_recursive && next & SHARED);
                if (is_there && is_new(edge->to, next & RECURSIVE))
                    last = last->next = visit(edge->to, next & RECURSIVE, at, &edge->steps[next]);
            }
        }
    }
    return NULL;
}

/* Locks and holds */

static uintptr_t granule_of(const void *address)
{
    return (uintptr_t)address / GRANULE_BYTES;
}

/* The list of the locks that begin in a granule, and of some others. */
static struct lock **list_of(uintptr_t granule)
{
    return &locks[hash_of((const void *)granule, NULL)];
}

static bool is_within(const struct lock *lock, const void *memory, size_t bytes)
{
    return (uintptr_t)lock->address - (uintptr_t)memory < bytes;
}

static struct lock **link_to(const void *address)
{
    struct lock **link = list_of(granule_of(address));
    while (*link && (*link)->address != address)
        link = &(*link)->next;
    return link;
}

/* NULL only where memory is short. */
static struct lock *lock_at(const void *address, const struct im_place *place)
{
    struct lock **link = link_to(address);
    if (!*link && (*link = allocate(sizeof **link)) != NULL) {
        (*link)->address = address;
        (*link)->node = &(*link)->own;
    }
    if (*link && !(*link)->expression && place)
        (*link)->expression = name_of(place);
    return *link;
}

static struct node *level_of(struct im_lock_class *class, unsigned level)
{
    struct node **link = &class->levels;
    while (*link && (*link)->level != level)
        link = &(*link)->next;
    if (!*link && (*link = allocate(sizeof **link)) != NULL) {
        (*link)->class = class;
        (*link)->level = level;
    }
    return *link;
}

/* Where this thread locks it next in the order of locks. */
static struct node *node_for(const struct lock *lock)
{
    if (lock->address != me.leveled || !lock->node->class)
        return lock->node;
    struct node *node = level_of(lock->node->class, me.level);
    return node ? node : lock->node;
}

static void end_hold(struct hold *gone)
{
    if (gone->owner) {
        struct hold **link = &gone->owner->holds;
        while (*link != gone)
            link = &(*link)->earlier;
        *link = gone->earlier;
    }
    struct hold **link = &gone->lock->holds;
    while (*link != gone)
        link = &(*link)->other;
    *link = gone->other;
    free(gone);
}

static void disown(struct hold *hold)
{
    struct hold **link = &hold->owner->holds;
    while (*link != hold)
        link = &(*link)->earlier;
    *link = hold->earlier;
    hold->owner = NULL;
}

static bool is_exclusive(enum im_lock_mode mode)
{
    return mode == IM_LOCK_EXCLUSIVE || mode == IM_LOCK_REENTRANT;
}

static unsigned kind_of(enum im_lock_mode held, enum im_lock_mode waits)
{
    return (is_exclusive(held) ? 0 : SHARED) | (waits == IM_LOCK_SHARED_RECURSIVE ? RECURSIVE : 0);
}

/* Whether two threads can hold a lock in these ways at a time. */
static bool may_share(enum im_lock_mode one, enum im_lock_mode two)
{
    return !is_exclusive(one) && !is_exclusive(two) && !(one == IM_LOCK_UPGRADABLE && two == IM_LOCK_UPGRADABLE);
}

/* This thread's latest hold of the lock, of that mode if there is one. */
static struct hold *my_hold(const struct lock *lock, enum im_lock_mode mode)
{
    struct hold *mine = NULL;
    for (struct hold *hold = lock ? lock->holds : NULL; hold; hold = hold->other) {
        if (hold->owner == &me && (!mine || (hold->info.mode == mode && mine->info.mode != mode)))
            mine = hold;
    }
    return mine;
}

/* Somebody got the lock in this way, so who is on record with what does not go with it has released it in plain code. */
static void end_what_cannot_be(struct lock *lock, enum im_lock_mode mode)
{
    for (struct hold *hold = lock->holds, *other; hold; hold = other) {
        other = hold->other;
        bool is_again = hold->owner == &me && mode == IM_LOCK_REENTRANT && hold->info.mode == mode;
        if (!is_again && !may_share(hold->info.mode, mode)) {
            lock->is_mixed |= hold->owner != NULL;
            end_hold(hold);
        }
    }
}

/* Findings */

static const char *verb_of(enum im_lock_mode mode)
{
    return is_exclusive(mode) ? "lock" : "read";
}

static const char *past_of(enum im_lock_mode mode)
{
    return is_exclusive(mode) ? "locked" : "read";
}

static IM_PRINTF(4, 5) void find(struct finding *finding, bool is_danger_only, const struct im_place *here,
                                 const char *format, ...)
{
    finding->is_found = true;
    finding->is_danger_only = is_danger_only;
    finding->here = site_of(here);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->message, sizeof finding->message, format, arguments);
    va_end(arguments);
}

static IM_PRINTF(2, 3) void append(struct finding *finding, const char *format, ...)
{
    size_t used = strlen(finding->message);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->message + used, sizeof finding->message - used, format, arguments);
    va_end(arguments);
}

static IM_PRINTF(4, 5) void add_line(struct finding *finding, const struct im_place *place, long thread,
                                     const char *label, ...)
{
    if (finding->line_count == LINES)
        return;
    char *copy = finding->labels[finding->line_count];
    va_list arguments;
    va_start(arguments, label);
    vsnprintf(copy, LABEL_BYTES, label, arguments);
    va_end(arguments);
    finding->lines[finding->line_count++] = (struct im_panic_line){copy, site_of(place), thread};
}

/* The holds of a lock as lines, the first ones first; `only` those of this thread, or of all. */
static void add_holds(struct finding *finding, const struct hold *hold, const struct thread *only)
{
    if (!hold)
        return;
    add_holds(finding, hold->other, only);
    if (only && hold->owner != only)
        return;
    add_line(finding, hold->info.place, hold->info.thread, "%s", past_of(hold->info.mode));
    finding->total++;
}

/* Tell who is to be told; returns only where the program may go on. */
static void report(const struct finding *finding)
{
    /* Pairs with the release in im_lock_set_handler(). */
    im_panic_handler *handler = im_sync_load(&danger_handler, memory_order_acquire);
    if (!finding->is_danger_only || !handler)
        im_panic_with(finding->here, finding->lines, finding->line_count, finding->total, "%s", finding->message);
    const struct im_panic_info info = {
        .message = finding->message,
        .here = finding->here,
        .before = finding->line_count ? finding->lines[0].site : (struct im_site){NULL, NULL, 0},
        .thread = me.number,
        .lines = finding->lines,
        .line_count = finding->line_count,
        .total = finding->total,
    };
    handler(&info);
}

/* Whether a danger, once told, is to be remembered: if the handler jumps out or ends the program, it is not settled. */
static bool will_go_on(void)
{
    /* Relaxed: nothing is read through it. */
    return im_sync_load(&danger_handler, memory_order_relaxed) != NULL;
}

static size_t length_of(const struct visit *way)
{
    size_t length = 0;
    for (; way->by; way = way->before)
        length++;
    return length;
}

/* A: what is waited for; the way leads from it to what is held. */
static void find_circle(struct finding *finding, const struct hold *held, const struct visit *way,
                        const struct im_place *here, const char *verb)
{
    enum { LONGEST = (LINES - 1) / 2 };
    const struct step *steps[LONGEST];
    size_t length = length_of(way);
    size_t shown = length < LONGEST ? length : LONGEST, number = length;
    for (const struct visit *at = way; at->by; at = at->before) {
        if (--number < LONGEST)
            steps[number] = at->by;
    }

    find(finding, true, here, "cannot %s `%s` (A) while `%s` (%c) is held: the order was", verb, name_of(here),
         name_of(held->info.place), (char)('A' + shown));
    for (size_t i = 0; i < shown; i++)
        append(finding, "%s %c before %c", i ? "," : "", (char)('A' + i), (char)('B' + i));
    if (shown < length)
        append(finding, ", and on over %zu more", length - shown);
    add_line(finding, held->info.place, held->info.thread, "%c held", (char)('A' + shown));
    for (size_t i = 0; i < shown; i++) {
        add_line(finding, steps[i]->held, steps[i]->thread, "%c held", (char)('A' + i));
        add_line(finding, steps[i]->locked, steps[i]->thread, "then %c", (char)('B' + i));
    }
}

/* Whether the lock may be waited for behind that one, though both are of one class and level. */
static bool may_nest(const struct hold *held, const struct lock *lock, const struct node *node, unsigned kind)
{
    if (held->node != node)
        return false;
    bool is_ascending = (uintptr_t)held->lock->address < (uintptr_t)lock->address;
    return (node->class->by_address && is_ascending) || kind == (SHARED | RECURSIVE);
}

static void find_same_class(struct finding *finding, const struct hold *held, const struct im_place *here,
                            const char *verb)
{
    const struct im_lock_class *class = held->node->class;
    find(finding, true, here, "cannot %s `%s` while `%s` is held: both are of class `%s`, level %u%s", verb,
         name_of(here), name_of(held->info.place), class->name, held->node->level,
         class->by_address ? ", and this one has the lower address" : "");
    add_line(finding, held->info.place, held->info.thread, "held");
}

/* Waiting for a lock behind everything that this thread holds: the worst danger in it, or else it is remembered. */
static void check_order(struct finding *finding, struct lock *lock, struct node *node, enum im_lock_mode mode,
                        const struct im_place *here, const char *verb)
{
    const struct hold *worst = NULL;
    size_t shortest = SIZE_MAX;
    for (const struct hold *held = me.holds; held; held = held->earlier) {
        unsigned kind = kind_of(held->info.mode, mode);
        if (held->lock == lock || has_edge(held->node, node, kind) || may_nest(held, lock, node, kind))
            continue;
        const struct visit *way = find_way(node, held->node, kind);
        if (!way) {
            add_edge(held->node, node, kind, (struct step){held->info.place, here, me.number});
        } else if (length_of(way) < shortest) {
            shortest = length_of(way);
            worst = held;
        }
    }
    if (!worst)
        return;
    unsigned kind = kind_of(worst->info.mode, mode);
    if (worst->node == node)
        find_same_class(finding, worst, here, verb);
    else
        find_circle(finding, worst, find_way(node, worst->node, kind), here, verb);
    if (will_go_on())
        add_edge(worst->node, node, kind, (struct step){worst->info.place, here, me.number});
}

/* Whether this thread would wait for itself, or for a writer who waits for it. */
static void check_self(struct finding *finding, struct lock *lock, enum im_lock_mode mode, const struct im_place *here)
{
    bool is_mine = false, may_wait_for_me = false;
    for (const struct hold *hold = lock->holds; hold; hold = hold->other) {
        is_mine |= hold->owner == &me;
        may_wait_for_me |= hold->owner == &me && !may_share(hold->info.mode, mode);
    }
    if (may_wait_for_me) {
        find(finding, false, here, "cannot %s `%s`: this thread has it already, and would wait for itself",
             verb_of(mode), name_of(here));
        add_holds(finding, lock->holds, &me);
    } else if (is_mine && mode != IM_LOCK_SHARED_RECURSIVE && !lock->is_repeat_known) {
        find(finding, true, here,
             "cannot read `%s` again: a writer that comes in between waits for this thread, and it for "
             "the writer",
             name_of(here));
        add_holds(finding, lock->holds, &me);
        lock->is_repeat_known = will_go_on();
    }
}

/* The hooks */

static void begin_wait(struct lock *lock, enum im_lock_mode mode, const struct im_place *place)
{
    bool is_contended = false;
    for (const struct hold *hold = lock->holds; hold; hold = hold->other)
        is_contended |= hold->owner != &me && !may_share(hold->info.mode, mode);
    lock->stats.contended += is_contended;
    me.waits_for = lock->address;
    me.waits_at = place;
    me.waits_since_ns = im_sync_now_ns();
}

static void end_wait(struct lock *lock, uint64_t now_ns)
{
    if (me.waits_for != lock->address)
        return;
    uint64_t wait_ns = now_ns - me.waits_since_ns;
    lock->stats.wait_ns += wait_ns;
    if (wait_ns >= lock->stats.longest_wait_ns) {
        lock->stats.longest_wait_ns = wait_ns;
        lock->stats.longest_wait = me.waits_at;
    }
    me.waits_for = NULL;
}

typedef void inspector(struct finding *finding, struct lock *lock, enum im_lock_mode mode, const struct im_place *here);

static void inspect_acquisition(struct finding *finding, struct lock *lock, enum im_lock_mode mode,
                                const struct im_place *here)
{
    const struct hold *mine = my_hold(lock, mode);
    if (mode == IM_LOCK_REENTRANT && mine && mine->info.mode == mode)
        return;
    check_self(finding, lock, mode, here);
    if (!finding->is_found)
        check_order(finding, lock, node_for(lock), mode, here, verb_of(mode));
}

static void inspect_upgrade(struct finding *finding, struct lock *lock, enum im_lock_mode mode,
                            const struct im_place *here)
{
    const struct hold *mine = my_hold(lock, IM_LOCK_UPGRADABLE);
    for (const struct hold *hold = lock->holds; hold; hold = hold->other) {
        if (hold->owner == &me && hold != mine)
            add_line(finding, hold->info.place, hold->info.thread, "%s", past_of(hold->info.mode));
    }
    if (finding->line_count)
        find(finding, false, here, "cannot upgrade `%s`: this thread reads it as well, and would wait for itself",
             name_of(here));
    else
        check_order(finding, lock, mine ? mine->node : lock->node, mode, here, "upgrade");
}

static void check_wait(const void *address, enum im_lock_mode mode, const struct im_place *place, inspector *inspect)
{
    struct finding finding = {0};
    if (!enter())
        return;
    struct lock *lock = lock_at(address, place);
    if (lock)
        inspect(&finding, lock, mode, place);
    if (lock && (!finding.is_found || will_go_on()))
        begin_wait(lock, mode, place);
    unlock_guard();
    if (finding.is_found)
        report(&finding);
}

void im_lock_checked_waiting(const void *lock, enum im_lock_mode mode, const struct im_place *place)
{
    im_checked_reached(lock, place);
    check_wait(lock, mode, place, inspect_acquisition);
}

void im_lock_checked_upgrading(const void *lock, const struct im_place *place)
{
    check_wait(lock, IM_LOCK_EXCLUSIVE, place, inspect_upgrade);
}

void im_lock_checked_acquired(const void *address, enum im_lock_mode mode, bool tried, const struct im_place *place)
{
    (void)tried; /* a try has not called waiting(): that is all there is to it */
    struct hold *hold = malloc(sizeof *hold);
    if (!enter()) {
        free(hold);
        return;
    }
    struct lock *lock = lock_at(address, place);
    if (lock) {
        uint64_t now_ns = im_sync_now_ns();
        end_wait(lock, now_ns);
        end_what_cannot_be(lock, mode);
        lock->stats.acquired++;
        if (hold) {
            *hold = (struct hold){me.holds, lock->holds, &me, lock, node_for(lock), {place, me.number, mode}, now_ns};
            me.holds = lock->holds = hold;
        }
    }
    has_gaps |= !hold;
    if (me.leveled == address)
        me.leveled = NULL;
    unlock_guard();
    if (!lock)
        free(hold);
}

static void count_hold(struct lock *lock, const struct hold *hold)
{
    uint64_t hold_ns = im_sync_now_ns() - hold->since_ns;
    lock->stats.hold_ns += hold_ns;
    if (hold_ns >= lock->stats.longest_hold_ns) {
        lock->stats.longest_hold_ns = hold_ns;
        lock->stats.longest_hold = hold->info.place;
    }
}

/* A release by a thread that has no hold on record. */
static void release_unknown(struct finding *finding, struct lock *lock, const struct im_place *here)
{
    for (struct hold *hold = lock->holds; hold; hold = hold->other) {
        if (!hold->owner) {
            end_hold(hold); /* leaked: whoever releases it does so for all */
            return;
        }
    }
    if (!lock->holds)
        lock->is_mixed = true; /* it was locked in plain code */
    if (!lock->holds || lock->is_mixed || has_gaps)
        return;
    find(finding, false, here, "cannot unlock `%s`: not this thread has it, but another one", name_of(here));
    add_holds(finding, lock->holds, NULL);
}

void im_lock_checked_released(const void *address, enum im_lock_mode mode, const struct im_place *place)
{
    struct finding finding = {0};
    im_checked_reached(address, place);
    if (!enter())
        return;
    struct lock *lock = *link_to(address);
    struct hold *mine = my_hold(lock, mode);
    if (mine) {
        count_hold(lock, mine);
        end_hold(mine);
    } else if (lock) {
        release_unknown(&finding, lock, place);
    }
    unlock_guard();
    if (finding.is_found)
        report(&finding);
}

static bool is_held(const struct lock *lock)
{
    for (const struct hold *hold = lock->holds; hold; hold = hold->other) {
        if (hold->owner)
            return true;
    }
    return false;
}

static void forget_lock(struct lock *lock)
{
    while (lock->holds)
        end_hold(lock->holds);
    *link_to(lock->address) = lock->next;
    remove_edges(&lock->own);
    free(lock);
}

/* Forget the lock, or find out why that cannot be. */
static void end_lock(struct finding *finding, struct lock *lock, const char *verb, const char *name,
                     const struct im_place *here)
{
    if (is_held(lock)) {
        find(finding, false, here, "cannot %s `%s`: it is locked", verb, name);
        add_holds(finding, lock->holds, NULL);
    } else if (lock->waiters) {
        find(finding, false, here, "cannot %s `%s`: somebody waits there", verb, name);
        add_line(finding, lock->waiter.place, lock->waiter.thread, "waiting");
    } else {
        forget_lock(lock);
    }
}

void im_lock_checked_destroyed(const void *address, const struct im_place *place)
{
    struct finding finding = {0};
    if (!enter())
        return;
    struct lock *lock = *link_to(address);
    if (lock)
        end_lock(&finding, lock, "destroy", name_of(place), place);
    unlock_guard();
    if (finding.is_found)
        report(&finding);
}

void im_lock_checked_ended(const void *address)
{
    if (!enter())
        return;
    struct lock *lock = *link_to(address);
    if (lock)
        forget_lock(lock);
    unlock_guard();
}

void im__lock_forget(const void *memory, size_t bytes, const struct im_place *place)
{
    struct finding finding = {0};
    const size_t granules = bytes / GRANULE_BYTES + 2;
    if (!enter())
        return;
    for (size_t i = 0; i < (granules < BUCKETS ? granules : BUCKETS); i++) {
        struct lock *lock = granules < BUCKETS ? *list_of(granule_of(memory) + i) : locks[i], *next;
        for (; lock && !finding.is_found; lock = next) {
            next = lock->next;
            if (is_within(lock, memory, bytes))
                end_lock(&finding, lock, "forget", lock->expression ? lock->expression : "?", place);
        }
    }
    unlock_guard();
    if (finding.is_found)
        report(&finding);
}

/* A lock that is in no list has moved: whatever is on record at its new address has ended there. */
static void put_lock(struct lock *lock, const void *to)
{
    struct lock *gone = *link_to(to);
    if (gone)
        forget_lock(gone);
    struct lock **link = link_to(to);
    lock->address = to;
    lock->next = *link;
    *link = lock;
}

void im__lock_moved(const void *from, const void *to, size_t bytes)
{
    struct lock *moved = NULL, *next;
    if (!enter())
        return;
    /* All are taken out before any is put back: the two pieces of memory may overlap. */
    for (size_t i = 0; i < bytes / GRANULE_BYTES + 2; i++) {
        struct lock **link = list_of(granule_of(from) + i);
        for (struct lock *lock; (lock = *link) != NULL;) {
            if (!is_within(lock, from, bytes) || is_held(lock)) {
                link = &lock->next;
                continue;
            }
            *link = lock->next;
            lock->next = moved;
            moved = lock;
        }
    }
    for (; moved; moved = next) {
        next = moved->next;
        put_lock(moved, (const char *)to + ((const char *)moved->address - (const char *)from));
    }
    unlock_guard();
}

static void forget_memory(const void *memory, size_t bytes)
{
    static const struct im_place nowhere;
    im__lock_forget(memory, bytes, &nowhere);
}

void im_lock_checked_convert(const void *address, enum im_lock_mode from, enum im_lock_mode to,
                             const struct im_place *place)
{
    im_checked_reached(address, place); /* otherwise it is held since it was locked */
    if (!enter())
        return;
    struct lock *lock = *link_to(address);
    struct hold *mine = my_hold(lock, from);
    if (mine) {
        end_wait(lock, im_sync_now_ns());
        mine->info.mode = to;
    }
    unlock_guard();
}

void im_lock_checked_leaked(const void *address, enum im_lock_mode mode, const struct im_place *place)
{
    (void)place;
    if (!enter())
        return;
    struct hold *mine = my_hold(*link_to(address), mode);
    if (mine)
        disown(mine);
    unlock_guard();
}

void im_lock_checked_seen_free(const void *address)
{
    if (!enter())
        return;
    struct lock *lock = *link_to(address);
    for (struct hold *mine; (mine = my_hold(lock, IM_LOCK_EXCLUSIVE)) != NULL;) {
        lock->is_mixed = true;
        end_hold(mine);
    }
    unlock_guard();
}

bool im_lock_checked_is_mine(const void *address)
{
    if (!enter())
        return false;
    bool is_mine = my_hold(*link_to(address), IM_LOCK_EXCLUSIVE) != NULL;
    unlock_guard();
    return is_mine;
}

void im_lock_checked_assert_mine(const void *address, const struct im_place *place)
{
    struct finding finding = {0};
    im_checked_reached(address, place);
    if (!enter())
        return;
    const struct lock *lock = *link_to(address);
    if (!my_hold(lock, IM_LOCK_EXCLUSIVE) && !has_gaps && !(lock && lock->is_mixed)) {
        find(&finding, false, place, "this thread does not hold `%s`", name_of(place));
        if (lock)
            add_holds(&finding, lock->holds, NULL);
    }
    unlock_guard();
    if (finding.is_found)
        report(&finding);
}

void im_lock_checked_condvar_wait(const void *condvar, const void *lock, const struct im_place *place)
{
    struct finding finding = {0};
    im_checked_reached(condvar, place);
    if (!enter())
        return;
    struct lock *at = lock_at(condvar, place);
    if (at && at->waiters && at->waiters_lock != lock) {
        find(&finding, false, place, "cannot wait `%s`: others wait there with another mutex", name_of(place));
        add_line(&finding, at->waiter.place, at->waiter.thread, "waiting");
    } else if (at) {
        at->waiters++;
        at->waiters_lock = lock;
        at->waiter = (struct im_lock_hold){place, me.number, IM_LOCK_EXCLUSIVE};
    }
    unlock_guard();
    if (finding.is_found)
        report(&finding);
}

void im_lock_checked_condvar_woken(const void *condvar)
{
    if (!enter())
        return;
    struct lock *at = *link_to(condvar);
    if (at && at->waiters)
        at->waiters--;
    unlock_guard();
}

/* The end of a thread */

static void add_holds_of_thread(struct finding *finding, const struct hold *hold)
{
    if (!hold)
        return;
    add_holds_of_thread(finding, hold->earlier);
    add_line(finding, hold->info.place, hold->info.thread, "%s", past_of(hold->info.mode));
    finding->total++;
}

/* A destructor of thread-specific data. Those of others may still release locks, so it looks at the holds in the last round. */
static void thread_ends(void *thread)
{
    struct finding finding = {0};
    me.rounds++;
    if (me.holds && me.rounds < PTHREAD_DESTRUCTOR_ITERATIONS && pthread_setspecific(thread_key, thread) == 0)
        return;
    lock_guard();
    if (me.holds) {
        find(&finding, true, NULL, "a thread ends and has not unlocked `%s`", name_of(me.holds->info.place));
        add_holds_of_thread(&finding, me.holds);
    }
    while (me.holds)
        disown(me.holds);
    forget_me();
    unlock_guard();
    if (finding.is_found)
        report(&finding);
}

/* What programs call */

static struct im_lock_class *class_of(const char *name, bool by_address)
{
    if (!enter())
        return NULL;
    struct im_lock_class *class = classes;
    while (class && (strcmp(class->name, name) != 0 || class->by_address != by_address))
        class = class->next;
    if (!class && (class = allocate(sizeof *class + strlen(name) + 1)) != NULL) {
        strcpy(class->name, name);
        class->by_address = by_address;
        class->next = classes;
        classes = class;
    }
    unlock_guard();
    return class;
}

const struct im_lock_class *im_lock_class(const char *name)
{
    return class_of(name, false);
}

const struct im_lock_class *im_lock_class_by_address(const char *name)
{
    return class_of(name, true);
}

static struct im_lock_class *find_class(const struct im_lock_class *wanted)
{
    struct im_lock_class *class = classes;
    while (class && class != wanted)
        class = class->next;
    return class;
}

int im__lock_set_class(const void *address, const struct im_lock_class *of, unsigned level)
{
    if (!enter())
        return ENOMEM;
    struct lock *lock = lock_at(address, NULL);
    struct im_lock_class *class = find_class(of);
    struct node *node = !lock ? NULL : class ? level_of(class, level) : &lock->own;
    if (node)
        lock->node = node;
    unlock_guard();
    return node ? 0 : ENOMEM;
}

void im__lock_at_level(const void *lock, unsigned level)
{
    me.leveled = lock;
    me.level = level;
}

im_panic_handler *im_lock_set_handler(im_panic_handler *handler)
{
    /* acq_rel: what the handler's setter prepared is visible to the thread that reports (acquire in report()). */
    return im_sync_exchange(&danger_handler, handler, memory_order_acq_rel);
}

size_t im_lock_holders(const void *address, struct im_lock_hold *list, size_t capacity)
{
    size_t count = 0, at;
    if (!enter())
        return 0;
    const struct lock *lock = *link_to(address);
    const struct hold *first = lock ? lock->holds : NULL;
    for (const struct hold *hold = first; hold; hold = hold->other)
        count++;
    at = count;
    for (const struct hold *hold = first; hold; hold = hold->other) {
        if (--at < capacity)
            list[at] = hold->info;
    }
    unlock_guard();
    return count;
}

int im_lock_stats(const void *address, struct im_lock_stats *stats)
{
    if (!enter())
        return ENOENT;
    const struct lock *lock = *link_to(address);
    if (lock)
        *stats = lock->stats;
    unlock_guard();
    return lock ? 0 : ENOENT;
}

static IM_PRINTF(1, 2) void say(const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    size_t bytes = length < 0 ? 0 : (size_t)length < sizeof line ? (size_t)length : sizeof line - 1;
    /* There is nobody to tell if it fails. */
    ssize_t written = write(STDERR_FILENO, line, bytes);
    (void)written;
}

static double ms(uint64_t ns)
{
    return (double)ns / 1e6;
}

static void dump_place(const char *what, const struct im_place *place, uint64_t since_ns, uint64_t now_ns)
{
    struct im_site site = site_of(place);
    say("  %s `%s`: %s:%d in %s(), for %.3f ms\n", what, name_of(place), site.file ? site.file : "?", site.line,
        site.function ? site.function : "?", ms(now_ns - since_ns));
}

static void dump_holds(const struct hold *hold, uint64_t now_ns)
{
    if (!hold)
        return;
    dump_holds(hold->earlier, now_ns);
    dump_place(is_exclusive(hold->info.mode) ? "holds" : "reads", hold->info.place, hold->since_ns, now_ns);
}

static void dump_lock(const struct lock *lock)
{
    const struct im_lock_stats *stats = &lock->stats;
    say("lock `%s` at %p: locked %llu times, %llu of them with others in the way\n", lock->expression, lock->address,
        (unsigned long long)stats->acquired, (unsigned long long)stats->contended);
    say("  waited %.3f ms, at most %.3f; held %.3f ms, at most %.3f\n", ms(stats->wait_ns), ms(stats->longest_wait_ns),
        ms(stats->hold_ns), ms(stats->longest_hold_ns));
    for (const struct hold *hold = lock->holds; hold; hold = hold->other) {
        if (!hold->owner)
            say("  left locked by thread %ld\n", hold->info.thread);
    }
}

void im_lock_dump(void)
{
    /* In a debugger the thread that has the guard may stand still: then nothing changes either. */
    enum { TRIES = 100 };
    bool is_locked = false;
    for (int tries = 0; tries < TRIES && !is_locked; tries++) {
        is_locked = im_sync_mutex_try_lock(&guard);
        if (!is_locked)
            im_sync_yield();
    }
    uint64_t now_ns = im_sync_now_ns();
    for (const struct thread *thread = threads; thread; thread = thread->next) {
        if (!thread->holds && !thread->waits_for)
            continue;
        say("thread %ld\n", thread->number);
        dump_holds(thread->holds, now_ns);
        if (thread->waits_for)
            dump_place("waits for", thread->waits_at, thread->waits_since_ns, now_ns);
    }
    for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
        for (const struct lock *lock = locks[bucket]; lock; lock = lock->next) {
            if (lock->expression && lock->stats.acquired)
                dump_lock(lock);
        }
    }
    if (is_locked)
        im_sync_mutex_unlock(&guard);
}
