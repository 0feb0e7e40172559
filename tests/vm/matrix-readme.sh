#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# README.md's table of the tested matrix, which stands between two marker lines.
#
#   matrix-readme.sh cells           has it the cells of matrix.cells?
#   matrix-readme.sh compare ROWS    has it these lines? With UPDATE=1 it gets them.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
readme=$here/../../README.md

# A line of the table belongs to the cell at the same place.
cells() {
	awk '
		function has(word) { return index(row, word) > 0 }
		FNR == NR && !/^#/ { root[++cells] = $1; variant[cells] = $2 }
		FNR == NR || /^<!-- matrix/ { inside = FNR != NR; next }
		/^<!--/ { inside = 0 }
		!inside || !/^\| Debian/ { next }
		{
			row = $0
			lines++
			split(root[lines], part, "-")
			if (!has("(" part[1] ")") || (part[2] ~ /^[0-9]/ && !has("| " part[2] ",")) ||
			    !has(variant[lines] ~ /dracut/ ? "| dracut " : "| initramfs-tools ") ||
			    has("plain") != (variant[lines] ~ /plain/) || has("hostonly") != (variant[lines] ~ /hostonly/) ||
			    has(".ko.zst") != (variant[lines] ~ /zst/)) {
				print "cell " lines " is " root[lines] " " variant[lines] ", but README.md has: " row
				bad = 1
			}
		}
		END {
			if (lines != cells) print cells " cells, but " lines + 0 " lines in README.md"
			exit bad || lines != cells
		}
	' "$here/matrix.cells" "$readme"
}

# with_rows ROWS: README.md with these lines in its table.
with_rows() {
	awk -v rows="$1" '
		/^<!--/ { inside = 0 }
		!inside || !/^\| Debian/ { print }
		/^<!-- matrix/ { inside = 1 }
		inside && /^\|---/ { while ((getline row <rows) > 0) print row }
	' "$readme"
}

case ${1:-} in
cells) cells ;;
compare)
	new=$(mktemp)
	trap 'rm -f "$new"' EXIT
	with_rows "$2" >"$new"
	if [ -n "${UPDATE:-}" ]; then
		cat "$new" >"$readme"
	elif ! diff -U 0 --label README.md --label measured "$readme" "$new"; then
		echo "the matrix has moved on; to renew README.md: UPDATE=1 make check-matrix"
		exit 1
	fi
	;;
*)
	echo "usage: matrix-readme.sh cells | compare ROWS" >&2
	exit 2
	;;
esac
