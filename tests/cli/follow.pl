#!/usr/bin/perl
# Follows the cures of "check" on a fixture, word by word and in the order in which they are told, as a person would; at "reboot" the
# kernel command line becomes what the bootloader's files say. Prints what cannot be done as it is told.
#
# usage: follow.pl DIRECTORY JSON    JSON is the answer of "check"
use strict;
use warnings;
use JSON::PP;

my ($root, $json) = @ARGV;
chdir $root or die "$root: $!\n";
my $applied; # the bootloader was told of the files

sub read_file { my $path = ".$_[0]"; open my $file, '<', $path or return; local $/; return scalar <$file>; }
sub write_file { open my $file, '>', ".$_[0]" or die "$_[0]: $!\n"; print $file $_[1]; close $file; }
sub problem { print "$_[0]\n"; return; }

# change_line PLACE CODE: the code gets the line in $_, and returns whether it could do it.
sub change_line {
	my ($place, $code) = @_;
	my ($file, $number) = $place =~ m{^(/.*):(\d+)$} or return problem("no place: $place");
	my $text = read_file($file) // return problem("no file: $file");
	my @lines = split /\n/, $text;
	local $_ = $lines[$number - 1] // return problem("no line: $place");
	my $done = $code->();
	$lines[$number - 1] = $_;
	write_file($file, join('', map { "$_\n" } grep { defined } @lines));
	problem("cannot be done in $place: $lines[$number - 1]") unless $done;
}

sub places { return split / and (?=\/)/, $_[0]; }

sub write_instead {
	my ($right, $wrong, $places) = @_;
	# The same was to be written for another finding before.
	change_line($_, sub { s/(?<![^\s"'])\Q$wrong\E(?![^\s"'])/$right/ || s/(?<!\w)\Q$wrong\E(?!\w)/$right/ || /\Q$right\E/ }) for places($places);
}

sub remove_word {
	my ($word, $places) = @_;
	change_line($_, sub { s/^\s*\Q$word\E\s*$// || s/\s+\Q$word\E(?![^\s"'])// || s/(?<![^\s"'=])\Q$word\E(?![^\s"'])\s*// }) for places($places);
}

sub remove_item {
	my ($item, $name, $places) = @_;
	change_line($_, sub { s/(?<![\w.])(\Q$name\E=(?:[^\s"']*,)?)\Q$item\E(?=[,\s"']|$),?/$1/ && s/,(?=[\s"']|$)//r }) for places($places);
}

sub add_to_file {
	my ($word, $variable, $file) = @_;
	my @lines = split /\n/, read_file($file) // '';
	my ($last) = grep { $lines[$_] =~ /^\s*(export )?\Q$variable\E=/ } reverse 0 .. $#lines;
	if (!defined $last) {
		push @lines, "$variable=\"$word\"";
	} else {
		$lines[$last] =~ s/(["']?)\s*$/ $word$1/;
		$lines[$last] =~ s/=(["']?) /=$1/;
	}
	write_file($file, join '', map { "$_\n" } @lines);
}

sub add_to_line {
	my ($word, $file) = @_;
	my ($first, $rest) = split /\n/, read_file($file) // '', 2;
	write_file($file, "$first $word\n" . ($rest // ''));
}

sub write_first {
	my ($line, $file) = @_;
	my (undef, $rest) = split /\n/, read_file($file) // '', 2;
	write_file($file, "$line\n" . ($rest // ''));
}

sub close_quote {
	change_line($_[0], sub { s/$/"/ if (my $n = () = /"/g) % 2; 1 });
}

# What GRUB's files come to, or nothing where grub-mkconfig would fail.
sub grub_words {
	my $words = qx{sh -ec '. ./etc/default/grub; for f in etc/default/grub.d/*.cfg; do [ ! -e "\$f" ] || . "./\$f"; done
		printf "%s %s" "\$GRUB_CMDLINE_LINUX" "\$GRUB_CMDLINE_LINUX_DEFAULT"' 2>/dev/null};
	return $? == 0 ? $words : undef;
}

sub apply {
	my $words = -e './etc/default/grub' ? grub_words() : '';
	return problem("the build of GRUB's menu fails") unless defined $words;
	my $first = (split /\n/, read_file('/etc/kernel/cmdline') // '')[0] // '';
	for my $menu (glob './boot/grub/grub.cfg ./var/tmp/espmounts/*/grub/grub.cfg') {
		my $text = read_file(substr $menu, 1) // next;
		$text =~ s/^(\s*linux\s.* ro)\b.*$/$1 $words/mg;
		write_file(substr($menu, 1), $text);
	}
	for my $entry (glob './var/tmp/espmounts/*/loader/entries/*.conf') {
		my $text = read_file(substr $entry, 1);
		$text =~ s/^options .*$/options $first/m;
		write_file(substr($entry, 1), $text);
	}
	$applied = 1;
}

sub run {
	my ($command) = @_;
	if ($command =~ /^(mv|sed|rm|cp|ln) /) {
		(my $here = $command) =~ s{ /}{ ./}g;
		system('sh', '-c', $here) == 0 or problem("fails: $command");
	} elsif ($command =~ /^(update-grub|proxmox-boot-tool refresh|kernel-install add .*)$/) {
		apply();
	}
}

sub reboot {
	return unless $applied;
	my $running = read_file('/proc/cmdline');
	my $systemd_boot = $running =~ /^initrd=\\/;
	my $words = $systemd_boot ? (split /\n/, read_file('/etc/kernel/cmdline'))[0] : grub_words();
	my ($own) = $running =~ /^(\S+=\S+(?: root=\S+)?)/;
	write_file('/proc/cmdline', "$own $words\n");
	mkdir './sys/class/iommu/dmar0' if $words =~ /(^|\s)intel_iommu=on\b/;
	my ($gvt) = $words =~ /.*(?:^|\s)i915\.enable_gvt=(\S+)/;
	write_file('/sys/module/i915/parameters/enable_gvt', $gvt ? "Y\n" : "N\n") if defined $gvt && -d './sys/module/i915/parameters';
}

my $place = qr{/[^ ,"']+:\d+};
my $answer = decode_json(read_file_at($json));
sub read_file_at { open my $file, '<', $_[0] or die "$_[0]: $!\n"; local $/; return scalar <$file>; }

for my $finding (map { @{ $_->{findings} } } @{ $answer->{requirements} }) {
	my $cure = $finding->{cure};
	while ($cure =~ m{
		\bwrite\ '(?<first>[^']+)'\ as\ the\ first\ line\ of\ (?<top>/[^ ,]+) |
		\bremove\ the\ inner\ quotation\ marks\ of\ "(?<quoted>[^"]+)"\ in\ (?<marks>$place) |
		\bwrite\ (?<q>"?)(?<right>[^"]*?)\g{q}\ instead\ of\ (?<r>"?)(?<wrong>[^"]*?)\g{r}\ in\ (?<in>$place(?:\ and\ $place)*) |
		\bwrite\ (?<line>(?:export\ )?\w+=.*?)\ in\ place\ of\ the\ line\ (?<whole>$place) |
		\bremove\ (?<item>\S+)\ from\ (?<list>\S+)=\ in\ (?<from>$place(?:\ and\ $place)*) |
		\bremove\ (?<s>'?)(?<word>[^']+?)\g{s}\ from\ (?<of>$place(?:\ and\ $place)*) |
		\badd\ (?<more>\S+)\ to\ (?<variable>GRUB_\w+)\ in\ (?<file>/[^ ,]+) |
		\badd\ (?<last>\S+)\ to\ the\ (?:first\ )?line\ in\ (?<only>/[^ ,]+) |
		\bclose\ the\ quote\ in\ (?<open>$place) |
		\brun\ '(?<command>[^']+)' | \brun\ "(?<other>[^"]+)" |
		(?<boot>\breboot\b)
	}gx) {
		my %is = %+;
		if (defined $is{first}) { write_first($is{first}, $is{top}) }
		elsif (defined $is{quoted}) { my $words = $is{quoted}; change_line($is{marks}, sub { s/"\Q$words\E"/$words/ }) }
		elsif (defined $is{right}) { write_instead($is{right}, $is{wrong}, $is{in}) }
		elsif (defined $is{line}) { my $line = $is{line}; change_line($is{whole}, sub { $_ = $line; 1 }) }
		elsif (defined $is{item}) { remove_item($is{item}, $is{list}, $is{from}) }
		elsif (defined $is{word}) { remove_word($is{word}, $is{of}) }
		elsif (defined $is{more}) { add_to_file($is{more}, $is{variable}, $is{file}) }
		elsif (defined $is{last}) { add_to_line($is{last}, $is{only}) }
		elsif (defined $is{open}) { close_quote($is{open}) }
		elsif (defined $is{boot}) { reboot() }
		else { run($is{command} // $is{other}) }
	}
}
