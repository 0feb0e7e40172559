#!/bin/sh
# The manual pages say what the program does.
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1

# The value of a constant, as a number.
constant() {
	echo $(($(printf '#include "read/config/config.h"\n%s\n' "$1" | ${CC:-cc} -E -P -Iearly - | tail -n 1)))
}

# What a row of a table in a page has in its second column: "|  NAME", then ":  VALUE".
limit() { sed -n "/^|  $1\$/{n;s/^:  //p}" early/gvt-early.conf.5.scd; }

is 'the limit of a file' "$(limit 'bytes in a file')" "$(constant CONFIG_FILE_MAX)"
is 'the limit of a line' "$(limit 'characters in a line')" "$(constant CONFIG_LINE_MAX)"
is "the limit of a section's name" "$(limit "characters in a section name")" "$(constant CONFIG_SECTION_MAX)"
is 'the limit of files' "$(limit 'files in conf.d')" "$(constant CONFIG_FILES_MAX)"
is 'the limit of instances' "$(limit instances)" "$(constant WANTED_MAX)"
is 'the limit of modules' "$(limit modules)" "$(constant MODULES_MAX)"
is 'the limit of a list of guests' "$(limit 'VM IDs in a list')" "$(constant GUEST_IDS_MAX)"
is 'the limit of a mapping' "$(limit 'entries of a mapping for one node, for a vGPU')" "$(constant PARENTS_MAX)"
is 'the limit of a mapping of VFs' "$(limit 'entries of a mapping for one node, for VFs')" "$(constant MAPPING_ENTRIES_MAX)"
is 'the limit of PCI devices' "$(limit 'PCI devices that guests name without mdev=')" "$(constant CLAIMS_MAX)"
is 'the limit of sections for SR-IOV' "$(limit 'sections \[sriov\]')" "$(constant SRIOV_WISHES_MAX)"
is 'the limit of VFs' "$(limit 'VFs of a GPU')" "$(constant SRIOV_VFS_MAX)"
like 'the deadline' "$(cat early/gvt-early.conf.5.scd)" \
	"; $(constant DEADLINE_MIN_S) to $(constant DEADLINE_MAX_S), default $(constant DEADLINE_DEFAULT_S)\."

page=$(cat early/gvt-early.8.scd)
run -h
commands=$(printf '%s\n' "$output" | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')
ok 'the help names commands' [ "$(printf '%s\n' "$commands" | wc -l)" -ge 6 ]
for command in $commands; do
	like "the command $command" "$page" "^\*$command\*"
done
for option in $(printf '%s\n' "$output" | grep -o -e '--[a-z-]*' | sort -u); do
	like "the option $option" "$page" "\*$option\*"
done

# Whatever a schema allows is described.
for key in $(jq -r '.. | .properties? // empty | keys[]' "$cli"/schema/*.json | sort -u); do
	like "the key $key of JSON" "$page" "[_*]${key}[_*]"
done

# The order in which modules are loaded, which several pages tell.
fixture order <<'END'
config gvt-early.conf <<X
[guest 100]
hostpci0 = i915-GVTg_V5_4
X
END
run plan --json --root "$root"
is 'the order of the modules' "$(printf '%s' "$output" | jq -r '[.modules[].name] | join(" ")')" \
	'vfio vfio_iommu_type1 vfio_pci i915 kvmgt'
like 'the same in gvt-early.conf(5)' "$(tr '\n\t' '  ' <early/gvt-early.conf.5.scd | tr -s ' ')" \
	'before i915 and kvmgt, which are always loaded last, in this order.*Default: vfio vfio_iommu_type1 vfio_pci\.'
like 'in gvt-early(8)' "$(printf '%s' "$page" | tr '\n' ' ')" 'the modules of vfio, then i915 with _enable_gvt=1_, then kvmgt'
like 'and in the README' "$(tr '\n' ' ' <README.md | tr -s ' |')" 'vfio, vfio_iommu_type1, vfio_pci .*-> i915 enable_gvt=1 -> kvmgt'

# The example in the page can be used as it stands.
# shellcheck disable=SC2016 # the backticks are scdoc's
sed -n '/^# EXAMPLE/,/^# /{/^```/,/^```/{/^```/!p}}' early/gvt-early.conf.5.scd >"$work/example"
{
	echo 'config gvt-early.conf <<X'
	cat "$work/example"
	echo X
} >"$work/lines"
fixture example <"$work/lines"
run plan --root "$root"
is 'the example: no mistake in it' "$rc$errors" 0
ok 'the example: it wants something' [ "$(printf '%s\n' "$output" | grep -c '  create  ')" -ge 3 ]

done_testing
