// SPDX-License-Identifier: GPL-2.0-or-later
// What is remembered of the guests: what passes is safe, and is written again as the same. With our own configuration
// it makes a snapshot that can be read.
#include "fuzz.h"

#include "read/config/remembered_guests.h"
#include "read/config/wanted_sources.h"

static void check_merged(const struct guest_list *list)
{
	static const char ours[] =
		"[settings]\nguests = all\n[guest 100]\nhostpci0 = i915-GVTg_V5_4\nparent = 00:02.0\n";
	struct config config, again;
	char *text = NULL;
	size_t length = 0;
	config_init(&config);
	CHECK(config_parse(&config, "f.conf", ours, sizeof(ours) - 1, false) == 0);
	CHECK(sources_merge(&config, list) == 0);
	CHECK(config_write_snapshot(&config, &text, &length) == 0);
	config_init(&again);
	CHECK(config_parse(&again, "f.conf", text, length, true) == 0);
	CHECK(again.problem_count == 0 && again.wanted.count == config.wanted.count);
	for (size_t i = 0; i < config.wanted.count; i++) {
		const struct wanted *one = &config.wanted.items[i], *other = &again.wanted.items[i];
		CHECK(streq(one->uuid, other->uuid) && streq(one->type, other->type) &&
		      streq(one->parent, other->parent) && one->other_count == other->other_count &&
		      streq(one->source, other->source));
	}
	config_free(&config);
	config_free(&again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct guest_list list, again;
	char *text = text_of(data, size), *written = NULL, *second = NULL;
	size_t length = 0, second_length = 0;
	if (remembered_parse(&list, text) == 0) {
		CHECK(remembered_write(&list, &written, &length) == 0);
		CHECK(remembered_parse(&again, written) == 0);
		CHECK(again.count == list.count && again.claims.count == list.claims.count);
		for (size_t i = 0; i < list.claims.count; i++) {
			const struct whole_gpu *claim = &list.claims.items[i];
			CHECK(claim->index < GUEST_SLOTS && claim->entry < MAPPING_ENTRIES_MAX);
			CHECK(claim->vmid == 0 || (claim->vmid >= VMID_MIN && claim->vmid <= VMID_MAX));
		}
		CHECK(remembered_write(&again, &second, &second_length) == 0);
		CHECK(length == second_length && memcmp(written, second, length) == 0);
		check_merged(&list);
	}
	free(text);
	free(written);
	free(second);
	return 0;
}
