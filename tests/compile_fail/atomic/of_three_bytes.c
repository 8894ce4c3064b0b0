/* SPDX-License-Identifier: MIT */
/* error: atomic: T must have 1, 2, 4 or 8 bytes */
#include <intermut/atomic.h>

#ifdef BROKEN
typedef struct {
    char bytes[3];
} value;
#else
typedef struct {
    char bytes[4];
} value;
#endif
typedef im_atomic(value) shared_value;
