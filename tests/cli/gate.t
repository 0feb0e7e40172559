#!/bin/sh
# "gate": whether the next boot has its vGPUs, in two lines at most; and the hook that says so when a kernel was installed.
. "$(dirname "$0")/lib.sh"
export PROGRAM="$program"

# host NAME <LINES: a host with GRUB whose next boot is as it should be, changed by lines of words.sh.
host() {
	root=$work/root.$1
	{ cat "$cli/words.sh" && echo next_host && cat; } | "$cli/make-root.sh" "$root" || exit 1
}
lines() { printf '%s\n' "$output" | sed '/^$/d' | wc -l; }

host fine </dev/null
run gate --root "$root"
is 'all is there: exit code' "$rc" 0
is 'all is there: one line' "$output" 'gvt-early: the next boot (Linux 6.1.0-56-amd64) has what its vGPUs need.'
is 'nothing is written below --root' "$(ls "$root/run/gvt-early" 2>/dev/null)" ''

# On the host itself, which a tree is to what runs in it as its root.
inside=chroot
[ "$(id -u)" -eq 0 ] || inside='unshare -r chroot'
record() { cp "$program" "$root/program" && $inside "$root" /program gate >/dev/null 2>&1; jq -r '"\(.ready) \(.kernel) \(.finding)"' "$root/run/gvt-early/next-boot.json"; }
is 'there the result is kept' "$(record)" 'true 6.1.0-56-amd64 '
rm -r "$root/etc/gvt-early" "$root/etc/pve" 2>/dev/null
is 'and forgotten once nothing is wanted' "$(record 2>&1 | grep -c 'No such file')" 1

host nothing <<'END'
remove etc/gvt-early etc/pve
END
run gate --root "$root"
is 'nothing is wanted: nothing is said' "$rc$output$errors" 0
host no-gpu <<'END'
no_gpu
remove etc/gvt-early etc/pve
END
run gate --root "$root"
is 'no GPU: nothing is said' "$rc$output$errors" 0

# A kernel without kvmgt boots next; the running one would do.
other=$(cat <<'END'
kernel 6.14.8-2-other i915.ko
initrd 6.14.8-2-other cat
{
	grub_entry 'Debian GNU/Linux' gnulinux-simple-1 6.14.8-2-other
	echo "submenu 'Advanced options' \$menuentry_id_option 'gnulinux-advanced-1' {"
	grub_entry 'Debian, 6.1' gnulinux-6.1.0-56-amd64-advanced-1 6.1.0-56-amd64
	echo '}'
} >boot/grub/grub.cfg
END
)
host kernel <<END
$other
END
run gate --root "$root"
is 'a kernel without kvmgt: exit code' "$rc" 1
like 'a kernel without kvmgt: the cause' "$output" '^gvt-early: the next boot \(Linux 6\.14\.8-2-other\) has no vGPUs: .*kvmgt.* \(next-kernel\)$'
is 'a kernel without kvmgt: two lines' "$(lines)" 2
like 'how the running one stays: by proxmox-boot-tool' "$output" "proxmox-boot-tool kernel pin 6\.1\.0-56-amd64"
is '... which is said once' "$(printf '%s\n' "$output" | grep -o 'kernel pin' | wc -l)" 1
host kernel-debian <<END
$other
tools update-initramfs update-grub grub-mkconfig apt
END
run gate --root "$root"
like 'how the running one stays: by GRUB alone' "$output" \
	"or keep Linux 6\.1\.0-56-amd64: run .grub-reboot 'gnulinux-advanced-1>gnulinux-6\.1\.0-56-amd64-advanced-1'.\$"

# What no kernel of this host would have is nothing to keep the running one for.
host kvm <<END
$other
kernel 6.14.8-2-other i915.ko kvmgt.ko
initrd 6.14.8-2-other zstd
tools update-initramfs update-grub grub-mkconfig apt
remove dev/kvm
END
run gate --root "$root"
like 'the fault is not the kernel' "$output" '\(kvm-absent\)$'
unlike '... and the running one would not do either' "$output" 'keep Linux'

# A GPU that SR-IOV splits.
host sriov <<'END'
next_sriov
END
run gate --root "$root"
is 'SR-IOV: all is there' "$rc$output" '0gvt-early: the next boot (Linux 6.18.9-1-pve) has what its vGPUs need.'
host sriov-kernel <<'END'
next_sriov
kernel 6.12.48-1-pve xe.ko i915.ko
cp boot/initrd.img-6.18.9-1-pve boot/initrd.img-6.12.48-1-pve
{
	grub_entry 'Debian GNU/Linux' gnulinux-simple-1 6.12.48-1-pve
	echo "submenu 'Advanced options' \$menuentry_id_option 'gnulinux-advanced-1' {"
	grub_entry 'Debian, 6.18' gnulinux-6.18.9-1-pve-advanced-1 6.18.9-1-pve
	echo '}'
} >boot/grub/grub.cfg
tools update-initramfs update-grub grub-mkconfig apt
END
run gate --root "$root"
like 'SR-IOV: a kernel without it' "$rc$output" '^1gvt-early: the next boot \(Linux 6\.12\.48-1-pve\) has no vGPUs: .*not by a driver of kernel 6\.12\.48-1-pve \(next-kernel\)$'
like 'SR-IOV: how the running one stays' "$output" "keep Linux 6\.18\.9-1-pve: run .grub-reboot 'gnulinux-advanced-1>gnulinux-6\.18\.9-1-pve-advanced-1'.\$"

host initrd <<'END'
initrd 6.1.0-56-amd64 zstd usr/sbin/gvt-early
END
run gate --root "$root"
like 'an initrd without us' "$output" '\(next-initrd\)$'
like 'an initrd without us: the fix' "$output" "^gvt-early: Fix: .*update-initramfs -u"
unlike 'the running kernel is the next one: it is not said how to keep it' "$output" 'keep Linux'
is 'an initrd without us: two lines' "$(lines)" 2

is 'and is kept as not ready' "$(record)" 'false 6.1.0-56-amd64 next-initrd'

host unknown <<'END'
remove boot/grub
put proc/cmdline 'root=/dev/sda1 quiet'
END
run gate --root "$root"
like 'an unknown bootloader is no ok' "$rc$output" '^1gvt-early: the next boot could not be checked as a whole: .*\(next-unknown\)$'

# What was said last is a metric.
host metrics <<'END'
put run/gvt-early/next-boot.json '{"version": 1, "ready": false, "kernel": "6.14.8-2-other", "finding": "next-kernel"}'
END
run status --metrics --root "$root"
like 'metrics: not ready' "$output" '^gvt_early_next_boot_ok\{kernel="6\.14\.8-2-other",finding="next-kernel"\} 0$'
for record in '{"version": 2, "ready": true}' '{"version": 1}' 'nonsense' ''; do
	echo "$record" >"$root/run/gvt-early/next-boot.json"
	run status --metrics --root "$root"
	unlike "metrics: none of '$record'" "$output" '^gvt_early_next_boot_ok[{ ]'
done

#
# The hook, with a program in its place that says what it is told to.
#

mkdir "$work/bin"
cat >"$work/bin/gvt-early" <<'END'
#!/bin/sh
echo "$@" >>"$LOG"
case $SAY in
hang) exec sleep 60 ;;
'') exit 0 ;;
esac
echo "gvt-early: $SAY"
exit 1
END
cat >"$work/bin/logger" <<'END'
#!/bin/sh
case $SAY in
*'journal hangs'*) exec sleep 60 ;;
esac
{ echo "journal $*:" && cat; } >>"$LOG"
END
cat >"$work/bin/timeout" <<'END'
#!/bin/sh
# As timeout, sooner.
shift 3
exec /usr/bin/timeout 1 "$@"
END
chmod +x "$work"/bin/*
sed "s,^program=.*,program=$work/bin/gvt-early," "$top/early/kernel-postinst" >"$work/hook"
export LOG="$work/log"
# hook SAY [NAME=VALUE]...
hook() {
	SAY=$1
	export SAY
	shift
	: >"$LOG"
	output=$(env PATH="$work/bin:$PATH" "$@" sh "$work/hook" 6.1.0-57-amd64 /boot/vmlinuz-6.1.0-57-amd64 2>&1)
	rc=$?
}
hook 'the next boot has no vGPUs'
is 'the hook says it, and never fails' "$rc$output" '0gvt-early: the next boot has no vGPUs'
is 'the journal has it' "$(cat "$LOG")" 'gate
journal -t gvt-early:
the next boot has no vGPUs'
hook ''
is 'nothing to say' "$rc$output$(cat "$LOG")" 0gate
hook x DEB_MAINT_PARAMS='configure 6.1.0-56'
is "Debian 13's way to call it" "$output" 'gvt-early: x'
hook x DEB_MAINT_PARAMS=remove
is 'not at a removal' "$rc$output$(cat "$LOG")" 0
hook hang
is 'a program that hangs' "$rc$output" 0
hook 'the journal hangs'
is 'a journal that hangs' "$rc$output" '0gvt-early: the journal hangs'
rm "$work/bin/gvt-early"
hook x
is 'a program that is gone' "$rc$output" 0
is "its name sorts behind those that write the bootloader's entries" \
	"$(printf '%s\n' zz-update-grub zzz-gvt-early zz-proxmox-boot zz-systemd-boot | LC_ALL=C sort | tail -n 1)" zzz-gvt-early

done_testing
