// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/setup/setup_guest.h"

#include <errno.h>
#include <stdio.h>

#include "base/exitcode.h"
#include "base/file.h"
#include "base/log.h"
#include "decide/setup/guest_line.h"
#include "read/host/tools.h"
#include "read/proxmox/guests.h"
#include "tell/overview.h"
#include "tell/setup_text.h"
#include "tell/words.h"

struct work {
	const struct root *root;
	const struct options *options;
	struct setup_plan *plan;
	struct overview look;
	struct guest guest;
	char file[200];
	const struct gpu *gpu;
	const struct offer_list *offers;
	struct guest_line line;
};

static int read_guest(struct work *work)
{
	CLEANUP_FREE char *text = NULL;
	struct pve_versions versions;
	char node[64];
	size_t length;
	guests_node(work->root, node, sizeof(node));
	snprintf(work->file, sizeof(work->file), PVE_DIR "/nodes/%s/qemu-server/%u.conf", node, work->options->guest);
	int r = file_read(work->root->fs, work->file, GUEST_FILE_MAX, &text, &length);
	if (r < 0)
		return r;
	pve_versions_read(&versions, work->root);
	return guest_parse(&work->guest, text, &versions);
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

static void add_command(struct setup_plan *plan, const char *const *words, size_t count)
{
	struct setup_command *command = &plan->commands[plan->command_count++];
	for (size_t i = 0; i < count; i++)
		snprintf(command->words[i], sizeof(command->words[i]), "%s", words[i]);
	command->count = count;
}

static void want_line(struct work *work)
{
	char vmid[16], slot[24], value[SETUP_WORD_SIZE];
	snprintf(vmid, sizeof(vmid), "%u", work->options->guest);
	snprintf(slot, sizeof(slot), "--hostpci%u", work->line.index);
	snprintf(value, sizeof(value), "%s,mdev=%s", work->gpu->address, work->line.type);
	add_command(work->plan, (const char *const[]){ "qm", "set", vmid, slot, value }, 5);
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
		add_command(work->plan, (const char *const[]){ "install", "-D", HOOKSCRIPT_SOURCE, HOOKSCRIPT_FILE },
			    4);
	add_command(work->plan, (const char *const[]){ "qm", "set", vmid, "--hookscript", HOOKSCRIPT_VOLUME }, 5);
	return true;
}

// What the type is chosen for, or what stands against it.
static bool judge(struct work *work, struct capacity_use *use)
{
	const struct whole_gpu *claim = whole_gpu_on(&work->look.config.claims, work->gpu->address);
	struct finding room;
	if (claim) {
		log_line(LOG_ERR, "nothing was changed: a guest takes all of %s (%s)", work->gpu->address,
			 claim->source);
		return false;
	}
	add_up(work, use);
	guest_line_choose(&work->line, &work->guest, work->options->type, work->gpu, work->offers, use);
	capacity_explain(&room, work->gpu, use, work->line.type);
	setup_tell_guest(&work->line, work->options, use->count, &room, work->offers->taken ? work->gpu->driver : "");
	return work->line.trouble == GUEST_LINE_FINE || work->line.trouble == GUEST_LINE_THERE;
}

static int decide(struct work *work)
{
	struct finding finding;
	struct tools tools;
	struct capacity_use use;
	char text[TEXT_SIZE];
	work->gpu = gpu_list_default(&work->look.host.gpus);
	if (!work->gpu || work->gpu->verdict != GPU_SUPPORTED) {
		judge_gpus(&finding, &work->look.host.gpus);
		log_line(LOG_ERR, "nothing was changed: %s", finding_text(&finding, text, sizeof(text)));
		return EXIT_DEGRADED;
	}
	work->offers = &work->look.offers[work->gpu - work->look.host.gpus.items];
	if (!judge(work, &use))
		return EXIT_DEGRADED;
	if (work->line.trouble == GUEST_LINE_FINE)
		want_line(work);
	if (work->options->hookscript && !want_hookscript(work))
		return EXIT_DEGRADED;
	tools_read(&tools, work->root, work->look.host.release, work->look.config.settings.proxmox);
	work->plan->decided = true;
	setup_tell_commands(work->plan->commands, work->plan->command_count);
	if (work->line.trouble == GUEST_LINE_FINE && !tools.has[TOOL_QM]) {
		printf("\nqm is not on this host: the line for /%s is\nhostpci%u: %s,mdev=%s\n", work->file,
		       work->line.index, work->gpu->address, work->line.type);
		work->plan->command_count = 0;
	}
	return EXIT_ALL_WELL;
}

static int with_work(struct work *work, int (*function)(struct work *work))
{
	int r = overview_read(&work->look, work->root), code = EXIT_INTERNAL;
	if (r == 0)
		r = read_guest(work);
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

static int look_again(struct work *work)
{
	bool vgpu = false;
	for (unsigned i = 0; i < GUEST_SLOTS; i++) {
		const struct hostpci *slot = &work->guest.hostpci[i];
		if (slot->line && capacity_size_of(slot->mdev) &&
		    (!work->options->type || streq(slot->mdev, work->options->type))) {
			printf("Read back:  /%s:%u has hostpci%u: %s\n", work->file, slot->line, i, slot->text);
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
