#!/bin/bash
# What does not answer: every command ends within its bound, whoever reads its output does too, and says what does not answer; what
# is known without it is told. A FUSE that takes requests and never answers stands for it.
. "$(dirname "$0")/lib.sh"

${CC:-cc} -o "$work/hung-mount" "$cli/hung-mount.c" || exit 1

#
# What a command prints goes through pipes of its own
#

fixture healthy </dev/null

run types --root "$root"
is 'whole output' "$rc$(tail -n 1 "$work/out" | tr -s ' ')" "0 4096 MiB 0 0 0 0"
"$program" types --root "$root" >/dev/full 2>"$work/err"
is 'nothing can be written: exit code 3' $? 3
config='config gvt-early.conf <<X
nonsense
[guest 100]
hostpci0 = i915-GVTg_V5_4
X'
fixture mistakes <<<"$config"
"$program" plan --root "$root" >"$work/both" 2>&1
like 'standard output and standard error in one file: the mistakes first' "$(head -n 1 "$work/both")" '^gvt-early: .*nonsense'
like 'and the plan behind them' "$(cat "$work/both")" '^1 wanted'
"$program" plan --root "$root" 2>/dev/full >"$work/out"
is 'standard error cannot be written: exit code of the command' $? 2
# Whoever stops reading is no failure of the driver, and whoever reads slowly is none.
"$program" types --json --root "$root" 2>"$work/err" | head -n 1 >"$work/out"
is 'a reader who has enough' "$(cat "$work/out" "$work/err")" '{'
fixture large <<END
config gvt-early.conf <<X
$(for n in $(seq 100 163); do printf '[guest %s]\nhostpci0 = i915-GVTg_V5_8\n' "$n"; done)
X
END
"$program" plan --json --root "$root" 2>&1 | { sleep 1 && cat; } >"$work/out"
ok 'a reader who is slow has all of it' jq -e '.instances | length > 10' "$work/out"
colours() { TERM=xterm script -qec "'$program' types --root '$root' $1" /dev/null 2>"$work/err" </dev/null; }
if command -v script >/dev/null; then
	like 'on a terminal it has colours' "$(colours '')" "$(printf '\033')\[32mok"
	unlike 'in a pipe none' "$(colours '| cat')" "$(printf '\033')"
else
	ok 'on a terminal it has colours # SKIP no script(1)' true
	ok 'in a pipe none # SKIP no script(1)' true
fi

fixture pve <<'END'
mkdir -p etc/pve
END
if ! "$work/hung-mount" "$root/etc/pve" true 2>"$work/err"; then
	echo "ok $((count += 1)) # SKIP no FUSE here: $(cat "$work/err")"
	done_testing
	exit 0
fi

#
# Each command, with each of these places hung, read through a pipe
#

places='sys sys/class/iommu sys/bus/pci/devices proc lib/modules etc/gvt-early etc/pve'
commands='check check,--next-boot check,--json types plan plan,--json status status,--metrics contents snapshot'
hung_run() { # PLACE COMMAND NAME
	# shellcheck disable=SC2086 # words
	timeout 55 "$work/hung-mount" "$root/$1" "$program" ${2//,/ } --root "$root" 2>"$work/$3.err"
	echo $? >"$work/$3.rc"
}
for place in $places; do
	for command in $commands; do
		name=${place//\//_}.$command
		{
			hung_run "$place" "$command" "$name" | cat >"$work/$name.out"
			echo ended >"$work/$name.ended"
		} &
	done
	wait
done

# At the same time, as it takes its time: a lock that our caller has is not kept by a child of ours that hangs.
# shellcheck disable=SC2016 # expanded by that shell
"$work/hung-mount" "$root/etc/pve" sh -c 'exec 9>"$1" && flock 9 && shift && "$@" >/dev/null 2>&1
	exec 9>&- && flock --nonblock "$0" true' "$work/lock" "$work/lock" "$program" plan --root "$root"
is "a lock of the caller's is free when the command has ended" $? 0

says() { case $2 in *--json) jq -e . "$work/$1.$2.out" >/dev/null ;; *) [ -s "$work/$1.$2.out" ] ;; esac; }
for place in $places; do
	for command in $commands; do
		name=${place//\//_}.$command
		rc=$(cat "$work/$name.rc")
		ok "$place, $command: ends, and whoever reads it" [ "$(cat "$work/$name.ended") $rc" != 'ended 124' ]
		case "$place,$command" in
		etc/gvt-early,snapshot) is "$place, $command: no snapshot rather than one that wants nothing" "$(cat "$work/$name.out")" '' ;;
		proc,contents | lib/modules,contents) is "$place, $command: no module can be named" "$(cat "$work/$name.out")" '' ;;
		*) ok "$place, $command: what is known is told" says "${place//\//_}" "$command" || note "$(cat "$work/$name.err")" ;;
		esac
		case "$place,$command" in
		etc/gvt-early,status,--metrics) ;;
		*,--metrics) is "$place, $command: they were written" "$rc" 0 ;;
		sys*,snapshot | proc,snapshot | lib/modules,snapshot) is "$place, $command: needs none of it" "$rc" 0 ;;
		etc/pve,check* | etc/pve,status | etc/pve,plan*) is "$place, $command: exit code" "$rc" 1 ;; # what the guests want is not known
		etc/pve,*) is "$place, $command: what was known counts" "$rc" 0 ;;
		etc/gvt-early,*) ok "$place, $command: exit code $rc" [ "$rc" -ne 0 ] ;;
		*) is "$place, $command: exit code" "$rc" 1 ;;
		esac
		case "$place,$command" in
		*,snapshot | etc/pve,contents | etc/pve,types | etc/pve,status,--metrics) ;;
		etc/pve,check*) like "$place, $command: named" "$(cat "$work/$name.out")" '/etc/pve does not answer' ;;
		*) like "$place, $command: named" "$(cat "$work/$name.err")" "/$place does not answer" ;;
		esac
	done
done

#
# A tree that hangs as a whole, and a place for a file that does
#

fixture whole </dev/null
mkdir "$work/place"
for command in 'types' 'check --next-boot' "capture $work/whole.tar" 'snapshot' 'contents'; do
	# shellcheck disable=SC2086 # words
	{
		timeout 55 "$work/hung-mount" "$root" "$program" $command --root "$root" >"$work/whole.${command%% *}" 2>&1
		echo $? >>"$work/whole.${command%% *}"
	} &
done
{
	timeout 55 "$work/hung-mount" "$work/place" "$program" capture "$work/place/x.tar" --root "$root" >"$work/place.out" 2>&1
	echo $? >>"$work/place.out"
} &
{
	timeout 55 "$work/hung-mount" "$work/place" "$program" snapshot --output "$work/place/x" --root "$root" >"$work/place.snapshot" 2>&1
	echo $? >>"$work/place.snapshot"
} &
wait
for command in types check capture snapshot contents; do
	is "a tree that hangs as a whole, $command" "$(cat "$work/whole.$command")" "gvt-early: no answer within 5 s: $root does not answer
1"
done
is 'capture to where nothing answers' "$(cat "$work/place.out")" "gvt-early: $work/place/x.tar: cannot be written: it does not answer
3"
is 'snapshot to where nothing answers' "$(cat "$work/place.snapshot")" "gvt-early: $work/place/x: cannot be written: it does not answer
3"

#
# A driver that hangs: every command tells it, nothing is promised, and a capture says the same
#

fixture driver <<'END'
loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4 i915-GVTg_V5_2
free 0000:00:02.0 i915-GVTg_V5_8 5 ''
free 0000:00:02.0 i915-GVTg_V5_4 2 ''
free 0000:00:02.0 i915-GVTg_V5_2 1 ''
instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_4 0000:00:02.0
END
type_file=$(echo "$root"/sys/devices/pci*/0000:00:02.0/mdev_supported_types/i915-GVTg_V5_4/available_instances)
for command in check types plan plan,--json status status,--json; do
	# shellcheck disable=SC2086 # words
	"$work/hung-mount" "$type_file" "$program" ${command//,/ } --root "$root" >"$work/driver.$command" 2>/dev/null </dev/null &
done
"$work/hung-mount" "$type_file" "$program" capture "$work/driver.tar" --root "$root" >"$work/out" 2>"$work/err" </dev/null
is 'it can be captured' $? 0
wait
mkdir "$work/driver.copy"
tar -C "$work/driver.copy" -xf "$work/driver.tar"
for command in check types plan plan,--json status status,--json; do
	# shellcheck disable=SC2086 # words
	run ${command//,/ } --root "$work/driver.copy"
	is "a driver that hangs, $command: exit code" "$rc" 1
	is "a driver that hangs, $command: the capture says the same" "$output" "$(sed "s|$root|$work/driver.copy|g" "$work/driver.$command")"
done
like 'check' "$(tr -s '\n ' ' ' <"$work/driver.check")" 'gvt-hung: the driver of 0000:00:02.0 does not answer when asked for how many instances'
like 'types' "$(tr -s '\n ' ' ' <"$work/driver.types")" 'Computed: the driver does not answer'
unlike 'plan: nothing is promised' "$(cat "$work/driver.plan")" 'there is room'
is 'plan: what is there is there' "$(jq -r '[.instances[] | .step + (.fits | tostring)] | join(" ")' "$work/driver.plan,--json")" \
	'existingtrue failedfalse failedfalse'
like 'status' "$(cat "$work/driver.status")" "^The GPU's driver does not answer"

#
# A GPU with virtual functions that does not answer: unknown, not absent
#

fixture vfs <<'END'
machine n100
END
total=$(echo "$root"/sys/devices/pci*/0000:00:02.0/sriov_totalvfs)
for command in check plan; do
	"$work/hung-mount" "$total" "$program" "$command" --root "$root" >"$work/vfs.$command" 2>/dev/null </dev/null &
done
"$work/hung-mount" "$total" "$program" capture "$work/vfs.tar" --root "$root" >"$work/out" 2>"$work/err" </dev/null
is 'virtual functions that do not answer can be captured' $? 0
wait
mkdir "$work/vfs.copy"
tar -C "$work/vfs.copy" -xf "$work/vfs.tar"
for command in check plan; do
	run "$command" --root "$work/vfs.copy"
	is "virtual functions that do not answer, $command: exit code" "$rc" 1
	is "virtual functions that do not answer, $command: the capture says the same" "$output" \
		"$(sed "s|$root|$work/vfs.copy|g" "$work/vfs.$command")"
done
like 'check: they are not called absent' "$(cat "$work/vfs.check")" 'sriov-hung: '
done_testing
