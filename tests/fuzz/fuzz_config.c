// SPDX-License-Identifier: GPL-2.0-or-later
// The configuration, and the snapshot that is made of it: what is written must be read again as the same. The first bit
// of the input chooses whether it is read as a snapshot.
#include "fuzz.h"

#include "read/config/config.h"

static void check_valid(const struct config *config)
{
	CHECK(config->settings.deadline_s >= DEADLINE_MIN_S && config->settings.deadline_s <= DEADLINE_MAX_S);
	CHECK(config->settings.module_count <= MODULES_MAX);
	CHECK(config->wanted.count <= WANTED_MAX);
	CHECK(config->problem_count <= CONFIG_PROBLEMS_MAX);
	for (size_t i = 0; i < config->problem_count; i++)
		CHECK(starts_with(config->problems[i].text, "/f.conf:") && config->problems[i].text[8] >= '1' &&
		      config->problems[i].text[8] <= '9');
	CHECK(config->sriov.count <= SRIOV_WISHES_MAX);
	for (size_t i = 0; i < config->sriov.count; i++) {
		const struct sriov_wish *wish = &config->sriov.items[i];
		char device[PCI_ADDRESS_SIZE];
		CHECK(!wish->device[0] ||
		      (wanted_parse_parent(wish->device, device) == 0 && streq(device, wish->device)));
		CHECK(sriov_wish_count(wish) <= SRIOV_VFS_MAX && wish->source[0]);
		for (size_t j = 0; j < i; j++)
			CHECK(!streq(wish->device, config->sriov.items[j].device));
	}
	for (size_t i = 0; i < config->wanted.count; i++) {
		const struct wanted *item = &config->wanted.items[i];
		char uuid[UUID_SIZE], type[TYPE_NAME_SIZE], parent[PCI_ADDRESS_SIZE];
		CHECK(wanted_parse_uuid(item->uuid, uuid) == 0 && streq(uuid, item->uuid));
		CHECK(wanted_parse_type(item->type, type) == 0 && streq(type, item->type));
		CHECK(!item->parent[0] ||
		      (wanted_parse_device(item->parent, parent) == 0 && streq(parent, item->parent)));
		CHECK(item->other_count < PARENTS_MAX && (item->parent[0] || item->other_count == 0));
		for (size_t n = 0; n < item->other_count; n++)
			CHECK(wanted_parse_device(item->others[n], parent) == 0 && streq(parent, item->others[n]));
		CHECK(item->source[0]);
		for (size_t j = 0; j < i; j++)
			CHECK(!streq(item->uuid, config->wanted.items[j].uuid));
	}
}

static void check_round_trip(const struct config *config)
{
	char *text = NULL, *second = NULL;
	size_t length = 0, second_length = 0;
	CHECK(config_write_snapshot(config, &text, &length) == 0);
	struct config again;
	config_init(&again);
	CHECK(config_parse(&again, "f.conf", text, length, true) == 0);
	CHECK(again.problem_count == 0);
	CHECK(config_write_snapshot(&again, &second, &second_length) == 0);
	CHECK(length == second_length && memcmp(text, second, length) == 0);
	CHECK(again.settings.early == config->settings.early);
	CHECK(again.wanted.count == (config->settings.early ? config->wanted.count : 0));
	CHECK(again.claims.count == (config->settings.early ? config->claims.count : 0));
	CHECK(again.sriov.count == (config->settings.early ? config->sriov.count : 0));
	for (size_t i = 0; i < again.sriov.count; i++)
		CHECK(again.sriov.items[i].vfs == config->sriov.items[i].vfs &&
		      again.sriov.items[i].host == config->sriov.items[i].host &&
		      again.sriov.items[i].fair == config->sriov.items[i].fair);
	CHECK(again.settings.module_count == config->settings.module_count);
	config_free(&again);
	free(text);
	free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct config config;
	config_init(&config);
	CHECK(config_parse(&config, "f.conf", (const char *)data + 1, size - 1, data[0] & 1) == 0);
	check_valid(&config);
	check_round_trip(&config);
	config_free(&config);
	return 0;
}
