#!/bin/bash
# "types", "status" and "capture" on many hosts, and "plan" with them: what a person sees, JSON against its schema, 80
# columns, and that a capture of each host gives the same answers.
# takes 50 s
. "$(dirname "$0")/lib.sh"

# Widest line in columns, but for what is there to be pasted.
unpasted() { grep -Ev '^ *(vfio-pci,sysfsdev=|hostpci[0-9]+: )' "$1"; }
columns() { unpasted "$1" | LC_ALL=C.UTF-8 wc -L; }
plain() { ! LC_ALL=C grep -q '[^ -~]' "$1"; }
printable() { ! LC_ALL=C grep -q "$(printf '\033')" "$1"; }

# answers DIR FILE: everything that the commands that look say of a root, as text, UTF-8, JSON and metrics.
answers() {
	for command in check 'check --json' types plan status 'status --metrics' 'types --json' 'plan --json' 'status --json' "types i915-GVTg_V5_2"; do
		# shellcheck disable=SC2086 # words
		"$program" $command --root "$1" 2>&1
		echo "exit code $?"
	done | sed "s|$1|ROOT|g" >"$2"
	LC_ALL=C.UTF-8 "$program" types --root "$1" >>"$2" 2>/dev/null
	LC_ALL=C.UTF-8 "$program" status --root "$1" >>"$2" 2>/dev/null
}

# look_at NAME WHAT TYPES-CODE STATUS-CODE <LINES
look_at() {
	host=$1 about=$2 types_code=$3 status_code=$4
	fixture "$host"
	golden "types-$host" "$about: types" "$types_code" types --root "$root"
	golden "status-$host" "$about: status" "$status_code" status --root "$root"
	for command in types plan status; do
		run "$command" --root "$root"
		ok "$about, $command: 80 columns ($(columns "$work/out"))" [ "$(columns "$work/out")" -le 80 ]
		ok "$about, $command: plain ASCII" plain "$work/out"
		text_rc=$rc
		LC_ALL=C.UTF-8 "$program" "$command" --root "$root" >"$work/utf8" 2>/dev/null
		ok "$about, $command: 80 columns of UTF-8 ($(columns "$work/utf8"))" [ "$(columns "$work/utf8")" -le 80 ]
		run "$command" --json --root "$root"
		is "$about, $command: JSON has the same exit code" "$rc" "$text_rc"
		is "$about, $command: JSON is as its schema wants it" \
			"$(python3 "$cli/json-valid.py" "$cli/schema/$command.json" <"$work/out" 2>&1)" ''
	done
	run capture "$work/$host.tar" --root "$root"
	is "$about: captured" "$rc" 0
	ok "$about: the list has 80 columns" [ "$(sed '/^\//d' "$work/out" | LC_ALL=C.UTF-8 wc -L)" -le 80 ]
	mkdir "$work/copy.$host"
	tar -C "$work/copy.$host" -xf "$work/$host.tar"
	answers "$root" "$work/here"
	answers "$work/copy.$host" "$work/there"
	ok "$about: the capture gives the same answers" cmp -s "$work/here" "$work/there" ||
		note "$(diff "$work/here" "$work/there" | head -n 20)"
	# And is captured as the same.
	run capture "$work/again.tar" --root "$work/copy.$host"
	ok "$about: a capture of the capture is the same" cmp -s "$work/$host.tar" "$work/again.tar"
}

all_types='types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4 i915-GVTg_V5_2'
REPORT=$(cat "$cli/report.json")
export REPORT

look_at before 'before a first setup' 0 1 </dev/null

fixture first <<END
remove etc/gvt-early
guest 100 'cores: 1'
END
run types --root "$root"
like 'before GVT-g runs: the line that gives a guest a vGPU' "$output" '^qm set 100 --hostpci0 0000:00:02.0,mdev=i915-GVTg_V5_4$'
run types --root "$work/root.before"
unlike 'on not a Proxmox VE host' "$output" 'qm set'

look_at running 'everything in use' 0 1 <<END
loaded
$all_types
free 0000:00:02.0 i915-GVTg_V5_8 3 'low_gm_size: 64MB
high_gm_size: 384MB
fence: 4
resolution: 1024x768
weight: 2'
free 0000:00:02.0 i915-GVTg_V5_4 1 'low_gm_size: 128MB
high_gm_size: 512MB
fence: 4
resolution: 1920x1200
weight: 4'
free 0000:00:02.0 i915-GVTg_V5_2 0 ''
instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_4 0000:00:02.0
instance 00000000-0000-0000-0000-000000008006 i915-GVTg_V5_8 0000:00:02.0
put run/gvt-early/report.json "\$REPORT"
group 00000000-0000-0000-0000-000000008006 2
group 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 1
running 812 kvm 1234 8006 2
running 900 'qemu system' 4000 '' 1
running 7 dbus-daemon 300
put proc/meminfo 'MemTotal: 1'
END
secrets=$(tr -d '\0' <"$work/running.tar")
run capture "$work/x.tar" --root "$root"
listed=$output
unlike 'what processes were told stays there' "$secrets" 'secret-name|BC:24:11|netdev'
unlike 'processes that use nothing too' "$listed" '/proc/7/'
unlike 'and what was not asked for' "$listed" meminfo
like 'the list has what is in it' "$listed" '^ +[0-9]+  /etc/gvt-early/gvt-early.conf \(comments removed\)$'
unlike 'comments of our own files' "$secrets" CANARY
run status --root "$root" 00000000-0000-0000-0000-000000008006
is 'status of one: exit code' "$rc" 0
is 'status of one' "$output" 'guest 8006 hostpci0  i915-GVTg_V5_8    in use, guest 8006
    00000000-0000-0000-0000-000000008006
    on 0000:00:02.0
    created 3.107 s after the kernel started'
run status --root "$root" 00000001-0000-0000-0000-000000008006
is 'status of one that is missing: exit code' "$rc" 1
run plan --root "$root" 00000001-0000-0000-0000-000000008006
is 'plan of one for which there was no room: exit code' "$rc" 1
like 'plan of one' "$output" '^  3  no-room   guest 8006 hostpci1$'
run plan --root "$root" 11111111-2222-3333-4444-555555555555
is 'plan of one that nobody wants' "$rc$output" '1No instance 11111111-2222-3333-4444-555555555555 is wanted.'
run plan --root "$root" 8006
is 'plan of a guest: exit code' "$rc" 1
is 'plan of a guest: both of its own, and no other' "$(printf '%s\n' "$output" | grep -c 'guest 8006 hostpci')$(printf '%s\n' "$output" | grep -c 5e1f)" 20
run status --root "$root" 8006
is 'status of a guest: exit code' "$rc" 1
is 'status of a guest: both of its own, and no other' "$(printf '%s\n' "$output" | grep -c '^guest 8006 hostpci')$(printf '%s\n' "$output" | grep -c 5e1f)" 20
run status --root "$root" 999
is 'status of a guest without a vGPU' "$rc$output" '1No instance of guest 999 is wanted or present.'
run plan --root "$root" 99
is 'plan of what is no VM ID' "$rc$errors" "2gvt-early: '99' is neither a UUID nor a VM ID"
run status --root "$root" --json 8006
is 'status of a guest as JSON' "$rc$errors" '2gvt-early: only one of --json, --metrics and a UUID or VM ID can be given'
run types --root "$root" i915-GVTg_V5_2
is 'one type, without room: exit code' "$rc" 1
like 'one type, without room: why' "$(printf '%s' "$output" | tr '\n' ' ')" 'none free of at most 1: needs 256 MiB of aperture .* too little +aperture'
run types --root "$root" i915-GVTg_V5_4
is 'one type, with room' "$rc$output" '00000:00:02.0  1 free of at most 3'
run types --root "$root" i915-GVTg_V5_1
like 'one type that this aperture has not' "$(printf '%s' "$output" | tr -s '\n ' ' ')" 'with an aperture of 512 MiB; it needs 1024 MiB'

run types --root "$root" i915-GVTg_V4_2
is 'one type that only another generation has' "$rc$output" '10000:00:02.0  does not offer i915-GVTg_V4_2; the nearest is i915-GVTg_V5_2'
run types --root "$work/root.before" v5_4
is 'one type with a wrong name, before the driver is loaded' "$rc$output" '10000:00:02.0  does not offer v5_4; the nearest is i915-GVTg_V5_4'

look_at removed 'Proxmox VE has removed one' 0 0 <<END
loaded
$all_types
instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_4 0000:00:02.0
instance 00000000-0000-0000-0000-000000008006 i915-GVTg_V5_8 0000:00:02.0
put run/gvt-early/report.json "\$(printf '%s' "\$REPORT" | sed 's/"failed"/"created"/; s/"degraded"/"ok"/')"
put run/gvt-early/apply.json "\$(printf '%s' "\$REPORT" | sed 's/"failed"/"existing"/; s/"degraded"/"ok"/; s/"boot"/"apply"/; s/10\\([0-9]*\\)/90\\1/')"
END

look_at remake 'one of our own is there otherwise than wanted, one not as wanted is in use' 0 1 <<END
loaded
$all_types
instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_8 0000:00:02.0
instance 00000000-0000-0000-0000-000000008006 i915-GVTg_V5_4 0000:00:02.0
made 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 00000000-0000-0000-0000-000000008006
group 00000000-0000-0000-0000-000000008006 2
group 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 1
running 812 kvm 1234 8006 2
END
run plan --root "$work/copy.remake"
like 'what this boot has made is known from a capture' "$output" 'remake +5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01'
like 'and what somebody has open' "$output" 'conflict +guest 8006 hostpci0$'

fixture stays <<END
loaded
$all_types
instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_8 0000:00:02.0
made 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01
process 1 systemd /dev/null
config gvt-early.conf <<X
[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01]
type = i915-GVTg_V5_3
X
END
run status --root "$root"
is 'one of ours that stays, as nothing can be made in its place, is not there as wanted' \
	"$rc $(printf '%s\n' "$output" | grep -o 'conflict\|no type i915-GVTg_V5_3\|All wanted.*' | tr '\n' ' ')" \
	'1 conflict no type i915-GVTg_V5_3 '

fixture denied <<'END'
remove etc/gvt-early
mkdir -p var/lib/pve-cluster
guest 100 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_4' 'onboot: 1'
put gvt-early-capture 'gvt-early capture 1
error 13 etc/pve/nodes/pve/qemu-server/100.conf'
END
run status --root "$root"
is 'guests that an ordinary user may not read are not no guests: status' "$rc $(printf '%s\n' "$output" | tail -n 2)" \
	'1 It is unknown whether a vGPU is wanted: the guests cannot be read.
Next: run this command as root'
run plan --root "$root"
is 'and plan' "$rc $(printf '%s\n' "$output" | tail -n 1)" '1 Next: run this command as root'
unlike 'which does not say that nothing is wanted' "$output" 'no vGPU is wanted'

for lack in file name entry; do
	fixture "mapping-$lack" <<END
remove etc/gvt-early
guest 100 'hostpci0: mapping=igpu,mdev=i915-GVTg_V5_4' 'onboot: 1'
mkdir -p etc/pve/mapping
case $lack in
file) ;;
name) printf 'gpu\n\tmap id=8086:3e92,node=pve,path=0000:00:02.0\n\tmdev 1\n' >etc/pve/mapping/pci.cfg ;;
entry) printf 'igpu\n\tmap id=8086:3e92,node=other,path=0000:00:02.0\n\tmdev 1\n' >etc/pve/mapping/pci.cfg ;;
esac
END
	for command in plan status; do
		run $command --root "$root"
		like "$command sends to the mapping ($lack)" "$(printf '%s' "$output" | tr -s '\n ' ' ')" \
			"Next: (add a mapping 'igpu' under|add this node to the mapping 'igpu' under) Datacenter > Resource Mappings"
	done
done

look_at late 'the late stage has made one' 0 0 <<END
loaded
$all_types
instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_4 0000:00:02.0
instance 00000000-0000-0000-0000-000000008006 i915-GVTg_V5_8 0000:00:02.0
instance 00000001-0000-0000-0000-000000008006 i915-GVTg_V5_8 0000:00:02.0
instance 99999999-0000-4000-8000-000000000000 i915-GVTg_V5_8 0000:00:02.0
put run/gvt-early/report.json "\$REPORT"
put run/gvt-early/apply.json "\$(printf '%s' "\$REPORT" | sed 's/"failed"/"created"/; s/"degraded"/"ok"/; s/"boot"/"apply"/; s/_us": \\([1-3]\\)/_us": 1\\1/')"
group 00000000-0000-0000-0000-000000008006 2
running 812 kvm 1834 8006 2
running 813 kvm 2034 8007
END

look_at gave-up 'a step did not return' 0 1 <<'END'
loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4 i915-GVTg_V5_2
put run/gvt-early/report.json '{"version": 1, "program": "gvt-early", "release": "0.1.0", "build_id": "00", "command": "boot",
 "boot_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "kernel": "6.1.0-56-amd64", "state": "gave-up", "result": "degraded",
 "gpu": "0000:00:02.0", "i915_loaded_by": "gvt-early", "started_us": 1000000, "deadline_us": 11000000, "finished_us": 11000000,
 "steps": [{"name": "load i915", "result": "failed", "detail": "this step does not return; the boot continues without it",
  "at_us": 2000000, "duration_us": 9000000}],
 "instances": [{"uuid": "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01", "type": "i915-GVTg_V5_4", "parent": "0000:00:02.0",
  "source": "/etc/gvt-early/gvt-early.conf:6", "result": "not-made", "detail": ""}]}'
END
look_at at-work 'the worker is still at it' 0 1 <<'END'
put run/gvt-early/report.json '{"version": 1, "program": "gvt-early", "release": "0.1.0", "build_id": "00", "command": "boot",
 "boot_id": "", "kernel": "6.1.0-56-amd64", "state": "running", "result": "", "gpu": "", "i915_loaded_by": "",
 "started_us": 1000000, "deadline_us": 11000000, "steps": [], "instances": [], "current": {"name": "load i915", "at_us": 1100000}}'
END
look_at damaged 'a report that cannot be read' 0 1 <<'END'
put run/gvt-early/report.json '{"version": 1,'
put run/gvt-early/apply.json '[]'
END

look_at broadwell 'Broadwell, with 1 GiB' 0 1 <<'END'
no_gpu
gpu 0000:00:02.0 1616 aperture=1024
config gvt-early.conf <<X
[guest 100]
hostpci0 = i915-GVTg_V4_1
X
END
look_at aperture-128 'an aperture that leaves nothing' 0 1 <<'END'
no_gpu
gpu 0000:00:02.0 3e92 aperture=128
loaded
types 0000:00:02.0
END
look_at aperture-4096 'an aperture as large as the address space' 0 1 <<'END'
no_gpu
gpu 0000:00:02.0 3e92 aperture=4096
loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4
free 0000:00:02.0 i915-GVTg_V5_8 7 ''
free 0000:00:02.0 i915-GVTg_V5_4 7 ''
END
look_at no-ggtt 'an address space that cannot be read' 0 1 <<'END'
remove sys/devices/pci0000:00/0000:00:02.0/config
END
look_at two-gpus 'two GPUs' 0 1 <<'END'
gpu 0000:03:00.0 56a5
gpu 0000:04:02.0 5912 aperture=256
instance 00000000-0000-0000-0000-000000000100 i915-GVTg_V5_4 0000:04:02.0
END
look_at taken 'vfio-pci has the GPU' 1 1 <<'END'
no_gpu
gpu 0000:00:02.0 3e92 driver=vfio-pci
END
run types --root "$root" i915-GVTg_V5_8
is 'one type of a GPU that vfio-pci has' "$rc$output" '10000:00:02.0  none free of at most 6: the GPU is bound to vfio-pci'
run types --json --root "$root"
is 'nothing is free there' "$(printf '%s' "$output" | jq -c '.gpus[0] | [.taken, ([.types[].free] | add), .left.vgpus, .fits]')" \
	'[true,0,0,[]]'
run status --metrics --root "$root"
is 'nor in the metrics' "$(printf '%s\n' "$output" | sed -n 's/^gvt_early_type_free.* //p' | sort -u)" 0
look_at no-gpu 'no GPU' 1 1 <<'END'
no_gpu
gpu 0000:01:00.0 1cb3 vendor=10de
END
look_at too-new 'a GPU that is too new' 1 1 <<'END'
no_gpu
gpu 0000:00:02.0 4680
END
look_at nothing-wanted 'nothing is wanted' 0 0 <<'END'
remove etc/gvt-early
END
look_at mistakes 'mistakes in the configuration' 0 2 <<'END'
config gvt-early.conf <<X
nonsense # of mine
[guest 100]
hostpci0 = i915-GVTg_V5_4 ; and why
hostpci77 = i915-GVTg_V5_4
X
END
look_at unmounted 'what is not mounted' 1 1 <<'END'
remove proc sys
END

long=a-name-of-a-node-that-is-as-long-as-a-name-of-a-node-may-be
look_at guests "Proxmox VE's guests" 0 1 <<END
put etc/hostname $long.example.org
remove etc/gvt-early
put etc/pve/nodes/$long/qemu-server/100.conf '# The password is CANARY.
name: CANARY
net0: virtio=BC:24:11:0A:0B:0C,bridge=vmbr0
onboot: 1
startup: order=3
smbios1: uuid=11111111-2222-3333-4444-555555555555
hostpci0: mapping=igpu,mdev=i915-GVTg_V5_4,rombar=0,x-vga=1,vendor-id=0x8086,device-id=0x3e92,sub-vendor-id=0x1028,sub-device-id=0x0001

[PENDING]
name: CANARY
hostpci1: 00:02,mdev=i915-GVTg_V5_2
machine: q35

[CANARY]
hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_1'
iommu_group 0000:00:02.0 0
subsystem 0000:00:02.0 1028 0001
put etc/pve/nodes/$long/qemu-server/101.conf 'hostpci0: 0000:01:00.0,pcie=1'
put etc/pve/nodes/$long/qemu-server/102.conf 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8
vmstate: CANARY:vm-102-state
lock: suspended'
ln -s nodes/$long/qemu-server etc/pve/qemu-server
put etc/pve/mapping/pci.cfg 'igpu
	description CANARY
	map id=8086:3e92,iommugroup=0,node=$long,path=0000:00:02.0,subsystem-id=1028:0001,description=CANARY
	mdev 1
'
put etc/pve/ha/resources.cfg 'vm: 102
	comment CANARY
	state started
'
modprobe options snd CANARY=1
modprobe options i915 enable_fbc=0
cmdline ip=192.0.2.7::192.0.2.1 root=UUID=11111111-2222-3333-4444-555555555555 BOOTIF=01-bc-24-11-0a-0b-0c
END
secrets=$(tr -d '\0' <"$work/guests.tar")
unlike 'names, comments and descriptions are left out' "$secrets" CANARY
unlike 'so are hardware addresses' "$secrets" '[Bb][Cc][:-]24[:-]11'
unlike 'and addresses of the network, UUIDs of disks and machines' "$secrets" '192\.0|11111111-2222'
like 'what counts is there, at its line' "$(tar -xOf "$work/guests.tar" "etc/pve/nodes/$long/qemu-server/100.conf" | sed -n 11p)" \
	'^hostpci1: 00:02,mdev=i915-GVTg_V5_2$'
is 'so is a module that counts' "$(tar -xOf "$work/guests.tar" etc/modprobe.d/local.conf)" '
options i915 enable_fbc=0'

look_at unreadable 'files that are not trusted, and one that is none' 0 2 <<'END'
guest 100 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_4'
guest 101 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_4'
chmod 0666 etc/pve/nodes/pve/qemu-server/100.conf
mkdir etc/gvt-early/conf.d etc/gvt-early/conf.d/10.conf
END

# What did not answer when it was captured does not answer in the copy.
look_at hung 'a driver that did not answer' 1 1 <<END
loaded
$all_types
instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_4 0000:00:02.0
put gvt-early-capture 'gvt-early capture 1
error 110 sys/bus/pci/devices/0000:00:02.0/mdev_supported_types/i915-GVTg_V5_4/description'
END
look_at hung-probe 'a device that did not answer' 1 1 <<END
loaded
put gvt-early-capture 'gvt-early capture 1
error 110 sys/bus/pci/devices/0000:00:02.0/driver_override
error 110 proc/.
error 110 etc/pve/qemu-server'
remove etc/gvt-early
mkdir -p var/lib/pve-cluster
END

#
# From 40 to 160 columns: nothing is longer, nothing is lost, and what is to be pasted stays whole.
#

root=$work/root.running
for width in 40 59 60 80 100 160; do
	for command in check types plan status "types i915-GVTg_V5_2"; do
		# shellcheck disable=SC2086 # words
		COLUMNS=$width "$program" $command --root "$root" >"$work/out" 2>/dev/null
		ok "$command: $width columns" [ "$(columns "$work/out")" -le "$width" ]
	done
done
# The words of the wide output are all in the narrow one, in their order, but for those that it leaves out.
for command in check plan status; do
	COLUMNS=160 "$program" "$command" --root "$root" 2>/dev/null | grep -v '=$' | tr -s ' ' '\n' >"$work/wide"
	COLUMNS=60 "$program" "$command" --root "$root" 2>/dev/null | grep -v '=$' | tr -s ' ' '\n' >"$work/narrow"
	is "$command: nothing is lost in 60 columns" "$(diff "$work/wide" "$work/narrow")" ''
done
# On a terminal it is the terminal's width; on what is none, 80.
in_columns() { env -u COLUMNS TERM=dumb script -qec "stty cols $1; '$program' plan --root '$root'" /dev/null </dev/null | tr -d '\r' | columns /dev/stdin; }
is 'the terminal says how wide it is' "$(in_columns 40) $(in_columns 130 | awk '{ print ($1 > 80) }')" '40 1'
run plan --root "$work/root.guests"
like 'a command stands on one line' "$output" '^install -D /usr/share/gvt-early/hookscript /var/lib/vz/snippets/gvt-early$'

# Guests by colours, where there are any.
types_on_terminal() { env TERM=linux NO_COLOR= LC_ALL=C.UTF-8 script -qec "'$program' types --root '$work/root.late'" /dev/null </dev/null; }
is 'each guest has a colour, in the bars and in the list' \
	"$(types_on_terminal | grep -oE "$(printf '\033')"'\[3[0-9]m[A-C]' | tr -d '\033' | sort | uniq -c | tr -s ' ' | tr -d '\n')" \
	' 3 [34mC 3 [35mB 6 [36mA'

#
# One cause once, and the one thing to do
#

run status --root "$work/root.too-new"
is 'one cause once' "$(printf '%s\n' "$output" | grep -c 'gpu-too-new:')" 1
is 'the others refer to it' "$(printf '%s\n' "$output" | grep -c 'missing, as above$')" 2
run check --root "$work/root.too-new"
is 'what needs the GPU is one line' "$(printf '%s\n' "$output" | grep -c '^skipped')" 1
like 'with all of it' "$(printf '%s\n' "$output" | tr -s '\n ' ' ')" \
	'skipped vt-d and iommu, kvm, sr-iov, vfs, initrd: not checked: they need gpu '
for command in check plan status; do
	run "$command" --root "$work/root.too-new"
	like "$command: the next thing to do, at the end" "$(printf '%s\n' "$output" | tail -n 2 | tr -s '\n ' ' ')" \
		'^Next: give the guest a virtual function instead, such as 0000:00:02\.1, and remove [^ ]*:6 $'
	run "$command" --root "$work/root.mistakes"
	like "$command: a mistake comes first" "$(printf '%s\n' "$output" | grep -A1 '^Next: ' | tr -s '\n ' ' ')" '^Next: correct '
done
run plan --root "$work/root.before"
like 'what is not there is to be made' "$output" "^Next: run 'gvt-early apply'\$"
run status --root "$work/root.at-work"
unlike 'nothing is to be done while the worker is at it' "$output" '^Next'
run status --root "$work/root.removed"
unlike 'nor when all is well' "$output" '^Next'
run status --root "$work/root.hung"
like 'a driver that hangs' "$output" '^Next: reboot'

#
# Metrics: the lines that the format allows, no sample twice, each name described before.
#

root=$work/root.running
run status --metrics --root "$root"
is 'metrics: written, whatever they say' "$rc" 0
is 'metrics: all lines are of the format' "$(printf '%s\n' "$output" |
	grep -Ev '^# (HELP|TYPE) gvt_early_[a-z0-9_]+ |^gvt_early_[a-z0-9_]+(\{([a-z0-9_]+="[^"]*",?)+\})? [0-9.]+$')" ''
is 'metrics: each is described' "$(printf '%s\n' "$output" | awk '
	$2 == "TYPE" { known[$3] = 1 } /^gvt/ { split($1, name, "{"); if (!known[name[1]]) print name[1] }')" ''
is 'metrics: no sample twice' "$(printf '%s\n' "$output" | grep '^gvt' | sed 's/ [0-9.]*$//' | sort | uniq -d)" ''
is 'metrics: all sources could be read' "$(printf '%s\n' "$output" | grep -c '^gvt_early_source_readable{source="[a-z-]*"} 1$')" 5
# unread NAME: which sources the metrics call unread
unread() {
	run status --metrics --root "$work/root.$1"
	echo "$rc" "$(printf '%s\n' "$output" | sed -n 's/^gvt_early_source_readable{source="\(.*\)"} 0$/\1/p' | tr '\n' ' ')"
}
is 'metrics: of damaged reports' "$(unread damaged)" '0 early-report late-report '
is 'metrics: of guests and processes that do not answer' "$(unread hung-probe)" '0 wanted gpus processes '
is 'metrics: of what is not mounted' "$(unread unmounted)" '0 gpus '
run status --metrics --root "$work/root.mistakes"
like 'metrics: mistakes in the configuration' "$output" '^gvt_early_config_mistakes 2$'
is 'metrics: written then too' "$rc" 0
run status --metrics --root "$root"
like 'metrics: one is in use' "$output" \
	'^gvt_early_instance_state\{uuid="00000000-0000-0000-0000-000000008006",.*guest="8006",wanted="yes",state="in-use"\} 1$'
like 'metrics: the first guest' "$output" '^gvt_early_first_guest_start_seconds\{guest="8006"\} 12\.340000$'
for name in $(printf '%s\n' "$output" | sed -n 's/^# TYPE \([^ ]*\) .*/\1/p'); do
	like "the manual has $name" "$(cat "$top/early/gvt-early.8.scd")" "$name"
done

#
# Colours only on a terminal.
#

# on_terminal ENVIRONMENT...: what "status" prints there
on_terminal() { env "$@" script -qec "'$program' status --root '$root'" /dev/null </dev/null; }
escape=$(printf '\033')
like 'colours on a terminal' "$(on_terminal TERM=linux NO_COLOR=)" "$escape"
unlike 'none with NO_COLOR' "$(on_terminal TERM=linux NO_COLOR=1)" "$escape"
unlike 'none on one that has none' "$(on_terminal TERM=dumb NO_COLOR=)" "$escape"
LC_ALL=C.UTF-8 TERM=linux "$program" status --root "$root" >"$work/out"
ok 'none in a file' printable "$work/out"
like 'but bars of UTF-8' "$(cat "$work/out")" '█'

#
# Bad usage
#

run types --root "$root" 'not a type'
is 'a type that is none' "$rc$errors" "2gvt-early: 'not a type' is not a type such as i915-GVTg_V5_4"
run status --root "$root" 5e1f
is 'a UUID that is none' "$rc$errors" "2gvt-early: '5e1f' is neither a UUID nor a VM ID"
run status --root "$root" --json --metrics
is 'two kinds of output' "$rc" 2
run capture --root "$root"
is 'capture without a file' "$rc" 2
run capture "$work/none/x.tar" --root "$root"
is 'a file that cannot be written' "$rc" 3
like 'a file that cannot be written: which' "$errors" "$work/none/x.tar: cannot be written: No such file"
run capture "$work/mode.tar" --root "$root"
is 'only its owner can read it' "$(stat -c %a "$work/mode.tar")" 600

#
# The driver is asked for each thing once: each of these reads takes its lock.
#

# opened FILE COMMAND...: how often it is opened, by inotify (of x86_64: inotify_init1 and inotify_add_watch with IN_OPEN and IN_CLOSE).
# shellcheck disable=SC2016 # perl's
opened() {
	perl -e 'my $file = shift; my $fd = syscall(294, 04000); my $count = 0; my $text;
		$fd >= 0 && syscall(254, $fd, $file, 0x30) >= 0 or die "inotify: $!";
		system(@ARGV);
		open(my $events, "<&=", $fd);
		while (my $got = sysread($events, $text, 4096)) {
			for (my $at = 0; $at < $got; $at += 16) { $count++ if unpack("x4 I", substr($text, $at, 8)) & 0x20; }
		}
		print "$count\n"' "$@"
}
fixture asked <<'END'
loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4
free 0000:00:02.0 i915-GVTg_V5_8 5 ''
free 0000:00:02.0 i915-GVTg_V5_4 2 ''
END
for command in types plan status 'status --metrics'; do
	for file in description available_instances; do
		# shellcheck disable=SC2016,SC2086 # expanded by that shell; words
		is "$command: how often $file is read" "$(opened "$root/sys/bus/pci/devices/0000:00:02.0/mdev_supported_types/i915-GVTg_V5_4/$file" \
			sh -c '"$@" >/dev/null 2>&1' - "$program" $command --root "$root")" 1
	done
done

#
# No command that looks takes a lock: with one of Proxmox VE's, that guest could not start.
#

fixture locks <<'END'
guest 100 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_4' 'onboot: 1'
loaded
types 0000:00:02.0 i915-GVTg_V5_4
mkdir -p run/lock/qemu-server run/gvt-early
put run/lock/qemu-server/lock-100.conf ''
put run/gvt-early/lock ''
END
for command in 'capture /x.tar' check plan types status snapshot contents; do
	# shellcheck disable=SC2086 # words
	flock "$root/run/lock/qemu-server/lock-100.conf" flock "$root/run/gvt-early/lock" \
		timeout 60 "$program" ${command/ / $work} --root "$root" >"$work/out" 2>"$work/err"
	ok "$command ends while others have the locks" [ $? -lt 3 ]
done
rm "$root/run/lock/qemu-server/lock-100.conf" "$root/run/gvt-early/lock"
for command in 'capture /x.tar' check plan types status snapshot contents; do
	# shellcheck disable=SC2086 # words
	run_inside $command
	is "$command makes no lock" "$(find "$root/run" -type f -name '*lock*')" ''
done

done_testing
