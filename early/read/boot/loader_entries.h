// SPDX-License-Identifier: GPL-2.0-or-later
// The entries of systemd-boot (loader/entries/*.conf, UAPI.1 Boot Loader Specification), and which of them it boots by
// itself (systemd 257, src/boot/boot.c).
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/root.h"
#include "base/util.h"
#include "read/boot/boot_entry.h"

#define LOADER_CONFIG  "loader/loader.conf"
#define LOADER_ENTRIES "loader/entries"
#define LOADER_UKIS    "EFI/Linux"

// What the loader's EFI variables ask for, "" for nothing.
struct loader_variables {
	char once[128];        // LoaderEntryOneShot
	char always[128];      // LoaderEntryDefault: goes before loader.conf
	char last_booted[128]; // LoaderEntryLastBooted, for 'default @saved'
	char unread[96];       // the first that could not be read and why, or ""
	int error;             // of that, an errno
};

void loader_variables_read(struct loader_variables *variables, const struct root *root);

struct loader_entry {
	char id[160]; // the file's name, without boot counting
	size_t place; // which of the directories it came from
	bool bad;     // boot counting has given it up
	bool uki;     // a unified kernel image, which is not looked into
	char sort_key[64], machine_id[40], version[RELEASE_SIZE];
	struct boot_entry boot; // trouble, chosen_by and words_from empty
};

struct loader_list {
	struct loader_entry *items;
	size_t count;
	char pattern[128]; // loader.conf's default, "" for none
	bool config_found;
	char unread[160]; // the first that could not be read and why, or ""
	int error;        // of that, an errno
};

// Adds what a file system holds, below a prefix ("" or "boot/efi/") of a directory descriptor. Returns a negative errno
// only when out of memory; loader_list_free() then too.
MUST_CHECK int loader_list_add(struct loader_list *list, int dir, const char *prefix, size_t place);
void loader_list_free(struct loader_list *list);

// Sorts the list, and fills what is booted by itself, or trouble; words_from is left alone. Returns the entry, or NULL.
// Pure.
const struct loader_entry *loader_choose(struct loader_list *list, const struct loader_variables *variables,
					 struct boot_entry *ret);

// For tests: one file's text; and loader.conf's default.
void loader_entry_parse(struct loader_entry *entry, const char *text);
void loader_config_parse(struct loader_list *list, const char *text);
