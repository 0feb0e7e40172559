// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/loader_entries.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <strings.h>

#include "base/file.h"
#include "base/version.h"
#include "read/boot/efi_variable.h"

#define FILE_MAX     (64 * 1024)
#define ARCHITECTURE "x64" // systemd's name of what GVT-g runs on

void loader_variables_read(struct loader_variables *variables, const struct root *root)
{
	const struct {
		const char *name;
		char *ret;
		size_t size;
	} all[] = {
		{ "LoaderEntryOneShot", variables->once, sizeof(variables->once) },
		{ "LoaderEntryDefault", variables->always, sizeof(variables->always) },
		{ "LoaderEntryLastBooted", variables->last_booted, sizeof(variables->last_booted) },
	};
	variables->unread[0] = '\0';
	variables->error = 0;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		int r = efi_variable_read(root, all[i].name, all[i].ret, all[i].size);
		if (r >= 0 || r == -ENOENT || r == -ENOTDIR || variables->unread[0])
			continue;
		snprintf(variables->unread, sizeof(variables->unread), "the EFI variable %s: %s", all[i].name,
			 strerror(-r));
		variables->error = -r;
	}
}

//
// Files of "KEY VALUE" lines
//

// The next line with a key, comments passed. False at the end.
static bool next_line(const char **text, char *key, size_t key_size, char *value, size_t value_size)
{
	while (**text) {
		size_t length = strcspn(*text, "\n");
		const char *at = *text, *end = at + length;
		*text = end + (*end == '\n');
		while (at < end && isspace((unsigned char)*at))
			at++;
		size_t name = 0;
		while (at + name < end && !isspace((unsigned char)at[name]))
			name++;
		if (name == 0 || *at == '#')
			continue;
		const char *from = at + name;
		while (from < end && isspace((unsigned char)*from))
			from++;
		while (end > from && isspace((unsigned char)end[-1]))
			end--;
		snprintf(key, key_size, "%.*s", (int)name, at);
		snprintf(value, value_size, "%.*s", (int)(end - from), from);
		return true;
	}
	return false;
}

// The last path of a list, as the kernel finds it.
static void take_path(char *ret, size_t size, const char *value)
{
	snprintf(ret, size, "%.*s", (int)(size - 1), value);
	for (char *c = ret; *c; c++)
		if (*c == '\\')
			*c = '/';
}

void loader_entry_parse(struct loader_entry *entry, const char *text)
{
	char key[32], value[WORDS_SIZE], path[256];
	bool other_architecture = false;
	while (next_line(&text, key, sizeof(key), value, sizeof(value))) {
		if (streq(key, "linux") || streq(key, "efi")) {
			take_path(path, sizeof(path), value);
			boot_entry_set_kernel(&entry->boot, path);
		} else if (streq(key, "initrd")) {
			take_path(entry->boot.initrd, sizeof(entry->boot.initrd), value);
		} else if (streq(key, "options")) {
			boot_entry_add_words(&entry->boot, value);
		} else if (streq(key, "version")) {
			snprintf(entry->version, sizeof(entry->version), "%.*s", RELEASE_SIZE - 1, value);
		} else if (streq(key, "sort-key")) {
			snprintf(entry->sort_key, sizeof(entry->sort_key), "%.63s", value);
		} else if (streq(key, "machine-id")) {
			snprintf(entry->machine_id, sizeof(entry->machine_id), "%.39s", value);
		} else if (streq(key, "architecture")) {
			other_architecture = strcasecmp(value, ARCHITECTURE) != 0;
		}
	}
	// kernel-install calls the file "linux": the version is the kernel's then.
	if (!entry->boot.release[0])
		(void)boot_entry_set_release(&entry->boot, entry->version);
	if (other_architecture)
		entry->boot.kernel[0] = '\0';
}

void loader_config_parse(struct loader_list *list, const char *text)
{
	char key[32], value[sizeof(list->pattern)];
	while (next_line(&text, key, sizeof(key), value, sizeof(value)))
		if (streq(key, "default"))
			snprintf(list->pattern, sizeof(list->pattern), "%s", value);
	list->config_found = true;
}

// "NAME+LEFT[-DONE].conf" counts boots; the count is no part of the name.
static void take_id(struct loader_entry *entry, const char *name)
{
	size_t length = strlen(name), suffix = strlen(strrchr(name, '.'));
	const char *plus = memrchr(name, '+', length - suffix);
	size_t digits = plus ? strspn(plus + 1, "0123456789") : 0;
	const char *behind = plus ? plus + 1 + digits : NULL;
	if (digits > 0 && *behind == '-')
		behind += 1 + strspn(behind + 1, "0123456789");
	if (digits == 0 || behind != name + length - suffix) {
		snprintf(entry->id, sizeof(entry->id), "%s", name);
		return;
	}
	entry->bad = strspn(plus + 1, "0") == digits;
	snprintf(entry->id, sizeof(entry->id), "%.*s%s", (int)(plus - name), name, name + length - suffix);
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t length = strlen(name), end = strlen(suffix);
	return length > end && strcasecmp(name + length - end, suffix) == 0;
}

static struct loader_entry *add_entry(struct loader_list *list, const char *name, size_t place)
{
	struct loader_entry *more = realloc(list->items, (list->count + 1) * sizeof(*more));
	if (!more)
		return NULL;
	list->items = more;
	struct loader_entry *entry = &list->items[list->count++];
	*entry = (struct loader_entry){ .place = place };
	take_id(entry, name);
	return entry;
}

static void note_unread(struct loader_list *list, const char *path, int error)
{
	if (list->unread[0])
		return;
	snprintf(list->unread, sizeof(list->unread), "%.100s: %s", path, strerror(-error));
	list->error = -error;
}

static int add_file(struct loader_list *list, int dir, const char *prefix, const char *name, size_t place)
{
	CLEANUP_FREE char *text = NULL;
	char path[400];
	size_t length;
	snprintf(path, sizeof(path), "%s" LOADER_ENTRIES "/%.255s", prefix, name);
	int r = file_read(dir, path, FILE_MAX, &text, &length);
	if (r < 0) {
		note_unread(list, path, r);
		return r == -ENOMEM ? r : 0;
	}
	struct loader_entry *entry = add_entry(list, name, place);
	if (!entry)
		return -ENOMEM;
	loader_entry_parse(entry, text);
	if (!entry->boot.kernel[0] ||
	    !file_existsf(dir, "%s%s", prefix, entry->boot.kernel + strspn(entry->boot.kernel, "/")))
		list->count--; // the loader passes it
	return 0;
}

static int add_files(struct loader_list *list, int dir, const char *prefix, size_t place)
{
	CLEANUP_FREE char **names = NULL;
	char path[64];
	snprintf(path, sizeof(path), "%s" LOADER_ENTRIES, prefix);
	int count = dir_names(dir, path, &names), r = count == -ENOMEM ? count : 0;
	if (count < 0 && count != -ENOENT && count != -ENOTDIR)
		note_unread(list, path, count);
	for (int i = 0; i < count && r == 0; i++)
		if (ends_with(names[i], ".conf") && names[i][0] != '.' && strncasecmp(names[i], "auto-", 5) != 0)
			r = add_file(list, dir, prefix, names[i], place);
	return r;
}

static int add_ukis(struct loader_list *list, int dir, const char *prefix, size_t place)
{
	CLEANUP_FREE char **names = NULL;
	int count = dir_namesf(dir, &names, "%s" LOADER_UKIS, prefix);
	for (int i = 0; i < count; i++) {
		if (!ends_with(names[i], ".efi") || names[i][0] == '.' || strncasecmp(names[i], "auto-", 5) == 0)
			continue;
		struct loader_entry *entry = add_entry(list, names[i], place);
		if (!entry)
			return -ENOMEM;
		entry->uki = true;
	}
	return count == -ENOMEM ? count : 0;
}

int loader_list_add(struct loader_list *list, int dir, const char *prefix, size_t place)
{
	CLEANUP_FREE char *text = NULL;
	char path[64];
	size_t length;
	snprintf(path, sizeof(path), "%s" LOADER_CONFIG, prefix);
	int r = list->config_found ? -ENOENT : file_read(dir, path, FILE_MAX, &text, &length);
	if (r == 0)
		loader_config_parse(list, text);
	else if (r != -ENOENT && r != -ENOTDIR)
		note_unread(list, path, r);
	r = r == -ENOMEM ? r : add_files(list, dir, prefix, place);
	return r < 0 ? r : add_ukis(list, dir, prefix, place);
}

void loader_list_free(struct loader_list *list)
{
	free(list->items);
	*list = (struct loader_list){ .count = 0 };
}

//
// Which one
//

static int by_order(const void *a, const void *b)
{
	const struct loader_entry *one = a, *other = b;
	int r = (int)one->bad - (int)other->bad;
	if (r == 0)
		r = (int)!one->sort_key[0] - (int)!other->sort_key[0];
	if (r == 0 && one->sort_key[0]) {
		r = strcmp(one->sort_key, other->sort_key);
		r = r ? r : strcmp(one->machine_id, other->machine_id);
		r = r ? r : version_compare(other->version, one->version);
	}
	return r ? r : version_compare(other->id, one->id);
}

static const struct loader_entry *find(const struct loader_list *list, const char *pattern)
{
	for (size_t i = 0; pattern[0] && i < list->count; i++)
		if (fnmatch(pattern, list->items[i].id, FNM_CASEFOLD) == 0)
			return &list->items[i];
	return NULL;
}

const struct loader_entry *loader_choose(struct loader_list *list, const struct loader_variables *variables,
					 struct boot_entry *ret)
{
	bool saved = streq(list->pattern, "@saved");
	const struct {
		const char *pattern, *by;
	} ways[] = {
		{ variables->once, "LoaderEntryOneShot" },
		{ variables->always, "LoaderEntryDefault" },
		{ saved ? variables->last_booted : list->pattern, saved ? "the last one booted" : "loader.conf" },
	};
	const struct loader_entry *entry = NULL;
	char by[160] = "the first of its entries", from[sizeof(ret->words_from)];
	bool has_uki = false;
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), by_order);
	for (size_t i = 0; i < list->count; i++)
		has_uki |= list->items[i].uki;
	for (size_t i = 0; i < ARRAY_SIZE(ways) && !entry; i++) {
		entry = find(list, ways[i].pattern);
		if (entry)
			snprintf(by, sizeof(by), "%s: %.100s", ways[i].by, ways[i].pattern);
	}
	if (!entry && list->count > 0 && !has_uki)
		entry = &list->items[0];
	ret->trouble[0] = '\0';
	ret->error = 0;
	ret->nothing = list->count == 0 && !list->unread[0];
	if (variables->unread[0] || list->unread[0] || !entry || entry->uki) {
		ret->error = variables->unread[0] ? variables->error : list->error;
		snprintf(ret->trouble, sizeof(ret->trouble), "%s",
			 variables->unread[0]      ? variables->unread
				 : list->unread[0] ? list->unread
				 : has_uki         ? "a unified kernel image may boot, and such images are not checked"
						   : "systemd-boot has no entry to boot");
		return NULL;
	}
	strcpy(from, ret->words_from);
	*ret = entry->boot;
	strcpy(ret->words_from, from);
	snprintf(ret->chosen_by, sizeof(ret->chosen_by), "%.120s", by);
	return entry;
}
