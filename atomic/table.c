/* SPDX-License-Identifier: MIT */
/*
 * The table that all atomics of a process share, and what happens to it on fork().
 *
 * It must be one per process: two shared objects that reach one atomic through two tables would not exclude each other.
 * Where the library is a shared one, its symbol is. Where several shared objects have the static library inside, the
 * symbol is STB_GNU_UNIQUE: glibc's dynamic linker takes the first one for all, also across dlopen() with RTLD_LOCAL.
 * C has no word for that, hence the assembly. Two cases remain apart: musl, where such objects are loaded by dlopen()
 * with RTLD_LOCAL; and a program that has the static library inside, and loads objects that have it, too, but does not
 * export the symbol (link it with -rdynamic). There, link the shared library.
 */
#include <pthread.h>

#include <intermut/raw_atomic.h>

#define TABLE_BYTES 20544
_Static_assert(sizeof(struct im_atomic_table) == TABLE_BYTES, "the size below");
_Static_assert(_Alignof(struct im_atomic_table) == IM_CACHE_LINE_BYTES, "the alignment below");

__asm__(".pushsection .bss.im_atomic_table, \"aw\", %nobits\n"
        ".balign " IM_STRING(IM_CACHE_LINE_BYTES) "\n"
                                                  ".globl im_atomic_table\n"
                                                  ".type im_atomic_table, %gnu_unique_object\n"
                                                  ".size im_atomic_table, " IM_STRING(
                                                      TABLE_BYTES) "\n"
                                                                   "im_atomic_table:\n"
                                                                   ".zero " IM_STRING(TABLE_BYTES) "\n"
                                                                                                   ".popsection\n");

/* ---- fork() ---- */

/* What im_raw_seqlock_begin() gave for each stripe. Used between fork handlers only, which run one fork() at a time. */
static uint64_t held[IM_ATOMIC_STRIPES];

/* Nobody else holds more than one stripe, and we take them in order: no deadlock. */
static void take_all_stripes(void)
{
    for (size_t i = 0; i < IM_ATOMIC_STRIPES; i++)
        held[i] = im_raw_seqlock_begin(&im_atomic_table.stripe[i].lock, IM_SEQLOCK_MANY_WRITERS);
}

/* Nothing was stored: readers go on where they were. */
static void release_all_stripes(void)
{
    for (size_t i = 0; i < IM_ATOMIC_STRIPES; i++)
        (im_seqcount_write_abort)(&im_atomic_table.stripe[i].lock.count, held[i]);
}

/* Readers that held writers off, and threads that slept, are not here. */
static void begin_anew(void)
{
    for (size_t i = 0; i < IM_ATOMIC_STRIPES; i++)
        im_sync_store(&im_atomic_table.stripe[i].lock.waiting, 0, memory_order_relaxed);
    for (size_t i = 0; i < IM_ATOMIC_WAIT_QUEUES; i++)
        im_sync_store(&im_atomic_table.queue[i].waiting, 0, memory_order_relaxed);
    release_all_stripes();
}

/* Relaxed: only one of the copies of this code that a process may have is to do it, whichever. */
__attribute__((constructor)) static void install_fork_handlers(void)
{
    if (im_sync_exchange(&im_atomic_table.fork_handlers, 1, memory_order_relaxed) == 0)
        pthread_atfork(take_all_stripes, release_all_stripes, begin_anew);
}

/* ---- The checked build ---- */

void im_raw_atomic_inspect(const void *object, size_t alignment, const struct im_place *place)
{
    const char *name = place->expression + (place->expression[0] == '&');
    if (!object)
        im_panic(place->site, (struct im_site){0}, "atomic: `%s` is a NULL pointer", place->expression);
    if ((uintptr_t)object % alignment != 0)
        im_panic(place->site, (struct im_site){0}, "atomic: `%s` at %p is not aligned to %zu bytes, as its type says",
                 name, object, alignment);
    im_checked_reached(object, place);
}
