#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# demo.sh [ROOT]: boots a Debian with gvt-early on the emulated machine and shows what happened when.
# Exit status 0 when every wanted instance was there before the stand-in for pve-guests.service started.
set -eu -o pipefail
. "${BASH_SOURCE[0]%/*}/common.sh"
need jq:jq

root=${1:-bookworm}
out=$build/vm/run/demo
status=0

echo "Booting Debian $root with VT-d and an Intel UHD 630 (aperture 1024 MiB), emulated: about half a minute ..."
"$vm_dir/boot.sh" --root "$root" --mode full --aperture 1024 --append gvt_early.deadline=60 --timeout 300 --quiet --out "$out" || status=$?
if [[ $(cat "$out/verdict" 2>/dev/null) != up ]]; then
	tr -d '\r' <"$out/console.log" | tail -n 30 || true
	die "the machine: $(cat "$out/verdict" 2>/dev/null || echo 'not started')"
fi

echo
echo "The kernel's command line: $(<"$out/cmdline")"
echo
echo "The boot, in seconds since the kernel started:"
{
	grep -E '\] (gvt-early|DMAR: IOMMU enabled|gvt: |Run /|i915 .*MDEV: Registered|EXT4-fs \(vda\): mounted|systemd\[1\]: Hostname set)' \
		"$out/dmesg.txt" || true
	printf '[%12.6f] pve-guests.service (the stand-in) starts the guests\n' "$(<"$out/guests.at")"
} | sed 's/^\[ */[/' | sort -t '[' -k 2 -n -s | sed 's/^\[\([^]]*\)\]/\1/' | awk '{ $1 = sprintf("%12s", $1); print }'

if [[ ! -s $out/report.json ]]; then
	echo
	die "no /run/gvt-early/report.json in that boot"
fi
guests_ms=$(awk '{ printf "%d", $1 * 1000 }' "$out/guests.at")
echo
jq -r '"gvt-early: \(.state), \(.result)"' "$out/report.json"
echo
printf '%-36s  %-16s  %-12s  %9s  %9s\n' UUID TYPE PARENT 'MADE, ms' 'BEFORE, ms'
missing=0
while IFS=$'\t' read -r uuid type parent made_us result detail; do
	if grep -qxF "$uuid $type $parent" "$out/guests.mdevs"; then
		printf '%-36s  %-16s  %-12s  %9d  %9d\n' "$uuid" "$type" "$parent" $((made_us / 1000)) $((guests_ms - made_us / 1000))
	else
		printf '%-36s  %-16s  %-12s  MISSING: %s %s\n' "$uuid" "$type" "$parent" "$result" "$detail"
		missing=$((missing + 1))
	fi
done < <(jq -r '.instances[] | [.uuid, .type, .parent // "-", .made_at_us // 0, .result, .detail // ""] | @tsv' "$out/report.json")
wanted=$(grep -c '= *i915-GVTg_' "$vm_dir/gvt-early.conf")
there=$(grep -c . "$out/guests.mdevs" || true)
echo
echo "pve-guests.service (the stand-in) started at $guests_ms ms: $there of $wanted instances were there."
echo "Everything of this boot: $out"
[[ $missing = 0 && $there = "$wanted" && $status = 0 ]]
