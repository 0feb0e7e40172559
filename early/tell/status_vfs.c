// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/status_vfs.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/json_text.h"
#include "tell/finding_text.h"
#include "tell/vf_text.h"

#define DRIVER_WIDTH 16
#define BELOW        4

static const char *gpu_of(const struct overview *look, const struct vf_state *item)
{
	return look->host.gpus.items[item->gpu].address;
}

//
// JSON
//

json_t *process_json(const struct process *process)
{
	return process ? json_pack("{s:i, s:o, s:o, s:I}", "pid", process->pid, "name", json_text(process->name),
				   "guest", process->vmid ? json_integer(process->vmid) : json_null(), "started_us",
				   (json_int_t)process->started_us)
		       : json_null();
}

static json_t *known_json(const struct vf_profile *profile, long value)
{
	return profile && value >= 0 ? json_integer(value) : json_null();
}

static json_t *vf_json(const struct overview *look, const struct vf_state *item)
{
	const struct vf_profile *profile = item->profile;
	const char *source = item->planned ? item->planned->source : NULL;
	return json_pack("{s:o, s:i, s:o, s:o, s:s, s:b, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "address",
			 json_text(item->address), "number", (int)item->number, "gpu", json_text(gpu_of(look, item)),
			 "driver", json_text(item->driver), "state", vf_status_name(item->state), "wanted",
			 item->planned != NULL, "there", item->there, "host", item->planned && item->planned->host,
			 "source", source ? json_text(source) : json_null(), "guests",
			 vf_guests_json(&look->config, item->address), "holder", process_json(item->holder),
			 "exec_quantum_ms", known_json(profile, profile ? profile->quantum_ms : 0),
			 "preempt_timeout_us", known_json(profile, profile ? profile->timeout_us : 0), "vram_bytes",
			 known_json(profile, profile ? profile->vram : 0), "ggtt_bytes",
			 known_json(profile, profile ? profile->ggtt : 0), "detail", json_text(item->text));
}

json_t *status_vfs_json(const struct overview *look, const struct vf_state_list *list)
{
	json_t *vfs = json_array();
	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(vfs, vf_json(look, &list->items[i]));
	return vfs;
}

//
// Text
//

static enum colour state_colour(enum vf_status state)
{
	switch (state) {
	case VF_STATE_USED:
	case VF_STATE_IDLE:
		return COLOUR_GOOD;
	case VF_STATE_UNKNOWN:
	case VF_STATE_HOST:
		return COLOUR_NONE;
	case VF_STATE_UNDRIVEN:
	case VF_STATE_MISSING:
		break;
	}
	return COLOUR_BAD;
}

static void state_of(const struct vf_state *item, char *ret, size_t size)
{
	static const char *const texts[] = {
		[VF_STATE_USED] = "",
		[VF_STATE_IDLE] = "present, not in use",
		[VF_STATE_UNKNOWN] = "present, use unknown",
		[VF_STATE_HOST] = "present, the host's",
		[VF_STATE_UNDRIVEN] = "present, no driver",
		[VF_STATE_MISSING] = "missing",
	};
	if (item->state != VF_STATE_USED)
		snprintf(ret, size, "%s", texts[item->state]);
	else if (item->holder->vmid)
		snprintf(ret, size, "in use, guest %u", item->holder->vmid);
	else
		snprintf(ret, size, "in use, %.15s", item->holder->name);
}

static void print_owner(const struct terminal *terminal, const struct overview *look, const struct vf_state *item)
{
	char owners[VF_OWNERS_SIZE];
	vf_owners_or_host(&look->config, item->address, item->planned, owners);
	fprintf(terminal->stream, "%*sfor ", BELOW, "");
	terminal_wrap(terminal, BELOW + 4, BELOW + 4, owners);
}

// length: how much of the text is not told yet.
static void print_vf(const struct terminal *terminal, const struct overview *look, const struct vf_state *item,
		     size_t length)
{
	char state[64], text[TEXT_SIZE];
	state_of(item, state, sizeof(state));
	terminal_print(terminal, COLOUR_STRONG, 0, item->address);
	fputs("  ", terminal->stream);
	terminal_print(terminal, COLOUR_NONE, DRIVER_WIDTH, item->driver[0] ? item->driver : "-");
	fputs("  ", terminal->stream);
	terminal_print(terminal, state_colour(item->state), 0, state);
	fputs(item->text[0] && length == 0 ? ", as above\n" : "\n", terminal->stream);
	print_owner(terminal, look, item);
	if (length > 0) {
		snprintf(text, sizeof(text), "%.*s", (int)length, item->text);
		fprintf(terminal->stream, "%*s", BELOW, "");
		terminal_wrap(terminal, BELOW, BELOW, text);
	}
}

// How much of a VF's text was not told of the one with a text above it.
static size_t new_part(const struct vf_state_list *list, size_t index)
{
	for (size_t i = index; i-- > 0;)
		if (list->items[i].text[0])
			return finding_new_part(list->items[index].text, list->items[i].text);
	return strlen(list->items[index].text);
}

void status_vfs_print_time(const struct terminal *terminal, const struct vf_state_list *list, size_t gpu,
			   const char *which)
{
	const struct vf_profile *first = NULL;
	char text[TEXT_SIZE];
	for (size_t i = 0; i < list->count; i++) {
		const struct vf_state *item = &list->items[i];
		if (item->gpu != gpu || !item->there)
			continue;
		if (first && first->quantum_ms != item->profile->quantum_ms)
			return;
		first = item->profile;
	}
	if (first && first->quantum_ms > 0 && first->timeout_us > 0)
		snprintf(text, sizeof(text),
			 "%s gets %ld ms of the GPU in turn; what does not yield is stopped after %ld ms.", which,
			 first->quantum_ms, first->timeout_us / (long)USEC_PER_MSEC);
	else if (first && first->quantum_ms == 0)
		snprintf(text, sizeof(text),
			 "%s has the GPU for as long as it likes: a busy host or guest keeps the others waiting.",
			 which);
	else
		return;
	terminal_wrap(terminal, 0, 0, text);
}

void status_vfs_print(const struct terminal *terminal, const struct overview *look, const struct vf_state_list *list)
{
	if (list->count > 0)
		fputc('\n', terminal->stream);
	for (size_t i = 0; i < list->count; i++)
		print_vf(terminal, look, &list->items[i], new_part(list, i));
	for (size_t i = 0; i < look->host.gpus.count; i++) {
		char which[PCI_ADDRESS_SIZE + 32];
		snprintf(which, sizeof(which), "Each virtual function of %s", look->host.gpus.items[i].address);
		status_vfs_print_time(terminal, list, i, which);
	}
}

void status_vfs_print_sum(const struct terminal *terminal, const struct vf_state_list *list)
{
	char text[128] = "All wanted virtual functions are present.";
	bool undriven = false;
	for (size_t i = 0; i < list->count; i++)
		undriven |= list->items[i].planned && list->items[i].state == VF_STATE_UNDRIVEN;
	if (list->wanted == 0)
		return;
	if (list->missing > 0)
		snprintf(text, sizeof(text), "%zu of %zu wanted virtual function%s %s missing%s.", list->missing,
			 list->wanted, list->wanted == 1 ? "" : "s", list->missing == 1 ? "is" : "are",
			 undriven ? " or without a driver" : "");
	terminal_wrap(terminal, 0, 0, text);
}

size_t status_vfs_print_guest(const struct terminal *terminal, const struct overview *look,
			      const struct vf_state_list *list, unsigned vmid, bool *ret_bad)
{
	size_t count = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct vf_state *item = &list->items[i];
		if (!vf_is_of_guest(&look->config, item->address, vmid))
			continue;
		print_vf(terminal, look, item, strlen(item->text));
		fprintf(terminal->stream, "%*svirtual function %u of %s\n", BELOW, "", item->number,
			gpu_of(look, item));
		*ret_bad |= item->state == VF_STATE_UNDRIVEN || item->state == VF_STATE_MISSING;
		count++;
	}
	return count;
}
