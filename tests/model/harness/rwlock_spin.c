/* SPDX-License-Identifier: MIT */
/* rwlock.c with one look between the first try and sleeping: gates closed by those who spin, readers announced. */
#include <im_model.h>

#define IM_RWLOCK_LOOKS_NS 1
#define ALL_OF_THEM SOME_OF_THEM
#include "rwlock.c"
