/* SPDX-License-Identifier: MIT */
/*
 * A flight recorder: a process notes what it is doing in memory that it shares with its parent, and dies in the middle
 * of it. The parent, which watched its progress meanwhile, reads the last notes.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/shared_mem.h>

/* The memory: a count of the notes so far, an aligned word that is never torn, and then the latest ones in a ring. */
enum { NOTES = 8, NOTE_BYTES = 56, COUNT_AT = 0, NOTES_AT = 64, BYTES = NOTES_AT + NOTES * NOTE_BYTES };
enum { ORDERS = 1000, BAD_ORDER = 777 };

static void check(int error)
{
    if (error) {
        fprintf(stderr, "shared_mem: %s\n", strerror(error));
        exit(EXIT_FAILURE);
    }
}

static size_t place_of(uint64_t number)
{
    return NOTES_AT + number % NOTES * NOTE_BYTES;
}

/* One process notes. The count comes after the note; both may reach the reader in any order while it watches. */
static void note(const struct im_shared_mem *recorder, uint64_t number, const char *what, int order)
{
    char text[NOTE_BYTES] = {0};
    uint64_t count = number + 1;
    snprintf(text, sizeof text, "%s order %d", what, order);
    check(im_shared_mem_write_bytes(recorder, place_of(number), sizeof text, text));
    check(im_shared_mem_write_bytes(recorder, COUNT_AT, sizeof count, &count));
}

static void work(const struct im_shared_mem *recorder)
{
    uint64_t number = 0;
    for (int order = 1; order <= ORDERS; order++) {
        note(recorder, number++, "reading", order);
        if (order == BAD_ORDER)
            kill(getpid(), SIGKILL); /* no handler, no atexit, no flush */
        note(recorder, number++, "booked", order);
    }
}

static uint64_t count_of(const struct im_shared_mem *recorder)
{
    uint64_t count;
    check(im_shared_mem_read_bytes(recorder, COUNT_AT, sizeof count, &count));
    return count;
}

/* Watches until the child has ended; whether the count ever went back. */
static bool watch(const struct im_shared_mem *recorder, pid_t child, int *status)
{
    uint64_t last = 0;
    bool went_back = false;
    while (waitpid(child, status, WNOHANG) == 0) {
        uint64_t now = count_of(recorder);
        went_back = went_back || now < last;
        last = now;
    }
    return went_back;
}

int main(void)
{
    struct im_shared_mem *recorder;
    int status = 0;
    check(im_shared_mem_create_for_processes(BYTES, &recorder));
    pid_t child = fork();
    if (child < 0)
        check(errno);
    if (child == 0) {
        work(recorder);
        _exit(EXIT_SUCCESS);
    }
    bool went_back = watch(recorder, child, &status);
    printf("the worker %s\n", WIFSIGNALED(status) ? "was killed" : "is done");

    uint64_t count = count_of(recorder);
    printf("%lu notes%s, the last ones:\n", (unsigned long)count, went_back ? ", out of order" : "");
    for (uint64_t number = count < 3 ? 0 : count - 3; number < count; number++) {
        char text[NOTE_BYTES];
        check(im_shared_mem_read_bytes(recorder, place_of(number), sizeof text, text));
        printf("  %.*s\n", NOTE_BYTES, text);
    }
    /* Beyond the end there is nothing, and no harm. */
    printf("past the end: %s\n", strerror(im_shared_mem_read_bytes(recorder, BYTES - 4, 8, &count)));
    im_shared_mem_destroy(recorder);
    return 0;
}
