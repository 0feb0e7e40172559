// SPDX-License-Identifier: GPL-2.0-or-later
// How the kernel command line of this host is changed: the file, what is to be written there, and what brings it into force. The texts
// are imperatives without an end, to stand behind CURE (finding.h). Pure.
#pragma once

#include "base/util.h"
#include "read/check_facts.h"

#define CURE_SIZE 640

// Which kernel command line is spoken of: facts->host.cmdline, which is that of the boot that runs where entry is NULL, else that of a
// boot to come, whose cures need no reboot.
struct cure_of {
	const struct facts *facts;
	const struct boot_entry *entry;
};

// "run 'update-grub' and reboot", with what has to be mended before that can succeed.
const char *cure_apply(const struct cure_of *of, char *ret, size_t size);
// The same where the cure itself mends what is wrong in a place, "FILE:LINE".
const char *cure_apply_behind(const struct cure_of *of, const char *place, char *ret, size_t size);
// "add WHAT to GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub, run 'update-grub' and reboot"
const char *cure_add(const struct cure_of *of, const char *what, char *ret, size_t size);
// Whether that is a new first line of /etc/kernel/cmdline, as the one that is there would make a host without a root file system: then this
// is the cure of every word that lacks.
bool cure_is_first_line(const struct facts *facts);
// "remove WORD from /etc/default/grub:6, run ..."; of a list with more items only the item, where that is not "". A "1" that is
// left of "NAME = 1" is not removed: "write "NAME=1" instead of "NAME = 1" in ...".
const char *cure_remove(const struct cure_of *of, const struct cmdline_word *word, const char *item, char *ret, size_t size);
// Whether a file of the bootloader has the word, so that later boots get it.
bool cure_has_word(const struct facts *facts, const struct cmdline_word *word);
// "write RIGHT instead of WORD in /etc/default/grub:6, run ..."; where no file has the word, the right one is added.
const char *cure_write(const struct cure_of *of, const char *right, const struct cmdline_word *word, char *ret, size_t size);

// "remove 'blacklist i915' from /etc/modprobe.d/local.conf:1, run 'update-initramfs -u -k all' and reboot": of all lines with that command
// and module. option: only of those that switch it off, or where item is not "" have that in its list; of these lines only that is to go.
// "" when there is no such line.
const char *cure_modprobe(const struct cure_of *of, const char *command, const char *module, const char *option, const char *item, char *ret,
			  size_t size);

// What has to be mended before update-grub can succeed, as the beginning of a cure: "close the quote in FILE:LINE, ", or "". place is one
// that is mended anyway, or "".
const char *cure_mend(const struct facts *facts, const char *place, char *ret, size_t size);

// Why update-grub writes no menu of GRUB's files as they are, or NULL.
const struct shell_trouble *cure_grub_failure(const struct facts *facts);
// What is wrong, to follow "but".
void cure_say_failure(const struct facts *facts, const struct shell_trouble *failure, char *ret, size_t size);
// "FILE:LINE"
void cure_place(char *ret, size_t size, struct shell_place place);
