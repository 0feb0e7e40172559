#!/bin/sh
# "make dist": the source package and the package made of it, with checksums. Needs no root, and no network.
#
# usage: make-dist.sh BUILD [source]       (in the top directory, with the libraries' tarballs in BUILD/sources)
#
# Leaves BUILD/dist: the release as a tarball, each pinned library's own tarball beside it as a component (byte by byte as
# upstream has published it, so that its checksum can be compared), .dsc, .deb, debug symbols, .changes, .buildinfo, SHA256SUMS.
# With "source" the source package alone, in BUILD/dist-source. DEB_BUILD_OPTIONS=nocheck leaves out the tests.
set -eu
. "$(dirname "$0")/source-tree.sh"

[ $# -eq 1 ] || [ "$*" = "$1 source" ] || die "usage: make-dist.sh BUILD [source]"
build=$(cd "$1" && pwd)
out=$build/dist${2:+-$2}
work=$out.new
copy=$work/gvt-early-$upstream

rm -rf "$work"
mkdir -p "$work"
tree_tar "$build" "gvt-early-$upstream" | xz -9 --threads=1 >"$work/gvt-early_$upstream.orig.tar.xz"
components | while read -r name tarball _; do
	cp "$build/sources/$tarball" "$work/gvt-early_$upstream.orig-$name.${tarball#*.orig.}"
done
unpack_tree "$build" "$copy"

build_package "$copy" "$work/log" ${2:+--build=source -d --no-pre-clean}

rm -rf "$copy"
(cd "$work" && rm -f log && sha256sum -- * >SHA256SUMS)
rm -rf "$out"
mv "$work" "$out"
echo "DIST $1/${out##*/}"
