/* SPDX-License-Identifier: MIT */
/* Row M6: values made of the other modules, inline in the table, used through a pointer to const, and moved by growth. */
#include <criterion/criterion.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <intermut/atomic.h>
#include <intermut/mutex.h>
#include <intermut/once.h>
#include <intermut/qcell.h>
#include <intermut/refcell.h>
#include <intermut/rwlock.h>
#include <intermut/seqlock.h>

struct account {
    long cents;
    unsigned changes;
};

typedef im_mutex(struct account) account;
#define IM_MAP_NAME account_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_SHARED_VALUE account
#include <intermut/map.h>

typedef im_rwlock(struct account) read_account;
#define IM_MAP_NAME rwlock_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_SHARED_VALUE read_account
#include <intermut/map.h>

typedef im_seqlock(struct account) quote;
#define IM_MAP_NAME seqlock_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_SHARED_VALUE quote
#include <intermut/map.h>

typedef im_once(long) answer;
#define IM_MAP_NAME once_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_SHARED_VALUE answer
#include <intermut/map.h>

typedef im_refcell(struct account) note;
#define IM_MAP_NAME refcell_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_SHARED_VALUE note
#include <intermut/map.h>

typedef im_qcell(struct account) node;
#define IM_MAP_NAME qcell_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_SHARED_VALUE node
#include <intermut/map.h>

/* Several in one value; over-aligned, so that slots have to be, too. */
typedef struct {
    im_mutex(struct account) account;
    im_atomic(uint64_t) looks;
    im_once(long) limit;
    _Alignas(64) im_atomic(struct account) last;
} session;
#define IM_MAP_NAME session_map
#define IM_MAP_STRING_KEY
#define IM_MAP_SHARED_VALUE session
#include <intermut/map.h>

/* A value that owns memory. */
typedef im_mutex(char *) text;
static unsigned texts_ended;
static void text_end(text *self)
{
    texts_ended++;
    free(*im_mutex_get_mut(self));
}
#define IM_MAP_NAME text_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_SHARED_VALUE text
#define IM_MAP_DROP_VALUE(value) text_end(value)
#include <intermut/map.h>

enum { KEYS = 5000, ROUNDS = 3 };

/* Each key is changed once in each round, while the first round inserts them all: the table grows and is split. */
#define CHANGE_EACH_KEY(NAME, map, v, key, initial, change)   \
    for (uint32_t round = 0; round < ROUNDS; round++) {       \
        for (uint32_t key = 0; key < KEYS; key++) {           \
            im_map_with_or_insert(NAME, v, map, key, initial) \
                change else cr_assert_fail("out of memory");  \
        }                                                     \
    }                                                         \
    cr_assert_eq(NAME##_len(map), KEYS);                      \
    cr_assert_gt(NAME##_stats(map).growths, 5)

#define LOOK_AT_EACH_KEY(NAME, map, v, key, look) \
    for (uint32_t key = 0; key < KEYS; key++)     \
        im_map_with(NAME, v, map, key)            \
    look else cr_assert_fail("%u is lost", key)

static struct account start(uint32_t key)
{
    return (struct account){.cents = (long)key};
}

static void change(struct account *it)
{
    it->cents++, it->changes++;
}

static void check(struct account it, uint32_t key)
{
    cr_assert_eq(it.cents, (long)key + ROUNDS);
    cr_assert_eq(it.changes, ROUNDS);
}

Test(shared_values, mutex)
{
    static account_map map;
    CHANGE_EACH_KEY(account_map, &map, v, key, (account)IM_MUTEX_INIT(start(key)), { im_mutex_with(a, v) change(a); });
    LOOK_AT_EACH_KEY(account_map, &map, v, key, { im_mutex_with(a, v) check(*a, key); });
    account_map_destroy(&map);
}

Test(shared_values, rwlock)
{
    static rwlock_map map;
    CHANGE_EACH_KEY(rwlock_map, &map, v, key, (read_account)IM_RWLOCK_INIT(start(key)),
                    { im_rwlock_with_write(a, v) change(a); });
    LOOK_AT_EACH_KEY(rwlock_map, &map, v, key, { im_rwlock_with_read(a, v) check(*a, key); });
    rwlock_map_destroy(&map);
}

Test(shared_values, seqlock)
{
    static seqlock_map map;
    CHANGE_EACH_KEY(seqlock_map, &map, v, key, (quote)IM_SEQLOCK_INIT(start(key)),
                    { im_seqlock_with(a, v) change(a); });
    LOOK_AT_EACH_KEY(seqlock_map, &map, v, key, { check(im_seqlock_load(v), key); });
    seqlock_map_destroy(&map);
}

static int compute_answer(long *out, void *argument)
{
    ++*(unsigned *)argument;
    *out = 42;
    return 0;
}

Test(shared_values, once)
{
    static once_map map;
    unsigned computed = 0;
    CHANGE_EACH_KEY(once_map, &map, v, key, (answer)IM_ONCE_INIT,
                    { cr_assert_eq(*im_once_get_or_init(v, compute_answer, &computed), 42); });
    cr_assert_eq(computed, KEYS);
    LOOK_AT_EACH_KEY(once_map, &map, v, key, { cr_assert_eq(*im_once_get(v), 42); });
    once_map_destroy(&map);
}

Test(shared_values, refcell)
{
    static refcell_map map;
    CHANGE_EACH_KEY(refcell_map, &map, v, key, (note)IM_REFCELL_INIT(start(key)), {
        im_refcell_with_mut(a, v)
            change(a);
    });
    LOOK_AT_EACH_KEY(refcell_map, &map, v, key, {
        im_refcell_with(a, v)
            check(*a, key);
    });
    refcell_map_destroy(&map);
}

Test(shared_values, qcell)
{
    static qcell_map map;
    struct im_qcell_owner owner;
    cr_assert_eq(im_qcell_owner_new(&owner), 0);
    CHANGE_EACH_KEY(qcell_map, &map, v, key, (node)IM_QCELL_INIT(im_qcell_owner_id(&owner), start(key)),
                    { change(im_qcell_rw(&owner, v)); });
    LOOK_AT_EACH_KEY(qcell_map, &map, v, key, { check(*im_qcell_ro(&owner, v), key); });
    qcell_map_destroy(&map);
    im_qcell_owner_end(&owner);
}

static struct im_slice name_of(uint32_t key, char name[16])
{
    return (struct im_slice){name, (size_t)snprintf(name, 16, "user %u", key)};
}

Test(shared_values, struct_of_several)
{
    static session_map map;
    char name[16];
    unsigned computed = 0;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        for (uint32_t key = 0; key < KEYS; key++) {
            im_map_with_or_insert(session_map, s, &map, name_of(key, name), (session){.looks = IM_ATOMIC_INIT(1)}) {
                cr_assert_eq((uintptr_t)s % 64, 0);
                im_mutex_with(a, &s->account) change(a);
                im_atomic_fetch_add(&s->looks, 1);
                im_once_get_or_init(&s->limit, compute_answer, &computed);
                im_atomic_store(&s->last, (struct account){.cents = (long)key, .changes = round});
            }
        }
    }
    cr_assert_eq(computed, KEYS);
    for (uint32_t key = 0; key < KEYS; key++) {
        im_map_with(session_map, s, &map, name_of(key, name)) {
            im_mutex_with(a, &s->account) cr_assert_eq(a->changes, ROUNDS);
            cr_assert_eq(im_atomic_load(&s->looks), ROUNDS + 1);
            cr_assert_eq(im_atomic_load(&s->last).cents, (long)key);
        } else
            cr_assert_fail("%u is lost", key);
    }
    session_map_destroy(&map);
}

static enum im_map_action double_it(const account *old, account *value, void *argument)
{
    (void)argument;
    if (!old) {
        im_mutex_get_mut(value)->cents = 1;
        return IM_MAP_STORE;
    }
    im_mutex_with(a, old)
    {
        if (a->cents >= 4)
            return IM_MAP_REMOVE;
        im_mutex_get_mut(value)->cents = 2 * a->cents;
    }
    return IM_MAP_STORE;
}

static long cents_of(const account_map *map, uint32_t key)
{
    im_map_with(account_map, v, map, key) {
        im_mutex_with(a, v) return a->cents;
    }
    return -1;
}

static bool is_rich(const account *value, void *argument)
{
    im_mutex_with(a, value) return a->cents >= *(const long *)argument;
    return false;
}

static bool is_not_poor(uint32_t key, const account *value, void *argument)
{
    (void)key;
    return is_rich(value, argument);
}

static int pay_interest(uint32_t key, const account *value, void *argument)
{
    (void)key;
    im_mutex_with(a, value) * (long *)argument += ++a->cents;
    return 0;
}

static void collect(uint32_t key, account value, void *argument)
{
    (void)key;
    *(long *)argument += im_mutex_get_mut(&value)->cents;
}

#define ACCOUNT(c) ((account)IM_MUTEX_INIT({.cents = (c)}))

Test(shared_values, have_the_rest_of_the_api)
{
    static account_map map;
    account_map_maybe maybe;
    account old;
    long limit = 10, sum = 0;
    cr_assert_eq(account_map_insert(&map, 1, ACCOUNT(5)), 0);
    cr_assert_eq(account_map_insert(&map, 1, ACCOUNT(6)), EEXIST);
    cr_assert_eq(account_map_put(&map, 2, ACCOUNT(7), &maybe), 0);
    cr_assert(!maybe.some);
    cr_assert_eq(account_map_put(&map, 2, ACCOUNT(8), &maybe), 0);
    cr_assert(maybe.some);
    cr_assert_eq(im_mutex_get_mut(&maybe.value)->cents, 7);
    cr_assert_eq(account_map_replace(&map, 2, ACCOUNT(9), &old), 0);
    cr_assert_eq(im_mutex_get_mut(&old)->cents, 8);
    cr_assert_eq(account_map_replace(&map, 3, ACCOUNT(9), &old), ENOENT);
    cr_assert_eq(cents_of(&map, 2), 9);
    cr_assert_eq(account_map_remove_if(&map, 2, is_rich, &limit, &old), ECANCELED);
    limit = 9;
    cr_assert_eq(account_map_remove_if(&map, 2, is_rich, &limit, &old), 0);
    cr_assert_eq(im_mutex_get_mut(&old)->cents, 9);
    cr_assert_eq(account_map_remove(&map, 1, &old), 0);
    cr_assert_eq(im_mutex_get_mut(&old)->cents, 5);
    for (long cents = 1; cents <= 4; cents *= 2) {
        cr_assert_eq(account_map_compute(&map, 1, double_it, NULL), 0);
        cr_assert_eq(cents_of(&map, 1), cents);
    }
    cr_assert_eq(account_map_compute(&map, 1, double_it, NULL), 0);
    cr_assert(!account_map_contains(&map, 1));

    for (uint32_t key = 1; key <= 100; key++)
        cr_assert_eq(account_map_insert(&map, key, ACCOUNT((long)key)), 0);
    cr_assert_eq(account_map_for_each(&map, pay_interest, &sum), 0);
    cr_assert_eq(sum, 5150);
    cr_assert_eq(cents_of(&map, 100), 101, "for_each changed it in place");
    limit = 52;
    cr_assert_eq(account_map_retain(&map, is_not_poor, &limit), 0);
    cr_assert_eq(account_map_len(&map), 50);
    account_map_cursor cursor = account_map_cursor_open(&map);
    while (account_map_cursor_next(&cursor))
        im_mutex_with(a, cursor.value) cr_assert_eq(a->cents, (long)cursor.key + 1);
    account_map_cursor_close(&cursor);
    sum = 0;
    cr_assert_eq(account_map_drain(&map, collect, &sum), 0);
    cr_assert_eq(sum, (52 + 101) * 25);
    account_map_destroy(&map);
}

static text text_of(const char *string)
{
    return (text)IM_MUTEX_INIT(strdup(string));
}

static enum im_map_action store_text(const text *old, text *value, void *argument)
{
    (void)old;
    *im_mutex_get_mut(value) = strdup(argument);
    return IM_MAP_STORE;
}

Test(shared_values, end_once)
{
    static text_map map;
    text old;
    char again[] = "again";
    texts_ended = 0;
    for (uint32_t key = 0; key < 1000; key++)
        cr_assert_eq(text_map_insert(&map, key, text_of("first")), 0);
    cr_assert_eq(texts_ended, 0, "growth ends nothing");
    cr_assert_eq(text_map_put(&map, 1, text_of("second"), NULL), 0);
    cr_assert_eq(texts_ended, 1);
    cr_assert_eq(text_map_replace(&map, 1, text_of("third"), &old), 0);
    cr_assert_eq(texts_ended, 1);
    cr_assert_str_eq(*im_mutex_get_mut(&old), "second");
    text_end(&old);
    cr_assert_eq(text_map_compute(&map, 1, store_text, again), 0);
    cr_assert_eq(texts_ended, 3);
    im_map_with(text_map, v, &map, 1) {
        im_mutex_with(string, v) cr_assert_str_eq(*string, "again");
    }
    cr_assert_eq(text_map_remove(&map, 1, NULL), 0);
    text_map_destroy(&map);
    cr_assert_eq(texts_ended, 1003);
}

/* ---- A value that is in use while the table wants to grow ---- */

typedef struct {
    account mutex;
    read_account rwlock;
    quote seqlock;
    answer once;
    note refcell;
    node qcell;
} mixture;
#define IM_MAP_NAME mixture_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_SHARED_VALUE mixture
#include <intermut/map.h>

enum { FREE = 1, USED = 77, TOO_LATE = -1, IN_USE = -2 };

static struct meeting {
    mixture_map map;
    struct im_qcell_owner owner; /* the holder's, until that has ended */
    void (*hold)(const mixture *value);
    im_atomic(bool) is_inside, may_leave, has_inserted, has_grown;
} meeting;

static mixture new_mixture(void)
{
    const struct account free = {.cents = FREE};
    return (mixture){
        .mutex = IM_MUTEX_INIT(free),
        .rwlock = IM_RWLOCK_INIT(free),
        .seqlock = IM_SEQLOCK_INIT(free),
        .refcell = IM_REFCELL_INIT(free),
        .qcell = IM_QCELL_INIT(im_qcell_owner_id(&meeting.owner), free),
    };
}

/* What is to be written before the value is let go. */
static long stay_inside(void)
{
    im_atomic_store(&meeting.is_inside, true);
    while (!im_atomic_load(&meeting.may_leave))
        im_sync_yield();
    return im_atomic_load(&meeting.has_grown) ? TOO_LATE : USED;
}

static void *hold(void *argument)
{
    im_map_with(mixture_map, value, &meeting.map, 0) {
        meeting.hold(value);
        return argument;
    }
    return NULL;
}

static void *grow(void *argument)
{
    for (uint32_t key = 1; key <= 100; key++)
        (void)mixture_map_insert(&meeting.map, key, new_mixture()); /* counted at the end */
    im_atomic_store(&meeting.has_inserted, true);
    (void)mixture_map_synchronize(&meeting.map); /* by when it has grown */
    im_atomic_store(&meeting.has_grown, true);
    return argument;
}

/* In which table the values are that it has. */
static uintptr_t table_of_meeting(void)
{
    return im_sync_load(&meeting.map.raw.first.table, memory_order_relaxed);
}

/* Growth waits for who holds a value, as long as that takes; `look` says what was written, and that nobody has it any more. */
static void meet(void (*hold_it)(const mixture *value), long (*look)(const mixture *value))
{
    pthread_t holder, grower;
    cr_assert_eq(im_qcell_owner_new(&meeting.owner), 0);
    meeting.hold = hold_it;
    cr_assert_eq(mixture_map_insert(&meeting.map, 0, new_mixture()), 0);
    pthread_create(&holder, NULL, hold, NULL);
    while (!im_atomic_load(&meeting.is_inside))
        im_sync_yield();
    const uintptr_t table = table_of_meeting();
    pthread_create(&grower, NULL, grow, NULL);
    /* Until growth has announced itself: then nobody gets in any more. */
    while (table_of_meeting() == table && mixture_map_try_read_lock(&meeting.map)) {
        mixture_map_read_unlock(&meeting.map);
        im_sync_yield();
    }
    while (!im_atomic_load(&meeting.has_inserted))
        im_sync_yield(); /* who inserts does not wait */
    /* And so long that one which does not wait would have copied the value. */
    bool is_found = true;
    for (int i = 0; i < 1000; i++) {
        is_found = is_found && mixture_map_contains(&meeting.map, 0) && mixture_map_contains(&meeting.map, 100);
        im_sync_yield();
    }
    cr_assert(is_found, "who only searches does not wait");
    cr_expect_eq(table_of_meeting(), table, "it has been copied");
    im_atomic_store(&meeting.may_leave, true);
    pthread_join(holder, NULL);
    pthread_join(grower, NULL);
    im_map_with(mixture_map, value, &meeting.map, 0) {
        const long seen = look(value);
        cr_assert_neq(seen, IN_USE, "it was copied while somebody had it");
        cr_assert_eq(seen, USED, "%ld: it grew while somebody was inside", seen);
    }
    cr_assert_eq(mixture_map_len(&meeting.map), 101);
    mixture_map_destroy(&meeting.map);
    im_qcell_owner_end(&meeting.owner);
}

static void hold_mutex(const mixture *value)
{
    im_mutex_with(it, &value->mutex) it->cents = stay_inside();
}

static long look_at_mutex(const mixture *value)
{
    im_mutex_try_with(it, &value->mutex) return it->cents;
    return IN_USE;
}

Test(shared_values, growth_waits_for_a_locked_value)
{
    meet(hold_mutex, look_at_mutex);
}

static void hold_rwlock(const mixture *value)
{
    im_rwlock_with_write(it, &value->rwlock) it->cents = stay_inside();
}

static long look_at_rwlock(const mixture *value)
{
    im_rwlock_try_with_write(it, &value->rwlock) return it->cents;
    return IN_USE;
}

Test(shared_values, growth_waits_for_a_value_that_is_locked_to_write)
{
    meet(hold_rwlock, look_at_rwlock);
}

static long had_grown;

static void hold_rwlock_to_read(const mixture *value)
{
    im_rwlock_with_read(it, &value->rwlock) had_grown = it->cents == FREE ? stay_inside() : IN_USE;
}

static long look_at_read_rwlock(const mixture *value)
{
    return look_at_rwlock(value) == FREE ? had_grown : IN_USE;
}

Test(shared_values, growth_waits_for_a_value_that_is_locked_to_read)
{
    meet(hold_rwlock_to_read, look_at_read_rwlock);
}

static void hold_seqlock(const mixture *value)
{
    im_seqlock_with(it, &value->seqlock) it->cents = stay_inside();
}

static long look_at_seqlock(const mixture *value)
{
    struct account it;
    return im_seqlock_try_load(&value->seqlock, &it) ? it.cents : IN_USE;
}

Test(shared_values, growth_waits_for_a_write_that_has_begun)
{
    meet(hold_seqlock, look_at_seqlock);
}

static void hold_once(const mixture *value)
{
    im_once_init(it, &value->once) *it = stay_inside();
}

static long look_at_once(const mixture *value)
{
    const long *it = im_once_get(&value->once);
    return it ? *it : IN_USE;
}

Test(shared_values, growth_waits_for_an_initialiser_that_runs)
{
    meet(hold_once, look_at_once);
}

static void hold_refcell(const mixture *value)
{
    im_refcell_with_mut(it, &value->refcell)
        it->cents = stay_inside();
}

static long look_at_refcell(const mixture *value)
{
    im_refcell_try_with_mut(it, &value->refcell)
        return it->cents;
    return IN_USE;
}

Test(shared_values, growth_waits_for_a_borrowed_value)
{
    meet(hold_refcell, look_at_refcell);
}

static void hold_qcell(const mixture *value)
{
    im_qcell_with_rw(it, &meeting.owner, &value->qcell)
        it->cents = stay_inside();
}

static long look_at_qcell(const mixture *value)
{
    return im_qcell_ro(&meeting.owner, &value->qcell)->cents;
}

Test(shared_values, growth_waits_for_an_open_value)
{
    meet(hold_qcell, look_at_qcell);
}
