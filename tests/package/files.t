#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the package brings besides the program: the commented configuration, the metrics' publisher and its alert rules, the bug script.
. "$(dirname "$0")/lib.sh"

#
# gvt-early.conf
#

conf=$top/early/gvt-early.conf
fixture host <<'X'
remove etc/gvt-early/gvt-early.conf
guest 100 'hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4' 'onboot: 1'
X
# answers NAME: what all commands say of $root.
answers() {
	for command in check plan types status snapshot 'plan --json'; do
		# shellcheck disable=SC2086 # words
		run $command --root "$root"
		printf '%s\n%s\n%s\n' "$output" "$errors" "$rc"
	done >"$work/$1"
}
answers without
cp "$conf" "$root/etc/gvt-early/gvt-early.conf"
answers with
ok 'gvt-early.conf changes nothing' cmp "$work/without" "$work/with"
ok 'and the answers are answers' grep -q 00000000-0000-0000-0000-000000000100 "$work/without"

# Each line that it offers is one that the program takes: without its "#", all of them together.
sed -E 's/^#(\[|[a-z0-9]+ = )/\1/' "$conf" >"$root/etc/gvt-early/gvt-early.conf"
is 'it offers every setting' "$(sed -nE 's/^([a-z]+[0-9]*) = .*/\1/p; s/^\[([a-z]+).*/[\1]/p' "$root/etc/gvt-early/gvt-early.conf" | tr '\n' ' ')" \
	'[settings] guests deadline modules early debug [guest] hostpci0 parent [instance] type [sriov] vfs host scheduling '
run plan --json --root "$root"
is 'all that it offers is taken' "$(printf '%s' "$output" | jq -c '.problems')$errors" '[]'
is 'and has an effect' "$(printf '%s' "$output" | jq -c '[.instances[].uuid]')" \
	'["00000000-0000-0000-0000-000000000100","6f8a4f0e-5d3c-4e0e-9d3a-0d1f2b7c9a10"]'
# The defaults that it shows are the program's.
fixture defaults <<'X'
remove etc/gvt-early/gvt-early.conf
X
run snapshot --root "$root"
before=$output
sed -E 's/^#(\[settings|[a-z]+ = )/\1/; /^\[guest/,$d; /hostpci0|^parent|^type/d' "$conf" | sed '/^# A guest whose/,$d' \
	>"$root/etc/gvt-early/gvt-early.conf"
run snapshot --root "$root"
is 'the settings that it shows are the defaults' "$output" "$before"

#
# Metrics
#

# The program is stood in for: publish calls it by its path.
publish=$work/publish
sed "s:^program=.*:program=$work/program:" "$top/metrics/publish" >"$publish"
mkdir "$work/textfile"
printf '#!/bin/sh\necho "called with $*"\n' >"$work/program"
chmod +x "$publish" "$work/program"
ok 'publish succeeds' "$publish" "$work/textfile"
is 'it writes the metrics' "$(cat "$work/textfile/gvt-early.prom")" 'called with status --metrics'
is 'everybody may read them' "$(stat -c %a "$work/textfile/gvt-early.prom")" 644
printf '#!/bin/sh\necho half\nexit 3\n' >"$work/program"
ok 'it fails with the program' [ "$("$publish" "$work/textfile" || echo $?)" -eq 3 ]
is 'then the last ones stay' "$(cat "$work/textfile/gvt-early.prom")" 'called with status --metrics'
is 'and nothing else' "$(ls -A "$work/textfile")" gvt-early.prom
# A reader never finds an incomplete file: the program writes slowly, and is killed.
cat >"$work/program" <<X
#!/bin/sh
echo 'first half'
echo \$\$ >"$work/halfway.new"
mv "$work/halfway.new" "$work/halfway"
exec sleep 60
X
"$publish" "$work/textfile" 2>/dev/null &
pid=$!
until [ -e "$work/halfway" ]; do sleep 0.05; done
is 'while it writes, the last ones are there' "$(cat "$work"/textfile/*.prom)" 'called with status --metrics'
kill -KILL "$(cat "$work/halfway")"
kill -KILL $pid
wait $pid 2>/dev/null
printf '#!/bin/sh\necho new\n' >"$work/program"
"$publish" "$work/textfile"
is 'what a killed one has left is removed' "$(ls -A "$work/textfile")$(cat "$work/textfile/gvt-early.prom")" gvt-early.promnew
ok 'a directory that is not there: fails' [ "$("$publish" "$work/nowhere" 2>/dev/null || echo $?)" -ne 0 ]

# The alert rules know no metric that there is not. node_textfile_mtime_seconds is node_exporter's.
# Those of virtual functions are there on hosts of SR-IOV.
for machine in '' 'machine n100'; do
	fixture "metrics.${machine#* }" <<-END
		$machine
	END
	run status --metrics --root "$root"
	printf '%s\n' "$output" | sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p'
done | sort -u >"$work/metrics"
sed -n 's/^ *expr: //p' "$top/metrics/gvt-early.rules.yml" >"$work/expressions"
is 'the alert rules: unknown metrics' "$(grep -oE '\bgvt_early_[a-z_]+' "$work/expressions" | sort -u | comm -23 - "$work/metrics")" ''
is 'each alert has an expression' "$(grep -c '^ *- alert:' "$top/metrics/gvt-early.rules.yml")" "$(wc -l <"$work/expressions")"
# Labels that the texts use are labels that the metrics have; "instance" is Prometheus' own.
grep -oE 'labels\.[a-z_]+' "$top/metrics/gvt-early.rules.yml" | sed 's/labels\.//' | sort -u | while read -r label; do
	case $label in instance) continue ;; esac
	grep -q "\"$label\"" "$top/early/tell/metrics.c" || echo "$label"
done >"$work/labels"
is 'the alert rules: unknown labels' "$(cat "$work/labels")" ''

# The units.
if command -v systemd-analyze >/dev/null; then
	mkdir -p "$work/units"
	cp "$top"/metrics/*.service "$top"/metrics/*.timer "$work/units/"
	sed -i "s:^ExecStart=.*:ExecStart=/bin/true:; /^Documentation=man/d" "$work"/units/*
	is 'systemd takes the units' "$(systemd-analyze verify --man=no "$work"/units/* 2>&1 | grep "$work")" ''
fi
is 'the service runs what the package installs' "$(sed -n 's/^ExecStart=//p' "$top/metrics/gvt-early-metrics.service")" \
	"$(dpkg-deb --contents "$deb" | awk '/publish-metrics/ { print substr($6, 2) }')"

#
# The script for reportbug, run as reportbug does: yesno is a function, the report is descriptor 3.
#

sed "s:^program=.*:program=$work/program:" "$top/debian/gvt-early.bug-script" >"$work/bug-script"
ok 'the package has it' [ -n "$(dpkg-deb --contents "$deb" | grep '/usr/share/bug/gvt-early')" ]
cat >"$work/program" <<X
#!/bin/sh
exec "$program" "\$@" --root "$root"
X
sed -i "s:^exec .*:case \$1 in -V) exec $program -V ;; *) exec $program \"\$@\" --root $root ;; esac:" "$work/program"
# bug_script ANSWER: leaves the report in $work/report, and what the reporter sees in $work/seen.
bug_script() {
	# shellcheck disable=SC2016 # the inner shell's
	TMPDIR=$work ANSWER=$1 bash -c 'yesno() { echo "$1"; REPLY=$ANSWER; }; export -f yesno; exec bash "$1" 3>"$2"' sh \
		"$work/bug-script" "$work/report" >"$work/seen" 2>&1
}
bug_script yep
is 'bug script: exit code' $? 0
like 'it tells the release' "$(cat "$work/report")" "^gvt-early $upstream"
like 'and what check says' "$(cat "$work/report")" '^exit code [01]$'
attachment=$(sed -n '/^-- BEGIN ATTACHMENTS --$/,/^-- END ATTACHMENTS --$/p' "$work/report" | sed '1d;$d')
like 'it attaches one file' "$attachment" "^$work/.*\.tar\.gz\$"
mkdir "$work/captured"
ok 'the file is a capture' tar -xzf "$attachment" -C "$work/captured"
run check --root "$work/captured"
like 'which gives the same answer' "$(cat "$work/report")" "$(printf '%s\n' "$output" | tail -n 1 | sed 's/[][().*]/./g')"
rm -rf "${attachment%/*}"
bug_script nop
unlike 'not attached when the reporter says no' "$(cat "$work/report")" ATTACHMENTS
is 'nor made' "$(ls -d "$work"/gvt-early-capture.* 2>/dev/null)" ''
# shellcheck disable=SC2016 # the program's
printf '#!/bin/sh\n[ "$1" != capture ]\n' >"$work/program"
bug_script yep
unlike 'a capture that fails is not attached' "$(cat "$work/report")" ATTACHMENTS
is 'and leaves nothing' "$(ls -d "$work"/gvt-early-capture.* 2>/dev/null)" ''
rm "$work/program"
bug_script yep
is 'without the program it says nothing, and does not fail' "$?$(cat "$work/report" "$work/seen")" 0

done_testing
