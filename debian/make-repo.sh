#!/bin/sh
# "make repo": a static apt repository, signed, of the packages that "make dist" has made; any web server or directory can offer it.
#
# usage: make-repo.sh PACKAGES REPO KEY
#
# KEY is a secret key of GnuPG: an ID, fingerprint or address of one in the caller's keyring, or a file with one. It is never written
# to REPO; the public one is, beside gvt-early.sources, a template for /etc/apt/sources.list.d.
# What lies in REPO's pool already stays in the repository, so that a host can go back to an older release. Everything is written
# beside REPO first, and takes its place at the end.
set -eu
umask 022

die() { echo "make-repo.sh: $*" >&2; exit 1; }

[ $# -eq 3 ] || set -- "$@" '' ''
[ -n "$3" ] || die "which key shall sign it? usage: make repo KEY=ID or KEY=FILE"
packages=$1 repo=$2 key=$3
ls "$packages"/*.deb >/dev/null 2>&1 || die "no package in $packages: run 'make dist' first"
command -v gpg >/dev/null || die 'please install: gnupg'

new=$repo.new
home=
clean_up() {
	rm -rf "$new"
	[ -z "$home" ] || { gpgconf --kill all && rm -rf "$home"; }
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
rm -rf "$new"
pool=pool/main/g/gvt-early
mkdir -p "$new/$pool"
[ ! -d "$repo/$pool" ] || cp -p "$repo/$pool"/* "$new/$pool/"

# A file's key gets a keyring of its own, for as long as this runs.
if [ -f "$key" ]; then
	home=$(mktemp -d)
	export GNUPGHOME="$home"
	gpg --batch --quiet --import "$key" 2>"$home/log" || { cat "$home/log" >&2 && die "$key is no key of GnuPG"; }
fi
# The first of the secret keys that KEY means: exactly one may be.
[ ! -f "$key" ] || key=
fingerprints=$(gpg --batch --with-colons --list-secret-keys ${key:+"$key"} 2>/dev/null |
	awk -F : '$1 == "sec" { on = 1 } $1 == "fpr" && on { print $10; on = 0 }')
case $(printf '%s' "$fingerprints" | grep -c .) in
1) ;;
0) die "there is no secret key '$3'" ;;
*) die "'$3' means more than one secret key; name it by its fingerprint" ;;
esac
sign() { gpg --batch --yes --quiet --local-user "$fingerprints!" --digest-algo SHA512 "$@"; }

for file in "$packages"/*.deb "$packages"/*.dsc "$packages"/*.orig*.tar.* "$packages"/*.debian.tar.*; do
	[ ! -f "$file" ] || cp -p "$file" "$new/$pool/"
done

dist=$new/dists/stable
mkdir -p "$dist/main/binary-amd64" "$dist/main/source"
(
	cd "$new"
	dpkg-scanpackages --multiversion --arch amd64 pool >dists/stable/main/binary-amd64/Packages
	dpkg-scansources pool >dists/stable/main/source/Sources
) 2>"$new/log" || { cat "$new/log" >&2 && die 'the packages could not be listed'; }
rm "$new/log"
# The same twice, compressed and not; and by their hashes, so that an apt that is just fetching them meets no mixture.
for index in "$dist/main/binary-amd64/Packages" "$dist/main/source/Sources"; do
	xz --keep "$index"
	mkdir "${index%/*}/by-hash" "${index%/*}/by-hash/SHA256"
	for file in "$index" "$index.xz"; do
		cp -p "$file" "${index%/*}/by-hash/SHA256/$(sha256sum <"$file" | cut -d ' ' -f 1)"
	done
done
# Who looked a moment ago still finds what he was promised.
for old in "$repo"/dists/stable/main/*/by-hash/SHA256/*; do
	[ ! -f "$old" ] || [ -e "$new${old#"$repo"}" ] || [ -n "$(find "$old" -mtime +7)" ] || cp -p "$old" "$new${old#"$repo"}"
done
{
	printf '%s\n' 'Origin: gvt-early' 'Label: gvt-early' 'Suite: stable' 'Codename: stable' 'Architectures: amd64' 'Components: main' \
		"Date: $(LC_ALL=C date -u -R -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}")" 'Acquire-By-Hash: yes' \
		'Description: gvt-early for Debian 12 and 13, and Proxmox VE' 'SHA256:'
	(cd "$dist" && find main -path '*/by-hash' -prune -o -type f -print | LC_ALL=C sort | while read -r file; do
		printf ' %s %d %s\n' "$(sha256sum <"$file" | cut -d ' ' -f 1)" "$(wc -c <"$file")" "$file"
	done)
} >"$dist/Release"
sign --clearsign --output "$dist/InRelease" "$dist/Release"
sign --armor --detach-sign --output "$dist/Release.gpg" "$dist/Release"

gpg --batch --export --export-options export-minimal "$fingerprints" >"$new/gvt-early.gpg"
cat >"$new/gvt-early.sources" <<END
# For /etc/apt/sources.list.d, with gvt-early.gpg in /usr/share/keyrings. URIs is where this directory lies.
Types: deb deb-src
URIs: https://example.org/gvt-early
Suites: stable
Components: main
Signed-By: /usr/share/keyrings/gvt-early.gpg
END

rm -rf "$repo.old"
[ ! -e "$repo" ] || mv "$repo" "$repo.old"
mv "$new" "$repo"
rm -rf "$repo.old"
echo "REPO $repo"
