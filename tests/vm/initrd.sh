# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh, and what looks into the initrd of $root and $system and changes it for the boots that follow.
#
#   open_initrd                  unpacks it to $image; $kver is its kernel, $generator who has made it
#   image_file NAME              the path in it of the file with this name, or this name and a suffix: i915.ko, i915.ko.xz
#   stage_script STAGE           the path of gvt-early's script or unit that calls STAGE: boot, wait
#   around STAGE BEFORE [AFTER]  has it run these shell lines before and after that, by the shell that runs the scripts; without
#                                gvt-early: first of that stage
#   change PATH                  gives it this file, from standard input
#   changes                      an array, boot.sh's options that do all this; open_initrd empties it

. "${BASH_SOURCE[0]%/*}/lib.sh"
. "${BASH_SOURCE[0]%/*}/common.sh"

# The base has initramfs-tools' unmkinitramfs, which opens dracut's as well.
open_initrd() {
	local dir tree=$work/initrd/$root-$system
	dir=$("$vm_dir/system.sh" "$root" "$system") || cannot_run "the $root system '$system' does not build"
	# shellcheck disable=SC2034 # for the test
	kver=$(<"$dir/kver")
	generator=$(<"$dir/generator")
	changes=()
	if [[ ! -d $tree ]]; then
		mkdir -p "$tree"
		BIND="$dir:/mnt $tree:/srv" in_root "$build/vm/$root/base" unmkinitramfs /mnt/initrd.img /srv
	fi
	image=$tree
	[[ ! -d $tree/main ]] || image=$tree/main
}

image_file() {
	local file
	file=$(find "$image/" -name "$1*" -type f -print -quit)
	[[ $file ]] && echo "${file#"$image"}"
}

change() {
	local file=$work/initrd/$boots-${#changes[@]}
	cat >"$file"
	changes+=(--file "$file=$1")
}

stage_script() {
	local hooks
	hooks=/$(find "$image/" -path '*/dracut/hooks' -type d -printf %P)
	case $generator,$1 in
	dracut*,boot) echo "$hooks/pre-udev/05-pre-udev.sh" ;;
	dracut*,wait) image_file gvt-early-wait.service || echo "$hooks/cleanup/95-cleanup.sh" ;;
	*,boot) echo /scripts/init-top/gvt-early ;;
	*,wait) echo /scripts/init-bottom/gvt-early ;;
	esac
}

around() {
	local script dir before=$2 after=${3:-:}
	script=$(stage_script "$1")
	dir=${script%/*}
	if [[ $script = *.service ]]; then
		change /gvt-test/wait <<<"$before
/usr/sbin/gvt-early wait
$after"
		change "/etc/systemd/system/${script##*/}.d/test.conf" <<'END'
[Unit]
ConditionPathExists=
[Service]
ExecStart=
ExecStart=/bin/sh /gvt-test/wait
END
	elif [[ $generator = dracut* ]]; then
		script=${script##*/}
		change "$dir/${script%%-*}-before.sh" <<<"$before"
		change "$dir/${script%%-*}-then.sh" <<<"$after"
	elif [[ -e $image$script ]]; then
		change "$dir/ORDER" < <(before=$before after=$after \
			awk '/\/gvt-early / { print ENVIRON["before"]; print; print ENVIRON["after"]; next } 1' "$image$dir/ORDER")
	else
		change "$dir/ORDER" < <(cat - "$image$dir/ORDER" <<<"$before")
	fi
}
