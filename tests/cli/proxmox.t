#!/usr/bin/perl
# The cases of proxmox.cases: the plan wants what Proxmox VE makes a mediated device for, on the same parents and in the same
# order of guests, and nothing for a guest that it does not start; then the plan tells why.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use JSON::PP;

my $cli = abs_path(dirname($0));
my $build = $ENV{BUILD} || 'build';
my $program = ($build =~ m{^/} ? $build : "$cli/../../$build") . '/gvt-early';
-x $program or die "$program: there is no such program\n";
my $work = tempdir(CLEANUP => 1);
my %types = map { ("i915-GVTg_V5_$_" => 1) } (1, 2, 4, 8);
my $host = 'remove etc/gvt-early/gvt-early.conf
loaded
types 0000:00:02.0 ' . join(' ', sort keys %types) . '
gpu 0000:00:1f.0 a309 class=0601
gpu 0000:00:1f.3 a348 class=0403
put etc/hostname pve
';
my $second = 'gpu 0000:01:00.0 3e92
types 0000:01:00.0 ' . join(' ', sort keys %types) . "\n";

sub make_root {
	my ($root, $lines) = @_;
	open(my $make, '|-', "$cli/make-root.sh", $root) or die "make-root.sh: $!";
	print $make $lines;
	close($make) or die "make-root.sh has failed\n";
	return $root;
}
my $one = make_root("$work/one", $host);
my $two = make_root("$work/two", $host . $second);

# The bytes that a line of the file stands for.
sub bytes {
	my ($text) = @_;
	$text =~ s/\\(?:(\\)|x([0-9a-f]{2})|\[(.)\*(\d+)\])/defined $1 ? '\\' : defined $2 ? chr hex $2 : $3 x $4/ge;
	return $text;
}

sub read_cases {
	my (@cases, $file);
	open(my $in, '<:raw', "$cli/proxmox.cases") or die "proxmox.cases: $!";
	while (my $line = <$in>) {
		chomp $line;
		if ($line =~ /^case (.+)/) {
			push @cases, { name => $1, files => {}, starts => [], refused => [] };
		} elsif ($line =~ /^file (.+)/) {
			$file = $1;
			$cases[-1]{files}{$file} = '';
		} elsif ($line =~ /^\|(.*)/s) {
			$cases[-1]{files}{$file} .= bytes($1) . "\n";
		} elsif ($line eq 'no newline at the end') {
			chop $cases[-1]{files}{$file};
		} elsif ($line =~ /^starts (\d+)(?: hostpci(\d+) (.+?)(?: keep)? mdev=(.*))?$/s) {
			push @{$cases[-1]{starts}}, [$1, $2, $3, bytes($4)] if defined $2;
		} elsif ($line =~ /^refused (\d+): /) {
			push @{$cases[-1]{refused}}, $1;
		} elsif ($line !~ /^(?:#|$)/) {
			die "proxmox.cases:$.: what is '$line'?\n";
		}
	}
	return @cases;
}

# What has to be wanted, and what is: lines of UUID, type and parents. What has no such type is no more than impossible.
sub expected {
	my ($case) = @_;
	return map { sprintf("%08d-0000-0000-0000-%012d %s on %s", $_->[1], $_->[0], $_->[3], $_->[2]) }
		grep { $types{$_->[3]} } @{$case->{starts}};
}
sub wanted {
	my ($plan) = @_;
	return map { "$_->{uuid} $_->{type} on " . join(' or ', $_->{parent}, @{$_->{other_parents}}) }
		grep { $types{$_->{type}} || $_->{step} ne 'failed' } @{$plan->{instances}};
}

sub put {
	my ($path, $text) = @_;
	make_path(dirname($path));
	open(my $out, '>:raw', $path) or die "$path: $!";
	print $out $text;
	close($out) or die "$path: $!";
}

sub plan_of {
	my ($case) = @_;
	my $root = $case->{name} =~ /alternatives/ ? $two : $one;
	umask 022;
	remove_tree("$root/etc/pve");
	make_path("$root/etc/pve");
	put("$root/etc/pve/$_", $case->{files}{$_}) for keys %{$case->{files}};
	my $json = `'$program' plan --json --root '$root' 2>'$work/err'`;
	return eval { JSON::PP->new->utf8->decode($json) } // {};
}

sub note { print map { "# $_\n" } map { split /\n/ } @_ }

my $count = 0;
for my $case (read_cases()) {
	my $plan = plan_of($case);
	my ($want, $have) = (join("\n", expected($case)), join("\n", wanted($plan)));
	my $told = join("\n", @{$plan->{problems} // []}, @{$plan->{warnings} // []});
	my @silent = grep { $told !~ /\bguest $_\b/ } @{$case->{refused}};
	my $good = $plan->{version} && $want eq $have && !@silent;
	print $good ? '' : 'not ', 'ok ', ++$count, " - $case->{name}\n";
	next if $good;
	note("expected:\n$want", "got:\n$have", "told:\n$told");
	note("nothing is told of guest $_") for @silent;
}
print "1..$count\n";
