#!/bin/sh
# "setup": what it writes on each host, that it can be run again and undone, and what it does where something fails. The host's own
# files are those of a fixture, mounted over this machine's in a mount namespace, so that commands are run and evaluated for real.
# takes 60 s
. "$(dirname "$0")/lib.sh"

own=$(id -u)
change() { "$cli/make-root.sh" --change "$1"; }

# What a host is made of, as lines for make-root.sh.
cat >"$work/words" <<'END'
kernel() {
	put "boot/vmlinuz-$1" kernel
	put "boot/initrd.img-$1" initrd
	put "boot/config-$1" "CONFIG_INTEL_IOMMU=y
# ${2:-CONFIG_INTEL_IOMMU_DEFAULT_ON is not set}"
	[ -z "${2-}" ] || echo "$2" >>"boot/config-$1"
}
menu() {
	mkdir -p boot/grub
	printf "menuentry 'Debian GNU/Linux' --class os \$menuentry_id_option 'gnulinux-simple-1' {\n\tlinux\t/boot/vmlinuz-6.1.0-56-amd64 root=/dev/sda1 ro %s\n\tinitrd\t/boot/initrd.img-6.1.0-56-amd64\n}\n" "$*" >boot/grub/grub.cfg
}
# grub [LINE...]: /etc/default/grub
grub() {
	mkdir -p etc/default/grub.d var/lib/pve-cluster etc/pve/nodes/pve/qemu-server
	kernel 6.1.0-56-amd64
	{
		echo '# If you change this file, run update-grub afterwards.'
		echo 'GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`'
		if [ $# -gt 0 ]; then printf '%s\n' "$@"; else echo 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"'; fi
	} >etc/default/grub
	menu quiet
	script update-grub <<'X'
echo "Generating grub configuration file ..." >&2
set -e
[ ! -e /etc/fail ] || exit 5
[ ! -e /etc/idle ] || exit 0
. /etc/default/grub
for x in /etc/default/grub.d/*.cfg; do if [ -e "$x" ]; then . "$x"; fi; done
printf "menuentry 'Debian GNU/Linux' --class os \$menuentry_id_option 'gnulinux-simple-1' {\n\tlinux\t/boot/vmlinuz-6.1.0-56-amd64 root=/dev/sda1 ro %s %s\n\tinitrd\t/boot/initrd.img-6.1.0-56-amd64\n}\n" "$GRUB_CMDLINE_LINUX" "$GRUB_CMDLINE_LINUX_DEFAULT" >/boot/grub/grub.cfg
X
}
script() {
	{ echo '#!/bin/sh'; cat; } >"usr/sbin/$1"
	chmod 755 "usr/sbin/$1"
}
# esps LINE [UUID...]: systemd-boot from ESPs of proxmox-boot-tool
esps() {
	grub
	remove boot/grub usr/sbin/update-grub
	mkdir -p sys/firmware/efi etc/kernel var/tmp/espmounts
	put proc/cmdline 'initrd=\EFI\proxmox\6.1.0-56-amd64\initrd.img-6.1.0-56-amd64 root=ZFS=rpool/ROOT/pve-1 boot=zfs'
	printf '%b' "$1" >etc/kernel/cmdline
	shift
	for uuid in "$@"; do
		echo "$uuid" >>etc/kernel/proxmox-boot-uuids
		dir=var/tmp/espmounts/$uuid
		mkdir -p "$dir/EFI/proxmox/6.1.0-56-amd64" "$dir/loader/entries"
		cp boot/vmlinuz-6.1.0-56-amd64 boot/initrd.img-6.1.0-56-amd64 "$dir/EFI/proxmox/6.1.0-56-amd64"
		put "$dir/loader/loader.conf" 'default proxmox-*'
		put "$dir/loader/entries/proxmox-6.1.0-56-amd64.conf" "version 6.1.0-56-amd64
options root=ZFS=rpool/ROOT/pve-1 boot=zfs
linux /EFI/proxmox/6.1.0-56-amd64/vmlinuz-6.1.0-56-amd64
initrd /EFI/proxmox/6.1.0-56-amd64/initrd.img-6.1.0-56-amd64"
	done
}
END

# host NAME <LINES: makes $root
host() {
	root=$work/root.$1
	cat "$work/words" - | "$cli/make-root.sh" "$root" || { echo "the fixture $1 cannot be made" >&2 && exit 1; }
}
# tree ROOT: every file with its content, to see what has changed; without our own directory
tree() { (cd "$1" && find etc boot -type f -o -type l | LC_ALL=C sort | while read -r f; do echo "$f $(readlink "$f") $(md5sum <"$f")"; done); }
in_file() { cat "$root/$1"; }
dropin=etc/default/grub.d/zz-gvt-early.cfg

#
# What is written, on a copy of a host: files, and no commands
#

host plain <<'END'
grub
END
tree "$root" >"$work/before"
golden setup-plain 'a host with GRUB, looked at' 0 setup --root "$root" --dry-run
tree "$root" >"$work/after"
ok 'looking changes nothing' cmp -s "$work/before" "$work/after"
ok 'looking leaves nothing' [ ! -e "$root/var/lib/gvt-early" ]
run setup --root "$root"
is 'nobody to ask: exit code' "$rc" 2
like 'nobody to ask: --yes is named' "$errors" 'nothing was changed: standard input is not a terminal; add --yes'
ok 'nobody to ask: nothing is written' [ ! -e "$root/$dropin" ]
run setup --root "$root" --yes
is 'written: exit code' "$rc" 0
is 'written: a drop-in of ours' "$(in_file $dropin)" "# Written by 'gvt-early setup'; 'gvt-early setup --undo' removes it.
GRUB_CMDLINE_LINUX_DEFAULT=\"\$GRUB_CMDLINE_LINUX_DEFAULT intel_iommu=on\""
is 'written: its mode' "$(stat -c %a "$root/$dropin")" 644
like 'on a copy no command is run: it is named' "$output" "^Next: run 'update-grub' in that system$"
tree "$root" >"$work/once"
run setup --root "$root" --yes
is 'twice: exit code' "$rc" 0
tree "$root" >"$work/twice"
ok 'twice is once' cmp -s "$work/once" "$work/twice"
like 'twice: what is left to do' "$output" "entries were not made of them yet.*"
run setup --root "$root" --undo --yes
is 'undone: exit code' "$rc" 0
tree "$root" >"$work/after"
ok 'undone: as it was before' cmp -s "$work/before" "$work/after"
ok 'undone: no record is left' [ ! -e "$root/var/lib/gvt-early/setup/record.json" ]
run setup --root "$root" --undo --yes
is 'undone twice: exit code' "$rc" 0
like 'undone twice: nothing is left' "$output" '^Nothing to undo\.$'

# A person at a terminal, who answers when the question is there. script(1) has one.
asked() {
	for _ in $(seq 600); do
		! grep -q '^Write this?' "$work/out" || return 0
		sleep 0.1
	done
}
terminal() { script -qec "'$program' setup --root '$root'" /dev/null >>"$work/out" 2>&1; }
host asked <<'END'
grub
END
answer() { : >"$work/out"; { asked; echo "$1"; } | terminal; }
answer n
like 'asked: the question' "$(cat "$work/out")" '^Write this\? \[y/N\]'
like 'asked: no' "$(cat "$work/out")" 'Nothing was changed\.'
ok 'asked: no: nothing is written' [ ! -e "$root/$dropin" ]
answer y
ok 'asked: yes' [ -e "$root/$dropin" ]

# What was shown is no longer so when the answer comes.
host overtaken <<'END'
grub
put etc/default/grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet iommu=off"'
END
: >"$work/out"
{ asked; echo '# mine' >>"$root/etc/default/grub"; echo y; } | terminal
like 'changed while it asks: told' "$(cat "$work/out")" 'nothing was changed: /etc/default/grub was changed meanwhile'
is 'changed while it asks: nothing is written' "$(cat "$root/etc/default/grub")" 'GRUB_CMDLINE_LINUX_DEFAULT="quiet iommu=off"
# mine'

# needs WHAT PATTERN: what a look at $root tells
needs() {
	run setup --root "$root" --dry-run
	like "$1" "$(printf '%s' "$output$errors" | tr -s '\n ' ' ')" "$2"
}
host default <<'END'
grub
kernel 6.1.0-56-amd64 CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y
END
needs "a kernel that enables the IOMMU by itself: Debian's" \
	'Not needed: intel_iommu=on: kernel 6\.1\.0-56-amd64 enables the IOMMU by itself \(the word would also map the iGPU.*Nothing to change\.$'
is 'a kernel that enables the IOMMU by itself: exit code' "$rc" 0
host unknown <<'END'
grub
remove boot/config-6.1.0-56-amd64
cmdline intel_iommu=on
END
needs 'a kernel of which nothing is known' 'add intel_iommu=on: it cannot be determined whether kernel 6\.1\.0-56-amd64 enables'
host pve <<'END'
grub
remove boot/config-6.1.0-56-amd64
sed -i 's/6.1.0-56-amd64/6.8.12-1-pve/g' boot/grub/grub.cfg
kernel_modules 6.8.12-1-pve kernel/i915.ko kernel/kvmgt.ko
put boot/vmlinuz-6.8.12-1-pve ''
END
needs 'a kernel of Proxmox VE from 6.8 on' 'Not needed: intel_iommu=on: kernel 6\.8\.12-1-pve enables the IOMMU by itself Not'
host late <<'END'
grub
config conf.d/10.conf <<X
[settings]
early = no
X
END
needs 'without the early stage' 'add i915\.enable_gvt=1: '
host alone <<'END'
grub
remove etc/pve var/lib/pve-cluster etc/gvt-early
tools update-grub update-initramfs
END
needs 'no host of Proxmox VE' 'Not needed: intel_iommu=on: GVT-g works without an IOMMU, and this is not a Proxmox VE host.*Nothing to change'
host absent <<'END'
grub
no_gpu
END
needs 'no GPU' 'nothing was changed: this host has no Intel display device'
is 'no GPU: exit code' "$rc" 1

# forbidden WHAT OLD NEW [DROPIN]: words that stand against it, in /etc/default/grub
forbidden() {
	host forbidden <<END
grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet $2 splash" # keep'
END
	run setup --root "$root" --yes
	is "$1: in place" "$(grep ^GRUB_CMDLINE "$root/etc/default/grub")" "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet ${3:+$3 }splash\" # keep"
	is "$1: the drop-in" "$(grep -c . "$root/$dropin" 2>/dev/null)" "${4-2}"
	run setup --root "$root" --undo --yes
	is "$1: undone" "$(grep ^GRUB_CMDLINE "$root/etc/default/grub")" "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet $2 splash\" # keep"
	ok "$1: undone: the drop-in" [ ! -e "$root/$dropin" ]
	rm -rf "$root"
}
forbidden 'iommu=off, which no later word takes back' iommu=off ''
forbidden 'intel_iommu=off' intel_iommu=off intel_iommu=on ''
forbidden 'intel_iommu=off among others' intel_iommu=igfx_off,off intel_iommu=igfx_off
forbidden 'capitals' Intel_iommu=On intel_iommu=on ''
forbidden 'blanks' 'intel_iommu = on' intel_iommu=on ''
forbidden 'a letter too many' intel_iommmu=on intel_iommu=on ''
forbidden 'i915.enable_gvt=0' i915.enable_gvt=0 ''
forbidden 'nomodeset' nomodeset ''
forbidden 'a list with others' modprobe.blacklist=nouveau,i915 modprobe.blacklist=nouveau
forbidden 'a list of one' module_blacklist=kvmgt ''

host admins <<'END'
grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet gvt_early.enable=0 vfio-pci.ids=8086:3e92"'
END
needs 'words that say what the admin wants are left' 'Unchanged: .*gvt_early\.enable=0.*Unchanged: .*vfio-pci\.ids'
run setup --root "$root" --yes
is 'words that say what the admin wants: not changed' "$(grep -c 'gvt_early.enable=0 vfio-pci.ids=8086:3e92' "$root/etc/default/grub")" 1

#
# The texts that are there
#

host cloud <<'END'
grub
put etc/default/grub.d/50-cloudimg-settings.cfg 'GRUB_CMDLINE_LINUX_DEFAULT="console=tty1 console=ttyS0 iommu=off"'
END
run setup --root "$root" --yes
is 'a drop-in that sets the variable anew is corrected' "$(in_file etc/default/grub.d/50-cloudimg-settings.cfg)" \
	'GRUB_CMDLINE_LINUX_DEFAULT="console=tty1 console=ttyS0"'
ok 'a drop-in that sets the variable anew: ours comes behind it' [ -e "$root/$dropin" ]

host last <<'END'
grub
put etc/default/grub.d/zzz-mine.cfg 'GRUB_CMDLINE_LINUX_DEFAULT="anew"'
END
run setup --root "$root" --yes
ok 'a drop-in of the last name: ours has a later one' [ -e "$root/etc/default/grub.d/zzzz-gvt-early.cfg" ]

# refused WHAT PATTERN: nothing is written
refused() {
	tree "$root" >"$work/before"
	run setup --root "$root" --yes
	is "$1: exit code" "$rc" 1
	like "$1: why" "$(printf '%s' "$errors" | tr '\n' ' ')" "$2"
	tree "$root" >"$work/after"
	ok "$1: nothing is changed" cmp -s "$work/before" "$work/after"
	ok "$1: no record" [ ! -e "$root/var/lib/gvt-early/setup/record.json" ]
}
host plus <<'END'
grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"' 'GRUB_CMDLINE_LINUX_DEFAULT+=" splash"'
END
refused 'bash in a file of sh' "/etc/default/grub:4 uses '\+='.*write NAME=\"\\\$NAME \.\.\.\" instead of NAME\+= in /etc/default/grub:4; then run"
host quote <<'END'
grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet'
END
refused 'an open quote' 'close the quote in /etc/default/grub:3'
host crlf <<'END'
grub
sed -i 's/$/\r/' etc/default/grub
printf '\r\n' >>etc/default/grub
END
refused 'line ends of Windows' 'sed -i'
host lines <<'END'
grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet' 'splash"'
END
refused 'a value of two lines' '/etc/default/grub:3 has more than one line'
host sourced <<'END'
grub '. /etc/default/grub.mine'
END
refused 'a file that only that host can evaluate' "what '\.' in /etc/default/grub:3 does is known only on that host"
host variable <<'END'
grub 'OFF=iommu=off' 'GRUB_CMDLINE_LINUX_DEFAULT="quiet $OFF"'
END
refused 'a word that comes from elsewhere' "'iommu=off' stands nowhere in /etc/default/grub so that it can be changed there.*by hand: remove iommu=off from /etc/default/grub"
host directory <<'END'
grub
remove etc/default/grub
mkdir etc/default/grub
END
refused 'a file that cannot be read' '/etc/default/grub: Is a directory'

#
# Bootloaders
#

host systemd <<'END'
esps 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' 1111-AAAA
END
golden setup-esps 'systemd-boot from an ESP' 0 setup --root "$root" --dry-run
run setup --root "$root" --yes
is 'systemd-boot: the line, without a newline as before' "$(od -c "$root/etc/kernel/cmdline" | tail -n 2)" \
	"$(printf 'root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=on' | od -c | tail -n 2)"
like 'systemd-boot: what is to be run' "$output" "^Next: run 'proxmox-boot-tool refresh' in that system$"
ok 'systemd-boot: nothing in GRUB'"'"'s files' [ ! -e "$root/$dropin" ]
run setup --root "$root" --undo --yes
is 'systemd-boot: undone' "$(in_file etc/kernel/cmdline)" 'root=ZFS=rpool/ROOT/pve-1 boot=zfs'

host second <<'END'
esps 'root=ZFS=rpool/ROOT/pve-1 boot=zfs iommu=off \r\nanother line\n' 1111-AAAA 2222-BBBB
END
run setup --root "$root" --yes
is 'systemd-boot: the rest of the file stays' "$(od -c "$root/etc/kernel/cmdline")" \
	"$(printf 'root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=on \r\nanother line\n' | od -c)"

host overwritten <<'END'
esps 'quiet intel_iommu=on\n' 1111-AAAA
END
refused 'a line without root=' "the first line of /etc/kernel/cmdline has no root=.*write 'root=ZFS=rpool/ROOT/pve-1 boot=zfs quiet intel_iommu=on' as the first line"
host none <<'END'
esps '' 1111-AAAA
remove etc/kernel/cmdline
END
run setup --root "$root" --yes
is 'no file: the running words, which would be taken without it' "$(in_file etc/kernel/cmdline)" 'root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=on'
run setup --root "$root" --undo --yes
ok 'no file: undone' [ ! -e "$root/etc/kernel/cmdline" ]

host esp-grub <<'END'
esps 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' 1111-AAAA
put proc/cmdline 'BOOT_IMAGE=/vmlinuz-6.1.0-56-amd64 root=ZFS=rpool/ROOT/pve-1 boot=zfs'
mkdir -p var/tmp/espmounts/1111-AAAA/grub
put var/tmp/espmounts/1111-AAAA/EFI/proxmox/grubx64.efi ''
menu quiet && mv boot/grub/grub.cfg var/tmp/espmounts/1111-AAAA/grub
END
run setup --root "$root" --yes
like 'GRUB on an ESP: which' "$output" 'GRUB from 1 ESP of proxmox-boot-tool; the kernel command line comes'
ok 'GRUB on an ESP: a drop-in' [ -e "$root/$dropin" ]
like 'GRUB on an ESP: what is to be run' "$output" "^Next: run 'proxmox-boot-tool refresh' in that system$"
is 'GRUB on an ESP: not in the other file' "$(in_file etc/kernel/cmdline)" 'root=ZFS=rpool/ROOT/pve-1 boot=zfs'
host mixed <<'END'
esps 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' 1111-AAAA 2222-BBBB
mkdir -p var/tmp/espmounts/2222-BBBB/grub
put var/tmp/espmounts/2222-BBBB/EFI/proxmox/grubx64.efi ''
menu quiet && mv boot/grub/grub.cfg var/tmp/espmounts/2222-BBBB/grub
END
run setup --root "$root" --yes
like 'both loaders on ESPs: which' "$output" '^Bootloader: GRUB or systemd-boot from 2 ESPs of proxmox-boot-tool'
is 'both loaders on ESPs: both files' "$(in_file etc/kernel/cmdline) $(grep -c intel_iommu=on "$root/$dropin")" \
	'root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=on 1'
host esp-refused <<'END'
esps 'quiet' 1111-AAAA
mkdir -p var/tmp/espmounts/1111-AAAA/grub
put var/tmp/espmounts/1111-AAAA/EFI/proxmox/grubx64.efi ''
menu quiet && mv boot/grub/grub.cfg var/tmp/espmounts/1111-AAAA/grub
END
refused 'GRUB on an ESP: a refresh that would be refused' 'the first line of /etc/kernel/cmdline has no root='

host debian-boot <<'END'
esps 'root=/dev/sda1'
remove etc/kernel/proxmox-boot-uuids
iommu off
END
refused 'systemd-boot without proxmox-boot-tool' 'its entries are not made by proxmox-boot-tool.*add intel_iommu=on'
host other <<'END'
grub
put proc/cmdline 'root=/dev/sda1 quiet'
remove boot/grub
END
refused 'an unknown bootloader' 'the bootloader of this host cannot be determined'
host fedora <<'END'
grub
tools grub2-mkconfig dracut
END
refused "GRUB without Debian's program" 'the program update-grub is missing.*add intel_iommu=on to GRUB_CMDLINE_LINUX_DEFAULT'

#
# Links, modes and what cannot be written
#

host linked <<'END'
grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet iommu=off"'
mkdir -p srv/etc
mv etc/default/grub srv/etc/grub
ln -s ../../srv/etc/grub etc/default/grub
chmod 640 srv/etc/grub
END
run setup --root "$root" --yes
is 'a link stays' "$(readlink "$root/etc/default/grub")" ../../srv/etc/grub
is 'a link: what it leads to is written' "$(grep -c 'DEFAULT="quiet"' "$root/srv/etc/grub")" 1
is 'the mode stays' "$(stat -c %a "$root/srv/etc/grub")" 640
is 'the backup is for its owner alone, and the record' "$(stat -c %a "$root"/var/lib/gvt-early/setup/backup-1/etc/default/grub \
	"$root/var/lib/gvt-early/setup/record.json" | tr '\n' ' ')" '600 600 '
host linked-out <<'END'
grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet iommu=off"'
END
mv "$root/etc/default/grub" "$work/outside"
mkdir -p "$root$work"
cp "$work/outside" "$root$work/outside"
ln -s "$work/outside" "$root/etc/default/grub"
run setup --root "$root" --yes
is 'an absolute link of a copy leads into the copy' "$(grep -c iommu=off "$work/outside" "$root$work/outside" | cut -d: -f2 | tr '\n' ' ')" '1 0 '
host hard <<'END'
grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet iommu=off"'
ln etc/default/grub etc/default/grub.old
END
tree "$root" >"$work/before"
run setup --root "$root" --yes
is 'a second name of the file: exit code' "$rc" 3
like 'a second name of the file: why' "$errors" 'has another name \(a hard link\)'
tree "$root" >"$work/after"
ok 'a second name of the file: nothing is changed' cmp -s "$work/before" "$work/after"
host second-hard <<'END'
grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet iommu=off"'
put etc/default/grub.d/mine.cfg 'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT nomodeset"'
ln etc/default/grub.d/mine.cfg etc/mine
END
tree "$root" >"$work/before"
run setup --root "$root" --yes
is 'the second of two files cannot be written: exit code' "$rc" 3
tree "$root" >"$work/after"
ok 'the second of two files cannot be written: the first is put back' cmp -s "$work/before" "$work/after"
ok 'the second of two files cannot be written: no record' [ ! -e "$root/var/lib/gvt-early/setup/record.json" ]
host attributes <<'END'
grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet iommu=off"'
END
# An access control list as well: user 1000 may read.
if python3 - "$root/etc/default/grub" 2>"$work/why" <<'END'
import os, struct, sys
entries = [(1, 6, 0xffffffff), (2, 4, 1000), (4, 4, 0xffffffff), (16, 4, 0xffffffff), (32, 4, 0xffffffff)]
os.setxattr(sys.argv[1], 'user.mine', b'kept')
os.setxattr(sys.argv[1], 'system.posix_acl_access', struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *e) for e in entries))
END
then
	attributes() { python3 -c 'import os, sys; print([(n, os.getxattr(sys.argv[1], n)) for n in sorted(os.listxattr(sys.argv[1]))])' "$root/etc/default/grub"; }
	before=$(attributes)
	run setup --root "$root" --yes
	is 'extended attributes and the access control list stay' "$(attributes)" "$before"
	is 'extended attributes: it was written' "$(grep -c iommu=off "$root/etc/default/grub")" 0
else
	ok "extended attributes stay # SKIP $(tail -n 1 "$work/why")" true
fi

# A disk that takes no more: the limit of a file's size stands for it.
host full <<'END'
grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet iommu=off"'
END
head -c 30000 /dev/zero | tr '\0' '#' >>"$root/etc/default/grub"
tree "$root" >"$work/before"
(ulimit -f 16 && trap '' XFSZ && exec "$program" setup --root "$root" --yes) >"$work/out" 2>"$work/err" </dev/null
is 'no room: exit code' "$?" 3
like 'no room: told' "$(cat "$work/err")" 'cannot be written: File too large'
tree "$root" >"$work/after"
ok 'no room: nothing is changed' cmp -s "$work/before" "$work/after"
is 'no room: no temporary file is left' "$(find "$root/etc" -name '*.new')" ''

if [ "$own" -ne 0 ]; then
	host closed <<'END'
grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet iommu=off"'
chmod 555 etc/default
END
	run setup --root "$root" --yes
	is 'a directory that takes no file: exit code' "$rc" 3
	chmod 755 "$root/etc/default"
fi

# Killed at any moment each file is old or new. The moments: strace's, where it is there, else what time brings.
host killed <<'END'
grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet iommu=off"' 'GRUB_CMDLINE_LINUX="intel_iommu=off"'
END
cp -a "$root" "$work/killed.old"
cp -a "$root" "$work/killed.new"
"$program" setup --root "$work/killed.new" --yes >/dev/null 2>&1
halves=''
for ms in 005 010 020 030 040 060 080 100 150 200; do
	rm -rf "$work/killed.now"
	cp -a "$root" "$work/killed.now"
	timeout -s KILL "0.$ms" "$program" setup --root "$work/killed.now" --yes >/dev/null 2>&1 </dev/null
	for file in etc/default/grub $dropin; do
		cmp -s "$work/killed.now/$file" "$work/killed.old/$file" || cmp -s "$work/killed.now/$file" "$work/killed.new/$file" ||
			[ ! -e "$work/killed.now/$file" ] || halves="$halves $file after $ms ms"
	done
	"$program" setup --root "$work/killed.now" --undo --yes >/dev/null 2>&1
	cmp -s "$work/killed.now/etc/default/grub" "$work/killed.old/etc/default/grub" || halves="$halves not undone after $ms ms"
	"$program" setup --root "$work/killed.now" --yes >/dev/null 2>&1
	cmp -s "$work/killed.now/etc/default/grub" "$work/killed.new/etc/default/grub" || halves="$halves not done after $ms ms"
done
is 'killed at any moment each file is old or new, and can be undone and done' "$halves" ''

#
# Undoing what somebody has changed since
#

host upgraded <<'END'
grub "GRUB_CMDLINE_LINUX_DEFAULT='quiet intel_iommu=On' # mine"
END
run setup --root "$root" --yes
# As the maintainer script of Debian's grub packages does it.
sed -i "s/^GRUB_CMDLINE_LINUX_DEFAULT=.*/GRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=on\"/" "$root/etc/default/grub"
echo 'GRUB_TIMEOUT=1' >>"$root/etc/default/grub"
run setup --root "$root" --undo --yes
is 'rewritten by a package: exit code' "$rc" 0
is 'rewritten by a package: our word alone goes' "$(tail -n 2 "$root/etc/default/grub")" "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=On\"
GRUB_TIMEOUT=1"
host edited <<'END'
grub
END
run setup --root "$root" --yes
echo '# by somebody else' >>"$root/$dropin"
tree "$root" >"$work/before"
golden setup-edited 'our drop-in with lines of somebody else' 1 setup --root "$root" --undo --yes
tree "$root" >"$work/after"
ok 'our drop-in with lines of somebody else: nothing is changed' cmp -s "$work/before" "$work/after"
echo '{"version": 1, "parts": [{"kind": "grub", "edits": [{"path": "etc/shadow", "before": "", "after": ""}]}]}' \
	>"$root/var/lib/gvt-early/setup/record.json"
run setup --root "$root" --undo --yes
is 'a record that names other files: exit code' "$rc" 3
like 'a record that names other files: refused' "$errors" 'record.json cannot be used: it is damaged'
for odd in '"given": {"vmid": 100}' '"given": [{"vmid": 100, "index": "0", "value": "x"}]' '"parts": "grub"' '"commands": [[]]' \
	'"parts": [{"kind": "grub", "changes": 1}]'; do
	echo "{\"version\": 1, $odd}" >"$root/var/lib/gvt-early/setup/record.json"
	run setup --root "$root" --undo --yes
	is "a record with $odd: refused" "$rc$errors" \
		'3gvt-early: /var/lib/gvt-early/setup/record.json cannot be used: it is damaged'
done

#
# Lists of modules
#

host lists <<'END'
grub
printf '# mine\nvfio\nvfio_virqfd\nkvmgt\nexngt' >etc/modules
put etc/modules-load.d/gvt.conf 'vfio_mdev
kvmgt vfio_mdev'
ln -s ../modules etc/modules-load.d/modules.conf
put usr/lib/modules-load.d/package.conf vfio_virqfd
kernel_modules 6.14.8-2-other kernel/vfio_mdev.ko
END
tree "$root" >"$work/before"
run setup --root "$root" --clean --yes
is 'lists of modules: exit code' "$rc" 0
is 'lists of modules: what is not there is a comment, with the reason' "$(in_file etc/modules)" '# mine
vfio
# vfio_virqfd (gvt-early setup: kernel 6.1.0-56-amd64 has no such module)
kvmgt
# exngt (gvt-early setup: kernel 6.1.0-56-amd64 has no such module)'
is 'lists of modules: a line of several words is left' "$(in_file etc/modules-load.d/gvt.conf)" '# vfio_mdev (gvt-early setup: kernel 6.1.0-56-amd64 has no such module)
kvmgt vfio_mdev'
is "lists of modules: a package's is left" "$(in_file usr/lib/modules-load.d/package.conf)" vfio_virqfd
is 'lists of modules: the link stays' "$(readlink "$root/etc/modules-load.d/modules.conf")" ../modules
is 'lists of modules: nothing else is changed' "$(ls "$root/etc/default/grub.d")" ''
run setup --root "$root" --clean --yes
like 'lists of modules, twice: nothing' "$output" '^Nothing to change: the lists in /etc name no module'
cp "$root/etc/modules" "$work/modules"
echo 'added' >>"$root/etc/modules-load.d/gvt.conf"
run setup --root "$root" --undo --yes
is 'lists of modules, undone after a change: exit code' "$rc" 0
is 'lists of modules, undone after a change' "$(in_file etc/modules-load.d/gvt.conf)" 'vfio_mdev
kvmgt vfio_mdev
added'
sed -i '$d' "$root/etc/modules-load.d/gvt.conf"
tree "$root" >"$work/after"
ok 'lists of modules, undone: as it was before' cmp -s "$work/before" "$work/after"
host next-has-it <<'END'
grub
echo vfio_mdev >etc/modules
kernel_modules 6.14.8-2-other kernel/i915.ko kernel/vfio_mdev.ko
sed -i 's/6.1.0-56-amd64/6.14.8-2-other/g' boot/grub/grub.cfg
END
run setup --root "$root" --clean --yes
is 'lists of modules: one that the next kernel has stays' "$(in_file etc/modules)" vfio_mdev
run setup --root "$root" --clean --undo
is 'lists of modules: --clean with --undo' "$rc" 2

#
# A guest's vGPU
#

host guests <<'END'
grub
guest 100 'name: one' 'hostpci0: 0000:03:00' 'hostpci2: 0000:04:00,unknown=1'
guest 101 'hostpci5: 0000:00:02.0,mdev=i915-GVTg_V5_8'
guest 102 'template: 1'
guest 103 'hookscript: local:snippets/mine'
END
tree "$root" >"$work/before"
# gives WHAT CODE PATTERN ARGUMENT...
gives() {
	gives_what=$1 gives_code=$2 gives_text=$3
	shift 3
	run setup --root "$root" "$@"
	is "$gives_what: exit code" "$rc" "$gives_code"
	like "$gives_what: told" "$(printf '%s' "$output$errors" | tr -s '\n ' ' ')" "$gives_text"
}
gives 'a guest without a type: the best that fits, in the first free slot' 0 \
	'Guest 100: i915-GVTg_V5_4, the largest type that fits beside 3 other vGPUs; hostpci1 is free Command to run: qm set 100 --hostpci1 0000:00:02\.0,mdev=i915-GVTg_V5_4' --guest 100
gives 'a guest with a type' 0 'Guest 100: i915-GVTg_V5_8 fits beside .*qm set 100 --hostpci1 0000:00:02\.0,mdev=i915-GVTg_V5_8' --guest 100 --type i915-GVTg_V5_8
gives 'a type that has no room' 1 'i915-GVTg_V5_2 does not fit beside what is wanted: .*too little aperture' --guest 100 --type i915-GVTg_V5_2
gives 'a type that the GPU does not have' 1 'does not offer i915-GVTg_V5_1; the nearest is i915-GVTg_V5_2' --guest 100 --type i915-GVTg_V5_1
gives 'a type that is none' 2 "'nonsense/' is not a type" --guest 100 --type nonsense/
gives 'a guest that has one' 0 'Guest 101 has i915-GVTg_V5_8 in hostpci5 already' --guest 101
gives 'a guest that has another one' 1 "guest 101 has i915-GVTg_V5_8 in hostpci5; .*'qm set 101 --delete hostpci5'" --guest 101 --type i915-GVTg_V5_4
gives 'a template' 1 'guest 102 is a template' --guest 102
gives 'no such guest' 2 'this node has no guest 104: /etc/pve/nodes/pve/qemu-server/104\.conf is missing' --guest 104
gives 'the hookscript' 0 'install -D /usr/share/gvt-early/hookscript /var/lib/vz/snippets/gvt-early Command to run: qm set 101 --hookscript local:snippets/gvt-early$' \
	--guest 101 --hookscript
gives 'a hookscript of its own' 1 "guest 103 has a hookscript of its own; call 'gvt-early apply --guest 103'" --guest 103 --hookscript
gives 'a type for nobody' 2 '--type needs --guest' --type i915-GVTg_V5_4
echo 'hostpci0: 0000:00:02.0' >"$root/etc/pve/nodes/pve/qemu-server/105.conf"
gives 'a GPU that a guest takes whole' 1 'a guest takes all of 0000:00:02\.0' --guest 100
rm "$root/etc/pve/nodes/pve/qemu-server/105.conf"
tree "$root" >"$work/after"
ok 'guests of a copy: nothing is changed' cmp -s "$work/before" "$work/after"
printf 'tools update-grub\n' | change "$root"
gives 'without qm: the line' 0 'qm is not on this host: the line for /etc/pve/nodes/pve/qemu-server/100\.conf is hostpci1: 0000:00:02\.0,mdev=i915-GVTg_V5_4$' --guest 100

#
# A host whose GPU is split by SR-IOV: the same commands
#

cat >>"$work/words" <<'END'
# sriov_grub: an N100 with GRUB; its kernel has the IOMMU on, but not for the GPU
sriov_grub() {
	machine n100
	grub
	put proc/cmdline 'BOOT_IMAGE=/boot/vmlinuz-6.18.9-1-pve root=/dev/sda1 ro quiet'
	remove boot
	kernel 6.18.9-1-pve CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y
	menu quiet
	sed -i 's/6\.1\.0-56-amd64/6.18.9-1-pve/' boot/grub/grub.cfg
	tools update-grub update-initramfs
}
END
host sriov <<'END'
sriov_grub
guest 104 'hostpci1: 0000:01:00.0'
guest 105 'template: 1'
guest 106 'hostpci0: mapping=vgpu'
END
put_config() {
	mkdir -p "$root/etc/gvt-early/conf.d"
	# shellcheck disable=SC2059 # lines
	printf "$1" >"$root/etc/gvt-early/conf.d/sriov.conf"
}
golden setup-sriov 'SR-IOV: the IOMMU has to be on for the GPU, and no word for the driver' 0 setup --root "$root" --dry-run
gives 'SR-IOV: a guest: the first VF that nobody has' 0 \
	'Guest 104: 0000:00:02\.3, virtual function 3 of 7; hostpci0 is free qm is not on this host: .*104\.conf is hostpci0: 0000:00:02\.3$' --guest 104
gives 'SR-IOV: a guest that has one' 0 'Guest 101 has 0000:00:02\.1 in hostpci0 already' --guest 101 --type vf
gives 'SR-IOV: a type of GVT-g' 1 '0000:00:02\.0 is split by SR-IOV, which knows no types; leave --type out' --guest 104 --type i915-GVTg_V5_4
gives 'SR-IOV: a template' 1 'guest 105 is a template' --guest 105
put_config '[sriov]\nhost = 3 4 5 6\n'
gives 'SR-IOV: VFs that stay with the host; one that the next boot makes' 0 'Guest 104: 0000:00:02\.7, virtual function 7 of 7, which the next boot makes;' --guest 104
put_config '[sriov]\nhost = 3 4 5 6 7\n'
gives 'SR-IOV: all VFs are taken' 1 'all 7 virtual functions of the GPU are given to guests or kept' --guest 104
put_config '[settings]\nearly = no\n'
golden setup-sriov-late 'SR-IOV: without the initrd xe has to be told, and i915 kept away' 0 setup --root "$root" --dry-run
sed -i 's/"quiet"/"quiet module_blacklist=xe,foo xe.force_probe=a780 i915.force_probe=!a780 intel_iommu=on"/' "$root/etc/default/grub"
run setup --root "$root" --yes
is 'SR-IOV: words that are there, but for another GPU' "$(grep CMDLINE "$root/etc/default/grub")" \
	'GRUB_CMDLINE_LINUX_DEFAULT="quiet module_blacklist=foo xe.force_probe=a780,46d1 i915.force_probe=!a780,!46d1 intel_iommu=on"'
ok 'SR-IOV: words that are there: no drop-in' [ ! -e "$root/$dropin" ]
printf 'remove lib/firmware etc/default/grub.d\nfirmware i915/adlp_guc_70.bin\n' | change "$root"
sed -i 's/^\(GRUB_CMDLINE_LINUX_DEFAULT\)=.*/\1="quiet intel_iommu=on,igfx_off"/' "$root/etc/default/grub"
run setup --root "$root" --dry-run
like 'SR-IOV: no word for a driver that would give the GPU up' "$(printf '%s' "$output" | tr -s '\n ' ' ')" 'Unchanged: xe needs the firmware i915/tgl_guc_70\.bin'
unlike 'SR-IOV: nor is i915 kept away' "$output" force_probe
like 'SR-IOV: a word that keeps the IOMMU from the GPU' "$output" '^Needed: +write intel_iommu=on instead of intel_iommu=on,igfx_off: it'
put_config '[settings]\nguests = none\n'
gives 'SR-IOV: guests that are not read' 1 "by 'guests = none' gvt-early makes no virtual functions for guests" --guest 104
host sriov-pending <<'END'
sriov_grub
guest 101 'hostpci0: 0000:00:02.1' '[PENDING]' 'delete: hostpci0'
guest 104 'name: new'
running 4711 kvm 5000 101 20
END
gives 'SR-IOV: a VF of a guest that runs, and takes it no more at its next start' 0 'Guest 104: 0000:00:02\.3, virtual function 3 of 7' --guest 104
rm -r "$root/proc/4711"
gives 'SR-IOV: the same when that guest is off' 0 'Guest 104: 0000:00:02\.1, virtual function 1 of 7' --guest 104
put_config '[sriov]\nhost = 3 99\n'
gives 'a mistake in the configuration' 0 '/etc/gvt-early/conf\.d/sriov\.conf:2: .*99' --dry-run
gives 'a mistake in the configuration: of a guest' 0 '/etc/gvt-early/conf\.d/sriov\.conf:2: .*99' --guest 104
put_config '[settings]\nguests = none\n'
run types --root "$root"
like 'guests = none: a VF that a guest names is not free' "$(printf '%s' "$output" | tr -s '\n ' ' ')" \
	' 0000:00:02\.2 .* guest 102, hostpci0 .* 0000:00:02\.1 is free\.'
run status --root "$root"
like 'guests = none: whose a VF is' "$(printf '%s' "$output" | tr -s '\n ' ' ')" '0000:00:02\.2 vfio-pci present, not in use for guest 102, hostpci0'
host sriov-later <<'END'
sriov_grub
remove etc/pve/nodes/pve/qemu-server/101.conf etc/pve/nodes/pve/qemu-server/102.conf
remove sys/bus/pci/devices/0000:00:02.[1-7] sys/devices/pci0000:00/0000:00:02.[1-7] sys/devices/pci0000:00/0000:00:02.0/virtfn* sys/module
bind 0000:00:02.0 i915
live i915 enable_guc=3
guest 104 'name: new'
put proc/sys/kernel/osrelease 6.8.12-15-pve
cp -a lib/modules/6.18.9-1-pve lib/modules/6.8.12-15-pve
depmod -b . 6.8.12-15-pve 2>/dev/null
END
gives 'SR-IOV: only the kernel that boots next can split the GPU' 0 \
	'Guest 104: 0000:00:02\.1, virtual function 1 of 7, which the next boot makes; hostpci0 is free Then: reboot before the guest starts: kernel 6\.18\.9-1-pve, which boots next, can split the GPU, and the one that runs cannot .*104\.conf is hostpci0: 0000:00:02\.1$' \
	--guest 104
rm "$root/boot/grub/grub.cfg"
gives 'SR-IOV: neither can' 1 'nothing was changed: .*not by a driver of kernel 6\.8\.12-15-pve' --guest 104
host sriov-words <<'END'
sriov_grub
machine rpl
remove boot
kernel 6.12.48-1-pve CONFIG_INTEL_IOMMU_DEFAULT_ON=y
menu quiet
sed -i 's/6\.1\.0-56-amd64/6.12.48-1-pve/' boot/grub/grub.cfg
END
put_config '[settings]\nearly = no\n'
sed -i 's/^GRUB_CMDLINE_LINUX_DEFAULT=.*/GRUB_CMDLINE_LINUX_DEFAULT="quiet i915.enable_guc=0 i915.max_vfs=1 -- single"/' "$root/etc/default/grub"
run setup --root "$root" --yes
is 'SR-IOV: words that say less than the driver has to be told' "$(grep CMDLINE "$root/etc/default/grub")" \
	'GRUB_CMDLINE_LINUX_DEFAULT="quiet i915.enable_guc=3 i915.max_vfs=7 -- single"'
host amd <<'END'
sriov_grub
remove boot sys/firmware/acpi/tables/DMAR
kernel 6.18.9-1-pve
menu quiet
sed -i 's/6\.1\.0-56-amd64/6.18.9-1-pve/' boot/grub/grub.cfg
put sys/firmware/acpi/tables/IVRS IVRS
END
run setup --root "$root" --dry-run
like "AMD's IOMMU: no word for it" "$output" '^Nothing to change\.$'
sed -i 's/"quiet"/"quiet amd_iommu=off"/' "$root/etc/default/grub"
run setup --root "$root" --dry-run
like "AMD's IOMMU is switched off" "$output" '^Needed: +remove amd_iommu=off: it disables the IOMMU'
unlike "AMD's IOMMU is switched off: no word for another" "$output" 'add intel_iommu'
host sriov-card <<'END'
sriov_grub
machine bmg
config conf.d/a.conf <<X
[settings]
early = no
X
END
run setup --root "$root" --dry-run
unlike 'SR-IOV: only the VFs of a card are wanted: the integrated GPU stays as it is' "$output" force_probe
host sriov-none <<'END'
sriov_grub
machine mtl
END
run setup --root "$root" --dry-run
like 'SR-IOV: a GPU that this kernel cannot split' "$errors" 'nothing was changed: '
is 'SR-IOV: a GPU that this kernel cannot split: exit code' "$rc" 1
host vf-of-gvt <<'END'
grub
guest 100 'name: one'
END
gives 'a VF where GVT-g splits the GPU' 1 'no GPU of this host can be split by SR-IOV into virtual functions' --guest 100 --type vf

#
# The host itself: commands are run, and what came of it is read back
#

# over ARGUMENT...: runs it with the files of $root mounted over this machine's. Leaves $output, $errors and $rc.
over() {
	cat >"$work/over.sh" <<X
set -e
mount --make-rprivate /
for dir in etc boot sys run var usr/sbin usr/local; do
	mkdir -p "$root/\$dir"
	mount --bind "$root/\$dir" "/\$dir"
done
mkdir -p /usr/lib/modules
mount --bind "$root/lib/modules" /usr/lib/modules
for file in cmdline sys/kernel/osrelease sys/kernel/random/boot_id; do mount --bind "$root/proc/\$file" "/proc/\$file"; done
# Not every machine has the KVM of the host that is shown.
mkdir -p "$work/dev"
mount -t tmpfs none "$work/dev"
for node in kvm null zero full random urandom tty; do
	: >"$work/dev/\$node"
	[ ! -e "/dev/\$node" ] || mount --bind "/dev/\$node" "$work/dev/\$node"
done
ln -s /proc/self/fd "$work/dev/fd"
mount --rbind "$work/dev" /dev
exec "\$@"
X
	unshare $mounts sh "$work/over.sh" "$program" "$@" >"$work/out" 2>"$work/err" </dev/null
	rc=$?
	output=$(cat "$work/out")
	errors=$(cat "$work/err")
}
mounts=-m
[ "$own" -eq 0 ] || mounts=-rm
# shellcheck disable=SC2086 # one word or two
if ! unshare $mounts sh -c 'mkdir -p /usr/lib/modules && mount --make-rprivate / && mount --bind /etc /etc' 2>"$work/why"; then
	ok "on the host itself # SKIP no mount namespaces: $(head -n 1 "$work/why")" true
	done_testing
	exit
fi
# Its name is this machine's.
here() {
	host "$1"
	mkdir -p "$root/etc/pve/nodes/$(uname -n | cut -d. -f1)/qemu-server"
	rm -rf "$root/etc/gvt-early"
}

here whole <<'END'
grub
END
tree "$root" >"$work/before"
over setup --yes
is 'the host: exit code' "$rc" 0
like 'the host: the command' "$output" '^Running:    update-grub$'
like 'the host: its output' "$errors" '^Generating grub configuration file'
like 'the host: read back' "$output" '^Read back:  /boot/grub/grub\.cfg has what is needed$'
like 'the host: the verdict of check' "$output" '^Verdict (ok|hint)'
is 'the host: the one next step' "$(printf '%s\n' "$output" | tail -n 1)" 'Next: reboot'
ok 'the host: the menu has it' grep -q 'quiet intel_iommu=on$' "$root/boot/grub/grub.cfg"
over setup --yes
is 'the host, twice: exit code' "$rc" 0
like 'the host, twice: nothing to change' "$output" '^Nothing to change\.$'
unlike 'the host, twice: nothing is run' "$output" '^Running'
over setup --undo --yes
is 'the host, undone: exit code' "$rc" 0
like 'the host, undone: read back' "$output" '^Read back:  /boot/grub/grub\.cfg is as the files are$'
sed -i 's/  quiet$/ quiet/' "$root/boot/grub/grub.cfg"
tree "$root" >"$work/after"
ok 'the host, undone: as it was before' cmp -s "$work/before" "$work/after"

here stale <<'END'
grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on"'
END
over setup --yes
is 'written by hand and not brought into force: exit code' "$rc" 0
like 'written by hand and not brought into force: the command alone' "$output" '^Running:    update-grub$'
unlike 'written by hand and not brought into force: no file' "$output" '^Wrote'

here fails <<'END'
grub
put etc/fail ''
END
over setup --yes
is 'a command that fails: exit code' "$rc" 1
like 'a command that fails: told' "$errors" "'update-grub' failed with exit code 5"
like 'a command that fails: the menu is not as it should be' "$errors" 'grub\.cfg does not have the words'
rm "$root/etc/fail"
over setup --yes
is 'a command that failed, again: exit code' "$rc" 0

touch "$root/etc/idle"
over setup --undo --yes
is 'a command that does nothing: exit code' "$rc" 1
like 'a command that does nothing: the menu is as it was' "$errors" 'grub\.cfg does not have the words of the files'

here gone <<'END'
esps 'root=ZFS=rpool/ROOT/pve-1 boot=zfs' 1111-AAAA
script proxmox-boot-tool <<'X'
[ "$1" = refresh ] || exit 2
echo "WARN: /dev/disk/by-uuid/1111-AAAA does not exist - clean '/etc/kernel/proxmox-boot-uuids'! - skipping" >&2
X
END
over setup --yes
is 'an ESP that the refresh skips: exit code' "$rc" 1
like 'an ESP that the refresh skips: written' "$output" '^Running:    proxmox-boot-tool refresh$'
like 'an ESP that the refresh skips: success is what was read back' "$errors" 'not read back: the ESP 1111-AAAA'

here guest <<'END'
grub
script qm <<'X'
[ "$1" = set ] || exit 2
file=/etc/pve/nodes/$(uname -n | cut -d. -f1)/qemu-server/$2.conf
[ ! -e /etc/fail ] || { echo "VM is locked (backup)" >&2 && exit 255; }
[ ! -e /etc/idle ] || exit 0
case $3 in
--hostpci[0-9] | --hookscript) echo "${3#--}: $4" >>"$file" ;;
--delete) for key in $(echo "$4" | tr , ' '); do sed -i "/^$key:/d" "$file"; done ;;
*) exit 2 ;;
esac
X
END
guest_file=$root/etc/pve/nodes/$(uname -n | cut -d. -f1)/qemu-server/100.conf
printf 'name: one\nonboot: 1\n' >"$guest_file"
touch "$root/etc/fail"
over setup --guest 100 --yes
is 'a guest, and qm fails: exit code' "$rc" 1
like 'a guest, and qm fails: told' "$errors" "VM is locked"
mv "$root/etc/fail" "$root/etc/idle"
over setup --guest 100 --yes
is 'a guest, and qm does nothing: exit code' "$rc" 1
like 'a guest, and qm does nothing: told' "$errors" 'qemu-server/100\.conf has no vGPU'
rm "$root/etc/idle"
over setup --guest 100 --yes
is 'a guest: the line' "$(cat "$guest_file")" 'name: one
onboot: 1
hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_2'
like 'a guest: read back' "$output" 'qemu-server/100\.conf:3 has hostpci0: 0000:00:02\.0,mdev=i915-GVTg_V5_2$'
like 'a guest: the one next step' "$output" "^Next: run 'update-initramfs -u -k 6\.1\.0-56-amd64'"
over setup --guest 100 --yes
like 'a guest, twice' "$output" '^Guest 100 has i915-GVTg_V5_2 in hostpci0 already'
unlike 'a guest, twice: nothing is run for it' "$output" '^Running: +qm'

# What a guest was given is taken back, and nothing else.
printf 'name: two\n' >"$(dirname "$guest_file")/101.conf"
mkdir -p "$root/var/lib/vz/snippets"
touch "$root/var/lib/vz/snippets/gvt-early"
over setup --guest 101 --hookscript --yes
is 'a second guest, with the hookscript' "$(cat "$(dirname "$guest_file")/101.conf")" 'name: two
hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4
hookscript: local:snippets/gvt-early'
over setup --guest 101 --undo --yes
is 'one guest, undone: exit code' "$rc" 0
like 'one guest, undone: told' "$output" '^Running:    qm set 101$'
is 'one guest, undone' "$(cat "$(dirname "$guest_file")/101.conf")" 'name: two'
like 'one guest, undone: the other keeps its own' "$(cat "$guest_file")" '^hostpci0: '
over setup --guest 101 --undo --yes
like 'one guest, undone twice' "$output" '^Nothing to undo\.$'
over setup --yes
sed -i 's/^hostpci0: .*/&,pcie=1/' "$guest_file"
touch "$root/etc/fail"
over setup --guest 101 --yes
rm "$root/etc/fail"
over setup --undo --dry-run
like 'a line that was changed since: left alone' "$output" \
	'^Left alone: /.*100\.conf:3 has hostpci0: .*_2,pcie=1; setup has written hostpci0: 0000:00:02\.0,mdev=i915-GVTg_V5_2$'
sed -i 's/,pcie=1//' "$guest_file"
touch "$root/etc/fail"
over setup --undo --yes
is 'undone, and a guest is locked: exit code' "$rc" 1
like 'undone, and a guest is locked: the files' "$output" '^Removed:    /etc/default/grub\.d/zz-gvt-early\.cfg$'
like 'undone, and a guest is locked: the menu' "$output" '^Running:    update-grub$'
rm "$root/etc/fail"
over setup --undo --yes
is 'undone, and the guest is free again: exit code' "$rc" 0
is 'undone, and the guest is free again' "$(cat "$guest_file")" 'name: one
onboot: 1'
like 'undone, and the guest is free again: the menu, which could not be made' "$output" '^Running:    update-grub$'
unlike 'undone, and the guest is free again: the menu has it' "$(cat "$root/boot/grub/grub.cfg")" intel_iommu
ok 'undone: the guests, too: no record is left' [ ! -e "$root/var/lib/gvt-early/setup/record.json" ]
over setup --undo --yes
like 'undone: the guests, too: nothing is left' "$output" '^Nothing to undo\.$'

# What is not there as it was written, or cannot be looked at, is neither taken nor forgotten.
nodes=$root/etc/pve/nodes
over setup --guest 101 --yes
mv "$nodes" "$work/nodes"
over setup --undo --yes
is 'undone without /etc/pve: exit code' "$rc" 1
is 'undone without /etc/pve: one message' "$(printf '%s\n' "$errors" | grep -c .)" 1
like 'undone without /etc/pve: told' "$errors" 'guest 101 keeps what it was given: .*101\.conf cannot be found: /etc/pve has no guests of this node'
mv "$work/nodes" "$nodes"
over setup --guest 100 --yes
mv "$(dirname "$guest_file")/101.conf" "$work/101.conf"
mkdir "$(dirname "$guest_file")/101.conf"
over setup --undo --yes
is 'undone, and the file of one guest cannot be read: exit code' "$rc" 1
like 'undone, and the file of one guest cannot be read: told' "$errors" \
	'guest 101 keeps what it was given: /etc/pve/.*/101\.conf: Is a directory$'
unlike 'undone, and the file of one guest cannot be read: the other is done' "$(cat "$guest_file")" hostpci
rmdir "$(dirname "$guest_file")/101.conf"
mv "$work/101.conf" "$(dirname "$guest_file")/101.conf"
mkdir -p "$nodes/other/qemu-server"
mv "$(dirname "$guest_file")/101.conf" "$nodes/other/qemu-server/"
over setup --undo --yes
like 'undone, and the guest is on another node' "$output" '^Left alone: guest 101 is on another node \(/etc/pve/nodes/other/'
mv "$nodes/other/qemu-server/101.conf" "$(dirname "$guest_file")/"
sed -i 's/^hostpci0/hostpci3/' "$(dirname "$guest_file")/101.conf"
over setup --undo --yes
like 'undone, and the line is in another slot' "$output" '^Left alone: .*101\.conf:2 has hostpci3: .*; setup has written hostpci0: '
sed -i 's/^hostpci3/hostpci0/' "$(dirname "$guest_file")/101.conf"
touch "$root/etc/idle"
over setup --undo --yes
is 'undone, and qm does nothing: exit code' "$rc" 1
like 'undone, and qm does nothing: told' "$errors" 'read back: guest 101 still has what it was given'
rm "$root/etc/idle"
over setup --undo --yes
is 'none of these was forgotten' "$rc$(cat "$(dirname "$guest_file")/101.conf")" '0name: two'
over setup --guest 101 --yes
rm "$(dirname "$guest_file")/101.conf"
over setup --undo --yes
is 'undone, and the guest is gone' "$rc$output" '0Nothing to undo.'
ok 'undone, and the guest is gone: no record is left' [ ! -e "$root/var/lib/gvt-early/setup/record.json" ]

# The initrd is made anew where it lacks what is wanted by now, so that a reboot is all that is left.
here initrd <<'END'
grub
put proc/cmdline 'BOOT_IMAGE=/boot/vmlinuz-6.1.0-56-amd64 root=/dev/sda1 ro quiet intel_iommu=on'
menu quiet intel_iommu=on
sed -i 's/"quiet"/"quiet intel_iommu=on"/' etc/default/grub
END
cat >"$root/usr/sbin/update-initramfs" <<END
#!/bin/sh
echo "update-initramfs: Generating /boot/initrd.img-\$3"
[ ! -e /etc/full ] || exit 1
dir=\$(mktemp -d) && cd "\$dir" && mkdir boot && . "$cli/words.sh" || exit
"$program" snapshot >boot/snapshot 2>/dev/null
PROGRAM=$program make_initrd "\$3" cat && cp boot/initrd.img-* /boot/ && rm -r "\$dir"
END
chmod 755 "$root/usr/sbin/update-initramfs"
cp -p "$work/root.guest/usr/sbin/qm" "$root/usr/sbin/"
guest_file=$root/etc/pve/nodes/$(uname -n | cut -d. -f1)/qemu-server/100.conf
printf 'name: one\nonboot: 1\n' >"$guest_file"
over setup --guest 100
is 'the initrd: nobody can be asked: exit code' "$rc" 2
touch "$root/etc/fail"
over setup --guest 100 --yes
unlike 'the initrd, where the guest did not get its line: left as it is' "$output" 'update-initramfs'
mv "$root/etc/fail" "$root/etc/full"
over setup --guest 100 --yes
is 'the initrd, and its command fails: exit code' "$rc" 1
like 'the initrd, and its command fails: told' "$errors" "'update-initramfs -u -k 6\.1\.0-56-amd64' failed with exit code 1"
like 'the initrd, and its command fails: the next step' "$output" "^Next: run 'update-initramfs -u -k 6\.1\.0-56-amd64'\$"
rm "$root/etc/full"
over setup --guest 100
is 'the initrd, without a terminal: exit code' "$rc" 1
unlike 'the initrd, without a terminal: nothing is run' "$output" '^Running'
like 'the initrd, without a terminal: the next step' "$output" "^Next: run 'update-initramfs"
over setup --guest 100 --yes
is 'the initrd: exit code' "$rc" 0
like 'the initrd: the command is shown' "$output" '^Command to run: update-initramfs -u -k 6\.1\.0-56-amd64$'
like 'the initrd: the command is run' "$output" '^Running:    update-initramfs -u -k 6\.1\.0-56-amd64$'
like 'the initrd: the one next step' "$output" '^Next: reboot$'
is 'the initrd: check is printed once' "$(printf '%s\n' "$output" | grep -c ^Verdict)" 1
over setup --guest 100 --yes
is 'the initrd, twice: exit code' "$rc" 0
unlike 'the initrd, twice: nothing is run' "$output" '^Running'

# The same on a host whose GPU is split by SR-IOV.
here guest-vf <<'END'
sriov_grub
tools update-grub update-initramfs
script qm <<'X'
echo "${3#--}: $4" >>"/etc/pve/nodes/$(uname -n | cut -d. -f1)/qemu-server/$2.conf"
X
END
guest_file=$root/etc/pve/nodes/$(uname -n | cut -d. -f1)/qemu-server/104.conf
printf 'name: four\n' >"$guest_file"
over setup --guest 104 --yes
like 'a guest with a VF: read back' "$output" '104\.conf:2 has hostpci0: 0000:00:02\.1$'
is 'a guest with a VF: the line' "$(cat "$guest_file")" 'name: four
hostpci0: 0000:00:02.1'

here evaluated <<'END'
grub '. /etc/default/grub.mine'
put etc/default/grub.mine 'GRUB_CMDLINE_LINUX_DEFAULT="from elsewhere"'
END
over setup --yes
is 'a file that sources another: exit code' "$rc" 0
ok 'a file that sources another: sh has the last word' grep -q 'from elsewhere intel_iommu=on$' "$root/boot/grub/grub.cfg"
here ended <<'END'
grub 'GRUB_CMDLINE_LINUX_DEFAULT="$(echo quiet)"' '[ -z "$(cat /etc/hostname)" ] || exit 0'
END
over setup --yes
is 'sh reads something else: exit code' "$rc" 1
like 'sh reads something else: told' "$errors" 'nothing was changed: sh would not read the files as intended'
ok 'sh reads something else: nothing is written' [ ! -e "$root/$dropin" ]
# Whoever calls it may have other files open.
over setup --yes 3</dev/null
is 'sh reads something else, called with an open descriptor: exit code' "$rc" 1
ok 'sh reads something else, called with an open descriptor: nothing is written' [ ! -e "$root/$dropin" ]
done_testing
