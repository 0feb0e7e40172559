# shellcheck shell=sh
# shellcheck disable=SC2034 # what run leaves is for the tests
# What the tests of the whole program share: TAP, fixtures, golden outputs.
#
# A test sources this, and names what it does with fixture, run, ok, is, like, unlike and golden. The number of tests is
# counted; "done_testing" at the end prints it.
#
# UPDATE=1 rewrites the golden outputs in tests/cli/expect instead of comparing with them.
set -u

cli=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$cli/../.." && pwd)
build=$(cd "$top" && cd "${BUILD:-build}" && pwd)
program=$build/gvt-early
export LC_ALL=C
unset COLUMNS

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

EMPTY_MODULE=$work/empty.ko
export EMPTY_MODULE
${CC:-cc} -c -x c -o "$EMPTY_MODULE" /dev/null || exit 1

count=0
note() { printf '%s\n' "$*" | sed 's/^/# /'; }

# ok WHAT COMMAND...
ok() {
	what=$1
	shift
	count=$((count + 1))
	if "$@"; then
		echo "ok $count - $what"
	else
		echo "not ok $count - $what"
		return 1
	fi
}

# is WHAT GOT EXPECTED. Like "ok", all of these fail with the test, so that "|| note" can add to what is printed.
is() { ok "$1" [ "$2" = "$3" ] || { note "got:      $2
expected: $3" && false; }; }

# in_time WHAT MILLISECONDS LIMIT: a test with TIMED=yes ("make check-all") alone, since the host's load stretches it.
in_time() {
	if [ -n "${TIMED-}" ]; then
		ok "$1 ($2 ms)" [ "$2" -le "$3" ]
	else
		note "$1: took $2 ms"
	fi
}

matches() { printf '%s\n' "$1" | grep -Eq -e "$2"; }
lacks() { ! matches "$@"; }

# like WHAT TEXT REGEX
like() { ok "$1" matches "$2" "$3" || { note "no match of: $3
in: $2" && false; }; }
unlike() { ok "$1" lacks "$2" "$3" || { note "a match of: $3
in: $2" && false; }; }

done_testing() { echo "1..$count"; }

# fixture NAME <LINES: makes $root, as make-root.sh describes it.
fixture() {
	root=$work/root.$1
	"$cli/make-root.sh" "$root" || { echo "the fixture $1 cannot be made" >&2 && exit 1; }
}

# run ARGUMENT...: leaves $output, $errors and $rc.
run() {
	"$program" "$@" >"$work/out" 2>"$work/err" </dev/null
	rc=$?
	output=$(cat "$work/out")
	errors=$(cat "$work/err")
}

# run_inside ARGUMENT...: as run, with $root as the root directory of the whole process.
run_inside() {
	cp "$program" "$root/gvt-early"
	if [ "$(id -u)" -eq 0 ]; then set -- chroot "$root" /gvt-early "$@"; else set -- unshare -r chroot "$root" /gvt-early "$@"; fi
	"$@" >"$work/out" 2>"$work/err" </dev/null
	rc=$?
	output=$(cat "$work/out")
	errors=$(cat "$work/err")
}

# commands JSON: the commands in the cures of check's answer that change files, in the order in which they are told, a line each.
commands() { jq -r '.requirements[].findings[].cure' "$1" | sed -nE 's/^(.*: )?((sed|ln|mv|cp|rm|touch) .*)$/\2/p'; }

# run_commands DIRECTORY <COMMANDS: runs them in this order on the tree below it.
run_commands() {
	while IFS= read -r command; do
		(cd "$1" && eval "$(printf '%s\n' "$command" | sed 's# /# ./#g')") || note "failed: $command"
	done
}

# disagree ROOT JSON: where "plan" and "status" say something else of a host than "check" with this JSON: a line each.
disagree() {
	"$program" plan --root "$1" --json >"$work/plan.json" 2>/dev/null
	plan_code=$?
	"$program" status --root "$1" --json >"$work/status.json" 2>/dev/null
	echo "[\"\", $plan_code, $?]" | cat - "$2" "$work/plan.json" "$work/status.json" | disagreements | sed 's/^: //'
}

# disagreements <JSON: the same of many hosts, with the name in front. Of each come four values: [NAME, CODE OF PLAN, CODE OF STATUS], and the
# JSON of check, plan and status.
disagreements() {
	jq -nr '
		# What "gvt-early apply" mends is not in its way, and a mapping may be that of a guest whose vGPU is not wanted.
		def mended($plan): (.name | IN("kvmgt-not-loaded", "kvmgt-missing", "instance-missing")) or (.cure | startswith("run \u0027gvt-early apply")) or
			(.name == "mapping-wrong" and $plan.problems == []);
		def of_all: IN("boot", "kernel", "gpu", "gpu-free", "i915", "driver", "kvmgt", "types");
		[inputs] | _nwise(4) | . as [[$name, $plan_code, $status_code], $check, $plan, $status] |
		($check.requirements | map(. as $r | .findings[] | select(.severity == "failed") | {name, cure, of: $r.name})) as $failed |
		($failed | map(select(mended($plan) | not))) as $stops |
		($check.verdict == "unknown") as $unknown |
		($plan.instances | map(select(.step == "create" or .step == "remake"))) as $promised |
		($stops | map(.name) | join(", ")) as $names |
		$name + ": " + if $status.wanted == 0 and ($unknown | not) then empty else
			(select($stops != [] or $unknown) |
				(select($plan_code == 0) | "plan exits with 0: \($names)"),
				(select($status_code == 0) | "status exits with 0: \($names)")),
			(select(any($stops[]; .of | of_all) and $promised != []) | "plan promises instances: \($names)"),
			(select($failed == [] and ($unknown | not) and $plan_code != 0) | "plan exits with \($plan_code), check has nothing"),
			(select($status_code != 0 and $failed == [] and ($unknown | not) and $status.missing == 0) |
				"status exits with \($status_code), check has nothing")
		end'
}

# golden NAME WHAT CODE ARGUMENT...: the run's output, errors and exit code are those in expect/NAME.out.
golden() {
	name=$1 text=$2 code=$3
	shift 3
	run "$@"
	{
		cat "$work/out"
		sed 's/^/stderr: /' "$work/err"
		echo "exit code $rc"
	} | sed "s|$work|WORK|g" >"$work/$name.got"
	if [ -n "${UPDATE-}" ]; then
		mkdir -p "$cli/expect"
		cp "$work/$name.got" "$cli/expect/$name.out"
	fi
	ok "$text" golden_is "$name" "$code" || {
		[ "$rc" -eq "$code" ] || note "exit code $rc, not $code"
		note "$(diff -u "$cli/expect/$name.out" "$work/$name.got" 2>&1)"
	}
}

golden_is() { [ "$rc" -eq "$2" ] && cmp -s "$cli/expect/$1.out" "$work/$1.got"; }
