// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/check_facts.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/spelling.h"
#include "read/boot/left_out.h"
#include "read/boot/past_run.h"
#include "read/config/wanted_sources.h"
#include "read/host/modules_load.h"
#include "read/proxmox/pve.h"

#define ANSWER_LIMIT_US USEC_PER_SEC // a driver that makes an instance answers after that

//
// What a driver may not answer: read in a child, part by part
//

enum part { PART_GPUS, PART_STATE, PART_AVAILABLE, PARTS };

struct answers {
	enum part part; // that is being read
	const struct root *root;
	struct host host;
	int available[TYPES_MAX];
	int enable_guc;
	bool hung[PARTS]; // as it was when the host's files were captured, or as was found out before
};

static int read_number(const struct root *root, const char *path)
{
	char text[32], *end;
	int r = file_read_line(root->sys, path, text, sizeof(text));
	if (r < 0)
		return r == -ETIMEDOUT ? r : -1;
	long number = strtol(text, &end, 10);
	return end != text && !*end && number >= 0 && number < INT32_MAX ? (int)number : -1;
}

static void read_available(struct answers *answers)
{
	const struct gpu *gpu = gpu_list_default(&answers->host.gpus);
	const struct type_list *types = gpu ? host_types(&answers->host, gpu->address) : NULL;
	for (size_t i = 0; types && i < types->count; i++) {
		char path[192];
		snprintf(path, sizeof(path), "bus/pci/devices/%s/mdev_supported_types/%s/available_instances",
			 gpu->address, types->names[i]);
		int number = read_number(answers->root, path);
		if (number == -ETIMEDOUT) {
			answers->hung[PART_AVAILABLE] = true;
			return;
		}
		answers->available[i] = number;
	}
}

static bool vfs_answer(const struct host *host)
{
	for (size_t i = 0; i < host->gpus.count; i++)
		if (host->sriov.gpus[i].hung)
			return false;
	return true;
}

static bool state_answers(const struct answers *answers)
{
	static const char *const paths[] = { "module/i915/initstate", "module/kvmgt/initstate", "bus/mdev/devices" };
	const struct gpu *gpu = gpu_list_default(&answers->host.gpus);
	char types[96];
	snprintf(types, sizeof(types), "bus/pci/devices/%s/mdev_supported_types", gpu ? gpu->address : "");
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (!file_answers(answers->root->sys, paths[i]))
			return false;
	return (!gpu || file_answers(answers->root->sys, types)) && vfs_answer(&answers->host);
}

static int read_parts(void *data)
{
	struct answers *answers = data;
	for (; answers->part < PARTS; answers->part++) {
		switch (answers->part) {
		case PART_GPUS:
			(void)!host_read(&answers->host, answers->root, HOST_GPUS, HOST_UNBOUNDED);
			answers->hung[PART_GPUS] = answers->host.gpus.hung;
			break;
		case PART_STATE:
			(void)!host_read(&answers->host, answers->root, HOST_STATE, HOST_UNBOUNDED);
			answers->enable_guc = read_number(answers->root, "module/i915/parameters/enable_guc");
			answers->hung[PART_STATE] = !state_answers(answers);
			break;
		case PART_AVAILABLE:
			read_available(answers);
			break;
		case PARTS:
			break;
		}
	}
	return 0;
}

static const char *part_name(enum part part)
{
	static const char *const names[] = {
		[PART_GPUS] = "its PCI attributes",
		[PART_STATE] = "i915's state and types",
		[PART_AVAILABLE] = "how many instances are available",
		[PARTS] = "",
	};
	return names[part];
}

static int read_answers(struct facts *facts, const struct root *root)
{
	struct answers *answers =
		mmap(NULL, sizeof(*answers), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (answers == MAP_FAILED)
		return -ENOMEM;
	answers->root = root;
	answers->host = facts->host;
	answers->enable_guc = -1;
	for (size_t i = 0; i < TYPES_MAX; i++)
		answers->available[i] = -1;
	while (answers->part < PARTS) {
		int r = child_run(read_parts, answers, clock_now_us() + ANSWER_LIMIT_US);
		if (r == 0)
			break;
		answers->hung[answers->part] = true;
		answers->part++; // the hung child keeps its own part: it does not come back to look at this
	}
	for (enum part part = 0; part < PARTS && !facts->hung[0]; part++)
		if (answers->hung[part])
			snprintf(facts->hung, sizeof(facts->hung), "%s",
				 part == PART_STATE && !vfs_answer(&answers->host) ? "its virtual functions"
										   : part_name(part));
	struct gpu_list *gpus = &answers->host.gpus;
	if (answers->hung[PART_GPUS] && gpus->count == 0 && !gpus->error[0])
		snprintf(gpus->error, sizeof(gpus->error), "/sys/bus/pci/devices does not answer");
	facts->host = answers->host;
	memcpy(facts->available, answers->available, sizeof(facts->available));
	facts->enable_guc = answers->enable_guc;
	(void)munmap(answers, sizeof(*answers));
	return 0;
}

//
// The rest, which nothing can hold up
//

static int read_runs_for_guests(struct facts *facts, const struct root *root)
{
	CLEANUP_FREE char **names = NULL;
	int r = 0, count = dir_names(root->run, STATE_DIR, &names);
	for (int i = 0; r == 0 && i < count && !streq(facts->guest.state, "gave-up"); i++) {
		char name[RUN_NAME_SIZE];
		int n = snprintf(name, sizeof(name), "%.*s", (int)strcspn(names[i], "."), names[i]);
		if (!starts_with(names[i], RUN_GUEST) || n >= RUN_NAME_SIZE)
			continue;
		past_run_free(&facts->guest);
		r = past_run_read_of(&facts->guest, root, name, facts->host.boot_id);
	}
	return r;
}

static int read_runs(struct facts *facts, const struct root *root)
{
	int r = past_run_read_of(&facts->boot, root, COMMAND_BOOT, facts->host.boot_id);
	if (r == 0)
		r = past_run_read_of(&facts->apply, root, COMMAND_APPLY, facts->host.boot_id);
	return r == 0 ? read_runs_for_guests(facts, root) : r;
}

// Names that the usual guides list, with capitals too, and that kernels have lost, or never had (kernel.md, section 3).
static bool is_in_guides(const char *name)
{
	static const char *const names[] = { "exngt", "xengt", "vfio_mdev", "vfio_virqfd" };
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (spelling_is_same(name, names[i]))
			return true;
	return false;
}

// Whether one of the words is a module that gvt-early, or passing a device through, has to do with.
static bool has_our_module(const struct modules_load_line *line)
{
	static const char *const names[] = { "i915", "kvmgt", "mdev", "vfio" };
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strstr(line->name, names[i]) || strstr(line->more, names[i]))
			return true;
	return false;
}

// The names in lists of modules that a kernel does not have, and the first line with several words.
struct listing {
	struct modules *modules;
	struct obsolete *items;
	size_t count;
	struct crowded_line crowded;
};

static void take_listed(void *data, const struct modules_load_line *line)
{
	struct listing *listing = data;
	if (!is_in_guides(line->name)) {
		struct crowded_line *crowded = &listing->crowded;
		if (line->more[0] && !crowded->place[0] && has_our_module(line)) {
			// Of a comment its sign alone: it is the owner's.
			size_t shown = strcspn(line->more, "#;");
			snprintf(crowded->text, sizeof(crowded->text), "%.63s %.*s", line->name,
				 (int)(shown + (line->more[shown] != '\0')), line->more);
			snprintf(crowded->place, sizeof(crowded->place), "/%.140s:%u", line->file, line->number);
		}
		return;
	}
	if (listing->count >= OBSOLETE_MAX || !modules_lack(listing->modules, line->name))
		return;
	struct obsolete *item = &listing->items[listing->count++];
	snprintf(item->name, sizeof(item->name), "%.*s", MODULE_NAME_SIZE - 1, line->name);
	snprintf(item->file, sizeof(item->file), "/%.150s", line->file);
	item->line = line->number;
}

static size_t list_obsolete(struct obsolete *items, struct crowded_line *crowded, const struct root *root,
			    struct modules *modules)
{
	struct listing listing = { .modules = modules, .items = items };
	module_lists_read(root, take_listed, &listing);
	*crowded = listing.crowded;
	return listing.count;
}

// The configuration's own list. The built-in one has what a kernel may do without.
static void list_lacking(struct facts *facts, struct modules *modules)
{
	const struct settings *settings = &facts->config.settings;
	facts->lacking_count = 0;
	for (size_t i = 0; settings->modules_place[0] && i < settings->module_count; i++)
		if (modules_lack(modules, settings->modules[i]))
			strcpy(facts->lacking[facts->lacking_count++], settings->modules[i]);
}

// Debian's release has a number of its ABI, Ubuntu's as well: what the source is stands elsewhere.
static void read_version(struct facts *facts, const struct root *root)
{
	char text[512];
	const char *version = NULL;
	if (file_read_line(root->proc, "version_signature", text, sizeof(text)) >
	    0) { // "Ubuntu 5.19.0-21.21-generic 5.19.7"
		version = strrchr(text, ' ');
	} else if (file_read_line(root->proc, "version", text, sizeof(text)) >
		   0) { // "... Debian 5.19.6-1 (2022-09-01)"
		version = strstr(text, " Debian ");
		version = version ? version + strlen(" Debian") : NULL;
	}
	const char *begin = version ? version + 1 : facts->host.release;
	snprintf(facts->version, sizeof(facts->version), "%.*s", (int)strspn(begin, "0123456789."), begin);
}

static void read_booted(struct facts *facts, const struct root *root)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	if (file_read(root->proc, "stat", MIB, &text, &length) < 0)
		return;
	const char *at = strstr(text, "\nbtime ");
	facts->booted = at ? strtoll(at + strlen("\nbtime "), NULL, 10) : 0;
}

static void read_kvm(struct facts *facts, const struct root *root)
{
	char text[4096] = ""; // of the first CPU; all of it costs much on a large machine
	facts->kvm = file_exists(root->dev, "kvm");
	if (facts->kvm && facts->host.iommu.dmar_table)
		return;
	if (file_read_line(root->proc, "cpuinfo", text, sizeof(text)) > 0)
		facts->vmx = strstr(text, " vmx");
	virtual_read(&facts->virtual, root, text);
}

static void read_locks(struct facts *facts, const struct root *root)
{
	char text[64];
	facts->modules_locked =
		file_read_line(root->proc, "sys/kernel/modules_disabled", text, sizeof(text)) > 0 && text[0] == '1';
	if (file_read_line(root->sys, "kernel/security/lockdown", text, sizeof(text)) <= 0)
		return;
	const char *chosen = strchr(text, '['); // "none [integrity] confidentiality"
	if (chosen)
		snprintf(facts->lockdown, sizeof(facts->lockdown), "%.*s", (int)strcspn(chosen + 1, "]"), chosen + 1);
}

// Whether the virtual functions that guests name are there.
static bool vfs_there(const struct facts *facts)
{
	const struct host *host = &facts->host;
	for (size_t i = 0; i < host->gpus.count; i++)
		for (size_t j = 0; j < facts->config.claims.count && gpu_may_have_sriov(host->gpus.items[i].verdict);
		     j++) {
			const struct sriov *sriov = &host->sriov.gpus[i];
			unsigned number = sriov_vf_number(sriov, host->gpus.items[i].address,
							  facts->config.claims.items[j].address);
			if (number > 0 && !sriov_vf(sriov, number))
				return false;
		}
	return true;
}

// Whether all is there that is wanted; then the kernel log has nothing to tell.
static bool all_there(const struct facts *facts)
{
	const struct host *host = &facts->host;
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	if (facts->hung[0] || !gpu || host_types(host, gpu->address)->count == 0)
		return false;
	for (size_t i = 0; i < facts->config.wanted.count; i++)
		if (!instance_list_find(&host->instances, facts->config.wanted.items[i].uuid))
			return false;
	return vfs_there(facts);
}

// The GPU of which the kernel log tells; "" for any, where more than one may be the one that is split.
static const char *log_about(const struct gpu_list *gpus)
{
	const struct gpu *gpu = gpu_list_default(gpus);
	return gpu && (gpu->verdict == GPU_SUPPORTED || gpus->count == 1) ? gpu->address : "";
}

// Who has an instance open decides only where that one is not as wanted; to find out costs a look at all processes.
static bool users_matter(const struct facts *facts)
{
	for (size_t i = 0; i < facts->host.instances.count; i++) {
		const struct instance *there = &facts->host.instances.items[i];
		bool as_wanted = false;
		for (size_t j = 0; j < facts->config.wanted.count; j++)
			as_wanted |= streq(facts->config.wanted.items[j].uuid, there->uuid) &&
				streq(facts->config.wanted.items[j].type, there->type);
		if (!as_wanted)
			return true;
	}
	return false;
}

// Which guests are running matters only where the instance of one is not there.
static void read_running(struct facts *facts, const struct root *root)
{
	for (size_t i = 0; i < facts->config.wanted.count; i++) {
		const char *uuid = facts->config.wanted.items[i].uuid;
		unsigned vmid, index;
		facts->guest_runs[i] = wanted_is_guest(uuid, &vmid, &index) &&
			!instance_list_find(&facts->host.instances, uuid) && pve_guest_runs(root, vmid);
	}
}

static int read_rest(struct facts *facts, const struct root *root)
{
	const struct host *host = &facts->host;
	tools_read(&facts->tools, root, host->release, facts->config.settings.proxmox);
	read_version(facts, root);
	read_booted(facts, root);
	read_kvm(facts, root);
	read_locks(facts, root);
	modprobe_lines_read(&facts->modprobe, root);
	facts->obsolete_count = list_obsolete(facts->obsolete, &facts->crowded, root, facts->host.modules);
	list_lacking(facts, facts->host.modules);
	read_running(facts, root);
	mdevctl_read(&facts->mdevctl, root);
	int r = read_runs(facts, root);
	if (r == 0)
		r = initrd_read(&facts->initrd, root, host->boot_id);
	if (!facts->initrd.ran && !left_out_read(&facts->left_out, root, host->release))
		facts->left_out.grown = false;
	if (r == 0)
		r = bootloader_read(&facts->bootloader, root, &host->cmdline);
	if (r == 0 && (!all_there(facts) || (host->iommu.dmar_table && !host->iommu.unit[0])))
		r = kernel_log_read(&facts->log, root);
	snprintf(facts->log.about, sizeof(facts->log.about), "%s", log_about(&host->gpus));
	virtual_take_log(&facts->virtual, &facts->log);
	facts->host.xen |= facts->virtual.kind == VIRTUAL_XEN_HOST;
	return r;
}

static void no_runs(struct facts *facts)
{
	past_run_none(&facts->boot);
	past_run_none(&facts->apply);
	past_run_none(&facts->guest);
}

int facts_read(struct facts *facts, const struct root *root, uint64_t until_us)
{
	*facts = (struct facts){ .enable_guc = -1 };
	no_runs(facts);
	int r = host_read(&facts->host, root, HOST_WORDS, HOST_UNBOUNDED);
	if (r == 0)
		r = read_answers(facts, root);
	if (r == 0)
		r = host_read(&facts->host, root, HOST_KERNEL | HOST_INDEXES, HOST_UNBOUNDED);
	if (r == 0)
		r = config_read(&facts->config, root, false);
	if (r == 0)
		r = sources_add_guests(&facts->config, root, until_us, false);
	if (r < 0)
		return r;
	if (users_matter(facts))
		r = host_read(&facts->host, root, HOST_USERS, HOST_UNBOUNDED);
	return r < 0 ? r : read_rest(facts, root);
}

int facts_read_more(struct facts *facts, const struct root *root, const struct host *host, const struct config *config)
{
	*facts = (struct facts){ .borrowed = true, .host = *host, .config = *config };
	no_runs(facts);
	facts->enable_guc = read_number(root, "module/i915/parameters/enable_guc");
	for (size_t i = 0; i < TYPES_MAX; i++)
		facts->available[i] = -1;
	return read_rest(facts, root);
}

// What an initrd of a kernel would get. Of the drivers of SR-IOV it is the one that goes first where both are at hand.
static bool add_contents(struct initrd_contents *contents, struct modules *modules, const struct facts *facts,
			 const struct next_boot_kernel *kernel, const struct root *root)
{
	const struct gpu *gpu = gpu_list_sriov(&facts->host.gpus);
	bool found = false;
	int firmware;
	if (facts->config.wanted.count > 0)
		found = initrd_contents_add_gvt(contents, modules, &facts->host, &firmware) == 0;
	if (gpu && gpu->platform && config_may_want_vfs(&facts->config))
		found |= initrd_contents_add_sriov(contents, modules, root, kernel->release, gpu->platform,
						   kernel->sriov.i915_max_vfs <= 0, &firmware) == 0;
	for (size_t i = 0; found && i < facts->config.settings.module_count; i++)
		(void)!initrd_contents_add_module(contents, modules, facts->config.settings.modules[i]);
	return found;
}

// The room for gvt-early in the initrds that have none of it. What cannot be found out is not known.
static int read_room(const struct facts *facts, struct next_boot_kernel *kernel, const struct root *root,
		     uint64_t until_us)
{
	struct modules *modules = NULL;
	struct initrd_contents contents = { .count = 0 };
	if (!kernel->initrd_found || kernel->initrd.program || kernel->initrd.unpacked != UNPACK_WHOLE)
		return 0;
	kernel->room = calloc(1, sizeof(*kernel->room));
	int r = kernel->room ? modules_open(&modules, root, kernel->release) : -ENOMEM;
	if (r < 0)
		return r;
	bool found = add_contents(&contents, modules, facts, kernel, root);
	const struct room_query query = { .root = root,
					  .release = kernel->release,
					  .running = facts->host.release,
					  .beside = facts->tools.has[TOOL_UPDATE_INITRAMFS],
					  .contents = &contents,
					  .tree = -1,
					  .image = &kernel->initrd,
					  .measure = true,
					  .until_us = until_us };
	if (!found || initrd_room_read(kernel->room, &query) < 0)
		*kernel->room = (struct initrd_room){ .grown = false };
	r = contents.oom ? -ENOMEM : 0;
	initrd_contents_free(&contents);
	modules_close(modules);
	return r;
}

static int read_rooms(const struct facts *facts, const struct root *root, uint64_t until_us)
{
	int r = 0;
	bool vfs = gpu_list_sriov(&facts->host.gpus) && config_may_want_vfs(&facts->config);
	if ((facts->config.wanted.count == 0 && !vfs) || !facts->config.settings.early)
		return 0;
	for (size_t i = 0; i < facts->next->kernel_count && r == 0; i++)
		r = read_room(facts, &facts->next->kernels[i], root, until_us);
	return r;
}

int facts_read_next(struct facts *facts, const struct root *root, uint64_t until_us)
{
	struct modules *modules = NULL;
	facts->next = calloc(1, sizeof(*facts->next));
	if (!facts->next)
		return -ENOMEM;
	int r = next_boot_read(facts->next, root, &facts->host, &facts->bootloader, until_us);
	if (r < 0 || facts->next->kernel_count == 0)
		return r;
	r = modules_open(&modules, root, facts->next->kernels[0].release);
	if (r < 0)
		return r;
	facts->next_obsolete_count = list_obsolete(facts->next_obsolete, &facts->crowded, root, modules);
	list_lacking(facts, modules);
	modules_close(modules);
	return read_rooms(facts, root, until_us);
}

void facts_free(struct facts *facts)
{
	if (facts->next)
		next_boot_free(facts->next);
	free(facts->next);
	bootloader_free(&facts->bootloader);
	kernel_log_free(&facts->log);
	initrd_free(&facts->initrd);
	past_run_free(&facts->boot);
	past_run_free(&facts->apply);
	past_run_free(&facts->guest);
	if (facts->borrowed)
		return;
	config_free(&facts->config);
	host_free(&facts->host);
}
