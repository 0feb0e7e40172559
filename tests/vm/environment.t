#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the program starts: descriptors closed, /run read-only or missing, no /proc; a worker that dies; several at once.
. "$(dirname "$0")/lib.sh"
plan 25
deadline=12 # where nobody hears udev, half of it is waited for

printf '[snapshot]\nversion = 1\n' >"$work/empty.conf"
guest <<'END'
gvt-early snapshot --output /etc/gvt-early/snapshot.conf
count() { ls /sys/bus/mdev/devices 2>/dev/null | grep -c .; }
clean() {
	for uuid in $(ls /sys/bus/mdev/devices); do
		echo 1 >/sys/bus/mdev/devices/$uuid/remove
	done
	rmmod kvmgt i915
}
# until COMMAND...: the worker works in the background.
until_true() {
	for i in $(seq 1 150); do
		"$@" && return
		sleep 0.2
	done
}
three() { [ "$(count)" = 3 ]; }

gvt-early boot <&- >&- 2>&-
echo "closed: boot $?"
gvt-early wait <&- >&- 2>&-
echo "closed: wait $?, $(count) instances"
clean

unshare -m sh -c 'mount -t tmpfs -o ro none /run; gvt-early boot; echo "read-only: boot $?"; gvt-early wait; echo "read-only: wait $?"'
until_true three
echo "read-only: $(count) instances"
clean

mkdir /tmp/bare
for dir in dev proc sys etc usr; do
	mkdir /tmp/bare/$dir
	mount --rbind /$dir /tmp/bare/$dir
done
ln -s usr/lib usr/sbin usr/lib64 /tmp/bare/
chroot /tmp/bare /usr/sbin/gvt-early boot
echo "missing: boot $?"
until_true three
echo "missing: $(count) instances"
clean

unshare -m sh -c 'umount -l /proc; gvt-early boot; gvt-early wait'
echo "no proc: $?, i915 $([ -e /sys/module/i915 ] && echo loaded || echo not loaded)"

# Two at once: one waits for the other.
gvt-early apply >/tmp/one 2>&1 &
gvt-early apply >/tmp/two 2>&1
two=$?
wait $!
echo "two at once: $? $two, $(count) instances"
# Somebody who does not give the lock back.
printf '[settings]\ndeadline = 2\n' >/etc/gvt-early/conf.d/deadline.conf
sed 's/gvt_early.deadline=[0-9]*//' /proc/cmdline >/tmp/cmdline
mount --bind /tmp/cmdline /proc/cmdline
flock /run/gvt-early/lock sleep 8 &
sleep 1
gvt-early apply
echo "busy: $?"
wait
clean

# A worker that dies half way.
echo 'options kvmgt fault_window_ms=4000' >/etc/modprobe.d/fault.conf
gvt-early boot
ls /run/modprobe.d
sleep 2
read -r pid rest </run/gvt-early/worker
tr '\0' ' ' </proc/$pid/cmdline | sed 's/^/worker: /'; echo
kill -9 $pid
gvt-early wait
echo "crash: $?"
ls /run/modprobe.d | sed 's/^/crash left: /'
jq -r '"crash: " + .state + " in " + .steps[-1].name' /run/gvt-early/report.json
jq -r '"crash: instances " + ([.instances[].result] | unique | join(" "))' /run/gvt-early/report.json
clean

# A driver that hangs on the running host.
echo 'options kvmgt fault_create_hang=1' >/etc/modprobe.d/fault.conf
read -r before rest </proc/uptime
gvt-early apply
echo "hang: $?"
read -r after rest </proc/uptime
echo "hang: took $(echo "$after $before" | awk '{ print $1 - $2 }')"
jq -r '"hang: " + .state + " in " + .steps[-1].name' /run/gvt-early/apply.json
gvt-early plan >/dev/null
echo "hang: plan $?"
END
boot quick --script-timeout 120 --timeout 240 --file "$work/empty.conf=/etc/gvt-early/snapshot.conf"

like 'closed descriptors: boot' "$output" '^closed: boot 0$'
like 'closed descriptors: the instances are made' "$output" '^closed: wait 0, 3 instances$'
like '/run read-only: boot' "$output" '^read-only: boot 0$'
like '/run read-only: there is nothing to wait for' "$output" '^read-only: wait 0$'
like '/run read-only: told' "$dmesg" 'gvt-early: report: /run/gvt-early/report.json cannot be written: Read-only file system'
like '/run read-only: the instances are made' "$output" '^read-only: 3 instances$'
like '/run missing: boot' "$output" '^missing: boot 0$'
like '/run missing: told' "$dmesg" 'gvt-early: report: .* cannot be written: No such file'
like '/run missing: the instances are made' "$output" '^missing: 3 instances$'
like 'no /proc: nothing is loaded' "$output" '^no proc: [01], i915 not loaded$'
like 'no /proc: told' "$dmesg" 'gvt-early: proc-missing: .*gvt-early mounts nothing itself'
like 'two at once both succeed' "$output" '^two at once: 0 0, 3 instances$'
like 'a lock that is not given back is told' "$output" '^gvt-early: busy: another gvt-early is still running'
like 'and given up' "$output" '^busy: 1$'
like 'while the worker is at work, others are kept from i915' "$output" '^gvt-early.conf$'
like 'it is exempt from systemd'"'"'s killing' "$output" '^worker: @'
like 'a worker that dies is noticed' "$output" '^crash: 3$'
like 'and told' "$dmesg" 'gvt-early: load kvmgt: the worker died in this step; please report it'
unlike 'others are not kept from i915 any more' "$output" '^crash left:'
like 'the report says where' "$output" '^crash: crashed in load kvmgt$'
like 'and that the instances were not made' "$output" '^crash: instances not-made$'
like 'a hang on the running host is degraded' "$output" '^hang: 1$'
in_time 'and given up at the deadline' "$(printf '%s\n' "$output" | sed -n 's/^hang: took //p')" 5
like 'its report says where' "$output" '^hang: gave-up in create 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01$'
like 'and plan still answers, with a conflict' "$output" '^hang: plan 1$'
