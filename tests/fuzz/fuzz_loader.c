// SPDX-License-Identifier: GPL-2.0-or-later
// Entries of systemd-boot and loader.conf, parted by NUL: the first text is loader.conf, the others are entries. And
// versions as they are compared: in every order the same.
#include "fuzz.h"

#include <stdio.h>

#include "base/version.h"
#include "read/boot/loader_entries.h"

#define ENTRIES_MAX 8

static int sign(int number)
{
	return (number > 0) - (number < 0);
}

static void compare(char *const texts[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++) {
			int r = sign(version_compare(texts[i], texts[j]));
			CHECK(r == -sign(version_compare(texts[j], texts[i])));
			CHECK(i != j || r == 0);
			for (size_t k = 0; k < count && r < 0; k++)
				CHECK(version_compare(texts[j], texts[k]) >= 0 ||
				      version_compare(texts[i], texts[k]) < 0);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), *texts[ENTRIES_MAX + 1] = { text };
	size_t count = 1;
	for (size_t i = 0; i < size && count < ARRAY_SIZE(texts); i++)
		if (text[i] == '\0')
			texts[count++] = text + i + 1;

	struct loader_list list = { .count = count - 1 };
	struct loader_variables variables = { .always = "b*" };
	struct boot_entry chosen = { .words_from = "entry" };
	list.items = calloc(ENTRIES_MAX, sizeof(*list.items));
	CHECK(list.items);
	loader_config_parse(&list, texts[0]);
	for (size_t i = 0; i + 1 < count; i++) {
		struct loader_entry *entry = &list.items[i];
		snprintf(entry->id, sizeof(entry->id), "%zu.conf", i);
		loader_entry_parse(entry, texts[i + 1]);
		CHECK(!strchr(entry->boot.words, '\n') && !strchr(entry->boot.release, '/'));
	}
	const struct loader_entry *entry = loader_choose(&list, &variables, &chosen);
	CHECK((entry != NULL) == (chosen.trouble[0] == '\0') && strcmp(chosen.words_from, "entry") == 0);
	CHECK(entry || list.count == 0);
	loader_list_free(&list);
	compare(texts, count < 5 ? count : 5);
	free(text);
	return 0;
}
