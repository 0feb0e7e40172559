# shellcheck shell=sh
# What make-deb.sh and make-dist.sh share: the tree as the source package has it. Sourced, in the top directory.
#
# Whose umask it is, when it was checked out and who owns it does not matter: all files have the changelog's time and plain modes.
umask 022

die() { echo "${0##*/}: $*" >&2; exit 1; }

version=$(dpkg-parsechangelog -S Version)
# shellcheck disable=SC2034 # for make-dist.sh
upstream=${version%-*}
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -S Timestamp)
export SOURCE_DATE_EPOCH

# tree_files BUILD: every file that git knows of or would add, so that what is not committed yet is in the package; without git
# every file outside of BUILD and of the libraries' unpacked sources.
tree_files() {
	if ! { [ -e .git ] && git ls-files -z --cached --others --exclude-standard 2>/dev/null; }; then
		# shellcheck disable=SC2046 # words
		find . '(' -path ./build -o -path "./${1#"$PWD"/}" -o -path ./.git $(components | awk '{ print "-o -path ./" $1 }') ')' -prune \
			-o ! -type d -print0
	fi | perl -0ne 'chomp; s{^\./}{}; print "$_\0" if lstat' | LC_ALL=C sort -zu
}

# tree_tar BUILD NAME [PATTERN]: writes it as a tar, in a directory NAME, without files whose path matches.
tree_tar() {
	tree_files "$1" | grep -zEv "${3:-^$}" | tar --create --null --no-recursion --verbatim-files-from --files-from=- --transform="s:^:$2/:S" \
		--format=gnu --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX
}

# components: the pinned libraries, a line each: the name, the upstream tarball, its version as a source package.
components() { awk '!/^#/ { print $1, $4, $6 }' early/libs/pins; }

# unpack_tree BUILD DIRECTORY: the tree with the libraries beside it, as "dpkg-source --extract" leaves them.
unpack_tree() {
	mkdir -p "$2"
	tree_tar "$1" x | tar --extract --directory="$2" --strip-components=1
	components | while read -r name tarball _; do
		mkdir "$2/$name"
		tar --extract --file="$1/sources/$tarball" --directory="$2/$name" --strip-components=1 --no-same-owner
	done
}

# build_package DIRECTORY LOG OPTION...: dpkg-buildpackage there. Variables of the calling make, and compiler flags of the caller,
# do not decide what is in the package.
build_package() {
	directory=$1 log=$2
	shift 2
	if ! (cd "$directory" && env -i PATH="$PATH" LC_ALL=C.UTF-8 DEB_BUILD_OPTIONS="parallel=$(nproc) ${DEB_BUILD_OPTIONS-}" \
		dpkg-buildpackage --no-sign "$@") >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		die "the package could not be built; the whole log is $log"
	fi
}
