// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/pasted.h"

#include <stdbool.h>

#include "base/util.h"

// What commands in our sentences begin with.
// clang-format off
static const char *const names[] = {
	"apt",	   "apt-get",	    "bootctl",	 "cat",	      "chmod",	 "chown",     "cp",	   "depmod",
	"dkms",	   "dmesg",	    "dnf",	 "dracut",    "echo",	 "efibootmgr", "grep",	   "grub-editenv",
	"grub-mkconfig", "grub-reboot", "grub2-mkconfig", "grubby", "install -", "journalctl", "kernel-install", "ln -",
	"ls",	   "lspci",	    "mkdir",	 "mkinitcpio", "modprobe", "mokutil", "mv",	   "nixos-rebuild",
	"pacman",  "perl",	    "printf",	 "proxmox-boot-tool", "pvesh", "qm",  "rm",	   "rmmod",
	"sed",	   "sh -",	    "systemctl", "touch",     "udevadm", "update-grub", "update-initramfs",
	"gvt-early apply", "gvt-early check", "gvt-early plan", "gvt-early status", "gvt-early types", "gvt-early capture",
	"gvt-early snapshot",
};
// clang-format on

static bool is_name(const char *at)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t length = strlen(names[i]);
		if (strncmp(at, names[i], length) == 0 &&
		    (names[i][length - 1] == '-' || at[length] == ' ' || !at[length]))
			return true;
	}
	return false;
}

static bool ends_word(char c)
{
	return !c || strchr(" ,.;:)", c);
}

// Quotes within the quotes: one behind a blank opens, one before a blank closes. A single word needs no care.
static size_t quoted_length(const char *text, const char *at)
{
	size_t depth = 0;
	bool blank = false;
	if (*at != '\'' || (at > text && at[-1] != ' ' && at[-1] != '('))
		return 0;
	for (const char *c = at; *c; c++) {
		blank |= *c == ' ';
		if (*c != '\'')
			continue;
		if (c == at || ((c[-1] == ' ' || c[-1] == '=') && !ends_word(c[1]))) {
			depth++;
			continue;
		}
		if (!ends_word(c[1]) || --depth > 0)
			continue;
		size_t length = (size_t)(c + 1 - at);
		return blank ? length + strcspn(at + length, " ") : 0;
	}
	return 0;
}

// Whether what stands before it lets a command begin here.
static bool may_begin(const char *text, const char *at)
{
	if (at == text)
		return true;
	if (at - text >= 2 && at[-1] == ' ' && (at[-2] == ':' || at[-2] == ';'))
		return true;
	return at - text >= 4 && strncmp(at - 4, "run ", 4) == 0;
}

// A line for a shell's file, as "write NAME="VALUE" in place of the line": up to the quote that closes.
static size_t assignment_length(const char *text, const char *at)
{
	static const char write[] = "write ", exported[] = "export ";
	const char *c = at;
	if (at - text < (ptrdiff_t)strlen(write) || strncmp(at - strlen(write), write, strlen(write)) != 0)
		return 0;
	c += strncmp(c, exported, strlen(exported)) == 0 ? strlen(exported) : 0;
	const char *name = c;
	while ((*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '_')
		c++;
	if (c == name || *c++ != '=')
		return 0;
	char quote = '\0';
	for (; *c && (quote || *c != ' '); c++)
		if (quote)
			quote = *c == quote ? '\0' : quote;
		else if (*c == '\'' || *c == '"')
			quote = *c;
	return quote ? 0 : (size_t)(c - at);
}

size_t pasted_length(const char *text, const char *at)
{
	size_t assignment = assignment_length(text, at);
	if (assignment > 0)
		return assignment;
	size_t quoted = quoted_length(text, at);
	if (quoted > 0)
		return quoted;
	if (!may_begin(text, at) || !is_name(at))
		return 0;
	char quote = '\0';
	for (const char *c = at; *c; c++) {
		if (quote) {
			quote = *c == quote ? '\0' : quote;
		} else if (*c == '\'' || *c == '"') {
			quote = *c;
		} else if ((*c == ',' || *c == ';') && c[1] == ' ') {
			return (size_t)(c + 1 - at);
		} else if (*c == ' ' && c[1] == '(') {
			return (size_t)(c - at);
		}
	}
	return strlen(at);
}
