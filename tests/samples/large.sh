#!/bin/sh
# SPDX-License-Identifier: MIT
#
# word_count against `tr | sort | uniq -c` on a generated file of 200 MB, and its speed with 1, 2 and 4 threads.
# Too slow for each run of the tests: run by hand.
#
#     tests/samples/large.sh build/samples/word_count
set -eu
export LC_ALL=C

program=${1:?usage: large.sh PROGRAM}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
text=$scratch/text

since() {
    echo "$1 $(date +%s.%N)" | awk '{printf "%.1f s", $2 - $1}'
}

echo "generating 200 MB ..."
python3 - "$text" <<'PYTHON'
import itertools, random, sys
chance = random.Random(1)
letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789"
words = ["".join(chance.choices(letters, k=chance.randint(1, 14))) for _ in range(600_000)]
# Zipf: the n-th word is n times rarer than the first, as in natural text.
weights = list(itertools.accumulate(1 / n for n in range(1, len(words) + 1)))
left = 200_000_000
with open(sys.argv[1], "w") as file:
    while left > 0:
        line = " ".join(chance.choices(words, cum_weights=weights, k=50_000)).replace(" ", "\n", 5_000) + ".\n"
        left -= file.write(line)
PYTHON

echo "tr | sort | uniq -c:"
began=$(date +%s.%N)
tr -cs '[:alnum:]' '\n' <"$text" | sort --parallel=1 | uniq -c |
    awk 'NF == 2 {print $2, $1}' >"$scratch/expected"
echo "  $(since "$began"), $(wc -l <"$scratch/expected") distinct words"

for threads in 1 2 4; do
    echo "word_count --threads $threads:"
    "$program" --threads "$threads" "$text" | tail -4
    "$program" --threads "$threads" --json --top 0 "$text" |
        sed -n 's/.*"word": "\(.*\)", "count": \(.*\)}.*/\1 \2/p' | sort >"$scratch/counted"
    cmp "$scratch/expected" "$scratch/counted" || exit 1
done

echo "word_count --verify:"
began=$(date +%s.%N)
"$program" --verify "$text" | tail -1
echo "  $(since "$began")"
echo "all counts are equal"
