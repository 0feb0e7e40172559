#!/bin/sh
# Hosts rebuilt from public reports (reports/NAME.root, in make-root.sh's words), and what reports.table says of each.
. "$(dirname "$0")/lib.sh"
table=$cli/reports.table
report='' arguments='' rc='' said=''

# All that a run says, whatever its lines are: the text without its line breaks, and of "check" each finding's name, sight and cure.
say_all() {
	tr -s ' \n' ' ' <"$work/out"
	echo
	case $arguments in check*) jq -r '.requirements[].findings[] | .name + ": " + .seen + "; " + .cure' "$work/json" ;; esac
}

# The names of a severity's findings, in the order in which they are told.
named() { jq -r --arg s "$1" '[.requirements[].findings[] | select(.severity == $s).name] | join(" ")' "$work/json"; }

first_named() {
	for severity in failed unknown warning hint; do
		names=$(named $severity)
		[ -z "$names" ] || break
	done
	echo "${names%% *}"
}

look() {
	case $arguments in
	check*)
		# shellcheck disable=SC2086 # one word each
		run $arguments --root "$root" --json
		cp "$work/out" "$work/json"
		;;
	esac
	# shellcheck disable=SC2086 # one word each
	run $arguments --root "$root"
	said=$(say_all)
}

while IFS= read -r line; do
	word=${line%% *} rest=${line#* }
	[ "$word" != "$line" ] || rest=''
	what="$report, $arguments: $word $rest"
	case $word in
	report)
		report=$rest root=$work/$rest arguments=''
		mkdir "$root"
		"$cli/make-root.sh" --change "$root" <"$cli/reports/$report.root" || exit 1
		run check --root "$root" --json
		cp "$work/out" "$work/json"
		is "$report: plan and status agree with check" "$(disagree "$root" "$work/json")" ''
		for command in plan status; do
			run $command --root "$root"
			unlike "$report: $command does not send to check, which may have nothing more" "$output" "^Next: run 'gvt-early check'"
		done
		;;
	check | plan | types | status) arguments=$line && look ;;
	code) is "$what" "$rc" "$rest" || note "$said" ;;
	first) is "$what" "$(first_named)" "$rest" || note "$said" ;;
	failed | unknown | warning | hint) is "$what" "$(named "$word")" "$rest" ;;
	says) like "$what" "$said" "$rest" ;;
	silent) unlike "$what" "$said" "$rest" ;;
	cures) commands "$work/json" | run_commands "$root" ;;
	has) like "$what" "$(cat "$root/${rest%% *}")" "${rest#* }" ;;
	lacks) unlike "$what" "$(cat "$root/${rest%% *}")" "${rest#* }" ;;
	'#' | '') ;;
	*)
		echo "reports.table: what is '$line'?" >&2
		exit 1
		;;
	esac
done <"$table"

is 'reports.table has every report' "$(sed -n 's/^report //p' "$table" | sort)" "$(cd "$cli/reports" && printf '%s\n' *.root | sed 's/\.root$//')"

done_testing
