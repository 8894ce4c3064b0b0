/* SPDX-License-Identifier: MIT */
#define FLAVOUR qsbr
#define REGISTER(what) urcu_qsbr_##what##_thread()
#include "uses_map.c"
