# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What a VM test sources: it describes a boot, has it run, and asserts in TAP. README.md has an example.
#
#   plan N                      how many assertions follow
#   config <<END                gvt-early.conf for the boots that follow (else: tests/vm/gvt-early.conf)
#   guest <<END                 the script for the boots that follow, run by sh when the guests would be started
#   boot MODE [OPTION...]       "quick" or "full", and options of boot.sh; the test ends when it does not come up
#   try_boot MODE [OPTION...]   the same, for a machine that may stay down: fails, and $verdict says how
#   root=NAME system=VARIANT    boot.sh's --root and --system, for the boots that follow (bookworm, with)
#   deadline=S                  gvt-early's, for the boots that follow (30: emulation is ten times slower than a host)
# After a boot:
#   $output $rc                 the script's output and exit status
#   $dmesg $console             the kernel log (at the script's end) and the console
#   $report                     /run/gvt-early/report.json, empty when there is none
#   $mdevs $guests_mdevs        "UUID TYPE PARENT" lines: at the script's end, and when the guests would be started
#   $guests_at                  when that was, in seconds since the kernel started
#   $failed_units               of systemd, in a full boot
#   $seconds $verdict $results  the whole run's wall time, "up" or what went wrong, and the directory of all of it
# Assertions:
#   ok NAME [COMMAND...]        the command succeeds; without one: the last boot came up
#   is NAME GOT WANTED          the same text
#   like NAME TEXT REGEX, unlike NAME TEXT REGEX      extended regular expressions, line by line
#   at_most NAME NUMBER LIMIT   decimal numbers
#   in_time NAME NUMBER LIMIT   the same for a time that the host's load stretches: held to the limit with TIMED=yes ("make check-all"),
#                               otherwise it only has to be there
#   json NAME PATH WANTED       what jq -c finds at PATH in the report; strings are written without quotes
#   instance NAME UUID TYPE [PARENT]   was there when the guests would be started (parent 0000:00:02.0)
#   no_instance NAME UUID       was not
#   diag TEXT                   as TAP comments
#   installed_program           prints the path of the program that is installed in the machine
#   all_boots                   whether this is "make check-all": what only differs from another boot in the cause is left to it
set -u

vm_dir=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-$vm_dir/../../build}
test_name=${0##*/}
test_name=${test_name%.t}
work=$build/vm/run/$test_name
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd)

tests=0 failures=0 boots=0 planned=0
guest_script=$work/script
config_file=
root=bookworm
system=with
deadline=30
verdict='no boot yet'
: >"$guest_script"

diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

plan() {
	planned=$1
	echo "1..$1"
}

all_boots() { [ -n "${ALL_BOOTS-}" ]; }

# A test that cannot run is skipped, or fails where MUST_RUN is set.
cannot_run() {
	if [ -n "${MUST_RUN:-}" ]; then
		echo "Bail out! $1"
		exit 1
	fi
	echo "1..0 # SKIP $1"
	exit 0
}
[ "$(id -u)" = 0 ] || cannot_run 'making root images needs root'
for tool in qemu-system-x86_64 mmdebstrap mke2fs cpio jq; do
	command -v "$tool" >/dev/null || [ -x "/usr/sbin/$tool" ] || cannot_run "$tool is not installed"
done

finish() {
	status=$?
	[ "$failures" = 0 ] || diag "$failures of $tests failed; the last boot's results: ${results:-none}"
	[ "$status" != 0 ] || [ "$failures" != 0 ] || [ "$tests" = "$planned" ] || diag "$planned planned, $tests made"
	[ "$status" != 0 ] || [ "$failures" = 0 ] || status=1
	exit "$status"
}
trap finish EXIT

config() {
	config_file=$work/gvt-early.conf
	cat >"$config_file"
}

guest() { cat >"$guest_script"; }

installed_program() {
	dpkg-deb -x "$build"/deb/gvt-early_*_amd64.deb "$work/package" && echo "$work/package/usr/sbin/gvt-early"
}

# content NAME: that file of the results, nothing when it is missing.
content() { cat "$results/$1" 2>/dev/null || true; }

try_boot() {
	mode=$1
	shift
	boots=$((boots + 1))
	results=$work/$boots
	[ -z "$config_file" ] || set -- --config "$config_file" "$@"
	[ -z "$deadline" ] || set -- --append "gvt_early.deadline=$deadline" "$@"
	# How the kernel unpacks an initrd, the matrix shows.
	all_boots || [ "$test_name" = matrix ] || set -- --unpacked "$@"
	"$vm_dir/boot.sh" --quiet --root "$root" --system "$system" --mode "$mode" --script "$guest_script" --out "$results" "$@" >"$work/boot.log" 2>&1
	if [ ! -f "$results/verdict" ]; then
		mkdir -p "$results"
		cp "$work/boot.log" "$results/verdict"
	fi
	verdict=$(content verdict)
	# shellcheck disable=SC2034 # for the test
	{
		output=$(content guest.out) rc=$(content guest.rc) dmesg=$(content dmesg.txt) console=$(content console.log)
		report=$(content report.json) mdevs=$(content mdevs.txt) guests_mdevs=$(content guests.mdevs)
		guests_at=$(content guests.at) failed_units=$(content failed-units.txt) seconds=$(content seconds)
	}
	[ "$verdict" = up ]
}

boot() {
	try_boot "$@" && return
	failed 'the machine came up'
	boot_evidence
	exit 1
}

boot_evidence() {
	diag "verdict: $verdict"
	diag "kernel command line: $(content cmdline)"
	[ -z "$(content console.log)" ] || diag "the console's last lines:
$(content console.log | tr -d '\r' | tail -n 25)"
}

passed() {
	tests=$((tests + 1))
	echo "ok $tests - $1"
}

failed() {
	tests=$((tests + 1))
	failures=$((failures + 1))
	echo "not ok $tests - $1"
}

ok() {
	name=$1
	shift
	if [ $# = 0 ]; then
		if [ "$verdict" = up ]; then
			passed "$name"
		else
			failed "$name"
			boot_evidence
		fi
	elif said=$("$@" 2>&1); then
		passed "$name"
	else
		failed "$name"
		diag "failed: $*"
		[ -z "$said" ] || diag "$said"
	fi
}

is() {
	if [ "$2" = "$3" ]; then
		passed "$1"
	else
		failed "$1"
		diag "got:    $2"
		diag "wanted: $3"
	fi
}

like() {
	if printf '%s\n' "$2" | grep -Eq -e "$3"; then
		passed "$1"
	else
		failed "$1"
		diag "no line matches: $3"
		text_evidence "$2" "$3"
	fi
}

unlike() {
	if printf '%s\n' "$2" | grep -Eq -e "$3"; then
		failed "$1"
		diag "should not be there: $3"
		diag "$(printf '%s\n' "$2" | grep -E -e "$3" | tail -n 10)"
	else
		passed "$1"
	fi
}

# text_evidence TEXT REGEX: of a long text, our own and the drivers' lines, else its end.
text_evidence() {
	lines=$(printf '%s\n' "$1" | grep -E 'gvt|i915|mdev|vfio' | tail -n 30)
	[ -n "$lines" ] || lines=$(printf '%s\n' "$1" | tail -n 15)
	diag "the text's lines nearest to the matter:
${lines:-(nothing)}"
}

at_most() {
	if awk -v got="$2" -v limit="$3" 'BEGIN { exit !(got != "" && got + 0 <= limit + 0) }'; then
		passed "$1"
	else
		failed "$1"
		diag "got: '$2', at most: $3"
	fi
}

in_time() {
	if [ -n "${TIMED-}" ]; then
		at_most "$@"
	elif printf '%s\n' "$2" | grep -Eqx '[0-9]+(\.[0-9]+)?'; then
		passed "$1 (took $2)"
	else
		failed "$1"
		diag "got: '$2', not a number"
	fi
}

json() {
	found=$(printf '%s' "$report" | jq -r "$2 | if type == \"string\" then . else tojson end" 2>&1)
	if [ "$found" = "$3" ] && [ -n "$report" ]; then
		passed "$1"
	else
		failed "$1"
		diag "jq '$2' got: $found"
		diag "wanted: $3"
		diag "the report:
$(printf '%s' "${report:-(none)}" | jq -c 'del(.steps, .instances), .steps[]?, .instances[]?' 2>/dev/null || printf '%s' "${report:-(none)}")"
	fi
}

instance() {
	case "
$guests_mdevs
" in
	*"
$2 $3 ${4:-0000:00:02.0}
"*) passed "$1" ;;
	*)
		failed "$1"
		instance_evidence "$2 $3 ${4:-0000:00:02.0}"
		;;
	esac
}

no_instance() {
	case "$guests_mdevs" in
	*"$2 "*)
		failed "$1"
		instance_evidence "no $2"
		;;
	*) passed "$1" ;;
	esac
}

instance_evidence() {
	diag "wanted when the guests would be started: $1"
	diag "there were then: ${guests_mdevs:-none}"
	diag "the kernel log:
$(printf '%s\n' "$dmesg" | grep -E 'gvt|i915|mdev' | tail -n 30)"
}
