/* SPDX-License-Identifier: MIT */
/* What the CPU can do with 16 bytes, and what is done where it cannot do everything. */
#include <intermut/atomic_16.h>

#if IM_ATOMIC_16

#if defined(__x86_64__)

#include <cpuid.h>

/*
 * AVX alone does not say it: the vendor must. These do, of all their CPUs with AVX, for aligned SSE and AVX moves of
 * memory that is cached as usual; so the kernel's support for AVX registers does not matter.
 */
static bool vendor_guarantees_moves(void)
{
    static const char vendors[][13] = {"GenuineIntel", "AuthenticAMD", "HygonGenuine", "CentaurHauls", "  Shanghai  "};
    unsigned leaf, name[3];
    if (!__get_cpuid(0, &leaf, &name[0], &name[2], &name[1]))
        return false;
    for (size_t i = 0; i < sizeof vendors / sizeof *vendors; i++) {
        if (memcmp(name, vendors[i], sizeof name) == 0)
            return true;
    }
    return false;
}

static uint32_t ask_cpu(void)
{
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & bit_CMPXCHG16B))
        return 0;
    return IM_ATOMIC_16_EXCHANGE | ((ecx & bit_AVX) && vendor_guarantees_moves() ? IM_ATOMIC_16_MOVES : 0u);
}

#else

#include <sys/auxv.h>

/* From the kernel's <asm/hwcap.h>, which is not everywhere. */
enum { HAS_LSE = 1 << 8, HAS_LSE2 = 1 << 25 };

static uint32_t ask_cpu(void)
{
    unsigned long capabilities = getauxval(AT_HWCAP);
    return IM_ATOMIC_16_EXCHANGE | (capabilities & HAS_LSE ? IM_ATOMIC_16_LSE : 0u) |
           (capabilities & HAS_LSE2 ? IM_ATOMIC_16_MOVES : 0u);
}

#endif

uint32_t im_atomic_16_find_ways(void)
{
    /* Relaxed: whoever writes it writes the same. */
    uint32_t ways = im_sync_load(&im_atomic_table.ways_of_16, memory_order_relaxed);
    if (ways == 0) {
        ways = ask_cpu() | IM_ATOMIC_16_KNOWN;
        im_sync_store(&im_atomic_table.ways_of_16, ways, memory_order_relaxed);
    }
    return ways;
}

__attribute__((constructor)) static void find_ways_at_start(void)
{
    (void)im_atomic_16_find_ways();
}

void im_raw_atomic_16_load_otherwise(const void *object, void *to, int order)
{
    uint32_t ways = im_atomic_16_find_ways();
    if (ways & IM_ATOMIC_16_MOVES) {
        im_raw_atomic_16_load(object, to, order);
    } else if (ways & IM_ATOMIC_16_EXCHANGE) {
        /* Whatever it finds: a value that is zero is replaced by itself. */
        static const unsigned char zero[16];
        im__atomic_16_exchange_if(im_unsafe_unconst(object), zero, zero, to);
    } else {
        im_raw_atomic_load(im_atomic_stripe_of(object), object, to, 16, 16, order);
    }
}

void im_raw_atomic_16_store_otherwise(void *object, const void *from, int order)
{
    uint32_t ways = im_atomic_16_find_ways();
    if (ways & IM_ATOMIC_16_MOVES) {
        im_raw_atomic_16_store(object, from, order);
    } else if (ways & IM_ATOMIC_16_EXCHANGE) {
        unsigned char old[16];
        im_raw_atomic_16_exchange(object, from, old, order);
    } else {
        im_raw_atomic_store(im_atomic_stripe_of(object), object, from, 16, 16, order);
    }
}

bool im_raw_atomic_16_compare_exchange_otherwise(void *object, const void *expected, const void *desired, void *found,
                                                 int order)
{
    if (im_atomic_16_find_ways() & IM_ATOMIC_16_EXCHANGE)
        return im__atomic_16_exchange_if(object, expected, desired, found);
    return im_raw_atomic_compare_exchange(im_atomic_stripe_of(object), object, expected, desired, found, 16, 16, order);
}

#else

/* ISO C wants something in each file. */
typedef int im__atomic_16_is_in_stripes;

#endif
