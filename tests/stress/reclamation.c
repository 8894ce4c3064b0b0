/* SPDX-License-Identifier: MIT */
/*
 * Row M8: what a reader found stays alive until its section ends, and ends exactly once, under writers that insert,
 * replace, remove and clear owned keys and values all the time.
 *
 * Row M9: with every flavour of read sections. Values are heap objects with a mark that their end clears; keys are strings too long to lie inline.
 * Twin: a reclaim that does not wait for the readers.
 */
#include "flavour.h"
#include "stress.h"

#include <intermut/map.h>

enum { LIVE = 0x11feed, DEAD = 0xdead, KEYS = 64, READERS = 2, WRITERS = 2, CLEAR_EVERY = 512 };

/* The mark is atomic, so that the twin shows itself by it and not by a race. */
struct object {
    im_atomic(uint32_t) mark;
};
typedef struct object *object_ref;
IM_FREEZE(object_ref);

static stress_counter objects_made, objects_ended;
static stress_flag done;

/* Ended objects are kept for a while instead of freed, so that a late reader meets a dead mark, not foreign memory. */
enum { MORGUE = 4096 };
static im_atomic(object_ref) morgue[MORGUE];

static object_ref object_new(void)
{
    object_ref object = malloc(sizeof *object);
    im_atomic_store_explicit(&object->mark, LIVE, memory_order_relaxed);
    im_atomic_fetch_add(&objects_made, 1);
    return object;
}

static void object_end(object_ref object)
{
    if (im_atomic_swap(&object->mark, DEAD) != LIVE)
        stress_violation("an object ends twice");
    free(im_atomic_swap(&morgue[im_atomic_fetch_add(&objects_ended, 1) % MORGUE], object));
}

#define IM_MAP_NAME object_map
#define IM_MAP_STRING_KEY
#define IM_MAP_VALUE object_ref
#define IM_MAP_DROP_VALUE(value) object_end(*(value))
#define IM_MAP_RCU STRESS_RCU
#include <intermut/map.h>

static object_map map;

static struct im_slice key_of(char buffer[64], uint64_t number)
{
    snprintf(buffer, 64, "a key that does not lie inline, number %lu", (unsigned long)(number % KEYS));
    return im_slice_of(buffer);
}

/*
 * Inside of a section writers have their turn, so that a few operations are enough. Not so with bp, where a grace period
 * lasts 10 ms then.
 */
#if defined(STRESS_MEMB) || defined(STRESS_QSBR)
enum { YIELDS = true };
#else
enum { YIELDS = false };
#endif

static void *read_objects(void *argument)
{
    char text[64];
    uint64_t random = (uintptr_t)argument;
    STRESS_REGISTER();
    while (!im_atomic_load_explicit(&done, memory_order_relaxed)) {
        im_map_with(object_map, found, &map, key_of(text, stress_random(&random))) {
            for (int looks = 0; looks < 20; looks++) {
                if (looks == 10 && YIELDS)
                    im_sync_yield();
                if (im_atomic_load(&(*found)->mark) != LIVE)
                    stress_violation("an object ended under its reader");
                if (looks == 0)
                    STRESS_LINGER();
            }
        }
        STRESS_QUIESCENT_STATE();
    }
    STRESS_UNREGISTER();
    return NULL;
}

static bool is_odd(const object_ref *value, void *argument)
{
    (void)value;
    return (*(uint64_t *)argument)++ % 2;
}

struct writer {
    uint64_t random;
    uint64_t operations;
};

static void *write_objects(void *argument)
{
    struct writer *writer = argument;
    char text[64];
    STRESS_REGISTER();
    for (uint64_t i = 0; stress_again(i, writer->operations); i++) {
        struct im_slice key = key_of(text, stress_random(&writer->random));
        object_map_maybe old = {0};
        object_ref mine;
        if (i % CLEAR_EVERY == CLEAR_EVERY - 1)
            (void)object_map_clear(&map);
        switch (stress_random(&writer->random) % 5) {
        case 0:
            mine = object_new();
            if (object_map_insert(&map, key, mine) != 0)
                object_end(mine);
            break;
        case 1:
            (void)object_map_put(&map, key, object_new(), &old);
            if (old.some)
                object_end(old.value);
            break;
        case 2:
            (void)object_map_remove(&map, key, NULL);
            break;
        case 3:
            (void)object_map_remove_if(&map, key, is_odd, &i, NULL);
            break;
        default:
            (void)object_map_put(&map, key, object_new(), NULL);
        }
        STRESS_QUIESCENT_STATE();
    }
    STRESS_UNREGISTER();
    return NULL;
}

/* A second argument is the number of operations of each writer. */
int main(int argc, char **argv)
{
    /* All of them for AddressSanitizer, too: what is used after its end is what it is here for. */
    const uint64_t plain = IM_ADDRESS_SANITIZER ? 50000 : stress_operations(50000, 1);
    const uint64_t operations = argc > 2 ? strtoul(argv[2], NULL, 10) : plain;
    pthread_t readers[READERS], writers[WRITERS];
    struct writer states[WRITERS];
    for (uintptr_t i = 0; i < READERS; i++)
        stress_start(&readers[i], read_objects, (void *)(i + 1));
    for (unsigned i = 0; i < WRITERS; i++) {
        states[i] = (struct writer){77 + i, operations * stress_scale(argc, argv)};
        stress_start(&writers[i], write_objects, &states[i]);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i], NULL);
    im_atomic_store(&done, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
    STRESS_REGISTER();
    object_map_destroy(&map);
    STRESS_UNREGISTER();

    if (im_atomic_load(&objects_made) != im_atomic_load(&objects_ended))
        stress_violation("%lu objects made, %lu ended", (unsigned long)im_atomic_load(&objects_made),
                         (unsigned long)im_atomic_load(&objects_ended));
    for (int i = 0; i < MORGUE; i++)
        free(im_atomic_load(&morgue[i]));
    return stress_verdict();
}
