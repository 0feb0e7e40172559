#!/usr/bin/perl
# The cases of check.table and next-boot.table: each changes the healthy host, and "check" finds that and nothing else. check.t runs this.
#
# usage: cases.pl WORK
#
# Prints TAP, and leaves in the directory WORK the number of tests (count), all JSON of "check" (json.N), and what "plan" and "status"
# say of each host (others: disagreements() of lib.sh judges it). It needs a healthy host there (healthy.root), and of the environment
# PROGRAM, BUILD_ID and EMPTY_MODULE (words.sh). It is no shell script, because that took several times as long: it starts a process
# for each word that it looks at.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use JSON::PP qw(decode_json);

my $work = abs_path($ARGV[0] // die "usage: cases.pl WORK\n");
my $cli = abs_path(dirname($0));
my $program = $ENV{PROGRAM} // die "PROGRAM is not set\n";
my $all_captures = $ENV{ALL_BOOTS};
my %lists = map { $_ => 1 } qw(root then mend says cure file);
my $case;  # what the table says of it: its words, and for each of the lists its lines
my $root;  # its host
my @mode;  # further words for "check"
my ($count, $cases, $looks) = (0, 0, 0);

# Of all cases.
my ($long_lines, $no_ascii, $other_codes, $said_errors, $captures, $tools) = (0, 0, 0, 0, '', '');

sub slurp { open my $file, '<', $_[0] or die "$_[0]: $!\n"; local $/; return scalar(<$file>) // ''; }
sub spew { open my $file, '>', $_[0] or die "$_[0]: $!\n"; print $file $_[1]; close $file or die "$_[0]: $!\n"; }
sub chomped { (my $text = $_[0]) =~ s/\n+\z//; return $text; }
sub note { print s/^/# /r, "\n" for split /\n/, $_[0]; }

sub ok {
	my ($what, $good) = @_;
	$count++;
	print $good ? '' : 'not ', "ok $count - $what\n";
	return $good;
}
sub is { my ($what, $got, $wanted) = @_; return ok($what, $got eq $wanted) || (note("got:      $got\nexpected: $wanted"), 0)[1]; }
# A line of the text matches.
sub like { my ($what, $text, $regex) = @_; ok($what, $text =~ /$regex/m) or note("no match of: $regex\nin: $text"); }
sub unlike { my ($what, $text, $regex) = @_; ok($what, $text !~ /$regex/m) or note("a match of: $regex\nin: $text"); }

# start FILES COMMAND...: runs it with nothing on standard input, and standard output and error in these files. Returns its exit code.
sub start {
	my ($out, $err, @command) = @_;
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		open STDIN, '<', '/dev/null' or die;
		open STDOUT, '>', $out or die;
		open STDERR, '>', $err or die;
		exec { $command[0] } @command or die "$command[0]: $!\n";
	}
	waitpid $pid, 0;
	return $? & 127 ? 128 + ($? & 127) : $? >> 8;
}

# run ARGUMENT...: the program's exit code, output and errors.
sub run { return start("$work/out", "$work/err", $program, @_), chomped(slurp("$work/out")), slurp("$work/err"); }

sub do_or_die { system(@_) == 0 or die "failed: @_\n"; }

# change LINE...: shell lines of make-root.sh and words.sh, run in the host's tree.
my $words = slurp("$cli/words.sh");
sub change {
	open my $make, '|-', "$cli/make-root.sh", '--change', $root or die "make-root.sh: $!\n";
	print $make $words, map { "$_\n" } @_;
	close $make or die "the case '$case->{what}' cannot be made\n";
}

# look: "check" as JSON. Returns its exit code and its findings.
sub look {
	my $json = "$work/json." . ++$looks;
	my $code = start($json, "$work/err", $program, 'check', @mode, '--root', $root, '--json');
	return $code, findings($json);
}
sub findings {
	my @findings = map { @{ $_->{findings} } } @{ decode_json(slurp($_[0]))->{requirements} };
	for my $finding (@findings) {
		utf8::encode($_) for values %$finding;
	}
	return @findings;
}

# The values of a field, each once, in order.
sub unique { my %seen = map { $_ => 1 } @_; return join ' ', sort keys %seen; }
sub names { return unique(map { $_->{name} } @_); }

# The commands in the cures that change files, as lib.sh has them (commands, run_commands).
sub commands { return grep { defined } map { /^(?:.*: )?((?:sed|ln|mv|cp|rm|touch) .*)$/ ? $1 : undef } map { split /\n/, $_->{cure} } @_; }
sub run_commands {
	for my $command (@_) {
		system('sh', '-c', "cd \"\$1\" && eval \"\$2\"", 'sh', $root, $command =~ s{ /}{ ./}gr) == 0 or note("failed: $command");
	}
}

# The text keeps to 80 columns of ASCII, and both outputs agree.
sub look_at_text {
	my ($code, $text, $errors, $json_code) = @_;
	$long_lines++ if grep { length > 80 && !/^ *[^ ]{60,}$|^    [^ ]/ } split /\n/, $text;
	$no_ascii++ if $text =~ /[^\n\x20-\x7e]/;
	$other_codes++ if $code != $json_code;
	$said_errors++ if $errors ne '';
}

# A capture of it gives the same answer.
sub look_at_capture {
	my ($text) = @_;
	do_or_die('rm', '-rf', "$work/copy");
	mkdir "$work/copy";
	run('capture', "$work/copy.tar", '--root', $root);
	system('tar', '-C', "$work/copy", '-xf', "$work/copy.tar");
	my ($code, $copied) = run('check', @mode, '--root', "$work/copy");
	return if $copied eq $text;
	$captures .= " $case->{what};";
	spew("$work/text", "$text\n");
	note(scalar qx{diff '$work/text' '$work/out'});
}

# What the other commands say of it.
sub look_at_others {
	my ($json) = @_;
	my %code = map { $_ => start("$work/$_.json", "$work/err", $program, $_, '--root', $root, '--json') } qw(plan status);
	open my $others, '>>', "$work/others" or die "$work/others: $!\n";
	print $others JSON::PP->new->encode([$case->{what}, $code{plan}, $code{status}]), slurp($json), map { slurp("$work/$_.json") } qw(plan status);
	close $others or die "$work/others: $!\n";
}

# Without any programs no cure names one: it says what must become true.
sub look_without_tools {
	my $sbin = "$root/usr/sbin";
	rename $sbin, "$sbin.away" or die "$sbin: $!\n";
	mkdir $sbin;
	start("$work/out", "$work/err", $program, 'check', @mode, '--root', $root, '--json');
	my @named = grep { /(?<!\w)(update-initramfs|update-grub|grub-mkconfig|dracut|proxmox-boot-tool|apt|dkms status|pvesh|qm)(?!\w)/ }
		map { $_->{cure} } findings("$work/out");
	$tools .= " $case->{what}: @named;" if @named;
	do_or_die('rm', '-rf', $sbin);
	rename "$sbin.away", $sbin or die "$sbin: $!\n";
}

sub file_is {
	my ($name, $text) = $_[0] =~ /^(\S+) ?(.*)$/;
	$text =~ s/\\(n|t|\\)/$1 eq 'n' ? "\n" : $1 eq 't' ? "\t" : "\\"/ge;
	is("$case->{what}: the file $name after all cures", chomped(slurp("$root/$name")), chomped($text));
}

sub end_case {
	return unless $case;
	my ($finding, $what) = @$case{qw(finding what)};
	$what = $case->{what} = "$finding: $what";
	$root = "$work/case." . ++$cases;
	do_or_die('cp', '-a', "$work/healthy.root", $root);
	# What each part sets is its own.
	change('(', @{ $case->{root} }, @{ $case->{root} } ? 'index_modules' : ':', ')', 'early_stage', @mode ? '(next_host)' : ':',
		'(', @{ $case->{then} }, ':', ')');
	my ($json_code, @findings) = look();
	my $json = "$work/json.$looks";
	my ($code, $text, $errors) = run('check', @mode, '--root', $root);
	look_at_text($code, $text, $errors, $json_code);
	look_at_capture($text) if @mode || $all_captures;
	look_at_others($json) unless @mode;
	look_without_tools() if -d "$root/usr/sbin";
	my $found = names(@findings);
	if ($finding eq 'none') {
		is("$case->{case}: nothing is said", join("\n", $found || (), grep { !/^ok  |^ +|^$|^Verdict ok$/ } split /\n/, $text), '');
		is("$case->{case}: exit code", $code, 0);
		$case = undef;
		return;
	}
	is($what, $found, join ' ', sort $finding, split ' ', $case->{also}) or note($text);
	is("$what: severity", unique(map { $_->{severity} } grep { $_->{name} eq $finding } @findings), $case->{severity});
	is("$what: exit code", $code, $case->{severity} =~ /^(failed|unknown)$/ ? 1 : 0);
	my $told = join '', map { "$_->{name}: $_->{seen}; $_->{cure}\n" } @findings;
	like("$what: told", $told, "^$finding: .*$_") for @{ $case->{says} };
	unlike("$what: not told", "$text\n$told", $case->{silent}) if $case->{silent} ne '';
	my @commands = commands(@findings);
	is("$what: the commands of the cures", join("\n", @commands), join("\n", @{ $case->{cure} }));
	if (@{ $case->{cure} }) {
		run_commands(@commands);
		(undef, @findings) = look();
		unlike("$what: the cures cure", names(@findings), $finding);
	}
	if ($case->{follow}) {
		is("$what: its cures can be followed", chomped(scalar qx{perl '$cli/follow.pl' '$root' '$work/json.$looks' 2>&1}), '');
		(undef, @findings) = look();
		unlike("$what: gone when its cures are followed", ' ' . names(@findings) . ' ', " $finding ");
	}
	file_is($_) for @{ $case->{file} };
	if (@{ $case->{mend} }) {
		change(@{ $case->{mend} });
		(undef, @findings) = look();
		unlike("$what: gone when it is fixed", names(@findings), $finding);
	}
	do_or_die('rm', '-rf', $root);
	$case = undef;
}

sub read_table {
	my ($name) = @_;
	open my $table, '<', "$cli/$name" or die "$name: $!\n";
	while (my $line = <$table>) {
		chomp $line;
		my ($word, $rest) = split / /, $line, 2;
		$rest //= $word // '';
		if ($line eq '' || $word eq '#') {
			next;
		} elsif ($word eq 'finding') {
			end_case();
			$rest =~ /^(.*) (.*?)$/ or die "$name: a finding without a severity: $line\n";
			$case = { finding => $1, severity => $2, what => '', also => '', silent => '', follow => '', map { $_ => [] } keys %lists };
		} elsif ($word eq 'follow') {
			$case->{follow} = 'yes';
		} elsif ($word eq 'case') {
			$case->{what} = $case->{case} = $rest;
		} elsif ($word eq 'also' || $word eq 'silent') {
			$case->{$word} = $rest;
		} elsif ($lists{$word}) {
			push @{ $case->{$word} }, $rest;
		} else {
			die "$name: what is '$line'?\n";
		}
	}
	end_case();
}

$| = 1;
unlink "$work/others";
read_table('check.table');
@mode = ('--next-boot');
read_table('next-boot.table');

is('no line is longer than 80 columns, unless it is one word', $long_lines, 0);
is('plain ASCII where the locale says nothing else', $no_ascii, 0);
is('text and JSON have the same exit code', $other_codes, 0);
is('of a capture the same is said, whatever it is', $captures, '');
is('where a program is not there, no cure names it', $tools, '');
is('nothing on standard error', $said_errors, 0);
spew("$work/count", "$count\n");
