#!/bin/bash
# Whatever stands in the files that are read, nothing but plain text comes out: no escape, bell, DEL or C1 (in UTF-8 and as a byte) and
# no byte that is no UTF-8, in any command's output and errors; and JSON stays whole.
. "$(dirname "$0")/lib.sh"

# Each is visible afterwards by the words beside it.
evil=$'\033]0;title\a\033[2J\177\302\233'31m$'\233'32m$'\377\303'end
umlaut=$'\303\244'

# not_plain UTF8 FILE...: the names of those that have something else in them.
not_plain() {
	perl -0777 -e 'my $utf8 = shift eq "C.UTF-8";
		for my $file (@ARGV) {
			open(my $in, "<:raw", $file) or die;
			my $text = <$in> // "";
			$text =~ s/\e\[(?:0|1|2|3[1-6]|1;3[4-6])m//g if $file =~ m{/terminal[^/]*$}; # our own colours
			next if $text =~ /\A[\n -~]*\z/;
			next if $utf8 && $text !~ /\xc2[\x80-\x9f]/ &&
				$text =~ /\A(?:[\n -~]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})*\z/;
			print "$file ";
		}' "$@"
}

commands=(check 'check --json' 'check --next-boot' 'check --next-boot --json' types 'types --json' 'types i915-GVTg_V5_8' plan 'plan --json'
	'plan 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01' status 'status --json' 'status --metrics' 'status 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01' snapshot
	contents "capture $work/x.tar")
broken_json='import json, sys
for name in sys.argv[1:]:
	try:
		json.load(open(name, encoding="utf-8"))
	except ValueError as error:
		print(name, error)'

# hostile NAME WHAT [SEEN] <LINES: all commands on such a host; SEEN is found in what they print, so that it is known to get there.
hostile() {
	fixture "$1"
	told=$work/told.$1
	mkdir "$told"
	for locale in C C.UTF-8; do
		for command in "${commands[@]}"; do
			name=${command//[ \/]/_}
			# shellcheck disable=SC2086 # words
			LC_ALL=$locale "$program" $command --root "$root" >"$told/$locale.$name" 2>"$told/$locale.$name.err" </dev/null
		done
	done
	# On a terminal there are our own colours besides.
	for command in check types plan status; do
		echo "'$program' $command --root '$root'"
	done >"$work/script"
	env -u LC_ALL TERM=xterm NO_COLOR= LANG=C.UTF-8 script -qec "sh '$work/script'" /dev/null </dev/null 2>&1 | tr -d '\r' >"$told/terminal"
	is "$2: plain text" "$(not_plain C "$told"/C.[!U]*)$(not_plain C.UTF-8 "$told"/C.UTF-8.* "$told/terminal")" ''
	is "$2: JSON is whole" "$(python3 -c "$broken_json" "$told"/*json)" ''
	for command in types plan; do
		is "$2, $command: JSON is as its schema wants it" \
			"$(python3 "$cli/json-valid.py" "$cli/schema/$command.json" <"$told/C.${command}_--json" 2>&1)" ''
	done
	[ -z "${3-}" ] || like "$2: it is shown" "$(cat "$told"/C.[!U]*)" "$3"
}

types='loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4'
instance='instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_4 0000:00:02.0'

hostile config 'keys, values and sections of the configuration' 'end' <<END
config gvt-early.conf <<X
ke${evil}y = val${evil}ue
[sec${evil}tion]
[instance ${evil}]
[settings]
modules = vfio ${evil}
guests = ${evil}
deadline = ${evil}
[guest 8006]
hostpci0 = i915-${evil}
parent = ${evil}
X
config "conf.d/${evil}.conf" <<X
[guest 8007]
hostpci0 = i915-GVTg_V5_8
nonsense
X
END
hostile cmdline 'the kernel command line' 'intel_iommu=.*end' <<END
cmdline 'i915.enable_gvt=$evil' 'systemd.unit=$evil' 'intel_iommu=$evil'
iommu off
END
hostile cmdline-off 'what switches us off' '' <<END
cmdline 'module_blacklist=i915,$evil' 'vfio-pci.ids=8086:3e92:$evil' 'i915.modeset=$evil'
END
hostile driver 'the name of a driver' '"driver": ".*end"' <<END
no_gpu
gpu 0000:00:02.0 3e92 'driver=d$evil'
END
is 'the GPU is in the JSON' "$("$program" types --json --root "$root" | jq '.gpus | length')" 1
hostile override 'driver_override' 'driver_override assigns' <<END
no_gpu
gpu 0000:00:02.0 3e92 'override=$evil'
END
hostile types 'names of types, and what the driver says of them' '' <<END
$types 'i915-$evil'
free 0000:00:02.0 i915-GVTg_V5_8 '$evil' 'resolution: $evil
low_gm_size: ${evil}MB'
free 0000:00:02.0 i915-GVTg_V5_4 1 'resolution: $evil'
END
hostile instance 'the type of an instance that is there, and who has it open' 'evil' <<END
$types
$instance
instance 99999999-0000-4000-8000-000000000000 'i915-$evil' 0000:00:02.0
group 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 1
running 900 'evil$evil' 4000 '' 1
END
hostile report 'reports with escapes' 'wait for' <<END
$types
put run/gvt-early/report.json '{"version": 1, "program": "gvt-early", "release": "0\\u001b[2J", "build_id": "\\u009b31m", "command": "boot",
 "boot_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "kernel": "6\\u001b]0;x\\u0007", "state": "st\\u007f\\u009b", "result": "re\\u001bs",
 "gpu": "\\u001b", "i915_loaded_by": "\\u001b[2J\\u202e", "started_us": 1000000, "deadline_us": 11000000, "finished_us": 11000000,
 "steps": [{"name": "wait for\\u001b[2J\\u009b\\nfake line", "result": "failed\\u001b", "detail": "de\\u001b[2J\\u007f\\u009b\\nfake line", "at_us": 1, "duration_us": 9000000}],
 "current": {"name": "cur\\u001b[2J\\u009b\\nfake line", "at_us": 2},
 "instances": [{"uuid": "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01", "type": "\\u001b[2J", "parent": "\\u009b",
  "source": "\\u001b", "result": "failed", "detail": "de\\u001b]0;x\\u0007tail\\nfake line"}]}'
END
run status --root "$root"
unlike 'what a report says begins no line of its own' "$output" '^fake'
hostile report-bytes 'reports that are no UTF-8' '' <<END
put run/gvt-early/report.json '{"version": 1, "state": "$evil", "command": "boot"}'
put run/gvt-early/apply.json '$evil'
put run/gvt-early/made '$evil'
put run/gvt-early/snapshot.conf '$evil'
END
hostile guests "guests' files" 'end' <<END
remove etc/gvt-early
put etc/hostname pve
guest 100 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-$evil' 'hostpci1: $evil,mdev=i915-GVTg_V5_8' 'hostpci2: 00:02.0,$evil=1,mdev=i915-GVTg_V5_4' 'lock: $evil' \\
	'startup: order=$evil' 'hookscript: local:snippets/$evil' 'machine: $evil'
guest 101 'onboot: 1' 'hostpci0: mapping=$evil,mdev=i915-GVTg_V5_8' 'hostpci1: mapping=igpu,mdev=i915-GVTg_V5_8,x-vga=1'
guest 102 'onboot: 1' 'hostpci0: 00:02.0,mdev=i915-GVTg_V5_8' '$evil: $evil' '[$evil]'
mkdir -p etc/pve/mapping etc/pve/ha
printf '%s\\n' 'igpu' '	map id=$evil,node=pve,path=$evil,subsystem-id=$evil' '	$evil 1' '$evil' '	map id=8086:3e92,node=$evil,path=0000:00:02.0' >etc/pve/mapping/pci.cfg
printf '%s\\n' 'vm: 102' '	state $evil' '$evil: $evil' >etc/pve/ha/resources.cfg
END
hostile modprobe 'modprobe.d, and names of its files' 'end' <<END
modprobe options i915 'enable_gvt=0$evil'
modprobe options vfio-pci 'ids=8086:3e92:$evil'
modprobe blacklist '$evil'
put 'etc/modprobe.d/$evil.conf' 'options i915 enable_gvt=0 $evil'
put etc/modules 'vfio_virqfd
$evil'
put 'etc/modules-load.d/$evil.conf' 'exngt
$evil'
END
hostile bootloader 'bootloader files and kernels' '' <<END
remove proc/cmdline
put proc/cmdline 'BOOT_IMAGE=/boot/vmlinuz-$evil quiet'
mkdir -p boot/grub
printf '%s\\n' "menuentry '$evil' --id '$evil' {" '	linux /boot/vmlinuz-$evil root=$evil' '}' 'set default="$evil"' >boot/grub/grub.cfg
printf '%s\\n' '# GRUB' 'saved_entry=$evil' >boot/grub/grubenv
put etc/default/grub 'GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on $evil"
GRUB_DEFAULT="$evil"'
put etc/kernel/cmdline 'root=$evil intel_iommu=on'
put etc/kernel/proxmox-boot-uuids '$evil'
put 'boot/vmlinuz-9.$evil' ''
put 'boot/initrd.img-9.$evil' '$evil'
iommu off
END
hostile release 'the name of the kernel, of the host, of the boot' '' <<END
put proc/sys/kernel/osrelease '6.1$evil'
put proc/sys/kernel/random/boot_id '$evil'
put etc/hostname '$evil'
put etc/os-release 'ID=$evil'
END
hostile log 'the kernel log' '' <<END
loaded
put dev/kmsg '3,100,5000000,-;i915 0000:00:02.0: GuC submission enabled $evil
4,101,5000000,-;kvmgt: Unknown symbol $evil (err -2)
3,102,5000000,-;[drm] gvt: $evil
3,103,5000000,-;i915: Loading of module $evil is rejected'
END
hostile umlauts 'letters that do no harm' "schl[?]ssel" <<END
config gvt-early.conf <<X
schl${umlaut}ssel = 1
X
config "conf.d/${umlaut}.conf" <<X
nonsense
X
END
like 'they stay where the locale has them' "$(cat "$told/C.UTF-8.plan.err")" "schl${umlaut}ssel"
like 'and in JSON everywhere' "$(jq -r '.warnings[], .problems[]' "$told/C.plan_--json")" "schl${umlaut}ssel"

# Words of the caller's, and what getopt says of them.
mkdir "$work/words"
for locale in C C.UTF-8; do
	number=0
	for word in "$evil" "--$evil" "-$evil" "--root=$evil" "--guest=$evil" "plan $evil" "types $evil" "status $evil" "--kernel=$evil" "capture /none/$evil"; do
		case $word in
		*' '*) set -- "${word%% *}" "${word#* }" ;;
		--guest*) set -- apply "$word" ;;
		--kernel*) set -- contents --root "$root" "$word" ;;
		*) set -- "$word" plan ;;
		esac
		number=$((number + 1))
		LC_ALL=$locale "$program" "$@" >"$work/words/$locale.$number" 2>&1 </dev/null
	done
done
is "words of the caller's" "$(not_plain C "$work"/words/C.[!U]*)$(not_plain C.UTF-8 "$work"/words/C.UTF-8.*)" ''

done_testing
