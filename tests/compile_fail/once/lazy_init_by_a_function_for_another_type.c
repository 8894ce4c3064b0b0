/* SPDX-License-Identifier: MIT */
/* error gcc: incompatible pointer type */
/* error clang: incompatible function pointer types */
#include <intermut/lazy.h>

typedef im_lazy(int) lazy_number;

#ifdef BROKEN
int init(long *out, void *argument);
#else
int init(int *out, void *argument);
#endif

lazy_number number = IM_LAZY_INIT(init, NULL);
