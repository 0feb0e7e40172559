// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "decide/setup/guest_line.h"
#include "decide/sriov/sriov_host.h"

static const struct gpu gpu = { .address = "0000:00:02.0",
				.device_id = 0x3e92,
				.name = "Coffee Lake",
				.verdict = GPU_SUPPORTED,
				.aperture = 512 * MIB,
				.ggtt = 4096 * MIB };

static void offer_all(struct offer_list *offers)
{
	struct type_list types;
	*offers = (struct offer_list){ .count = 0 };
	capacity_types(&gpu, &types);
	for (size_t i = 0; i < types.count; i++)
		strcpy(offers->items[offers->count++].type, types.names[i]);
}

static void choice(void **state)
{
	(void)state;
	static const struct {
		const char *text, *type;
		const char *taken[3]; // by others
		enum guest_line_trouble trouble;
		const char *chosen;
		unsigned index;
	} cases[] = {
		{ "", NULL, { NULL }, GUEST_LINE_FINE, "i915-GVTg_V5_2", 0 },
		{ "", NULL, { "i915-GVTg_V5_2" }, GUEST_LINE_FINE, "i915-GVTg_V5_4", 0 },
		{ "", "i915-GVTg_V5_8", { "i915-GVTg_V5_2" }, GUEST_LINE_FINE, "i915-GVTg_V5_8", 0 },
		{ "", "i915-GVTg_V5_2", { "i915-GVTg_V5_2" }, GUEST_LINE_NO_ROOM, "i915-GVTg_V5_2", 0 },
		{ "", NULL, { "i915-GVTg_V5_2", "i915-GVTg_V5_4" }, GUEST_LINE_NO_ROOM, "", 0 },
		{ "", "i915-GVTg_V5_1", { NULL }, GUEST_LINE_NO_TYPE, "i915-GVTg_V5_2", 0 },
		{ "hostpci0: 0000:03:00\nhostpci1: nonsense\n", NULL, { NULL }, GUEST_LINE_FINE, "i915-GVTg_V5_2", 2 },
		{ "hostpci3: 0000:00:02.0,mdev=i915-GVTg_V5_8\n",
		  NULL,
		  { NULL },
		  GUEST_LINE_THERE,
		  "i915-GVTg_V5_8",
		  3 },
		{ "hostpci3: 0000:00:02.0,mdev=i915-GVTg_V5_8\n",
		  "i915-GVTg_V5_8",
		  { NULL },
		  GUEST_LINE_THERE,
		  "i915-GVTg_V5_8",
		  3 },
		{ "hostpci3: 0000:00:02.0,mdev=i915-GVTg_V5_8\n",
		  "i915-GVTg_V5_4",
		  { NULL },
		  GUEST_LINE_OTHER,
		  "i915-GVTg_V5_8",
		  3 },
		{ "hostpci0: 0000:01:00,mdev=nvidia-1\n", NULL, { NULL }, GUEST_LINE_FINE, "i915-GVTg_V5_2", 1 },
		{ "template: 1\n", NULL, { NULL }, GUEST_LINE_TEMPLATE, "", 0 },
		// What waits for the next start is there.
		{ "name: a\n[PENDING]\nhostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4\n",
		  NULL,
		  { NULL },
		  GUEST_LINE_THERE,
		  "i915-GVTg_V5_4",
		  0 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		static struct guest guest;
		struct offer_list offers;
		struct capacity_use use = { .count = 0 };
		struct guest_line line;
		offer_all(&offers);
		for (size_t k = 0; k < 3 && cases[i].taken[k]; k++)
			capacity_take(&use, cases[i].taken[k]);
		assert_int_equal(guest_parse(&guest, cases[i].text, NULL), 0);
		guest_line_choose(&line, &guest, cases[i].type, &gpu, &offers, &use);
		if (line.trouble != cases[i].trouble || !streq(line.type, cases[i].chosen) ||
		    line.index != cases[i].index)
			fail_msg("case %zu: trouble %d, '%s', hostpci%u", i, (int)line.trouble, line.type, line.index);
	}
}

static void no_slot(void **state)
{
	(void)state;
	static struct guest guest;
	struct offer_list offers;
	const struct capacity_use use = { .count = 0 };
	struct guest_line line;
	char text[1024] = "";
	for (int i = 0; i < GUEST_SLOTS; i++)
		sprintf(text + strlen(text), "hostpci%d: 0000:03:00\n", i);
	offer_all(&offers);
	assert_int_equal(guest_parse(&guest, text, NULL), 0);
	guest_line_choose(&line, &guest, NULL, &gpu, &offers, &use);
	assert_equal(line.trouble, GUEST_LINE_NO_SLOT);
}

// The VF of a guest, as text: what is wrong, and the slot's value.
static const char *vf_for(unsigned vmid, const char *text)
{
	static const char *const troubles[] = {
		[GUEST_LINE_FINE] = "fine",    [GUEST_LINE_THERE] = "there",     [GUEST_LINE_TEMPLATE] = "template",
		[GUEST_LINE_NO_ROOM] = "full", [GUEST_LINE_NO_SLOT] = "no slot",
	};
	static struct guest guest;
	static char result[128];
	struct guest_line line;
	char value[GUEST_LINE_SIZE];
	assert_int_equal(guest_parse(&guest, text, NULL), 0);
	guest_line_choose_vf(&line, &guest, vmid, &host, &host.gpus.items[0], &config);
	guest_line_value(&line, value);
	snprintf(result, sizeof(result), "%s", troubles[line.trouble]);
	if (line.trouble == GUEST_LINE_FINE || line.trouble == GUEST_LINE_THERE)
		snprintf(result, sizeof(result), "%s %u of %u hostpci%u: %s", troubles[line.trouble], line.vf,
			 line.most, line.index, value);
	return result;
}

static void virtual_functions(void **state)
{
	(void)state;
	assert_string_equal(vf_for(100, ""), "fine 1 of 7 hostpci0: 0000:00:02.1");
	claim(VF(1), "/etc/pve/nodes/pve/qemu-server/101.conf:1");
	claim(VF(3), "/etc/pve/nodes/pve/qemu-server/102.conf:1");
	assert_string_equal(vf_for(100, "hostpci0: 0000:03:00\n"), "fine 2 of 7 hostpci1: 0000:00:02.2");
	config.claims.items[1].vmid = 102;
	config.claims.items[1].index = 4;
	assert_string_equal(vf_for(102, ""), "there 3 of 7 hostpci4: 0000:00:02.3");
	assert_string_equal(vf_for(102, "template: 1\n"), "template");
	config.sriov.items[config.sriov.count++] = (struct sriov_wish){ .host = 0x2 | 0x8 | 0x10 | 0x20 }; // 2 4 5 6
	assert_string_equal(vf_for(100, ""), "fine 7 of 7 hostpci0: 0000:00:02.7");
	claim(VF(7), "/etc/pve/nodes/pve/qemu-server/103.conf:1");
	assert_string_equal(vf_for(100, ""), "full");
	host.sriov.gpus[0].total = 0; // the driver refuses
	assert_string_equal(vf_for(104, ""), "full");
	host.sriov.gpus[0].total = -EIO; // not known
	config.sriov.count = 0;
	assert_string_equal(vf_for(104, ""), "fine 2 of 7 hostpci0: 0000:00:02.2");
	char text[1024] = "";
	for (int i = 0; i < GUEST_SLOTS; i++)
		sprintf(text + strlen(text), "hostpci%d: 0000:03:00\n", i);
	assert_string_equal(vf_for(104, text), "no slot");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(choice),
		cmocka_unit_test(no_slot),
		cmocka_unit_test_setup_teardown(virtual_functions, sriov_setup, sriov_teardown),
	};
	return run_group(tests);
}
