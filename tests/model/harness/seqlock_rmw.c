/* SPDX-License-Identifier: MIT */
/* The seqlock as ThreadSanitizer gets it: without fences. */
#define IM_SEQCOUNT_FENCES 0
#include "seqlock.c"
