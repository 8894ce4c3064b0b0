/* SPDX-License-Identifier: MIT */
/*
 * Reading a value that is there, and beside each the same by a published pointer: machine_code.py compares what the
 * compilers make of them.
 */
#include <intermut/lazy.h>
#include <intermut/mut_once.h>
#include <intermut/once.h>
#include <intermut/once_race.h>

typedef im_once(int) int_once;
typedef im_unsync_once(int) unsync_once;
typedef im_lazy(int) int_lazy;
typedef im_once_race(int *) int_race;
typedef im_sync_mut_once(int) open_int;

/* An int that is published by a pointer, and the cold part of whoever makes it. */
struct published {
    const int *pointer;
    int value;
};

int absent(void);
int init(int *out, void *argument);
IM_COLD int pointer_begin(struct published *published);
IM_COLD void pointer_finish(struct published *published);
IM_COLD void pointer_refuse(struct published *published);

int get_once(const int_once *once)
{
    const int *value = im_once_get(once);
    return value ? *value : absent();
}

int get_pointer(const struct published *published)
{
    const int *value = im_sync_load(&published->pointer, memory_order_acquire); /* release: pointer_finish() */
    return value ? *value : absent();
}

int get_unsync(const unsync_once *once)
{
    const int *value = im_once_get(once);
    return value ? *value : absent();
}

int get_plain_pointer(const struct published *published)
{
    return published->pointer ? *published->pointer : absent();
}

int get_race(const int_race *race)
{
    const int *value = im_once_race_get(race);
    return value ? *value : absent();
}

int get_or_init_once(const int_once *once, void *argument)
{
    return *im_once_get_or_init(once, init, argument);
}

void block_once(const int_once *once)
{
    im_once_init(value, once)(void) init(value, NULL);
}

int get_lazy(const int_lazy *lazy)
{
    return *im_lazy_get(lazy);
}

int get_fixed(const open_int *open)
{
    return *im_mut_once_get(open);
}

static inline void make_pointer(struct published *published, void *argument)
{
    int error = pointer_begin(published);
    if (error < 0)
        pointer_refuse(published);
    if (error == 0) {
        (void)init(&published->value, argument);
        pointer_finish(published);
    }
}

int get_or_init_pointer(struct published *published, void *argument)
{
    const int *value = im_sync_load(&published->pointer, memory_order_acquire); /* release: pointer_finish() */
    if (IM_UNLIKELY(!value)) {
        make_pointer(published, argument);
        value = &published->value;
    }
    return *value;
}

void block_pointer(struct published *published)
{
    if (IM_UNLIKELY(!im_sync_load(&published->pointer, memory_order_acquire))) /* release: pointer_finish() */
        make_pointer(published, NULL);
}
