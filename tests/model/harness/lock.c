/* SPDX-License-Identifier: MIT */
/*
 * lock: the futex mutex with its time-outs and its fairness, the spin and the ticket lock, the condvar,
 * the owner of a reentrant lock.
 */
#include <stdlib.h>
#include <string.h>

#include <im_model.h>

/* Searched as if every look before sleeping were in vain, or with one or two, and with a patience that a harness sets. */
static uint64_t patience_ns, looks_ns;
#define IM_FUTEX_LOOKS_NS looks_ns
#define IM_FUTEX_PATIENCE_NS patience_ns
/* Found by the include path, so that mutants are, too. */
#include <intermut/sync.h>
static int count_awake(int error);
#undef im_sync_wait
#define im_sync_wait(word, expected, deadline_ns) \
    count_awake(im_model_wait(IM_MODEL_SITE(#word), word, expected, deadline_ns))
#include <condvar.c>
#undef im_sync_wait
#define im_sync_wait(word, expected, deadline_ns) im_model_wait(IM_MODEL_SITE(#word), word, expected, deadline_ns)
#include <mutex.c>
#include <raw_futex.c>
#include <raw_guard.c>
#include <raw_spinlock.c>
#include <raw_ticket.c>
#include <reentrant.c>

static struct {
    struct im_raw_futex futex;
    struct im_raw_spinlock spinlock;
    struct im_raw_ticket ticket;
    int value; /* plain: watched for races */
} shared;
static int expected, late;

static void start(void)
{
    memset(&shared, 0, sizeof shared);
    expected = late = 0;
    patience_ns = UINT64_MAX;
    looks_ns = 0;
    im_model_name(&shared.futex, sizeof shared.futex, "futex");
    im_model_name(&shared.spinlock, sizeof shared.spinlock, "spinlock");
    im_model_name(&shared.ticket, sizeof shared.ticket, "ticket");
    im_model_name(&shared.value, sizeof shared.value, "value");
}

/* A section of any lock. */
static void add_one(void)
{
    int seen = shared.value;
    shared.value = seen + 1;
}

/* ------------------------------------------------------------------------------------------------------- futex */

static void three_sections(void) { start(), expected = 3; }
static void two_sections(void) { start(), expected = 2; }

static void impatient_sections(void) { start(), expected = 3, patience_ns = 0; }
/* The model's clock goes on by 10 ms at each look: one pause, and the next look is the last one. */
static void looking_sections(void) { impatient_sections(), looks_ns = 1; }

static void futex_section(void)
{
    im_raw_futex_lock(&shared.futex);
    add_one();
    im_model_check(im_raw_futex_unlock(&shared.futex), "it was locked");
}

static void futex_section_fair(void)
{
    im_raw_futex_lock(&shared.futex);
    add_one();
    im_model_check(im_raw_futex_unlock_fair(&shared.futex), "it was locked");
}

/* The model's clock goes on by 10 ms at each look: enough for one sleep, and to give up after it. */
#define ONE_SLEEP_NS 25000000u

static void futex_section_in_time(void)
{
    if (!im_raw_futex_lock_until(&shared.futex, im_sync_now_ns() + ONE_SLEEP_NS)) {
        im_sync_fetch_add(&late, 1, memory_order_relaxed);
        return;
    }
    add_one();
    im_raw_futex_unlock(&shared.futex);
}

static void futex_section_if_free(void)
{
    if (!im_raw_futex_try_lock(&shared.futex)) {
        im_sync_fetch_add(&late, 1, memory_order_relaxed);
        return;
    }
    add_one();
    im_raw_futex_unlock(&shared.futex);
}

/* As the parts of a guard that was split. */
static void futex_section_of_two_parts(void)
{
    im_raw_futex_lock(&shared.futex);
    im_model_check(im_raw_futex_share(&shared.futex), "two are not too many");
    im_raw_futex_unlock(&shared.futex);
    add_one();
    im_raw_futex_unlock(&shared.futex);
}

/* What is left may be PARKED for nobody, and nothing else. */
static void futex_is_free(void)
{
    im_model_check(shared.value + late == expected, "%d sections and %d late, of %d", shared.value, late, expected);
    im_model_check(!(shared.futex.word & ~IM__FUTEX_PARKED), "the word is %#x", shared.futex.word);
}

IM_MODEL_HARNESS(futex_two, "two threads exclude each other, and both get the lock", .init = two_sections,
                 .threads = {futex_section, futex_section}, .check = futex_is_free)
IM_MODEL_HARNESS(futex_three, "no wake-up is lost among three", .init = three_sections,
                 .threads = {futex_section, futex_section, futex_section}, .check = futex_is_free)
IM_MODEL_HARNESS(futex_spurious, "a wake-up for nothing does no harm", .init = two_sections,
                 .threads = {futex_section, futex_section}, .check = futex_is_free, .spurious = 2)
IM_MODEL_HARNESS(futex_time_out, "who gives up leaves nobody asleep, and a lock that others can take",
                 .init = three_sections, .threads = {futex_section, futex_section_in_time, futex_section},
                 .check = futex_is_free)
IM_MODEL_HARNESS(futex_impatient, "who closes the lock to newcomers opens it again", .init = impatient_sections,
                 .threads = {futex_section, futex_section, futex_section}, .check = futex_is_free)
IM_MODEL_HARNESS(futex_impatient_time_out, "also when it gives up", .init = impatient_sections,
                 .threads = {futex_section, futex_section_in_time, futex_section_in_time}, .check = futex_is_free, .search = IM_MODEL_BOUNDED,
                 .preemptions = 3, .executions = 60000, .random = 5000)
IM_MODEL_HARNESS(futex_fair, "a lock that is handed over is taken, or open again", .init = three_sections,
                 .threads = {futex_section_fair, futex_section_in_time, futex_section_fair}, .check = futex_is_free, .search = IM_MODEL_BOUNDED,
                 .preemptions = 3, .executions = 60000, .random = 5000)
IM_MODEL_HARNESS(futex_fair_newcomer, "a newcomer leaves what is handed over alone", .init = three_sections,
                 .threads = {futex_section_fair, futex_section_in_time, futex_section_if_free},
                 .check = futex_is_free)

/* Who is to have it does, also before one that came back at once, and was about to sleep when it said that it is impatient. */
static bool has_had_its_turn; /* plain: under the lock */
static bool was_seen;

static void held_and_impatient(void)
{
    start(), patience_ns = 0;
    has_had_its_turn = was_seen = false;
    im_raw_futex_lock(&shared.futex);
}

static void hand_over_and_come_back(void)
{
    im_raw_futex_unlock_fair(&shared.futex);
    was_seen = im_sync_load(&shared.futex.word, memory_order_relaxed) & IM__FUTEX_HANDED;
    im_raw_futex_lock(&shared.futex);
    im_model_check(!was_seen || has_had_its_turn, "it was handed to another one");
    im_raw_futex_unlock(&shared.futex);
}

static void have_a_turn(void)
{
    im_raw_futex_lock(&shared.futex);
    has_had_its_turn = true;
    im_raw_futex_unlock(&shared.futex);
}

static void say_whether_handed(void) { im_model_outcome("%s", was_seen ? "handed" : "not"); }

IM_MODEL_HARNESS(futex_fair_back, "who comes back at once leaves what it handed over alone", .init = held_and_impatient,
                 .threads = {hand_over_and_come_back, have_a_turn}, .check = say_whether_handed,
                 .outcomes = "handed|not")

IM_MODEL_HARNESS(futex_looks, "who looks before it sleeps, and after it, loses no wake-up", .init = looking_sections,
                 .threads = {futex_section, futex_section, futex_section}, .check = futex_is_free,
                 .search = IM_MODEL_BOUNDED, .preemptions = 3, .executions = 60000, .random = 5000)

/*
 * The bound: from when a thread is impatient, another one that leaves the lock does not get it again before it. The hog
 * always wants it, and never pauses.
 */
enum { HOGS_SECTIONS = 3 };
static void start_patience(void)
{
    impatient_sections();
    has_had_its_turn = was_seen = false;
}

static void hog(void)
{
    bool is_next = false;
    for (int i = 0; i < HOGS_SECTIONS; i++) {
        im_raw_futex_lock(&shared.futex);
        im_model_check(!is_next || has_had_its_turn, "the hog overtook an impatient thread");
        is_next = !has_had_its_turn && im_sync_load(&shared.futex.word, memory_order_relaxed) >= IM__FUTEX_IMPATIENT;
        was_seen |= is_next;
        im_raw_futex_unlock(&shared.futex);
    }
}

static void say_whether_impatient(void) { im_model_outcome("%s", was_seen ? "impatient" : "patient"); }

IM_MODEL_HARNESS(futex_patience, "who is impatient is overtaken by nobody, and somebody is", .init = start_patience,
                 .threads = {hog, have_a_turn}, .check = say_whether_impatient, .outcomes = "impatient|patient")

/* Who is on the way to sleep whenever the word changes is impatient, too: it is not overtaken again and again. */
enum { HOGS_MORE_SECTIONS = 6, OVERTAKEN_AT_MOST = 2 };

static void overtake_sleepers(void)
{
    int overtaken = 0;
    for (int i = 0; i < HOGS_MORE_SECTIONS; i++) {
        im_raw_futex_lock(&shared.futex);
        overtaken += !has_had_its_turn && im_sync_load(&shared.futex.word, memory_order_relaxed) & IM__FUTEX_PARKED;
        im_raw_futex_unlock(&shared.futex);
    }
    im_model_check(overtaken <= OVERTAKEN_AT_MOST, "who was to sleep was overtaken %d times", overtaken);
}

IM_MODEL_HARNESS(futex_patience_awake, "who never gets to sleep is not overtaken for ever", .init = start_patience,
                 .threads = {overtake_sleepers, have_a_turn}, .search = IM_MODEL_BOUNDED, .preemptions = 6,
                 .executions = 30000, .random = 10000)

/*
 * A newcomer between a wake-up and who was woken: it unlocks a lock that looks as if nobody slept. To begin with, the lock
 * is held, so that the search is short.
 */
static void held_at_first(void)
{
    start(), expected = 3;
    im_raw_futex_lock(&shared.futex);
}

static void futex_unlock_only(void) { im_raw_futex_unlock(&shared.futex); }

IM_MODEL_HARNESS(futex_time_out_overtaken, "who is overtaken and gives up passes on that others sleep",
                 .init = held_at_first,
                 .threads = {futex_section_in_time, futex_section, futex_unlock_only, futex_section_if_free},
                 .check = futex_is_free, .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 100000,
                 .random = 20000)
IM_MODEL_HARNESS(futex_fair_time_out, "also when who is to have it gives up", .init = two_sections,
                 .threads = {futex_section_fair, futex_section_in_time}, .check = futex_is_free)
IM_MODEL_HARNESS(futex_try, "a try takes what is free, and never waits", .init = two_sections,
                 .threads = {futex_section, futex_section_if_free}, .check = futex_is_free)
IM_MODEL_HARNESS(futex_parts, "the last part of a split guard unlocks", .init = two_sections,
                 .threads = {futex_section_of_two_parts, futex_section}, .check = futex_is_free)

/* The next owner may free the lock: an unlock does not touch it when it is open. */
static struct counted {
    struct im_raw_futex futex;
    int owners;
} * counted;

static void count_two(void)
{
    start();
    counted = malloc(sizeof *counted);
    memset(counted, 0, sizeof *counted);
    counted->owners = 2;
}

static void drop_counted(void)
{
    im_raw_futex_lock(&counted->futex);
    bool is_last = --counted->owners == 0;
    im_raw_futex_unlock(&counted->futex);
    if (is_last)
        free(counted);
}

IM_MODEL_HARNESS(futex_freed, "who unlocks last may free the lock", .init = count_two,
                 .threads = {drop_counted, drop_counted})

/* ---------------------------------------------------------------------------------------------- spin and ticket */

static void spinlock_section(void)
{
    im_raw_spinlock_lock(&shared.spinlock);
    add_one();
    im_raw_spinlock_unlock(&shared.spinlock);
}

static void spinlock_section_if_free(void)
{
    if (!im_raw_spinlock_try_lock(&shared.spinlock)) {
        im_sync_fetch_add(&late, 1, memory_order_relaxed);
        return;
    }
    add_one();
    im_raw_spinlock_unlock(&shared.spinlock);
}

static void ticket_section(void)
{
    im_raw_ticket_lock(&shared.ticket);
    add_one();
    im_raw_ticket_unlock(&shared.ticket);
}

static void ticket_section_if_free(void)
{
    if (!im_raw_ticket_try_lock(&shared.ticket)) {
        im_sync_fetch_add(&late, 1, memory_order_relaxed);
        return;
    }
    add_one();
    im_raw_ticket_unlock(&shared.ticket);
}

static void all_done(void)
{
    im_model_check(shared.value + late == expected, "%d sections and %d late, of %d", shared.value, late, expected);
    im_model_check(!im_raw_spinlock_is_locked(&shared.spinlock), "the spin lock is still locked");
    im_model_check(!im_raw_ticket_is_locked(&shared.ticket), "the ticket lock is still locked");
}

IM_MODEL_HARNESS(spinlock, "threads exclude each other at a spin lock", .init = two_sections,
                 .threads = {spinlock_section, spinlock_section}, .check = all_done)
IM_MODEL_HARNESS(spinlock_try, "a try takes a spin lock that is free", .init = two_sections,
                 .threads = {spinlock_section, spinlock_section_if_free}, .check = all_done)
IM_MODEL_HARNESS(ticket, "threads exclude each other at a ticket lock", .init = two_sections,
                 .threads = {ticket_section, ticket_section}, .check = all_done, .spins = 30)
IM_MODEL_HARNESS(ticket_try, "a try takes a ticket lock that is free", .init = two_sections,
                 .threads = {ticket_section, ticket_section_if_free}, .check = all_done, .spins = 30)

/* ------------------------------------------------------------------------------------------------------- condvar */

static struct im_raw_condvar condvar;
static int taken;

/* How many the condvar has woken, where a harness wants to know. */
static bool counts_awake;
static int awake;

static int count_awake(int error)
{
    if (counts_awake && error == 0)
        im_sync_fetch_add(&awake, 1, memory_order_relaxed);
    return error;
}

static void nothing_yet(void)
{
    start();
    memset(&condvar, 0, sizeof condvar);
    taken = awake = 0;
    counts_awake = false;
    im_model_name(&condvar, sizeof condvar, "condvar");
}

static const struct im_place place = {"mutex", {"lock.c", "model", 1}};

static int wait_there(uint64_t deadline_ns)
{
    return im_raw_condvar_wait(&condvar, &shared.futex, &im_raw_futex_ops, deadline_ns, &place);
}

static void take_one(void)
{
    im_raw_futex_lock(&shared.futex);
    while (shared.value == 0)
        wait_there(IM_SYNC_FOREVER);
    shared.value--, taken++;
    im_raw_futex_unlock(&shared.futex);
}

/* Who gives up passes on what it was told. */
static void take_one_in_time(void)
{
    im_raw_futex_lock(&shared.futex);
    bool has_given_up = false;
    while (shared.value == 0 && !has_given_up)
        has_given_up = wait_there(im_sync_now_ns() + 1) == ETIMEDOUT;
    if (shared.value > 0)
        shared.value--, taken++;
    im_raw_futex_unlock(&shared.futex);
}

static void put_one(void)
{
    im_raw_futex_lock(&shared.futex);
    shared.value++;
    im_raw_futex_unlock(&shared.futex);
    im_raw_condvar_notify(&condvar, 1);
}

static void put_one_inside(void)
{
    im_raw_futex_lock(&shared.futex);
    shared.value++;
    im_raw_condvar_notify(&condvar, 1);
    im_raw_futex_unlock(&shared.futex);
}

static void put_two(void)
{
    im_raw_futex_lock(&shared.futex);
    shared.value += 2;
    im_raw_futex_unlock(&shared.futex);
    im_raw_condvar_notify(&condvar, IM_SYNC_ALL);
}

static void nobody_waits(void)
{
    im_model_check(condvar.waiters == 0, "%u waiters", condvar.waiters);
    im_model_check(!im_raw_futex_is_locked(&shared.futex), "the mutex is still locked");
}

static void all_taken(void)
{
    nobody_waits();
    im_model_check(shared.value == 0, "%d are left, %d taken", shared.value, taken);
}

IM_MODEL_HARNESS(condvar_one, "a notification after the section is not missed", .init = nothing_yet,
                 .threads = {take_one, put_one}, .check = all_taken)
IM_MODEL_HARNESS(condvar_inside, "nor one inside it", .init = nothing_yet, .threads = {take_one, put_one_inside},
                 .check = all_taken)
IM_MODEL_HARNESS(condvar_all, "two waiters, and one who wakes all", .init = nothing_yet,
                 .threads = {take_one, take_one, put_two}, .check = all_taken, .search = IM_MODEL_BOUNDED,
                 .preemptions = 2, .executions = 20000, .random = 3000)
IM_MODEL_HARNESS(condvar_two, "two waiters, and two who wake one each", .init = nothing_yet,
                 .threads = {take_one, take_one, put_one, put_one}, .check = all_taken, .search = IM_MODEL_BOUNDED,
                 .preemptions = 2, .executions = 20000, .random = 3000)
IM_MODEL_HARNESS(condvar_time_out, "who gives up takes nobody's wake-up with it", .init = nothing_yet,
                 .threads = {take_one_in_time, take_one, put_two}, .check = nobody_waits, .search = IM_MODEL_BOUNDED,
                 .preemptions = 2, .executions = 20000, .random = 3000)

/* Who waits is moved to the mutex, and woken by its unlock. */
static void nobody_awake_yet(void)
{
    nothing_yet();
    counts_awake = true;
}

static void put_two_before_a_herd(void)
{
    im_raw_futex_lock(&shared.futex);
    shared.value += 2;
    im_raw_condvar_notify(&condvar, IM_SYNC_ALL);
    int herd = im_sync_fetch_add(&awake, 0, memory_order_relaxed);
    im_model_check(herd <= 1, "%d are awake, and none can have the mutex", herd);
    im_raw_futex_unlock(&shared.futex);
}

static void nobody_is_moved(void)
{
    all_taken();
    im_model_check(!(condvar.sequence & IM__CONDVAR_MOVED), "MOVED for nobody");
}

IM_MODEL_HARNESS(condvar_herd, "while the mutex is held, one of all wakes; the others do when it is theirs",
                 .init = nobody_awake_yet, .threads = {take_one, take_one, put_two_before_a_herd},
                 .check = nobody_is_moved, .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 20000, .random = 3000)
IM_MODEL_HARNESS(condvar_moved_in_time, "who gives up where it was moved to leaves the others their wake-up",
                 .init = nobody_awake_yet, .threads = {take_one_in_time, take_one, put_two_before_a_herd},
                 .check = nobody_waits, .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 20000, .random = 3000)
IM_MODEL_HARNESS(condvar_moved_spurious, "also who is interrupted, or wakes for nothing", .init = nothing_yet,
                 .threads = {take_one, take_one, put_two}, .check = all_taken, .spurious = 1, .search = IM_MODEL_BOUNDED,
                 .preemptions = 2, .executions = 20000, .random = 3000)

static void put_two_fair(void)
{
    im_raw_futex_lock(&shared.futex);
    shared.value += 2;
    im_raw_condvar_notify(&condvar, IM_SYNC_ALL);
    im_raw_futex_unlock_fair(&shared.futex);
}

static void take_one_fair(void)
{
    im_raw_futex_lock(&shared.futex);
    while (shared.value == 0)
        wait_there(IM_SYNC_FOREVER);
    shared.value--, taken++;
    im_raw_futex_unlock_fair(&shared.futex);
}

static void look_in(void)
{
    im_raw_futex_lock(&shared.futex);
    im_raw_futex_unlock_fair(&shared.futex);
}

IM_MODEL_HARNESS(condvar_moved_fair, "a mutex that is handed to one who was moved is taken", .init = nothing_yet,
                 .threads = {take_one_fair, take_one_fair, put_two_fair, look_in}, .check = all_taken,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 20000, .random = 3000)

static void impatient_yet(void)
{
    nothing_yet();
    patience_ns = 0;
}

IM_MODEL_HARNESS(condvar_moved_impatient, "and one that is closed to newcomers, too", .init = impatient_yet,
                 .threads = {take_one, take_one, put_two_fair, look_in}, .check = all_taken,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 20000, .random = 3000)

static void put_one_for_all(void)
{
    im_raw_futex_lock(&shared.futex);
    shared.value++;
    im_raw_futex_unlock(&shared.futex);
    im_raw_condvar_notify(&condvar, IM_SYNC_ALL);
}

static void take_two(void) { take_one(), take_one(); }
static void put_one_for_all_thrice(void) { put_one_for_all(), put_one_for_all(), put_one_for_all(); }

IM_MODEL_HARNESS(condvar_all_again, "who comes between two notifications gets the second one", .init = nothing_yet,
                 .threads = {take_two, take_one, put_one_for_all_thrice}, .check = all_taken,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 20000, .random = 3000)

/* As if somebody waited who has been moved, and does not leave. */
static void one_is_moved(void)
{
    nothing_yet();
    condvar = (struct im_raw_condvar){
        .sequence = IM__CONDVAR_MOVES | IM__CONDVAR_MOVED, .waiters = 1, .lock = &shared.futex};
}

static void none_is_left(void) { im_model_check(shared.value == 0, "%d are left", shared.value); }

IM_MODEL_HARNESS(condvar_all_counted, "a notification of all counts where others have been moved before",
                 .init = one_is_moved, .threads = {take_one, put_one_for_all}, .check = none_is_left)

static void notify_one_for_nothing(void) { im_raw_condvar_notify(&condvar, 1); }

IM_MODEL_HARNESS(condvar_all_and_one, "who notifies all is told that another one has notified, and looks again",
                 .init = nothing_yet, .threads = {take_one, take_one, put_two, notify_one_for_nothing}, .check = all_taken,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 20000, .random = 3000)

/*
 * The condvar is used with one mutex, and then with another: a late notifier of the first does not move who waits there. To
 * begin with, the first thread has waited with the first mutex, and is about to leave, so that the search is short.
 */
static struct im_raw_futex other;
static bool is_open, is_told; /* plain: under the other mutex */

static void two_mutexes(void)
{
    nothing_yet();
    memset(&other, 0, sizeof other);
    is_open = is_told = false;
    condvar = (struct im_raw_condvar){.sequence = IM__CONDVAR_MOVES, .waiters = 1, .lock = &shared.futex};
    im_model_name(&other, sizeof other, "other");
}

static void wait_with_the_other(void)
{
    while (!is_told)
        im_raw_condvar_wait(&condvar, &other, &im_raw_futex_ops, IM_SYNC_FOREVER, &place);
}

static void wait_with_both(void)
{
    depart(&condvar);
    im_raw_futex_lock(&other);
    is_open = true;
    wait_with_the_other();
    im_raw_futex_unlock(&other);
}

static void wait_if_it_is_open(void)
{
    im_raw_futex_lock(&other);
    if (is_open)
        wait_with_the_other();
    im_raw_futex_unlock(&other);
}

static void notify_both(void)
{
    im_raw_condvar_notify(&condvar, IM_SYNC_ALL);
    im_raw_futex_lock(&other);
    is_told = true;
    im_raw_futex_unlock(&other);
    im_raw_condvar_notify(&condvar, IM_SYNC_ALL);
}

IM_MODEL_HARNESS(condvar_other_mutex, "nobody is moved to a mutex that is not its own", .init = two_mutexes,
                 .threads = {wait_with_both, wait_if_it_is_open, notify_both}, .check = nobody_waits,
                 .search = IM_MODEL_BOUNDED, .preemptions = 3, .executions = 60000, .random = 10000)

/* ----------------------------------------------------------------------------------------------------- reentrant */

static struct im_raw_reentrant reentrant;

static void reentrant_start(void)
{
    start(), expected = 6;
    memset(&reentrant, 0, sizeof reentrant);
    im_model_name(&reentrant.owner, sizeof reentrant.owner, "owner");
    im_model_name(&reentrant.lock, sizeof reentrant.lock, "futex");
}

static void reentrant_section(void)
{
    im_raw_reentrant_lock(&reentrant, &place);
    add_one();
    im_model_check(im_raw_reentrant_try_lock(&reentrant, &place), "it is mine");
    add_one();
    im_raw_reentrant_unlock(&reentrant, &place);
    im_raw_reentrant_unlock(&reentrant, &place);
}

static void two_reentrant_sections(void)
{
    reentrant_section();
    reentrant_section();
}

static void reentrant_is_free(void)
{
    im_model_check(shared.value == expected, "%d of %d", shared.value, expected);
    im_model_check(!im_raw_futex_is_locked(&reentrant.lock) && reentrant.owner == 0, "it is still locked");
}

IM_MODEL_HARNESS(reentrant, "the holder comes in again, and nobody else", .init = reentrant_start,
                 .threads = {two_reentrant_sections, reentrant_section}, .check = reentrant_is_free)
