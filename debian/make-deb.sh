#!/bin/sh
# "make deb": builds the package in a copy of the tree, so that nothing is made inside the tree itself.
#
# usage: make-deb.sh BUILD         (in the top directory, with the pinned libraries built in BUILD/libs)
#
# Leaves one file, BUILD/deb/gvt-early_VERSION_amd64.deb, the same that dpkg-buildpackage makes. The copy, its log and the
# debug symbols stay in BUILD/package. Nothing is done while what goes in is the same, and a package that comes out the same
# is not touched.
set -eu

die() { echo "make-deb.sh: $*" >&2; exit 1; }

[ $# -eq 1 ] || die "usage: make-deb.sh BUILD"
build=$(cd "$1" && pwd)
work=$build/package
copy=$work/gvt-early
jobs=$(nproc)

# Every file that git knows of or would add, so that what is not committed yet is in the package; without git every file
# outside of build.
tree_files() {
	if ! { [ -e .git ] && git ls-files -z --cached --others --exclude-standard 2>/dev/null; }; then
		find . '(' -path ./build -o -path "./${build#"$PWD"/}" -o -path ./.git ')' -prune -o ! -type d -print0
	fi | LC_ALL=C sort -zu | perl -0ne 'chomp; print "$_\0" if lstat'
}

rm -rf "$copy"
mkdir -p "$copy" "$build/deb"
tree_files | tar --create --null --no-recursion --verbatim-files-from --files-from=- | tar --extract --directory="$copy"
(cd "$copy" && dh_clean)

# What goes in: the tree but for what is neither part of the package nor of its build, the libraries, the tools.
inputs() {
	tar --create --directory="$copy" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
		--exclude=./README.md --exclude=./tests . | sha256sum
	sha256sum <"$copy/tests/tests.mk"
	(cd "$build/libs" && sha256sum ./*/lib/*.a ./*/version)
	dpkg-query -W -f='${Package} ${Version}\n' binutils debhelper dpkg-dev gcc libc6-dev libblkid-dev libinih-dev \
		libjansson-dev liblz4-dev liblzma-dev libzstd-dev scdoc uuid-dev zlib1g-dev
	cc --version
}
inputs >"$work/inputs"

present() { [ "$(ls "$build/deb")" = "$(cat "$work/result" 2>/dev/null)" ]; }
if cmp -s "$work/inputs" "$work/built" && present; then
	exit 0
fi
rm -f "$work/built" "$work"/*.deb

# The libraries keep their times, and so are not built again.
mkdir -p "$copy/build/libs"
cp -a "$build/sources" "$copy/build/"
for lib in "$build"/libs/*; do
	mkdir "$copy/build/libs/${lib##*/}"
	cp -a "$lib/include" "$lib/lib" "$lib/version" "$copy/build/libs/${lib##*/}/"
done

# Variables of the calling make, and compiler flags of the caller, shall not decide what is in the package. -d: the Makefile
# has seen to the packages. -nc: a clean would remove the libraries.
if ! (cd "$copy" && env -i PATH="$PATH" LC_ALL=C.UTF-8 DEB_BUILD_OPTIONS="parallel=$jobs" \
	dpkg-buildpackage --build=binary --no-sign --no-pre-clean -d) >"$work/log" 2>&1; then
	tail -n 20 "$work/log" >&2
	die "the package could not be built; the whole log is $work/log"
fi

made=$(cd "$work" && echo gvt-early_*_amd64.deb)
cmp -s "$work/$made" "$build/deb/$made" || mv "$work/$made" "$build/deb/$made"
for old in "$build"/deb/*; do
	[ "${old##*/}" = "$made" ] || rm -rf "$old"
done
echo "$made" >"$work/result"
mv "$work/inputs" "$work/built"
echo "DEB  $1/deb/$made"
