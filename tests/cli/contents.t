#!/bin/sh
# "contents": which modules and firmware go into the initrd.
. "$(dirname "$0")/lib.sh"

# Modules as small as can be: kvmgt needs a symbol of i915 and one of mdev, i915 names the firmware that it may ask for.
cat >"$work/i915.c" <<'END'
#define INFO(n, text) __attribute__((section(".modinfo"), used)) static const char info##n[] = text;
__attribute__((section("__ksymtab_strings"), used)) static const char exported[] = "of_i915";
INFO(1, "firmware=i915/kbl_dmc_ver1_04.bin") INFO(2, "firmware=i915/skl_dmc_ver1_27.bin")
INFO(3, "firmware=i915/bxt_dmc_ver1_07.bin") INFO(4, "firmware=i915/tgl_dmc_ver2_12.bin")
INFO(5, "firmware=i915/kbl_guc_70.1.1.bin") INFO(6, "firmware=i915/kbl_huc_4.0.0.bin")
INFO(7, "firmware=i915/tgl_guc_70.bin") INFO(8, "firmware=i915/cml_huc_4.0.0.bin")
END
cat >"$work/kvmgt.c" <<'END'
extern int of_i915, of_mdev;
int *needs[] = { &of_i915, &of_mdev };
END
cat >"$work/mdev.c" <<'END'
__attribute__((section("__ksymtab_strings"), used)) static const char exported[] = "of_mdev";
END
for name in i915 kvmgt mdev; do
	${CC:-cc} -c -o "$work/$name.ko" "$work/$name.c" || exit 1
done
export work

# contents_on NAME WHAT <LINES
contents_on() {
	fixture "$1" <<-END
		modules \$usual_modules kernel/drivers/vfio/mdev/mdev.ko
		drivers=lib/modules/\$release/kernel/drivers
		cp "$work/i915.ko" "$work/kvmgt.ko" \$drivers/gpu/drm/i915/
		cp "$work/mdev.ko" \$drivers/vfio/mdev/
		$(cat)
	END
	golden "contents-$1" "$2" 0 contents --root "$root"
}

contents_on coffee-lake 'of the GPU that is there' </dev/null
run_inside contents --kernel 6.1.0-56-amd64
is 'in a chroot nothing is said of the GPU: exit code' "$rc" 0
is 'in a chroot nothing is said of the GPU' "$(printf '%s\n' "$output" | grep -c ^firmware)" 3
contents_on skylake 'firmware of another' <<'END'
no_gpu
gpu 0000:00:02.0 1912
END
contents_on broadwell 'of one that has none' <<'END'
no_gpu
gpu 0000:00:02.0 1616
END
contents_on guc 'GuC and HuC when they are asked for' <<'END'
cmdline i915.enable_guc=2
END
contents_on guc-options 'or in modprobe.d' <<'END'
modprobe options i915 enable_guc=2
END
contents_on guc-off 'and not when they are switched off' <<'END'
cmdline i915.enable_guc=0
modprobe options i915 enable_guc=2
END
contents_on no-gpu 'of all, when no GPU is in sight' <<'END'
no_gpu
END
contents_on unknown-module 'a module that the kernel lacks is told, the rest goes in' <<'END'
config conf.d/modules.conf <<'CONF'
[settings]
modules = vfio exngt
CONF
END
golden contents-other-kernel 'a kernel that is not there is told' 1 contents --root "$root" --kernel 1.2.3
fixture no-kvmgt <<'END'
remove lib/modules/$release/kernel/drivers/gpu/drm/i915/kvmgt.ko
END
golden contents-no-kvmgt 'so is one without kvmgt' 1 contents --root "$root"

fixture late <<'END'
config conf.d/90.conf <<X
[settings]
early = no
X
END
run contents --root "$root"
is 'early = no: nothing goes in, and that is told' "$rc$output$errors" \
	"0gvt-early: nothing goes into the initrd: 'early = no' leaves the vGPUs to gvt-early.service"
run status --root "$root"
like 'status says so too' "$(printf '%s\n' "$output" | tr -s '\n ' ' ')" "no early stage: 'early = no' leaves the vGPUs to gvt-early.service"

done_testing
