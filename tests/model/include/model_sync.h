/* SPDX-License-Identifier: MIT */
/**
 * @file model_sync.h
 * The model's side of <intermut/sync.h>: each access of the code under test becomes a step of the scheduler.
 */
#ifndef MODEL_SYNC_H
#define MODEL_SYNC_H

#include <stdbool.h>
#include <stdint.h>

/** Where a step is written. */
struct im_model_site {
    const char *file;
    const char *object; /**< the expression it accesses */
    int line;
};

#define IM_MODEL_SITE(text)                                                           \
    (__extension__({                                                                  \
        static const struct im_model_site im_model_here = {__FILE__, text, __LINE__}; \
        &im_model_here;                                                               \
    }))

/** A value of the object's type as the 64 bits that the engine moves, and back. Little-endian. */
#define IM_MODEL_BITS(object, from)              \
    (((union {                                   \
         uint64_t bits;                          \
         __typeof__(*(object)) value;            \
     }){.value = (__typeof__(*(object)))(from)}) \
         .bits)
#define IM_MODEL_VALUE(object, from)        \
    (__extension__({                        \
        union {                             \
            uint64_t bits;                  \
            __typeof__(*(object)) value;    \
        } im_model_word = {.bits = (from)}; \
        im_model_word.value;                \
    }))

enum im_model_rmw {
    IM_MODEL_EXCHANGE,
    IM_MODEL_ADD,
    IM_MODEL_SUB,
    IM_MODEL_AND,
    IM_MODEL_NAND,
    IM_MODEL_OR,
    IM_MODEL_XOR
};

uint64_t im_model_load(const struct im_model_site *site, const volatile void *object, size_t bytes, int order);
void im_model_store(const struct im_model_site *site, volatile void *object, size_t bytes, uint64_t value, int order);
uint64_t im_model_rmw(const struct im_model_site *site, volatile void *object, size_t bytes, enum im_model_rmw how,
                      uint64_t operand, int order);
bool im_model_compare_exchange(const struct im_model_site *site, volatile void *object, size_t bytes, void *expected,
                               uint64_t desired, bool weak, int success, int failure);
void im_model_fence(const struct im_model_site *site, int order);
void im_model_yield(const struct im_model_site *site);
uintptr_t im_model_thread_id(void);
unsigned *im_model_sections(void);
unsigned *im_model_owned(void);

enum { IM_SYNC_NESTING = 8 };
struct im_sync_nesting {
    unsigned depth;
    const void *objects[IM_SYNC_NESTING];
};
struct im_sync_nesting *im_model_nesting(void);

uint64_t im_model_now_ns(void);
int im_model_wait(const struct im_model_site *site, const uint32_t *word, uint32_t expected, uint64_t deadline_ns);
int im_model_wake(const struct im_model_site *site, const uint32_t *word, int count);
int im_model_requeue(const struct im_model_site *site, const uint32_t *word, uint32_t expected, int count,
                     const uint32_t *onto);

/** Zeroed is unlocked; the state itself is in the engine. */
struct im_sync_mutex {
    void *unused;
};

void im_model_mutex_lock(const struct im_model_site *site, struct im_sync_mutex *mutex);
bool im_model_mutex_try_lock(const struct im_model_site *site, struct im_sync_mutex *mutex);
void im_model_mutex_unlock(const struct im_model_site *site, struct im_sync_mutex *mutex);

#define im_sync_load(object, order) \
    IM_MODEL_VALUE(object, im_model_load(IM_MODEL_SITE(#object), object, sizeof *(object), order))
#define im_sync_store(object, value, order) \
    im_model_store(IM_MODEL_SITE(#object), object, sizeof *(object), IM_MODEL_BITS(object, value), order)
#define im_sync_exchange(object, value, order)                                                               \
    IM_MODEL_VALUE(object, im_model_rmw(IM_MODEL_SITE(#object), object, sizeof *(object), IM_MODEL_EXCHANGE, \
                                        IM_MODEL_BITS(object, value), order))
#define IM_MODEL_COMPARE_EXCHANGE(object, expected, desired, weak, success, failure)      \
    im_model_compare_exchange(IM_MODEL_SITE(#object), object, sizeof *(object), expected, \
                              IM_MODEL_BITS(object, desired), weak, success, failure)
#define im_sync_compare_exchange(object, expected, desired, success, failure) \
    IM_MODEL_COMPARE_EXCHANGE(object, expected, desired, false, success, failure)
#define im_sync_compare_exchange_weak(object, expected, desired, success, failure) \
    IM_MODEL_COMPARE_EXCHANGE(object, expected, desired, true, success, failure)
#define IM_MODEL_FETCH(object, how, operand, order) \
    IM_MODEL_VALUE(object,                          \
                   im_model_rmw(IM_MODEL_SITE(#object), object, sizeof *(object), how, (uint64_t)(operand), order))
#define im_sync_fetch_add(object, operand, order) IM_MODEL_FETCH(object, IM_MODEL_ADD, operand, order)
#define im_sync_fetch_sub(object, operand, order) IM_MODEL_FETCH(object, IM_MODEL_SUB, operand, order)
#define im_sync_fetch_and(object, operand, order) IM_MODEL_FETCH(object, IM_MODEL_AND, operand, order)
#define im_sync_fetch_nand(object, operand, order) IM_MODEL_FETCH(object, IM_MODEL_NAND, operand, order)
#define im_sync_fetch_or(object, operand, order) IM_MODEL_FETCH(object, IM_MODEL_OR, operand, order)
#define im_sync_fetch_xor(object, operand, order) IM_MODEL_FETCH(object, IM_MODEL_XOR, operand, order)
#define im_sync_fence(order) im_model_fence(IM_MODEL_SITE("fence"), order)

/* Both halves are full fences: their promise is the same, but that light ones order each other, too. */
#define im_sync_light_fence() im_model_fence(IM_MODEL_SITE("light fence"), memory_order_seq_cst)
#define im_sync_heavy_fence() im_model_fence(IM_MODEL_SITE("heavy fence"), memory_order_seq_cst)
#define im_sync_light_fence_begin() ((void)0)

#define im_sync_spin_hint() im_model_yield(IM_MODEL_SITE("spin hint"))
#define im_sync_yield() im_model_yield(IM_MODEL_SITE("yield"))
#define im_sync_thread_id() im_model_thread_id()
#define im_sync_thread_number() ((long)im_model_thread_id())
#define im_sync_thread_serial() ((uint32_t)im_model_thread_id())
/* Nobody forks here. */
#define im_sync_is_left_behind(serial) ((void)(serial), false)
#define im_sync_at_fork(prepare, parent, child) ((void)(prepare), (void)(parent), (void)(child))
#define im_sync_now_ns() im_model_now_ns()
#define im_sync_sections() im_model_sections()
#define im_sync_owned() im_model_owned()
#define im_sync_nesting() im_model_nesting()
/* There are no threads but those of the harness, of which one may be given the work. */
extern int (*im_model_starter)(void (*work)(void *argument), void *argument);
#define im_sync_start_thread(work, argument) (im_model_starter ? im_model_starter(work, argument) : EAGAIN)
/* Nobody is cancelled here. */
#define im_sync_cancel_disable() 0
#define im_sync_cancel_restore(state) ((void)(state))
#define im_sync_wait(word, expected, deadline_ns) im_model_wait(IM_MODEL_SITE(#word), word, expected, deadline_ns)
#define im_sync_wait_cancellable(word, expected, deadline_ns) im_sync_wait(word, expected, deadline_ns)
#define im_sync_wake(word, count) im_model_wake(IM_MODEL_SITE(#word), word, count)
#define im_sync_requeue(word, expected, count, onto) im_model_requeue(IM_MODEL_SITE(#word), word, expected, count, onto)
#define im_sync_mutex_lock(mutex) im_model_mutex_lock(IM_MODEL_SITE(#mutex), mutex)
#define im_sync_mutex_try_lock(mutex) im_model_mutex_try_lock(IM_MODEL_SITE(#mutex), mutex)
#define im_sync_mutex_unlock(mutex) im_model_mutex_unlock(IM_MODEL_SITE(#mutex), mutex)

#endif
