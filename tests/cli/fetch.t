#!/bin/sh
# early/libs/fetch.sh: what is not the pinned tarball stops the build. apt-get is stood in for: no network.
. "$(dirname "$0")/lib.sh"

mkdir "$work/libs" "$work/bin"
cp "$top/early/libs/fetch.sh" "$work/libs/"
good=$(printf 'good' | sha256sum | cut -d ' ' -f 1)
echo "lib suite 1.0 lib_1.0.orig.tar.xz $good" >"$work/libs/pins"

# $FAKE_APT: the text of the tarball that it "fetches", "none" for another version, "down" when no mirror answers.
cat >"$work/bin/apt-get" <<'END'
#!/bin/sh
for word in "$@"; do
	case $word in
	indextargets) echo 'Debian|Debian|http://mirror.invalid/debian' && exit 0 ;;
	update) [ "$FAKE_APT" != down ] && exit 0 || exit 100 ;;
	source) [ -z "${SLOW_APT-}" ] || sleep "$SLOW_APT" ;;
	esac
	case $word in
	source) [ "$FAKE_APT" = none ] || printf '%s' "$FAKE_APT" >lib_1.0.orig.tar.xz ;;
	esac
done
END
chmod +x "$work/bin/apt-get"

# fetch APT NAME: leaves $rc and $errors; in $work/got is what was fetched.
fetch() {
	errors=$(FAKE_APT=$1 PATH=$work/bin:$PATH "$work/libs/fetch.sh" "$2" "$work/got" 2>&1)
	rc=$?
}
tarball=$work/got/lib_1.0.orig.tar.xz

fetch good lib
is 'the pinned tarball: exit code' "$rc" 0
is 'the pinned tarball: no message' "$errors" ''
is 'the pinned tarball is there' "$(cat "$tarball")" good
fetch down lib
is 'a second time it is not fetched' "$rc" 0

printf damaged >"$tarball"
fetch good lib
ok 'a damaged tarball: fails' [ "$rc" -ne 0 ]
like 'a damaged tarball: message' "$errors" "lib_1\.0\.orig\.tar\.xz does not have the SHA-256 pinned in .*pins: $good"
rm "$tarball"

fetch forged lib
ok 'a wrong checksum: fails' [ "$rc" -ne 0 ]
like 'a wrong checksum: message' "$errors" \
	'lib_1\.0\.orig\.tar\.xz was fetched, but its SHA-256 is not the one pinned in'
ok 'a wrong checksum: nothing is left to build from' [ ! -e "$tarball" ]

fetch none lib
ok 'a version that is gone: fails' [ "$rc" -ne 0 ]
like 'a version that is gone: message' "$errors" "suite 'suite' no longer offers lib 1\.0"
fetch down lib
ok 'no mirror: fails' [ "$rc" -ne 0 ]
like 'no mirror: message' "$errors" "package lists of suite 'suite' could not be fetched"
fetch good other
ok 'a library without a pin: fails' [ "$rc" -ne 0 ]
like 'a library without a pin: message' "$errors" "'other' is not in"
"$work/libs/fetch.sh" 2>/dev/null
ok 'bad usage: fails' [ $? -ne 0 ]

# Two makes at the same time: the second finds what the first has fetched.
rm -rf "$work/got"
(SLOW_APT=1 FAKE_APT=good PATH=$work/bin:$PATH "$work/libs/fetch.sh" lib "$work/got" >"$work/first" 2>&1
	echo "exit code $?" >>"$work/first") &
sleep 0.5
SLOW_APT=2 fetch good lib
wait
is 'two at once: the first' "$(cat "$work/first")" 'exit code 0'
is 'two at once: the second' "$rc $errors" '0 '
is 'two at once: the tarball is there' "$(cat "$tarball")" good

# No mirror answers any more, and the lists that one library was found in serve the next.
rm "$tarball"
echo "more suite 1.0 lib_1.0.orig.tar.xz $(printf down | sha256sum | cut -d ' ' -f 1)" >>"$work/libs/pins"
fetch down more
is 'lists of this hour: exit code' "$rc $errors" '0 '
is 'lists of this hour: the tarball is there' "$(cat "$tarball")" down
rm "$tarball"
touch -d '2 hours ago' "$work/got/apt.suite/updated"
fetch down more
ok 'older lists: fetched again' [ "$rc" -ne 0 ]

# The pins themselves.
is 'each pin has a SHA-256, and the version of a source package' "$(grep -v '^#' "$top/early/libs/pins" |
	grep -Evc '^[a-z0-9-]+ +[a-z]+ +[0-9][^ ]* +[^ ]+\.tar\.[a-z0-9]+ +[0-9a-f]{64} +[0-9][^ ]*-[^ ]+$')" 0
done_testing
