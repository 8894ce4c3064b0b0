/* SPDX-License-Identifier: MIT */
/*
 * What waits for a grace period: retired slots and tables that were left behind, to end after it, and growth of values that
 * change in place, to be finished.
 */
#include <map_internal.h>

enum {
    /* Up to 4,096 slots are copied in less time than a grace period takes under load. */
    COPIED_MAX_BITS = 8,
    /* What may be left behind without a wait: so many bytes, or this part of all tables. */
    LEFT_BEHIND_BYTES = 1 << 16,
    LEFT_BEHIND_PART = 64,
    /* Writers wait themselves when the helper is so many times behind. */
    LEFT_BEHIND_LIMITS = 32,
    /* Keys that the helper copies at a time, while nobody changes values in place: some 0.5 ms. */
    COPIED_MAX_KEYS = 1 << 16,
    /* What a writer waits who is ahead of the helper, for each portion of room that it was given (growth.c). */
    AHEAD_NS = 100 * 1000,
    /*
     * Between two rounds: for those who were woken to change values, and would find them stopped again. Where nobody was, and
     * there is more to copy, every millisecond counts: meanwhile all inserts search two tables.
     */
    PAUSE_NS = 1000 * 1000,
    /*
     * How long the helper works on huge pages before it does what it was asked for, and at most before it looks around. While
     * shards grow, each page is for some of them, which are copied before the next ones are made.
     */
    GROWING_PAGES_NS = 1000 * 1000,
    ASKED_PAGES_NS = 2 * 1000 * 1000,
    PAGES_NS = 20 * 1000 * 1000,
    /* At most between two looks at a shard that somebody has locked for long. */
    LONGEST_PAUSE_NS = 16 * PAUSE_NS,
/* Smaller logs of retired slots are full before the helper has run; in the model that is as likely as not. */
#ifdef IM_SYNC_HEADER
    ASKED_MIN_RETIRED = 1,
#else
    ASKED_MIN_RETIRED = 64,
#endif
};

/* Not inside a read section, nor with anything locked that a reader could wait for. */
void im__map_synchronize(struct im_raw_map *map, const struct im_map_type *type)
{
    int cancel_state = im_sync_cancel_disable();
    uint64_t began_ns = im_sync_now_ns(), none = 0;
    struct im_map_wait wait = {.map = map, .type = type, .began_ns = began_ns};
    /* For im_raw_map_stats(); of several at once the first is shown. */
    bool shown =
        im_sync_compare_exchange(&map->grace_began_ns, &none, began_ns, memory_order_relaxed, memory_order_relaxed);
    im__map_wait_begins(&wait);
    type->rcu->synchronize();
    im__map_wait_ends(&wait);
    if (shown)
        im_sync_store(&map->grace_began_ns, 0, memory_order_relaxed);
    raise_to(&map->longest_grace_ns, im_sync_now_ns() - began_ns);
    im_sync_cancel_restore(cancel_state);
}

/* The first `end` retirements of a table, of which no reader looks at the slots any more. */
static void drop_retired(const struct im_raw_map *map, const struct im_map_type *type, const struct im_map_table *table,
                         size_t end)
{
    if (!type->drop_slot && !table->shadow)
        return;
    for (size_t i = im_sync_load(&table->reclaimed, memory_order_relaxed); i < end; i++) {
        const struct im_map_retired *retired = &table->retired[i % table->retired_limit];
        if (IM_UNLIKELY(table->shadow))
            im__map_shadow_compare(table, retired->slot, "when it ended");
        if (type->drop_slot)
            type->drop_slot(im_map_slot(table, retired->slot, type->slot_bytes), retired->drop, map->allocator);
        if (IM_UNLIKELY(table->shadow))
            im__map_shadow_forget(table, retired->slot, 1);
    }
}

static void drop_used(const struct im_raw_map *map, const struct im_map_type *type, const struct im_map_table *table,
                      enum im_map_parts drop)
{
    for (size_t slot = 0; type->drop_slot && drop && slot < im_map_slots_of(table); slot++) {
        if (im_map_control_is_full(im_map_control_byte(table, slot)))
            type->drop_slot(im_map_slot(table, slot, type->slot_bytes), drop, map->allocator);
    }
}

/* End a table that no reader looks at any more, and the `ends` parts of what is in use there. */
void im__map_end_table(struct im_raw_map *map, const struct im_map_type *type, struct im_map_table *table,
                       enum im_map_parts ends)
{
    drop_retired(map, type, table, retirements_of(table));
    if (IM_UNLIKELY(table->shadow))
        im__map_shadow_compare_used(table, ends ? "when it ended" : "after its table was copied: the change is lost");
    drop_used(map, type, table, ends);
    if (IM_UNLIKELY(table->shadow))
        im__map_shadow_forget(table, 0, im_map_slots_of(table));
    if (whole_of(table))
        im__map_table_free_unready(map, type, whole_of(table));
    im__map_table_free(map, type, table);
}

/* Whether nothing ends with a table but its memory, and that is the C library's: any thread may do it. */
static bool is_for_helper(const struct im_raw_map *map, const struct im_map_type *type,
                          const struct im_map_table *table, enum im_map_parts ends)
{
    return !map->allocator && !(type->drop_slot && (ends || retired_count_of(table) > 0));
}

static size_t left_behind_limit(const struct im_raw_map *map)
{
    size_t part = im_sync_load(&map->bytes, memory_order_relaxed) / LEFT_BEHIND_PART;
    return part > LEFT_BEHIND_BYTES ? part : LEFT_BEHIND_BYTES;
}

/* Put tables, linked by `next` from the first to the last, on a list. */
static void put_on(struct im_map_table **list, struct im_map_table *first, struct im_map_table *last)
{
    last->next = im_sync_load(list, memory_order_relaxed);
    /* Release: pairs with the acquire in take_all(), whose caller looks into the tables. */
    while (!im_sync_compare_exchange(list, &last->next, first, memory_order_release, memory_order_relaxed))
        continue;
}

/* The tables of a list, which is empty then. */
static struct im_map_table *take_all(struct im_map_table **list)
{
    /* Acquire: pairs with the release in put_on(). */
    return im_sync_exchange(list, NULL, memory_order_acquire);
}

/* The same later: readers may be looking at it. */
void im__map_leave_behind(struct im_map_write *write, const struct im_map_type *type, struct im_map_table *table,
                          enum im_map_parts ends)
{
    struct im_raw_map *map = write->map;
    struct im_map_table **list = is_for_helper(map, type, table, ends) ? &map->for_helper : &map->left_behind;
    const size_t bytes = im__map_table_bytes(type, table);
    size_t waiting = im_sync_fetch_add(&map->left_behind_bytes, bytes, memory_order_relaxed) + bytes;
    if (waiting > left_behind_limit(map))
        write->left_too_much_behind = true;
    table->ends = (uint16_t)ends;
    put_on(list, table, table);
}

static bool is_too_much_behind(const struct im_raw_map *map)
{
    return im_sync_load(&map->left_behind_bytes, memory_order_relaxed) > left_behind_limit(map);
}

/* Of tables that no reader looks at any more. */
static void end_all(struct im_raw_map *map, const struct im_map_type *type, struct im_map_table *table)
{
    while (table) {
        struct im_map_table *next = table->next;
        im_sync_fetch_sub(&map->left_behind_bytes, im__map_table_bytes(type, table), memory_order_relaxed);
        im__map_end_table(map, type, table, table->ends);
        table = next;
    }
}

/* End all tables that were left behind before, after their last reader. With nothing locked. */
static void end_left_behind(struct im_raw_map *map, const struct im_map_type *type)
{
    struct im_map_table *table = take_all(&map->left_behind), *helpers = take_all(&map->for_helper);
    if (!table && !helpers)
        return;
    int cancel_state = im_sync_cancel_disable();
    im__map_synchronize(map, type);
    end_all(map, type, table);
    end_all(map, type, helpers);
    im_sync_cancel_restore(cancel_state);
}

/* End the tables that the helper has waited for. With nothing locked. */
static void end_awaited(struct im_raw_map *map, const struct im_map_type *type)
{
    int cancel_state = im_sync_cancel_disable();
    end_all(map, type, take_all(&map->awaited));
    im_sync_cancel_restore(cancel_state);
}

/* ---- The helper ---- */

/*
 * A thread that waits for grace periods, so that writers need not: it finishes growths, and frees tables that were left
 * behind. It lives as long as there is a growth, or more than the limit. What ends by a callback it only waits for, and
 * the next writer ends it: a callback may look at maps of a flavour that the helper is not registered with.
 *
 * Its word in the map: the process in which it runs, by which one that a fork() left behind is known; the rounds that all
 * helpers of the map have ended; and whether somebody asked since the last round began for one more. While there is a
 * helper it is in a round, that with the next number. Who asks, and the end of a round, change the whole word in one step:
 * so either sees the other, and who asks knows the number of the first round that begins after that. Its grace period
 * waits for every reader that was there then.
 */
enum { ROUND_SHIFT = 22, ROUND_MASK = 511 };
#define PROCESS_MASK ((UINT32_C(1) << ROUND_SHIFT) - 1)
#define ONE_ROUND (UINT32_C(1) << ROUND_SHIFT)
#define ASKED (UINT32_C(1) << 31)

struct helper {
    struct im_raw_map *map;
    const struct im_map_type *type;
};

static uint32_t this_process(void)
{
    return im__map_process() & PROCESS_MASK;
}

static uint32_t rounds_in(uint32_t word)
{
    return word >> ROUND_SHIFT & ROUND_MASK;
}

/*
 * A shard whose growth could not be finished, since somebody has it locked; or NULL. *goes_on: whether the next round may begin
 * at once. It stays so only if nobody waited for the end of this one.
 */
static struct im_map_shard *help_for_a_round(struct im_raw_map *map, const struct im_map_type *type, size_t *at,
                                             bool *goes_on)
{
    struct im_map_write write = {.map = map};
    struct im_map_shard *busy = NULL;
    struct im_map_table *own = take_all(&map->for_helper), *others = take_all(&map->left_behind), *last = others;
    const bool grows = im__map_can_finish_growths(&write, type);
    if (grows)
        busy = im__map_finish_growths(&write, type, at, COPIED_MAX_KEYS, goes_on);
    /* Where values change in place that is the grace period. */
    if (!grows || !type->changes_in_place)
        im__map_synchronize(map, type);
    while (last && last->next)
        last = last->next;
    if (others)
        put_on(&map->awaited, others, last);
    end_all(map, type, own);
    return busy;
}

/* Whether there is more to do. If not, the map may be gone. */
static bool end_round(struct im_raw_map *map)
{
    const bool has_tables =
        im_sync_load(&map->for_helper, memory_order_relaxed) || im_sync_load(&map->left_behind, memory_order_relaxed);
    const bool is_behind = has_tables && is_too_much_behind(map);
    const bool has_work = is_behind || im__map_grows(map) || im_sync_load(&map->page_work, memory_order_relaxed);
    uint32_t word = im_sync_load(&map->helper, memory_order_relaxed), next;
    do {
        next = (word + ONE_ROUND) & ~ASKED;
        if (!has_work && !(word & ASKED))
            next &= ~PROCESS_MASK;
        /* Acquire: what was asked for is seen; pairs with the release in ask_for_round(). Release: it is done with what it had
         * taken, and with the readers of before; pairs with the acquires in im__map_await_helper(), has_ended() and
         * start_helper(). */
    } while (!im_sync_compare_exchange(&map->helper, &word, next, memory_order_acq_rel, memory_order_relaxed));
    im_sync_wake(&map->helper, IM_SYNC_ALL);
    return next & PROCESS_MASK;
}

/* Shorter when somebody asks meanwhile, at its beginning. */
static bool is_after_a_pause(const struct im_raw_map *map, uint64_t pause_ns)
{
    const uint32_t word = im_sync_load(&map->helper, memory_order_relaxed);
    im_sync_wait(&map->helper, word, im_sync_now_ns() + pause_ns);
    return true;
}

/* Not in a round: who forks need not wait for it. Whether there was any. */
static bool do_page_work(struct im_raw_map *map)
{
    /* Relaxed: whether it is worth a closer look. */
    if (!im_sync_load(&map->page_work, memory_order_relaxed))
        return false;
    const uint64_t began_ns = im_sync_now_ns();
    uint64_t most_ns = im__map_grows(map) ? GROWING_PAGES_NS : PAGES_NS;
    bool was_any = false;
    while (im_sync_now_ns() - began_ns < most_ns && im__map_memory_do_page_work(map)) {
        was_any = true;
        if (most_ns > ASKED_PAGES_NS && im_sync_load(&map->helper, memory_order_relaxed) & ASKED)
            most_ns = ASKED_PAGES_NS;
    }
    return was_any;
}

/* In a round: a lock that this thread had elsewhere, for however short a time, a fork() could leave locked in the child. */
static bool is_unlocked(struct im_map_shard *shard)
{
    im__map_round_begins();
    const bool is_unlocked_now = im__map_is_unlocked_for_a_moment(shard);
    im__map_round_ends();
    return is_unlocked_now;
}

/* Until a shard is not locked, or some more: up to twice as long, or LONGEST_PAUSE_NS. */
static void await_shard(const struct im_raw_map *map, struct im_map_shard *shard)
{
    for (uint64_t pause_ns = PAUSE_NS; is_after_a_pause(map, pause_ns) && !is_unlocked(shard);) {
        if (pause_ns < LONGEST_PAUSE_NS)
            pause_ns *= 2;
    }
}

static void help(void *argument)
{
    const struct helper given = *(const struct helper *)argument;
    struct im_sync_nesting *nesting = im_sync_nesting();
    size_t at = 0;
    bool goes_on;
    im_release(NULL, argument, sizeof given);
    /* A hash or an allocator that calls the map is found out. */
    nesting->objects[nesting->depth++] = given.map;
    do {
        goes_on = do_page_work(given.map);
        im__map_round_begins();
        struct im_map_shard *busy = help_for_a_round(given.map, given.type, &at, &goes_on);
        im__map_round_ends();
        if (busy)
            await_shard(given.map, busy);
    } while (end_round(given.map) && (goes_on || is_after_a_pause(given.map, PAUSE_NS)));
}

static bool start_helper(struct im_raw_map *map, const struct im_map_type *type)
{
    struct helper *helper = im_allocate(NULL, sizeof *helper, sizeof(void *));
    im__map_watch_forks();
    if (helper)
        *helper = (struct helper){map, type};
    if (helper && im_sync_start_thread(help, helper) == 0)
        return true;
    im_release(NULL, helper, sizeof *helper);
    /* Acquire: the caller does now what others asked for meanwhile; pairs with the release in ask_for_round(). Release: there
     * is none; pairs with the acquire in im__map_await_helper(). */
    (void)im_sync_fetch_and(&map->helper, ~(PROCESS_MASK | ASKED), memory_order_acq_rel);
    im_sync_wake(&map->helper, IM_SYNC_ALL);
    return false;
}

/* Ask for a round that begins after this, and have its number. Sets *starts if the caller must start the helper. */
static uint32_t ask_for_round(struct im_raw_map *map, bool *starts)
{
    const uint32_t here = this_process();
    uint32_t word = im_sync_load(&map->helper, memory_order_relaxed), next;
    bool is_here;
    do {
        is_here = (word & PROCESS_MASK) == here;
        next = is_here ? word | ASKED : (word & ROUND_MASK << ROUND_SHIFT) | here;
        /* Release: what there is to do is seen; pairs with the acquire in end_round(). Acquire: a helper before is done. */
    } while (!im_sync_compare_exchange(&map->helper, &word, next, memory_order_acq_rel, memory_order_relaxed));
    *starts |= !is_here;
    return (rounds_in(word) + (is_here ? 2 : 1)) & ROUND_MASK;
}

/*
 * Whether the round that was asked for has ended. Not yet, in doubt: numbers of rounds come again, so that one which has
 * ended long ago may be taken for one to come. Not the other way round: a round that was asked for was at most the second
 * one to come, and those two are what is told from all others.
 */
static bool has_ended(const struct im_raw_map *map, uint32_t round)
{
    /* Acquire: who read before that round is done; pairs with the release in end_round(). */
    uint32_t ended = rounds_in(im_sync_load(&map->helper, memory_order_acquire));
    uint32_t to_come = (round - ended) & ROUND_MASK;
    return to_come != 1 && to_come != 2;
}

/*
 * Let the helper make a round that begins after this. False: there can be no helper. Others may have counted on this one
 * meanwhile: growths are finished, and write->left_too_much_behind says whether there is more for the caller to do.
 */
static bool ask_helper(struct im_map_write *write, const struct im_map_type *type)
{
    struct im_raw_map *map = write->map;
    bool starts = write->starts;
    write->starts = false;
    if (!starts)
        (void)ask_for_round(map, &starts);
    if (!starts || start_helper(map, type))
        return true;
    if (im__map_grows(map))
        im__map_finish_all_growths(write, type);
    write->left_too_much_behind |= is_too_much_behind(map);
    return false;
}

/*
 * Until the helper is done with what it is at, or is no more, so that the map may go away. It may be waiting for the
 * caller.
 */
void im__map_await_helper(const struct im_raw_map *map, const struct im_map_type *type, bool to_its_end)
{
    bool was_online = type->rcu->offline();
    const uint32_t here = this_process();
    /* Acquire: pairs with the release in end_round(). */
    uint32_t word = im_sync_load(&map->helper, memory_order_acquire);
    const uint32_t round = rounds_in(word);
    while ((word & PROCESS_MASK) == here && (to_its_end || rounds_in(word) == round)) {
        im_sync_wait(&map->helper, word, IM_SYNC_FOREVER);
        word = im_sync_load(&map->helper, memory_order_acquire);
    }
    if (was_online)
        type->rcu->online();
}

/* Until the helper ends a round, or for a little while. */
static void let_helper_catch_up(const struct im_raw_map *map, const struct im_map_type *type)
{
    const bool was_online = type->rcu->offline();
    (void)is_after_a_pause(map, AHEAD_NS);
    if (was_online)
        type->rcu->online();
}

/* A growth is to be finished; or too much was left behind, or was waited for, or a change shall wait for all that was. */
IM_COLD void im__map_clean_up_behind(struct im_map_write *write, const struct im_map_type *type)
{
    struct im_raw_map *map = write->map;
    const bool finishes = write->grows && (write->finishes || write->waits);
    const bool asks = write->starts || (write->grows ? !finishes : write->page_work);
    const bool can_be_helped = !asks || ask_helper(write, type);
    if (finishes && write->grows)
        im__map_finish_all_growths(write, type);
    else if (write->is_ahead && can_be_helped)
        let_helper_catch_up(map, type);
    end_awaited(map, type);
    if (!write->left_too_much_behind && !write->waits)
        return;
    size_t waiting = im_sync_load(&map->left_behind_bytes, memory_order_relaxed);
    if (write->waits || !can_be_helped || waiting > LEFT_BEHIND_LIMITS * left_behind_limit(map) ||
        !ask_helper(write, type))
        end_left_behind(map, type);
    if (write->waits) {
        im__map_await_helper(map, type, false);
        end_awaited(map, type);
    }
}

/* Whether a copy of the table, with the retired slots left behind, costs less than a grace period. */
static bool is_better_copied(const struct im_map_write *write, const struct im_map_type *type)
{
    const struct im_map_table *table = write->table;
    return !type->changes_in_place && table->group_bits <= COPIED_MAX_BITS && !write->map->synchronous &&
           !is_growing(write->shard) && is_for_helper(write->map, type, table, IM_MAP_NO_PART);
}

/* A retired slot that no reader looks at any more. */
static void free_slot(struct im_map_table *table, size_t slot)
{
    /* I2: a group that still has an empty slot was never full. */
    if (im_map_group_match_empty(group_of_slot(table, slot))) {
        set_control(table, slot, IM_MAP_EMPTY);
        table->room++;
    } else {
        set_control(table, slot, IM_MAP_DELETED);
        im_sync_store(&table->deleted, im_sync_load(&table->deleted, memory_order_relaxed) + 1, memory_order_relaxed);
    }
}

static void free_retired(const struct im_raw_map *map, const struct im_map_type *type, struct im_map_table *table,
                         size_t end)
{
    drop_retired(map, type, table, end);
    for (size_t i = im_sync_load(&table->reclaimed, memory_order_relaxed); i < end; i++)
        free_slot(table, table->retired[i % table->retired_limit].slot);
    im_sync_store(&table->reclaimed, end, memory_order_relaxed);
}

void im_raw_map_reclaim(struct im_map_write *write, const struct im_map_type *type)
{
    size_t retired = 0;
    FOR_EACH_TABLE(write->shard, table)
    retired += retired_count_of(table);
    if (retired == 0)
        return;
    int cancel_state = im_sync_cancel_disable();
    im__map_synchronize(write->map, type);
    FOR_EACH_TABLE(write->shard, table)
    free_retired(write->map, type, table, retirements_of(table));
    im_sync_cancel_restore(cancel_state);
}

/*
 * Reclaim without a wait: what was retired before a round that has ended. Then ask for another round, if that is worth
 * it: while the helper waits, the other half of the log is used.
 */
static void reclaim_by_and_by(struct im_map_write *write, const struct im_map_type *type)
{
    struct im_map_table *table = write->table;
    const size_t reclaimed = im_sync_load(&table->reclaimed, memory_order_relaxed);
    if (table->awaited > reclaimed) {
        if (!has_ended(write->map, table->round))
            return;
        int cancel_state = im_sync_cancel_disable();
        free_retired(write->map, type, table, table->awaited);
        im_sync_cancel_restore(cancel_state);
    }
    if (retired_count_of(table) < table->retired_limit / 2)
        return;
    table->awaited = retirements_of(table);
    table->round = ask_for_round(write->map, &write->starts);
}

void im_raw_map_prepare_retire(struct im_map_write *write, const struct im_map_type *type)
{
    const struct im_map_table *table = write->table;
    if (IM_LIKELY(retired_count_of(table) < table->retired_limit / 2))
        return;
    const bool is_copied = is_better_copied(write, type);
    if (!is_copied && !write->map->synchronous && table->retired_limit >= ASKED_MIN_RETIRED)
        reclaim_by_and_by(write, type);
    if (im_map_is_log_full(table) && (!is_copied || im__map_resize_at_once(write, type, table->group_bits) != 0))
        im_raw_map_reclaim(write, type);
}
