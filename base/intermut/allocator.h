/* SPDX-License-Identifier: MIT */
/**
 * @file allocator.h
 * Where the few types that need memory of their own (the map, owned strings) get it from.
 *
 * A NULL allocator means the C library's. An allocator of your own must outlive what uses it, and may be called from
 * all threads that write to its users, also at the same time.
 */
#ifndef INTERMUT_ALLOCATOR_H
#define INTERMUT_ALLOCATOR_H

#include <stddef.h>

#include <intermut/compiler.h>

struct im_allocator {
    /** Memory of `bytes` bytes (> 0), aligned to `alignment`, a power of two; NULL when there is none. */
    void *(*allocate)(void *context, size_t bytes, size_t alignment);
    /** Give back what allocate() returned, with the same size. */
    void (*release)(void *context, void *memory, size_t bytes);
    void *context;
};

IM_BEGIN_DECLS

/**
 * Allocate from `allocator`, or from the C library when it is NULL. Released by im_release() with the same allocator
 * and size.
 */
void *im_allocate(const struct im_allocator *allocator, size_t bytes, size_t alignment);

/** Release what im_allocate() returned. NULL does nothing. */
void im_release(const struct im_allocator *allocator, void *memory, size_t bytes);

IM_END_DECLS

#endif
