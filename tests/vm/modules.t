#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What can be wrong with the modules, on the running host: apply says which it is, and loads nothing in vain.
. "$(dirname "$0")/lib.sh"
plan 30

# The early stage has nothing to do here, so that i915 is still unloaded in the real root.
printf '[snapshot]\nversion = 1\n' >"$work/empty.conf"

guest <<'END'
modules=/lib/modules/$(uname -r)
apply() {
	gvt-early apply
	echo "$1: $?"
	for module in i915 kvmgt; do
		[ -e /sys/module/$module ] && echo "$1: $module is loaded"
	done
}
mkdir -p $modules/updates/dkms /tmp/away
# The more modules there are, the longer depmod takes.
for dir in sound net drivers/hwmon drivers/iio drivers/infiniband drivers/net drivers/scsi drivers/usb; do
	rm -rf $modules/kernel/$dir
done

# A build of DKMS has GVT-g when its file has the parameter, whatever its folder.
mv $modules/updates/i915.ko $modules/updates/dkms/
depmod
apply dkms-gvt
for instance in /sys/bus/mdev/devices/*; do
	echo 1 >"$instance/remove"
done
rmmod kvmgt i915
cp $modules/updates/dkms/i915.ko /tmp/away/
sed -i 's/enable_gvt/enable_xyz/g' $modules/updates/dkms/i915.ko
apply dkms
rm $modules/updates/dkms/i915.ko
mv /tmp/away/i915.ko $modules/updates/
depmod

real=$modules/kernel/drivers/gpu/drm/i915/kvmgt.ko
mv $modules/updates/kvmgt.ko /tmp/away/
mv $real /tmp/away/real.ko
depmod
apply no-module
mv /tmp/away/real.ko $real
mv /tmp/away/kvmgt.ko $modules/updates/
depmod

mv $modules/updates/kvmgt.ko /tmp/away/
apply no-file
mv /tmp/away/kvmgt.ko $modules/updates/
rmmod i915

for name in kvmgt i915; do
	file=$modules/updates/$name.ko
	cp $file /tmp/away/
	head -c $(($(stat -c %s $file) / 2)) /tmp/away/$name.ko >$file
	apply $name-cut
	gvt-early check | sed "s/^/$name-cut check: /"
	mv /tmp/away/$name.ko $file
	rmmod i915 2>/dev/null
done

modprobe i915 enable_gvt=0
apply parameter
rmmod i915

# Names from the guides that this kernel lacks, and one that it has.
cat >/etc/gvt-early/conf.d/modules.conf <<CONF
[settings]
modules = vfio vfio_mdev exngt xengt vfio-pci vfio_virqfd
CONF
apply guides

# The kernel looks for a signature before it looks at the file; once it insists on one it does so until it ends.
for instance in /sys/bus/mdev/devices/*; do
	echo 1 >"$instance/remove"
done
rmmod kvmgt i915
cp $modules/updates/i915.ko /tmp/away/
head -c $(($(stat -c %s /tmp/away/i915.ko) / 2)) /tmp/away/i915.ko >$modules/updates/i915.ko
echo 1 >/sys/module/module/parameters/sig_enforce
apply unsigned-cut
gvt-early check | sed "s/^/unsigned-cut check: /"
cp /tmp/away/i915.ko $modules/updates/i915.ko
apply unsigned
gvt-early check | sed "s/^/unsigned check: /"

END
boot quick --aperture 1024 --script-timeout 180 --timeout 300 --file "$work/empty.conf=/etc/gvt-early/snapshot.conf"

like 'a DKMS build of i915 that has GVT-g is used' "$output" '^dkms-gvt: 0$'
like 'and loaded' "$output" '^dkms-gvt: kvmgt is loaded'
like 'a DKMS build of i915 that has not is told' "$output" 'i915-blocked: i915 is a DKMS build .*updates/dkms/i915.ko has no parameter enable_gvt'
like 'degraded' "$output" '^dkms: 1$'
unlike 'and not loaded' "$output" '^dkms: i915 is loaded'

like 'a kvmgt whose file is gone is told' "$output" 'load kvmgt: its file, or a module that it depends on, does not exist'
like 'as a kvmgt that is not loaded' "$output" 'kvmgt-refused: '
like 'degraded' "$output" '^no-file: 1$'

for name in kvmgt i915; do
	like "a cut $name is told, with its file" "$output" "load $name: /lib/modules/6[^ ]*/updates/$name.ko is damaged \\(Exec format error\\)"
	like 'check says so too' "$output" "^$name-cut check: .*$name could not be loaded"
	like 'and nothing else of the modules' "$output" "^$name-cut check: Verdict failed: $name-refused, kvm-absent$"
done

like 'a kernel without kvmgt is told' "$output" 'kvmgt-missing: kernel 6[^ ]* has no module kvmgt here'
like 'degraded' "$output" '^no-module: 1$'

like 'an i915 without enable_gvt is told, with the cure' "$output" \
	'gvt-param-off: i915 was loaded with enable_gvt=N.*run .gvt-early check., which names the cause and the fix'
like 'degraded' "$output" '^parameter: 1$'
unlike 'and kvmgt is not loaded in vain' "$output" '^parameter: kvmgt is loaded'

like 'a cut i915 is told where the kernel misses its signature first' "$output" \
	'load i915: /lib/modules/6[^ ]*/updates/i915.ko is damaged \(Key was rejected by service\)'
unlike 'and check does not blame the signature' "$output" '^unsigned-cut check: .*Loading of unsigned'
like 'a whole one without a signature is told as such' "$output" 'load i915: its signature is not accepted \(Key was rejected by service\)'
like 'also by check' "$output" '^unsigned check: .*Loading of unsigned'

like 'a name that the kernel lacks is told' "$output" 'load vfio_mdev: kernel 6[^ ]* has no such module; skipped'
like 'and the typo of the guides' "$output" 'load exngt: .* has no such module; skipped'
like 'a name with a dash is the same module' "$output" 'load vfio-pci: (loaded|was loaded already)'
like 'vfio_virqfd, which 6.1 still has' "$output" 'load vfio_virqfd: (loaded|was loaded already)'
like 'all is well with them' "$output" '^guides: 0$'
like 'i915 is loaded with its option' "$output" 'load i915: loaded with enable_gvt=1'
like 'and makes the instances' "$output" 'create 00000000-0000-0000-0000-000000000100: i915-GVTg_V5_4 on 0000:00:02.0'
