# SPDX-License-Identifier: GPL-2.0-or-later
# The bench's files of figures: JSON, { GROUP => { FIGURE => { NAME => NUMBER } } }.
package Figures;
use strict;
use warnings;
use JSON::PP;

# figures(FILE): an empty set when there is no such file.
sub figures {
	my ($path) = @_;
	open my $file, '<', $path or return {};
	local $/;
	return decode_json(<$file>);
}

# add(FILE, GROUP, FIGURES): they take the place of those of the same names.
sub add {
	my ($path, $group, $new) = @_;
	my $all = figures($path);
	$all->{$group}{$_} = $new->{$_} for keys %$new;
	put($path, $all);
}

sub put {
	my ($path, $all) = @_;
	open my $file, '>', "$path.new" or die "$path.new: $!\n";
	print $file JSON::PP->new->pretty->canonical->encode($all);
	close $file;
	rename "$path.new", $path or die "$path: $!\n";
}

# store(FILE, STORED): the groups in FILE take the place of those in STORED.
sub store {
	my ($new, $stored) = (figures($_[0]), figures($_[1]));
	$stored->{$_} = $new->{$_} for keys %$new;
	put($_[1], $stored);
}

1;
