#!/bin/sh
# Fetch one pinned upstream tarball with apt, and verify it.
#
# usage: fetch.sh NAME DIRECTORY
#
# Leaves DIRECTORY/TARBALL, whose SHA-256 is the one in the file pins. apt runs with a configuration of its own: the
# sources are the machine's own Debian mirrors, as deb-src and for the pinned suite, and every list and cache is kept
# below DIRECTORY: the lists of a suite serve all its libraries, for an hour. Nothing under /etc or /var is changed, and no
# privileges are needed.
set -eu

die() { echo "fetch.sh: $*" >&2; exit 1; }

[ $# -eq 2 ] || die "usage: fetch.sh NAME DIRECTORY"
name=$1
here=$(dirname "$0")
mkdir -p "$2"
dir=$(cd "$2" && pwd)

pin=$(grep "^${name}[[:space:]]" "$here/pins") || die "'$name' is not in $here/pins"
# shellcheck disable=SC2086 # the pin's fields are separated by blanks
set -- $pin
suite=$2 version=$3 tarball=$4 sum=$5

# verify DIRECTORY
verify() { echo "$sum  $1/$tarball" | sha256sum --check --status; }

# One at a time: two makes may want the same (the package is made by one of its own), and the lists are everybody's.
exec 9>"$dir/.$suite.lock"
flock 9

if [ -f "$dir/$tarball" ]; then
	verify "$dir" && exit 0
	die "$dir/$tarball does not have the SHA-256 pinned in $here/pins: $sum; remove it to fetch it anew"
fi

# apt writes what it fetches under its own name from the first byte on: so it works beside it.
apt=$dir/apt.$suite
rm -rf "$apt/got"
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/got"
cat >"$apt/base.conf" <<END
Dir::State::Lists "$apt/lists";
Dir::Cache "$apt";
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
Acquire::Retries "3";
Debug::NoLocking "true";
END

# What the machine already knows of its sources; a machine that never ran "apt-get update" is asked privately.
# shellcheck disable=SC2016 # the names in the format are apt's
mirrors() {
	apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		sed -n 's/^Debian|Debian|//p' | sort -u
}
uris=$(mirrors)
if [ -z "$uris" ]; then
	# shellcheck disable=SC2030 # for this call only
	uris=$(export APT_CONFIG="$apt/base.conf" && { apt-get -qq update || true; } && mirrors)
fi
[ -n "$uris" ] || die "no Debian mirror in this machine's apt sources"

: >"$apt/debian.sources"
for uri in $uris; do
	printf 'Types: deb-src\nURIs: %s\nSuites: %s\nComponents: main\n' "$uri" "$suite" >>"$apt/debian.sources"
	for key in /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp; do
		[ -f "$key" ] && printf 'Signed-By: %s\n' "$key" >>"$apt/debian.sources" && break
	done
	printf '\n' >>"$apt/debian.sources"
done
cat "$apt/base.conf" - >"$apt/apt.conf" <<END
Dir::Etc::SourceList "$apt/debian.sources";
Dir::Etc::SourceParts "/dev/null";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
END

# shellcheck disable=SC2031
export APT_CONFIG="$apt/apt.conf"
lists=$(find "$apt/updated" -mmin -60 2>/dev/null || true)
rm -f "$apt/updated"
[ -n "$lists" ] || apt-get -qq update || die "the package lists of suite '$suite' could not be fetched"
(cd "$apt/got" && apt-get -qq --download-only --only-source source "$name/$suite") ||
	die "the source package '$name' of suite '$suite' could not be fetched"
[ -f "$apt/got/$tarball" ] ||
	die "suite '$suite' no longer offers $name $version ($tarball); $here/pins wants a newer pin"
verify "$apt/got" || {
	mv "$apt/got/$tarball" "$dir/$tarball.rejected"
	die "$tarball was fetched, but its SHA-256 is not the one pinned in $here/pins: $sum"
}
mv "$apt/got/$tarball" "$dir/"
rm -rf "$apt/got"
touch "$apt/updated"
