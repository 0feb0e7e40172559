#!/bin/sh
# "apply --guest": what a guest's start is told, and when it is kept from starting. (No kernel stands behind the files of the
# fixture: what is written to "create" makes nothing.)
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2016 # expanded by the fixture
bare='remove etc/gvt-early/gvt-early.conf
loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4 i915-GVTg_V5_2
process 1 systemd
config gvt-early.conf <<X
[settings]
modules =
guests = none
X
of() {
	vmid=$1
	shift
	mkdir -p etc/pve/qemu-server
	printf "%s\n" "$@" >etc/pve/qemu-server/$vmid.conf
}
mine=00000000-0000-0000-0000-000000000100
create=sys/bus/pci/devices/0000:00:02.0/mdev_supported_types/i915-GVTg_V5_4/create'
vgpu='hostpci0: 00:02.0,mdev=i915-GVTg_V5_4'

# guest_on NAME CODE WHAT MESSAGE <LINES: MESSAGE is "" where nothing may be said, else a regular expression for the first line.
guest_on() {
	{
		echo "$bare"
		cat
	} >"$work/lines"
	fixture "$1" <"$work/lines"
	run_inside apply --guest 100
	is "$3: exit code" "$rc" "$2"
	if [ -z "$4" ]; then
		is "$3: nothing is said" "$output$errors" ''
	else
		like "$3: the cause" "$(printf '%s\n' "$errors" | head -n 1)" "^gvt-early: $4"
		ok "$3: in two lines at most" [ "$(printf '%s\n' "$errors" | wc -l)" -le 2 ] || note "$errors"
	fi
}

# What does not concern the guest, or is as it should be.
guest_on without 0 'a guest without a vGPU' '' <<'END'
of 100 'cores: 4' 'hostpci0: 01:00.0'
END
guest_on unknown 0 'a guest that is not there' '' <<'END'
mkdir -p etc/pve/qemu-server
END
guest_on other-driver 0 "another driver's mediated device" '' <<'END'
of 100 'hostpci0: 01:00.0,mdev=nvidia-63'
END
guest_on there 0 'its instance is there' '' <<END
of 100 '$vgpu'
instance \$mine i915-GVTg_V5_4 0000:00:02.0
END
is 'the report has it' "$(jq -r '[.command, .state, .result, .instances[0].result] | join(" ")' "$root/run/gvt-early/guest-100.json")" \
	'guest done ok existing'
ok "that of 'apply' is another" [ ! -e "$root/run/gvt-early/apply.json" ]
exec 9>>"$root/run/gvt-early/lock"
flock 9
run_inside apply --guest 100
is 'whatever another gvt-early is at: exit code' "$rc$errors" 0
exec 9>&-
guest_on of-others 0 'mistakes elsewhere' '' <<END
of 100 '$vgpu'
of 101 'hostpci0: 00:02.0,mapping=x,mdev=i915-GVTg_V5_4'
instance \$mine i915-GVTg_V5_4 0000:00:02.0
config conf.d/10.conf <<X
[instance nothing]
X
END
guest_on ignored 0 'a line that Proxmox VE does not take: the guest starts without it' '' <<'END'
of 100 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_4,rombar=maybe'
END
guest_on module 0 'a module of the list that cannot be loaded' '' <<END
of 100 '$vgpu'
instance \$mine i915-GVTg_V5_4 0000:00:02.0
config conf.d/10.conf <<X
[settings]
modules = vfio_pci
X
END

# What cannot be known keeps no guest from starting.
guest_on unreadable 0 '/etc/pve is not mounted' 'guest 100: its vGPUs cannot be read \(/etc/pve has no guests' <<'END'
mkdir -p var/lib/pve-cluster
put var/lib/gvt-early/guests "# gvt-early guests 1, written by the program
vgpu 100 0 18446744073709551615 boot i915-GVTg_V5_8 0000:00:02.0 /etc/pve/nodes/pve/qemu-server/100.conf:7"
END
guest_on no-proxmox 0 'no host of Proxmox VE' 'guest 100: .*not a Proxmox VE host' </dev/null
guest_on off 0 'switched off, but Proxmox VE can make it' '' <<END
of 100 '$vgpu'
cmdline gvt_early.enable=0
END
guest_on foreign 0 'i915 of DKMS, but it has GVT-g' '' <<END
of 100 '$vgpu'
instance \$mine i915-GVTg_V5_4 0000:00:02.0
modules updates/dkms/i915.ko kernel/drivers/gpu/drm/i915/kvmgt.ko
END

# What the guest cannot start without.
guest_on off-keep 1 'switched off, and Proxmox VE does not make it' "switched-off: switched off by 'gvt_early.enable=0'" <<END
of 100 '$vgpu,driver=keep'
cmdline gvt_early.enable=0
END
guest_on off-keep-there 0 'switched off, and it is there' '' <<END
of 100 '$vgpu,driver=keep'
instance \$mine i915-GVTg_V5_4 0000:00:02.0
cmdline gvt_early.enable=0
END
guest_on taken 1 'the GPU is given away' 'gpu-taken: 0000:00:02.0 is bound to vfio-pci' <<END
of 100 '$vgpu'
no_gpu
gpu 0000:00:02.0 3e92 driver=vfio-pci
END
guest_on parameter 1 'i915 was loaded without GVT-g' 'gvt-param-off: i915 was loaded with enable_gvt=N' <<END
of 100 '$vgpu'
loaded enable_gvt=N
rm -r sys/bus/pci/devices/0000:00:02.0/mdev_supported_types
END
guest_on iommu 1 'the IOMMU is off' 'iommu-off: ' <<END
of 100 '$vgpu'
instance \$mine i915-GVTg_V5_4 0000:00:02.0
iommu off
END
guest_on type 1 'no such type' 'create 0.*100: for /etc/pve/qemu-server/100.conf:1: 0000:00:02.0 offers no type i915-GVTg_V5_1' <<END
of 100 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_1'
END
guest_on conflict 1 'another type is there, and it is not ours' 'create .*100 is there already as i915-GVTg_V5_8' <<END
of 100 '$vgpu'
instance \$mine i915-GVTg_V5_8 0000:00:02.0
END
guest_on open 1 'it is ours, but open' 'create .* process 4711 \(kvm\) has it open' <<END
of 100 '$vgpu'
instance \$mine i915-GVTg_V5_8 0000:00:02.0
group \$mine 7
made \$mine
process 4711 kvm /dev/vfio/7
END
guest_on mapping 1 'no such mapping' 'guest: /etc/pve/qemu-server/100.conf:1: guest 100 cannot start: there is no mapping .igpu.' <<'END'
of 100 'hostpci0: mapping=igpu,mdev=i915-GVTg_V5_4'
END
guest_on making 1 'it is to be made, and does not appear' 'create .*: the kernel reported success, but' <<END
of 100 '$vgpu'
: >\$create
END
is 'written to create' "$(cat "$root/sys/bus/pci/devices/0000:00:02.0/mdev_supported_types/i915-GVTg_V5_4/create")" \
	00000000-0000-0000-0000-000000000100
guest_on remaking 1 'it is ours and not as wanted: removed first' 'create ' <<END
of 100 '$vgpu'
instance \$mine i915-GVTg_V5_8 0000:00:02.0
group \$mine 7
made \$mine
: >\$create
: >sys/bus/mdev/devices/\$mine/remove
END
is 'written to remove' "$(cat "$root/sys/bus/mdev/devices/00000000-0000-0000-0000-000000000100/remove")" 1
# holder DEADLINE RUN STEP...: the lock is held, and its file says by whom.
# shellcheck disable=SC2016 # expanded on the fixture
holder='holder() {
	mkdir -p run/gvt-early
	echo "77 $1 1000000 $2 $3" >run/gvt-early/lock
	flock run/gvt-early/lock sleep 4 &
	sleep 0.5
}'
one_second='config conf.d/10.conf <<X
[settings]
deadline = 1
X'
guest_on busy 1 'another gvt-early does not end' 'busy: another gvt-early is still running' <<END
of 100 '$vgpu'
mkdir -p run/gvt-early
: >run/gvt-early/lock
flock run/gvt-early/lock sleep 4 &
$one_second
sleep 1
END
ok 'whoever waits writes no report' [ "$(ls "$root/run/gvt-early")" = lock ]
later=99999999000000
guest_on at-work 1 'apply is at it' "busy: 'gvt-early apply' \(process 77\) is still running: 'create 1234' for [0-9]+ s$" <<END
of 100 '$vgpu'
$holder
$one_second
holder $later apply 'create 1234'
END
guest_on hangs 1 'the early stage hangs' \
	"busy: this boot's early stage \(process 77\) has not returned from 'load i915' for [0-9]+ s: a driver hangs; nothing can be created until" <<END
of 100 '$vgpu'
$holder
holder 2 boot 'load i915'
END
guest_on other-hangs 1 "another guest's hangs" "busy: 'gvt-early apply --guest 101' \(process 77\) has not returned from 'create 1234'" <<END
of 100 '$vgpu'
$holder
holder 2 guest-101 'create 1234'
END
guest_on not-concerned 0 'a guest that has its instance starts all the same' '' <<END
of 100 '$vgpu'
instance \$mine i915-GVTg_V5_4 0000:00:02.0
$holder
holder 2 guest-101 'create 1234'
END

# Many guests start at once: each call prints what it did itself, and leaves a report of its own.
fixture many <<END
$bare
$(for n in 100 101 102 103 104 105 106 107; do
	echo "of $n '$vgpu'"
	echo "instance 00000000-0000-0000-0000-000000000$n i915-GVTg_V5_4 0000:00:02.0"
done)
END
run_inside --version # puts the program there
inside="chroot $root"
[ "$(id -u)" -eq 0 ] || inside="unshare -r chroot $root"
for round in 1 2 3; do
	for n in 100 101 102 103 104 105 106 107; do
		$inside /gvt-early apply --guest $n --json >"$work/$round.$n.json" 2>/dev/null &
	done
	wait
done
is 'many at once: each prints its own' "$(for file in "$work"/[123].*.json; do
	n=${file%.json} && jq -r '.state + " " + .instances[].uuid' "$file" | sed "s/^done 00000000-0000-0000-0000-000000000${n##*.}$/own/"
done | sort | uniq -c | tr -s ' ')" ' 24 own'
is 'and leaves its own' "$(cd "$root/run/gvt-early" && jq -r '.instances[].uuid' guest-10*.json | cut -c 34- | tr '\n' ' ')" \
	'100 101 102 103 104 105 106 107 '

#
# The hookscript
#

hook=$top/early/hookscript
ok 'it can be run' [ -x "$hook" ]
sed "s|^program=.*|program=$work/stub|" "$hook" >"$work/hook"

# hook_with CODE PHASE: what the program ends with.
hook_with() {
	printf '#!/bin/sh\necho "$*" >>%s\nexit %s\n' "$work/calls" "$1" >"$work/stub"
	chmod +x "$work/stub"
	: >"$work/calls"
	sh "$work/hook" 100 "$2" >"$work/out" 2>"$work/err"
	rc=$?
}
for phase in post-start pre-stop post-stop pre-migrate ''; do
	hook_with 1 "$phase"
	is "phase '$phase' is not ours" "$rc$(cat "$work/calls" "$work/out" "$work/err")" 0
done
hook_with 0 pre-start
is 'all is well: the guest starts' "$rc$(cat "$work/calls")" '0apply --guest 100'
hook_with 1 pre-start
is 'the guest cannot start' "$rc" 1
for code in 2 3 139; do
	hook_with "$code" pre-start
	is "the program fails with $code: the guest starts" "$rc" 0
	like "the program fails with $code: told" "$(cat "$work/err")" 'guest 100 starts without its help'
done
rm "$work/stub"
sh "$work/hook" 100 pre-start >"$work/out" 2>&1
is 'the program has been removed: the guest starts' "$?$(cat "$work/out")" 0

# "plan" prints the lines that set it.
fixture lines <<END
$bare
put var/lib/vz/snippets/gvt-early x
config gvt-early.conf <<X
[settings]
guests = all
X
for id in 100 101 102; do
	guest \$id '$vgpu' 'hostpci1: 00:02.0,mdev=i915-GVTg_V5_8' "hookscript: local:snippets/\$([ \$id = 101 ] && echo gvt-early || echo own.pl)"
done
guest 103 '$vgpu'
guest 104 '$vgpu' 'hookscript: local:snippets/own.pl' '[PENDING]' 'delete: hookscript'
guest 105 '$vgpu' '[PENDING]' 'hookscript: other:snippets/gvt-early'
END
golden guest-hookscripts 'the plan has the line for each guest that needs one' 1 plan --root "$root"
run plan --json --root "$root"
is 'the JSON too' "$(printf '%s\n' "$output" | jq -r '.instances[].hookscript' | grep .)" \
	'qm set 103 --hookscript local:snippets/gvt-early
qm set 104 --hookscript local:snippets/gvt-early'

done_testing
