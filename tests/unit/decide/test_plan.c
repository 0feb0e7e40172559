// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "decide/gvt_rules.h"
#include "decide/plan.h"
#include "tell/words.h"

static char sentence[SENTENCE_SIZE];

// Two may be told at once.
static const char *text_of(const struct finding *finding)
{
	static char texts[2][SENTENCE_SIZE];
	static size_t at;
	return finding_text(finding, texts[at++ % 2], SENTENCE_SIZE);
}

#define ADDRESS "0000:00:02.0"
#define UUID    "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01"
#define TYPE    "i915-GVTg_V5_4"

// A host on which everything is fine, before the modules are loaded, and one wanted instance. Each test spoils
// something.
static struct host host;
static struct config config;
static struct plan plan;

static void set_cmdline(const char *words)
{
	cmdline_free(&host.cmdline);
	assert_int_equal(cmdline_parse(&host.cmdline, words), 0);
}

static void want(const char *uuid, const char *type, const char *parent)
{
	struct wanted item = { .source = "/f.conf:1" };
	const struct wanted *other;
	strcpy(item.uuid, uuid);
	strcpy(item.type, type);
	strcpy(item.parent, parent);
	assert_int_equal(wanted_add(&config.wanted, &item, &other), 0);
}

static void offer(size_t gpu, const char *type)
{
	struct type_list *types = &host.gvt.types[gpu];
	types->registered = true;
	strcpy(types->names[types->count++], type);
}

static void add_instance(const char *uuid, const char *type, const char *parent)
{
	struct instance *item = &host.instances.items[host.instances.count++];
	strcpy(item->uuid, uuid);
	strcpy(item->type, type);
	strcpy(item->parent, parent);
}

// As it is when i915 and kvmgt have been loaded and found the GPU.
static void load(void)
{
	host.i915_state = host.gvt.kvmgt_state = MODULE_LIVE;
	host.gvt.enable_gvt = 1;
	strcpy(host.gpus.items[0].driver, "i915");
	offer(0, "i915-GVTg_V5_4");
	offer(0, "i915-GVTg_V5_8");
}

static int setup(void **state)
{
	(void)state;
	host = (struct host){
		.release = "6.1.0",
		.proc_found = true,
		.iommu = { .unit = "dmar0", .unit_count = 1, .dmar_table = true, .sysfs_found = true },
		.gpus = { .count = 1 },
		.i915_policy.available = true,
		.gvt.kvmgt_policy.available = true,
		.vfio_pci_policy.available = true,
		.gvt.enable_gvt = -ENOENT,
	};
	host.gpus.items[0] = (struct gpu){
		.address = ADDRESS,
		.device_id = 0x3e92,
		.class_id = 0x0300,
		.verdict = GPU_SUPPORTED,
		.name = "Coffee Lake",
		.aperture = 512 * MIB,
		.ggtt = 4096 * MIB,
	};
	set_cmdline("BOOT_IMAGE=/vmlinuz ro quiet");
	config_init(&config);
	want(UUID, TYPE, "");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	plan_free(&plan);
	config_free(&config);
	host_free(&host);
	return 0;
}

// Makes the plan anew.
static void decide(void)
{
	plan_free(&plan);
	assert_int_equal(plan_make(&plan, &host, &config), 0);
}

static void assert_leaves(enum stance stance, const char *name, enum severity severity, const char *says)
{
	decide();
	assert_equal(plan.stance, stance);
	assert_string_equal(plan.leave.name, name);
	assert_equal(plan.leave.severity, severity);
	assert_has(text_of(&plan.leave), says);
	assert_int_equal(plan.instance_count, 0);
	assert_int_equal(plan.module_count, 0);
}

static void assert_acts(void)
{
	decide();
	if (plan.stance != STANCE_ACT)
		print_error("%s: %s\n", plan.leave.name, text_of(&plan.leave));
	assert_equal(plan.stance, STANCE_ACT);
}

static void all_is_well(void **state)
{
	(void)state;
	assert_acts();
	assert_string_equal(plan.iommu.name, "iommu");
	assert_equal(plan.iommu.severity, SEVERITY_OK);
	assert_string_equal(plan.gpu.name, "gpu");
	assert_equal(plan.gpu.severity, SEVERITY_OK);
	assert_string_equal(text_of(&plan.gpu), ADDRESS " [8086:3e92] Coffee Lake supports GVT-g, aperture 512 MiB");

	static const char *const modules[] = { "vfio", "vfio_iommu_type1", "vfio_pci", "i915", "kvmgt" };
	assert_int_equal(plan.module_count, ARRAY_SIZE(modules));
	for (size_t i = 0; i < ARRAY_SIZE(modules); i++) {
		assert_string_equal(plan.modules[i].name, modules[i]);
		assert_equal(plan.modules[i].required, i >= 3);
		if (i == 3)
			assert_string_equal(plan.modules[i].options, "enable_gvt=1");
		else
			assert_null(plan.modules[i].options);
	}
	assert_int_equal(plan.instance_count, 1);
	assert_ptr_equal(plan.instances[0].wanted, &config.wanted.items[0]);
	assert_equal(plan.instances[0].step, INSTANCE_CREATE);
	assert_string_equal(plan.instances[0].parent, ADDRESS);
	assert_string_equal(text_of(&plan.instances[0].finding), "");
}

// i915 comes with its option and before kvmgt, whatever the list of modules says, and once.
static void modules_in_the_list(void **state)
{
	(void)state;
	static const char *const listed[] = { "kvmgt", "vfio", "i915", "mdev" };
	config.settings.module_count = ARRAY_SIZE(listed);
	for (size_t i = 0; i < ARRAY_SIZE(listed); i++)
		strcpy(config.settings.modules[i], listed[i]);
	assert_acts();
	static const char *const modules[] = { "vfio", "mdev", "i915", "kvmgt" };
	assert_int_equal(plan.module_count, ARRAY_SIZE(modules));
	for (size_t i = 0; i < ARRAY_SIZE(modules); i++)
		assert_string_equal(plan.modules[i].name, modules[i]);

	config.settings.module_count = MODULES_MAX;
	for (size_t i = 0; i < MODULES_MAX; i++)
		sprintf(config.settings.modules[i], "m%zu", i);
	assert_acts();
	assert_int_equal(plan.module_count, MODULES_MAX + 2);
}

// Design rule 1: boots that are not ours to touch.
static void boots_of_others(void **state)
{
	(void)state;
	static const struct {
		const char *words, *name, *says;
	} cases[] = {
		{ "elfcorehdr=867416K", "boot-kdump", "crash dump" },
		{ "single", "boot-rescue", "'single'" },
		{ "S", "boot-rescue", "'S'" },
		{ "s", "boot-rescue", "'s'" },
		{ "1", "boot-rescue", "'1'" },
		{ "-s", "boot-rescue", "'-s'" },
		{ "-b", "boot-rescue", "'-b'" },
		{ "rescue", "boot-rescue", "'rescue'" },
		{ "systemd.rescue", "boot-rescue", "'systemd.rescue'" },
		{ "rd.rescue", "boot-rescue", "'rd.rescue'" },
		{ "emergency", "boot-rescue", "'emergency'" },
		{ "systemd.emergency", "boot-rescue", "'systemd.emergency'" },
		{ "rd.emergency", "boot-rescue", "'rd.emergency'" },
		{ "systemd.unit=rescue.target", "boot-rescue", "'rescue.target'" },
		{ "systemd.unit=emergency.target", "boot-rescue", "'emergency.target'" },
		{ "systemd.unit=emergency", "boot-rescue", "'emergency'" },
		{ "rd.systemd.unit=rescue", "boot-rescue", "'rescue'" },
		{ "quiet -- single", "boot-rescue", "'single'" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		set_cmdline(cases[i].words);
		assert_leaves(STANCE_OTHER_BOOT, cases[i].name, SEVERITY_HINT, cases[i].says);
	}
	set_cmdline("nomodeset"); // nobody asked for a boot without vGPUs
	assert_leaves(STANCE_OTHER_BOOT, "i915-blocked", SEVERITY_WARNING, "'nomodeset'");
	static const char *const normal[] = { "systemd.unit=multi-user.target",
					      "systemd.unit=rescue.target "
					      "systemd.unit=graphical.target",
					      "rescue=1",
					      "singles",
					      "3",
					      "5",
					      "quiet -- nomodeset" };
	for (size_t i = 0; i < ARRAY_SIZE(normal); i++) {
		set_cmdline(normal[i]);
		assert_acts();
	}
}

static void below_xen(void **state)
{
	(void)state;
	host.xen = true;
	assert_leaves(STANCE_UNABLE, "xen", SEVERITY_FAILED, "boot without Xen");
	host.iommu.unit[0] = '\0';
	host.iommu.dmar_table = false;
	struct finding finding;
	judge_iommu(&finding, &host, &config);
	assert_equal(finding.severity, SEVERITY_UNKNOWN);
	assert_has(text_of(&finding), "Xen hides it");
}

static void kdump_by_its_file(void **state)
{
	(void)state;
	host.vmcore = true;
	assert_leaves(STANCE_OTHER_BOOT, "boot-kdump", SEVERITY_HINT, "crash dump");
}

static void resume_from_hibernation(void **state)
{
	(void)state;
	strcpy(host.hibernated, "/dev/sda2");
	assert_leaves(STANCE_OTHER_BOOT, "boot-resume", SEVERITY_HINT, "/dev/sda2");
}

static void switched_off(void **state)
{
	(void)state;
	static const char *const off[] = { "gvt_early.enable=0", "gvt-early.enable=off",
					   "gvt_early.enable=1 gvt_early.enable=0" };
	for (size_t i = 0; i < ARRAY_SIZE(off); i++) {
		set_cmdline(off[i]);
		assert_leaves(STANCE_SWITCHED_OFF, "switched-off", SEVERITY_HINT, "on the kernel command line");
	}
	static const char *const on[] = { "gvt_early.enable=1", "gvt_early.enable",
					  "gvt_early.enable=0 gvt_early.enable=1", "gvt_early.enable=maybe",
					  "quiet -- gvt_early.enable=0" };
	for (size_t i = 0; i < ARRAY_SIZE(on); i++) {
		set_cmdline(on[i]);
		assert_acts();
	}
}

static void no_proc(void **state)
{
	(void)state;
	host.proc_found = false;
	assert_leaves(STANCE_UNABLE, "proc-missing", SEVERITY_FAILED, "/proc is not mounted");
}

static void nothing_wanted(void **state)
{
	(void)state;
	config_free(&config);
	config_init(&config);
	assert_leaves(STANCE_NOTHING_WANTED, "nothing-wanted", SEVERITY_HINT, "no vGPU is wanted");
	assert_null(plan.gpu.name); // the GPU is of no interest then
	assert_int_equal(config_parse(&config, "f.conf", "wrong", 5, false), 0);
	assert_leaves(STANCE_NOTHING_WANTED, "nothing-wanted", SEVERITY_WARNING, "the first is /f.conf:1: 'wrong'");
}

static void gpus(void **state)
{
	(void)state;
	static const struct {
		enum gpu_verdict verdict;
		const char *name, *says;
	} cases[] = {
		{ GPU_TOO_NEW, "gpu-too-new", "SR-IOV" },
		{ GPU_TOO_OLD, "gpu-too-old", "Broadwell" },
		{ GPU_UNSUPPORTED_ATOM, "gpu-atom", "Atom" },
		{ GPU_DISCRETE, "gpu-discrete", "discrete" },
		{ GPU_UNKNOWN, "gpu-unknown", "not among the GPUs" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		host.gpus.items[0].verdict = cases[i].verdict;
		assert_leaves(STANCE_UNABLE, cases[i].name, SEVERITY_FAILED, cases[i].says);
		assert_starts(text_of(&plan.leave), ADDRESS " [8086:3e92] ");
		assert_string_equal(text_of(&plan.gpu), text_of(&plan.leave));
	}
	host.gpus.count = 0;
	assert_leaves(STANCE_UNABLE, "gpu-absent", SEVERITY_FAILED, "no Intel display device");
	strcpy(host.gpus.error, "no such thing");
	assert_leaves(STANCE_UNABLE, "pci-unreadable", SEVERITY_FAILED, "no such thing");
}

// Design rule 2: the admin's word is final.
static void gpu_given_away(void **state)
{
	(void)state;
	struct gpu *gpu = &host.gpus.items[0];
	strcpy(gpu->driver, "vfio-pci");
	assert_leaves(STANCE_ADMIN, "gpu-taken", SEVERITY_WARNING, "bound to vfio-pci");
	strcpy(gpu->driver, "i915");
	assert_acts();
	gpu->driver[0] = '\0';

	strcpy(gpu->driver_override, "vfio-pci");
	assert_leaves(STANCE_ADMIN, "gpu-taken", SEVERITY_WARNING, "driver_override");
	strcpy(gpu->driver_override, "i915");
	assert_acts();
}

static void gpu_given_away_by_its_id(void **state)
{
	(void)state;
	static const char *const taken[] = { "8086:3e92", "8086:3E92", "10de:1cb3,8086:3e92", "8086:3e92:17aa:3136,1:2",
					     "1:2,8086:3e92:17aa" };
	static const char *const others[] = { "",           "8086:3e91", "8086:3e920", "10de:1cb3",
					      "18086:3e92", "3e92",      "8086:3e9" };
	char words[128];
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		snprintf(words, sizeof(words), "vfio-pci.ids=%s", taken[i]);
		set_cmdline(words);
		assert_leaves(STANCE_ADMIN, "gpu-taken", SEVERITY_WARNING, "'vfio-pci.ids='");
		set_cmdline("");
		snprintf(host.vfio_pci_policy.options, sizeof(host.vfio_pci_policy.options), "x=1 ids=%s y=1",
			 taken[i]);
		assert_leaves(STANCE_ADMIN, "gpu-taken", SEVERITY_WARNING, "'options vfio-pci ids='");
		host.vfio_pci_policy.options[0] = '\0';
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		snprintf(words, sizeof(words), "vfio_pci.ids=%s", others[i]);
		set_cmdline(words);
		snprintf(host.vfio_pci_policy.options, sizeof(host.vfio_pci_policy.options), "ids=%s", others[i]);
		assert_acts();
	}
	// Bound to i915 in spite of it: what is there counts.
	set_cmdline("vfio-pci.ids=8086:3e92");
	strcpy(host.gpus.items[0].driver, "i915");
	assert_acts();
}

static void gpu_passed_through(void **state)
{
	(void)state;
	whole_gpu_add(&config.claims, "03:00;00:02.1", "/etc/pve/qemu-server/100.conf:1");
	assert_acts();
	whole_gpu_add(&config.claims, "00:02", "/etc/pve/qemu-server/101.conf:1");
	assert_leaves(STANCE_ADMIN, "gpu-passed-through", SEVERITY_WARNING,
		      "a guest gets the whole GPU " ADDRESS " (/etc/pve/qemu-server/101.conf:1)");
}

static void modules_forbidden(void **state)
{
	(void)state;
	static const struct {
		const char *words, *says;
	} cases[] = {
		{ "module_blacklist=i915", "'module_blacklist=' on the kernel command line forbids i915" },
		{ "module_blacklist=nouveau,kvmgt", "'module_blacklist=' on the kernel command line forbids kvmgt" },
		{ "rd.driver.blacklist=nouveau,i915", "'rd.driver.blacklist=' on the kernel command line names i915" },
		{ "modprobe.blacklist=i915", "'modprobe.blacklist=' on the kernel command line names i915" },
		{ "modprobe.blacklist=a modprobe.blacklist=kvmgt",
		  "'modprobe.blacklist=' on the kernel command line names" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		set_cmdline(cases[i].words);
		assert_leaves(STANCE_ADMIN, "i915-blocked", SEVERITY_WARNING, cases[i].says);
	}
	set_cmdline("modprobe.blacklist=nouveau,i915_x");
	assert_acts();

	struct {
		struct module_policy *policy;
		const char *name;
	} policies[] = { { &host.i915_policy, "i915" }, { &host.gvt.kvmgt_policy, "kvmgt" } };
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
		char says[64];
		policies[i].policy->blacklisted = true;
		snprintf(says, sizeof(says), "'blacklist %s' in modprobe.d", policies[i].name);
		assert_leaves(STANCE_ADMIN, "i915-blocked", SEVERITY_WARNING, says);
		policies[i].policy->blacklisted = false;
		policies[i].policy->install_command = true;
		snprintf(says, sizeof(says), "'install %s' in modprobe.d", policies[i].name);
		assert_leaves(STANCE_ADMIN, "i915-blocked", SEVERITY_WARNING, says);
		policies[i].policy->install_command = false;
	}

	// Loaded all the same: there is nothing left to forbid.
	set_cmdline("modprobe.blacklist=i915,kvmgt module_blacklist=i915,kvmgt");
	host.i915_policy.blacklisted = host.gvt.kvmgt_policy.install_command = true;
	load();
	assert_acts();
}

// Whether an i915 from elsewhere has GVT-g is read from its file; what is loaded, and what it offers, goes before that.
static void dkms(void **state)
{
	(void)state;
	struct module_policy *policy = &host.i915_policy;
	policy->foreign = policy->dkms = true;
	strcpy(policy->file, "updates/dkms/i915.ko");
	host.gvt.i915_gvt = 0;
	assert_leaves(STANCE_ADMIN, "i915-blocked", SEVERITY_WARNING,
		      "(updates/dkms/i915.ko has no parameter enable_gvt)");
	host.gvt.kvmgt_policy.foreign = true;
	host.gvt.i915_gvt = -ENODATA;
	assert_leaves(STANCE_ADMIN, "i915-blocked", SEVERITY_WARNING, "whether it has GVT-g is unknown");
	host.gvt.i915_gvt = -EACCES;
	assert_leaves(STANCE_ADMIN, "i915-blocked", SEVERITY_WARNING, "updates/dkms/i915.ko: Permission denied");
	host.gvt.i915_gvt = 1;
	host.gvt.kvmgt_policy.foreign = false;
	assert_leaves(STANCE_ADMIN, "i915-blocked", SEVERITY_WARNING, "no kvmgt was built with it");
	policy->dkms = false;
	assert_acts();
	policy->dkms = true;
	host.gvt.kvmgt_policy.foreign = host.gvt.kvmgt_policy.dkms = true;
	assert_acts();

	host.gvt.i915_gvt = 0;
	host.i915_state = MODULE_LIVE;
	host.gvt.enable_gvt = 1;
	assert_acts();
	host.gvt.kvmgt_policy.foreign = false;
	assert_leaves(STANCE_ADMIN, "i915-blocked", SEVERITY_WARNING, "no kvmgt was built with it");
	load();
	assert_acts();
	host.gvt.types[0].count = 0;
	assert_acts();
	host.gvt.enable_gvt = -ENOENT;
	assert_leaves(STANCE_ADMIN, "i915-blocked", SEVERITY_WARNING,
		      "(the loaded module has no parameter enable_gvt)");
	host.gvt.i915_gvt = 1;
	assert_leaves(STANCE_UNABLE, "i915-no-gvt", SEVERITY_FAILED, "reboot: the i915 that is installed now has it");
}

// Only root can read i915's parameters: that is not the same as having none.
static void unreadable_parameter(void **state)
{
	(void)state;
	load();
	host.gvt.enable_gvt = -EACCES;
	assert_acts();
	host.gvt.types[0].count = 0;
	assert_acts();
	host.gvt.types[0].registered = false;
	struct finding verdict;
	gvt_judge_types(&verdict, &host);
	assert_string_equal(verdict.name, "gvt-silent");
	assert_has(text_of(&verdict), "only root can read enable_gvt");
}

static void gvt_switched_off(void **state)
{
	(void)state;
	static const struct {
		const char *words, *options, *name, *says;
	} off[] = {
		{ "i915.enable_gvt=0", "", "gvt-switched-off", "'i915.enable_gvt=0'" },
		{ "i915.enable-gvt=N", "", "gvt-switched-off", "'i915.enable_gvt=N'" },
		{ "i915.enable_gvt=1 i915.enable_gvt=0", "enable_gvt=1", "gvt-switched-off", "kernel command line" },
		{ "", "enable_gvt=0", "gvt-switched-off", "'options i915 enable_gvt=0' in modprobe.d" },
		{ "", "x=1 enable_gvt=off y=2", "gvt-switched-off", "'options i915 enable_gvt=off' in modprobe.d" },
		{ "i915.modeset=0", "", "i915-blocked", "'i915.modeset=0'" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(off); i++) {
		set_cmdline(off[i].words);
		strcpy(host.i915_policy.options, off[i].options);
		assert_leaves(STANCE_ADMIN, off[i].name, SEVERITY_WARNING, off[i].says);
	}
	static const struct {
		const char *words, *options;
	} on[] = {
		{ "i915.enable_gvt=1", "" },
		{ "i915.enable_gvt", "enable_gvt=0" },
		{ "i915.enable_gvt=1", "enable_gvt=0" }, // behind modprobe.d's, so it wins
		{ "", "enable_gvt=0 enable_gvt=1" },
		{ "", "enable_gvt" },
		{ "i915.modeset=1", "" },
		{ "quiet -- i915.enable_gvt=0", "" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(on); i++) {
		set_cmdline(on[i].words);
		strcpy(host.i915_policy.options, on[i].options);
		assert_acts();
	}
	// i915's own parameter, once it is loaded, knows better.
	set_cmdline("i915.enable_gvt=0");
	load();
	assert_acts();
}

static void the_loaded_i915(void **state)
{
	(void)state;
	host.i915_state = MODULE_LIVE;
	host.gvt.enable_gvt = 0;
	assert_leaves(STANCE_UNABLE, "gvt-param-off", SEVERITY_FAILED, "gvt-early check");
	host.gvt.enable_gvt = -ENOENT;
	assert_leaves(STANCE_UNABLE, "i915-no-gvt", SEVERITY_FAILED, "no parameter enable_gvt");
	host.gvt.enable_gvt = 1;
	assert_acts();
	host.i915_state = MODULE_COMING; // its parameter may not be there yet
	host.gvt.enable_gvt = -ENOENT;
	assert_acts();
}

static void modules_missing(void **state)
{
	(void)state;
	host.gvt.kvmgt_policy.available = false;
	assert_leaves(STANCE_UNABLE, "kvmgt-missing", SEVERITY_FAILED, "kernel 6.1.0 has no module kvmgt");
	host.i915_policy.available = false; // kvmgt is what says more of the kernel
	assert_leaves(STANCE_UNABLE, "kvmgt-missing", SEVERITY_FAILED, "kernel 6.1.0 has no module kvmgt");
	host.gvt.kvmgt_policy.available = true;
	assert_leaves(STANCE_UNABLE, "i915-missing", SEVERITY_FAILED, "kernel 6.1.0 has no module i915");
	host.gvt.kvmgt_policy.available = false;
	strcpy(host.modules_trouble, "modules.dep.bin is damaged");
	assert_leaves(STANCE_UNABLE, "modules-missing", SEVERITY_FAILED,
		      "/lib/modules/6.1.0/modules.dep.bin is damaged");
	load(); // then nothing needs loading
	assert_acts();
	host.gvt.kvmgt_state = MODULE_NOT_LOADED;
	host.modules_trouble[0] = '\0';
	host.i915_policy.available = true;
	assert_leaves(STANCE_UNABLE, "kvmgt-missing", SEVERITY_FAILED, "kvmgt");
}

// The IOMMU is Proxmox VE's requirement, not GVT-g's: told, and nothing else changes.
static void iommu(void **state)
{
	(void)state;
	host.iommu.unit[0] = '\0';
	assert_acts();
	assert_string_equal(plan.iommu.name, "no-iommu");
	assert_equal(plan.iommu.severity, SEVERITY_HINT);
	assert_string_equal(finding_fix(&plan.iommu, sentence, sizeof(sentence)), "");
	// Proxmox VE asks for it: on its hosts, and where a guest of its own is named.
	wanted_guest_uuid(100, 0, config.wanted.items[0].uuid);
	assert_acts();
	assert_string_equal(plan.iommu.name, "iommu-off");
	strcpy(config.wanted.items[0].uuid, UUID);
	config.settings.proxmox = true;
	assert_acts();
	assert_string_equal(plan.iommu.name, "iommu-off");
	assert_equal(plan.iommu.severity, SEVERITY_WARNING);
	assert_has(text_of(&plan.iommu), "add intel_iommu=on");
	set_cmdline("intel_iommu=off");
	assert_acts();
	assert_string_equal(plan.iommu.name, "iommu-off");
	assert_has(text_of(&plan.iommu), "'intel_iommu=off'");
	host.iommu.dmar_table = false;
	assert_acts();
	assert_string_equal(plan.iommu.name, "vtd-firmware");
	assert_equal(plan.iommu.severity, SEVERITY_WARNING);
	host.iommu.sysfs_found = false;
	assert_acts();
	assert_string_equal(plan.iommu.name, "iommu-off");
}

//
// The instances
//

static const struct planned_instance *first(void)
{
	assert_acts();
	assert_int_equal(plan.instance_count, config.wanted.count);
	return &plan.instances[0];
}

static void existing(void **state)
{
	(void)state;
	load();
	add_instance(UUID, TYPE, ADDRESS);
	assert_equal(first()->step, INSTANCE_EXISTS);
	assert_string_equal(text_of(&first()->finding), "");
}

static void conflicts(void **state)
{
	(void)state;
	load();
	add_instance(UUID, "i915-GVTg_V5_8", ADDRESS);
	assert_equal(first()->step, INSTANCE_CONFLICT);
	assert_has(text_of(&first()->finding),
		   "exists as i915-GVTg_V5_8 on " ADDRESS ", but " TYPE " on " ADDRESS " is wanted");
	strcpy(host.instances.items[0].type, TYPE);
	strcpy(host.instances.items[0].parent, "0000:03:00.0");
	assert_equal(first()->step, INSTANCE_CONFLICT);
	strcpy(host.instances.items[0].type, "");
	assert_equal(first()->step, INSTANCE_CONFLICT);
	assert_has(text_of(&first()->finding), "without a type yet");
}

// What is there is not to be removed for an instance that could not be made in its place.
static void conflicts_that_gain_nothing(void **state)
{
	(void)state;
	load();
	add_instance(UUID, "i915-GVTg_V5_8", ADDRESS);
	strcpy(config.wanted.items[0].type, "i915-GVTg_V5_3");
	assert_equal(first()->step, INSTANCE_CONFLICT);
	assert_string_equal(first()->finding.name, "type-unknown");
	assert_has(text_of(&first()->finding), "exists as i915-GVTg_V5_8 on " ADDRESS);
	assert_has(text_of(&first()->finding), "no type i915-GVTg_V5_3");
	assert_true(finding_has(&first()->finding, VALUE_NEAREST));
	strcpy(config.wanted.items[0].type, TYPE);
	assert_string_equal(first()->finding.name, "instance-conflict");
	for (unsigned i = 0; i < 5; i++) { // with that one's 64 MiB there are 5 * 64 of 384, without it one more fits
		char uuid[UUID_SIZE];
		snprintf(uuid, sizeof(uuid), "%08u-0000-4000-8000-000000000000", i);
		add_instance(uuid, "i915-GVTg_V5_8", ADDRESS);
	}
	assert_equal(first()->step, INSTANCE_CONFLICT);
	assert_string_equal(first()->finding.name, "capacity");
	assert_has(text_of(&first()->finding), "no room");
}

// Design rule 8.
static struct instance *add_ours(const char *uuid, const char *type)
{
	add_instance(uuid, type, ADDRESS);
	struct instance *item = &host.instances.items[host.instances.count - 1];
	item->ours = true;
	item->use = USE_NONE;
	host.made.count++;
	return item;
}

static void ours_are_made_anew(void **state)
{
	(void)state;
	load();
	struct instance *item = add_ours(UUID, "i915-GVTg_V5_8");
	assert_acts();
	assert_equal(first()->step, INSTANCE_REMAKE);
	assert_string_equal(text_of(&first()->finding), "");
	assert_string_equal(first()->parent, ADDRESS);
	assert_int_equal(plan.removal_count, 1);
	assert_ptr_equal(plan.removals[0].wanted, first()->wanted);
	assert_string_equal(plan.removals[0].instance.type, "i915-GVTg_V5_8");

	item->use = USE_OPEN;
	strcpy(item->user, "process 4711 (kvm)");
	assert_acts();
	assert_equal(first()->step, INSTANCE_CONFLICT);
	assert_has(text_of(&first()->finding), "process 4711 (kvm) has it open");
	assert_int_equal(plan.removal_count, 0);

	item->use = USE_UNKNOWN; // as in the early stage
	assert_acts();
	assert_equal(first()->step, INSTANCE_CONFLICT);
	assert_has(text_of(&first()->finding), "cannot be determined");

	item->use = USE_NONE;
	item->ours = false;
	assert_acts();
	assert_equal(first()->step, INSTANCE_CONFLICT);
	assert_has(text_of(&first()->finding), "remove it, or change what is wanted");

	// As wanted: nothing is to be done with it.
	item->ours = true;
	strcpy(item->type, TYPE);
	assert_acts();
	assert_equal(first()->step, INSTANCE_EXISTS);
	assert_int_equal(plan.removal_count, 0);

	// On another parent.
	strcpy(item->parent, "0000:03:00.0");
	assert_acts();
	assert_equal(first()->step, INSTANCE_REMAKE);
}

static void ours_stay_when_nothing_can_take_their_place(void **state)
{
	(void)state;
	load();
	add_ours(UUID, "i915-GVTg_V5_8");
	strcpy(config.wanted.items[0].type, "i915-GVTg_V5_1");
	assert_acts();
	assert_equal(first()->step, INSTANCE_HOPELESS);
	assert_has(text_of(&first()->finding), "offers no type i915-GVTg_V5_1");
	assert_int_equal(plan.removal_count, 0);
}

// The room of all that goes is there for all that is made, whatever their order.
static void room_of_what_goes(void **state)
{
	(void)state;
	load();
	offer(0, "i915-GVTg_V5_2");
	add_ours("00000000-0000-0000-0000-000000000100", "i915-GVTg_V5_2");
	want("00000000-0000-0000-0000-000000000100", "i915-GVTg_V5_4", "");
	want("00000000-0000-0000-0000-000000000101", "i915-GVTg_V5_4", "");
	assert_acts(); // 128 MiB each, of 384
	assert_equal(plan.instances[0].step, INSTANCE_CREATE);
	assert_equal(plan.instances[1].step, INSTANCE_REMAKE);
	assert_equal(plan.instances[2].step, INSTANCE_CREATE);
	want("00000000-0000-0000-0000-000000000102", "i915-GVTg_V5_4", "");
	assert_acts();
	assert_equal(plan.instances[3].step, INSTANCE_NO_ROOM);

	// One that is made anew may find no room itself; its text says so.
	add_instance("00000000-0000-0000-0000-000000000900", "i915-GVTg_V5_2", ADDRESS);
	assert_acts();
	assert_equal(plan.instances[0].step, INSTANCE_CREATE);
	assert_equal(plan.instances[1].step, INSTANCE_REMAKE);
	assert_has(text_of(&plan.instances[1].finding), "no room");
}

static void ours_that_nobody_wants(void **state)
{
	(void)state;
	load();
	struct instance *item = add_ours("00000000-0000-0000-0000-000000000100", "i915-GVTg_V5_2");
	assert_acts(); // the sources could not all be read
	assert_int_equal(plan.removal_count, 0);
	assert_equal(first()->step, INSTANCE_CREATE);

	config.whole = true;
	assert_acts();
	assert_int_equal(plan.removal_count, 1);
	assert_null(plan.removals[0].wanted);
	assert_string_equal(plan.removals[0].instance.uuid, item->uuid);

	item->use = USE_OPEN;
	assert_acts();
	assert_int_equal(plan.removal_count, 0);
	item->use = USE_NONE;
	assert_int_equal(config_add_problem(&config, "", "a mistake"), 0);
	assert_acts();
	assert_int_equal(plan.removal_count, 0);
	config_forget_wanted(&config);

	// Nothing else is wanted.
	assert_acts();
	assert_int_equal(plan.removal_count, 1);
	assert_int_equal(plan.instance_count, 0);
	struct plan early = { 0 };
	assert_false(plan_leaves_boot(&early, &host, &config));
	item->ours = false;
	assert_leaves(STANCE_NOTHING_WANTED, "nothing-wanted", SEVERITY_HINT, "no vGPU is wanted");
	item->ours = true;
	config.whole = false;
	assert_true(plan_leaves_boot(&early, &host, &config));

	// Where gvt-early changes nothing, nothing is removed.
	config.whole = true;
	set_cmdline("gvt_early.enable=0");
	assert_leaves(STANCE_SWITCHED_OFF, "switched-off", SEVERITY_HINT, "");
	set_cmdline("");
	strcpy(host.gpus.items[0].driver, "vfio-pci");
	assert_leaves(STANCE_ADMIN, "gpu-taken", SEVERITY_WARNING, "");
	assert_int_equal(plan.removal_count, 0);
}

static void whether_a_guest_may_start(void **state)
{
	(void)state;
	assert_false(plan_may_start(&host, &config));
	load();
	assert_true(plan_may_start(&host, &config)); // Proxmox VE makes it
	config.wanted.items[0].keep = true;
	assert_false(plan_may_start(&host, &config));
	add_instance(UUID, TYPE, ADDRESS);
	assert_true(plan_may_start(&host, &config));
	want("00000000-0000-0000-0000-000000000100", "i915-GVTg_V5_2", "");
	assert_false(plan_may_start(&host, &config));
	config_forget_wanted(&config);
	assert_true(plan_may_start(&host, &config));
}

static void types_not_offered(void **state)
{
	(void)state;
	load();
	strcpy(config.wanted.items[0].type, "i915-GVTg_V5_1");
	assert_equal(first()->step, INSTANCE_HOPELESS);
	assert_string_equal(text_of(&first()->finding),
			    ADDRESS " offers no type i915-GVTg_V5_1 with an aperture of 512 MiB; it needs 1024 "
				    "MiB, to be set in the firmware setup; now offered: i915-GVTg_V5_4, "
				    "i915-GVTg_V5_8");
	host.gpus.items[0].aperture = 1024 * MIB; // then the aperture is not what it lacks
	assert_string_equal(
		text_of(&first()->finding),
		ADDRESS
		" offers no type i915-GVTg_V5_1; offered: i915-GVTg_V5_4, i915-GVTg_V5_8; the nearest is i915-GVTg_V5_4");
	strcpy(config.wanted.items[0].type, "mtty-1");
	assert_string_equal(text_of(&first()->finding),
			    ADDRESS " offers no type mtty-1; offered: i915-GVTg_V5_4, i915-GVTg_V5_8");

	host.gvt.types[0].count = 0;
	strcpy(config.wanted.items[0].type, TYPE);
	host.gpus.items[0].aperture = 128 * MIB;
	assert_has(text_of(&first()->finding), "it needs 256 MiB, to be set in the firmware setup; now offered: none");

	// Not registered yet, or kvmgt not live yet: nothing is known of types.
	host.gpus.items[0].aperture = 512 * MIB;
	host.gvt.kvmgt_state = MODULE_COMING;
	assert_equal(first()->step, INSTANCE_CREATE);
	host.gvt.kvmgt_state = MODULE_LIVE;
	host.gvt.types[0].registered = false;
	assert_equal(first()->step, INSTANCE_CREATE);
}

static void many_types_offered(void **state)
{
	(void)state;
	load();
	host.gvt.types[0].count = 0;
	for (size_t i = 0; i < TYPES_MAX; i++) {
		char name[TYPE_NAME_SIZE];
		memset(name, 'a', sizeof(name));
		name[TYPE_NAME_SIZE - 1] = '\0';
		offer(0, name);
	}
	assert_equal(first()->step, INSTANCE_HOPELESS);
	assert_true(first()->finding.used <= VALUES_SIZE);
}

static void other_parents(void **state)
{
	(void)state;
	host.gpus.count = 2;
	host.gpus.items[1] = host.gpus.items[0];
	strcpy(host.gpus.items[1].address, "0000:03:00.0");
	host.gpus.items[1].verdict = GPU_DISCRETE;
	host.gpus.items[1].device_id = 0x56a5;
	want("00000000-0000-0000-0000-000000000100", TYPE, "0000:03:00.0");
	want("00000000-0000-0000-0000-000000000101", TYPE, "0000:00:1f.0");
	want("00000000-0000-0000-0000-000000000102", TYPE, ADDRESS);
	load();
	assert_equal(first()->step, INSTANCE_CREATE);
	assert_equal(plan.instances[1].step, INSTANCE_HOPELESS);
	assert_string_equal(text_of(&plan.instances[1].finding),
			    "the parent 0000:03:00.0 [8086:56a5] does not support GVT-g");
	assert_equal(plan.instances[2].step, INSTANCE_HOPELESS);
	assert_string_equal(text_of(&plan.instances[2].finding),
			    "the parent 0000:00:1f.0 is not an Intel display device of this host");
	assert_string_equal(plan.instances[2].parent, "0000:00:1f.0");
	assert_equal(plan.instances[3].step, INSTANCE_CREATE);
	assert_string_equal(plan.instances[3].parent, ADDRESS);

	// Two GPUs that can: each has types of its own.
	host.gpus.items[1].verdict = GPU_SUPPORTED;
	offer(1, "i915-GVTg_V5_8");
	decide();
	assert_equal(plan.instances[1].step, INSTANCE_HOPELESS);
	assert_has(text_of(&plan.instances[1].finding), "offers no type " TYPE "; offered: i915-GVTg_V5_8");
	assert_string_equal(host_types(&host, "0000:03:00.0")->names[0], "i915-GVTg_V5_8");
	assert_int_equal(host_types(&host, "0000:04:00.0")->count, 0);
}

// The driver need not be loaded to know which types a GPU has: generation and aperture say so.
static void types_before_the_driver(void **state)
{
	(void)state;
	static const struct {
		const char *type, *name, *text;
	} cases[] = {
		{ "i915-GVTg_V5_3", "type-unknown",
		  "; offered: i915-GVTg_V5_8, i915-GVTg_V5_4, i915-GVTg_V5_2; the nearest is i915-GVTg_V5_4" },
		{ "v5_4", "type-unknown", "the nearest is i915-GVTg_V5_4" },
		{ "i915-GVTg_V4_2", "type-unknown", "the nearest is i915-GVTg_V5_2" },
		{ "i915-GVTg_V4_1", "type-unknown", "the nearest is i915-GVTg_V5_2" },
		{ "i915-GVTg_V5_1", "aperture-small", "needs 1024 MiB" },
		{ "mtty-1", "type-unknown", "offers no type mtty-1" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		strcpy(config.wanted.items[0].type, cases[i].type);
		decide();
		assert_equal(plan.stance, STANCE_ACT);
		assert_equal(plan.instances[0].step, INSTANCE_HOPELESS);
		assert_string_equal(plan.instances[0].finding.name, cases[i].name);
		assert_has(text_of(&plan.instances[0].finding), cases[i].text);
	}
	host.gpus.items[0].name = "Broadwell";
	strcpy(config.wanted.items[0].type, "i915-GVTg_V4_2");
	decide();
	assert_equal(plan.instances[0].step, INSTANCE_CREATE);
	strcpy(config.wanted.items[0].type, "i915-GVTg_V5_2");
	decide();
	assert_equal(plan.instances[0].step, INSTANCE_HOPELESS);

	// What the driver says goes before, and what is not known is not judged.
	load();
	offer(0, "i915-GVTg_V5_2");
	decide();
	assert_equal(plan.instances[0].step, INSTANCE_CREATE);
	host.gvt.kvmgt_state = MODULE_NOT_LOADED;
	host.gpus.items[0].aperture = 0;
	decide();
	assert_true(plan.instances[0].step != INSTANCE_HOPELESS);
}

// Alternatives, as a mapping of Proxmox VE has them: those that have room come first, in their order.
static void alternatives(void **state)
{
	(void)state;
	host.gpus.count = 3;
	for (unsigned i = 1; i < 3; i++) {
		host.gpus.items[i] = host.gpus.items[0];
		snprintf(host.gpus.items[i].address, PCI_ADDRESS_SIZE, "0000:0%u:00.0", i);
	}
	struct wanted *item = &config.wanted.items[0];
	strcpy(item->parent, "0000:01:00.0");
	strcpy(item->others[0], "0000:09:00.0");
	strcpy(item->others[1], ADDRESS);
	strcpy(item->others[2], "0000:02:00");
	item->other_count = 3;
	decide();
	struct planned_instance *planned = &plan.instances[0];
	assert_equal(planned->step, INSTANCE_CREATE);
	assert_string_equal(text_of(&planned->finding), "");
	assert_string_equal(planned->parent, "0000:01:00.0");
	assert_int_equal(planned->other_count, 2);
	assert_true(plan_next_parent(planned));
	assert_string_equal(planned->parent, ADDRESS);
	assert_true(plan_next_parent(planned));
	assert_string_equal(planned->parent, "0000:02:00.0");
	assert_false(plan_next_parent(planned));
	assert_string_equal(planned->parent, "0000:02:00.0");

	host.gpus.items[1].aperture = 256 * MIB;
	add_instance("11111111-2222-4333-8444-555555555555", TYPE, "0000:01:00.0"); // it is full
	decide();
	assert_string_equal(plan.instances[0].parent, ADDRESS);
	assert_string_equal(plan.instances[0].others[0], "0000:02:00.0");
	assert_string_equal(plan.instances[0].others[1], "0000:01:00.0");
	host.instances.count = 0;

	// On any of them it is as wanted, elsewhere it is not.
	add_instance(UUID, TYPE, "0000:02:00.0");
	decide();
	assert_equal(plan.instances[0].step, INSTANCE_EXISTS);
	assert_string_equal(plan.instances[0].parent, "0000:02:00.0");
	strcpy(host.instances.items[0].parent, "0000:02:00.1"); // a function of the device all the same
	decide();
	assert_equal(plan.instances[0].step, INSTANCE_EXISTS);
	strcpy(host.instances.items[0].parent, "0000:09:00.1");
	decide();
	assert_equal(plan.instances[0].step, INSTANCE_CONFLICT);
	host.instances.count = 0;

	for (unsigned i = 0; i < 3; i++)
		host.gpus.items[i].verdict = GPU_DISCRETE;
	host.gpus.items[0].verdict = GPU_SUPPORTED; // or there would be no plan
	strcpy(item->others[1], "0000:0a:00.0");
	decide();
	assert_equal(plan.instances[0].step, INSTANCE_HOPELESS);
}

// "00:02" is for Proxmox VE every function of the device.
static void devices_without_a_function(void **state)
{
	(void)state;
	strcpy(config.wanted.items[0].parent, "0000:00:02");
	host.gpus.items[0].functions = 1;
	decide();
	assert_equal(plan.instances[0].step, INSTANCE_CREATE);
	assert_string_equal(plan.instances[0].parent, ADDRESS);
	host.gpus.items[0].functions = 2;
	decide();
	assert_equal(plan.instances[0].step, INSTANCE_HOPELESS);
	assert_starts(text_of(&plan.instances[0].finding),
		      "0000:00:02 has 2 functions, and Proxmox VE does not start a guest");
	strcpy(config.wanted.items[0].parent, ADDRESS);
	decide();
	assert_equal(plan.instances[0].step, INSTANCE_CREATE);
	strcpy(config.wanted.items[0].parent, "0000:01:02");
	decide();
	assert_equal(plan.instances[0].step, INSTANCE_HOPELESS);
	assert_string_equal(text_of(&plan.instances[0].finding),
			    "the parent 0000:01:02 is not an Intel display device of this host");
}

// 512 MiB of aperture hold three of 128 MiB: the earlier ones win, and who comes too late is named.
static void more_than_fits(void **state)
{
	(void)state;
	load();
	want("00000000-0000-0000-0000-000000000100", TYPE, "");
	want("00000001-0000-0000-0000-000000000100", TYPE, ADDRESS);
	want("00000000-0000-0000-0000-000000000101", TYPE, "");
	want("00000000-0000-0000-0000-000000000102", "i915-GVTg_V5_8", "");
	decide();
	for (size_t i = 0; i < 3; i++)
		assert_equal(plan.instances[i].step, INSTANCE_CREATE);
	assert_equal(plan.instances[3].step, INSTANCE_NO_ROOM);
	assert_string_equal(plan.instances[3].parent, ADDRESS);
	assert_starts(text_of(&plan.instances[3].finding),
		      "no room beside the instances before it (guest 101 cannot start while they exist): "
		      "needs 128 MiB of aperture");
	assert_has(text_of(&plan.instances[3].finding), "3 vGPUs 384, free 0;");
	assert_has(text_of(&plan.instances[3].finding), ": too little aperture");
	assert_equal(plan.instances[4].step, INSTANCE_NO_ROOM);

	// What is there already has its room, whatever its place in the list.
	add_instance("00000000-0000-0000-0000-000000000101", TYPE, ADDRESS);
	decide();
	assert_equal(plan.instances[3].step, INSTANCE_EXISTS);
	assert_equal(plan.instances[1].step, INSTANCE_CREATE);
	assert_equal(plan.instances[2].step, INSTANCE_NO_ROOM);
	// One that cannot be made takes none.
	strcpy(config.wanted.items[0].type, "mtty-1");
	decide();
	assert_equal(plan.instances[0].step, INSTANCE_HOPELESS);
	assert_equal(plan.instances[2].step, INSTANCE_CREATE);
	// Ours alone: nobody to name.
	host.instances.count = 0;
	host.gpus.items[0].aperture = 128 * MIB;
	strcpy(config.wanted.items[0].type, TYPE);
	assert_starts((decide(), text_of(&plan.instances[0].finding)), "no room beside the instances before it: needs");
}

static void a_text_too_long(void **state)
{
	(void)state;
	memset(host.gpus.error, 'x', sizeof(host.gpus.error) - 1);
	memset(host.hibernated, 'y', sizeof(host.hibernated) - 1);
	decide();
	assert_true(strlen(text_of(&plan.leave)) < TEXT_SIZE);
}

//
// The verdict after loading
//

static struct finding verdict;

static void assert_verdict(const char *name, enum severity severity, const char *says)
{
	gvt_judge_types(&verdict, &host);
	assert_string_equal(verdict.name, name);
	assert_equal(verdict.severity, severity);
	assert_has(text_of(&verdict), says);
}

static void verified(void **state)
{
	(void)state;
	load();
	assert_verdict("gvt", SEVERITY_OK, "kvmgt is live, " ADDRESS " offers 2 types");
}

static void not_verified(void **state)
{
	(void)state;
	assert_verdict("i915-missing", SEVERITY_FAILED, "i915 is not loaded");
	load();
	size_t offered = host.gvt.types[0].count;
	host.gvt.types[0].count = 0; // types that are offered would be proof
	host.gvt.enable_gvt = 0;
	assert_verdict("gvt-param-off", SEVERITY_FAILED, "enable_gvt=N");
	host.gvt.enable_gvt = -ENOENT;
	assert_verdict("i915-no-gvt", SEVERITY_FAILED, "built without GVT-g");
	host.gvt.enable_gvt = 1;
	host.gvt.types[0].count = offered;
	host.gvt.kvmgt_state = MODULE_NOT_LOADED;
	assert_verdict("kvmgt-refused", SEVERITY_FAILED, "kvmgt is not loaded");
	host.gvt.kvmgt_state = MODULE_COMING;
	assert_verdict("kvmgt-refused", SEVERITY_FAILED, "kvmgt is not loaded");
	host.gvt.kvmgt_error = -ENOEXEC;
	assert_verdict("kvmgt-refused", SEVERITY_FAILED, "kvmgt is not loaded");
	host.gvt.kvmgt_state = MODULE_LIVE;

	host.gvt.types[0].count = 0;
	host.gpus.items[0].aperture = 128 * MIB;
	assert_verdict("aperture-small", SEVERITY_FAILED, "its aperture of 128 MiB leaves no room");
	host.gvt.types[0].registered = false;
	assert_verdict("gvt-silent", SEVERITY_FAILED, "yet " ADDRESS " offers no types");
	host.gpus.items[0].driver[0] = '\0';
	assert_verdict("gvt-silent", SEVERITY_FAILED, "did not bind " ADDRESS " (its probe failed");
}

// Before Linux 5.19 kvmgt itself refuses to load when GVT-g does not run; why it does not is what counts.
static void not_verified_by_old_kernels(void **state)
{
	(void)state;
	load();
	host.gvt.kvmgt_state = MODULE_NOT_LOADED;
	host.gvt.kvmgt_error = -ENODEV;
	host.gvt.types[0] = (struct type_list){ 0 };
	assert_verdict("gvt-silent", SEVERITY_FAILED, "did not start GVT-g on " ADDRESS ", so kvmgt refuses to load");
	host.gpus.items[0].driver[0] = '\0';
	assert_verdict("gvt-silent", SEVERITY_FAILED, "did not bind " ADDRESS " (its probe failed");
	host.gvt.enable_gvt = 0;
	assert_verdict("gvt-param-off", SEVERITY_FAILED, "enable_gvt=N");
}

#define plan_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		plan_test(all_is_well),
		plan_test(modules_in_the_list),
		plan_test(boots_of_others),
		plan_test(below_xen),
		plan_test(kdump_by_its_file),
		plan_test(resume_from_hibernation),
		plan_test(switched_off),
		plan_test(no_proc),
		plan_test(nothing_wanted),
		plan_test(gpus),
		plan_test(gpu_given_away),
		plan_test(gpu_given_away_by_its_id),
		plan_test(gpu_passed_through),
		plan_test(modules_forbidden),
		plan_test(dkms),
		plan_test(unreadable_parameter),
		plan_test(gvt_switched_off),
		plan_test(the_loaded_i915),
		plan_test(modules_missing),
		plan_test(iommu),
		plan_test(existing),
		plan_test(conflicts),
		plan_test(conflicts_that_gain_nothing),
		plan_test(ours_are_made_anew),
		plan_test(ours_stay_when_nothing_can_take_their_place),
		plan_test(room_of_what_goes),
		plan_test(ours_that_nobody_wants),
		plan_test(whether_a_guest_may_start),
		plan_test(types_not_offered),
		plan_test(many_types_offered),
		plan_test(other_parents),
		plan_test(types_before_the_driver),
		plan_test(alternatives),
		plan_test(devices_without_a_function),
		plan_test(more_than_fits),
		plan_test(a_text_too_long),
		plan_test(verified),
		plan_test(not_verified),
		plan_test(not_verified_by_old_kernels),
	};
	return run_group(tests);
}
