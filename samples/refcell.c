/* SPDX-License-Identifier: MIT */
/*
 * A document whose tree of sections is reached through shared pointers only: the editor, the outline and the word count
 * all hold it as const. Each section lends its text to many readers or to one writer, checked while running.
 */
#include <stdio.h>
#include <string.h>

#include <intermut/refcell.h>

typedef struct {
    char title[24], text[64];
} content;
typedef im_refcell(content) content_cell;
typedef im_ref(content) content_ref;
typedef im_ref(char[24]) title_ref;

struct section {
    content_cell content;
    const struct section *first, *next;
};

/* A borrow that the caller ends: of the title alone, though the whole content stays as it is meanwhile. */
static title_ref title_of(const struct section *section)
{
    content_ref whole = im_refcell_borrow_ref(content_ref, &section->content);
    return im_ref_map(title_ref, &whole, c, &c->title);
}

static void print_outline(const struct section *section, int depth)
{
    for (; section; section = section->next) {
        title_ref title = title_of(section);
        printf("%*s%s\n", 2 * depth, "", *im_ref_get(&title));
        im_ref_release(&title);
        print_outline(section->first, depth + 1);
    }
}

static void append(const struct section *section, const char *words)
{
    im_refcell_try_with_mut(c, &section->content) {
        size_t used = strlen(c->text);
        snprintf(c->text + used, sizeof c->text - used, "%s%s", used ? " " : "", words);
    } else {
        printf("not now, somebody reads: \"%s\"\n", words);
    }
}

static int count_words(const struct section *section)
{
    int words = 0;
    for (; section; section = section->next) {
        im_refcell_with(c, &section->content) {
            for (const char *p = c->text; *p; p++)
                words += *p != ' ' && (p == c->text || p[-1] == ' ');
        }
        words += count_words(section->first);
    }
    return words;
}

int main(void)
{
    struct section cells = {.content = IM_REFCELL_INIT({"Cells", "never lend"})};
    struct section refcells = {.content = IM_REFCELL_INIT({"Refcells", "lend, and count"})};
    struct section book = {.content = IM_REFCELL_INIT({"Sharing", ""}), .first = &cells};
    cells.next = &refcells; /* the last exclusive use: from here on all is shared */

    append(&refcells, "who has what");
    im_refcell_with(reader, &cells.content) {
        append(&cells, "pointers");
        printf("still \"%s\"\n", reader->text);
    }
    im_refcell_swap(&cells.content, &refcells.content);
    print_outline(&book, 0);
    printf("%d words\n", count_words(&book));
    return 0;
}
