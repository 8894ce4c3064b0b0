/* SPDX-License-Identifier: MIT */
#include <intermut/refcell.h>

typedef struct {
    int left, right;
} pair;
typedef im_ref(int) int_ref;
typedef im_ref(pair) pair_ref;
typedef im_ref_mut(int) int_ref_mut;
typedef im_ref_mut(pair) pair_ref_mut;

/* case: filter_map_of_a_reader_as_a_writer */
/* error: ref_mut: filter_map needs an im_ref_mut */
void use_filter_map_of_a_reader_as_a_writer(pair_ref *reader, pair_ref_mut *writer)
{
#ifdef BROKEN_filter_map_of_a_reader_as_a_writer
    (void)im_ref_mut_filter_map(int_ref_mut, reader, p, &p->left);
    (void)writer;
#else
    (void)im_ref_mut_filter_map(int_ref_mut, writer, p, &p->left);
    (void)reader;
#endif
}

/* case: filter_map_of_a_reader_to_a_writer */
/* error: ref: filter_map makes an im_ref */
void use_filter_map_of_a_reader_to_a_writer(pair_ref *reader)
{
#ifdef BROKEN_filter_map_of_a_reader_to_a_writer
    (void)im_ref_filter_map(int_ref_mut, reader, p, &p->left);
#else
    (void)im_ref_filter_map(int_ref, reader, p, &p->left);
#endif
}

/* case: filter_map_of_a_writer_as_a_reader */
/* error: ref: filter_map needs an im_ref */
void use_filter_map_of_a_writer_as_a_reader(pair_ref *reader, pair_ref_mut *writer)
{
#ifdef BROKEN_filter_map_of_a_writer_as_a_reader
    (void)im_ref_filter_map(int_ref, writer, p, &p->left);
    (void)reader;
#else
    (void)im_ref_filter_map(int_ref, reader, p, &p->left);
    (void)writer;
#endif
}

/* case: filter_map_of_a_writer_to_a_reader */
/* error: ref_mut: filter_map makes an im_ref_mut */
void use_filter_map_of_a_writer_to_a_reader(pair_ref_mut *writer)
{
#ifdef BROKEN_filter_map_of_a_writer_to_a_reader
    (void)im_ref_mut_filter_map(int_ref, writer, p, &p->left);
#else
    (void)im_ref_mut_filter_map(int_ref_mut, writer, p, &p->left);
#endif
}

/* case: get_of_a_reader_as_a_writer */
/* error: ref_mut: get needs an im_ref_mut */
void use_get_of_a_reader_as_a_writer(pair_ref *reader, pair_ref_mut *writer)
{
#ifdef BROKEN_get_of_a_reader_as_a_writer
    (void)im_ref_mut_get(reader);
    (void)writer;
#else
    (void)im_ref_mut_get(writer);
    (void)reader;
#endif
}

/* case: leak_of_a_reader_as_a_writer */
/* error: ref_mut: leak needs an im_ref_mut */
void use_leak_of_a_reader_as_a_writer(pair_ref *reader, pair_ref_mut *writer)
{
#ifdef BROKEN_leak_of_a_reader_as_a_writer
    (void)im_ref_mut_leak(reader);
    (void)writer;
#else
    (void)im_ref_mut_leak(writer);
    (void)reader;
#endif
}

/* case: map_of_a_reader_as_a_writer */
/* error: ref_mut: map needs an im_ref_mut */
void use_map_of_a_reader_as_a_writer(pair_ref *reader, pair_ref_mut *writer)
{
#ifdef BROKEN_map_of_a_reader_as_a_writer
    (void)im_ref_mut_map(int_ref_mut, reader, p, &p->left);
    (void)writer;
#else
    (void)im_ref_mut_map(int_ref_mut, writer, p, &p->left);
    (void)reader;
#endif
}

/* case: map_of_a_writer_as_a_reader */
/* error: ref: map needs an im_ref */
void use_map_of_a_writer_as_a_reader(pair_ref *reader, pair_ref_mut *writer)
{
#ifdef BROKEN_map_of_a_writer_as_a_reader
    (void)im_ref_map(int_ref, writer, p, &p->left);
    (void)reader;
#else
    (void)im_ref_map(int_ref, reader, p, &p->left);
    (void)writer;
#endif
}

/* case: map_of_a_writer_to_a_reader */
/* error: ref_mut: map makes an im_ref_mut */
void use_map_of_a_writer_to_a_reader(pair_ref_mut *writer)
{
#ifdef BROKEN_map_of_a_writer_to_a_reader
    (void)im_ref_mut_map(int_ref, writer, p, &p->left);
#else
    (void)im_ref_mut_map(int_ref_mut, writer, p, &p->left);
#endif
}

/* case: map_split_of_a_reader_as_a_writer */
/* error: ref_mut: map_split needs an im_ref_mut */
void use_map_split_of_a_reader_as_a_writer(pair_ref *reader, pair_ref_mut *writer, int_ref_mut *part)
{
#ifdef BROKEN_map_split_of_a_reader_as_a_writer
    im_ref_mut_map_split(reader, p, (part, &p->left));
    (void)writer;
#else
    im_ref_mut_map_split(writer, p, (part, &p->left));
    (void)reader;
#endif
}

/* case: map_split_of_a_writer_as_a_reader */
/* error: ref: map_split needs an im_ref */
void use_map_split_of_a_writer_as_a_reader(pair_ref *reader, pair_ref_mut *writer, int_ref *part)
{
#ifdef BROKEN_map_split_of_a_writer_as_a_reader
    im_ref_map_split(writer, p, (part, &p->left));
    (void)reader;
#else
    im_ref_map_split(reader, p, (part, &p->left));
    (void)writer;
#endif
}

/* case: move_of_a_reader_as_a_writer */
/* error: ref_mut: move needs an im_ref_mut */
void use_move_of_a_reader_as_a_writer(pair_ref *reader, pair_ref_mut *writer)
{
#ifdef BROKEN_move_of_a_reader_as_a_writer
    (void)im_ref_mut_move(reader);
    (void)writer;
#else
    (void)im_ref_mut_move(writer);
    (void)reader;
#endif
}
