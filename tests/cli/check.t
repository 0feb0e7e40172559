#!/bin/sh
# "check": every finding of check.table and next-boot.table, told apart from all others; and what is the same for all of them.
# takes 90 s
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1
table=$cli/check.table

# For the lines of the cases (words.sh).
BUILD_ID=$("$program" -V | sed -n 's/^build ID: //p')
export PROGRAM="$program" BUILD_ID KEPT="$work/kept" STRIPPED="$work/stripped"
mkdir "$KEPT"
strip -o "$STRIPPED" "$PROGRAM" || exit 1

# A host on which all is there that is wanted.
cat >"$work/healthy" <<'END'
loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4 i915-GVTg_V5_2
instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_4 0000:00:02.0
instance 00000000-0000-0000-0000-000000008006 i915-GVTg_V5_8 0000:00:02.0
instance 00000001-0000-0000-0000-000000008006 i915-GVTg_V5_8 0000:00:02.0
put dev/kvm ''
put etc/default/grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"'
put proc/stat 'cpu 1 2 3
btime 1600000000'
END

# change ROOT <LINES
change() { cat "$cli/words.sh" - | "$cli/make-root.sh" --change "$1" || exit 1; }
early_stage() { echo early_stage | change "$1"; }

cat "$cli/words.sh" "$work/healthy" | "$cli/make-root.sh" "$work/healthy.root" || exit 1
perl "$cli/cases.pl" "$work" || exit 1
count=$(cat "$work/count")
is 'plan and status agree with it on each of the hosts' "$(disagreements <"$work/others")" ''

#
# modprobe.d that an ordinary user cannot read may say anything
#

cp -a "$work/healthy.root" "$work/unread.root"
printf '%s\n' unloaded next_host "put etc/modprobe.d/local.conf 'blacklist i915'" 'mkdir -p etc/modprobe.d/' "put gvt-early-capture 'gvt-early capture 1
error 13 etc/modprobe.d/local.conf'" | change "$work/unread.root"
for mode in '' --next-boot; do
	# shellcheck disable=SC2086 # one word or none
	run check $mode --root "$work/unread.root" --json
	is "modprobe.d cannot be read: check $mode: i915" "$(jq -r '.requirements[] | select(.name == "i915") | .result + ": " + .seen' "$work/out")" \
		'unknown: not checked: /etc/modprobe.d/local.conf: Permission denied; run this command as root'
done
mode=

#
# A report of the early stage that says nothing
#

cp -a "$work/healthy.root" "$work/damaged.root"
early_stage "$work/damaged.root"
cp "$work/damaged.root/run/gvt-early/report.json" "$work/report.json"
damaged() {
	run check --root "$work/damaged.root" --json
	is "a report that is $1: initrd" "$(jq -r '.requirements[] | select(.name == "initrd") | .result + ": " + .seen' "$work/out")" "unknown: not checked: $2"
	run status --root "$work/damaged.root"
	like "a report that is $1: status" "$(printf '%s' "$output" | tr -s '\n ' ' ')" "^This boot $3 "
}
printf '{"version":2' >"$work/damaged.root/run/gvt-early/report.json"
damaged 'cut off' 'the report of the early stage, /run/gvt-early/report.json, cannot be read' 'the report of the early stage cannot be read'
echo '{}' >"$work/damaged.root/run/gvt-early/report.json"
damaged 'empty' 'the report of the early stage, /run/gvt-early/report.json, cannot be read' 'the report of the early stage cannot be read'
jq '.version = 9' "$work/report.json" >"$work/damaged.root/run/gvt-early/report.json"
damaged "a newer build's" 'the report of the early stage is of version 9, which this gvt-early does not know' \
	'the report of the early stage is of version 9, which this gvt-early does not know'

#
# The manual
#

page=early/gvt-early-check.8.scd
is 'the manual has every finding, with its severity' \
	"$(sed -n 's/^\*\([a-z0-9-]*\)\* (\([a-z ]*\))$/\1 \2/p' "$page" | sed 's/^\([^ ]*\) \([a-z]*\) or \([a-z]*\)$/\1 \2\n\1 \3/' | sort)" \
	"$(sed -n 's/^finding \([a-z0-9-]* [a-z]*\)$/\1/p' "$table" "$cli/next-boot.table" | grep -v '^none ' | sort -u)"

# Where the manual promises a fix, each finding of that name has one; a hint may have none.
awk '/^\*[a-z0-9-]+\* \(/ { name = $1; gsub(/\*/, "", name) } /Fix:/ && !/Fix: none/ && name != "" { print name }' "$page" |
	sort -u >"$work/promised"
jq -r '.requirements[].findings[] | select(.cure == "" and .severity != "hint") | .name' "$work"/json.* | sort -u >"$work/without"
is 'where the manual promises a fix there is one' "$(comm -12 "$work/promised" "$work/without")" ''

#
# JSON
#

# Debian's module is for Debian's python, another python may have its own.
python=/usr/bin/python3
"$python" -c 'import jsonschema' 2>/dev/null || python=python3
is 'JSON of all cases is as the schema has it' \
	"$("$python" "$cli/validate.py" "$cli/check.schema.json" "$work"/json.* 2>&1)" ''
jq 'del(.verdict)' "$work/json.1" >"$work/broken.1"
jq '.requirements[0].result = "fine"' "$work/json.1" >"$work/broken.2"
jq '.more = 1' "$work/json.1" >"$work/broken.3"
for broken in 1 2 3; do
	like "the schema notices what is wrong ($broken)" \
		"$("$python" "$cli/validate.py" "$cli/check.schema.json" "$work/broken.$broken" 2>&1)" "broken.$broken: "
done

#
# The whole text, colours, and a locale with more letters
#

fixture_healthy() {
	root=$work/root.$1
	cat "$cli/words.sh" "$work/healthy" - | "$cli/make-root.sh" "$root" || exit 1
	early_stage "$root"
}
fixture_healthy healthy </dev/null
golden check-healthy 'a healthy host: nothing but ok' 0 check --root "$root"
fixture_healthy mdevctl-unread <<'END'
put usr/lib/udev/rules.d/60-mdevctl.rules "RUN+=\"/bin/sh -c '{ /usr/sbin/mdevctl start-parent-mdevs %k; }'\""
mkdir -p etc/mdevctl.d/0000:00:02.0
ln -s 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 etc/mdevctl.d/0000:00:02.0/5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01
END
run check --root "$root"
like 'a definition that cannot be read is no definition less' "$(printf '%s' "$output" | tr -s '\n ' ' ')" \
	'unknown mdevctl not checked: /etc/mdevctl.d/0000:00:02.0/.*: Symbolic link loop'
fixture_healthy sick <<'END'
iommu off
cmdline intel_iommu=1
no_kvmgt
guest 102 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8,x-vga=1'
put etc/modules exngt
END
golden check-sick 'a host with several faults' 1 check --root "$root"
# A terminal, by script(1); it ends lines with a carriage return.
coloured() { env "$@" TERM=xterm script -qec "$program check --root $root" /dev/null | tr -d '\r'; }
escape=$(printf '\033')
like 'on a terminal there are colours' "$(coloured NO_COLOR=)" "$escape"
is 'with NO_COLOR there are none' "$(coloured NO_COLOR=1)" "$(sed '$d' "$cli/expect/check-sick.out")"

#
# What does not answer, and what it costs
#

fixture_healthy hung <<'END'
iommu off
END
if ! ${CC:-cc} -o "$work/hung-mount" "$cli/hung-mount.c"; then
	exit 1
fi
type_dir=$(echo "$root"/sys/devices/pci*/0000:00:02.0/mdev_supported_types/i915-GVTg_V5_4)
if "$work/hung-mount" "$type_dir" true 2>"$work/err"; then
	before=$(date +%s%3N)
	"$work/hung-mount" "$type_dir" "$program" check --json --root "$root" 2>"$work/err" </dev/null | cat >"$work/out"
	took=$(($(date +%s%3N) - before))
	is 'a driver that does not answer: that, and all the rest' \
		"$(jq -r '[.requirements[].findings[].name] | join(" ")' "$work/out")" 'gvt-hung iommu-off'
	is 'what needs its answer was not checked' \
		"$(jq -r '[.requirements[] | select(.result == "skipped").name] | join(" ")' "$work/out")" 'kvmgt types instances'
	in_time 'within 5 s' "$took" 5000
	mkdir -p "$root/etc/pve"
	before=$(date +%s%3N)
	"$work/hung-mount" "$root/etc/pve" "$program" check --json --root "$root" 2>"$work/err" </dev/null | cat >"$work/out"
	took=$(($(date +%s%3N) - before))
	like 'a cluster file system that does not answer: told' \
		"$(jq -r '[.requirements[].findings[].name] | join(" ")' "$work/out")" 'sources-unreadable'
	in_time 'within 5 s too' "$took" 5000
else
	for _ in 1 2 3; do
		echo "ok $((count += 1)) # SKIP no FUSE here: $(cat "$work/err")"
	done
fi

{
	cat "$cli/words.sh" "$work/healthy"
	for slot in 03 04 05 06 07 08 09; do
		for function in 0 1 2 3 4 5 6 7; do
			echo "gpu 0000:00:$slot.$function 1539 class=0200"
		done
	done
	for function in 0 1 2 3 4 5 6; do
		echo "gpu 0000:01:00.$function 1539 class=0200"
	done
	for vmid in $(seq 100 149); do
		echo "guest $vmid 'onboot: 0' 'hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_8'"
	done
} >"$work/many"
fixture many <"$work/many"
early_stage "$root"
is 'a host with 64 PCI functions and 50 guests' "$(find "$root/sys/bus/pci/devices/" -type l | wc -l) $(find "$root/etc/pve/nodes/pve/qemu-server" -type f | wc -l)" '64 50'
run check --root "$root"
is 'it is healthy' "$rc" 0

# What it costs is counted in instructions, its children's included: no load changes that. (24 million; a core does thousands of
# millions in a second.)
# The program's own limits of time are the host's, though, and a count makes it 30 times slower: on a busy host they cut off what is to be
# counted, check says of something that it gave no answer in time, and nothing can be compared.
for _ in 1 2 3 4 5; do
	valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null "$program" check --root "$root" >/dev/null 2>"$work/err"
	rc=$?
	[ "$rc" -eq 1 ] || break
	sleep 2
done
cost=$(sed -n 's/^.*I *refs: *//p' "$work/err" | tr -d , | awk '{ sum += $1 } END { printf "%d", sum / 1000000 }')
if [ "$rc" -eq 1 ]; then
	echo "ok $((count += 1)) # SKIP the host is too busy to count instructions"
else
	ok "which takes fewer than 25 million instructions ($cost million)" [ $((rc == 0 && cost > 0 && cost < 25)) -eq 1 ]
fi

done_testing
