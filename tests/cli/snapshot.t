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

done_testing
