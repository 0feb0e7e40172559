#!/bin/bash
# Completion by bash: commands, options, types and UUIDs.
. "$(dirname "$0")/lib.sh"
# shellcheck source=/dev/null
. "$top/completion/gvt-early"

# completes WORD...: what the last word becomes, a line each, sorted.
completes() {
	COMP_WORDS=("$program" "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_gvt_early
	printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' ' | sed 's/ $//'
}

run --help
commands=$(printf '%s\n' "$output" | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p' | sort | tr '\n' ' ' | sed 's/ $//')
is 'all commands' "$(completes '')" "$commands"
is 'a command' "$(completes ty)" types
is 'no such command' "$(completes tz)" ''
is 'options before a command' "$(completes --ro)" --root

# An option is offered exactly for the commands that take it. The words too many keep all of them from doing anything.
for command in $commands; do
	offered=" $(completes "$command" --) "
	for option in --root --json --output --kernel --resume --metrics; do
		case $option in
		--json | --metrics) run "$command" $option too many words ;;
		*) run "$command" $option x too many words ;;
		esac
		is "$command $option: nothing was done" "$rc" 2
		case $offered in
		*" $option "*) like "$option is offered for $command, which takes it" "$errors" 'unexpected argument' ;;
		*) like "$option is not offered for $command" "$errors" "'$command' has no option $option" ;;
		esac
	done
done

is 'commands behind help' "$(completes help st)" status

fixture computed </dev/null
is 'types before the driver has any' "$(completes types --root "$root" i915-GVTg_V5)" \
	'i915-GVTg_V5_1 i915-GVTg_V5_2 i915-GVTg_V5_4 i915-GVTg_V5_8'
is 'UUIDs and guests of our own files' "$(completes plan --root "$root" '')" '5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 8006'
fixture loaded <<'END'
loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4
instance 00000000-0000-0000-0000-000000008006 i915-GVTg_V5_8 0000:00:02.0
put var/lib/gvt-early/guests '# gvt-early guests 1, written by the program
vgpu 100 0 18446744073709551615 boot i915-GVTg_V5_4 0000:00:02.0 /etc/pve/nodes/pve/qemu-server/100.conf:7
vgpu 100 1 18446744073709551615 boot i915-GVTg_V5_4 0000:00:02.0 /etc/pve/nodes/pve/qemu-server/100.conf:8
claim 0000:00:02.1 /etc/pve/nodes/pve/qemu-server/105.conf:3 105 0 later pool 0
claim 0000:01:00 /etc/pve/nodes/pve/qemu-server/106.conf:3 106 0 later'
put etc/gvt-early/conf.d/more.conf '[guest 9000]
hostpci0 = i915-GVTg_V5_4'
END
is "the driver's types" "$(completes types --root "$root" '')" 'i915-GVTg_V5_4 i915-GVTg_V5_8'
is 'UUIDs that are there and wanted, and guests' "$(completes status --root "$root" '')" \
	'00000000-0000-0000-0000-000000008006 100 105 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 8006 9000'
is 'the one that begins so' "$(completes status --root "$root" 0)" 00000000-0000-0000-0000-000000008006
is 'guests that have a vGPU, are remembered, or are ours' "$(completes apply --root "$root" --guest '')" '100 105 8006 9000'
mkdir -p "$root/run/qemu-server"
touch "$root/run/qemu-server/107.pid" "$root/run/qemu-server/107.vnc"
is 'guests that run, for setup' "$(completes setup --root "$root" --guest '')" 107
is 'types, for setup' "$(completes setup --root "$root" --guest 107 --type i915-GVTg_V5_)" \
	'i915-GVTg_V5_4 i915-GVTg_V5_8'
is 'the guests that begin so' "$(completes apply --root "$root" --guest 1)" '100 105'
is 'directories for --root' "$(cd "$work" && completes plan --root root.comp)" root.computed
is 'kernels' "$(completes contents --root "$root" --kernel '')" 6.1.0-56-amd64
touch "$work/a.tar"
is 'files for capture' "$(cd "$work" && completes capture a)" a.tar
ok 'bash is told' sh -c "bash -c '. \"$top/completion/gvt-early\"; complete -p gvt-early' | grep -q _gvt_early"

done_testing
