#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# "types", "plan", "status" and "capture" beside real drivers' rules: what they say is so, a capture that has left the
# machine gives the same answers here, and a driver that hangs holds none of them up.
. "$(dirname "$0")/lib.sh"
plan 56

# What is done with each root, here and there: answers DIR is the same function on both sides.
cat >"$work/answers" <<'END'
# answers ROOT OUTPUT COMMAND...: what is said of it, with its exit code.
answers() {
	answers_of=${1:+--root $1} answers_to=$2
	shift 2
	for command; do
		# shellcheck disable=SC2086 # words
		LC_ALL=C $program $command $answers_of 2>&1
		echo "exit code $?"
		case $command in
		types | status) LC_ALL=C.UTF-8 $program $command $answers_of 2>&1 ;;
		esac
	done | grep -v 'does not answer; going on without it$' >"$answers_to" # which is said where it is waited for, once more or not
}
everything() { answers "$@" check types plan status 'status --metrics' 'types --json' 'plan --json' 'status --json' 'types i915-GVTg_V5_2'; }
END

#
# Everything works; a guest of Proxmox VE runs with an instance, and another process has one open.
#

{
	cat "$work/answers"
	cat <<'END'
program=gvt-early
mknod /dev/kvm c 10 232 # the emulated CPU has none
hostname pve # a quick boot has none
node=pve
mkdir -p /etc/pve/nodes/$node/qemu-server
cat >/etc/pve/nodes/$node/qemu-server/200.conf <<X
# canary-53c7e1
name: canary-53c7e1
onboot: 1
hostpci0: 00:02.0,mdev=i915-GVTg_V5_8,pcie=1
net0: virtio=BC:24:11:0A:0B:0C,bridge=vmbr0
machine: q35
X
group() { basename "$(readlink /sys/bus/mdev/devices/$1/iommu_group)"; }
mkfifo /tmp/never
bash -c 'exec 9<>/dev/vfio/'"$(group 00000000-0000-0000-0000-000000000100)"'; exec -a /usr/bin/kvm bash -c "read -r _ </tmp/never; :" -id 100 -name canary-53c7e1' &
guest=$!
bash -c 'exec 9<>/dev/vfio/'"$(group 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01)"'; read -r _ </tmp/never; :' &
sleep 1
cd /run/gvt-test
everything '' guest.answers
gvt-early capture guest.tar >guest.list 2>&1
echo "capture: $?"
gvt-early types >guest.types.txt
gvt-early status >guest.status.txt
gvt-early types --json >guest.types.json
gvt-early status --json >guest.status.json
for type in /sys/bus/pci/devices/0000:00:02.0/mdev_supported_types/*; do
	echo "available: ${type##*/} $(cat $type/available_instances)"
done
echo "started: $(awk '{ print $22 * 10000 }' /proc/$guest/stat) $guest"

# What is there otherwise than wanted: one that gvt-early has made and nobody has open, and one that somebody has.
cp /etc/gvt-early/gvt-early.conf /tmp/conf
sed -i '/a02]/{n;s/_8/_4/}; /a01]/{n;s/_4/_8/}' /etc/gvt-early/gvt-early.conf
answers '' guest.remake check plan 'plan --json' status
gvt-early capture guest.remake.tar >/dev/null 2>&1
cp /tmp/conf /etc/gvt-early/gvt-early.conf

# As another user nobody's open files are seen.
chmod 0755 /run/gvt-test
setpriv --reuid=65534 --regid=65534 --clear-groups gvt-early status | grep -E 'use unknown|Only root' | sort -u

# The next instance that is made hangs, with the lock that all attributes take.
echo 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9aff >/sys/bus/pci/devices/0000:00:02.0/mdev_supported_types/i915-GVTg_V5_8/create &
sleep 1
for command in types plan status 'types --json' 'status --metrics'; do
	begun=$(date +%s%N)
	gvt-early $command >/run/gvt-test/hung.out 2>&1
	code=$?
	echo "hung $command: $code $((($(date +%s%N) - begun) / 1000000)) ms, $(wc -l </run/gvt-test/hung.out) lines"
	sed "s/^/hung $command: /" /run/gvt-test/hung.out
done
answers '' guest.hung types plan status
gvt-early capture guest.hung.tar >guest.hung.list 2>&1
echo "hung capture: $?"
END
} | guest
boot quick --aperture 1024 --append kvmgt.fault_create_hang=4 --script-timeout 240 --timeout 400

like 'a capture is written' "$output" '^capture: 0$'
copy=$work/copy
mkdir "$copy" "$copy.hung" "$copy.remake"
tar -C "$copy.remake" -xf "$results/guest.remake.tar"
tar -C "$copy" -xf "$results/guest.tar"
tar -C "$copy.hung" -xf "$results/guest.hung.tar"
program=$(installed_program)
# shellcheck source=/dev/null
. "$work/answers"

# same NAME COPY FILE COMMAND...: the copy gives the same answers here, byte for byte. No command is everything.
same() {
	same_name=$1 same_copy=$2 same_file=$3
	shift 3
	if [ $# = 0 ]; then
		everything "$same_copy" "$results/here"
	else
		answers "$same_copy" "$results/here" "$@"
	fi
	if cmp -s "$results/here" "$results/$same_file"; then
		passed "$same_name"
	else
		failed "$same_name"
		diag "$(diff "$results/$same_file" "$results/here" | head -n 30)"
	fi
}
same 'the capture gives the same answers on another machine' "$copy" guest.answers
same 'what this boot has made is known there too' "$copy.remake" guest.remake check plan 'plan --json' status
like 'made anew, since nobody has it open' "$(content guest.remake)" 'remake .*a02'
like 'and what somebody has open is left' "$(content guest.remake)" 'conflict .*a01'
is 'to all questions' "$(grep -c '^exit code' "$results/guest.answers")" 9
unlike 'nothing private is in it' "$(tr -d '\0' <"$results/guest.tar")" 'canary-53c7e1|[Bb][Cc]:24:11'
like 'what is in it is told' "$(content guest.list)" 'etc/pve/nodes/.*/qemu-server/200.conf \(all but'
unlike 'and nothing of other processes' "$(content guest.list)" '/proc/1/'

types=$(content guest.types.json)
# told NAME JSON PATH WANTED
told() { is "$1" "$(printf '%s' "$2" | jq -r "$3 | if type == \"string\" then . else tojson end")" "$4"; }
told 'the driver is asked' "$types" '.gpus[0] | [.computed, .answers, .driver]' '[false,true,"i915"]'
for size in 8 4 2 1; do
	type=i915-GVTg_V5_$size
	told "$type: what the driver counts" "$types" ".gpus[0].types[] | select(.type == \"$type\").available_instances" \
		"$(printf '%s\n' "$output" | sed -n "s/^available: $type //p")"
done
told 'what is free is what the driver counts, four vGPUs at most' "$types" \
	'[.gpus[0].types[] | .free == ([.available_instances, 4] | min)] | all' true
told 'the sizes are those of the table' "$types" \
	'[.gpus[0].types[] | .type[-1:] + " " + ([.aperture_mib, .hidden_mib, .at_most] | map(tostring) | join(" ")) + " " + .resolution] | join(", ")' \
	'8 64 384 7 1024x768, 4 128 512 5 1920x1200, 2 256 1024 2 1920x1200, 1 512 2048 1 1920x1200'
told 'who has them' "$types" '[.gpus[0].instances[] | .guest] | map(tostring) | sort | join(" ")' '100 null null'

status=$(content guest.status.json)
told 'the guest has its instance open' "$status" \
	'.instances[] | select(.guest == 100) | [.state, .holder.guest, .holder.name]' '["in-use",100,"bash"]'
told 'another process has one' "$status" \
	'.instances[] | select(.uuid[-3:] == "a01") | [.state, .holder.guest, .holder.name]' '["in-use",null,"bash"]'
told 'one is not used' "$status" '.instances[] | select(.uuid[-3:] == "a02").state' idle
told 'one comes with its guest, which came after the boot' "$status" '.instances[] | select(.guest == 200).state' at-start
told 'the first guest, when it was started' "$status" '.first_guest | "\(.started_us) \(.pid)"' \
	"$(printf '%s\n' "$output" | sed -n 's/^started: //p')"
told 'the report is in it' "$status" '[.boot.state, .boot.command, (.boot.steps | length > 5)]' '["done","boot",true]'
for command in types plan status; do
	is "$command: JSON as its schema wants it" \
		"$("$program" $command --json --root "$copy" | python3 "$vm_dir/../cli/json-valid.py" "$vm_dir/../cli/schema/$command.json" 2>&1)" ''
done
like 'the timeline has the early stage' "$(content guest.status.txt)" '^ +[0-9.]+ +[0-9.]+  Early stage: ok +=+$'
like 'and the first guest' "$(content guest.status.txt)" '^ +[0-9.]+ +First guest: 100 +=$'
is 'no line is longer than 80 columns' "$(wc -L <"$results/guest.answers" | awk '{ print ($1 > 0) }') $(
	cat "$results/guest.types.txt" "$results/guest.status.txt" | LC_ALL=C.UTF-8 wc -L | awk '{ print ($1 <= 80) }')" '1 1'
like 'who is not root is told what cannot be seen' "$output" '^Only root sees who uses an instance\.$'
like 'and it is not called unused' "$output" 'present, use unknown'

# Hung in create.
for command in types plan status 'types --json' 'status --metrics'; do
	like "hung, $command: all is told" "$output" "^hung $command: [01] [0-9]+ ms, [0-9]{2,} lines$"
	in_time "hung, $command: within 5 s" \
		"$(printf '%s\n' "$output" | sed -n "s/^hung $command: [0-9]* \([0-9]*\) ms, .*/\1/p")" 5000
done
like 'hung: the driver is named' "$output" '^hung types: Computed: the driver does not answer'
like 'hung: so it is in the metrics' "$output" '^hung status --metrics: gvt_early_gpu_answers\{gpu="0000:00:02.0"\} 0$'
like 'hung: what has it open is told all the same' "$output" '^hung status: guest 100 hostpci0 .* in use, guest 100$'
like 'hung: it can be captured' "$output" '^hung capture: 0$'
like 'hung: what did not answer is told' "$(content guest.hung.list)" 'does not answer'
same 'hung: the capture gives the same answers' "$copy.hung" guest.hung types plan status

#
# Before a first setup: what is computed is what the driver says then.
#

guest <<'END'
gvt-early types --json >/run/gvt-test/guest.computed.json
modprobe i915 enable_gvt=1 && modprobe kvmgt
gvt-early types --json >/run/gvt-test/guest.told.json
END
boot quick --aperture 512 --append gvt_early.enable=0 --timeout 240
told 'it is computed' "$(content guest.computed.json)" '.gpus[0] | [.computed, (.types | length)]' '[true,3]'
told 'then the driver is asked' "$(content guest.told.json)" '.gpus[0] | [.computed, ([.types[].available_instances] | all(. != null))]' '[false,true]'
offers='.gpus[0] | [.types[] | del(.available_instances)], .left, .fits, .apertures'
is 'what was computed is what it says' "$(content guest.computed.json | jq -c "$offers")" "$(content guest.told.json | jq -c "$offers")"

#
# Hung in the probe, with the device's lock. The machine is slow for its deadline: udev comes to the GPU later than half of that.
#

guest <<'END'
for command in types status; do
	begun=$(date +%s%N)
	gvt-early $command >/run/gvt-test/hung.out 2>&1
	echo "hung $command: $? $((($(date +%s%N) - begun) / 1000000)) ms"
	sed "s/^/hung $command: /" /run/gvt-test/hung.out
done
END
deadline=3
boot quick --smp 1 --append i915.fault_hang=probe --timeout 240
in_time 'hung in the probe: udev is not held up, which would be waited for for minutes' "$guests_at" 60
for command in types status; do
	in_time "hung in the probe, $command: within 5 s" \
		"$(printf '%s\n' "$output" | sed -n "s/^hung $command: 1 \([0-9]*\) ms$/\1/p")" 5000
done
like 'hung in the probe: told' "$output" "^hung status: The GPU's driver does not answer"
like 'hung in the probe: the GPU is told all the same' "$output" '^hung types: ok +0000:00:02.0 \[8086:3e92\] Coffee Lake can do GVT-g'
like 'hung in the probe: the timeline says where' "$output" '^hung status: +[0-9.]+ +[0-9.]+ +load i915 +=+$'
