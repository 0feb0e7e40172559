// SPDX-License-Identifier: GPL-2.0-or-later
// The decision on hosts that nobody has seen: it is made, every instance has a step, and what it says is text.
#include "fuzz.h"

#include "decide/gvt_capacity.h"
#include "decide/gvt_rules.h"
#include "decide/plan.h"
#include "tell/words.h"

static const uint8_t *at;
static size_t left;

static unsigned byte(void)
{
	if (left == 0)
		return 0;
	left--;
	return *at++;
}

// One of a few texts, so that they can be equal to each other.
static const char *one_of(const char *const *texts, size_t count)
{
	return texts[byte() % count];
}
#define ONE_OF(...) one_of((const char *const[]){ __VA_ARGS__ }, ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })))

#define UUIDS     "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01", "00000000-0000-0000-0000-000000000100"
#define TYPES     "i915-GVTg_V5_4", "i915-GVTg_V5_8", "i915-GVTg_V5_1", "i915-GVTg_V4_2", "mtty-1"
#define ADDRESSES "0000:00:02.0", "0000:03:00.0", "10000:00:02.0"

static void fill_policy(struct module_policy *policy)
{
	unsigned bits = byte();
	*policy = (struct module_policy){
		.available = bits & 1,
		.foreign = (bits & 30) == 2,
		.dkms = (bits & 62) == 34,
		.blacklisted = (bits & 30) == 4,
		.install_command = (bits & 30) == 8,
	};
	strcpy(policy->options, ONE_OF("", "", "enable_gvt=0", "enable_gvt=1", "ids=8086:3e92", "ids=,,8086:3e92:1"));
}

static void fill_host(struct host *host)
{
	unsigned bits = byte();
	*host = (struct host){
		.release = "6.1.0",
		.proc_found = bits & 7,
		.vmcore = (bits & 56) == 8,
		.modules_trouble = { bits & 128 ? 0 : 'd' },
		.i915_state = byte() % 4,
		.gvt.kvmgt_state = byte() % 4,
	};
	strcpy(host->hibernated, ONE_OF("", "", "", "/dev/sda2"));
	host->gvt.enable_gvt = (int)(byte() % 3) == 2 ? -2 : (int)(byte() % 2);
	host->iommu.sysfs_found = bits & 64;
	host->iommu.dmar_table = byte() & 1;
	strcpy(host->iommu.unit, ONE_OF("", "dmar0"));
	fill_policy(&host->i915_policy);
	fill_policy(&host->gvt.kvmgt_policy);
	fill_policy(&host->vfio_pci_policy);

	static const char *const addresses[] = { ADDRESSES };
	host->gpus.count = byte() % 3;
	for (size_t i = 0; i < host->gpus.count; i++) {
		struct gpu *gpu = &host->gpus.items[i];
		strcpy(gpu->address, addresses[i]);
		gpu->functions = 1 + byte() % 2;
		gpu->device_id = (uint16_t)(byte() & 1 ? 0x3e92 : byte() << 8 | byte());
		gpu->verdict = byte() & 1 ? GPU_SUPPORTED : gpu_judge(gpu->device_id, &gpu->name, &gpu->platform);
		gpu->name = "Generation";
		gpu->aperture = byte() * 64 * MIB;
		gpu->ggtt = gpu_ggtt_bytes((uint16_t)byte());
		strcpy(gpu->driver, ONE_OF("", "", "i915", "vfio-pci"));
		strcpy(gpu->driver_override, ONE_OF("", "", "vfio-pci"));
		host->gvt.types[i].registered = byte() & 1;
		for (unsigned n = byte() % 4; n > 0; n--)
			strcpy(host->gvt.types[i].names[host->gvt.types[i].count++], ONE_OF(TYPES));
	}
	for (unsigned n = byte() % 9; n > 0; n--) {
		struct instance *item = &host->instances.items[host->instances.count++];
		strcpy(item->uuid, ONE_OF(UUIDS, "00000000-0000-0000-0000-000000000101"));
		strcpy(item->type, ONE_OF(TYPES, ""));
		strcpy(item->parent, ONE_OF(ADDRESSES, ""));
		item->use = byte() % 3;
		item->ours = byte() & 1;
		host->made.count += item->ours;
	}
}

static void fill_config(struct config *config)
{
	config_init(config);
	config->whole = byte() & 1;
	whole_gpu_add(&config->claims, ONE_OF("", "", "00:02", "03:00.0;10000:00:02.0"), "/100.conf:1");
	for (unsigned n = byte() % 4; n > 0; n--) {
		struct wanted item = { .source = "/f.conf:1" };
		const struct wanted *other;
		strcpy(item.uuid, ONE_OF(UUIDS));
		strcpy(item.type, ONE_OF(TYPES));
		strcpy(item.parent, ONE_OF(ADDRESSES, "", "", "0000:00:02", "0000:00:05"));
		for (unsigned others = item.parent[0] ? byte() % PARENTS_MAX : 0; others > 0; others--)
			strcpy(item.others[item.other_count++], ONE_OF(ADDRESSES, "0000:03:00", "0000:07:00.0"));
		if (wanted_add(&config->wanted, &item, &other) < 0)
			break;
	}
}

static void check_finding(const struct finding *finding)
{
	CHECK(finding->name && finding->name[0]);
	CHECK(finding->severity <= SEVERITY_FAILED);
	char text[SENTENCE_SIZE];
	CHECK(*finding_text(finding, text, sizeof(text)) && strlen(text) < sizeof(text));
}

static void check_instance(const struct planned_instance *item, const struct host *host)
{
	CHECK(item->wanted);
	if (item->finding.name)
		check_finding(&item->finding);
	if (item->step != INSTANCE_REMAKE)
		CHECK((item->finding.name == NULL) == (item->step == INSTANCE_CREATE || item->step == INSTANCE_EXISTS));
	const struct gpu *gpu = gpu_list_at(&host->gpus, item->parent);
	const struct instance *there = instance_list_find(&host->instances, item->wanted->uuid);
	if (item->step == INSTANCE_EXISTS || item->step == INSTANCE_CONFLICT || item->step == INSTANCE_REMAKE)
		CHECK(there);
	if (item->step == INSTANCE_CREATE || item->step == INSTANCE_NO_ROOM)
		CHECK(!there);
	CHECK((plan_find(item, host) != NULL) == (item->step == INSTANCE_EXISTS));
	if (item->step != INSTANCE_CREATE && item->step != INSTANCE_NO_ROOM && item->step != INSTANCE_REMAKE)
		return;
	struct planned_instance next = *item;
	do {
		char text[TEXT_SIZE];
		struct capacity_use use;
		struct finding finding;
		gpu = gpu_list_at(&host->gpus, next.parent);
		CHECK(gpu && gpu->verdict == GPU_SUPPORTED);
		capacity_used(&use, gpu, &host->instances);
		capacity_explain(&finding, gpu, &use, item->wanted->type);
		CHECK(*finding_seen(&finding, text, sizeof(text)));
	} while (plan_next_parent(&next));
}

static void check_removal(const struct planned_removal *removal, const struct config *config)
{
	CHECK(removal->instance.ours && removal->instance.use == USE_NONE);
	CHECK(removal->wanted ? streq(removal->wanted->uuid, removal->instance.uuid) : config->whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct host host;
	struct config config;
	struct plan plan;
	at = data;
	left = size;
	fill_host(&host);
	fill_config(&config);
	char *words = text_of(at, left); // what is left is the kernel command line
	CHECK(cmdline_parse(&host.cmdline, strlen(words) > CMDLINE_MAX ? "" : words) == 0);

	(void)plan_may_start(&host, &config);
	CHECK(plan_make(&plan, &host, &config) == 0);
	check_finding(&plan.iommu);
	if (plan.stance == STANCE_ACT) {
		CHECK(config.wanted.count + plan.removal_count > 0 && plan.instance_count == config.wanted.count);
		CHECK(plan.module_count >= 2 && streq(plan.modules[plan.module_count - 2].name, "i915") &&
		      streq(plan.modules[plan.module_count - 1].name, "kvmgt"));
		check_finding(&plan.gpu);
		for (size_t i = 0; i < plan.instance_count; i++)
			check_instance(&plan.instances[i], &host);
		for (size_t i = 0; i < plan.removal_count; i++)
			check_removal(&plan.removals[i], &config);
		struct finding verdict;
		gvt_judge_types(&verdict, &host);
		check_finding(&verdict);
	} else {
		CHECK(plan.instance_count == 0 && plan.module_count == 0 && plan.removal_count == 0);
		check_finding(&plan.leave);
	}
	plan_free(&plan);
	config_free(&config);
	host_free(&host);
	free(words);
	return 0;
}
