/* SPDX-License-Identifier: MIT */
/*
 * Rows T1 to T4: owners used by several threads, as in Rust. Shared, many look at the same time; exclusive, one changes,
 * and hands the owner on, by a lock around it or by ending it; ids are given out once.
 *
 * The cells themselves have neither lock nor flag: ThreadSanitizer has nothing to say here as long as the owner goes from
 * hand to hand. Twins: an owner used exclusively without its lock; one that is made though there is one; ids that are
 * given out twice; and, for ThreadSanitizer, the first, and an owner that sees nothing of what was done before it.
 */
#include "stress.h"

#if defined(STRESS_BROKEN_TWIN) && IM_THREAD_SANITIZER
#include "tsan_report.h"
#endif

#include <unistd.h>

#include <intermut/qcell.h>
#include <intermut/tcell.h>
#include <intermut/tlcell.h>

enum { THREADS = 4, CELLS = 8, RUNS = 3 };

static uint64_t operations;

/* ---- A ring of cells behind a read-write lock: their sum stays 0 ---- */

struct account {
    const struct account_cell *next;
    int64_t balance;
};
IM_QCELL_STRUCT(account_cell, struct account);

static struct im_qcell_owner bank;
static struct account_cell accounts[CELLS];
static pthread_rwlock_t bank_lock = PTHREAD_RWLOCK_INITIALIZER;

#ifdef TOKEN_NO_LOCK
#define LOCK(mode) ((void)bank_lock)
#define UNLOCK() ((void)0)
#else
#define LOCK(mode) pthread_rwlock_##mode##lock(&bank_lock)
#define UNLOCK() pthread_rwlock_unlock(&bank_lock)
#endif

static void transfer(uint64_t *random)
{
    const struct account_cell *from = &accounts[stress_random(random) % CELLS];
    struct account *payer, *payee;
    LOCK(wr);
    im_owner_hold(&bank);
    im_qcell_rw2(&bank, from, im_qcell_ro(&bank, from)->next, &payer, &payee);
    payer->balance -= 1;
    STRESS_LINGER();
    payee->balance += 1;
    im_qcell_with_rw(account, &bank, from)
        account->balance += 2;
    im_qcell_with_rw(account, &bank, im_qcell_ro(&bank, from)->next)
        account->balance -= 2;
    im_owner_release(&bank);
    UNLOCK();
}

static void look_around(void)
{
    int64_t sum = 0;
    LOCK(rd);
    im_owner_hold_shared(&bank);
    const struct account_cell *at = &accounts[0];
    for (int i = 0; i < CELLS; i++) {
        im_qcell_with_ro(account, &bank, at)
            sum += account->balance;
        at = im_qcell_ro(&bank, at)->next;
    }
    im_owner_release_shared(&bank);
    UNLOCK();
    if (sum != 0)
        stress_violation("the sum is %ld", (long)sum);
}

static void *use_bank(void *seed)
{
    uint64_t random = *(uint64_t *)seed;
    for (uint64_t i = 0; i < operations; i++) {
        if (i % 4 == 0)
            transfer(&random);
        else
            look_around();
    }
    return NULL;
}

/* ---- The owner of a marker goes round ---- */

IM_TCELL_MARKER(rounds);
typedef im_tcell_owner(rounds) rounds_owner;
static im_tcell(rounds, uint64_t) count;
IM_TLCELL_MARKER(own);

static void *go_round(void *unused)
{
    rounds_owner owner;
    im_tlcell_owner(own) mine;
    im_tlcell(own, uint64_t) mine_alone = IM_TLCELL_INIT(0);
    im_tlcell_owner_new(own, &mine);
    for (uint64_t i = 0; i < operations / 4; i++) {
        if (i % 2 || im_tcell_owner_try_new(rounds, &owner))
            im_tcell_owner_wait_for_new(rounds, &owner);
        uint64_t *counted = im_tcell_rw(&owner, &count);
        const uint64_t next = *counted + 1;
        STRESS_LINGER();
        *counted = next;
        im_tcell_owner_end(rounds, &owner);
        *im_tlcell_rw(&mine, &mine_alone) += 1;
    }
    if (*im_tlcell_ro(&mine, &mine_alone) != operations / 4)
        stress_violation("a thread's own count is wrong");
    im_tlcell_owner_end(own, &mine);
    return unused;
}

/* ---- Ids ---- */

enum { OWNERS = 20000 };
static uint64_t ids[THREADS][OWNERS];

static void *make_owners(void *seed)
{
    uint64_t *list = ids[*(uint64_t *)seed - 1];
    for (int i = 0; i < OWNERS; i++) {
        struct im_qcell_owner owner;
        if (im_qcell_owner_new(&owner))
            stress_violation("there are no ids");
        list[i] = im_qcell_owner_id(&owner).im_id;
    }
    return NULL;
}

static int compare_ids(const void *one, const void *two)
{
    uint64_t first = *(const uint64_t *)one, second = *(const uint64_t *)two;
    return (first > second) - (first < second);
}

static void check_ids(void)
{
    uint64_t *all = &ids[0][0];
    qsort(all, (size_t)THREADS * OWNERS, sizeof *all, compare_ids);
    for (size_t i = 1; i < (size_t)THREADS * OWNERS; i++) {
        if (all[i] == all[i - 1])
            stress_violation("id %lu was given out twice", (unsigned long)all[i]);
    }
}

/* ---- */

/* Whatever breaks the rules may also be told so by the library. */
static void be_found_out(const struct im_panic_info *info)
{
    stress_violation("%s", info->message);
    _exit(stress_verdict());
}

static void run(void *(*function)(void *))
{
    static uint64_t seeds[THREADS];
    pthread_t threads[THREADS];
    for (uint64_t i = 0; i < THREADS; i++) {
        seeds[i] = i + 1;
        stress_start(&threads[i], function, &seeds[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

int main(int argc, char **argv)
{
    operations = stress_operations(120000, stress_scale(argc, argv));
    im_panic_set_handler(be_found_out);
    for (uint64_t i = 0; stress_again(i, RUNS); i++) {
        im_qcell_owner_new_pinned(&bank);
        for (int j = 0; j < CELLS; j++)
            im_qcell_init(&accounts[j], im_qcell_owner_id(&bank), (struct account){&accounts[(j + 1) % CELLS], 0});
        run(use_bank);
        im_qcell_owner_end(&bank);

        *im_tcell_get_mut(&count) = 0;
        run(go_round);
        if (*im_tcell_get_mut(&count) != THREADS * (operations / 4))
            stress_violation("%lu of %lu rounds", (unsigned long)*im_tcell_get_mut(&count),
                             (unsigned long)(THREADS * (operations / 4)));

        run(make_owners);
        check_ids();
    }
    return stress_verdict();
}
