// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/setup/setup_guest.h"

#include <errno.h>
#include <stdio.h>

#include "base/exitcode.h"
#include "base/file.h"
#include "base/log.h"
#include "decide/setup/guest_line.h"
#include "decide/sriov/vf_plan.h"
#include "read/host/tools.h"
#include "read/proxmox/guests.h"
#include "tell/overview.h"
#include "tell/setup_text.h"
#include "tell/words.h"

#define FILE_SIZE 200

struct work {
	const struct root *root;
	const struct options *options;
	struct setup_plan *plan;
	struct overview look;
	struct guest guest;
	char file[FILE_SIZE];
	const struct gpu *gpu;
	const struct offer_list *offers;
	struct guest_line line;
};

static int read_guest(struct guest *guest, char ret_file[static FILE_SIZE], const struct root *root, unsigned vmid)
{
	CLEANUP_FREE char *text = NULL;
	struct pve_versions versions;
	char node[64];
	size_t length;
	guests_node(root, node, sizeof(node));
	snprintf(ret_file, FILE_SIZE, PVE_DIR "/nodes/%s/qemu-server/%u.conf", node, vmid);
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

static void add_command(struct setup_plan *plan, const char *const *words, size_t count)
{
	struct setup_command *command = &plan->commands[plan->command_count++];
	for (size_t i = 0; i < count; i++)
		snprintf(command->words[i], sizeof(command->words[i]), "%s", words[i]);
	command->count = count;
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
	setup_tell_guest_vf(&work->line, work->options, host->sriov.gpus[work->gpu - host->gpus.items].count);
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
	else if (way->way == WAY_NONE)
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
			 "nothing was changed: by 'guests = none' gvt-early does not know which virtual functions "
			 "guests have; give guest %u one with 'qm set'",
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
		printf("\nqm is not on this host: the line for /%s is\nhostpci%u: %s\n", work->file, work->line.index,
		       value);
		work->plan->command_count = work->plan->given_count = 0;
	}
	return EXIT_ALL_WELL;
}

static int with_work(struct work *work, int (*function)(struct work *work))
{
	int r = overview_read(&work->look, work->root), code = EXIT_INTERNAL;
	if (r == 0)
		r = read_guest(&work->guest, work->file, work->root, work->options->guest);
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

//
// Taking it back
//

// Where else a guest of this cluster is, or "".
static void find_elsewhere(const struct root *root, unsigned vmid, char ret[static FILE_SIZE])
{
	CLEANUP_FREE char **names = NULL;
	int count = dir_names(root->fs, PVE_DIR "/nodes", &names);
	*ret = '\0';
	for (int i = 0; i < count && !*ret; i++) {
		snprintf(ret, FILE_SIZE, PVE_DIR "/nodes/%.80s/qemu-server/%u.conf", names[i], vmid);
		if (!file_exists(root->fs, ret))
			*ret = '\0';
	}
}

static bool has_node(const struct root *root)
{
	char node[64], path[FILE_SIZE];
	guests_node(root, node, sizeof(node));
	snprintf(path, sizeof(path), PVE_DIR "/nodes/%s/qemu-server", node);
	return file_exists(root->fs, path);
}

// What the guest still has of what it was given, as qm's list of keys. Returns false where it has it otherwise than it
// was written, which is told.
static bool keys_left(const struct setup_given *given, const struct guest *guest, const char *file,
		      char ret[static SETUP_WORD_SIZE])
{
	const struct hostpci *slot = &guest->hostpci[given->index];
	bool line = given->value[0] && slot->line && streq(slot->text, given->value), other = false;
	bool hookscript = given->hookscript && guest->hookscript == HOOKSCRIPT_OURS;
	for (unsigned i = 0; i < GUEST_SLOTS && given->value[0] && !line; i++) {
		slot = &guest->hostpci[i];
		if (!slot->line || (i != given->index && !streq(slot->text, given->value)))
			continue;
		printf("Left alone: /%s:%u has hostpci%u: %s; setup has written hostpci%u: %s\n", file, slot->line, i,
		       slot->text, given->index, given->value);
		other = true;
	}
	*ret = '\0';
	if (line)
		snprintf(ret, SETUP_WORD_SIZE, "hostpci%u", given->index);
	if (hookscript)
		snprintf(ret + strlen(ret), SETUP_WORD_SIZE - strlen(ret), "%shookscript", line ? "," : "");
	return !other;
}

// A guest that is gone is forgotten; one that is on another node is not.
static int undo_absent(struct setup_plan *plan, const struct root *root, const struct setup_given *given,
		       const char *file)
{
	char elsewhere[FILE_SIZE];
	find_elsewhere(root, given->vmid, elsewhere);
	if (elsewhere[0]) {
		printf("Left alone: guest %u is on another node (/%s)\n", given->vmid, elsewhere);
	} else if (!has_node(root)) {
		log_line(LOG_ERR, "nothing was changed: /%s cannot be found: /" PVE_DIR " has no guests of this node",
			 file);
		return -ESTALE;
	} else {
		plan->given[plan->given_count++] = *given;
	}
	return 0;
}

static int undo_guest(struct setup_plan *plan, const struct root *root, const struct setup_given *given)
{
	struct guest *guest = calloc(1, sizeof(*guest));
	char file[FILE_SIZE] = "", vmid[16], keys[SETUP_WORD_SIZE] = "";
	int r = guest ? read_guest(guest, file, root, given->vmid) : -ENOMEM;
	bool forget = r == 0 && keys_left(given, guest, file, keys);
	free(guest);
	if (r == -ENOENT || r == -ENOTDIR)
		return undo_absent(plan, root, given, file);
	if (r < 0) {
		log_line(LOG_ERR, "nothing was changed: /%s: %s", file, strerror(-r));
		return r;
	}
	struct setup_given taken = *given;
	snprintf(vmid, sizeof(vmid), "%u", given->vmid);
	if (keys[0]) {
		add_command(plan, (const char *const[]){ "qm", "set", vmid, "--delete", keys }, 5);
		taken.command = (unsigned)plan->command_count;
	}
	if (keys[0] || forget)
		plan->given[plan->given_count++] = taken;
	return 0;
}

int setup_guest_taken(const struct setup_plan *plan, const struct root *root)
{
	CLEANUP_FREE struct setup_plan *left = calloc(1, sizeof(*left));
	int code = left ? EXIT_ALL_WELL : EXIT_INTERNAL;
	for (size_t i = 0; left && i < plan->given_count; i++) {
		size_t before = left->command_count;
		const struct setup_given *given = &plan->given[i];
		if (!given->command)
			continue;
		if (undo_guest(left, root, given) < 0 || left->command_count > before) {
			log_line(LOG_ERR, "read back: guest %u still has what it was given", given->vmid);
			code = EXIT_DEGRADED;
		}
	}
	return code;
}

int setup_guest_undo(struct setup_plan *plan, const struct setup_plan *record, const struct root *root, unsigned vmid)
{
	int r = 0;
	for (size_t i = 0; r == 0 && i < record->given_count; i++)
		if (vmid == 0 || record->given[i].vmid == vmid)
			r = undo_guest(plan, root, &record->given[i]);
	return r;
}
