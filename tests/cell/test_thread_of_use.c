/* SPDX-License-Identifier: MIT */
/* Row C10: an object for one thread that two use is caught, and what is right is not. IM_CHECKED=1. */
#include <criterion/criterion.h>

#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/cell_view.h>
#include <intermut/move_cell.h>
#include <intermut/refcell.h>
#include <intermut/sync.h>

#include "panics.h"

typedef struct {
    int x, y;
} point;
typedef im_cell(int) int_cell;
typedef im_cell(point) point_cell;
typedef im_cell_view(int) int_view;
typedef im_move_cell(char *) text_cell;
typedef im_refcell(int) int_refcell;
typedef im_ref(int) int_ref;
struct page {
    const char *text;
    int_cell hits;
    int_refcell visitors;
};

static int_cell cell, other_cell;
static point_cell point_of_two;
static text_cell text, other_text;
static int_refcell refcell, other_refcell, guarded;
static int_ref guard;

/* Another thread, which uses something and then lives on until it is told to end. */
static pthread_t thread;
static sem_t has_used, may_end;
static long thread_number;

static void *use_and_live_on(void *use)
{
    thread_number = im_sync_thread_number();
    (*(void (**)(void))use)();
    sem_post(&has_used);
    sem_wait(&may_end);
    return NULL;
}

static void use_elsewhere(void (*use)(void))
{
    sem_init(&has_used, 0, 0);
    sem_init(&may_end, 0, 0);
    cr_assert_eq(pthread_create(&thread, NULL, use_and_live_on, &use), 0);
    sem_wait(&has_used);
}

static void end_elsewhere(void)
{
    sem_post(&may_end);
    pthread_join(thread, NULL);
}

static int set_at;

static void set_cell(void)
{
    set_at = __LINE__ + 1;
    im_cell_set(&cell, 1);
}

Test(thread_of_use, both_places_are_named)
{
    use_elsewhere(set_cell);
    ASSERT_PANICS((void)im_cell_get(&cell), "cannot get `cell`: another thread uses it");
    cr_assert_str_eq(panic_lines[0].label, "used");
    cr_assert_str_eq(panic_lines[0].site.function, "set_cell");
    cr_assert_eq(panic_lines[0].site.line, set_at);
    cr_assert_eq(panic_lines[0].thread, thread_number);
    ASSERT_PANICS((void)im_cell_get(&cell), "cannot get `cell`: another thread uses it"); /* and it stays so */
    end_elsewhere();
}

static void use_all(void)
{
    set_cell();
    im_cell_set(&other_cell, 1);
    im_cell_set(im_cell_project(int_view, &point_of_two, y), 1);
    (void)im_move_cell_take(&text);
    (void)im_move_cell_take(&other_text);
    im_refcell_with(p, &refcell)
        cr_assert_eq(*p, 0);
    im_refcell_with(p, &other_refcell)
        cr_assert_eq(*p, 0);
    int_ref borrowed = im_refcell_borrow_ref(int_ref, &guarded);
    memcpy(&guard, &borrowed, sizeof guard);
}

#define ASSERT_CAUGHT(operation, name, use) \
    ASSERT_PANICS(use, "cannot " operation " `" name "`: another thread uses it")

Test(thread_of_use, every_operation_that_shares_is_use)
{
    static int_cell own;
    static text_cell own_text;
    static int_refcell own_refcell;
    static int out;
    use_elsewhere(use_all);
    ASSERT_CAUGHT("set", "cell", im_cell_set(&cell, 2));
    ASSERT_CAUGHT("replace", "cell", (void)im_cell_replace(&cell, 2));
    ASSERT_CAUGHT("take", "cell", (void)im_cell_take(&cell));
    ASSERT_CAUGHT("update", "cell", (void)im_cell_update(&cell, n, n + 1));
    ASSERT_CAUGHT("swap", "cell", im_cell_swap(&cell, &own));
    ASSERT_CAUGHT("swap", "cell", im_cell_swap(&own, &cell));
    const int_view *y = im_cell_project(int_view, &point_of_two, y);
    ASSERT_CAUGHT("get", "y", (void)im_cell_get(y));
    im_cell_set(im_cell_project(int_view, &point_of_two, x), 2); /* another part */

    ASSERT_CAUGHT("replace", "text", (void)im_move_cell_replace(&text, NULL));
    ASSERT_CAUGHT("take", "text", (void)im_move_cell_take(&text));
    ASSERT_CAUGHT("swap", "text", im_move_cell_swap(&own_text, &text));

    ASSERT_CAUGHT("borrow", "refcell", (void)im_refcell_borrow(&refcell));
    ASSERT_CAUGHT("borrow", "refcell", (void)!im_refcell_try_borrow(&refcell));
    ASSERT_CAUGHT("borrow", "refcell", (void)!im_refcell_try_borrow_unguarded(&refcell));
    ASSERT_CAUGHT("borrow", "refcell", (void)im_refcell_borrow_ref(int_ref, &refcell));
    ASSERT_CAUGHT("borrow", "refcell", im_refcell_try_with(p, &refcell) out = *p);
    ASSERT_CAUGHT("borrow_mut", "refcell", (void)im_refcell_borrow_mut(&refcell));
    ASSERT_CAUGHT("borrow_mut", "refcell", im_refcell_with_mut(p, &refcell)++ * p);
    ASSERT_CAUGHT("release", "refcell", im_refcell_release(&refcell));
    ASSERT_CAUGHT("release_mut", "refcell", im_refcell_release_mut(&refcell));
    ASSERT_CAUGHT("replace", "refcell", (void)im_refcell_replace(&refcell, 1));
    ASSERT_CAUGHT("replace", "refcell", (void)im_refcell_try_replace(&refcell, &out, 1));
    ASSERT_CAUGHT("replace_with", "refcell", (void)im_refcell_replace_with(&refcell, p, *p));
    ASSERT_CAUGHT("borrow_mut", "refcell", (void)im_refcell_try_replace_with(&refcell, &out, p, *p));
    ASSERT_CAUGHT("take", "refcell", (void)im_refcell_take(&refcell));
    ASSERT_CAUGHT("take", "refcell", (void)im_refcell_try_take(&refcell, &out));
    ASSERT_CAUGHT("swap", "refcell", im_refcell_swap(&own_refcell, &refcell));
    ASSERT_CAUGHT("swap", "refcell", (void)im_refcell_try_swap(&refcell, &own_refcell));

    static int_ref part;
    ASSERT_CAUGHT("clone", "guard", (void)im_ref_clone(&guard));
    ASSERT_CAUGHT("map", "guard", (void)im_ref_map(int_ref, &guard, p, p));
    ASSERT_CAUGHT("filter_map", "guard", (void)im_ref_filter_map(int_ref, &guard, p, p));
    ASSERT_CAUGHT("split", "guard", im_ref_map_split(&guard, p, (&part, p)));
    ASSERT_CAUGHT("leak", "guard", (void)im_ref_leak(&guard));
    ASSERT_CAUGHT("release", "guard", im_ref_release(&guard));
    end_elsewhere();
}

Test(thread_of_use, an_exclusive_operation_hands_over)
{
    static int out;
    use_elsewhere(use_all);
    *im_cell_get_mut(&cell) = 5;
    cr_assert_eq(im_cell_get(&cell), 5);
    (void)im_cell_into_inner(&other_cell);
    im_cell_set(&other_cell, 2);
    im_cell_get_mut(&point_of_two)->y = 3; /* with all its parts */
    cr_assert_eq(im_cell_get(im_cell_project(int_view, &point_of_two, y)), 3);
    (void)im_move_cell_into_inner(&text);
    (void)im_move_cell_take(&text);
    *im_refcell_get_mut(&refcell) = 1;
    cr_assert_eq(*im_refcell_borrow(&refcell), 1);
    cr_assert_not_null(im_refcell_try_get_mut(&other_refcell));
    cr_assert_eq(im_refcell_try_replace(&other_refcell, &out, 1), 0);
    end_elsewhere();
}

static struct page pages[300];

static void use_pages(void)
{
    for (size_t i = 0; i < 300; i++) {
        im_cell_set(&pages[i].hits, 1);
        (void)im_refcell_take(&pages[i].visitors);
    }
}

Test(thread_of_use, a_hand_over_is_for_all_that_is_inside)
{
    use_elsewhere(use_pages);
    im_checked_hand_over(&pages[7]);
    cr_assert_eq(im_cell_get(&pages[7].hits), 1);
    (void)im_refcell_take(&pages[7].visitors);
    ASSERT_CAUGHT("get", "pages[6].hits", (void)im_cell_get(&pages[6].hits));
    ASSERT_CAUGHT("get", "pages[8].hits", (void)im_cell_get(&pages[8].hits));
    im_checked_hand_over(&pages); /* too many bytes to be looked up one by one */
    use_pages();
    end_elsewhere();
}

static void set_and_hand_over(void)
{
    im_cell_set(&cell, 4);
    im_checked_hand_over(&cell);
}

Test(thread_of_use, the_giver_may_hand_over_too)
{
    use_elsewhere(set_and_hand_over);
    cr_assert_eq(im_cell_get(&cell), 4);
    end_elsewhere();
}

static void *set_and_end(void *how)
{
    set_cell();
    if (how)
        pthread_exit(NULL);
    return NULL;
}

static void check_join_hands_over(void *how)
{
    cr_assert_eq(pthread_create(&thread, NULL, set_and_end, how), 0);
    pthread_join(thread, NULL);
    cr_assert_eq(im_cell_get(&cell), 1);
}

/* Also the next thread, which may get the stack and the number of the one before. */
Test(thread_of_use, the_end_of_a_thread_hands_over)
{
    for (int i = 0; i < 200; i++) {
        (void)im_cell_get_mut(&cell);
        check_join_hands_over(i % 2 ? &thread : NULL);
        im_checked_hand_over(&cell);
        cr_assert_eq(pthread_create(&thread, NULL, set_and_end, NULL), 0);
        pthread_join(thread, NULL);
        cr_assert_eq(pthread_create(&thread, NULL, set_and_end, NULL), 0);
        pthread_join(thread, NULL);
    }
}

/* Also where one of them has held the lock, and where new threads come to live on their stacks. */
Test(thread_of_use, a_fork_leaves_the_other_threads_behind)
{
#ifdef UNDER_EMULATION
    cr_skip_test("qemu cannot start threads in the child of a program with threads");
#endif
    use_elsewhere(set_cell);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 3; i++) {
            check_join_hands_over(NULL);
            im_checked_hand_over(&cell);
        }
        im_cell_set(&other_cell, 1);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ASSERT_CAUGHT("get", "cell", (void)im_cell_get(&cell));
    end_elsewhere();
}

static void get_prepared(void)
{
    cr_assert_eq(im_cell_get(&pages[0].hits), 3);
}

Test(thread_of_use, preparing_is_no_use)
{
    static int_cell prepared = IM_CELL_INIT(3);
    memcpy(&pages[0].hits, &prepared, sizeof prepared);
    *im_cell_get_mut(&pages[0].hits) = 3;
    use_elsewhere(get_prepared);
    end_elsewhere();
}

enum { MANY = 200000 };
static int_cell many[MANY];

static void set_many(void)
{
    for (int i = 0; i < MANY; i++)
        im_cell_set(&many[i], i);
}

Test(thread_of_use, of_very_many_objects_the_latest_are_remembered)
{
    use_elsewhere(set_many);
    for (volatile int i = MANY - 1000; i < MANY; i++)
        ASSERT_CAUGHT("get", "many[i]", (void)im_cell_get(&many[i]));
    end_elsewhere();
}

Test(thread_of_use, null_is_named)
{
    if (IM_ADDRESS_SANITIZER)
        cr_skip_test("UBSan names it first");
    const int_cell *no_cell = NULL;
    const int_refcell *no_refcell = NULL;
    ASSERT_PANICS((void)im_cell_get(no_cell), "cannot get `no_cell`: it is NULL");
    ASSERT_PANICS(im_cell_set(no_cell, 1), "cannot set `no_cell`: it is NULL");
    ASSERT_PANICS((void)im_refcell_borrow(no_refcell), "cannot borrow `no_refcell`: it is NULL");
    ASSERT_PANICS(im_refcell_release_mut(no_refcell), "cannot release_mut `no_refcell`: it is NULL");
}
