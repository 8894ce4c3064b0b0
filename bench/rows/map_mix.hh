// SPDX-License-Identifier: MIT
// The common hash in the forms that C++ maps ask for.
#ifndef INTERMUT_BENCH_MAP_MIX_HH
#define INTERMUT_BENCH_MAP_MIX_HH

#include "bench.h"

struct mix_hash {
    size_t operator()(uint64_t key) const
    {
        return bench_mix(key);
    }
};

#endif
