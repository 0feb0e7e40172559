# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh, and a QEMU inside the machine: this host's own, with its libraries, so that nothing has to be installed there.
#
#   inside                       an array, boot.sh's options that bring it there
#   /qemu/open ADDRESS...        inside: a paused QEMU opens these PCI devices by vfio-pci, and says what its guest sees of them

. "${BASH_SOURCE[0]%/*}/lib.sh"
. "${BASH_SOURCE[0]%/*}/common.sh"

cat >"$work/open" <<'END'
#!/bin/sh
set -- $(for address; do echo "-device vfio-pci,host=$address"; done)
export QEMU_MODULE_DIR=/qemu/modules
printf '%s\n' 'info status' 'info pci' quit |
	/qemu/loader --library-path /qemu/lib /qemu/qemu -L /qemu/share -M pc -m 64 -nodefaults -vga none -display none \
		-S -monitor stdio "$@"
END
chmod +x "$work/open"

inside=(--root-file "$work/open=/qemu/open")
bring() { inside+=(--root-file "$(readlink -f "$1")=/qemu/$2"); }
program=$(command -v qemu-system-x86_64)
bring "$program" qemu
while read -r name _ path _; do
	case $name in
	/*) bring "$name" loader ;;
	*) [[ $path != /* ]] || bring "$path" "lib/$name" ;;
	esac
done < <(ldd "$program")
for rom in /usr/share/seabios/bios-256k.bin /usr/share/qemu/bios-256k.bin /usr/share/qemu-kvm/bios-256k.bin; do
	[[ ! -e $rom ]] || bring "$rom" share/bios-256k.bin
done
# Debian's has the emulation of a processor apart.
for module in /usr/lib/*/qemu/accel-tcg-x86_64.so; do
	[[ ! -e $module ]] || bring "$module" "modules/${module##*/}"
done
