#!/bin/sh
# "snapshot": exactly what the initrd needs, and nothing else of the configuration.
. "$(dirname "$0")/lib.sh"

fixture plain </dev/null
golden snapshot 'the snapshot of three instances' 0 snapshot --root "$root"
unlike 'nothing of a comment' "$output" CANARY

printed=$output
run snapshot --root "$root" --output "$work/absolute"
is 'into a file: exit code' "$rc" 0
is 'into a file: one line says what goes in' "$output$errors" 'gvt-early: 3 vGPUs go into the initrd'
is 'into a file: the same' "$(cat "$work/absolute")" "$printed"
is 'readable by everybody, as the initrd is' "$(stat -c %a "$work/absolute")" 644
(cd "$work" && "$program" snapshot --root "$root" --output relative)
ok 'a name relative to the working directory' cmp -s "$work/absolute" "$work/relative"
echo old >"$work/relative"
(cd "$work" && "$program" snapshot --root "$root" --output ./relative)
ok 'it replaces what was there' cmp -s "$work/absolute" "$work/relative"

run snapshot --root "$root" --output "$work/none/file"
is 'where it cannot be written: exit code' "$rc" 3
like 'where it cannot be written: a message' "$errors" '/none/file: cannot be written: No such file or directory'

cp "$work/absolute" "$root/etc/gvt-early/gvt-early.conf"
run snapshot --root "$root"
like 'a snapshot is no configuration' "$errors" 'unknown section \[snapshot\]'

fixture empty <<'END'
remove etc/gvt-early
END
golden snapshot-empty 'without a configuration' 0 snapshot --root "$root"

fixture claims <<'END'
put etc/pve/qemu-server/100.conf 'hostpci0: 0000:03:00,romfile=CANARY'
put etc/pve/qemu-server/101.conf 'hostpci0: 0000:00:02.0,mdev=CANARY'
END
golden snapshot-claims 'what guests take whole goes along' 0 snapshot --root "$root"

# Of each guest, whether it starts at boot or not: VFs are created all at once.
fixture vfs <<'END'
remove etc/gvt-early
put etc/pve/mapping/pci.cfg "$(printf 'pool\n\tmap id=8086:a780,node=pve,path=0000:00:02.2\n\tmap id=8086:a780,node=pve,path=0000:00:02.3\n')"
put etc/hostname pve
put etc/pve/nodes/pve/qemu-server/100.conf 'hostpci0: 0000:00:02.1'
put etc/pve/nodes/pve/qemu-server/101.conf 'hostpci1: mapping=pool'
END
golden snapshot-vfs 'virtual functions go along' 0 snapshot --root "$root"
run snapshot --root "$root" --output "$work/vfs"
is 'what goes in of them, contents says' "$rc$output$errors" 0
printf 'mkdir -p etc/gvt-early && printf "[sriov]\nhost = 4\n[settings]\nguests = none\n" >etc/gvt-early/gvt-early.conf\n' |
	"$cli/make-root.sh" --change "$root"
golden snapshot-vfs-none 'guests = none: those of gvt-early.conf alone' 0 snapshot --root "$root"

fixture secrets <<'END'
config gvt-early.conf <<X
# CANARY
; CANARY
[settings] # CANARY
deadline = 30 ; CANARY
password = CANARY
[CANARY]
CANARY = CANARY
CANARY
[instance CANARY]
type = i915-GVTg_V5_4
[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01] ; CANARY
type = i915-GVTg_V5_4 ; CANARY
parent = 00:02.0
X
config conf.d/10.conf <<X
[guest 100]
hostpci3 = i915-GVTg_V5_8
comment = CANARY
# CANARY, and no newline behind it
X
END
golden snapshot-secrets 'comments, mistakes and their text stay out' 2 snapshot --root "$root"
unlike 'no canary got out' "$output" CANARY

fixture off <<'END'
remove etc/gvt-early
guest 100 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_4'
END
run snapshot --root "$root" --output "$work/off"
is 'a guest that does not start at boot: what to do' "$errors" "gvt-early: no vGPU goes into the initrd: no vGPU is wanted at boot: guest 100 \
has a vGPU and does not start at boot (Proxmox VE creates a vGPU when its guest starts); 'qm set 100 --onboot 1', or write 'guests = all' \
under [settings] in /etc/gvt-early/gvt-early.conf"
run snapshot --root "$root"
is 'to standard output: nothing beside it' "$errors" ''
printf 'mkdir -p etc/gvt-early && printf "[settings]\\nearly = no\\n" >etc/gvt-early/gvt-early.conf\n' | "$cli/make-root.sh" --change "$root"
run snapshot --root "$root" --output "$work/off"
is 'early = no: that' "$errors" "gvt-early: no vGPU goes into the initrd: 'early = no' leaves them to gvt-early.service"

# Unreadable is not empty: the last snapshot takes its place; without one there is none, rather than one that wants nothing.
last='[snapshot]
version = 1
[settings]
deadline = 12
debug = no
modules=vfio
[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01]
type = i915-GVTg_V5_8
source = /etc/gvt-early/gvt-early.conf:3'
# unread NAME CHANGE: a file that cannot be read, with and without a last snapshot.
unread() {
	fixture "unread-$1" <<END
$2
END
	run snapshot --root "$root" --output "$work/unread"
	is "$1: exit code" "$rc" 2
	ok "$1: no snapshot that wants nothing" [ ! -e "$work/unread" ]
	like "$1: told" "$errors" 'no snapshot is written: the configuration cannot be read, and there is no earlier snapshot'
	mkdir -p "$root/var/lib/gvt-early"
	printf '%s\n' "$last" >"$root/var/lib/gvt-early/snapshot"
	run snapshot --root "$root"
	is "$1: the last snapshot is used" "$rc$output" "2$last"
	is "$1: its modules go along" "$("$program" contents --root "$root" | sed -n 's/^module //p' | tr '\n' ' ')" 'vfio '
	like "$1: that is told" "$errors" 'using the last snapshot \(/var/lib/gvt-early/snapshot\)'
}
unread directory 'rm -f etc/gvt-early/gvt-early.conf
mkdir etc/gvt-early/gvt-early.conf'
unread fifo 'rm -f etc/gvt-early/gvt-early.conf
mkfifo etc/gvt-early/gvt-early.conf'
unread dangling 'ln -sf nothing etc/gvt-early/gvt-early.conf'
unread conf.d 'rm -rf etc/gvt-early/gvt-early.conf etc/gvt-early/conf.d
mkdir -p etc/gvt-early/conf.d/10.conf'
chmod 666 "$root/var/lib/gvt-early/snapshot"
run snapshot --root "$root" --output "$work/unread"
like 'a last snapshot that could be of others' "$errors" "no earlier snapshot.*not owned by root"
chmod 644 "$root/var/lib/gvt-early/snapshot"
echo nonsense >"$root/var/lib/gvt-early/snapshot"
run snapshot --root "$root" --output "$work/unread"
like 'a last snapshot that is damaged' "$errors" 'no earlier snapshot.*damaged'
ok 'neither is used' [ ! -e "$work/unread" ]

fixture unread-partly <<'END'
mkdir -p etc/gvt-early/conf.d/10.conf
END
run snapshot --root "$root" --output "$work/partly"
is 'one of two cannot be read, nothing else is known: that one alone is missing' "$rc$(grep -c '^\[instance' "$work/partly")" 23
fixture unread-vfs <<'END'
machine n100
mkdir -p etc/gvt-early/gvt-early.conf
END
run snapshot --root "$root" --output "$work/unread-vfs"
is 'likewise of virtual functions' "$rc$(grep -c '^\[claim' "$work/unread-vfs")" 22

fixture remembered </dev/null
mkdir -p "$root/var/lib"
run snapshot --root "$root"
ok 'with --root nothing is remembered' [ ! -e "$root/var/lib/gvt-early" ]
run_inside snapshot --output /first
is 'on the host it is remembered' "$rc$(cat "$root/var/lib/gvt-early/snapshot")" "0$(cat "$root/first")"
mv "$root/etc/gvt-early/gvt-early.conf" "$root/etc/gvt-early/away"
mkdir "$root/etc/gvt-early/gvt-early.conf"
run_inside snapshot --output /second
ok 'and used when the configuration cannot be read' cmp -s "$root/first" "$root/second"
ok 'what is known stays' cmp -s "$root/first" "$root/var/lib/gvt-early/snapshot"
rm -r "$root/etc/gvt-early/gvt-early.conf"
run_inside snapshot --output /third
is 'no file is a configuration that wants nothing' "$rc$(grep -c '^\[instance' "$root/third")" 00

done_testing
