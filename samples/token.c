/* SPDX-License-Identifier: MIT */
/*
 * A cache of web pages that forgets the page that was not asked for the longest. Its entries are in a list by age, linked in
 * both directions: each is pointed at by two others and by whoever looks one up. Nobody of them may change it, but the
 * cache's owner opens all entries, and who has the cache has that.
 */
#include <stdio.h>
#include <string.h>

#include <intermut/qcell.h>

enum { CAPACITY = 3 };

struct entry {
    const struct entry_cell *newer, *older;
    char page[24];
    int hits;
};
IM_QCELL_STRUCT(entry_cell, struct entry);

struct cache {
    struct im_qcell_owner owner;
    struct entry_cell entries[CAPACITY];
    const struct entry_cell *newest, *oldest;
};

static void link_as_newest(struct cache *cache, const struct entry_cell *self)
{
    struct entry *entry, *before;
    if (cache->newest) {
        im_qcell_rw2(&cache->owner, self, cache->newest, &entry, &before);
        before->newer = self;
    } else {
        entry = im_qcell_rw(&cache->owner, self);
        cache->oldest = self;
    }
    entry->newer = NULL;
    entry->older = cache->newest;
    cache->newest = self;
}

static void unlink_entry(struct cache *cache, const struct entry_cell *self)
{
    const struct entry *entry = im_qcell_ro(&cache->owner, self);
    const struct entry_cell *newer = entry->newer, *older = entry->older;
    /* From here on the owner is used exclusively, and `entry` no longer. */
    if (newer)
        im_qcell_rw(&cache->owner, newer)->older = older;
    else
        cache->newest = older;
    if (older)
        im_qcell_rw(&cache->owner, older)->newer = newer;
    else
        cache->oldest = newer;
}

static int cache_init(struct cache *cache)
{
    int error = im_qcell_owner_new(&cache->owner);
    if (error)
        return error;
    cache->newest = cache->oldest = NULL;
    for (int i = 0; i < CAPACITY; i++) {
        im_qcell_init(&cache->entries[i], im_qcell_owner_id(&cache->owner), (struct entry){0});
        link_as_newest(cache, &cache->entries[i]);
    }
    return 0;
}

/* A look: a const cache opens its entries for reading. */
static const struct entry_cell *find(const struct cache *cache, const char *page)
{
    const struct entry_cell *at = cache->newest;
    while (at && strcmp(im_qcell_ro(&cache->owner, at)->page, page) != 0)
        at = im_qcell_ro(&cache->owner, at)->older;
    return at;
}

static void print(const struct cache *cache)
{
    for (const struct entry_cell *at = cache->newest; at; at = im_qcell_ro(&cache->owner, at)->older) {
        im_qcell_with_ro(entry, &cache->owner, at)
            printf("%s%s (%d)", at == cache->newest ? "" : ", ", entry->page[0] ? entry->page : "-", entry->hits);
    }
    puts("");
}

static void ask_for(struct cache *cache, const char *page)
{
    const struct entry_cell *found = find(cache, page);
    const struct entry_cell *self = found ? found : cache->oldest;
    unlink_entry(cache, self);
    link_as_newest(cache, self);
    im_qcell_with_rw(entry, &cache->owner, self) {
        if (!found)
            snprintf(entry->page, sizeof entry->page, "%s", page);
        entry->hits = found ? entry->hits + 1 : 0;
    }
}

int main(void)
{
    struct cache pages, images;
    if (cache_init(&pages) || cache_init(&images))
        return 1;
    static const char *const asked[] = {"/", "/news", "/", "/shop", "/about", "/"};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
        ask_for(&pages, asked[i]);
    print(&pages);

    /* An entry of one cache is none of the other's business. */
    const struct entry_cell *entry = find(&pages, "/");
    printf("images has \"/\": %s\n", im_qcell_try_ro(&images.owner, entry) ? "yes" : "no, it is another owner's");
    im_qcell_owner_end(&images.owner);
    im_qcell_owner_end(&pages.owner);
    return 0;
}
