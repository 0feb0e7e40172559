#!/bin/sh
# "make deb": builds the package in a copy of the tree, so that nothing is made inside the tree itself.
#
# usage: make-deb.sh BUILD         (in the top directory, with the libraries' tarballs in BUILD/sources)
#
# Leaves one file, BUILD/deb/gvt-early_VERSION_amd64.deb, the same that "make dist" makes, without its tests. The copy, its log and
# the debug symbols stay in BUILD/package. Nothing is done while what goes in is the same, and a package that comes out the same
# is not touched.
set -eu
. "$(dirname "$0")/source-tree.sh"

[ $# -eq 1 ] || die "usage: make-deb.sh BUILD"
build=$(cd "$1" && pwd)
work=$build/package
copy=$work/gvt-early

tools() {
	dpkg-query -W -f='${Package} ${Version}\n' binutils debhelper dpkg-dev gcc linux-libc-dev scdoc
	cc --version
}
# What goes in: the tree but for what is neither part of the package nor of its build, and the tools. The pins say what the libraries'
# sources are: these are not unpacked for it.
inputs() {
	tree_tar "$build" x '^tests/' | sha256sum
	sha256sum <tests/tests.mk
	tools
}
libs_inputs() {
	sha256sum early/libs/* debian/rules
	tools
}
mkdir -p "$build/deb" "$work"
inputs >"$work/inputs"
libs_inputs >"$work/libs.inputs"

present() { [ "$(ls "$build/deb")" = "$(cat "$work/result" 2>/dev/null)" ]; }
if cmp -s "$work/inputs" "$work/built" && present; then
	exit 0
fi

# The libraries take longer than the program and seldom change: what the last build made of them is used again.
rm -rf "$work/libs" "$work/built"
[ ! -d "$copy/build/libs" ] || mv "$copy/build/libs" "$work/libs"
rm -rf "$copy" "$work"/*.deb
unpack_tree "$build" "$copy"
if [ -d "$work/libs" ] && cmp -s "$work/libs.inputs" "$work/libs.built"; then
	mkdir "$copy/build"
	mv "$work/libs" "$copy/build/libs"
fi
rm -rf "$work/libs.built" "$work/libs"

# -d: the Makefile has seen to the packages. -nc: a clean would remove the libraries.
DEB_BUILD_OPTIONS=nocheck build_package "$copy" "$work/log" --build=binary --no-pre-clean -d
mv "$work/libs.inputs" "$work/libs.built"

made=gvt-early_${version}_amd64.deb
cmp -s "$work/$made" "$build/deb/$made" || mv "$work/$made" "$build/deb/$made"
for old in "$build"/deb/*; do
	[ "${old##*/}" = "$made" ] || rm -rf "$old"
done
echo "$made" >"$work/result"
mv "$work/inputs" "$work/built"
echo "DEB  $1/deb/$made"
