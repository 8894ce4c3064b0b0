/* SPDX-License-Identifier: MIT */
/*
 * A server whose configuration is read by all requests and reloaded while they go on. The reload reads the file only if it
 * is newer than what is there (an upgradable read), puts it in place (the upgrade), and logs what it has put there while
 * requests read again already (the downgrade): no other reload comes between.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <intermut/rwlock.h>

enum { WORKERS = 3, REQUESTS = 10000 };

struct config {
    int version;
    int retries;
    char host[32]; /* in this program "host-" and the retries, so that a mixture would show */
};

typedef im_rwlock(struct config) shared_config;

static shared_config config = IM_RWLOCK_INIT({.version = 1, .retries = 10, .host = "host-10"});

/* What a file would hold. */
static const struct config files[] = {
    {2, 20, "host-20"},
    {2, 20, "host-20"}, /* the same once more */
    {3, 30, "host-30"},
};

static const char *reload(const struct config *file)
{
    const struct config *now = im_rwlock_upgradable_read(&config);
    if (now->version >= file->version) {
        im_rwlock_upgradable_unlock(&config);
        return "is not newer";
    }
    *im_rwlock_upgrade(&config) = *file;
    now = im_rwlock_downgrade(&config);
    printf("version %d: %s, %d retries\n", now->version, now->host, now->retries);
    im_rwlock_read_unlock(&config);
    return "is in place";
}

static void *reload_all(void *unused)
{
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        printf("file %zu %s\n", i + 1, reload(&files[i]));
    return unused;
}

/* 1 if the configuration is all of one version. */
static long answer_request(void)
{
    char expected[sizeof config.im_value.host];
    im_rwlock_with_read(c, &config)
    {
        snprintf(expected, sizeof expected, "host-%d", c->retries);
        return strcmp(c->host, expected) == 0 && c->retries == 10 * c->version;
    }
    return 0;
}

static void *work(void *unused)
{
    (void)unused;
    long good = 0;
    for (int i = 0; i < REQUESTS; i++)
        good += answer_request();
    return (void *)good;
}

static pthread_t start(void *(*function)(void *))
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, function, NULL) != 0) {
        fprintf(stderr, "cannot start a thread\n");
        exit(EXIT_FAILURE);
    }
    return thread;
}

int main(void)
{
    pthread_t workers[WORKERS], reloader;
    for (int i = 0; i < WORKERS; i++)
        workers[i] = start(work);
    reloader = start(reload_all);

    long good = 0;
    for (int i = 0; i < WORKERS; i++) {
        void *result;
        pthread_join(workers[i], &result);
        good += (long)result;
    }
    pthread_join(reloader, NULL);
    printf("%ld of %d requests saw a whole configuration\n", good, WORKERS * REQUESTS);
    im_rwlock_destroy(&config);
    return good == WORKERS * REQUESTS ? EXIT_SUCCESS : EXIT_FAILURE;
}
