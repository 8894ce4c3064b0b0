# SPDX-License-Identifier: MIT
"""How gdb shows intermut's types: the value first, then who holds it.

    (gdb) source /usr/local/share/intermut/gdb/intermut_gdb.py
    (gdb) print document->text
    $1 = refcell, borrowed 2 times = {value = "Dear ..."}

Every type has two members without size, im_type and im_kind: they are how a printer recognises it, whatever typedef it
hides behind. Nothing is called in the program that is looked at, and nothing is changed, so core files work as well.
"""
import gdb


def kind_of(type_):
    """The kind in `im_x(T)`, or None for what is no intermut type."""
    if type_.code != gdb.TYPE_CODE_STRUCT:
        return None
    names = [field.name for field in type_.fields()]
    if 'im_kind' not in names:
        return None
    kind = type_['im_kind'].type.target()
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


class Seqcount:
    def __init__(self, value, _kind):
        self.value = value

    def to_string(self):
        return 'seqcount, ' + sequence_state(sequence_of(self.value))


HOLDERS = {
    'refcell': refcell_state,
    'seqlock': lambda value: sequence_state(sequence_of(value['im_lock'])),
    'single_seqlock': lambda value: sequence_state(sequence_of(value['im_lock'])),
    'spin': lambda value: 'locked' if int(sequence_of(value['im_lock'])) else 'free',
}
PRINTERS = {'ref': Guard, 'ref_mut': Guard, 'latch': Latch, 'seqcount': Seqcount}


def printer_of(value):
    """What gdb asks for each value that it prints."""
    kind = kind_of(value.type.strip_typedefs())
    if kind in PRINTERS:
        return PRINTERS[kind](value, kind)
    if kind and 'im_value' in [field.name for field in value.type.strip_typedefs().fields()]:
        return Holder(value, kind, HOLDERS.get(kind, plain))
    return None


printer_of.name = 'intermut'
gdb.pretty_printers[:] = [known for known in gdb.pretty_printers if getattr(known, 'name', None) != 'intermut']
gdb.pretty_printers.append(printer_of)
