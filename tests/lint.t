#!/bin/sh
# What tools can say of the sources without running them: shellcheck, cppcheck, clang's warnings, the manual pages.
set -u

cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

count=0
# check WHAT COMMAND...: it succeeds and says nothing.
check() {
	what=$1
	shift
	count=$((count + 1))
	if "$@" >"$log" 2>&1 && ! [ -s "$log" ]; then
		echo "ok $count - $what"
	else
		echo "not ok $count - $what"
		sed 's/^/# /' "$log"
	fi
}

# Every file that git knows of or would add, and that a shell runs; without git every file outside of a build folder.
shell_scripts() {
	{
		git ls-files --cached --others --exclude-standard 2>/dev/null ||
			find . '(' -name build -o -name .git ')' -prune -o -type f -print
	} |
		while read -r file; do
			[ -f "$file" ] || continue
			case $(head -n 1 "$file" | tr -d '\0') in
			'#!/bin/sh'* | '#!/bin/bash'* | '#!/bin/dash'* | '# shellcheck shell='*) echo "$file" ;;
			esac
		done | sort -u
}

# Boot scripts are run by dash or busybox; what they source lies on the host.
for script in $(shell_scripts); do
	case $script in
	*initramfs-tools/*) check "shellcheck $script" shellcheck -s dash -e SC1090,SC1091 "$script" ;;
	*) check "shellcheck $script" shellcheck -x -P SCRIPTDIR -e SC1090,SC1091 "$script" ;;
	esac
done

# missingIncludeSystem: it shall not read the system's headers. normalCheckLevelMaxBranches: newer ones say how deep they look.
# The last two: Debian 13's does not follow an error code that says that memory ran out.
check 'cppcheck early/' cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
	--error-exitcode=1 --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
	--suppress=nullPointerOutOfMemory --suppress=ctunullpointerOutOfMemory -D_GNU_SOURCE '-DBUILD_RELEASE=""' '-DBUILD_LIBRARIES=""' \
	-Iearly -I"$build" early

# With another compiler than the binary's: its warnings are errors, which need no optimization. The pinned libraries are taken as they are (-o).
# make's own variables would tie this to a make that runs the tests.
clang_build() {
	mkdir -p "$build/clang"
	# shellcheck disable=SC2046 # words
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make --no-print-directory --silent CC="${CLANG:-clang}" CFLAGS=-O0 \
		BUILD="$build/clang" LIBS_DIR="$build/libs" $(for archive in "$build"/libs/*/lib/*.a; do echo "-o $archive"; done) \
		"$build/clang/gvt-early" >"$log.make" 2>&1
	status=$?
	# Its own progress is no warning.
	grep -Ev '^(CC|LINK|GEN) |^$' "$log.make"
	rm -f "$log.make"
	return $status
}
check 'clang builds it without a warning' clang_build
says_its_release() {
	"$build/clang/gvt-early" -V | grep -q '^gvt-early '
}
check 'the clang build runs' says_its_release

check 'early/: no include upwards, no circle' tests/house early

# Debian 12's clang-format and Debian 13's agree on .clang-format; "make format" formats.
is_formatted() { find early tests -name '*.[ch]' -exec clang-format --dry-run -Werror {} +; }
check 'the C sources are formatted' is_formatted

check 'README.md names the cells of the matrix' tests/vm/matrix-readme.sh cells

scdoc_takes() { scdoc <"$1" >/dev/null; }
# Debian 13's groff calls it a warning that a line of one word, in a column of a table, cannot be spread.
groff_takes() {
	scdoc <"$1" | groff -t -man -Tutf8 -ww -z 2>"$log.groff"
	status=$?
	grep -v ': cannot adjust line$' "$log.groff"
	rm -f "$log.groff"
	return $status
}
for page in early/*.scd; do
	check "scdoc $page" scdoc_takes "$page"
	if command -v groff >/dev/null; then
		check "groff $page" groff_takes "$page"
	else
		count=$((count + 1))
		echo "ok $count # SKIP groff is not installed"
	fi
done

echo "1..$count"
