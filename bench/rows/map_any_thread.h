/* SPDX-License-Identifier: MIT */
/* For maps that any thread may use without saying so. */
static inline void map_enter(void)
{
}

static inline void map_leave(void)
{
}

static inline void map_quiescent(uint64_t i)
{
    (void)i;
}
