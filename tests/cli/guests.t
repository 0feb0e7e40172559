#!/bin/sh
# The guests of Proxmox VE as a source: its rules, one fixture each.
. "$(dirname "$0")/lib.sh"

# A host without a configuration of our own, the modules loaded, and the GPU with its types.
bare='remove etc/gvt-early/gvt-early.conf
loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4 i915-GVTg_V5_2'

# guests_on NAME CODE WHAT <LINES
guests_on() {
	{
		echo "$bare"
		cat
	} >"$work/lines"
	fixture "$1" <"$work/lines"
	golden "guests-$1" "$3" "$2" plan --root "$root"
}

guests_on plain 0 'two guests that start at boot, and one that does not' <<'END'
guest 100 'cores: 4' 'hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4,pcie=1' 'onboot: 1' 'machine: q35'
guest 8006 'hostpci1: mdev=i915-GVTg_V5_8,host=00:02.0' 'onboot: 1' '' '[before]' 'hostpci0: 00:02.0'
guest 101 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8' 'onboot: 0'
END
run plan --json --root "$root"
is 'the JSON has the line' "$(printf '%s\n' "$output" | jq -r '.instances[0].hostpci')" \
	'hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4,pcie=1'
golden guests-snapshot 'their snapshot' 0 snapshot --root "$root"
unlike 'of a guest only what is needed goes along' "$output" 'pcie|cores|hostpci'
run snapshot --root "$root" --output "$work/first"
run snapshot --root "$root" --output "$work/second"
ok 'the same input gives the same bytes' cmp -s "$work/first" "$work/second"
ok 'with --root nothing is remembered' [ ! -e "$root/var/lib/gvt-early" ]

guests_on own-directory 0 '/etc/pve/qemu-server alone' <<'END'
put etc/pve/qemu-server/100.conf 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_4
onboot: 1'
END
guests_on host-name 0 'the name of the node from /proc' <<'END'
remove etc/hostname
put proc/sys/kernel/hostname pve.example.org
guest 100 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_4' 'onboot: 1'
END

#
# Which guests, in which order
#

several="guest 100 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8'
guest 101 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8' 'onboot: 1'
guest 200 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8' 'onboot: 1' 'startup: order=3,up=10'
guest 1000 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8' 'onboot: yes' 'startup: order=3'
guest 102 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8' 'onboot: 1' 'template: 1'
guest 103 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8,driver=keep'
guest 104 'hostpci0: 01:00.0,mdev=nvidia-63' 'onboot: 1'"
for setting in boot all none '1000,100'; do
	guests_on "choice-$(echo "$setting" | tr -d ,)" 0 "guests = $setting" <<END
$several
config gvt-early.conf <<X
[settings]
guests = $setting
X
END
done
guests_on choice-unknown 0 'a number that leads to nothing is told' <<END
$several
config gvt-early.conf <<X
[settings]
guests = 101 102 999
X
END
guests_on choice-mistake 2 'a setting that is none' <<END
$several
config gvt-early.conf <<X
[settings]
guests = some
X
END
guests_on ha 0 'high availability has the last word on who starts' <<'END'
for id in 101 102 103 104 105 106 107; do
	guest $id 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8' "onboot: $((id % 2))"
done
put etc/pve/ha/resources.cfg 'vm: 101
	state stopped

vm: 102
	state started
	group one

vm: 103
	state disabled

vm: 104

vm: 105
	state ignored

vm: 106
	state enabled

ct: 107
	state stopped'
END

#
# The line, and the changes that are pending
#

guests_on pending 0 'pending changes are laid over' <<'END'
guest 100 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_4' '' '[PENDING]' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8'
guest 101 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8' '' '[PENDING]' 'delete: cores,!hostpci0'
guest 102 'onboot: 1' '[PENDING]' 'delete: hostpci3' 'hostpci3: 00:02.0,mdev=i915-GVTg_V5_8'
guest 103 'onboot: 1' 'lock: suspended' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8' '[PENDING]' 'delete: hostpci0'
guest 104 '[PENDING]' 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8'
guest 105 'onboot: 1' '[special:cloudinit]' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8' '[snap]' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8'
END
guests_on mistakes 2 'what is wrong costs its own entry' <<'END'
guest 100 'onboot: 1' 'hostpci0: 00:02.0,mapping=igpu,mdev=i915-GVTg_V5_8' 'hostpci1: 00:02.0,mdev=i915-GVTg_V5_8'
guest 101 'onboot: 1' 'hostpci0: mdev=i915-GVTg_V5_8'
guest 102 'onboot: 1' 'hostpci0: 00:02.0;00:02.1,mdev=i915-GVTg_V5_8'
guest 103 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8' 'hostpci0: 00:02.0,mdev=i915/GVTg_V5_8'
guest 104 'onboot: 1' 'hostpci0: mapping=none,mdev=i915-GVTg_V5_8'
guest 105 'onboot: 1' 'hostpci0: 00:AF.0,mdev=i915-GVTg_V5_8'
guest 106 'hostpci0: mdev=i915-GVTg_V5_8'
END
golden guests-mistakes-snapshot 'they are told when the snapshot is made' 2 snapshot --root "$root"
guests_on functions 0 'an address without a function' <<'END'
guest 100 'onboot: 1' 'hostpci0: 00:02,mdev=i915-GVTg_V5_8'
END
guests_on functions-several 2 'an address that stands for several functions' <<'END'
gpu 0000:00:02.1 3e92 class=0380
guest 100 'onboot: 1' 'hostpci0: 00:02,mdev=i915-GVTg_V5_8'
guest 101 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8'
END
guests_on elsewhere 1 'an address at which there is no GPU, and a type that it does not have' <<'END'
guest 100 'onboot: 1' 'hostpci0: 00:1f.0,mdev=i915-GVTg_V5_8'
guest 101 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_1'
gpu 0000:00:1f.0 a309 class=0601
END

#
# Mappings
#

guests_on mapping 0 "a mapping, and this node's entry of it" <<'END'
put etc/pve/mapping/pci.cfg 'igpu
	description for all
	map id=8086:5916,iommugroup=0,node=other,path=0000:03:00.0
	map id=8086:3e92,iommugroup=0,node=pve,path=0000:00:02.0,subsystem-id=8086:2068
	mdev 1'
subsystem 0000:00:02.0 8086 2068
iommu_group 0000:00:02.0 0
guest 100 'onboot: 1' 'machine: q35' 'hostpci0: mapping=igpu,mdev=i915-GVTg_V5_4,pcie=1'
END
alternatives='gpu 0000:07:00.0 1539 class=0200
gpu 0000:04:00.0 3e92 aperture=256
types 0000:04:00.0 i915-GVTg_V5_8 i915-GVTg_V5_4
put etc/pve/mapping/pci.cfg "igpu
	map id=8086:3e92,node=pve,path=0000:04:00.0
	map id=8086:3e92,node=pve,path=0000:00:02
	map id=8086:1539,node=pve,path=0000:07:00.0
	mdev 1"'
guests_on alternatives 1 'alternatives: the first with room' <<END
$alternatives
for id in 100 101 102 103 104; do
	guest \$id 'onboot: 1' 'hostpci0: mapping=igpu,mdev=i915-GVTg_V5_4'
done
END
golden guests-alternatives-snapshot 'they go into the snapshot' 0 snapshot --root "$root"
run plan --json --root "$root"
is 'they are in the JSON' "$(printf '%s\n' "$output" | jq -c '.instances[0] | [.parent, .other_parents[]]')" \
	'["0000:04:00.0","0000:00:02.0"]'
guests_on mapping-unmarked 2 'a mapping that is not marked for mediated devices' <<'END'
put etc/pve/mapping/pci.cfg 'igpu
	map id=8086:3e92,node=pve,path=0000:00:02.0'
guest 100 'onboot: 1' 'hostpci0: mapping=igpu,mdev=i915-GVTg_V5_4'
END
guests_on mapping-unmarked-before 0 'older releases take it: it is told' <<'END'
package qemu-server 8.3.8
put etc/pve/mapping/pci.cfg 'igpu
	map id=8086:3e92,node=pve,path=0000:00:02.0'
guest 100 'onboot: 1' 'hostpci0: mapping=igpu,mdev=i915-GVTg_V5_4'
END
guests_on mapping-whole 1 'a guest takes the GPU whole by a mapping' <<'END'
put etc/pve/mapping/pci.cfg 'igpu
	map id=8086:3e92,node=pve,path=0000:00:02.0'
guest 100 'onboot: 1' 'hostpci0: mapping=igpu'
guest 101 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_4'
END

#
# With our own configuration
#

guests_on same 0 'the same instance from both is one' <<'END'
config gvt-early.conf <<X
[guest 100]
hostpci0 = i915-GVTg_V5_4
[guest 101]
hostpci0 = i915-GVTg_V5_8
parent = 00:02.0
X
guest 100 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_4'
guest 101 'onboot: 1' 'hostpci0: 00:02,mdev=i915-GVTg_V5_8'
END
guests_on conflict 2 'different ones are told with both places' <<'END'
config gvt-early.conf <<X
[guest 100]
hostpci0 = i915-GVTg_V5_8
[guest 101]
hostpci0 = i915-GVTg_V5_8
parent = 03:00.0
X
guest 100 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_4'
guest 101 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8'
END
guests_on no-room 1 'more than fits: who comes too late is named' <<'END'
guest 100 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_4'
guest 101 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_2'
guest 102 'onboot: 1' 'startup: order=1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_4'
END

#
# Trust, and what cannot be read
#

guests_on untrusted 2 'what others may write to is not used' <<'END'
guest 100 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8'
guest 101 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8'
guest 102 'onboot: 0' 'hostpci0: mapping=igpu,mdev=i915-GVTg_V5_8'
put etc/pve/mapping/pci.cfg igpu
put etc/pve/ha/resources.cfg 'vm: 102'
config gvt-early.conf <<X
[guest 103]
hostpci0 = i915-GVTg_V5_8
X
chmod 0640 etc/pve/nodes/pve/qemu-server/100.conf # as Proxmox VE has them
chmod 0660 etc/pve/nodes/pve/qemu-server/101.conf
chmod 0666 etc/pve/ha/resources.cfg
chmod 0602 etc/pve/mapping/pci.cfg
chmod 0664 etc/gvt-early/gvt-early.conf
END
if [ "$(id -u)" -eq 0 ]; then
	chown 12345 "$root/etc/pve/nodes/pve/qemu-server/100.conf"
	run plan --root "$root"
	like 'a file of another user' "$errors" "/100.conf: not owned by root, or writable by others"
	find "$root" -exec chown -h 12345 {} +
	run plan --root "$root"
	unlike "under --root the directory's owner stands for root" "$errors" "/100.conf: not root's"
else
	echo "ok $((count += 1)) # SKIP only root can give files away"
	echo "ok $((count += 1)) # SKIP only root can give files away"
fi
guests_on not-files 2 'what is no file, or too large' <<'END'
guest 100 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8'
mkdir etc/pve/nodes/pve/qemu-server/101.conf
mkfifo etc/pve/nodes/pve/qemu-server/102.conf
yes | head -c 1048577 >etc/pve/nodes/pve/qemu-server/103.conf
END

known='put var/lib/gvt-early/guests "# gvt-early guests 1, written by the program
vgpu 100 0 18446744073709551615 boot i915-GVTg_V5_4 0000:00:02.0 /etc/pve/nodes/pve/qemu-server/100.conf:7
vgpu 101 0 18446744073709551615 later i915-GVTg_V5_4 0000:00:02.0 /etc/pve/nodes/pve/qemu-server/101.conf:7"
mkdir -p var/lib/pve-cluster'
guests_on unmounted 1 '/etc/pve is not mounted: what was known counts' <<END
$known
mkdir -p etc/pve
END
golden guests-unmounted-snapshot 'for the snapshot too, and it is no failure' 0 snapshot --root "$root"
guests_on unmounted-none 1 '/etc/pve is not mounted, and nothing is known' <<'END'
mkdir -p etc/pve var/lib/pve-cluster
END
golden guests-unmounted-none-snapshot 'for the snapshot too: it has nothing, and it is no failure' 0 snapshot --root "$root"
guests_on unmounted-untrusted 1 'what is known, but could be of others' <<END
$known
chmod 0666 var/lib/gvt-early/guests
END
guests_on other-node 1 'another node, as in a chroot: what was known counts' <<END
$known
put etc/hostname installer
guest 100 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8'
END
guests_on unreadable 1 'one file cannot be read: what was known counts' <<END
$known
guest 100 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8'
ln -s 101.conf etc/pve/nodes/pve/qemu-server/101.conf
END
guests_on no-guests 0 'no guests, and that is known' <<END
$known
mkdir -p etc/pve/nodes/pve/qemu-server
END
# On the host itself, here the inside of a chroot: what could be read is remembered.
fixture host <<END
$bare
put etc/pve/qemu-server/100.conf 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8,romfile=CANARY
onboot: 1'
put etc/pve/qemu-server/101.conf 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8'
mkdir -p var/lib/pve-cluster
END
run_inside plan
ok 'the plan remembers nothing' [ ! -e "$root/var/lib/gvt-early" ]
run_inside snapshot --output /first
is 'on the host: exit code' "$rc$errors" '0gvt-early: 1 vGPU goes into the initrd'
is 'it is remembered' "$(cat "$root/var/lib/gvt-early/guests")" '# gvt-early guests 1, written by the program
vgpu 100 0 9223372036854775807 boot i915-GVTg_V5_8 0000:00:02.0 /etc/pve/qemu-server/100.conf:1
vgpu 101 0 9223372036854775807 later i915-GVTg_V5_8 0000:00:02.0 /etc/pve/qemu-server/101.conf:1'
mv "$root/etc/pve" "$root/etc/away"
mkdir "$root/etc/pve"
run_inside snapshot --output /second
is 'the directory is empty then: exit code' "$rc" 0
like 'that is told' "$errors" 'cannot be read .*: using their last known state'
ok 'the snapshot is the same' cmp -s "$root/first" "$root/second"
ok 'what is known stays' [ "$(wc -l <"$root/var/lib/gvt-early/guests")" -eq 3 ]

# "apply" goes by the guests too, and to the next parent where one does not take an instance. (No kernel stands behind the
# files of the fixture: what is written to "create" makes nothing.)
fixture apply <<END
$bare
$alternatives
config gvt-early.conf <<X
[settings]
modules =
X
mkdir -p etc/pve/qemu-server
put etc/pve/qemu-server/100.conf 'hostpci0: mapping=igpu,mdev=i915-GVTg_V5_4
onboot: 1'
sed s/node=pve/node=$(uname -n | cut -d. -f1)/ etc/pve/mapping/pci.cfg >etc/pve/mapping/new
mv etc/pve/mapping/new etc/pve/mapping/pci.cfg
: >sys/bus/pci/devices/0000:00:02.0/mdev_supported_types/i915-GVTg_V5_4/create
END
run_inside apply
is 'apply: exit code' "$rc" 1
is 'the second parent was written to' \
	"$(cat "$root/sys/bus/pci/devices/0000:00:02.0/mdev_supported_types/i915-GVTg_V5_4/create")" \
	00000000-0000-0000-0000-000000000100
is 'the report has it' "$(jq -r '.instances[0] | .parent, .source' "$root/run/gvt-early/apply.json")" '0000:00:02.0
/etc/pve/qemu-server/100.conf:1'
mv "$root/etc/pve/qemu-server" "$root/etc/away"
mkdir -p "$root/etc/pve/nodes" "$root/var/lib/gvt-early"
echo '# gvt-early guests 1, written by the program' >"$root/var/lib/gvt-early/guests"
run_inside apply
is 'apply with guests that cannot be read: that alone is no failure' "$rc" 0
like 'apply with guests that cannot be read: told' "$errors" 'sources: the guests of Proxmox VE cannot be read'

# A file system that never answers, at the moment at which the initrd is made: the limit is 5 s.
if ! ${CC:-cc} -o "$work/hung-mount" "$cli/hung-mount.c"; then
	exit 1
fi
fixture hung <<END
$bare
$known
mkdir -p etc/pve
END
# hung FILE ARGUMENT...: how long it took is in $took, in milliseconds; what it printed in FILE.
hung() {
	file=$1
	shift
	before=$(date +%s%3N)
	"$work/hung-mount" "$root/etc/pve" "$program" "$@" 2>"$work/err" </dev/null | cat >"$file"
	took=$(($(date +%s%3N) - before))
	errors=$(cat "$work/err")
}
if "$work/hung-mount" "$root/etc/pve" true 2>"$work/err"; then
	hung "$work/out" snapshot --root "$root" --output "$work/snapshot"
	like 'a file system that hangs is told' "$errors" 'cannot be read \(/etc/pve does not answer\): using their last known state'
	like 'what was known goes into the snapshot' "$(cat "$work/snapshot")" '^\[instance 00000000-0000-0000-0000-000000000100\]$'
	ok "not before 5 s ($took ms)" [ "$took" -ge 4900 ]
	in_time 'little later' "$took" 9000
	hung "$work/out" snapshot --root "$root"
	is 'printed it is the same, and nobody waits for the child that hangs' "$(cat "$work/out")" "$(cat "$work/snapshot")"
	in_time 'that took no longer' "$took" 9000
	hung "$work/out" plan --root "$root"
	like 'the plan is made too' "$(cat "$work/out")" '^  1  create    guest 100 hostpci0$'
	"$work/hung-mount" "$root/etc/pve" "$program" snapshot --root "$root" >/dev/null 2>&1
	is 'it is no failure: exit code' $? 0
else
	for _ in 1 2 3 4 5 6; do
		echo "ok $((count += 1)) # SKIP no FUSE here: $(cat "$work/err")"
	done
fi

fixture bare-of-everything <<'END'
remove sys proc
guest 100 'onboot: 1' 'hostpci0: 00:02,mdev=i915-GVTg_V5_8'
END
golden guests-no-hardware 'without /sys and /proc the snapshot is the same' 0 snapshot --root "$root"

done_testing
