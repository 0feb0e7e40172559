# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's packages that some tests need and a root does not have. Sourced after common.sh.
# shellcheck disable=SC2154 # $build, $vm_dir: common.sh

# package_files ROOT NAME PACKAGE: prints the path of a tar with the files of this package, and of what it needs that the root lacks, of that
# root's release. It is fetched once, and called NAME.tar. If it cannot be fetched, the reason is printed to standard error.
package_files() {
	local place=$build/vm/$1 deb
	local tar=$place/$2.tar work=$place/$2
	if [[ -e $tar ]]; then
		echo "$tar"
		return
	fi
	remove_root "$work"
	mkdir -p "$work/upper" "$work/work" "$work/merged" "$work/files"
	# The root itself stays as it is.
	# shellcheck disable=SC2016 # expanded by the inner shells
	unshare -m --propagation private bash -euc '
		. "$1/common.sh"
		mount -t overlay -o "lowerdir=$2/base,upperdir=$3/upper,workdir=$3/work" overlay "$3/merged"
		cp -L /etc/resolv.conf "$3/merged/etc/"
		eval "$(apt-config shell proxy Acquire::http::Proxy)"
		[[ -z ${proxy:-} ]] || export http_proxy=$proxy
		in_root "$3/merged" sh -euc "apt-get -q update && apt-get -qy --no-install-recommends --download-only install \"\$1\"" sh "$4"
		' sh "$vm_dir" "$place" "$work" "$3" >&2 || return
	for deb in "$work/upper/var/cache/apt/archives"/*.deb; do
		dpkg-deb -x "$deb" "$work/files"
	done
	tar -C "$work/files" -cf "$tar.new" .
	mv "$tar.new" "$tar"
	remove_root "$work"
	echo "$tar"
}
