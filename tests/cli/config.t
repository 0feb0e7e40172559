#!/bin/sh
# Mistakes in the configuration: each is told with its place, and the other entries count.
. "$(dirname "$0")/lib.sh"

fixture mistakes <<'END'
config gvt-early.conf <<X
[settings]
deadline = 100
colour = red

[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01]
type = i915-GVTg_V5_4
[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a0x]
type = i915-GVTg_V5_8
[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a02
type = i915-GVTg_V5_8
[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a03]
type = ../../../../etc/passwd
[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a04]
type = i915-GVTg_V5_8
parent = ../00:02.0
[guest 7]
hostpci0 = i915-GVTg_V5_8
nonsense
X
config conf.d/50.conf <<X
[instance 5E1F0B52-6B0C-4C55-9D3E-1F6A7C2B9A01]
type = i915-GVTg_V5_8
[guest 8006]
hostpci1 = i915-GVTg_V5_8
X
END
golden config-mistakes 'mistakes are told, the rest is planned' 2 plan --root "$root"
golden config-mistakes-json 'they are in the JSON too' 2 plan --json --root "$root"
golden config-mistakes-snapshot 'they are told when the snapshot is made' 2 snapshot --root "$root"

fixture nothing-left <<'END'
config gvt-early.conf <<X
[instance 1]
type = i915-GVTg_V5_4
X
END
golden config-nothing-left 'nothing is left to do' 2 plan --root "$root"

fixture unreadable <<'END'
remove etc/gvt-early/gvt-early.conf
put etc/gvt-early/gvt-early.conf/x ''
config conf.d/10.conf <<X
[guest 100]
hostpci0 = i915-GVTg_V5_4
X
END
golden config-unreadable 'a file that cannot be read' 2 plan --root "$root"

fixture bytes <<'END'
config conf.d/10.conf <<X
[guest 100]
hostpci0 = i915-GVTg_V5_4
X
printf 'caf\351 = 1\n' >>etc/gvt-early/conf.d/10.conf
END
run plan --json --root "$root"
is 'a key that is not UTF-8: exit code' "$rc" 2
is 'it is told in the JSON all the same' "$(printf '%s\n' "$output" | jq '.problems | length')" 1

fixture cut <<'END'
config conf.d/10.conf <<X
[guest 100]
hostpci0 = i915-GVTg_V5_4
x__________________________________________________________ä = 1
X
END
run plan --json --root "$root"
is 'a key that is cut within a letter is told in the JSON' "$(printf '%s\n' "$output" | jq '.problems | length')" 1

fixture source <<'END'
config "conf.d/$(printf 'caf\351.conf')" <<X
[guest 100]
hostpci0 = i915-GVTg_V5_4
X
END
run plan --json --root "$root"
is "a file's name that is not UTF-8 hides no instance" "$(printf '%s\n' "$output" | jq '.instances | length')" 4

fixture lacking <<'END'
config conf.d/90.conf <<X
[settings]
modules = vfio foo
X
END
run plan --root "$root"
like 'a module that this kernel does not have, in the plan' "$(printf '%s\n' "$output" | tr -s '\n ' ' ')" \
	'vfio, foo \(skipped: this kernel does not have it\), i915 '

fixture sriov <<'END'
config gvt-early.conf <<X
[sriov]
vfs = 3
host = 3, 4
scheduling = driver
colour = red
[sriov 03:00.0]
vfs = 100
host = 1 x
scheduling = best
[sriov 0000:03:00.0]
[sriov 00:02]
vfs = 3
X
END
golden config-sriov 'mistakes in sections of SR-IOV; the rest of each section counts' 2 snapshot --root "$root"

# What stands in it may be of anybody; a mistake there is not the cause.
fixture directory <<'END'
chmod g+w etc/gvt-early
END
run plan --root "$root"
is 'a directory that others may write to: exit code' "$rc" 2
is 'nothing of it counts, and what mends that' "$errors" "gvt-early: /etc/gvt-early: not owned by root, or writable by others; all of it is ignored; \
chown root:root /etc/gvt-early && chmod go-w /etc/gvt-early"
like 'Next is that' "$(printf '%s\n' "$output" | tr -s '\n ' ' ')" 'Next: chown root:root /etc/gvt-early && chmod go-w /etc/gvt-early'

done_testing
