// SPDX-License-Identifier: GPL-2.0-or-later
// What a bootloader will start: a kernel, its initrd and its command line, as the loader's own files say it. Plain
// data.
#pragma once

#include <stdbool.h>

#include "base/util.h"

#define RELEASE_SIZE 72
#define WORDS_SIZE   4096 // of a kernel command line; x86 takes 2048 (COMMAND_LINE_SIZE)

struct boot_entry {
	char trouble[160];          // why it cannot be told which entry it is, or ""
	int error;                  // an errno, where that is why; else 0
	bool nothing;               // as there is none to boot
	char release[RELEASE_SIZE]; // of the kernel, "" when its file's name does not tell it
	char kernel[256];           // its file as the loader names it, "" when that is not known
	char initrd[256];           // the last of its initrds likewise, "" when it names none
	char chosen_by[128];        // by what: "GRUB's default"
	char words[WORDS_SIZE];     // the kernel command line
	char words_from[192];       // where that stands: "/boot/grub/grub.cfg"
};

// Takes the release out of a file's name, "/boot/vmlinuz-RELEASE": a release begins with a digit, so that
// "vmlinuz-linux" has none.
void boot_entry_set_kernel(struct boot_entry *entry, const char *path);
// Takes a release from elsewhere. False when it is none: it becomes part of paths.
bool boot_entry_set_release(struct boot_entry *entry, const char *release);
// Adds words to the command line, with a blank between them.
void boot_entry_add_words(struct boot_entry *entry, const char *words);
