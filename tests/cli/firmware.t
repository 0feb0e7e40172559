#!/bin/sh
# "firmware": what of i915's firmware goes into the initrd.
. "$(dirname "$0")/lib.sh"

# firmware_on NAME WHAT <LINES
firmware_on() {
	fixture "$1"
	golden "firmware-$1" "$2" 0 firmware --root "$root"
}

firmware_on coffee-lake 'of the GPU that is there' </dev/null
firmware_on skylake 'of another' <<'END'
no_gpu
gpu 0000:00:02.0 1912
END
firmware_on broadwell 'of one that has none' <<'END'
no_gpu
gpu 0000:00:02.0 1616
END
firmware_on guc 'GuC and HuC when they are asked for' <<'END'
cmdline i915.enable_guc=2
END
firmware_on guc-options 'or in modprobe.d' <<'END'
modprobe options i915 enable_guc=2
END
firmware_on guc-off 'and not when they are switched off' <<'END'
cmdline i915.enable_guc=0
modprobe options i915 enable_guc=2
END
firmware_on no-gpu 'of all, when no GPU is in sight' <<'END'
no_gpu
END

done_testing
