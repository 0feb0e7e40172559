// SPDX-License-Identifier: GPL-2.0-or-later
#include "usage.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "child.h"
#include "clock.h"
#include "file.h"
#include "pve.h"
#include "trace.h"

#define ARGUMENTS_MAX (64 * 1024) // a guest with many disks has some thousand bytes of them
#define DEVICE_SIZE   32

// Shared with the child.
struct call {
	struct usage usage;
	const struct root *root;
	const struct instance_list *instances;
	char devices[INSTANCES_MAX][2]
		    [DEVICE_SIZE]; // "/dev/vfio/NUMBER", and with iommufd "/dev/vfio/devices/NAME"; "" for none
};

static void read_devices(struct call *call)
{
	for (size_t i = 0; i < call->instances->count; i++) {
		char path[128], group[16];
		CLEANUP_FREE char **names = NULL;
		const char *uuid = call->instances->items[i].uuid;
		snprintf(path, sizeof(path), "bus/mdev/devices/%s/iommu_group", uuid);
		if (file_link_name(call->root->sys, path, group, sizeof(group)) >= 0)
			snprintf(call->devices[i][0], DEVICE_SIZE, "/dev/vfio/%s", group);
		snprintf(path, sizeof(path), "bus/mdev/devices/%s/vfio-dev", uuid);
		if (dir_names(call->root->sys, path, &names) > 0 &&
		    strlen(names[0]) < DEVICE_SIZE - sizeof("/dev/vfio/devices/"))
			snprintf(call->devices[i][1], DEVICE_SIZE, "/dev/vfio/devices/%.12s", names[0]);
	}
}

// The number that the program was given by "-id", as Proxmox VE starts its guests; 0 when it is something else.
static unsigned guest_number(const char *arguments, size_t length)
{
	const char *program = strrchr(arguments, '/');
	program = program ? program + 1 : arguments;
	if (!streq(program, "kvm") && !starts_with(program, "qemu-system"))
		return 0;
	const char *end = arguments + length;
	for (const char *word = arguments; word < end; word += strlen(word) + 1) {
		unsigned vmid;
		const char *next = word + strlen(word) + 1;
		if (streq(word, "-id") && next < end)
			return pve_parse_number(next, VMID_MIN, VMID_MAX, &vmid) == 0 ? vmid : 0;
	}
	return 0;
}

// Field 22, in clock ticks; the name in parentheses before it may hold blanks.
static bool read_process(const struct root *root, const char *pid, struct process *process)
{
	char path[64], stat[1024];
	snprintf(path, sizeof(path), "%s/comm", pid);
	if (file_read_line(root->proc, path, process->name, sizeof(process->name)) < 0)
		return false;
	snprintf(path, sizeof(path), "%s/stat", pid);
	if (file_read_line(root->proc, path, stat, sizeof(stat)) < 0)
		return false;
	const char *at = strrchr(stat, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	process->started_us = at ? strtoull(at, NULL, 10) * (USEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK)) : 0;
	return at;
}

// Adds the process once; its index, or -1 when there is no room or it has ended meanwhile.
static int add_process(struct call *call, const char *pid, unsigned vmid)
{
	struct usage *usage = &call->usage;
	pid_t number = (pid_t)strtol(pid, NULL, 10);
	for (size_t i = 0; i < usage->count; i++)
		if (usage->processes[i].pid == number)
			return (int)i;
	struct process process = { .pid = number, .vmid = vmid };
	if (usage->count >= RUNNING_MAX || !read_process(call->root, pid, &process))
		return -1;
	usage->processes[usage->count] = process;
	return (int)usage->count++;
}

// Of all that is read of processes a capture shall have no more than what counts: neither names of guests nor addresses.
static void note_process(const struct call *call, const char *pid, const struct process *process)
{
	char path[64], text[128];
	snprintf(path, sizeof(path), "%s/comm", pid);
	trace_file(call->root->proc, path, process->name, strlen(process->name));
	snprintf(path, sizeof(path), "%s/stat", pid);
	int n = snprintf(text, sizeof(text), "%s (%s) S 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 %llu\n", pid, process->name,
			 (unsigned long long)(process->started_us / (USEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK))));
	trace_file(call->root->proc, path, text, (size_t)n);
	snprintf(path, sizeof(path), "%s/cmdline", pid);
	n = process->vmid ? snprintf(text, sizeof(text), "kvm%c-id%c%u%c", 0, 0, process->vmid, 0)
			  : snprintf(text, sizeof(text), "%s%c", process->name, 0);
	trace_file(call->root->proc, path, text, (size_t)n);
}

static void look_at_descriptors(struct call *call, const char *pid, unsigned vmid)
{
	char path[64], one[64 + 24], target[DEVICE_SIZE];
	CLEANUP_FREE char **names = NULL;
	snprintf(path, sizeof(path), "%s/fd", pid);
	int count = dir_names(call->root->proc, path, &names);
	if ((count == -EACCES || count == -EPERM) && !call->usage.blind) {
		call->usage.blind = true;
		trace_error(call->root->proc, path, count);
		snprintf(one, sizeof(one), "%s/cmdline", pid);
		trace_file(call->root->proc, one, "-", 2);
	}
	for (int n = 0; n < count; n++) {
		snprintf(one, sizeof(one), "%s/%.20s", path, names[n]);
		int length = file_link(call->root->proc, one, target, sizeof(target));
		if (length < 0 || !starts_with(target, "/dev/vfio/"))
			continue;
		for (size_t i = 0; i < call->instances->count; i++) {
			if (!streq(target, call->devices[i][0]) && !streq(target, call->devices[i][1]))
				continue;
			call->usage.holders[i] = add_process(call, pid, vmid);
			trace_link(call->root->proc, one, target);
		}
	}
}

static int read_in_child(void *data)
{
	struct call *call = data;
	CLEANUP_FREE char **names = NULL;
	read_devices(call);

	trace_pause(true);
	int count = dir_names(call->root->proc, ".", &names);
	call->usage.hung = count == -ETIMEDOUT; // so it was when the host's files were captured
	for (int i = 0; i < count; i++) {
		char path[64];
		CLEANUP_FREE char *arguments = NULL;
		size_t length;
		if (!isdigit((unsigned char)names[i][0]) || strlen(names[i]) > 20)
			continue;
		snprintf(path, sizeof(path), "%s/cmdline", names[i]);
		// A thread of the kernel has none.
		if (file_read(call->root->proc, path, ARGUMENTS_MAX, &arguments, &length) < 0 || length == 0)
			continue;
		unsigned vmid = guest_number(arguments, length);
		int added = vmid ? add_process(call, names[i], vmid) : -1;
		size_t before = call->usage.count;
		if (call->instances->count > 0)
			look_at_descriptors(call, names[i], vmid);
		if (added >= 0 || call->usage.count > before)
			note_process(call, names[i], &call->usage.processes[call->usage.count - 1]);
	}
	trace_pause(false);
	return 0;
}

void usage_read(struct usage *usage, const struct root *root, const struct instance_list *instances, uint64_t until_us)
{
	struct call call = { .root = root, .instances = instances };
	for (size_t i = 0; i < INSTANCES_MAX; i++)
		call.usage.holders[i] = -1;
	int r = child_run_shared(read_in_child, &call, sizeof(call), until_us);
	*usage = call.usage;
	usage->hung |= r < 0;
	if (usage->hung)
		trace_error(root->proc, ".", -ETIMEDOUT);
}

const struct process *usage_holder(const struct usage *usage, size_t instance)
{
	int index = usage->holders[instance];
	return index < 0 ? NULL : &usage->processes[index];
}

const struct process *usage_first_guest(const struct usage *usage)
{
	const struct process *first = NULL;
	for (size_t i = 0; i < usage->count; i++)
		if (usage->processes[i].vmid && (!first || usage->processes[i].started_us < first->started_us))
			first = &usage->processes[i];
	return first;
}

const struct process *usage_guest(const struct usage *usage, unsigned vmid)
{
	for (size_t i = 0; i < usage->count; i++)
		if (usage->processes[i].vmid == vmid)
			return &usage->processes[i];
	return NULL;
}
