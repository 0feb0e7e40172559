// SPDX-License-Identifier: GPL-2.0-or-later
// How the kernel command line of this host is changed: the file, what is to be written there, and what brings it into
// force, as steps of a finding's fix; joint is how the first of them follows what is there. Pure.
#pragma once

#include "base/finding.h"
#include "base/util.h"
#include "decide/fix.h"
#include "read/check_facts.h"

// Which kernel command line is spoken of: facts->host.cmdline, which is that of the boot that runs where entry is NULL,
// else that of a boot to come, whose fixes need no reboot.
struct fix_of {
	const struct facts *facts;
	const struct boot_entry *entry;
};

// "run 'update-grub' and reboot", with what has to be mended before that can succeed.
void fix_apply(const struct fix_of *of, struct finding *finding, enum joint joint);
// The same where the fix itself mends what is wrong in a place, "FILE:LINE".
void fix_apply_behind(const struct fix_of *of, const char *place, struct finding *finding, enum joint joint);
// "add WHAT to GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub, run 'update-grub' and reboot"
void fix_add(const struct fix_of *of, const char *what, struct finding *finding, enum joint joint);
// Whether that is a new first line of /etc/kernel/cmdline, as the one that is there would make a host without a root
// file system: then this is the fix of every word that lacks.
bool fix_is_first_line(const struct facts *facts);
// "remove WORD from /etc/default/grub:6, run ..."; of a list with more items only the item, where that is not "". A "1"
// that is left of "NAME = 1" is not removed: "write "NAME=1" instead of "NAME = 1" in ...".
void fix_remove(const struct fix_of *of, const struct cmdline_word *word, const char *item, struct finding *finding,
		enum joint joint);
// The same of what a finding blames.
void fix_remove_blamed(const struct fix_of *of, struct finding *finding, enum joint joint);
// Whether a file of the bootloader has the word, so that later boots get it.
bool fix_has_word(const struct facts *facts, const struct cmdline_word *word);
// "write RIGHT instead of WORD in /etc/default/grub:6, run ..."; where no file has the word, the right one is added.
void fix_write(const struct fix_of *of, const char *right, const struct cmdline_word *word, struct finding *finding,
	       enum joint joint);

// "remove 'blacklist i915' from /etc/modprobe.d/local.conf:1, run 'update-initramfs -u -k all' and reboot": of all
// lines with that command and module. option: only of those that switch it off, or where item is not "" have that in
// its list; of these lines only that is to go. False, and nothing is added, when there is no such line.
bool fix_modprobe(const struct fix_of *of, const char *command, const char *module, const char *option,
		  const char *item, struct finding *finding, enum joint joint);

// What has to be mended before update-grub can succeed, as a step: "close the quote in FILE:LINE". place is one that is
// mended anyway, or "". False, and nothing is added, where nothing has to.
bool fix_mend(const struct facts *facts, const char *place, struct finding *finding, enum joint joint);

// Why update-grub writes no menu of GRUB's files as they are, or NULL.
const struct shell_trouble *fix_grub_failure(const struct facts *facts);
// What is wrong, as a part that follows "but".
void fix_add_failure(const struct facts *facts, const struct shell_trouble *failure, struct finding *finding,
		     enum value value);
// "FILE:LINE"
void fix_place(char *ret, size_t size, struct shell_place place);
