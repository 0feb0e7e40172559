#!/bin/sh
# The Debian package: what is in it, and what dpkg makes of it.
. "$(dirname "$0")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin # dpkg wants ldconfig

deb=$(echo "$build"/deb/*)
version=$(dpkg-parsechangelog -l "$top/debian/changelog" -S Version)
is 'one file, named after the version in the changelog' "$deb" "$build/deb/gvt-early_${version}_amd64.deb"

# Where debhelper puts units: Debian 13's /usr is merged in its packages, too.
units=/usr/lib/systemd/system
grep -q '^VERSION_CODENAME=b' /etc/os-release && units=/lib/systemd/system

# contents: modes, owners and names, in the order of the names; without the directories that lead to the units.
contents() {
	dpkg-deb --contents "$deb" | awk '{ print $1, $2, $6, $7, $8 }' | grep -Ev ' \./(usr/)?lib/(systemd/(system/)?)? *$' |
		sed "s/ *$//; s: \.$units/: ./UNITS/:" | LC_ALL=C sort -k 3
}
[ -z "${UPDATE-}" ] || contents >"$cli/expect/deb.out"
contents >"$work/contents"
ok 'the files in it' cmp -s "$cli/expect/deb.out" "$work/contents" ||
	note "$(diff -u "$cli/expect/deb.out" "$work/contents")"

# What "make install" installs is all in it.
mkdir "$work/files"
dpkg-deb --extract "$deb" "$work/files"
for place in "$top"/initramfs-tools/* "$top"/dracut/*/* "$top"/early/*.service "$top"/early/hookscript "$top"/early/*.conf "$top"/metrics/*; do
	case $place in
	*/dracut/*) file=/usr/lib/dracut/modules.d/${place#"$top/dracut/"} ;;
	*/hook) file=/usr/share/initramfs-tools/hooks/gvt-early ;;
	*.service | *.timer) file=$units/${place##*/} ;;
	*/early/*.conf) file=/etc/gvt-early/${place##*/} ;;
	*/publish) file=/usr/share/gvt-early/publish-metrics ;;
	*.yml) file=/usr/share/doc/gvt-early/examples/${place##*/} ;;
	*/early/*) file=/usr/share/gvt-early/${place##*/} ;;
	*/initramfs-tools/*) file=/usr/share/initramfs-tools/scripts/${place##*/}/gvt-early ;;
	esac
	ok "$file is ${place#"$top/"}" cmp -s "$place" "$work/files$file"
done

# Of the same sources as the program under test, but with Debian's flags.
program=$work/files/usr/sbin/gvt-early
run -V
is '-V: exit code' "$rc" 0
is "-V: the package's upstream version" "$(printf '%s\n' "$output" | head -n 1)" "gvt-early ${version%-*}"
is '-V: the libraries' "$(printf '%s\n' "$output" | sed '1,/^build ID:/d')" "$("$build/gvt-early" -V | sed '1,/^build ID:/d')"
unlike 'no interpreter' "$(readelf -lW "$program")" INTERP
unlike 'no library is needed' "$(readelf -dW "$program")" NEEDED
unlike 'no debugging information' "$(readelf -SW "$program")" '\.debug_info|\.symtab'
unlike 'no path of the machine that built it' "$(strings -a "$program" | grep -F "$top")" .

field() { dpkg-deb --field "$deb" "$1"; }
is 'Version' "$(field Version)" "$version"
is 'Architecture' "$(field Architecture)" amd64
# Nothing that is another version on another Debian.
is 'Depends' "$(field Depends)" 'initramfs-tools | dracut'
is 'Pre-Depends and Recommends' "$(field Pre-Depends)$(field Recommends)" ''
is 'Static-Built-Using' "$(field Static-Built-Using | sed 's/ ([^)]*)//g')" \
	'jansson, kmod, libinih, libzstd, lz4, musl, pciutils, util-linux, xz-utils, zlib'
is 'the triggers' "$(dpkg-deb --info "$deb" triggers | grep -v '^#')" 'interest-noawait /lib/modules
interest-noawait /usr/lib/modules
activate-noawait update-initramfs'
is 'its control files' "$(dpkg-deb --ctrl-tarfile "$deb" | tar -t | grep '[a-z]' | sort | tr '\n' ' ')" \
	'./conffiles ./control ./md5sums ./postinst ./postrm ./prerm ./triggers '
is 'the conffiles' "$(dpkg-deb --info "$deb" conffiles)" '/etc/gvt-early/gvt-early.conf
/etc/kernel/postinst.d/zzz-gvt-early'
unlike 'no script starts anything' "$(dpkg-deb --info "$deb" postinst postrm prerm)" 'systemctl.* (re)?start|invoke .*start'
is 'nor stops anything but the timer of the metrics' "$(dpkg-deb --info "$deb" postinst postrm prerm | grep -E 'stop|kill' | grep -v '#')" \
	'	deb-systemd-invoke stop gvt-early-metrics.timer >/dev/null || true'
unlike 'nor enables that' "$(dpkg-deb --info "$deb" postinst | grep -B 1 "enable 'gvt-early-metrics" | head -n 1)" '^$'

# The trigger of the kernels' files: the gate is run if a kernel's own installation has failed, and never fails for it.
mkdir "$work/bin"
# shellcheck disable=SC2016 # for the program that is made
printf '#!/bin/sh\nprintf "%%s\\n" installed $KERNEL not-installed\n' >"$work/bin/dpkg-query"
printf '#!/bin/sh\necho the gate\nexit 1\n' >"$work/bin/gate"
chmod +x "$work/bin/dpkg-query" "$work/bin/gate"
dpkg-deb --info "$deb" postinst | sed "s:^hook=.*:hook=$work/bin/gate:" >"$work/postinst"
# triggered KERNEL: what it says, and its exit code.
triggered() { KERNEL=$1 PATH=$work/bin:$PATH sh "$work/postinst" triggered '/lib/modules' 2>&1; echo "$?"; }
is 'a kernel that was installed' "$(triggered installed)" 0
is "a kernel whose installation failed" "$(triggered half-configured)" 'the gate
0'
rm "$work/bin/gate"
is 'the hook was removed by the admin' "$(triggered half-configured)" 0

# The lists of packages that building needs are the same; dpkg-buildpackage takes build-essential for granted.
build_depends() { sed -n '/^Build-Depends:/,/^[A-Z]*[^ ].*: /p' "$top/debian/control" | sed -n 's/^ \([a-z0-9-]*\).*/\1/p'; }
# make_list NAME: the words of a variable in the Makefile.
make_list() {
	awk -v name="$1" '$1 == name && $2 == ":=" { on = 1; $1 = $2 = "" } on { more = sub(/\\$/, ""); print; on = more }' "$top/Makefile" |
		tr -s "\t " "\n" | grep .
}
is 'Build-Depends is what the Makefile lists' "$(build_depends | sed 's/-compat$//' | sort)" \
	"$({ make_list BUILD_PACKAGES; make_list DEB_PACKAGES; make_list UNIT_CLI_PACKAGES; } | grep -Evx 'gcc|libc6-dev|make|binutils|dpkg-dev' | sort)"

#
# Installed and removed in an empty root. Who regenerates initrds is a package without files here: dpkg tells that its
# trigger is pending. The scripts are run outside, and go by DPKG_ROOT; what enables the unit does so too.
#

# generator NAME
generator() {
	mkdir -p "$work/$1/DEBIAN"
	echo 'interest update-initramfs' >"$work/$1/DEBIAN/triggers"
	cat >"$work/$1/DEBIAN/control" <<X
Package: $1
Version: 1
Architecture: all
Maintainer: nobody <nobody@example.org>
Description: stands in
X
	dpkg-deb --build "$work/$1" "$work/$1.deb" >/dev/null
}

in_root() {
	dpkg --root="$root" --force-not-root --force-unsafe-io --force-script-chrootless --log=/dev/null "$@" >"$work/log" 2>&1 ||
		note "dpkg $*: $(cat "$work/log")"
}
state() { dpkg-query --admindir="$root/var/lib/dpkg" -W -f='${db:Status-Status}' gvt-early 2>/dev/null; }
wants=etc/systemd/system/multi-user.target.wants/gvt-early.service
enabled() { readlink "$root/$wants"; }
files() { (cd "$root" && find . -path ./var -prune -o -path ./etc/systemd -prune -o -mindepth 1 ! -name . -print | LC_ALL=C sort); }
pending() {
	is "$1: the initrds are to be made anew" "$(dpkg-query --admindir="$root/var/lib/dpkg" -W \
		-f='${db:Status-Status}' "$generator")" triggers-pending
	in_root --configure --pending
}

for generator in initramfs-tools dracut; do
	root=$work/root.$generator
	mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates"
	: >"$root/var/lib/dpkg/status"
	generator $generator
	in_root --install "$work/$generator.deb"

	in_root --no-triggers --install "$deb"
	is "$generator: installed" "$(state)" installed
	is "$generator: all files are there" "$(files | sed 's/^\.//')" \
		"$(dpkg-deb --contents "$deb" | awk '{ print $6 }' | sed 's/^\.//; s:/$::' | grep . | LC_ALL=C sort)"
	pending "$generator, installed"
	is "$generator: the service is enabled" "$(enabled)" "$units/gvt-early.service"
	rm "$root/$wants"
	in_root --no-triggers --install "$deb"
	is "$generator: installed once more" "$(state)" installed
	pending "$generator, installed once more"
	is "$generator: a service that the admin has disabled stays so" "$(enabled)" ''

	is "$generator: the metrics are not" "$(ls "$root/etc/systemd/system")" multi-user.target.wants

	# What it writes when it runs; what an admin has changed, and added.
	mkdir -p "$root/run/gvt-early" "$root/run/modprobe.d" "$root/var/lib/gvt-early" "$root/var/lib/prometheus/node-exporter"
	for file in run/gvt-early/report.json run/modprobe.d/gvt-early.conf var/lib/gvt-early/guests \
		var/lib/prometheus/node-exporter/gvt-early.prom; do
		echo written >"$root/$file"
	done
	echo '[settings]' >>"$root/etc/gvt-early/gvt-early.conf"
	cp "$root/etc/gvt-early/gvt-early.conf" "$work/mine"

	in_root --no-triggers --remove gvt-early
	is "$generator: removed, the conffile is left, as it is" \
		"$(state)$(files | tr '\n' ' ')$(cmp "$work/mine" "$root/etc/gvt-early/gvt-early.conf")" \
		'config-files./etc ./etc/gvt-early ./etc/gvt-early/gvt-early.conf ./etc/kernel ./etc/kernel/postinst.d '\
'./etc/kernel/postinst.d/zzz-gvt-early ./run ./run/gvt-early ./run/gvt-early/report.json '\
'./run/modprobe.d ./run/modprobe.d/gvt-early.conf '
	is "$generator: its metrics are not published any more" "$(ls "$root/var/lib/prometheus/node-exporter")" ''
	pending "$generator, removed"
	in_root --purge gvt-early
	is "$generator: purged, nothing is left" \
		"$(state)$(find "$root" -path "$root/var/lib/dpkg" -prune -o ! -type d -print; ls -d "$root"/*/gvt-early "$root"/var/*/gvt-early 2>/dev/null)" ''

	in_root --install "$deb"
	echo mine >"$root/etc/gvt-early/conf.d/10.conf"
	in_root --purge gvt-early
	is "$generator: a file of the admin's own stays when it is purged" "$(state)$(cd "$root" && find etc -path '*gvt*' | tr '\n' ' ')" \
		'etc/gvt-early etc/gvt-early/conf.d etc/gvt-early/conf.d/10.conf '
done

done_testing
