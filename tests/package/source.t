#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The source package: its components are upstream's own tarballs, it is complete, and it does not depend on who makes it.
. "$(dirname "$0")/lib.sh"

# make_source TREE BUILD: leaves the source package in BUILD/dist-source. The sources are there; everything else would need network.
make_source() {
	mkdir -p "$2"
	cp -R "$build/sources" "$2/"
	(cd "$1" && offline debian/make-dist.sh "$2" source) >"$work/log" 2>&1 || note "$(cat "$work/log")"
}
make_source "$top" "$work/one"
one=$work/one/dist-source
dsc=$one/gvt-early_$version.dsc

is 'the files' "$(cd "$one" && echo *)" "SHA256SUMS gvt-early_$version.debian.tar.xz gvt-early_$version.dsc \
gvt-early_${version}_source.buildinfo gvt-early_${version}_source.changes $(component_tarballs | tr '\n' ' ')gvt-early_$upstream.orig.tar.xz"
ok 'SHA256SUMS is right' sums_right "$one"
is 'and has all of them' "$(awk '{ print $2 }' "$one/SHA256SUMS" | tr '\n' ' ')" \
	"$(cd "$one" && printf '%s ' gvt-early_*)"
is 'the format' "$(sed -n 's/^Format: //p' "$dsc")" '3.0 (quilt)'
for name in $(components); do
	is "component $name is upstream's tarball, as pinned" \
		"$(fields "$dsc" Checksums-Sha256 | awk -v name="orig-${name}[.]tar" '$3 ~ name { print $1 }')" \
		"$(awk -v name="$name" '$1 == name { print $5 }' "$top/early/libs/pins")"
done

# Unpacked it is the tree, with the libraries' sources.
ok 'it unpacks' dpkg-source -q --no-check --extract "$dsc" "$work/tree"
copy_tree "$work/files"
is 'it is the tree, and the components' \
	"$(diff -rq "$work/files" "$work/tree" | sed "s:$work/::g" | LC_ALL=C sort)" "Only in files/debian: .gitignore
Only in tree: .pc
$(components | sed 's/^/Only in tree: /')"
# What would be done: nothing is fetched, and the components are what is built.
dry_run=$(make -C "$work/tree" --no-print-directory --dry-run libs 2>&1)
unlike 'building it fetches nothing' "$dry_run" 'fetch\.sh'
for name in $(components); do
	like "$name is built from the component" "$dry_run" "build\\.sh $name $name "
done
# shellcheck disable=SC2016 # make's
is 'it has the version in it' "$(make -C "$work/tree" --no-print-directory --eval='say-release:;@echo $(RELEASE)' say-release)" "$upstream"

# Another architecture is told before anything is fetched or compiled.
printf '#!/bin/sh\necho aarch64-linux-gnu\n' >"$work/other-cc"
chmod +x "$work/other-cc"
for_other=$(make -C "$work/files" CC="$work/other-cc" 2>&1)
is 'another architecture: make fails' $? 2
is 'another architecture: and says why' "$(printf '%s\n' "$for_other" | grep -v '^make' | cut -d ';' -f 1)" \
	'gvt-early is for amd64 alone, whose processors have the GPUs that it splits'
for_other=$(cd "$work/tree" && DEB_HOST_ARCH=arm64 debian/rules binary 2>&1)
is 'another architecture: the package fails' $? 2
like 'another architecture: and says why' "$for_other" 'gvt-early is for amd64 alone, .* cannot be built for arm64'
for_other=$(DEB_HOST_ARCH=arm64 make -C "$work/tree" -f debian/rules -n clean 2>&1)
is 'another architecture: the source package is for all' $? 0 || note "$for_other"

# Made from a copy without git, elsewhere, with another umask, of files with other times and modes.
copy_tree "$work/elsewhere"
find "$work/elsewhere" -exec touch -h -d '2001-02-03' {} +
chmod -R go-rwx "$work/elsewhere"
(umask 077 && make_source "$work/elsewhere" "$work/two")
for file in "gvt-early_$version.dsc" "gvt-early_$version.debian.tar.xz" "gvt-early_$upstream.orig.tar.xz"; do
	ok "made elsewhere, $file is the same" cmp "$one/$file" "$work/two/dist-source/$file"
done
unlike "no name of the one who makes it in the tarball" "$(tar --list --verbose --file "$one/gvt-early_$upstream.orig.tar.xz" |
	awk '{ print $2 }' | sort -u)" '[^0/]'

# lintian has nothing to say but what an override explains. That of Debian 12 cannot know the version of Debian's policy that the package
# follows; overrides are silent on both releases.
old=
! grep -q bookworm /etc/os-release || old='--suppress-tags newer-standards-version'
# shellcheck disable=SC2086 # words
lint() { lintian -EvIL +pedantic --allow-root $old "$one/gvt-early_${version}_source.changes" "$deb" 2>&1; }
said=$(lint)
is 'lintian has nothing to say' "$said" ''

done_testing
