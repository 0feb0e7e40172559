#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The matrix: each cell of matrix.cells is built and booted in full, and the instances have to be there before the guests.
#
# MATRIX=all takes all cells instead of the core, and compares README.md's table with what came out.
# Leaves $BUILD/vm/matrix.table, which tests/summary prints, and README.md's lines in matrix.rows.
# takes 240 s
. "$(dirname "$0")/lib.sh"

cells=$work/cells
grep -v '^#' "$vm_dir/matrix.cells" >"$cells"
all=0
[ "${MATRIX:-core}" != all ] || all=1
[ $all = 1 ] || sed -i '/ core$/!d' "$cells"
plan $((5 * $(grep -c . "$cells") + all))
wanted=$(grep -c '= *i915-GVTg_' "$vm_dir/gvt-early.conf")
rm -f "$build/vm/matrix.table" "$build/vm/matrix.rows"

# What cannot be known when the machine does not come up stays "-".
guest <<'END'
. /etc/os-release
echo "Debian $VERSION"
uname -r
END

# line ROOT KERNEL GENERATOR RESULT SECONDS INSTANCES LOADED-BY
line() { printf '%-17s %-32s %-31s %-7s %7s  %-9s  %s\n' "$@" >>"$work/table"; }
line root 'kernel, modules' 'initrd by' result seconds instances 'i915 loaded by'

# missing: the first wanted instance that was not there before the guests.
missing() {
	for pair in 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01:4 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a02:8 \
		00000000-0000-0000-0000-000000000100:4; do
		printf '%s\n' "$guests_mdevs" | grep -qx "${pair%:*} i915-GVTg_V5_${pair#*:} 0000:00:02.0" || echo "$pair"
	done
}

while read -r root system _ <&3; do
	cell="$root $system"
	before=$failures
	generator=- modules=- kernel=- release="Debian (${root%%-*})" there=- loaded_by=-
	if dir=$("$vm_dir/system.sh" "$root" "$system" 2>"$work/build.log"); then
		generator=$(cat "$dir/generator") modules=$(cat "$dir/modules")
		if try_boot full --timeout 300; then
			release=$(printf '%s\n' "$output" | sed -n 1p)
			kernel=$(printf '%s\n' "$output" | sed -n 2p)
			there=$(printf '%s\n' "$guests_mdevs" | grep -c .)
			loaded_by=$(printf '%s' "$report" | jq -r '.i915_loaded_by // "-"' 2>/dev/null)
		fi
		ok "$cell: came up"
	else
		failed "$cell: the system was built"
		diag "$(tail -n 20 "$work/build.log")"
		verdict='not built' seconds=- report='' guests_mdevs='' failed_units='not built'
	fi
	is "$cell: the wanted instances were there before the guests" "$(missing)" ''
	json "$cell: all well, as reported" '[.state, .result] | join(" ")' 'done ok'
	is "$cell: no unit has failed" "$failed_units" ''
	is "$cell: gvt-early has loaded i915" "$loaded_by" gvt-early

	result=ok
	[ "$failures" = "$before" ] || result=FAILED
	line "$root" "$kernel, $modules" "$generator" "$result" "${seconds%.*}" "$there of $wanted" "${loaded_by:--}"
	series=$(printf '%s' "$kernel" | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
	echo "| $release | $series, \`$modules\` | $generator | $result |" >>"$work/rows"
done 3<"$cells"

mv "$work/table" "$build/vm/matrix.table"
mv "$work/rows" "$build/vm/matrix.rows"
[ $all = 0 ] ||
	ok "README.md's table is what came out" "$vm_dir/matrix-readme.sh" compare "$build/vm/matrix.rows"
