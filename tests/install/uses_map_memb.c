/* SPDX-License-Identifier: MIT */
#define FLAVOUR memb
#define REGISTER(what) urcu_memb_##what##_thread()
#include "uses_map.c"
