#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/run and what it relies on: interrupted or killed at any moment, it leaves no process and no mount, and nothing half made that a later
# run takes for a whole; and nothing that removes or copies a root goes through a mount.
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1

#
# "make check" interrupted. make's part is played: it tells what it makes, and hangs where it is told to.
#

export BUILD="$work/build" HANG="$work/hang" MARK="77777.$$"
cat >"$work/make" <<'END_OF_MAKE'
#!/bin/sh
hang() {
	[ -e "$HANG.$1" ] || return 0
	sleep "$MARK" &
	setsid sleep "$MARK" & # it leaves the group of processes
	if [ "$(id -u)" -eq 0 ]; then mkdir -p "$BUILD/mounted" && mount -t tmpfs tmpfs "$BUILD/mounted"; fi
	: >"$HANG.reached"
	wait
}
case "$*" in
*' -n '*) printf 'echo "CC   one"\necho "CC   two"\n' ;;
*built-*) echo 'CC   one' && hang build && echo 'a warning' && echo 'CC   two' ;;
*run-*) echo 'the tests' && hang tests && exit "${TESTS_EXIT-0}" ;;
*packages*)
	[ -e "$HANG.packages" ] || { echo 'please run: apt-get' && exit 1; }
	sleep 1
	: >"$HANG.installed"
	;;
esac
END_OF_MAKE
chmod +x "$work/make"
unset RUN_BEGUN
export MAKE="$work/make" MISSING='' JOBS=2

left() {
	grep -ls "$MARK" /proc/[0-9]*/cmdline
	grep -F "$BUILD" /proc/mounts
}
# Without root there are no namespaces of its own, and what leaves the group of processes is not found.
[ "$(id -u)" -eq 0 ] || sed -i '/setsid/d' "$work/make"

# begin PLACE: starts it, and waits until it hangs there. $pid is its parent, as make would be.
begin() {
	rm -f "$HANG".*
	: >"$HANG.$1"
	sh -c 'trap : INT; tests/run check; code=$?; echo $code >"$1"; exit $code' sh "$work/code" >"$work/said" 2>&1 </dev/null &
	pid=$!
	for _ in $(seq 150); do
		[ ! -e "$HANG.reached" ] || break
		sleep 0.1
	done
}
# gone: within some seconds all of it has ended.
gone() {
	for _ in $(seq 100); do
		[ -n "$(left)" ] || break
		sleep 0.1
	done
	left
}
run_pid() { tr ' ' '\n' <"/proc/$pid/task/$pid/children" | head -n 1; }

for place in build tests; do
	for signal in INT TERM HUP KILL; do
		begin $place
		ok "$place, $signal: it was there" [ -e "$HANG.reached" ]
		case $signal in
		KILL) kill -KILL $pid ;; # make's end
		*) kill "-$signal" "$(run_pid)" ;;
		esac
		is "$place, $signal: no process and no mount is left" "$(gone)" ''
		wait $pid 2>/dev/null
		[ $signal = KILL ] || is "$place, $signal: the exit code" "$(cat "$work/code")" 130
	done
done
if [ "$(id -u)" -eq 0 ]; then
	rm -f "$HANG".*
	: >"$HANG.packages"
	mkdir "$work/bin"
	printf '#!/bin/sh\n' >"$work/bin/apt-get" && chmod +x "$work/bin/apt-get"
	PATH=$work/bin:$PATH MISSING=one sh -c 'tests/run check; :' >"$work/said" 2>&1 </dev/null &
	pid=$!
	until grep -q packages "$work/said"; do sleep 0.1; done
	kill -KILL $pid
	wait $pid 2>/dev/null
	for _ in $(seq 100); do
		[ ! -e "$HANG.installed" ] || break
		sleep 0.1
	done
	sleep 1
	ok 'make is killed while packages are installed: they are' [ -e "$HANG.installed" ]
	unlike 'and nothing else is done' "$(cat "$work/said")" '^\[2'
fi
begin build
kill -KILL "$(run_pid)"
is 'killed itself: no process and no mount is left' "$(gone)" ''
wait $pid

rm -f "$HANG".*
tests/run check >"$work/said" 2>&1 </dev/null
is 'run again: it succeeds' $? 0
is 'it says what it will do' "$(sed -n 's/^\(make check: about\) .*/\1/p; s/^\(To do: .*\) 2 files to compile.*/To do/p' "$work/said" | tr '\n' ' ')" 'make check: about To do '
is 'and what it does, in lines' "$(grep -A 20 '^\[' "$work/said" | sed 's/[0-9]:[0-9][0-9]/TIME/')" '[1/2] build ...
a warning
[1/2] build: 2 made, TIME
[2/2] tests
the tests'
unlike 'and has nothing for terminals' "$(cat "$work/said")" "$(printf '\033|\r')"
TESTS_EXIT=3 tests/run check >"$work/said" 2>&1 </dev/null
is 'it fails when the tests do' $? 3
like 'it says when another run works there' "$(
	begin build
	(sleep 1 && rm -f "$HANG.build" && kill "$(run_pid)") & # the other one goes on then, and is to end
	timeout 60 tests/run boot 2>&1 </dev/null
	wait
)" '^Another run works in .*: waiting'
if [ "$(id -u)" -ne 0 ]; then
	is 'an ordinary user is told what to install' "$(MISSING='one two' tests/run check 2>&1)" 'please run: apt-get'
fi

#
# Roots with something mounted in them
#

mounts=-m
[ "$(id -u)" -eq 0 ] || mounts=-rm
cat >"$work/roots.sh" <<'END_OF_ROOTS'
. "$1/tests/vm/common.sh"
cd "$2"
mkdir -p 'a root/proc' 'a root/deep/er' outside
touch outside/precious
mount -t tmpfs tmpfs 'a root/proc'
mount --bind outside 'a root/deep/er'
mounts_in 'a root' | sed "s:$2/::"
(copy_root 'a root' copy) 2>&1 | sed "s:$2/::"
[[ ! -e copy ]] && echo 'no copy'
(cd 'a root/deep/er' && exec sleep 60) &
sleeper=$!
until [[ $(readlink /proc/$sleeper/cwd) = */er ]]; do sleep 0.05; done
(remove_root 'a root') >/dev/null 2>&1 || echo 'not removed'
ls outside
kill $sleeper
wait $sleeper 2>/dev/null
remove_root 'a root' 'another'
[[ ! -e 'a root' ]] && echo removed
ls outside
END_OF_ROOTS
if unshare $mounts true 2>"$work/why"; then
	is 'a root with mounts is not copied, and what is mounted is not removed with it' \
		"$(mkdir "$work/roots" && unshare $mounts bash "$work/roots.sh" "$top" "$work/roots" 2>&1)" 'a root/deep/er
a root/proc
roots.sh: a root is not copied: a root/deep/er is mounted in it; please unmount it
no copy
not removed
precious
removed
precious'
else
	ok "roots with mounts # SKIP no mount namespaces: $(head -n 1 "$work/why")" true
fi

#
# A compiler that is killed while it writes
#

cat >"$work/cc" <<'END_OF_CC'
#!/bin/sh
while [ $# -gt 0 ]; do
	[ "$1" != -o ] || printf half >"$2"
	shift
done
: >"$HANG.reached"
exec sleep 60
END_OF_CC
chmod +x "$work/cc"
rm -f "$HANG".*
object=$work/build/obj/base/clock.o
cat >"$work/one-object" <<END_OF_SCRIPT
#!/bin/sh
echo \$\$ >"$work/group"
unset MAKE MAKEFLAGS MFLAGS MAKELEVEL
exec make BUILD="$work/build" LIBS_DIR="$build/libs" CC="\$1" $(for archive in "$build"/libs/*/lib/*.a; do printf '%s' "-o $archive "; done)"$object"
END_OF_SCRIPT
chmod +x "$work/one-object"
setsid "$work/one-object" "$work/cc" >"$work/log" 2>&1 &
for _ in $(seq 150); do
	[ ! -e "$HANG.reached" ] || break
	sleep 0.1
done
kill -KILL "-$(cat "$work/group")"
wait $! 2>/dev/null
ok 'the compiler was killed' [ -e "$HANG.reached" ]
ok 'a half object is not there' [ ! -e "$object" ]
"$work/one-object" "${CC:-cc}" >"$work/log" 2>&1
is 'the next make makes it' $? 0 || note "$(cat "$work/log")"
is 'as a whole' "$(readelf -h "$object" 2>/dev/null | grep -c 'REL ')" 1

done_testing
