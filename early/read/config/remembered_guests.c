// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/config/remembered_guests.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "read/proxmox/pve.h"

#define FIRST_LINE "# gvt-early guests 1, written by the program" // the number of the format

static void write_claim(FILE *stream, const struct whole_gpu *claim)
{
	fprintf(stream, "claim %s %s", claim->address, claim->source);
	if (claim->vmid)
		fprintf(stream, " %u %u %s", claim->vmid, claim->index, claim->boot ? "boot" : "later");
	if (claim->vmid && claim->mapping[0])
		fprintf(stream, " %s %u", claim->mapping, claim->entry);
	fputc('\n', stream);
}

int remembered_write(const struct guest_list *list, char **ret_text, size_t *ret_length)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);
	if (!stream)
		return -ENOMEM;
	fputs(FIRST_LINE "\n", stream);
	for (size_t i = 0; i < list->count; i++) {
		const struct guest_entry *entry = &list->entries[i];
		const struct wanted *item = &entry->item;
		if (entry->problem[0])
			continue;
		fprintf(stream, "vgpu %u %u %" PRIu64 " %s%s %s %s", entry->vmid, entry->index, entry->order,
			entry->boot ? "boot" : "later", entry->item.keep ? ",keep" : "", item->type, item->parent);
		for (size_t n = 0; n < item->other_count; n++)
			fprintf(stream, ",%s", item->others[n]);
		fprintf(stream, " %s\n", item->source);
	}
	for (size_t i = 0; i < list->claims.count; i++)
		write_claim(stream, &list->claims.items[i]);
	if (fclose(stream) != 0) {
		free(text);
		return -ENOMEM;
	}
	*ret_text = text;
	*ret_length = length;
	return 0;
}

static bool is_source(const char *text)
{
	for (const char *c = text; *c; c++)
		if (*c <= ' ' || *c > '~' || *c == ';')
			return false;
	return text[0] == '/' && strlen(text) < SOURCE_SIZE;
}

static bool take_flags(struct guest_entry *entry, const char *flags)
{
	static const char *const names[] = { "later", "boot", "later,keep", "boot,keep" };
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(flags, names[i])) {
			entry->boot = i & 1;
			entry->item.keep = i & 2;
			return true;
		}
	return false;
}

static bool take_parents(struct wanted *item, char *text)
{
	char *rest = NULL;
	size_t count = 0;
	for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest), count++)
		if (count >= PARENTS_MAX ||
		    wanted_parse_device(word, count ? item->others[count - 1] : item->parent) < 0)
			return false;
	item->other_count = count ? count - 1 : 0;
	return count > 0;
}

static bool take_order(struct guest_entry *entry, const char *text)
{
	if (!*text || text[strspn(text, "0123456789")])
		return false;
	errno = 0;
	entry->order = strtoull(text, NULL, 10);
	return errno == 0;
}

static bool take_vgpu(struct guest_list *list, char *const words[])
{
	if (list->count >= GUEST_ENTRIES_MAX)
		return false;
	struct guest_entry *entry = &list->entries[list->count];
	*entry = (struct guest_entry){ .vmid = 0 };
	if (pve_parse_number(words[0], VMID_MIN, VMID_MAX, &entry->vmid) < 0 ||
	    pve_parse_number(words[1], 0, GUEST_SLOTS - 1, &entry->index) < 0 || !take_order(entry, words[2]) ||
	    !take_flags(entry, words[3]) || wanted_parse_type(words[4], entry->item.type) < 0 ||
	    !take_parents(&entry->item, words[5]) || !is_source(words[6]))
		return false;
	strcpy(entry->item.source, words[6]);
	wanted_guest_uuid(entry->vmid, entry->index, entry->item.uuid);
	list->count++;
	return true;
}

// claim ADDRESS SOURCE [VMID INDEX boot|later [MAPPING ENTRY]]; earlier releases wrote the first two alone.
static bool take_claim(struct guest_list *list, char *const words[], size_t count)
{
	struct whole_gpu who = { .vmid = 0 };
	char address[PCI_ADDRESS_SIZE];
	if (list->claims.count >= CLAIMS_MAX || wanted_parse_device(words[0], address) < 0 || !is_source(words[1]))
		return false;
	if (count == 2) {
		whole_gpu_add(&list->claims, address, words[1]);
		return true;
	}
	if ((count != 5 && count != 7) || pve_parse_number(words[2], VMID_MIN, VMID_MAX, &who.vmid) < 0 ||
	    pve_parse_number(words[3], 0, GUEST_SLOTS - 1, &who.index) < 0 ||
	    (!streq(words[4], "boot") && !streq(words[4], "later")))
		return false;
	if (count == 7 &&
	    (strlen(words[5]) >= sizeof(who.mapping) || !pve_is_id(words[5]) ||
	     pve_parse_number(words[6], 0, MAPPING_ENTRIES_MAX - 1, &who.entry) < 0))
		return false;
	who.boot = streq(words[4], "boot");
	strcpy(who.source, words[1]);
	strcpy(who.mapping, count == 7 ? words[5] : "");
	whole_gpu_add_for(&list->claims, address, &who);
	return true;
}

static bool take_line(struct guest_list *list, char *line)
{
	char *words[9], *rest = NULL;
	size_t count = 0;
	for (char *word = strtok_r(line, " ", &rest); word && count < ARRAY_SIZE(words);
	     word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	if (count == 8 && streq(words[0], "vgpu"))
		return take_vgpu(list, words + 1);
	return count >= 3 && count < ARRAY_SIZE(words) && streq(words[0], "claim") &&
		take_claim(list, words + 1, count - 1);
}

int remembered_parse(struct guest_list *list, const char *text)
{
	*list = (struct guest_list){ .state = GUESTS_READ };
	if (!starts_with(text, FIRST_LINE "\n"))
		return -EINVAL;
	text += strlen(FIRST_LINE "\n");
	for (;;) {
		int r = 0;
		CLEANUP_FREE char *line = pve_next_line(&text, &r);
		if (!line)
			break;
		if (!take_line(list, line))
			return -EINVAL;
	}
	guests_sort(list);
	return 0;
}

static int store(const struct root *root, const char *file, const char *text, size_t length)
{
	CLEANUP_FREE char *old = NULL;
	size_t old_length;
	if (file_read_trusted(root->fs, file, REMEMBERED_MAX, root->owner, &old, &old_length) == 0 &&
	    length == old_length && memcmp(text, old, length) == 0)
		return 0;
	if (mkdirat(root->fs, REMEMBERED_DIR, 0755) < 0 && errno != EEXIST)
		return -errno;
	return file_replace(root->fs, file, text, length, 0644);
}

int remembered_store(const struct guest_list *list, const struct root *root)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	int r = remembered_write(list, &text, &length);
	return r < 0 ? r : store(root, REMEMBERED_FILE, text, length);
}

int remembered_load(struct guest_list *list, const struct root *root)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	int r = file_read_trusted(root->fs, REMEMBERED_FILE, REMEMBERED_MAX, root->owner, &text, &length);
	if (r < 0)
		return r;
	return memchr(text, '\0', length) ? -EINVAL : remembered_parse(list, text);
}

int remembered_store_snapshot(const struct root *root, const char *text, size_t length)
{
	return store(root, REMEMBERED_SNAPSHOT, text, length);
}

int remembered_load_snapshot(const struct root *root, struct config *ret_config, char **ret_text, size_t *ret_length)
{
	config_init(ret_config);
	int r = file_read_trusted(root->fs, REMEMBERED_SNAPSHOT, REMEMBERED_MAX, root->owner, ret_text, ret_length);
	if (r == 0 && !starts_with(*ret_text, "[snapshot]\n"))
		r = -EINVAL;
	if (r == 0)
		r = config_parse(ret_config, REMEMBERED_SNAPSHOT, *ret_text, *ret_length, true);
	return r < 0 ? r : ret_config->problem_count > 0 ? -EINVAL : 0;
}

const char *remembered_error(int error)
{
	switch (error) {
	case -EINVAL:
		return "damaged";
	case -EKEYREJECTED:
		return "not owned by root, or writable by others";
	default:
		return strerror(-error);
	}
}
