// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/types_vfs.h"

#include <errno.h>
#include <stdio.h>

#include "base/json_text.h"
#include "decide/sriov/sriov_rules.h"
#include "tell/finding_text.h"
#include "tell/plan_json.h"
#include "tell/status_vfs.h"
#include "tell/vf_state.h"
#include "tell/vf_text.h"

// Everything of one GPU.
struct view {
	const struct overview *look;
	const struct gpu *gpu;
	const struct sriov *sriov;
	struct gpu_way way;
	enum stance stance;
	struct finding leave;
	const struct planned_pf *pf; // NULL where none of its VFs is wanted
	struct vf_state_list vfs;    // of all GPUs
};

bool types_are_vfs(const struct gpu *gpu)
{
	return gpu->platform && gpu->verdict != GPU_SUPPORTED;
}

static void judge(struct view *view, const struct overview *look, const struct gpu *gpu)
{
	size_t index = (size_t)(gpu - look->host.gpus.items);
	const struct vf_plan *plan = &look->plan.vfs;
	*view = (struct view){ .look = look, .gpu = gpu, .sriov = &look->host.sriov.gpus[index] };
	gpu_way_choose(&view->way, &look->host, gpu);
	view->stance = sriov_judge(&view->leave, &look->host, gpu, &view->way, &(struct sriov_need){ .guests = true });
	for (size_t i = 0; i < plan->count; i++)
		if (plan->pfs[i].gpu == index) { // with the fixes that "check" knows
			view->pf = &plan->pfs[i];
			view->stance = view->pf->stance;
			view->leave = view->pf->leave;
		}
}

bool types_vfs_can_be_made(const struct overview *look, const struct gpu *gpu)
{
	struct view view;
	judge(&view, look, gpu);
	return view.stance == STANCE_ACT;
}

// -ENOMEM. view_free() then too.
static int view_read(struct view *view, const struct overview *look, const struct gpu *gpu)
{
	struct past_run none;
	past_run_none(&none);
	judge(view, look, gpu);
	return vf_state_list_make(&view->vfs, look, &none, &none);
}

static void view_free(struct view *view)
{
	vf_state_list_free(&view->vfs);
}

static bool is_own(const struct view *view, const struct vf_state *item)
{
	return &view->look->host.gpus.items[item->gpu] == view->gpu;
}

//
// JSON
//

int types_vfs_add_json(json_t *json, const struct overview *look, const struct gpu *gpu)
{
	struct view view;
	int r = view_read(&view, look, gpu);
	json_t *all = r == 0 ? status_vfs_json(look, &view.vfs) : json_array(), *vfs = json_array();
	for (size_t i = 0; i < view.vfs.count; i++)
		if (is_own(&view, &view.vfs.items[i]))
			json_array_append(vfs, json_array_get(all, i));
	json_decref(all);
	bool able = view.stance == STANCE_ACT;
	json_object_set_new(json, "supported", json_boolean(able));
	json_object_set_new(json, "finding", finding_json(able ? &view.way.finding : &view.leave));
	json_object_set_new(json, "way", json_text(way_name(view.way.way)));
	json_object_set_new(json, "vfs_at_most", view.sriov->total > 0 ? json_integer(view.sriov->total) : json_null());
	json_object_set_new(json, "vfs_there", json_integer(view.sriov->count));
	json_object_set_new(json, "vfs_wanted", json_integer(view.pf ? view.pf->wanted : 0));
	json_object_set_new(json, "vfs", vfs);
	view_free(&view);
	return r;
}

//
// Text
//

#define MEMORY_MIB(bytes) ((bytes) / (long)MIB)

// "25 ms", "no limit", or "-" where it is not known.
static void time_text(const struct vf_state *item, char *ret, size_t size)
{
	long quantum = item->profile ? item->profile->quantum_ms : -ENOENT;
	if (quantum > 0)
		snprintf(ret, size, "%ld ms", quantum);
	else
		snprintf(ret, size, quantum == 0 ? "no limit" : "-");
}

// Who has it, or is to have it.
static void owner_text(const struct view *view, const struct vf_state *item, char *ret, size_t size)
{
	char owners[VF_OWNERS_SIZE];
	const struct process *holder = item->holder;
	vf_owners_or_host(&view->look->config, item->address, item->planned, owners);
	size_t used = (size_t)snprintf(ret, size, "%s", owners);
	if (holder && holder->vmid)
		snprintf(ret + used, size - used, " (in use by guest %u)", holder->vmid);
	else if (holder)
		snprintf(ret + used, size - used, " (in use by %.15s)", holder->name);
	else if (!item->there)
		snprintf(ret + used, size - used, " (does not exist)");
	if (item->profile && item->profile->vram > 0)
		snprintf(ret + strlen(ret), size - strlen(ret), ", %ld MiB", MEMORY_MIB(item->profile->vram));
	if (item->profile && item->profile->ggtt > 0)
		snprintf(ret + strlen(ret), size - strlen(ret), ", GGTT %ld MiB", MEMORY_MIB(item->profile->ggtt));
}

static void print_table(const struct terminal *terminal, const struct view *view)
{
	bool narrow = terminal_is_narrow(terminal), any = false;
	for (size_t i = 0; i < view->vfs.count; i++) {
		const struct vf_state *item = &view->vfs.items[i];
		char number[8], time[24], owner[VF_OWNERS_SIZE + 160];
		if (!is_own(view, item))
			continue;
		if (!any) {
			terminal_print(terminal, COLOUR_STRONG, 0,
				       narrow ? "VF  ADDRESS       FOR" : "VF  ADDRESS       DRIVER    TIME      FOR");
			fputc('\n', terminal->stream);
		}
		any = true;
		snprintf(number, sizeof(number), "%2u", item->number);
		time_text(item, time, sizeof(time));
		owner_text(view, item, owner, sizeof(owner));
		terminal_print(terminal, COLOUR_NONE, 4, number);
		terminal_print(terminal, COLOUR_STRONG, 14, item->address);
		if (!narrow) {
			terminal_print(terminal, item->driver[0] ? COLOUR_GOOD : COLOUR_NONE, 10,
				       item->driver[0] ? item->driver : "-");
			terminal_print(terminal, COLOUR_NONE, 10, time);
		}
		terminal_wrap(terminal, narrow ? 18 : 38, narrow ? 18 : 38, owner);
	}
	if (any)
		fputc('\n', terminal->stream);
}

static bool is_free(const struct view *view, unsigned number)
{
	char address[PCI_ADDRESS_SIZE], owners[VF_OWNERS_SIZE];
	if (sriov_vf_address(view->sriov, view->gpu->address, number, address) < 0)
		return false;
	vf_owners(&view->look->config, address, owners);
	for (size_t i = 0; i < view->vfs.count; i++) {
		const struct vf_state *item = &view->vfs.items[i];
		if (is_own(view, item) && item->number == number &&
		    (item->holder || (item->planned && item->planned->host)))
			return false;
	}
	return !owners[0];
}

// The first VF that no guest has, from a number on; 0 when there is none.
static unsigned first_free(const struct view *view, unsigned from, unsigned to)
{
	for (unsigned number = from; number <= to; number++)
		if (is_free(view, number))
			return number;
	return 0;
}

static void print_sum(const struct terminal *terminal, const struct view *view)
{
	unsigned count = view->sriov->count, wanted = view->pf ? view->pf->wanted : 0;
	char text[TEXT_SIZE], most[32] = "";
	size_t used;
	if (view->sriov->total > 0)
		snprintf(most, sizeof(most), count ? " of at most %d" : " (at most %d can)", view->sriov->total);
	if (count == 0)
		used = (size_t)snprintf(text, sizeof(text), "No virtual function exists%s", most);
	else
		used = (size_t)snprintf(text, sizeof(text), "%u%s virtual functions exist", count, most);
	if (wanted > 0)
		used += (size_t)snprintf(text + used, sizeof(text) - used, ", and %u %s wanted", wanted,
					 wanted == 1 ? "is" : "are");
	snprintf(text + used, sizeof(text) - used, ".%s",
		 count > 0 && (int)count < view->sriov->total
			 ? " More take a reboot: a GPU's virtual functions are created all at once."
			 : "");
	terminal_wrap(terminal, 0, 0, text);
}

// How a guest gets one that nobody has.
static void print_use(const struct terminal *terminal, const struct view *view)
{
	unsigned count = view->sriov->count, most = view->sriov->total > 0 ? (unsigned)view->sriov->total : 0;
	unsigned now = first_free(view, 1, count), later = first_free(view, count + 1, most < VFS_MAX ? most : VFS_MAX);
	char address[PCI_ADDRESS_SIZE], text[TEXT_SIZE];
	if (now == 0 && later == 0) {
		terminal_wrap(terminal, 0, 0, "None is free.");
		return;
	}
	if (sriov_vf_address(view->sriov, view->gpu->address, now ? now : later, address) < 0)
		return;
	snprintf(text, sizeof(text), "%s is free%s. To give it to a guest, with the guest's VM ID for VMID:", address,
		 now                 ? ""
			 : count > 0 ? " after the next boot"
				     : ", and created once it is wanted");
	terminal_wrap(terminal, 0, 0, text);
	fprintf(terminal->stream, "qm set VMID --hostpci0 %s\n", address);
}

int types_vfs_print(const struct terminal *terminal, const struct overview *look, const struct gpu *gpu)
{
	struct view view;
	int r = view_read(&view, look, gpu);
	if (way_is_sriov(view.way.way))
		finding_print(terminal, "", &view.way.finding);
	if (view.stance != STANCE_ACT)
		finding_print(terminal, "", &view.leave);
	if (r == 0 && (view.stance == STANCE_ACT || view.sriov->count > 0)) {
		fputc('\n', terminal->stream);
		print_table(terminal, &view);
		print_sum(terminal, &view);
		status_vfs_print_time(terminal, &view.vfs, (size_t)(gpu - look->host.gpus.items), "Each");
		if (view.stance == STANCE_ACT)
			print_use(terminal, &view);
	}
	view_free(&view);
	return r;
}
