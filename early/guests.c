// SPDX-License-Identifier: GPL-2.0-or-later
#include "guests.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "file.h"

int claim_parse_address(const char *text, char ret_address[static PCI_ADDRESS_SIZE])
{
	char with_function[PCI_ADDRESS_SIZE + 2];
	int n = snprintf(with_function, sizeof(with_function), "%s.0", text);
	if (strchr(text, '.'))
		return wanted_parse_parent(text, ret_address);
	if (n < 0 || (size_t)n >= sizeof(with_function) || wanted_parse_parent(with_function, ret_address) < 0)
		return -EINVAL;
	*strrchr(ret_address, '.') = '\0';
	return 0;
}

static void add(struct claim_list *list, const char *address, const char *file, unsigned line)
{
	struct claim claim;
	if (list->count >= CLAIMS_MAX || claim_parse_address(address, claim.address) < 0)
		return;
	char shown[SOURCE_SIZE - 16];
	source_shown(file, shown, sizeof(shown));
	snprintf(claim.source, sizeof(claim.source), "/%s:%u", shown, line);
	list->items[list->count++] = claim;
}

// hostpciN's value: comma-separated properties, of which host= may be written without its name and hold several addresses.
static void take_hostpci(struct claim_list *list, char *value, const char *file, unsigned line)
{
	char *hosts = NULL, *rest = NULL;
	for (char *part = strtok_r(value, ",", &rest); part; part = strtok_r(NULL, ",", &rest)) {
		if (starts_with(part, "mdev="))
			return; // takes a vGPU, not the GPU
		if (starts_with(part, "host="))
			hosts = part + strlen("host=");
		else if (!strchr(part, '='))
			hosts = part;
	}
	for (char *host = hosts ? strtok_r(hosts, ";", &rest) : NULL; host; host = strtok_r(NULL, ";", &rest))
		add(list, host, file, line);
}

void guests_parse(struct claim_list *list, const char *file, const char *text)
{
	struct claim_list of_guest = { .count = 0 };
	unsigned line = 0;
	while (*text) {
		size_t length = strcspn(text, "\n");
		CLEANUP_FREE char *copy = strndup(text, length);
		text += length + (text[length] == '\n');
		line++;
		if (!copy)
			return;
		while (length > 0 && isspace((unsigned char)copy[length - 1]))
			copy[--length] = '\0';
		if (copy[0] == '[')
			break; // pending changes, snapshots
		if (streq(copy, "template: 1"))
			return; // never started
		char *value = strchr(copy, ':');
		if (!starts_with(copy, "hostpci") || !value)
			continue;
		value++;
		take_hostpci(&of_guest, value + strspn(value, " \t"), file, line);
	}
	for (size_t i = 0; i < of_guest.count && list->count < CLAIMS_MAX; i++)
		list->items[list->count++] = of_guest.items[i];
}

void guests_read(struct claim_list *list, const struct root *root)
{
	CLEANUP_FREE char **names = NULL;
	int count = dir_names(root->fs, GUESTS_DIR, &names);
	for (int i = 0; i < count; i++) {
		CLEANUP_FREE char *text = NULL;
		size_t length;
		char file[sizeof(GUESTS_DIR) + 1 + 256];
		const char *suffix = strrchr(names[i], '.');
		snprintf(file, sizeof(file), GUESTS_DIR "/%s", names[i]);
		if (suffix && streq(suffix, ".conf") && file_read(root->fs, file, GUEST_FILE_MAX, &text, &length) == 0)
			guests_parse(list, file, text);
	}
}

const struct claim *claim_on(const struct claim_list *list, const char *address)
{
	for (size_t i = 0; i < list->count; i++) {
		size_t length = strlen(list->items[i].address);
		if (strncmp(address, list->items[i].address, length) == 0 &&
		    (address[length] == '\0' || address[length] == '.'))
			return &list->items[i];
	}
	return NULL;
}
