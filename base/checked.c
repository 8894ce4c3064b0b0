/* SPDX-License-Identifier: MIT */
/*
 * A hash table of chains under one lock, from the address of an object to its outstanding borrows. A chain begins with
 * the latest borrow, so borrows that end in the opposite order of their beginning are found at once.
 */
#include <intermut/checked.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <intermut/sync.h>

/* Some thousand borrows at a time are many. A power of two. */
enum { BUCKETS = 1024 };

struct record {
    struct record *next;
    const void *object;
    const void *value;
    struct im_checked_borrow borrow;
};

static struct record *buckets[BUCKETS];
static struct im_sync_mutex lock;

static struct record **bucket_of(const void *object)
{
    /* Fibonacci hashing: the upper bits of the product depend on all lower ones of the address. */
    uint64_t hash = (uint64_t)(uintptr_t)object * 0x9e3779b97f4a7c15u;
    return &buckets[hash >> 54];
}

_Static_assert(BUCKETS == 1 << (64 - 54), "the hash has as many bits as there are buckets");

/* The first record of `object` at or after `record`. */
static struct record *next_of(struct record *record, const void *object)
{
    while (record && record->object != object)
        record = record->next;
    return record;
}

static struct record *first_of(const void *object)
{
    return next_of(*bucket_of(object), object);
}

static void end(struct record *gone)
{
    struct record **link = bucket_of(gone->object);
    while (*link != gone)
        link = &(*link)->next;
    *link = gone->next;
    free(gone);
}

static void end_all(const void *object)
{
    for (struct record *record; (record = first_of(object)) != NULL;)
        end(record);
}

static struct record *foreign_of(const void *object, long thread)
{
    struct record *record = first_of(object);
    while (record && record->borrow.thread == thread)
        record = next_of(record->next, object);
    return record;
}

static struct record *own_of(const void *object, long thread)
{
    struct record *record = first_of(object);
    while (record && record->borrow.thread != thread)
        record = next_of(record->next, object);
    return record;
}

static bool is_same_function(const struct record *record, const struct im_place *place)
{
    return place && strcmp(record->borrow.place->site.function, place->site.function) == 0;
}

/* How well a record fits a release of `value` at `place`. */
static int fit(const struct record *record, const void *value, const struct im_place *place)
{
    return 4 * (record->value == value) + 2 * (record->borrow.thread == im_sync_thread_number()) +
           is_same_function(record, place);
}

/* Whose borrows stand in the way of another one. */
enum refusal { REFUSE_NONE, REFUSE_FOREIGN, REFUSE_ALL };

/* Record a borrow, unless one is in the way: then that one is written to *theirs. */
static bool begin(const void *object, const void *value, const struct im_checked_borrow *borrow, bool alone,
                  enum refusal refusal, struct im_checked_borrow *theirs)
{
    struct record *record = malloc(sizeof *record);

    im_sync_mutex_lock(&lock);
    if (alone)
        end_all(object);
    const struct record *obstacle = refusal == REFUSE_NONE      ? NULL
                                    : refusal == REFUSE_FOREIGN ? foreign_of(object, borrow->thread)
                                                                : first_of(object);
    bool is_refused = obstacle != NULL;
    if (is_refused) {
        *theirs = obstacle->borrow;
    } else if (record) {
        *record = (struct record){*bucket_of(object), object, value, *borrow};
        *bucket_of(object) = record;
    }
    im_sync_mutex_unlock(&lock);

    if (is_refused)
        free(record);
    return !is_refused;
}

void im_checked_borrowed(const void *object, const void *value, bool exclusive, bool alone,
                         const struct im_place *place)
{
    const struct im_checked_borrow borrow = {place, im_sync_thread_number(), exclusive};
    struct im_checked_borrow theirs;
    if (!begin(object, value, &borrow, alone, REFUSE_FOREIGN, &theirs)) {
        const struct im_panic_line line = {"borrowed", theirs.place->site, theirs.thread};
        im_panic_with(place->site, &line, 1, 0, "`%s` is used by thread %ld while thread %ld has borrowed it",
                      place->expression + (place->expression[0] == '&'), borrow.thread, theirs.thread);
    }
}

void im_checked_acquired(const void *object, const void *value, bool exclusive, bool alone,
                         const struct im_place *place)
{
    const struct im_checked_borrow borrow = {place, im_sync_thread_number(), exclusive};
    begin(object, value, &borrow, alone, REFUSE_NONE, NULL);
}

void im_checked_write_begins(const void *object, const char *operation, const struct im_place *place)
{
    const struct im_checked_borrow write = {place, im_sync_thread_number(), true};
    struct im_checked_borrow theirs;
    if (!begin(object, object, &write, false, REFUSE_ALL, &theirs)) {
        const struct im_panic_line line = {"writes", theirs.place->site, theirs.thread};
        im_panic_with(place->site, &line, 1, 0, "cannot %s `%s`: another write is under way", operation,
                      place->expression + (place->expression[0] == '&'));
    }
}

void im_checked_refuse_null(const void *object, const struct im_place *place)
{
    if (!object)
        im_panic(place->site, (struct im_site){0}, "`%s` is a NULL pointer", place->expression);
}

void im_checked_refuse_own(const void *object, const char *operation, const struct im_place *place)
{
    struct im_panic_line line = {"writes", {NULL, NULL, 0}, im_sync_thread_number()};
    im_sync_mutex_lock(&lock);
    const struct record *own = own_of(object, line.thread);
    if (own)
        line.site = own->borrow.place->site;
    im_sync_mutex_unlock(&lock);
    if (line.site.file)
        im_panic_with(place->site, &line, 1, 0, "cannot %s `%s`: it would wait for its own thread", operation,
                      place->expression + (place->expression[0] == '&'));
}

void im_checked_released(const void *object, const void *value, const struct im_place *place)
{
    im_sync_mutex_lock(&lock);
    struct record *best = first_of(object);
    for (struct record *record = best; record; record = next_of(record->next, object)) {
        if (fit(record, value, place) > fit(best, value, place))
            best = record;
    }
    if (best)
        end(best);
    im_sync_mutex_unlock(&lock);
}

void im_checked_moved(const void *object, const void *from, const void *to)
{
    im_sync_mutex_lock(&lock);
    struct record *record = first_of(object);
    while (record && record->value != from)
        record = next_of(record->next, object);
    if (record)
        record->value = to;
    im_sync_mutex_unlock(&lock);
}

void im_checked_forget(const void *object)
{
    im_sync_mutex_lock(&lock);
    end_all(object);
    im_sync_mutex_unlock(&lock);
}

bool im_checked_is_foreign(const void *object)
{
    im_sync_mutex_lock(&lock);
    bool is_foreign = foreign_of(object, im_sync_thread_number()) != NULL;
    im_sync_mutex_unlock(&lock);
    return is_foreign;
}

static size_t count_of(const void *object)
{
    size_t count = 0;
    for (const struct record *record = first_of(object); record; record = next_of(record->next, object))
        count++;
    return count;
}

size_t im_checked_borrows(const void *object, struct im_checked_borrow *list, size_t capacity)
{
    im_sync_mutex_lock(&lock);
    size_t count = count_of(object), at = count;
    for (const struct record *record = first_of(object); record; record = next_of(record->next, object)) {
        at--;
        if (at < capacity)
            list[at] = record->borrow;
    }
    im_sync_mutex_unlock(&lock);
    return count;
}

size_t im_checked_lines(const void *object, const char *label, struct im_panic_line *lines, size_t capacity)
{
    enum { AT_ONCE = 64 };
    struct im_checked_borrow list[AT_ONCE];
    if (capacity > AT_ONCE)
        capacity = AT_ONCE;
    size_t count = im_checked_borrows(object, list, capacity);
    for (size_t i = 0; i < count && i < capacity; i++)
        lines[i] = (struct im_panic_line){i ? NULL : label, list[i].place->site, list[i].thread};
    return count;
}

static int describe(char *line, size_t size, const struct im_checked_borrow *borrow)
{
    const struct im_site *site = &borrow->place->site;
    return snprintf(line, size, "%s:%d in %s()  thread %ld", site->file, site->line, site->function, borrow->thread);
}

size_t im_checked_describe(const void *object, char *text, size_t size)
{
    enum { LISTED = 32, LINE_BYTES = 256, LAST_LINE_BYTES = 48 };
    struct im_checked_borrow list[LISTED];
    size_t count = im_checked_borrows(object, list, LISTED), used = 0, number = 0;

    if (size)
        text[0] = '\0';
    for (; number < count && number < LISTED; number++) {
        char place[LINE_BYTES], line[LINE_BYTES + LAST_LINE_BYTES];
        describe(place, sizeof place, &list[number]);
        int length = snprintf(line, sizeof line, "\n  %-9s %s  (%zu of %zu)", number ? "" : "borrowed:", place,
                              number + 1, count);
        bool is_last = number + 1 == count;
        if (used + (size_t)length + (is_last ? 1 : LAST_LINE_BYTES) > size)
            break;
        memcpy(text + used, line, (size_t)length + 1);
        used += (size_t)length;
    }
    if (number < count && used < size)
        snprintf(text + used, size - used, "\n  and %zu more: im_checked_report()", count - number);
    return count;
}

size_t im_checked_report(void)
{
    size_t count = 0;
    im_sync_mutex_lock(&lock);
    for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
        for (const struct record *record = buckets[bucket]; record; record = record->next) {
            char place[512];
            describe(place, sizeof place, &record->borrow);
            fprintf(stderr, "intermut: `%s` is still %s\n  borrowed: %s\n",
                    record->borrow.place->expression + (record->borrow.place->expression[0] == '&'),
                    record->borrow.exclusive ? "mutably borrowed" : "borrowed", place);
            count++;
        }
    }
    im_sync_mutex_unlock(&lock);
    return count;
}
