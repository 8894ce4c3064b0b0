/* SPDX-License-Identifier: MIT */
/*
 * The cache of token.c once more, where the program has just one: its owner is a variable of this file, whose type is the
 * brand of the entries. All that token.c checks at each access is checked by the compiler, and the entries have no id.
 */
#include <stdio.h>
#include <string.h>

#include <intermut/lcell.h>

enum { CAPACITY = 3 };

/* Who has a pointer to it may change the entries; who has one to const may look at them. */
static IM_LCELL_OWNER(pages);
typedef im_lcell_owner(pages) pages_owner;

struct entry {
    const struct entry_cell *newer, *older;
    char page[24];
    int hits;
};
IM_LCELL_STRUCT(entry_cell, pages, struct entry);

struct cache {
    struct entry_cell entries[CAPACITY];
    const struct entry_cell *newest, *oldest;
};

static void link_as_newest(pages_owner *owner, struct cache *cache, const struct entry_cell *self)
{
    struct entry *entry, *before;
    if (cache->newest) {
        im_lcell_rw2(owner, self, cache->newest, &entry, &before);
        before->newer = self;
    } else {
        entry = im_lcell_rw(owner, self);
        cache->oldest = self;
    }
    entry->newer = NULL;
    entry->older = cache->newest;
    cache->newest = self;
}

static void unlink_entry(pages_owner *owner, struct cache *cache, const struct entry_cell *self)
{
    const struct entry *entry = im_lcell_ro(owner, self);
    const struct entry_cell *newer = entry->newer, *older = entry->older;
    /* From here on the owner is used exclusively, and `entry` no longer. */
    if (newer)
        im_lcell_rw(owner, newer)->older = older;
    else
        cache->newest = older;
    if (older)
        im_lcell_rw(owner, older)->newer = newer;
    else
        cache->oldest = newer;
}

static const struct entry_cell *find(const pages_owner *owner, const struct cache *cache, const char *page)
{
    const struct entry_cell *at = cache->newest;
    while (at && strcmp(im_lcell_ro(owner, at)->page, page) != 0)
        at = im_lcell_ro(owner, at)->older;
    return at;
}

static void print(const pages_owner *owner, const struct cache *cache)
{
    for (const struct entry_cell *at = cache->newest; at; at = im_lcell_ro(owner, at)->older) {
        im_lcell_with_ro(entry, owner, at)
            printf("%s%s (%d)", at == cache->newest ? "" : ", ", entry->page[0] ? entry->page : "-", entry->hits);
    }
    puts("");
}

static void ask_for(pages_owner *owner, struct cache *cache, const char *page)
{
    const struct entry_cell *found = find(owner, cache, page);
    const struct entry_cell *self = found ? found : cache->oldest;
    unlink_entry(owner, cache, self);
    link_as_newest(owner, cache, self);
    im_lcell_with_rw(entry, owner, self) {
        if (!found)
            snprintf(entry->page, sizeof entry->page, "%s", page);
        entry->hits = found ? entry->hits + 1 : 0;
    }
}

int main(void)
{
    struct cache cache = {0}; /* zeroed entries are entries: they belong to the variable */
    for (int i = 0; i < CAPACITY; i++)
        link_as_newest(&pages, &cache, &cache.entries[i]);
    static const char *const asked[] = {"/", "/news", "/", "/shop", "/about", "/"};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
        ask_for(&pages, &cache, asked[i]);
    print(&pages, &cache);
    printf("an entry has %zu bytes, as many as its value\n", sizeof(struct entry_cell));
    return sizeof(struct entry_cell) == sizeof(struct entry) ? 0 : 1;
}
