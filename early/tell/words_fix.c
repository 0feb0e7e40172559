// SPDX-License-Identifier: GPL-2.0-or-later
// Steps of fixes, and what keeps one from taking effect.
#include "tell/words.h"

#define SOMEWHERE \
	"the kernel command line, in the settings of this host's bootloader (which one that is cannot be determined)"

static const struct words rows[] = {
	{ FIX_RUN, "run", "run '{command}'", NULL },
	{ FIX_RUN_QUOTED, "run-quoted", "run \"{command}\"", NULL },
	{ FIX_RUN_TOO, "run-too", "'{command}'", NULL },
	{ FIX_REBOOT, "reboot", "reboot", NULL },

	{ FIX_RENEW_INITRD, "renew-initrd", "rebuild the initrd", NULL },
	{ FIX_RENEW_INITRD_OF, "renew-initrd-of", "rebuild the initrd of kernel {release}", NULL },
	{ FIX_MAKE_INITRD, "make-initrd", "make the initrd of kernel {release}", NULL },
	{ FIX_RENEW_MENU, "renew-menu", "rebuild GRUB's menu", NULL },
	{ FIX_RENEW_ENTRIES, "renew-entries", "update the bootloader's entries", NULL },
	{ FIX_INSTALL, "install", "install {package}", NULL },
	{ FIX_REINSTALL_KERNEL, "reinstall-kernel", "reinstall this kernel's package", NULL },
	{ FIX_ENROLL_KEY, "enroll-key", "enroll the key that signed it: '{command}', reboot and confirm it", NULL },

	{ FIX_ADD_NIXOS, "add-nixos", "add {word} to boot.kernelParams in the configuration of NixOS", NULL },
	{ FIX_ADD_GRUB, "add-grub", "add {word} to GRUB_CMDLINE_LINUX_DEFAULT in {file}", NULL },
	{ FIX_ADD_LINE, "add-line", "add {word} to the {several?first }line in {file}", NULL },
	{ FIX_ADD_SYSTEMD_BOOT, "add-systemd-boot",
	  "add {word} to the kernel command line, in the settings from which this host's systemd-boot entries are made",
	  NULL },
	{ FIX_ADD_SOMEWHERE, "add-somewhere", "add {word} to " SOMEWHERE, NULL },
	{ FIX_FIRST_LINE, "first-line", "write '{line}' as the first line of /etc/kernel/cmdline", NULL },
	{ FIX_BEGIN_LINE, "begin-line", "begin the first line of /etc/kernel/cmdline with {root} and a blank", NULL },
	{ FIX_REMOVE_WORD, "remove-word", "remove {word} from {where}", NULL },
	{ FIX_REMOVE_ITEM, "remove-item", "remove {item} from {parameter}= in {where}", NULL },
	{ FIX_WRITE_WORD, "write-word", "write {right} instead of {word} in {where}", NULL },
	{ FIX_WRITE_QUOTED, "write-quoted", "write \"{right}\" instead of \"{word}\" in {where}", NULL },
	{ FIX_NONE_HAS, "none-has", "no file of the bootloader has {word} any more", NULL },
	{ FIX_NONE_HAS_ITEM, "none-has-item", "no file of the bootloader has {item} in {parameter}= any more", NULL },
	{ FIX_FILE_HAS, "file-has", "the bootloader's file has {right}", NULL },
	{ PART_AT_NIXOS, "at-nixos", "boot.kernelParams in the configuration of NixOS", NULL },
	{ PART_AT_PLACES, "at-places", "{place/ and }", NULL },
	{ PART_AT_SOMEWHERE, "at-somewhere", SOMEWHERE, NULL },
	{ PART_AT_GRUB, "at-grub", "the settings of GRUB (what {place} evaluates to is unknown)", NULL },
	{ PART_AT_ENTRY, "at-entry", "the options of {from?{from}|the loader entry that was booted}", NULL },

	{ FIX_REMOVE_LINES, "remove-lines", "remove {lines/ and }", NULL },
	{ PART_LINE, "line", "'{line}' from {place/ and }", NULL },
	{ PART_OPTION, "option", "'{option}={value}' from {place/ and }", NULL },
	{ PART_OPTION_ITEM, "option-item", "{item} from {option}= in {place/ and }", NULL },

	{ FIX_CLOSE_QUOTE, "close-quote", "close the quote in {place}", NULL },
	{ FIX_QUOTE_ALL, "quote-all", "put all words of {place} inside the quotes, without blanks around '='", NULL },
	{ FIX_PLUS_ASSIGN, "plus-assign", "write NAME=\"$NAME ...\" instead of NAME+= in {place}", NULL },
	{ FIX_REMOVE_COMMAND, "remove-command", "remove '{what}' from {place}", NULL },
	{ FIX_CORRECT, "correct", "correct {place}", NULL },

	{ PART_MENU_REFUSES, "menu-refuses",
	  "GRUB does not accept '{what}' in the value of {place}, so {program} fails", NULL },
	{ PART_QUOTE_OPEN, "quote-open", "the quote that opens in {place} is not closed, so {program} fails", NULL },
	{ PART_SUBSTITUTION_OPEN, "substitution-open",
	  "a substitution ({what}) that begins in {place} is not closed, so {program} fails", NULL },
	{ PART_NO_COMMAND, "no-command", "{place} runs '{what}' as a command, which does not exist, so {program} fails",
	  NULL },
	{ PART_BAD_NAME, "bad-name",
	  "{place} exports or unsets '{what}', which is no name of a variable, so {program} fails", NULL },
	{ PART_PLUS_ASSIGN, "uses-plus-assign", "{place} uses '+=', which sh does not have, so {program} fails", NULL },
	{ PART_BOM, "byte-order-mark", "{file} begins with a byte order mark, so {program} fails", NULL },
	{ PART_CR, "carriage-return", "{file} has Windows line ends, so {program} fails", NULL },
	{ PART_EXIT, "exit", "{place} ends {program} before the menu is written", NULL },
	{ PART_SYNTAX, "syntax", "{place} has '{what}' where sh does not expect it, so {program} fails", NULL },
	{ PART_MAKING_MENU, "making-menu", "the build of GRUB's menu", NULL },
};

const struct word_table words_fix = { rows, ARRAY_SIZE(rows) };
