#!/bin/sh
# What "snapshot --output FILE" and "capture FILE" do to what is no regular file: only a regular file is ever replaced.
. "$(dirname "$0")/lib.sh"

fixture plain </dev/null
run snapshot --root "$root"
snapshot=$output
cd "$work" || exit 1

# kind PATH: its kind and links, without following them.
kind() { stat -c '%F %N' "$1"; }

# untouched WHAT PATH: kind and content of the path before, and it is refused by both.
refused() {
	before=$(kind "$2")
	for command in 'snapshot --output' capture; do
		# shellcheck disable=SC2086 # words
		run $command "$2" --root "$root"
		is "$1, $command: exit code" "$rc" 2
		is "$1, $command: one message" "$errors" "gvt-early: $2: cannot be written: $3"
		is "$1, $command: nothing else" "$output" ''
		is "$1, $command: it is what it was" "$(kind "$2")" "$before"
	done
}

mkdir directory
mkfifo fifo
ln -s nothing dangling
refused 'a directory' directory 'it is a directory'
refused 'a FIFO that nobody reads' fifo 'no process reads from it'
refused 'a dangling link' dangling 'it is a symbolic link to nothing'
perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("socket")) or die'
refused 'a socket' socket 'it is a socket'

# Devices of our own, never the host's.
if [ "$(id -u)" -eq 0 ] && mknod block b 7 200 2>/dev/null && mknod null c 1 3 && : 2>/dev/null >null; then
	mknod full c 1 7
	refused 'a block device' block 'it is a block device'
	before=$(kind null)
	run snapshot --output null --root "$root"
	is 'a device like /dev/null, snapshot' "$rc$output" 0
	run capture null --root "$root"
	is 'a device like /dev/null, capture' "$rc$errors" 0
	is 'it is a device still' "$(kind null)" "$before"
	run snapshot --output full --root "$root"
	is 'a device that takes nothing: told' "$rc$errors" '3gvt-early: full: cannot be written: No space left on device'
else
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
		echo "ok $((count += 1)) # SKIP no devices can be made here"
	done
fi

# A FIFO with a reader, which may still be on its way.
run_read() {
	for _ in $(seq 100); do
		run "$@"
		[ "$rc" -eq 2 ] || break
		sleep 0.05
	done
}
timeout 60 cat fifo >taken &
run_read snapshot --output fifo --root "$root"
wait
is 'a FIFO: written into' "$rc$(cat taken)" "0$snapshot"
is 'and stays one' "$(kind fifo)" "fifo 'fifo'"
timeout 60 cat fifo >taken.tar &
run_read capture fifo --root "$root"
wait
is 'an archive into a FIFO' "$rc$(tar -tf taken.tar | grep -c '^proc/cmdline$')" 01
timeout 60 sh -c 'exec <fifo' &
run_read capture fifo --root "$root"
wait
is 'a FIFO whose reader goes' "$rc$errors" '3gvt-early: fifo: cannot be written: Broken pipe'

# Links to regular files are followed, and stay.
mkdir there
echo old >there/file
ln -s there/file link
ln -s ../link there/second
run snapshot --output there/second --root "$root"
is 'a link to a link: exit code' "$rc" 0
is 'what it leads to is replaced' "$(cat there/file)" "$snapshot"
is 'the links stay' "$(kind link) $(kind there/second)" "symbolic link 'link' -> 'there/file' symbolic link 'there/second' -> '../link'"
run capture link --root "$root"
is 'by capture too' "$rc $(kind link) $(tar -tf there/file | grep -c '^proc/cmdline$')" "0 symbolic link 'link' -> 'there/file' 1"

# Standard output by its name: /dev/stdout is a link to this.
ln -s /proc/self/fd/1 stdout
run snapshot --output stdout --root "$root"
is 'standard output that is a file' "$rc$output" "0$snapshot"
is 'standard output that is a pipe' "$("$program" snapshot --output stdout --root "$root" | cat)" "$snapshot"
echo before >appended
"$program" snapshot --output stdout --root "$root" >>appended
is 'standard output that is a file with something in it' "$(cat appended)" "before
$snapshot"
"$program" capture stdout --root "$root" 2>list | cat >piped.tar
is 'an archive on standard output' "$(tar -tf piped.tar | grep -c '^proc/cmdline$')" 1
like 'its list is on standard error' "$(cat list)" '^ +[0-9]+  /proc/cmdline'
is 'it is a link still' "$(kind stdout)" "symbolic link 'stdout' -> '/proc/self/fd/1'"
is 'no archive on a terminal' "$(script -qec "'$program' capture stdout --root '$root'" /dev/null </dev/null | tr -d '\r')" \
	'gvt-early: stdout: cannot be written: it is a terminal'

"$program" capture - --root "$root" 2>list | cat >piped.tar
[ -e ./- ] && echo 'a file' >>list
is "an archive on '-', which is no file of that name" "$(tar -tf piped.tar | grep -c '^proc/cmdline$') $(tail -n 1 list | grep -c 'a file')" '1 0'
is "a snapshot on '-'" "$("$program" snapshot --output - --root "$root")" "$snapshot"

# A regular file, and none.
echo old >file
ln file other
run snapshot --output file --root "$root"
is 'a file is replaced, not written into' "$rc$(cat file) $(cat other)" "0$snapshot old"
run snapshot --output new --root "$root"
is 'none is made' "$rc$(cat new)" "0$snapshot"
run snapshot --output none/file --root "$root"
is 'without its directory' "$rc$errors" '3gvt-early: none/file: cannot be written: No such file or directory'
run snapshot --output file/file --root "$root"
is 'below a file' "$rc$errors" '3gvt-early: file/file: cannot be written: Not a directory'
run snapshot --output '' --root "$root"
is 'no name' "$rc$errors" '2gvt-early: : cannot be written: it has no name'

done_testing
