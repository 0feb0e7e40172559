#!/bin/sh
# Each fuzz harness: first the inputs of its corpus, then new ones for a while.
#
# FUZZ_SECONDS limits the time of each, 5 if not set. FUZZ_RUNS limits the number of inputs, 12000 if neither is set:
# with a fixed seed the short run is the same every time. An input that fails is left in build/fuzz/findings; it belongs
# into the corpus once the program is mended.
#
# At the end stands what each harness has covered, with its corpus and after the new inputs, in libFuzzer's figures: edges of the
# program (cov) and features (ft). One that does not grow wants other inputs to start from.
set -u

fuzz=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$fuzz/../.." && cd "${BUILD:-build}" && pwd)/fuzz
[ -n "${FUZZ_SECONDS-}" ] && runs=${FUZZ_RUNS:--1} || runs=${FUZZ_RUNS:-12000}
findings=$build/findings
log=$(mktemp)
# For harnesses that put files somewhere (tree.h): in memory, if there is such a place.
scratch=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
growth=$(mktemp)
trap 'rm -rf "$log" "$growth" "$scratch"' EXIT
mkdir -p "$findings"

count=0
# attempt WHAT COMMAND...
attempt() {
	what=$1
	shift
	count=$((count + 1))
	if TMPDIR=$scratch "$@" >"$log" 2>&1; then
		echo "ok $count - $what"
	else
		echo "not ok $count - $what"
		tail -n 40 "$log" | sed 's/^/# /'
	fi
}

# The figures stand in the lines of the kinds INITED and DONE: "#9	INITED cov: 100 ft: 200 corp: 9/1Kb".
tell_growth() {
	awk -v name="$1" '
		$2 == "INITED" || $2 == "DONE" {
			inputs = substr($1, 2)
			for (i = 3; i < NF; i += 2)
				figure[$2 $i] = $(i + 1)
		}
		END {
			grown = figure["DONEcov:"] > figure["INITEDcov:"] || figure["DONEft:"] > figure["INITEDft:"]
			printf "# %s: cov %d to %d, ft %d to %d, %d inputs%s\n", name, figure["INITEDcov:"], figure["DONEcov:"],
				figure["INITEDft:"], figure["DONEft:"], inputs, grown ? "" : ": does not grow"
		}' "$log"
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
	tell_growth "$name" >>"$growth"
done
echo "1..$count"
cat "$growth"
