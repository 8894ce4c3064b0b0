/* SPDX-License-Identifier: MIT */
/*
 * The checked build: read sections, and what was found in them.
 *
 * What find shows of a frozen value is a copy in a pen, some pages of the section's thread. When the section is left, its
 * pens are closed: no access to them is allowed any more, and who tries ends in handle_fault(). They stay closed for as
 * long as CLOSED_SECTIONS others of that thread, then they are used again. A value that changes in place is shown itself,
 * and remembered for late_use.c.
 *
 * One lock protects the list of threads and, of each, its lists of sections and what those have found, which other
 * threads, the stall watch and the handler read. Only the thread itself changes them, so it reads them without; a signal
 * handler that interrupted such a change does not look (im__map_is_busy).
 */
#include <map_internal.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <intermut/map_checked.h>

enum {
    CLOSED_SECTIONS = 64,
    KEY_TEXT_BYTES = 128,
    FIRST_FINDS = 8,
    /* Closed pens of a thread that are kept to be used again. */
    FREE_PENS = 64,
};

struct pen {
    struct pen *next;
    unsigned char *memory;
    size_t bytes, used;
};

struct found {
    const struct im_map_type *type;
    const unsigned char *slot; /* NULL: nothing here */
    unsigned char *copy;       /* of a frozen value; otherwise NULL */
    struct im_map_key_bytes key;
};

struct section {
    struct section *next;
    const struct im_raw_map *map;
    const struct im_map_type *type;
    struct im_site site;
    uint64_t opened_ns;
    struct found *found;    /* by hash of the slot, in the first free place from there on */
    size_t count, capacity; /* of which it uses half at most; a power of two, or 0 */
    struct pen *pens;
    unsigned unrecorded; /* sections of the same map inside of this one for which there was no memory */
    bool forgets;        /* nor for all that it found */
    bool is_walk;        /* growth does not wait for it */
};

struct reader {
    struct reader *next, **link;
    long thread;
    struct section *open; /* the latest first */
    unsigned open_count;
    struct section *closed[CLOSED_SECTIONS];
    unsigned next_closed;
    struct pen *free; /* of one page, closed */
    unsigned free_count;
};

static struct im_sync_mutex lock;
static struct reader *readers;
static bool is_ready;
static pthread_key_t end_of_thread;
static struct sigaction handler_before;

static __thread struct reader *me;
__thread unsigned im__map_is_busy;

static void enter(void)
{
    im__map_is_busy++;
    im_sync_mutex_lock(&lock);
}

static void leave(void)
{
    im_sync_mutex_unlock(&lock);
    im__map_is_busy--;
}

/* ---- Pens ---- */

static void allow(const struct pen *pen, int access)
{
    /* It may fail when the kernel has no more areas for us: then less is noticed. */
    int error = mprotect(pen->memory, pen->bytes, access);
    (void)error;
}

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static struct pen *pen_new(size_t bytes)
{
    const size_t page = page_bytes();
    struct pen *pen = malloc(sizeof *pen);
    bytes = (bytes + page - 1) / page * page;
    void *memory = pen ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : MAP_FAILED;
    if (memory == MAP_FAILED) {
        free(pen);
        return NULL;
    }
    *pen = (struct pen){NULL, memory, bytes, 0};
    return pen;
}

static void pen_end(struct pen *pen)
{
    munmap(pen->memory, pen->bytes);
    free(pen);
}

/* A pen with so much room, which is the section's then. NULL: no memory. */
static struct pen *pen_open(struct reader *reader, size_t bytes)
{
    struct pen *pen = reader->free;
    if (!pen || bytes > pen->bytes)
        return pen_new(bytes);
    reader->free = pen->next;
    reader->free_count--;
    pen->used = 0;
    allow(pen, PROT_READ | PROT_WRITE);
    return pen;
}

/* ---- What a section found ---- */

/* Where a slot is, or would be. */
static struct found *place_of(struct found *places, size_t capacity, const void *slot)
{
    /* Fibonacci hashing: the upper bits of the product depend on all lower ones of the address. */
    size_t at = (size_t)((uint64_t)(uintptr_t)slot * 0x9e3779b97f4a7c15u >> 32) & (capacity - 1);
    while (places[at].slot && places[at].slot != slot)
        at = (at + 1) & (capacity - 1);
    return &places[at];
}

static const struct found *find_found(const struct section *section, const void *slot)
{
    const struct found *found = section->capacity ? place_of(section->found, section->capacity, slot) : NULL;
    return found && found->slot ? found : NULL;
}

static bool has_room_to_remember(struct section *section)
{
    if (section->count < section->capacity / 2)
        return true;
    const size_t capacity = section->capacity ? 2 * section->capacity : FIRST_FINDS;
    struct found *larger = calloc(capacity, sizeof *larger);
    if (!larger)
        return false;
    for (size_t i = 0; i < section->capacity; i++) {
        if (section->found[i].slot)
            *place_of(larger, capacity, section->found[i].slot) = section->found[i];
    }
    free(section->found);
    section->found = larger;
    section->capacity = capacity;
    return true;
}

/* False: no memory. */
static bool remember(struct section *section, const struct found *found)
{
    enter();
    const bool has_room = has_room_to_remember(section);
    if (has_room) {
        *place_of(section->found, section->capacity, found->slot) = *found;
        section->count++;
    } else {
        section->forgets = true;
    }
    leave();
    return has_room;
}

/* ---- Sections ---- */

/* The pens are not the section's any more: those of one page are used again, but stay closed until then. */
static void give_pens_back(struct reader *reader, struct section *section)
{
    for (struct pen *pen = section->pens, *next; pen; pen = next) {
        next = pen->next;
        if (pen->bytes > page_bytes() || reader->free_count == FREE_PENS) {
            pen_end(pen);
            continue;
        }
        pen->next = reader->free;
        reader->free = pen;
        reader->free_count++;
    }
}

static void section_end(struct reader *reader, struct section *section)
{
    if (!section)
        return;
    give_pens_back(reader, section);
    free(section->found);
    free(section);
}

static void close_pens(const struct section *section)
{
    for (const struct pen *pen = section->pens; pen; pen = pen->next)
        allow(pen, PROT_NONE);
}

static void compare_found(const struct section *section, long thread)
{
    const struct im_panic_line line = {"found", section->site, thread};
    for (size_t i = 0; i < section->capacity; i++) {
        const struct found *found = &section->found[i];
        if (found->copy)
            im__map_refuse_change(section->map, found->type, found->slot, found->copy,
                                  "at the end of the section that found it", section->site.file ? &line : NULL);
    }
}

/* ---- Threads ---- */

static void reader_end(void *ending)
{
    struct reader *reader = ending;
    enter();
    *reader->link = reader->next;
    if (reader->next)
        reader->next->link = reader->link;
    me = NULL;
    leave();
    for (struct section *section = reader->open, *next; section; section = next) {
        next = section->next;
        section_end(reader, section);
    }
    for (unsigned i = 0; i < CLOSED_SECTIONS; i++)
        section_end(reader, reader->closed[i]);
    for (struct pen *pen = reader->free, *next; pen; pen = next) {
        next = pen->next;
        pen_end(pen);
    }
    free(reader);
}

/* In the child there is this thread only. */
static void forget_the_others(void)
{
    readers = me;
    if (me) {
        me->next = NULL;
        me->link = &readers;
        me->thread = im_sync_thread_number();
    }
    leave();
}

/* The closed section that an address lies in, and whose it is. */
static const struct section *section_at(const unsigned char *address, const struct reader **whose)
{
    for (const struct reader *reader = readers; reader; reader = reader->next) {
        for (unsigned i = 0; i < CLOSED_SECTIONS; i++) {
            const struct section *section = reader->closed[i];
            for (const struct pen *pen = section ? section->pens : NULL; pen; pen = pen->next) {
                if (address < pen->memory || address >= pen->memory + pen->bytes)
                    continue;
                *whose = reader;
                return section;
            }
        }
    }
    return NULL;
}

/* What was found there; NULL when it is between two. */
static const struct found *found_at(const struct section *section, const unsigned char *address)
{
    for (size_t i = 0; i < section->capacity; i++) {
        const struct found *found = &section->found[i];
        if (found->copy && address >= found->copy && address < found->copy + found->type->slot_bytes)
            return found;
    }
    return NULL;
}

static void say_used_after_section(const unsigned char *address)
{
    const struct reader *reader;
    if (!im_sync_mutex_try_lock(&lock))
        return;
    const struct section *section = section_at(address, &reader);
    const struct found *found = section ? found_at(section, address) : NULL;
    char key[KEY_TEXT_BYTES];
    struct im_panic_line line;
    if (found) {
        for (const struct pen *pen = section->pens; pen; pen = pen->next)
            allow(pen, PROT_READ);
        im__map_print_key(found->type->check, found->copy, key, sizeof key);
        line = (struct im_panic_line){"found", section->site, reader->thread};
    }
    im_sync_mutex_unlock(&lock);
    if (found)
        im_panic_with((struct im_site){0}, &line, section->site.file ? 1 : 0, 0,
                      "map: the value of key %s in %s is used after the read section in which it was found", key,
                      found->type->name);
}

static void handle_fault(int signal, siginfo_t *info, void *context)
{
    say_used_after_section(info->si_addr);
    if (handler_before.sa_flags & SA_SIGINFO) {
        handler_before.sa_sigaction(signal, info, context);
    } else if (handler_before.sa_handler != SIG_DFL && handler_before.sa_handler != SIG_IGN) {
        handler_before.sa_handler(signal);
    } else {
        /* When this returns, it happens again. */
        sigaction(SIGSEGV, &handler_before, NULL);
    }
}

/* Under the lock. */
static void watch_forks(void)
{
    static bool is_watching;
    if (!is_watching)
        im_sync_at_fork(enter, leave, forget_the_others);
    is_watching = true;
}

void im__map_sections_watch_forks(void)
{
    enter();
    watch_forks();
    leave();
}

/* Under the lock. */
static bool prepare(void)
{
    struct sigaction handler = {.sa_sigaction = handle_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    if (is_ready)
        return true;
    if (pthread_key_create(&end_of_thread, reader_end))
        return false;
    sigemptyset(&handler.sa_mask);
    sigaction(SIGSEGV, &handler, &handler_before);
    watch_forks();
    return is_ready = true;
}

static struct reader *this_reader(void)
{
    if (me)
        return me;
    struct reader *reader = malloc(sizeof *reader);
    enter();
    if (reader && prepare() && pthread_setspecific(end_of_thread, reader) == 0) {
        *reader = (struct reader){.next = readers, .link = &readers, .thread = im_sync_thread_number()};
        if (readers)
            readers->link = &reader->next;
        readers = me = reader;
    }
    leave();
    if (me != reader)
        free(reader);
    return me;
}

/* ---- What the template tells ---- */

static struct section **latest_of(struct reader *reader, const struct im_raw_map *map)
{
    struct section **link = &reader->open;
    while (*link && (*link)->map != map)
        link = &(*link)->next;
    return link;
}

static void open_section(const struct im_raw_map *map, const struct im_map_type *type, struct im_site site,
                         bool is_walk)
{
    struct reader *reader = this_reader();
    if (!reader)
        return;
    struct section *section = malloc(sizeof *section);
    struct section *outer = section ? NULL : *latest_of(reader, map);
    if (section)
        *section =
            (struct section){.map = map, .type = type, .site = site, .opened_ns = im_sync_now_ns(), .is_walk = is_walk};
    enter();
    if (section) {
        section->next = reader->open;
        reader->open = section;
        reader->open_count++;
    } else if (outer) {
        /* It is left before that one is. */
        outer->unrecorded++;
    }
    leave();
}

void im_map_section_opened(const struct im_raw_map *map, const struct im_map_type *type, struct im_site site)
{
    open_section(map, type, site, false);
}

void im_map_walk_opened(const struct im_raw_map *map, const struct im_map_type *type)
{
    open_section(map, type, (struct im_site){0}, true);
}

void im_map_section_left(const struct im_raw_map *map)
{
    struct reader *reader = me;
    struct section **link = reader ? latest_of(reader, map) : NULL;
    if (!link || !*link)
        return;
    struct section *section = *link;
    if (section->unrecorded) {
        section->unrecorded--;
        return;
    }
    compare_found(section, reader->thread);
    close_pens(section);

    struct section *gone = section;
    enter();
    *link = section->next;
    reader->open_count--;
    if (section->count) {
        gone = reader->closed[reader->next_closed];
        reader->closed[reader->next_closed] = section;
        reader->next_closed = (reader->next_closed + 1) % CLOSED_SECTIONS;
    }
    leave();
    section_end(reader, gone);
}

static unsigned char *room_for(struct section *section, struct reader *reader, const struct im_map_type *type)
{
    struct pen *pen = section->pens;
    size_t at = pen ? (pen->used + type->slot_alignment - 1) / type->slot_alignment * type->slot_alignment : 0;
    if (!pen || at > pen->bytes || pen->bytes - at < type->slot_bytes) {
        pen = pen_open(reader, type->slot_bytes);
        if (!pen)
            return NULL;
        at = 0;
        pen->next = section->pens;
        section->pens = pen;
    }
    pen->used = at + type->slot_bytes;
    return pen->memory + at;
}

/* The copy that this section shows of a slot; the slot itself when there is no memory for one. */
static const void *copy_for(struct section *section, struct reader *reader, const struct im_map_type *type,
                            const void *slot)
{
    const struct found *before = find_found(section, slot);
    if (before)
        return before->copy;
    unsigned char *copy = type->slot_alignment <= page_bytes() ? room_for(section, reader, type) : NULL;
    if (!copy)
        return slot;
    memcpy(copy, slot, type->slot_bytes);
    const struct found found = {.type = type, .slot = slot, .copy = copy};
    return remember(section, &found) ? copy : slot;
}

static void remember_in_place(struct section *section, const struct im_map_type *type, const void *slot)
{
    const struct found found = {.type = type, .slot = slot, .key = im__map_key_bytes(type, slot)};
    if (!find_found(section, slot))
        (void)remember(section, &found);
}

const void *im_map_section_finds(const struct im_raw_map *map, const struct im_map_type *type, const void *slot,
                                 bool in_section)
{
    struct reader *reader = me;
    struct section *section = reader ? *latest_of(reader, map) : NULL;
    if (!section && !in_section)
        im_panic((struct im_site){0}, (struct im_site){0},
                 "map: %s_find outside of any read section: what it finds may end at any time", type->name);
    if (!section || !slot || !type->check)
        return slot;
    if (!type->changes_in_place)
        return copy_for(section, reader, type, slot);
    remember_in_place(section, type, slot);
    return slot;
}

/* ---- What late_use.c and the stall watch ask ---- */

/* Whether growth waits for what was found there: the walk may be inside of a section of the same map that began before. */
static bool keeps_values(const struct section *found_in)
{
    for (const struct section *section = found_in; section; section = section->next) {
        if (section->map == found_in->map && !section->is_walk)
            return true;
    }
    return false;
}

/* Whether a section of this thread shows the slot, or may do so. */
static bool is_shown_here(const struct im_raw_map *map, const struct im_map_type *type, const void *slot)
{
    const struct reader *reader = me;
    const unsigned open = reader ? reader->open_count : 0;
    /* One that plain code opened, or a program by itself, or for which there was no memory. */
    if (*im_sync_sections() > open || (open == 0 && type->rcu->in_section()))
        return true;
    for (const struct section *section = reader ? reader->open : NULL; section; section = section->next) {
        if (section->map == map && (section->forgets || (find_found(section, slot) && keeps_values(section))))
            return true;
    }
    return false;
}

/* In a section, or else in a walk, of whatever thread. */
static bool is_shown_elsewhere(const void *slot, bool *in_walk)
{
    *in_walk = false;
    for (const struct reader *reader = readers; reader; reader = reader->next) {
        for (const struct section *section = reader->open; section; section = section->next) {
            if (!find_found(section, slot))
                continue;
            if (keeps_values(section))
                return true;
            *in_walk = true;
        }
    }
    return false;
}

/* The latest section of a thread that found the slot, of those that were left. */
static const struct section *latest_with(const struct reader *reader, const void *slot)
{
    for (unsigned i = 1; i <= CLOSED_SECTIONS; i++) {
        const struct section *section = reader->closed[(reader->next_closed - i) % CLOSED_SECTIONS];
        if (section && find_found(section, slot))
            return section;
    }
    return NULL;
}

_Static_assert((CLOSED_SECTIONS & (CLOSED_SECTIONS - 1)) == 0, "an index below zero wraps to the last one");

static bool find_closed(const void *slot, struct im_map_late *late)
{
    const struct reader *whose = me;
    const struct section *section = me ? latest_with(me, slot) : NULL;
    for (const struct reader *reader = readers; reader && !section; reader = reader->next) {
        whose = reader;
        section = latest_with(reader, slot);
    }
    if (section)
        *late = (struct im_map_late){find_found(section, slot)->key, section->site, whose->thread};
    return section != NULL;
}

enum im_map_lateness im__map_section_lateness(const struct im_raw_map *map, const struct im_map_type *type,
                                              const void *slot, struct im_map_late *late)
{
    if (is_shown_here(map, type, slot))
        return IM_MAP_IN_TIME;
    const bool is_inside = me && *latest_of(me, map);
    bool in_walk;
    enter();
    const bool is_shown = is_shown_elsewhere(slot, &in_walk);
    const bool was_found = !is_shown && !in_walk && find_closed(slot, late);
    leave();
    if (!is_shown && in_walk)
        return IM_MAP_IN_WALK;
    if (was_found)
        return IM_MAP_AFTER_SECTION;
    /* Plain code may have found it in the section that it is in. */
    return is_shown || is_inside ? IM_MAP_IN_TIME : IM_MAP_OUTSIDE;
}

size_t im__map_readers(const char *flavour, uint64_t before_ns, uint64_t now_ns, struct im_map_reader *list,
                       size_t capacity)
{
    size_t count = 0;
    enter();
    for (const struct reader *reader = readers; reader; reader = reader->next) {
        for (const struct section *section = reader->open; section; section = section->next) {
            if (section->opened_ns > before_ns || strcmp(section->type->rcu->name, flavour) != 0)
                continue;
            const struct im_map_reader one = {section->type->name, section->site, reader->thread,
                                              now_ns - section->opened_ns};
            if (count == capacity && list[count - 1].inside_ns >= one.inside_ns)
                continue;
            size_t at = count < capacity ? count++ : count - 1;
            for (; at > 0 && list[at - 1].inside_ns < one.inside_ns; at--)
                list[at] = list[at - 1];
            list[at] = one;
        }
    }
    leave();
    return count;
}
