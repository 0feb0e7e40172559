#!/bin/sh
# Options, exit codes, and where output can go.
. "$(dirname "$0")/lib.sh"

try=yes
# bad_usage WHAT MESSAGE ARGUMENT...
bad_usage() {
	what=$1 message=$2
	shift 2
	where=
	case $try$message in
	yes'unexpected argument'* | yes*'has no option'*) where="Try 'gvt-early $1 --help' for more information." ;; # the command is known
	yes*) where="Try 'gvt-early --help' for more information." ;;
	esac
	run "$@"
	is "$what: exit code" "$rc" 2
	like "$what: message" "$errors" "$message"
	is "$what: where to look" "$(printf '%s\n' "$errors" | sed -n '/^Try/p')" "$where"
	is "$what: nothing on standard output" "$output" ''
}

fixture plain </dev/null

bad_usage 'no command' '^gvt-early: missing command$'
bad_usage 'no such command' "no such command 'plam'; did you mean 'plan'?" plam
bad_usage 'a command that is like none' "no such command 'reboot'\$" reboot
bad_usage 'an option that is nearly one' "no such option '--jsno'; did you mean '--json'\?" plan --jsno
bad_usage 'two letters off' "no such option '--nextbot=x'; did you mean '--next-boot'\?" check --nextbot=x
bad_usage 'no such option' "no such option '--colour'\$" plan --colour
bad_usage 'no such short option' "no such option '-x'" plan -x
bad_usage 'an option without its argument' "'--root' requires an argument" plan --root
bad_usage 'an argument too many for an option' "'--json' takes no argument" plan --json=yes
bad_usage 'a word too many' "unexpected argument 'now'" snapshot now
bad_usage 'a word too many behind one' "unexpected argument 'now'" plan 00000000-0000-0000-0000-000000000100 now
bad_usage '--metrics for another command' "'plan' has no option --metrics" plan --metrics
bad_usage '--json for another command' "'snapshot' has no option --json" snapshot --json
bad_usage '--output for another command' "'plan' has no option --output" plan --output x
bad_usage '--root for a command that acts' "'wait' has no option --root" wait --root "$root"
bad_usage '--guest for another command' "'plan' has no option --guest" plan --guest 100
for id in '' 0 99 x 1000000000 -100 '100 '; do
	bad_usage "guest '$id'" "'$id' is not a VM ID" apply --guest "$id"
done
bad_usage '--resume for another command' "'plan' has no option --resume" plan --resume /dev/sda2
bad_usage '--next-boot for another command' "'plan' has no option --next-boot" plan --next-boot
bad_usage '--output for check' "'check' has no option --output" check --output x
try= # it is about files
bad_usage 'a missing root' "$work/none: No such file or directory" plan --root "$work/none"
bad_usage 'a root that is a file' 'Not a directory' plan --root "$program"
bad_usage 'an empty root' 'No such file or directory' plan --root ''

run -h
is '-h: exit code' "$rc" 0
is '-h: no errors' "$errors" ''
for word in boot wait apply check types plan status capture snapshot contents help --root --json --metrics --next-boot --guest --output --resume --version 'Exit codes'; do
	like "-h tells of $word" "$output" "$word"
done
short=$output
run --help
is '--help is the same' "$output" "$short"
run help
is 'help is the same' "$output" "$short"
run help help
is 'help of help, too' "$output" "$short"
run plan -h
is '-h behind a command is its own' "$output" "Usage: gvt-early plan [OPTION]... [UUID|VMID]
Show what 'apply' would do now.

Options:
      --root DIR     read the files below DIR instead of this host's
      --json         print JSON
  -h, --help         display this help and exit
  -V, --version      output version information and exit

See gvt-early(8)."
of_plan=$output
run help plan
is 'help of a command is that' "$output" "$of_plan"
run --help plan
is '--help before it, too' "$output" "$of_plan"
for command in boot wait apply check types plan status capture snapshot contents; do
	run help $command
	is "help $command: exit code" "$rc" 0
	like "help $command: how it is called" "$output" "^Usage: gvt-early $command \[OPTION\]"
	ok "help $command: 80 columns" [ "$(printf '%s\n' "$output" | wc -L)" -le 80 ]
done
try=yes
bad_usage 'help of no command' "no such command 'plam'; did you mean 'plan'" help plam

like '-h: how it is called, first' "$(printf '%s\n' "$short" | head -n 1)" '^Usage: gvt-early COMMAND \[OPTION\]'
like '-h: where faults go' "$short" "^To report a bug, "
ok '-h: 80 columns' [ "$(printf '%s\n' "$short" | wc -L)" -le 80 ]
run -V
is '-V: exit code' "$rc" 0
is '-V: the release, the copyright, the licence, no warranty, then the rest' \
	"$(printf '%s\n' "$output" | sed -E '1s/[0-9]+\.[0-9]+\.[0-9]+$/RELEASE/; 2s/[0-9]{4}/YEAR/; 6,$s/^([A-Za-z]+).*/\1/' | head -n 8)" \
	'gvt-early RELEASE
Copyright (C) YEAR the gvt-early developers
License GPLv2+: GNU GPL version 2 or later <https://gnu.org/licenses/gpl.html>.
This is free software: you are free to change and redistribute it.
There is NO WARRANTY, to the extent permitted by law.

build
musl'
ok '-V: 80 columns' [ "$(printf '%s\n' "$output" | wc -L)" -le 80 ]
like '-V: the build ID' "$output" '^build ID: [0-9a-f]{40}$'
for library in musl kmod pciutils libzstd lz4 util-linux jansson libinih xz-utils zlib; do
	like "-V: $library" "$output" "^$library [0-9]"
done
is '-V: the build ID is the one in the file' "$(printf '%s\n' "$output" | sed -n 's/^build ID: //p')" \
	"$(LC_ALL=C readelf -n "$program" | sed -n 's/.*Build ID: //p')"

# What acts needs root, and says so before it does anything.
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 "$work"
	cp "$program" "$work/program"
	for command in boot wait apply 'apply --json' 'apply --guest 100'; do
		# shellcheck disable=SC2086 # words
		setpriv --reuid=65534 --regid=65534 --clear-groups "$work/program" $command >"$work/out" 2>&1 </dev/null
		is "$command without root" "$?$(cat "$work/out")" "2gvt-early: '${command%% *}' needs root: it loads modules and creates instances"
	done
else
	for command in boot wait apply 'apply --json' 'apply --guest 100'; do
		# shellcheck disable=SC2086 # words
		run $command
		is "$command without root" "$rc$output$errors" "2gvt-early: '${command%% *}' needs root: it loads modules and creates instances"
	done
fi

#
# JSON
#

# The same host as text and as JSON.
both() {
	fixture "json-$1"
	run plan --root "$root"
	text_rc=$rc
	run plan --root "$root" --json
	is "JSON, $1: the same exit code" "$rc" "$text_rc"
	is "JSON, $1: valid, of version 1, with all its parts" "$(jq -r '[.version, (.stance | type),
		(.findings, .modules, .instances, .problems | type)] | join(" ")' "$work/out")" \
		'1 string array array array array'
	is "JSON, $1: every finding is whole" "$(jq 'all(.findings[]; (.name | length > 0) and
		(.severity | length > 0) and (.text | length > 0))' "$work/out")" true
}

both fine </dev/null
both admin <<'END'
modprobe blacklist i915
END
both nothing <<'END'
remove etc/gvt-early
END
both no-proc <<'END'
remove proc
END
root=$work/root.json-fine
golden json-fine 'JSON of a host where everything is fine' 0 plan --json --root "$root"

#
# Output that cannot be written, and descriptors that are closed
#

full() {
	what=$1
	shift
	"$program" "$@" >/dev/full 2>"$work/err"
	is "/dev/full: $what" $? 3
	like "/dev/full: $what: told" "$(cat "$work/err")" '^gvt-early: standard output cannot be written'
}
full check check --root "$root"
full 'check --json' check --json --root "$root"
full plan plan --root "$root"
full 'plan --json' plan --json --root "$root"
full snapshot snapshot --root "$root"
full contents contents --root "$root"
full -h -h
full -V -V

# More than the buffer of standard output holds.
{
	echo 'config gvt-early.conf <<X'
	seq 100 355 | sed 's/.*/[guest &]\nhostpci0 = i915-GVTg_V5_4/'
	echo X
} >"$work/many"
fixture many <"$work/many"
full 'plan of 256 instances' plan --root "$root"
full 'plan --json of 256 instances' plan --json --root "$root"
full 'snapshot of 256 instances' snapshot --root "$root"
run plan --root "$root"
is '256 instances are planned' "$(printf '%s\n' "$output" | grep -Ec '  (create |no-room)  ')" 256

root=$work/root.json-fine
"$program" plan --root "$root" <&- >&- 2>&-
is 'all standard descriptors closed: what it prints is lost, exit code' $? 3
"$program" plan --root "$root" <&- >"$work/out" 2>&-
is 'input and errors closed: exit code' $? 0
like 'input and errors closed: the output is there' "$(cat "$work/out")" '^IOMMU'
"$program" plan --root "$work/none" <&- >&- 2>"$work/err"
is 'output closed: exit code of a failure' $? 2
like 'output closed: the message is there' "$(cat "$work/err")" 'No such file'
# The configuration must not be opened as descriptor 1 or 2 and be written over.
before=$(cat "$root/etc/gvt-early/gvt-early.conf")
"$program" snapshot --root "$root" >&- 2>&-
is 'nothing was written into what was read' "$(cat "$root/etc/gvt-early/gvt-early.conf")" "$before"

# In a relative root, and in one with a blank in its name.
(cd "$work" && "$program" plan --root root.json-fine) >"$work/relative"
run plan --root "$root"
is 'a relative root' "$(cat "$work/relative")" "$output"
fixture 'with blank' </dev/null
run plan --root "$work/root.with blank/"
is 'a root with a blank and a slash' "$output" "$(cat "$work/relative")"

# Closed descriptors: what would have been printed is lost, and that is told; no file of ours takes their place.
closed() {
	"$program" "$@" >&- 2>"$work/err"
	is "standard output is closed, $*: exit code and message" "$? $(sed 's/: Bad file descriptor$//' "$work/err" | tail -n 1)" \
		'3 gvt-early: standard output cannot be written'
}
for command in check 'check --next-boot' 'check --json' types 'types --json' plan 'plan --json' status 'status --json' 'status --metrics' contents \
	snapshot "capture $work/closed.tar"; do
	# shellcheck disable=SC2086 # words
	closed $command --root "$root"
done
closed --help
closed --version
"$program" snapshot --root "$root" >"$work/expected"
"$program" snapshot --root "$root" --output "$work/closed" >&- 2>"$work/err"
is 'nothing is to be printed on it: exit code' $? 0
rm "$work/closed"
"$program" snapshot --root "$root" --output "$work/closed" <&- >&- 2>&-
is 'all of them are closed: exit code' $? 0
ok 'and the file has what belongs into it, and no message' cmp -s "$work/closed" "$work/expected"
"$program" snapshot --root "$root" --output /dev/null >&- 2>&-
is '/dev/null is no closed standard output' $? 0
"$program" capture "$work/closed.tar" --root "$root" <&- 2>&- >"$work/list"
ok 'an archive with closed standard input and error' sh -c "tar -tf '$work/closed.tar' >/dev/null"
"$program" plan --root "$root" <&- 2>&- >"$work/out"
is 'standard error is closed: exit code of the command' $? 0

done_testing
