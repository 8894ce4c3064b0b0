/* SPDX-License-Identifier: MIT */
/* Values that are made once: a published pointer, pthread_once with a global beside it, im_once. */
#include "once.h"

#include <pthread.h>

#include <intermut/once.h>

/* The limit: what is published is there already, or, in the rows that make values, nobody else is. */
struct published {
    const uint64_t *pointer;
    uint64_t value;
};

static inline uint64_t pointer_look(const struct published *object)
{
    const uint64_t *value = __atomic_load_n(&object->pointer, __ATOMIC_ACQUIRE);
    return value ? *value : 0;
}

static __attribute__((noinline, cold)) const uint64_t *pointer_publish(struct published *object, uint64_t value)
{
    object->value = value;
    __atomic_store_n(&object->pointer, &object->value, __ATOMIC_RELEASE);
    return &object->value;
}

static inline uint64_t pointer_make(struct published *object, uint64_t i)
{
    const uint64_t *value = __atomic_load_n(&object->pointer, __ATOMIC_ACQUIRE);
    return value ? *value : *pointer_publish(object, i);
}

static void *pointer_new_full(const struct bench_run *run)
{
    (void)run;
    struct published *object = calloc(1, sizeof *object);
    if (!object)
        abort();
    (void)pointer_make(object, 1);
    return object;
}

static void pointer_get(const struct bench_run *run)
{
    for (uint64_t i = 0; i < run->iterations; i++)
        bench_keep(pointer_look(run->subject));
}

static void pointer_get_or_init(const struct bench_run *run)
{
    for (uint64_t i = 0; i < run->iterations; i++)
        bench_keep(pointer_make(run->subject, i));
}

BENCH("once/get/8B", "published pointer", pointer_get, pointer_new_full, free)
BENCH("once/get_or_init/8B", "published pointer", pointer_get_or_init, pointer_new_full, free)

/* Its function has no argument: the object comes by a thread-local variable, set for each call as a program would. */
struct pthread_object {
    pthread_once_t once;
    uint64_t value;
};

static __thread struct pthread_object *pthread_current;
static __thread uint64_t pthread_number;

static void pthread_store(void)
{
    pthread_current->value = pthread_number;
}

static void pthread_store_work(void)
{
    pthread_current->value = once_work(pthread_number);
}

static void pthread_nothing(void)
{
}

static inline uint64_t pthread_look(struct pthread_object *object)
{
    pthread_once(&object->once, pthread_nothing);
    return object->value;
}

static inline uint64_t pthread_make_by(struct pthread_object *object, uint64_t i, void (*store)(void))
{
    pthread_current = object;
    pthread_number = i;
    pthread_once(&object->once, store);
    return object->value;
}

#define PTHREAD_MAKE(object, i) pthread_make_by(object, i, pthread_store)
#define PTHREAD_WORK(object, i) pthread_make_by(object, i, pthread_store_work)

ONCE_ROWS("pthread_once", pthread, struct pthread_object, sizeof(struct pthread_object), pthread_look, PTHREAD_MAKE,
          PTHREAD_WORK)

typedef im_once(uint64_t) once_object;

static int once_store(uint64_t *out, void *i)
{
    *out = (uint64_t)(uintptr_t)i;
    return 0;
}

static int once_store_work(uint64_t *out, void *i)
{
    *out = once_work((uint64_t)(uintptr_t)i);
    return 0;
}

#define ONCE_LOOK(object) *im_once_get(object)
#define ONCE_MAKE(object, i) *im_once_get_or_init(object, once_store, (void *)(uintptr_t)(i))
#define ONCE_WORK(object, i) *im_once_get_or_init(object, once_store_work, (void *)(uintptr_t)(i))

ONCE_ROWS("intermut", once, once_object, sizeof(once_object), ONCE_LOOK, ONCE_MAKE, ONCE_WORK)
