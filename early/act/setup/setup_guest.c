// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/setup/setup_guest.h"

#include <errno.h>
#include <stdio.h>

#include "base/output.h"
#include "base/clock.h"
#include "base/exitcode.h"
#include "base/file.h"
#include "base/log.h"
#include "decide/check/check.h"
#include "decide/setup/guest_line.h"
#include "decide/sriov/vf_plan.h"
#include "read/host/tools.h"
#include "read/proxmox/guests.h"
#include "tell/overview.h"
#include "tell/setup_text.h"
#include "tell/words.h"

#define NEXT_LIMIT_S 40 // for what boots next

struct work {
	const struct root *root;
	const struct options *options;
	struct setup_plan *plan;
	struct overview look;
	struct guest guest;
	char file[SETUP_GUEST_FILE_SIZE];
	const struct gpu *gpu;
	const struct offer_list *offers;
	struct guest_line line;
	char release[RELEASE_SIZE]; // of the kernel that splits the GPU, where that is not the one that runs; else ""
};

int setup_guest_read(struct guest *guest, char ret_file[static SETUP_GUEST_FILE_SIZE], const struct root *root,
		     unsigned vmid)
{
	CLEANUP_FREE char *text = NULL;
	struct pve_versions versions;
	char node[64];
	size_t length;
	guests_node(root, node, sizeof(node));
	snprintf(ret_file, SETUP_GUEST_FILE_SIZE, PVE_DIR "/nodes/%s/qemu-server/%u.conf", node, vmid);
	int r = file_read(root->fs, ret_file, GUEST_FILE_MAX, &text, &length);
	if (r < 0)
		return r;
	pve_versions_read(&versions, root);
	return guest_parse(guest, text, &versions);
}

// What is wanted already, whether it is there or not, and what is there.
static void add_up(const struct work *work, struct capacity_use *use)
{
	const struct instance_list *there = &work->look.host.instances;
	capacity_used(use, work->gpu, there);
	for (size_t i = 0; i < work->look.config.wanted.count; i++) {
		const struct wanted *wanted = &work->look.config.wanted.items[i];
		bool ours = !wanted->parent[0] || starts_with(work->gpu->address, wanted->parent);
		if (ours && !instance_list_find(there, wanted->uuid))
			capacity_take(use, wanted->type);
	}
}

static struct setup_given *given(struct setup_plan *plan, unsigned vmid)
{
	plan->given_count = 1;
	plan->given[0].vmid = vmid;
	return &plan->given[0];
}

static void want_line(struct work *work)
{
	char vmid[16], slot[24], value[GUEST_LINE_SIZE];
	struct setup_given *note = given(work->plan, work->options->guest);
	snprintf(vmid, sizeof(vmid), "%u", work->options->guest);
	snprintf(slot, sizeof(slot), "--hostpci%u", work->line.index);
	guest_line_value(&work->line, value);
	note->index = work->line.index;
	snprintf(note->value, sizeof(note->value), "%s", value);
	setup_plan_add(work->plan, (const char *const[]){ "qm", "set", vmid, slot, value }, 5);
}

static bool want_hookscript(struct work *work)
{
	char vmid[16];
	if (work->guest.hookscript == HOOKSCRIPT_OURS)
		return true;
	if (work->guest.hookscript == HOOKSCRIPT_OTHER) {
		log_line(
			LOG_ERR,
			"nothing was changed: guest %u has a hookscript of its own; call 'gvt-early apply --guest %u' there, at pre-start",
			work->options->guest, work->options->guest);
		return false;
	}
	snprintf(vmid, sizeof(vmid), "%u", work->options->guest);
	if (!file_exists(work->root->fs, HOOKSCRIPT_FILE))
		setup_plan_add(work->plan, (const char *const[]){ "install", "-D", HOOKSCRIPT_SOURCE, HOOKSCRIPT_FILE },
			       4);
	setup_plan_add(work->plan, (const char *const[]){ "qm", "set", vmid, "--hookscript", HOOKSCRIPT_VOLUME }, 5);
	given(work->plan, work->options->guest)->hookscript = true;
	return true;
}

static void tell_unable(const struct finding *finding)
{
	char text[TEXT_SIZE];
	log_line(LOG_ERR, "nothing was changed: %s", finding_text(finding, text, sizeof(text)));
}

// What the type is chosen for, or what stands against it.
static void choose_type(struct work *work)
{
	struct capacity_use use;
	struct finding room;
	work->offers = &work->look.offers[work->gpu - work->look.host.gpus.items];
	add_up(work, &use);
	guest_line_choose(&work->line, &work->guest, work->options->type, work->gpu, work->offers, &use);
	capacity_explain(&room, work->gpu, &use, work->line.type);
	setup_tell_guest(&work->line, work->options, use.count, &room, work->offers->taken ? work->gpu->driver : "");
}

static void choose_vf(struct work *work)
{
	const struct host *host = &work->look.host;
	guest_line_choose_vf(&work->line, &work->guest, work->options->guest, host, work->gpu, &work->look.config);
	setup_tell_guest_vf(&work->line, work->options, host->sriov.gpus[work->gpu - host->gpus.items].count,
			    work->release);
}

// Whether a kernel that boots next can split the GPU by SR-IOV. Returns a negative errno when out of memory.
static int find_next_way(struct work *work, struct gpu_way *way)
{
	struct facts *facts = calloc(1, sizeof(*facts));
	int r = facts ? facts_read_more(facts, work->root, &work->look.host, &work->look.config) : -ENOMEM;
	bool found = false;
	if (r == 0)
		r = facts_read_next(facts, work->root, clock_now_us() + NEXT_LIMIT_S * USEC_PER_SEC);
	for (size_t i = 0; r == 0 && i < facts->next->boot_count && !found; i++) {
		const struct boot_entry *entry = facts->next->boots[i];
		struct gpu_way next;
		if (entry->trouble[0] || !check_next_way(&next, facts, entry) || !way_is_sriov(next.way))
			continue;
		*way = next;
		snprintf(work->release, sizeof(work->release), "%s", entry->release);
		found = true;
	}
	if (facts)
		facts_free(facts);
	free(facts);
	return r < 0 ? r : found;
}

// A GPU and the way that it is split, as the guest is to have it: SR-IOV's where GVT-g splits none, or a VF is asked
// for. False when that cannot be, which is told.
static bool choose_gpu(struct work *work, struct gpu_way *way)
{
	const struct gpu_list *gpus = &work->look.host.gpus;
	const char *type = work->options->type;
	bool vf = type && streq(type, SETUP_TYPE_VF);
	const struct gpu *other = vf_plan_gpu(&work->look.host, &work->look.config);
	struct finding finding;
	work->gpu = gpu_list_default(gpus);
	if (other && (vf || work->gpu->verdict != GPU_SUPPORTED))
		work->gpu = other;
	if (!work->gpu) {
		judge_gpus(&finding, gpus);
		tell_unable(&finding);
		return false;
	}
	gpu_way_choose(way, &work->look.host, work->gpu);
	if (vf && way->way == WAY_GVT)
		log_line(LOG_ERR,
			 "nothing was changed: no GPU of this host can be split by SR-IOV into virtual functions");
	else if (type && !vf && way_is_sriov(way->way))
		log_line(LOG_ERR, "nothing was changed: %s is split by SR-IOV, which knows no types; leave --type out",
			 work->gpu->address);
	else if (way->way == WAY_NONE && (work->gpu != other || find_next_way(work, way) <= 0))
		tell_unable(&way->finding);
	else
		return true;
	return false;
}

// What the guest gets, or why it gets nothing.
static bool judge(struct work *work)
{
	const struct whole_gpu *claim;
	struct gpu_way way;
	if (!choose_gpu(work, &way))
		return false;
	claim = whole_gpu_on(&work->look.config.claims, work->gpu->address);
	if (claim) {
		log_line(LOG_ERR, "nothing was changed: a guest takes all of %s (%s)", work->gpu->address,
			 claim->source);
		return false;
	}
	if (way_is_sriov(way.way) && work->look.config.settings.guests == GUESTS_NONE) {
		log_line(LOG_ERR,
			 "nothing was changed: by 'guests = none' gvt-early makes no virtual functions for guests; "
			 "'gvt-early types' shows which are free, and 'qm set' gives guest %u one",
			 work->options->guest);
		return false;
	}
	if (way_is_sriov(way.way))
		choose_vf(work);
	else
		choose_type(work);
	return work->line.trouble == GUEST_LINE_FINE || work->line.trouble == GUEST_LINE_THERE;
}

static int decide(struct work *work)
{
	struct tools tools;
	char value[GUEST_LINE_SIZE];
	config_tell(&work->look.config);
	if (!judge(work))
		return EXIT_DEGRADED;
	if (work->line.trouble == GUEST_LINE_FINE)
		want_line(work);
	if (work->options->hookscript && !want_hookscript(work))
		return EXIT_DEGRADED;
	tools_read(&tools, work->root, work->look.host.release, work->look.config.settings.proxmox);
	work->plan->decided = true;
	if (work->line.trouble != GUEST_LINE_FINE || tools.has[TOOL_QM]) {
		setup_tell_commands(work->plan->commands, work->plan->command_count);
	} else {
		guest_line_value(&work->line, value);
		fprintf(output_stream(), "\nqm is not on this host: the line for /%s is\nhostpci%u: %s\n", work->file,
			work->line.index, value);
		work->plan->command_count = work->plan->given_count = 0;
	}
	return EXIT_ALL_WELL;
}

static int with_work(struct work *work, int (*function)(struct work *work))
{
	int r = overview_read(&work->look, work->root), code = EXIT_INTERNAL;
	if (r == 0)
		r = setup_guest_read(&work->guest, work->file, work->root, work->options->guest);
	if (r == 0)
		code = function(work);
	else if (r == -ENOENT || r == -ENOTDIR) {
		log_line(LOG_ERR, "nothing was changed: this node has no guest %u: /%s is missing",
			 work->options->guest, work->file);
		code = EXIT_BAD_INPUT;
	} else {
		log_line(LOG_ERR, "/%s: %s", work->file, strerror(-r));
	}
	overview_free(&work->look);
	free(work);
	return code;
}

int setup_guest_decide(struct setup_plan *plan, const struct root *root, const struct options *options)
{
	struct work *work = calloc(1, sizeof(*work));
	*plan = (struct setup_plan){ .part_count = 0 };
	if (!work)
		return EXIT_INTERNAL;
	work->root = root;
	work->options = options;
	work->plan = plan;
	return with_work(work, decide);
}

// Whether a slot has a vGPU as it was asked for.
static bool is_as_asked(const struct work *work, unsigned index)
{
	const struct hostpci *slot = &work->guest.hostpci[index];
	const struct whole_gpu_list *claims = &work->look.config.claims;
	const char *type = work->options->type;
	if (!slot->line)
		return false;
	if (capacity_size_of(slot->mdev))
		return !type || streq(slot->mdev, type);
	for (size_t i = 0; i < claims->count; i++)
		if (claims->items[i].vmid == work->options->guest && claims->items[i].index == index &&
		    vf_is_claimed(&work->look.host, &claims->items[i]))
			return !type || streq(type, SETUP_TYPE_VF);
	return false;
}

static int look_again(struct work *work)
{
	bool vgpu = false;
	for (unsigned i = 0; i < GUEST_SLOTS; i++) {
		const struct hostpci *slot = &work->guest.hostpci[i];
		if (is_as_asked(work, i)) {
			fprintf(output_stream(), "Read back:  /%s:%u has hostpci%u: %s\n", work->file, slot->line, i,
				slot->text);
			vgpu = true;
		}
	}
	bool hookscript = !work->options->hookscript || work->guest.hookscript == HOOKSCRIPT_OURS;
	if (!vgpu)
		log_line(LOG_ERR, "read back: /%s has no vGPU", work->file);
	if (!hookscript)
		log_line(LOG_ERR, "read back: /%s does not have our hookscript", work->file);
	return vgpu && hookscript ? EXIT_ALL_WELL : EXIT_DEGRADED;
}

int setup_guest_read_back(const struct root *root, const struct options *options)
{
	struct work *work = calloc(1, sizeof(*work));
	if (!work)
		return EXIT_INTERNAL;
	work->root = root;
	work->options = options;
	return with_work(work, look_again);
}
