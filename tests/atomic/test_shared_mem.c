/* SPDX-License-Identifier: MIT */
/* Row A9: bytes shared by threads and processes. */
#define _GNU_SOURCE
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/shared_mem.h>

enum { BYTES = 200 };

static struct im_shared_mem *memory_of(size_t bytes)
{
    struct im_shared_mem *memory = NULL;
    cr_assert_eq(im_shared_mem_create(bytes, &memory), 0);
    return memory;
}

Test(shared_mem, every_offset_and_length_is_written_there_and_nowhere_else)
{
    struct im_shared_mem *memory = memory_of(BYTES);
    unsigned char model[BYTES] = {0}, seen[BYTES];
    cr_assert_eq(im_shared_mem_len(memory), BYTES);
    for (size_t offset = 0; offset <= BYTES; offset++) {
        for (size_t bytes = 0; bytes <= BYTES - offset; bytes++) {
            unsigned char from[BYTES];
            memset(from, (int)(offset + 3 * bytes), sizeof from);
            memcpy(model + offset, from, bytes);
            if (im_shared_mem_write_bytes(memory, offset, bytes, from) ||
                im_shared_mem_read_bytes(memory, 0, BYTES, seen) || memcmp(seen, model, BYTES) != 0)
                cr_assert_fail("offset %zu, %zu bytes", offset, bytes);
            memset(seen, 0x77, sizeof seen);
            if (im_shared_mem_read_bytes(memory, offset, bytes, seen) || memcmp(seen, model + offset, bytes) != 0 ||
                (bytes < BYTES && seen[bytes] != 0x77))
                cr_assert_fail("offset %zu, %zu bytes, read", offset, bytes);
        }
    }
    im_shared_mem_destroy(memory);
}

Test(shared_mem, what_is_not_inside_is_an_error_and_changes_nothing)
{
    struct im_shared_mem *memory = memory_of(16);
    unsigned char from[32], seen[32];
    memset(from, 0xff, sizeof from);
    static const size_t outside[][2] = {
        {0, 17}, {16, 1}, {17, 0}, {1, 16}, {8, SIZE_MAX}, {8, SIZE_MAX - 7}, {SIZE_MAX, 1}, {SIZE_MAX, SIZE_MAX},
    };
    errno = 7;
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        cr_assert_eq(im_shared_mem_write_bytes(memory, outside[i][0], outside[i][1], from), ERANGE);
        memset(seen, 0x77, sizeof seen);
        cr_assert_eq(im_shared_mem_read_bytes(memory, outside[i][0], outside[i][1], seen), ERANGE);
        for (size_t b = 0; b < sizeof seen; b++)
            cr_assert_eq(seen[b], 0x77);
    }
    cr_assert_eq(im_shared_mem_read_bytes(memory, 0, 16, seen), 0);
    for (size_t b = 0; b < 16; b++)
        cr_assert_eq(seen[b], 0);
    cr_assert_eq(im_shared_mem_write_bytes(memory, 0, 1, NULL), EINVAL);
    cr_assert_eq(im_shared_mem_read_bytes(NULL, 0, 1, seen), EINVAL);
    cr_assert_eq(im_shared_mem_create(1, NULL), EINVAL);
    cr_assert_eq(im_shared_mem_create_for_processes(1, NULL), EINVAL);
    struct im_shared_mem *untouched = memory;
    cr_assert_eq(im_shared_mem_create(SIZE_MAX, &untouched), ENOMEM);
    cr_assert_eq(im_shared_mem_create_for_processes(0, &untouched), EINVAL);
    cr_assert_eq(im_shared_mem_create_for_processes(SIZE_MAX, &untouched), ENOMEM);
    cr_assert_eq(untouched, memory, "written on success only");
    cr_assert_eq(errno, 7);
    im_shared_mem_destroy(memory);
}

Test(shared_mem, of_no_byte)
{
    struct im_shared_mem *memory = memory_of(0);
    cr_assert_eq(im_shared_mem_len(memory), 0);
    cr_assert_eq(im_shared_mem_write_bytes(memory, 0, 0, NULL), 0);
    cr_assert_eq(im_shared_mem_read_bytes(memory, 0, 0, NULL), 0);
    cr_assert_eq(im_shared_mem_fd(memory), -1);
    im_shared_mem_destroy(memory);
    im_shared_mem_destroy(NULL);
}

/* ---- Threads ---- */

enum { WRITES = 20000, WORDS = 8 };

/* Words of eight bytes that are all alike. */
static void *write_words(void *argument)
{
    struct im_shared_mem *mine = argument;
    for (uint64_t n = 0; n < WRITES; n++) {
        uint64_t words[WORDS];
        for (int i = 0; i < WORDS; i++)
            words[i] = (n & 0xff) * 0x0101010101010101u;
        im_shared_mem_write_bytes(mine, 0, sizeof words, words);
        im_shared_mem_write_bytes(mine, 8, sizeof words - 8, words);
    }
    im_shared_mem_destroy(mine);
    return NULL;
}

static bool is_uniform(const unsigned char *word, size_t bytes)
{
    for (size_t i = 1; i < bytes; i++) {
        if (word[i] != word[0])
            return false;
    }
    return true;
}

Test(shared_mem, aligned_words_never_tear)
{
    struct im_shared_mem *memory = memory_of(WORDS * 8);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, write_words, im_shared_mem_clone(memory)), 0);
    for (int i = 0; i < WRITES; i++) {
        unsigned char seen[WORDS * 8];
        cr_assert_eq(im_shared_mem_read_bytes(memory, 0, sizeof seen, seen), 0);
        for (size_t at = 0; at < sizeof seen; at += 8) {
            uint64_t word;
            memcpy(&word, seen + at, sizeof word);
            cr_assert(word % 0x0101010101010101u == 0, "8 bytes are torn");
        }
        /* From a byte before an aligned word to a byte after it. */
        unsigned char part[26];
        cr_assert_eq(im_shared_mem_read_bytes(memory, 7, sizeof part, part), 0);
        for (size_t at = 1; at + 8 <= sizeof part; at += 8) {
            uint64_t word;
            memcpy(&word, part + at, sizeof word);
            cr_assert(word % 0x0101010101010101u == 0, "8 bytes inside an odd range are torn");
        }
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    im_shared_mem_destroy(memory);
}

static struct im_shared_mem *small_words;

static void *write_small_words(void *unused)
{
    for (int n = 0; n < WRITES; n++) {
        unsigned char two[2], four[4];
        memset(two, n, sizeof two);
        memset(four, n, sizeof four);
        im_shared_mem_write_bytes(small_words, 2, 2, two);
        im_shared_mem_write_bytes(small_words, 4, 4, four);
    }
    return unused;
}

Test(shared_mem, words_of_two_and_four_bytes_never_tear)
{
    pthread_t thread;
    small_words = memory_of(16);
    cr_assert_eq(pthread_create(&thread, NULL, write_small_words, NULL), 0);
    for (int i = 0; i < WRITES; i++) {
        unsigned char seen[9];
        cr_assert_eq(im_shared_mem_read_bytes(small_words, 1, 9, seen), 0);
        cr_assert(is_uniform(seen + 1, 2), "2 bytes are torn");
        cr_assert(is_uniform(seen + 3, 4), "4 bytes are torn");
    }
    pthread_join(thread, NULL);
    im_shared_mem_destroy(small_words);
}

/* ---- Processes ---- */

Test(shared_mem, a_child_and_its_parent_see_each_other)
{
    struct im_shared_mem *memory;
    uint64_t seen = 0, word = 42;
    int status;
    cr_assert_eq(im_shared_mem_create_for_processes(10000, &memory), 0);
    pid_t child = fork();
    if (child == 0) {
        int error = im_shared_mem_write_bytes(memory, 4096, sizeof word, &word);
        im_shared_mem_destroy(memory);
        _exit(error);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
    cr_assert_eq(im_shared_mem_read_bytes(memory, 4096, sizeof seen, &seen), 0);
    cr_assert_eq(seen, 42, "and the child's end is not the memory's");
    im_shared_mem_destroy(memory);
}

Test(shared_mem, a_file_descriptor_brings_it_to_others)
{
    struct im_shared_mem *memory, *other;
    uint64_t seen = 0, word = 42;
    cr_assert_eq(im_shared_mem_create_for_processes(100, &memory), 0);
    cr_assert_geq(im_shared_mem_fd(memory), 0);
    cr_assert_eq(im_shared_mem_attach(im_shared_mem_fd(memory), &other), 0);
    cr_assert_eq(im_shared_mem_len(other), 100);
    cr_assert_eq(im_shared_mem_write_bytes(memory, 50, sizeof word, &word), 0);
    cr_assert_eq(ftruncate(im_shared_mem_fd(memory), 0), -1, "nobody can shorten it");
    im_shared_mem_destroy(memory);
    cr_assert_eq(im_shared_mem_read_bytes(other, 50, sizeof seen, &seen), 0);
    cr_assert_eq(seen, 42);
    im_shared_mem_destroy(other);
}

Test(shared_mem, a_file_that_could_shrink_is_refused)
{
    struct im_shared_mem *memory = NULL;
    int fd = memfd_create("unsealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int other = open("/dev/null", O_RDWR | O_CLOEXEC);
    errno = 7;
    cr_assert_eq(im_shared_mem_attach(fd, &memory), EPERM);
    cr_assert_eq(im_shared_mem_attach(other, &memory), EPERM);
    cr_assert_eq(im_shared_mem_attach(-1, &memory), EBADF);
    cr_assert_eq(im_shared_mem_attach(fd, NULL), EINVAL);
    cr_assert_eq(errno, 7);
    cr_assert_null(memory);
    close(fd), close(other);
}
