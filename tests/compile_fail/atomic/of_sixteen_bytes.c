/* SPDX-License-Identifier: MIT */
/* error: atomic: T must have 1, 2, 4 or 8 bytes */
#include <intermut/atomic.h>

#ifdef BROKEN
typedef struct {
    long first, second;
} value;
#else
typedef struct {
    int first, second;
} value;
#endif
typedef im_atomic(value) shared_value;
