#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# "make repo": apt installs from it over file:, and takes nothing that was changed, or that another key has signed.
. "$(dirname "$0")/lib.sh"
for tool in gpg apt-get; do
	command -v $tool >/dev/null || cannot_run "$tool is not installed"
done

# Throw-away keys. gpg's agent has its socket there, so the path is short.
export GNUPGHOME="$work/gnupg"
mkdir -m 700 "$GNUPGHOME"
trap 'gpgconf --kill gpg-agent; rm -rf "$work"' EXIT
make_key() { gpg --batch --quiet --passphrase '' --quick-generate-key "$1" ed25519 sign never 2>/dev/null; }
make_key 'one <one@example.org>'
make_key 'two <two@example.org>'
gpg --batch --quiet --export-secret-keys --armor one@example.org >"$work/one.key"

# The package, and a newer one of the same content.
mkdir -p "$work/packages" "$work/newer/files"
cp "$deb" "$work/packages/"
dpkg-deb --raw-extract "$deb" "$work/newer/files"
sed -i 's/^Version:.*/Version: 99.0-1/' "$work/newer/files/DEBIAN/control"
dpkg-deb --root-owner-group --build "$work/newer/files" "$work/newer" >/dev/null

repo=$work/repo
# make_repo PACKAGES KEY
make_repo() { "$top/debian/make-repo.sh" "$1" "$repo" "$2" >"$work/log" 2>&1; }

# apt with everything of its own.
apt=$work/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/etc" "$apt/dpkg"
: >"$apt/dpkg/status"
cat >"$apt/apt.conf" <<X
Dir::State "$apt";
Dir::State::Lists "$apt/lists";
Dir::State::Status "$apt/dpkg/status";
Dir::Cache "$apt/cache";
Dir::Etc "$apt/etc";
Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "$apt/etc";
Dir::Etc::Parts "/dev/null";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Debug::NoLocking "true";
X
apt() { APT_CONFIG=$apt/apt.conf apt-get -q -y "$@" >"$work/log" 2>&1; }
trust() { sed "s|^URIs:.*|URIs: file:$repo|; s|^Signed-By:.*|Signed-By: $1|" "$repo/gvt-early.sources" >"$apt/etc/gvt-early.sources"; }

ok 'made with a key of the keyring' make_repo "$work/packages" one@example.org || note "$(cat "$work/log")"
trust "$repo/gvt-early.gpg"
ok 'apt takes it' apt update || note "$(cat "$work/log")"
cd "$work" || exit 1
ok 'and fetches the package' apt download gvt-early || note "$(cat "$work/log")"
ok 'which is the package' cmp "$deb" "$work/gvt-early_${version}_amd64.deb"
is 'no secret key is in it' "$(find "$repo" -type f -exec sh -c 'gpg --batch --list-packets "$1" 2>/dev/null | grep -q "secret key" && echo "$1"' sh {} \;)" ''
is 'nothing but the pool, the lists and the key' "$(ls "$repo")" 'dists
gvt-early.gpg
gvt-early.sources
pool'
gpg --batch --quiet --export two@example.org >"$work/two.gpg"
trust "$work/two.gpg"
ok 'apt refuses it for another key' [ "$(apt update || echo $?)" = 100 ]
like 'and says why' "$(cat "$work/log")" 'NO_PUBKEY|not signed'
trust "$repo/gvt-early.gpg"

# With a key from a file, whose keyring is nobody's; the older package stays.
made_without_keyring() { (export GNUPGHOME=/nonexistent && make_repo "$work/newer" "$work/one.key"); }
ok 'made with a key from a file' made_without_keyring || note "$(cat "$work/log")"
ok 'apt takes it' apt update || note "$(cat "$work/log")"
is 'both versions are there' "$(APT_CONFIG=$apt/apt.conf apt-cache madison gvt-early | awk '{ print $3 }' | tr '\n' ' ')" "99.0-1 $version "
is 'no file of its making is left' "$(ls -d "$repo"?* 2>/dev/null)" ''

# What somebody has changed on the server.
printf ' ' >>"$repo/pool/main/g/gvt-early/gvt-early_99.0-1_amd64.deb"
rm -f "$work"/gvt-early_*
ok 'a package that was changed is refused' [ "$(apt download gvt-early=99.0-1 || echo $?)" = 100 ]
for file in "$repo"/dists/stable/main/binary-amd64/Packages* "$repo"/dists/stable/main/binary-amd64/by-hash/SHA256/*; do
	echo >>"$file"
done
rm -rf "$apt/lists"
mkdir -p "$apt/lists/partial"
ok 'so is a list' [ "$(apt update || echo $?)" = 100 ]
sed -i 's/^Suite: .*/Suite: changed/' "$repo/dists/stable/InRelease"
ok 'and what is signed' [ "$(apt update || echo $?)" = 100 ]

# Bad usage. What is there stays.
before=$(cd "$repo" && find . | sort | sha256sum)
ok 'without a key: fails' [ "$(make_repo "$work/packages" '' || echo $?)" = 1 ]
like 'and says what is missing' "$(cat "$work/log")" 'which key shall sign it'
ok 'with a key that there is not: fails' [ "$(make_repo "$work/packages" three@example.org || echo $?)" = 1 ]
like 'and names it' "$(cat "$work/log")" "no secret key 'three@example.org'"
ok 'with one that is ambiguous: fails' [ "$(make_repo "$work/packages" example.org || echo $?)" = 1 ]
like 'and says so' "$(cat "$work/log")" 'more than one secret key'
ok 'with a file that is no key: fails' [ "$(make_repo "$work/packages" "$work/two.gpg" || echo $?)" = 1 ]
ok 'without packages: fails' [ "$(make_repo "$apt" one@example.org || echo $?)" = 1 ]
is 'the repository is what it was' "$(cd "$repo" && find . | sort | sha256sum)" "$before"

done_testing
