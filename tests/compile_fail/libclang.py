# SPDX-License-Identifier: MIT
"""Clang as a library: its start, and the headers with which many files begin, are paid for once and not for each case.

Each translation unit has a compiler of its own in there, with nothing left over from others. (`clang -cc1` takes many
files, too, but is one compiler for all of them: after an error in one it leaves out warnings about the next.)
"""
import ctypes
import pathlib
import re
import subprocess
import tempfile
import threading

LEADING_INCLUDES = re.compile(r'\A(?:\s|/\*.*?\*/)*(?P<lines>(?:#include <\S+>\n)+)', re.DOTALL)
# Of CXTranslationUnit_Flags: Incomplete and ForSerialization, as for a header that is to be kept.
AS_PRECOMPILED_HEADER = 0x02 | 0x10
ERROR = 3

Pointer = ctypes.c_void_p


class String(ctypes.Structure):
    _fields_ = [('data', Pointer), ('flags', ctypes.c_uint)]


FUNCTIONS = {
    'clang_createIndex': (Pointer, ctypes.c_int, ctypes.c_int),
    'clang_disposeDiagnostic': (None, Pointer),
    'clang_disposeString': (None, String),
    'clang_disposeTranslationUnit': (None, Pointer),
    'clang_getClangVersion': (String,),
    'clang_getCString': (ctypes.c_char_p, String),
    'clang_getDiagnostic': (Pointer, Pointer, ctypes.c_uint),
    'clang_getDiagnosticSeverity': (ctypes.c_int, Pointer),
    'clang_getDiagnosticSpelling': (String, Pointer),
    'clang_getNumDiagnostics': (ctypes.c_uint, Pointer),
    'clang_parseTranslationUnit2FullArgv': (ctypes.c_int, Pointer, ctypes.c_char_p, Pointer, ctypes.c_int, Pointer,
                                            ctypes.c_uint, ctypes.c_uint, Pointer),
    'clang_saveTranslationUnit': (ctypes.c_int, Pointer, ctypes.c_char_p, ctypes.c_uint),
}


def library_of(compiler):
    """The library that came with a clang, and is of the same version to the letter; None where there is none."""
    resources = subprocess.run([compiler, '-print-resource-dir'], capture_output=True, text=True).stdout.strip()
    version = subprocess.run([compiler, '--version'], capture_output=True, text=True).stdout.partition('\n')[0]
    for path in sorted(pathlib.Path(resources).parent.parent.glob('libclang-[0-9]*.so.1')):
        library = ctypes.CDLL(str(path))
        for name, (result, *parameters) in FUNCTIONS.items():
            getattr(library, name).restype = result
            getattr(library, name).argtypes = parameters
        if text_of(library, library.clang_getClangVersion()) == version:
            return library
    return None


def text_of(library, string):
    text = library.clang_getCString(string).decode(errors='replace')
    library.clang_disposeString(string)
    return text


class Parser:
    """Parses files with the words of a command; the first of them tells where the compiler's own headers are."""

    def __init__(self, library, command):
        self.library = library
        # A library leaves it out, and with it "did you mean".
        self.command = [*command, '-fspell-checking']
        self.of_thread = threading.local()
        self.lock = threading.Lock()
        self.headers = {}
        self.folder = tempfile.TemporaryDirectory()

    def errors(self, file, options, *macro):
        """The error messages of one file, with a macro defined or with none; none when it is good."""
        return self.parse(0, *self.begin_of(file, options), *options, *(f'-D{name}' for name in macro), str(file))[0]

    def parse(self, flags, *words, keep=None):
        """(error messages, whether the unit was kept in the file `keep`)"""
        index = getattr(self.of_thread, 'index', None) or self.library.clang_createIndex(0, 0)
        self.of_thread.index = index
        words = [word.encode() for word in (*self.command, *words)]
        unit = Pointer()
        status = self.library.clang_parseTranslationUnit2FullArgv(
            index, None, (ctypes.c_char_p * len(words))(*words), len(words), None, 0, flags, ctypes.byref(unit))
        if status:
            return [f'libclang cannot parse it: error {status}'], False
        errors = list(self.errors_of(unit))
        kept = keep and not errors and not self.library.clang_saveTranslationUnit(unit, keep.encode(), 0)
        self.library.clang_disposeTranslationUnit(unit)
        return errors, kept

    def errors_of(self, unit):
        for number in range(self.library.clang_getNumDiagnostics(unit)):
            diagnostic = self.library.clang_getDiagnostic(unit, number)
            if self.library.clang_getDiagnosticSeverity(diagnostic) >= ERROR:
                yield text_of(self.library, self.library.clang_getDiagnosticSpelling(diagnostic))
            self.library.clang_disposeDiagnostic(diagnostic)

    def begin_of(self, file, options):
        """Options that bring what the first lines of a file include: it finds the headers' guards set, as it would."""
        begin = LEADING_INCLUDES.match(file.read_text())
        if not begin:
            return []
        key = begin['lines'], *options
        with self.lock:
            if key not in self.headers:
                header = pathlib.Path(self.folder.name, f'{len(self.headers)}.h')
                header.write_text(begin['lines'])
                kept = f'{header}.pch'
                _, good = self.parse(AS_PRECOMPILED_HEADER, *options, '-x', 'c-header', str(header), keep=kept)
                # Of headers with errors of their own each file shall tell.
                self.headers[key] = ['-include-pch', kept] if good else []
            return self.headers[key]
