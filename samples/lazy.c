/* SPDX-License-Identifier: MIT */
/*
 * A configuration that is read when somebody needs it. While the file is missing, each use says so; once it is there,
 * the next use reads it, and it is never read again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <intermut/lazy.h>

struct config {
    int port, workers;
};

static char path[64];
static int reads;

static int parse(struct config *out, FILE *file)
{
    return fscanf(file, "port %d workers %d", &out->port, &out->workers) == 2 ? 0 : EINVAL;
}

static int load(struct config *out, void *file_name)
{
    reads++;
    FILE *file = fopen(file_name, "r");
    if (!file)
        return errno;
    int error = parse(out, file);
    fclose(file);
    return error;
}

static im_lazy(struct config) config = IM_LAZY_INIT(load, path);

static void serve(void)
{
    const struct config *now;
    int error = im_lazy_try_get(&config, &now);
    if (error)
        printf("no configuration: %s\n", strerror(error));
    else
        printf("port %d, %d workers\n", now->port, now->workers);
}

static void install(const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

int main(void)
{
    snprintf(path, sizeof path, "/tmp/intermut-lazy-%d.conf", (int)getpid());
    serve();
    install("port 8080 workers 4\n");
    serve();
    install("port 1 workers 1\n"); /* too late: it is read once */
    serve();
    printf("read %d times\n", reads);
    return remove(path) == 0 ? 0 : 1;
}
