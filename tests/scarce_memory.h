/* SPDX-License-Identifier: MIT */
/* A C library that runs out of memory: for sources that are included with its malloc and calloc instead of the true ones. */
#ifndef SCARCE_MEMORY_H
#define SCARCE_MEMORY_H

#include <stdbool.h>
#include <stdlib.h>

/* After so many allocations, bit by bit: 1 fails. Shifted, so that at the end all is well. */
static long allocations_left = -1;
static unsigned long long failures;

static int may_allocate(void)
{
    if (allocations_left != 0) {
        allocations_left--;
        return 1;
    }
    const bool fails = failures & 1;
    failures >>= 1;
    return !fails;
}

static void *scarce_malloc(size_t bytes)
{
    return may_allocate() ? malloc(bytes) : NULL;
}

static void *scarce_calloc(size_t count, size_t bytes)
{
    return may_allocate() ? calloc(count, bytes) : NULL;
}

#endif
