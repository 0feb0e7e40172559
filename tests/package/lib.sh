# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of packaging share: tests/cli/lib.sh (TAP), and the package's names. Sourced by programs in tests/package.
. "$(dirname "$0")/../cli/lib.sh"
# shellcheck disable=SC2034 # for that one
cli=$top/tests/cli
PATH=$PATH:/usr/sbin:/sbin

# shellcheck disable=SC2034 # for the tests
{
	version=$(dpkg-parsechangelog -l "$top/debian/changelog" -S Version)
	upstream=${version%-*}
	deb=$build/deb/gvt-early_${version}_amd64.deb
}

# cannot_run WHY: skipped, or failed where MUST_RUN is set.
cannot_run() {
	if [ -n "${MUST_RUN-}" ]; then
		echo "Bail out! $1"
		exit 1
	fi
	echo "1..0 # SKIP $1"
	exit 0
}

# offline COMMAND...: without network.
offline() {
	if [ "$(id -u)" -eq 0 ]; then unshare --net "$@"; else unshare --map-root-user --net "$@"; fi
}

# copy_tree DIRECTORY: the sources as a tarball has them, without git.
copy_tree() {
	mkdir -p "$1"
	(cd "$top" && { git ls-files -z --cached --others --exclude-standard 2>/dev/null || find . -name build -prune -o ! -type d -print0; } |
		perl -0ne 'chomp; print "$_\0" if lstat' | tar -c --null --files-from=-) | tar -x -C "$1"
}

# components: the names of the pinned libraries, and component_tarballs: what they are called in the source package.
components() { awk '!/^#/ { print $1 }' "$top/early/libs/pins" | sort; }
component_tarballs() {
	awk -v upstream="$upstream" '!/^#/ { sub(/.*[.]orig[.]/, "", $4); print "gvt-early_" upstream ".orig-" $1 "." $4 }' \
		"$top/early/libs/pins" | sort
}

# fields FILE FIELD: the lines of a field in a .dsc or .changes.
fields() { awk -v field="$2:" '$1 == field { on = 1; next } /^[^ ]/ { on = 0 } on' "$1"; }

# sums_right DIRECTORY: those in its SHA256SUMS.
sums_right() { (cd "$1" && sha256sum --quiet --strict --check SHA256SUMS); }

# fresh_root BASE DIRECTORY: leaves $root, a copy of the tree BASE that may be changed, somewhere below DIRECTORY, in place of the last one.
# The caller has mounts of its own, and vm/common.sh; where there is no overlay, all of it is copied. drop_root removes it.
fresh_root() {
	drop_root
	root=$(mktemp -d "$2/.root.XXXXXX")/root
	mkdir "${root%/*}/upper" "${root%/*}/work" "$root"
	set -- "$1" "lowerdir=$1,upperdir=${root%/*}/upper,workdir=${root%/*}/work"
	# volatile: dpkg and the generators wait for the disk after each file, for a root that is thrown away.
	mount -t overlay -o "$2,volatile" overlay "$root" 2>/dev/null || mount -t overlay -o "$2" overlay "$root" 2>/dev/null ||
		copy_root "$1" "$root"
}
drop_root() {
	[ -n "${root-}" ] || return 0
	! mountpoint -q "$root" || umount "$root" || return
	remove_root "${root%/*}"
	root=
}
