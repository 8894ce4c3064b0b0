# SPDX-License-Identifier: MIT
"""word_count from the outside: its counts, its options, its exit statuses.

Arguments: the program, and lossy_word_count. The reference for all counts is `tr -cs '[:alnum:]' '\\n' | sort | uniq -c`.
"""

import fcntl
import json
import os
import pty
import random
import resource
import struct
import subprocess
import sys
import tempfile
import termios

from tap import Skip, check, check_equal, run, test

PROGRAM = os.path.abspath(sys.argv[1])
LOSSY = os.path.abspath(sys.argv[2])
LICENSES = "/usr/share/common-licenses"
DOCUMENTS = "/usr/share/doc"
PIECE = 1 << 20  # bytes that one thread takes at a time: word_count/input.c
FIELDS = {"total", "distinct", "top", "threads", "seconds", "growths", "longest_pause_us"}

scratch = tempfile.TemporaryDirectory(prefix="word_count.")


def path_of(name):
    return os.path.join(scratch.name, name)


def make_file(name, content):
    with open(path_of(name), "wb") as file:
        file.write(content)
    return path_of(name)


def make_folder(name):
    os.mkdir(path_of(name))
    return path_of(name)


def count(*arguments, program=PROGRAM, **options):
    if "input" not in options:
        options["stdin"] = subprocess.DEVNULL
    return subprocess.run([program, *arguments], capture_output=True, **options)


def count_json(*arguments, status=0, **options):
    done = count("--json", *arguments, **options)
    check_equal(done.returncode, status, f"exit status, with {done.stderr!r:.200}")
    return json.loads(done.stdout)


def words_of(result):
    counts = {top["word"]: top["count"] for top in result["top"]}
    check_equal(len(counts), len(result["top"]), "words named once")
    return counts


def count_words(*arguments, **options):
    """All words and their counts, after a look at the sums."""
    result = count_json("--top", "0", *arguments, **options)
    counts = words_of(result)
    check_equal(result["distinct"], len(counts), "distinct")
    check_equal(result["total"], sum(counts.values()), "total")
    return counts


def reference(contents):
    """The same by tr, sort and uniq; each of the contents for itself."""
    pipeline = "tr -cs '[:alnum:]' '\\n' | sort | uniq -c"
    done = subprocess.run(["sh", "-c", pipeline], input=b"\n".join(contents), stdout=subprocess.PIPE, check=True,
                          env={**os.environ, "LC_ALL": "C"})
    pairs = (line.split() for line in done.stdout.decode("ascii").splitlines())
    return {pair[1]: int(pair[0]) for pair in pairs if len(pair) == 2}


def files_below(folder):
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            if not os.path.islink(path) and os.path.isfile(path):
                yield path


def read_all(paths):
    contents = []
    for path in paths:
        with open(path, "rb") as file:
            contents.append(file.read())
    return contents


def some_text(byte_count, seed, distinct=20000):
    """Words as in a language: few are frequent, most are rare."""
    chance = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789"
    words = ["".join(chance.choices(letters, k=chance.randint(1, 24))) for _ in range(distinct)]
    text = []
    while byte_count > 0:
        line = chance.choice([" ", ", ", "\n", "--", "\t"]).join(
            words[int(distinct * chance.random() ** 4)] for _ in range(200)) + ".\n"
        text.append(line)
        byte_count -= len(line)
    return "".join(text).encode("ascii")


def is_sanitized():
    with open(PROGRAM, "rb") as file:
        content = file.read()
    return b"__asan_init" in content or b"__tsan_init" in content


def check_counts(content, name):
    """The counts of a file are right, by name and by standard input."""
    expected = reference([content])
    path = make_file(name, content)
    check(count_words("--threads", "4", "--verify", path) == expected, f"counts of {name}")
    check(count_words("--threads", "2", "-", input=content) == expected, f"counts of {name} by stdin")


# ---- Counts ----


@test
def licenses_are_counted_right():
    """the common licences: counts equal tr | sort | uniq -c"""
    if not os.path.isdir(LICENSES):
        raise Skip(f"no {LICENSES}")
    check(count_words("--verify", LICENSES) == reference(read_all(files_below(LICENSES))), "counts")


@test
def documents_are_counted_right():
    """package documentation: counts equal tr | sort | uniq -c, with 1 and 4 threads"""
    chosen, size = [], 0
    for name in sorted(os.listdir(DOCUMENTS)) if os.path.isdir(DOCUMENTS) else []:
        folder = os.path.join(DOCUMENTS, name)
        if size > 6_000_000 or os.path.islink(folder):
            continue
        chosen.append(folder)
        size += sum(os.path.getsize(path) for path in files_below(folder))
    if not chosen:
        raise Skip(f"nothing in {DOCUMENTS}")
    expected = reference(read_all(path for folder in chosen for path in files_below(folder)))
    check(count_words("--threads", "1", *chosen) == expected, "counts with 1 thread")
    check(count_words("--threads", "4", "--verify", *chosen) == expected, "counts with 4 threads")


@test
def text_is_counted_right():
    """generated text of many pieces: counts equal tr | sort | uniq -c, with 1, 2, 4 and 16 threads"""
    content = some_text(8 * PIECE, seed=1)
    path = make_file("text", content)
    expected = reference([content])
    for threads in ("1", "2", "4", "16"):
        check(count_words("--threads", threads, path) == expected, f"counts with {threads} threads")


@test
def words_end_with_their_file():
    """a word does not go on in the next file, and a path given twice is counted twice"""
    a, b = make_file("first", b"one tw"), make_file("second", b"o three")
    check_equal(count_words(a, b, a), {"one": 2, "tw": 2, "o": 1, "three": 1}, "counts")


@test
def case_and_bytes_matter():
    """words are runs of ASCII letters and digits, in upper and lower case"""
    content = "Ab ab AB a-b a_b 4x4 na\u00efve \u00e4\u00f6 x\0y\x7fz".encode("utf-8") + b"\xff\xc1A"
    expected = {"Ab": 1, "ab": 1, "AB": 1, "a": 2, "b": 2, "4x4": 1, "na": 1, "ve": 1, "x": 1, "y": 1, "z": 1, "A": 1}
    check_equal(count_words(make_file("bytes", content)), expected, "counts")
    check_equal(reference([content]), expected, "reference")


@test
def binary_is_counted_right():
    """binary input: counts equal tr | sort | uniq -c"""
    check_counts(random.Random(2).randbytes(3 * PIECE + 17), "binary")


@test
def words_cross_pieces():
    """words at and across the bounds of pieces are counted once, in full"""
    for shift in range(-5, 2):
        check_counts(b"." * (PIECE + shift) + b"word end " + b"." * PIECE, f"bound{shift}")
    for length in (4094, 4095, 4096, 4097, 4098, PIECE - 1, PIECE, PIECE + 1, PIECE + 4096, PIECE + 4097, PIECE + 4098):
        check_counts(b"x " + b"a" * length + b" y " + b"b" * length + b" a b", f"length{length}")
        check_counts(b"." * (PIECE - 1) + b"c" * length, f"late{length}")


@test
def long_words_are_counted_right():
    """one word of a megabyte, and words of several: counted once, in full"""
    million = b"m" * 1_000_000
    check_equal(count_words(make_file("million", million)), {million.decode(): 1}, "one word")
    long = b"L" * (3 * PIECE + 5)
    content = b"a " * PIECE + long + b" b " + million + b"." + long + b"\n" + long + b"1"
    expected = {"a": PIECE, "b": 1, long.decode(): 2, million.decode(): 1, long.decode() + "1": 1}
    path = make_file("long", content)
    for threads in ("1", "4"):
        check(count_words("--threads", threads, "--verify", path) == expected, f"counts with {threads} threads")
    check(count_words("-", input=content) == expected, "counts by stdin")


@test
def million_distinct_words():
    """a million distinct words, a fifth of them under sanitizers: all there, and the table grew for them"""
    words = 200_000 if is_sanitized() else 1_000_000
    path = make_file("distinct", b"".join(b"w%d\n" % i for i in range(words)))
    for threads in ("1", "4"):
        result = count_json("--threads", threads, "--top", "3", path)
        check_equal((result["total"], result["distinct"]), (words, words), "total and distinct")
        check(result["growths"] > 10 and result["longest_pause_us"] > 0, "growths")
        check_equal(words_of(result), {"w0": 1, "w1": 1, "w10": 1}, "ties in order of bytes")
    check_equal(count("--verify", path).returncode, 0, "exit status with --verify")


@test
def empty_input():
    """empty files, files without a word, and empty directories"""
    folder = make_folder("empty")
    for name, content in (("empty/nothing", b""), ("empty/spaces", b" \n.\n")):
        make_file(name, content)
    for paths in ([folder], [path_of("empty/nothing")], ["/dev/null"], [make_folder("hollow")], ["-"]):
        for more in ([], ["--verify"], ["--top", "0"]):
            check_equal(count_words(*paths, *more), {}, f"counts of {paths}")
            check_equal(count(*paths, *more).returncode, 0, f"exit status of the table of {paths}")


@test
def streams_are_counted():
    """standard input, a named pipe and a file of /proc, also with --verify"""
    check_equal(count_words("-", "--verify", input=b"in in out"), {"in": 2, "out": 1}, "counts of stdin")
    pipe = path_of("pipe")
    os.mkfifo(pipe)
    for more in ([], ["--verify"]):
        writer = subprocess.Popen(["sh", "-c", 'echo "p q p" > "$0"', pipe])
        check_equal(count_words(pipe, *more), {"p": 2, "q": 1}, "counts of a pipe")
        check_equal(writer.wait(), 0, "writer")
    check_equal(count_words("/proc/version", "--verify"), reference(read_all(["/proc/version"])), "counts in /proc")


# ---- Paths ----


@test
def directories_are_walked():
    """directories: all regular files below them; no links, loops, pipes"""
    folder = make_folder("tree")
    make_folder("tree/deep")
    make_file("tree/one", b"one")
    make_file("tree/deep/two", b"two")
    os.symlink("..", path_of("tree/deep/loop"))
    os.symlink("one", path_of("tree/link"))
    os.symlink("nowhere", path_of("tree/dangling"))
    os.mkfifo(path_of("tree/pipe"))
    check_equal(count_words(folder), {"one": 1, "two": 1}, "counts")
    os.symlink("tree", path_of("link_to_tree"))
    os.symlink("tree/one", path_of("link_to_one"))
    check_equal(count_words(path_of("link_to_tree"), path_of("link_to_one")), {"one": 2, "two": 1}, "by links")


def check_unreadable(path, reason):
    good = make_file("good", b"good")
    done = count("--json", good, path, good)
    check_equal(done.returncode, 1, f"exit status with {path}")
    check_equal(done.stderr.decode(), f"word_count: {path}: {reason}\n", "standard error")
    check_equal(json.loads(done.stdout)["total"], 2, "the rest")


@test
def unreadable_paths():
    """what cannot be read is named, with the reason, the rest is counted, exit status 1"""
    check_unreadable(path_of("missing"), "No such file or directory")
    check_unreadable("", "No such file or directory")
    check_unreadable(make_file("plain", b"x") + "/below", "Not a directory")
    os.symlink("nowhere", path_of("dangling"))
    check_unreadable(path_of("dangling"), "No such file or directory")
    os.symlink("circle", path_of("circle"))
    check_unreadable(path_of("circle"), "Too many levels of symbolic links")
    check_unreadable("/proc/self/mem", "Input/output error")
    done = count("--verify", "--json", path_of("missing"), "/proc/self/mem")
    check_equal((done.returncode, json.loads(done.stdout)["total"]), (1, 0), "nothing else")


@test
def forbidden_paths():
    """files and directories without permission are named, exit status 1"""
    if os.geteuid() == 0:
        raise Skip("root may read everything")
    folder, file = make_folder("locked"), make_file("secret", b"x")
    for path in (folder, file):
        os.chmod(path, 0)
        check_unreadable(path, "Permission denied")
        os.chmod(path, 0o700)


# ---- Options and exit statuses ----


@test
def wrong_usage():
    """wrong usage: a word about usage, nothing else, exit status 2"""
    good = make_file("good", b"good")
    for arguments in (["--threads", "0"], ["--threads", "-1"], ["--threads", "many"], ["--threads", ""],
                      ["--threads", "4x"], ["--threads", "+4"], ["--threads", "1025"], ["--threads", "9" * 30],
                      ["--top", "-1"], ["--top", "x"], ["--top", "1.5"], ["--unknown"], ["-Z"], ["--json=yes"]):
        done = count(*arguments, good)
        check_equal((done.returncode, done.stdout), (2, b""), f"exit status and output with {arguments}")
        check(b"sage" in done.stderr and b"word_count" in done.stderr, f"usage with {arguments}: {done.stderr}")
    for arguments in ([], ["--json"], ["good", "--threads"]):
        check_equal(count(*arguments).returncode, 2, f"exit status with {arguments}")


@test
def verify_can_fail():
    """--verify finds what a program with a mistake counts wrong: exit status 3, and the words named"""
    path = make_file("lossy", b"found lost found lost")
    done = count("--verify", "--json", path, program=LOSSY)
    check_equal(done.returncode, 3, "exit status")
    check(b"lost: counted 0, verified 2\n" in done.stderr, done.stderr)
    check(b"verification failed: 1 wrong\n" in done.stderr, done.stderr)
    check_equal(json.loads(done.stdout)["total"], 2, "total, wrong as it is")
    check(b"verified" not in count("--verify", path, program=LOSSY).stdout, "the table does not say verified")
    check_equal(count("--verify", path, path_of("missing"), program=LOSSY).returncode, 3, "with a missing path")
    check_equal(count(path, program=LOSSY).returncode, 0, "exit status without --verify")


@test
def help_is_there():
    """--help: on standard output, exit status 0"""
    done = count("--help")
    check_equal((done.returncode, done.stderr), (0, b""), "exit status")
    for option in (b"--threads", b"--top", b"--verify", b"--json", b"PATH"):
        check(option in done.stdout, f"no {option} in the help")


@test
def json_is_complete():
    """--json: one object with all its fields, and as many words as asked for"""
    path = make_file("few", b"a a a b b c d")
    result = count_json("--threads", "3", path)
    check_equal(set(result), FIELDS, "fields")
    check_equal((result["total"], result["distinct"], result["threads"]), (7, 4, 3), "numbers")
    check(result["seconds"] > 0 and result["growths"] >= 0 and result["longest_pause_us"] >= 0, "measures")
    order = [{"word": w, "count": n} for w, n in (("a", 3), ("b", 2), ("c", 1), ("d", 1))]
    check_equal(result["top"], order, "top")
    for top, expected in (("1", 1), ("3", 3), ("4", 4), ("99", 4), ("0", 4)):
        check_equal(count_json("--top", top, path)["top"], order[:expected], f"--top {top}")


@test
def output_is_deterministic():
    """the top words come in one order, whatever the threads and the seed of the table"""
    path = make_file("ties", " ".join(f"w{i % 5000}" for i in range(60000)).encode())
    tops = {json.dumps(count_json("--threads", threads, "--top", top, path)["top"][:30])
            for threads in ("1", "4") for top in ("30", "31", "100", "4999", "0") for _ in range(2)}
    check_equal(len(tops), 1, "different orders")


def table_of(path, locale, *arguments):
    done = count(*arguments, path, env={**os.environ, "LC_ALL": locale})
    check_equal((done.returncode, done.stderr), (0, b""), "exit status, and nothing on standard error when piped")
    return done.stdout.decode("utf-8")


@test
def table_is_aligned():
    """the table: aligned, bars to the right edge, of blocks in UTF-8 only"""
    path = make_file("table", b"aa " * 1234567 + b"bbbb " * 617284 + b"c " + b"long" * 100)
    plain = table_of(path, "C").splitlines()
    check_equal(plain[0], "  aa                        1,234,567  " + "#" * 41, "first line")
    check_equal(plain[1].index("617,284"), plain[0].index("1,234,567") + 2, "numbers to the right")
    check_equal(plain[1].count("#"), 21, "half a bar")
    check(plain[2].startswith("  c   ") and plain[2].endswith("1  #"), plain[2])
    check(plain[3].startswith("  longlonglonglonglongl...  "), plain[3])
    fine = table_of(path, "C.UTF-8").splitlines()
    check_equal((fine[0][-41:], max(map(len, fine))), ("\u2588" * 41, 80), "bar in UTF-8")
    for line in ("1,851,853, 4 distinct", "M words/s", "grew", "longest pause"):
        check(any(line in other for other in plain), f"no '{line}' in the table")
    check("verified" in table_of(path, "C", "--verify"), "--verify says so")


def read_terminal(terminal):
    shown = b""
    try:
        while chunk := os.read(terminal, 1 << 16):
            shown += chunk
    except OSError:  # the other side is closed
        pass
    return shown.decode()


@test
def terminal_is_used():
    """on a terminal: a progress bar that is wiped away, and a table of its width"""
    terminal, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    path = make_file("shown", b"word " * 1000)
    process = subprocess.Popen([PROGRAM, path], stdin=subprocess.DEVNULL, stdout=inside, stderr=inside,
                               env={**os.environ, "LC_ALL": "C"})
    os.close(inside)
    shown = read_terminal(terminal)
    os.close(terminal)
    check_equal(process.wait(), 0, "exit status")
    check("\r\033[K" in shown, "the bar is wiped away")
    check_equal(len(shown.split("\033[K")[-1].splitlines()[0]), 120, "width")


@test
def full_disk_is_an_error():
    """a result that cannot be written is an error, exit status 1"""
    with open("/dev/full", "wb") as full:
        done = subprocess.run([PROGRAM, make_file("good", b"good")], stdout=full, stderr=subprocess.PIPE)
    check_equal((done.returncode, b"No space left" in done.stderr), (1, True), "exit status")


def count_within(megabytes, *arguments):
    """What the program does with so much address space."""
    limit = megabytes << 20
    return count(*arguments, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))


@test
def out_of_memory():
    """out of memory, wherever it happens: a clear message and exit status 1, or the right result"""
    if is_sanitized():
        raise Skip("sanitizers need address space without bounds")
    words = 200_000
    path = make_file("much", b"".join(b"%dwordTooLongForTheTable " % i for i in range(words)))
    seen = set()
    for megabytes in [*range(24, 160, 12), 512]:
        for more in ([], ["--verify"]):
            done = count_within(megabytes, "--threads", "1", "--json", path, *more)
            seen.add(done.returncode)
            if done.returncode == 0:
                check_equal(json.loads(done.stdout)["total"], words, f"words with {megabytes} MB")
            else:
                check_equal((done.returncode, done.stdout), (1, b""), f"with {megabytes} MB: {done.stderr}")
                check(b"Cannot allocate memory" in done.stderr, f"message with {megabytes} MB: {done.stderr}")
    check_equal(seen, {0, 1}, "exit statuses")


run()
