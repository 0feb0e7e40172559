#!/bin/sh
# Each fuzz harness: first the inputs of its corpus, then new ones for a while.
#
# FUZZ_SECONDS limits the time of each, 5 if not set. FUZZ_RUNS limits the number of inputs, 20000 if neither is set:
# with a fixed seed the short run is the same every time. An input that fails is left in build/fuzz/findings; it belongs
# into the corpus once the program is mended.
set -u

fuzz=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$fuzz/../.." && cd "${BUILD:-build}" && pwd)/fuzz
[ -n "${FUZZ_SECONDS-}" ] && runs=${FUZZ_RUNS:--1} || runs=${FUZZ_RUNS:-20000}
findings=$build/findings
log=$(mktemp)
trap 'rm -f "$log"' EXIT
mkdir -p "$findings"

count=0
# attempt WHAT COMMAND...
attempt() {
	what=$1
	shift
	count=$((count + 1))
	if "$@" >"$log" 2>&1; then
		echo "ok $count - $what"
	else
		echo "not ok $count - $what"
		tail -n 40 "$log" | sed 's/^/# /'
	fi
}

for source in "$fuzz"/fuzz_*.c; do
	name=$(basename "$source" .c)
	corpus=$fuzz/corpus/${name#fuzz_}
	attempt "$name: the corpus" "$build/$name" -artifact_prefix="$findings/$name-" "$corpus"/*
	# What it finds of interest goes into a directory of its own: the corpus in git is made by hand.
	mkdir -p "$build/corpus/$name"
	rm -f "$build/corpus/$name"/*
	attempt "$name: new inputs" "$build/$name" -seed=1 -runs="$runs" -max_total_time="${FUZZ_SECONDS:-5}" \
		-max_len=4096 -timeout=10 -rss_limit_mb=1024 \
		-artifact_prefix="$findings/$name-" "$build/corpus/$name" "$corpus"
done
echo "1..$count"
