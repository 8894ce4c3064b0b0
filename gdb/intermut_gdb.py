# SPDX-License-Identifier: MIT
"""How gdb shows intermut's types: the value first, then who holds it.

    (gdb) source /usr/local/share/intermut/gdb/intermut_gdb.py
    (gdb) print document->text
    $1 = refcell, borrowed 2 times = {value = "Dear ..."}

Every type has two members without size, im_type and im_kind_that_intermut_objects_have: they are how a printer
recognises it, whatever typedef it hides behind. Nothing is called in the program that is looked at, and nothing is
changed, so core files work as well.
"""
import gdb


def kind_of(type_):
    """The kind in `im_x(T)`, or None for what is no intermut type."""
    if type_.code != gdb.TYPE_CODE_STRUCT:
        return None
    names = [field.name for field in type_.fields()]
    if 'im_kind_that_intermut_objects_have' not in names:
        return None
    kind = type_['im_kind_that_intermut_objects_have'].type.target()
    while kind.code == gdb.TYPE_CODE_PTR:
        kind = kind.target()
    return kind.unqualified().name.removeprefix('im_kind_')


def times(count, what):
    return f'{what} once' if count == 1 else f'{what} {count} times'


def plain(_value):
    return ''


def refcell_state(value):
    borrows = int(value['im_raw']['borrows'])
    if borrows == 0:
        return 'free'
    return times(borrows, 'borrowed') if borrows > 0 else 'mutably borrowed'


def sequence_state(sequence):
    sequence = int(sequence)
    return f'being written, sequence {sequence}' if sequence % 2 else f'sequence {sequence}'


class Holder:
    """A type with the value in the member im_value."""

    def __init__(self, value, kind, state=plain):
        self.value, self.kind, self.state = value, kind, state

    def to_string(self):
        state = self.state(self.value)
        return f'{self.kind}, {state}' if state else self.kind

    def children(self):
        yield 'value', self.value['im_value']


class Guard(Holder):
    """A guard holds a pointer to the value; without one it is empty."""

    def to_string(self):
        return self.kind if self.value['im_value'] else f'{self.kind}, empty'

    def children(self):
        if self.value['im_value']:
            yield 'value', self.value['im_value'].dereference()


class Latch(Holder):
    """Which of the two copies is whole, the count says: its lowest bit is the copy that is not being written."""

    def to_string(self):
        return f'{self.kind}, {int(sequence_of(self.value["im_count"]))} half writes'

    def children(self):
        second = int(sequence_of(self.value['im_count'])) % 2
        yield 'value', self.value['im_other' if second else 'im_value']


def sequence_of(counter):
    """The number in an im_seqcount or in what is built around one."""
    while counter.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT:
        counter = counter[counter.type.strip_typedefs().fields()[0]]
    return counter


def futex_state(lock):
    word = int(lock['word'])
    owners = word & 0xff
    waiting = ', threads wait' if word & ~0xff else ''
    return ('locked' if owners else 'unlocked') + waiting


def poisoning_state(lock):
    return futex_state(lock['lock']) + (', poisoned' if lock['poisoned'] else '')


def pthread_state(lock):
    return ('locked' if lock['held'] else 'unlocked') + (', poisoned' if lock['poisoned'] else '')


def ticket_state(lock):
    word = int(lock['word'])
    return 'unlocked' if word & 0xffff == word >> 16 else 'locked'


RAW_LOCKS = {
    'im_raw_futex': futex_state,
    'im_raw_poisoning': poisoning_state,
    'im_raw_pthread': pthread_state,
    'im_raw_spinlock': lambda lock: 'locked' if int(lock['held']) else 'unlocked',
    'im_raw_ticket': ticket_state,
}


def mutex_state(value):
    lock = value['im_raw']
    state = RAW_LOCKS.get(lock.type.strip_typedefs().name)
    return state(lock) if state else ''


def rwlock_state(value):
    return rwlock_word_state(int(value['im_raw']['state']))


def sharded_rwlock_state(value):
    """Those who came in by the central lock, and those by slots of their own."""
    lock = value['im_raw']
    inside = readers_in_slots(lock.address)
    by_slot = f'{inside} reader{"s" * (inside > 1)} by slot'
    states = [rwlock_word_state(int(lock['central']['state']))] + [by_slot] * (inside > 0)
    return ', '.join(state for state in states if state != 'unlocked' or not inside)


def readers_in_slots(lock):
    """How many threads' slots have the lock's address; 0 when the program has no information about them."""
    try:
        threads = gdb.parse_and_eval("'raw_sharded_rwlock.c'::readers")
    except gdb.error:
        return 0
    first, last = threads.type.range()
    return sum(any(int(threads[i]['slots'][j]) == int(lock) for j in range(4)) for i in range(first, last + 1))


def rwlock_word_state(word):
    readers = word & 0xffffff
    states = [f'{readers} reader' + 's' * (readers > 1)] * (readers > 0)
    states += ['written'] * (word >> 24 & 1) + ['upgradable read'] * (word >> 25 & 1)
    states += ['threads wait'] * (word >> 26 & 3 != 0)
    return ', '.join(states) or 'unlocked'


def reentrant_state(value):
    raw = value['im_raw']
    return times(int(raw['more']) + 1, 'locked') if int(raw['owner']) else 'unlocked'


def once_state(value):
    word = int(value['im_raw']['state'])
    if word & 1:
        return 'full'
    return 'being made' if word & 2 else 'poisoned' if word & 8 else 'empty'


def mut_once_state(value):
    word = int(value['im_raw']['state'])
    return 'fixed' if word & 1 else 'being changed' if word & 2 else 'open'


def qcell_state(value):
    return f'of owner {int(value["im_id"]["im_id"]):#x}'


def condvar_state(value):
    waiters = int(value['im_value']['waiters'])
    return f'{waiters} thread{"s" * (waiters > 1)} wait{"s" * (waiters == 1)}' if waiters else 'nobody waits'


class Condvar:
    def __init__(self, value, kind):
        self.value, self.kind = value, kind

    def to_string(self):
        return f'{self.kind}, {condvar_state(self.value)}'


class Owner:
    """Those of qcells have a number; where it is made says who it is."""

    def __init__(self, value, kind):
        self.raw, self.kind = value['im_raw'], kind

    def to_string(self):
        key = int(self.raw['im_key'])
        held = ', held by a block' if int(self.raw['im_writer']) else ''
        return self.kind + (f' {key:#x}' if self.kind == 'qcell_owner' else '') + held


class Slice:
    """Bytes that somebody else owns."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        return self.value['bytes'].lazy_string(length=int(self.value['length']))

    def display_hint(self):
        return 'string'


class String:
    """A key that a map owns."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        length = int(self.value['length'])
        at = self.value['inline_bytes' if length <= 16 else 'heap_bytes']
        if length <= 16:
            at = at[0].address
        return at.lazy_string(length=length)

    def display_hint(self):
        return 'string'


class SharedMem:
    """How much there is, and for whom; what lies in it has no type."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        length, fd = int(self.value['length']), int(self.value['fd'])
        state = f'shared_mem, {length} byte{"s" * (length != 1)}, {times(int(self.value["holders"]), "held")}'
        return state + (f', file descriptor {fd}' if fd >= 0 else '')


class Map:
    """The keys and values of all shards, in no order."""

    GROUP_SLOTS = 16
    CACHE_LINE_BYTES = 64

    def __init__(self, value, kind):
        self.raw, self.kind = value['raw'], kind
        self.slot_type = slot_type_of(value.type)

    def shards(self):
        if not self.raw['shards']:
            return [self.raw['first']]
        return [self.raw['shards'][i] for i in range(int(self.raw['shard_mask']) + 1)]

    def to_string(self):
        length = sum(int(shard['length']) for shard in self.shards())
        return f'map, {length} key' + 's' * (length != 1)

    def children(self):
        for shard in self.shards() if self.slot_type else []:
            for slot in self.slots(int(shard['table'])):
                yield 'key', slot['key']
                yield 'value', slot['value']

    def slots(self, word):
        """The slots in use of a row of tables, given the address of the first with its size in the low bits."""
        while word:
            table = word & ~(self.CACHE_LINE_BYTES - 1)
            groups = 1 << (word & (self.CACHE_LINE_BYTES - 1))
            header = gdb.Value(table).cast(gdb.lookup_type('struct im_map_table').pointer())
            for index in range(groups * self.GROUP_SLOTS):
                if not int(header['control'][index // 8]) >> (8 * (index % 8)) & 0x80:
                    at = table - (index + 1) * self.slot_type.sizeof
                    yield gdb.Value(at).cast(self.slot_type.pointer()).dereference()
            word = int(header['newer'])

    def display_hint(self):
        return 'map'


def slot_type_of(type_):
    """What a map's tables hold; its name is made of the map's. None when the program has no information about it."""
    try:
        return gdb.lookup_type(f'{type_.unqualified().name}__slot')
    except gdb.error:
        return None


class Seqcount:
    def __init__(self, value, _kind):
        self.value = value

    def to_string(self):
        return 'seqcount, ' + sequence_state(sequence_of(self.value))


HOLDERS = {
    'refcell': refcell_state,
    'seqlock': lambda value: sequence_state(sequence_of(value['im_lock'])),
    'single_seqlock': lambda value: sequence_state(sequence_of(value['im_lock'])),
    'mutex': mutex_state,
    'rwlock': rwlock_state,
    'sharded_rwlock': sharded_rwlock_state,
    'reentrant': reentrant_state,
    'once': once_state,
    'unsync_once': once_state,
    'lazy': once_state,
    'unsync_lazy': once_state,
    'mut_once': mut_once_state,
    'sync_mut_once': mut_once_state,
    'once_race': lambda value: 'full' if value['im_value'] else 'empty',
    'qcell': qcell_state,
    'atomic_with_lock': lambda value: sequence_state(sequence_of(value['im_lock'])),
    'spin': lambda value: 'locked' if int(sequence_of(value['im_lock'])) else 'free',
}
PRINTERS = {
    'ref': Guard, 'ref_mut': Guard, 'mutex_guard': Guard, 'read_guard': Guard, 'write_guard': Guard, 'upgradable_guard': Guard,
    'reentrant_guard': Guard, 'latch': Latch, 'seqcount': Seqcount, 'map': Map, 'condvar': Condvar,
    'qcell_owner': Owner, 'tcell_owner': Owner, 'tlcell_owner': Owner, 'lcell_owner': Owner,
}
# Those that are told by their names.
NAMED = {'im_string': String, 'im_slice': Slice, 'im_shared_mem': SharedMem}


def printer_of(value):
    """What gdb asks for each value that it prints."""
    named = NAMED.get(value.type.strip_typedefs().name)
    if named and value.type.strip_typedefs().fields():
        return named(value)
    kind = kind_of(value.type.strip_typedefs())
    if kind in PRINTERS:
        return PRINTERS[kind](value, kind)
    if kind and 'im_value' in [field.name for field in value.type.strip_typedefs().fields()]:
        return Holder(value, kind, HOLDERS.get(kind, plain))
    return None


printer_of.name = 'intermut'
gdb.pretty_printers[:] = [known for known in gdb.pretty_printers if getattr(known, 'name', None) != 'intermut']
gdb.pretty_printers.append(printer_of)
