/* SPDX-License-Identifier: MIT */
/* uses_map_memb.c and uses_map_qsbr.c include this with another flavour, whose threads register. */
#include <intermut/atomic.h>

#ifndef FLAVOUR
#define FLAVOUR bp
#endif

#define IM_MAP_NAME hit_map
#define IM_MAP_STRING_KEY
#define IM_MAP_ATOMIC_VALUE uint64_t
#define IM_MAP_RCU FLAVOUR
#include <intermut/map.h>

#ifndef REGISTER
#define REGISTER(what) ((void)0)
#endif

enum { WORDS = 1000 };

int main(void)
{
    REGISTER(register);
    hit_map hits = {0};
    for (uint32_t i = 0; i < 2 * WORDS; i++) {
        uint32_t word = i % WORDS;
        im_map_with_or_insert(hit_map, n, &hits, ((struct im_slice){(const char *)&word, sizeof word}), 0)
            im_atomic_fetch_add(n, 1);
    }
    uint64_t found = 0;
    uint32_t word = 7;
    int error = hit_map_get(&hits, (struct im_slice){(const char *)&word, sizeof word}, &found);
    bool right = error == 0 && found == 2 && hit_map_len(&hits) == WORDS;
    hit_map_destroy(&hits);
    REGISTER(unregister);
    return right ? 0 : 1;
}
