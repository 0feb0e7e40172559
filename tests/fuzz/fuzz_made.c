// SPDX-License-Identifier: GPL-2.0-or-later
// What runs leave for other runs beside their reports: the record of the instances that were made, and the note of who
// has the lock.
#include "tree.h"

#include "read/host/made_record.h"
#include "tell/lock_note.h"

#define BOOT_ID "1b7cf7c6-1f0a-4a6b-8a4f-6b7a4d6c3e21"

static struct tree_file files[] = {
	{ .name = "made", .path = "run/gvt-early/made" },
	{ .name = "lock", .path = "run/gvt-early/lock" },
};

// With another instance it is written, and read as the same.
static void check_added(struct made_list *list, const struct root *root)
{
	static struct made_list again;
	static struct instance_list there;
	const struct instance item = { .uuid = "c3b1f3b4-0000-4000-8000-000000000001", .id = UINT64_MAX };
	there.count = 0;
	for (size_t i = 0; i < list->count && there.count + 1 < INSTANCES_MAX; i++) {
		if (instance_list_find(&there, list->items[i].uuid))
			continue;
		struct instance *one = &there.items[there.count++];
		*one = (struct instance){ .id = list->items[i].id };
		strcpy(one->uuid, list->items[i].uuid);
	}
	made_mark(list, &there);
	for (size_t i = 0; i < there.count; i++)
		CHECK(there.items[i].ours);
	int r = made_add(list, root, BOOT_ID, &there, &item);
	CHECK(r == 0 || r == -ENOSPC);
	if (r < 0)
		return;
	made_read(&again, root, BOOT_ID);
	CHECK(again.count == list->count && again.count > 0);
	for (size_t i = 0; i < again.count; i++)
		CHECK(again.items[i].id == list->items[i].id && streq(again.items[i].uuid, list->items[i].uuid));
}

static void check_made(const struct root *root)
{
	static struct made_list list;
	made_read(&list, root, BOOT_ID);
	CHECK(list.count <= INSTANCES_MAX);
	for (size_t i = 0; i < list.count; i++) {
		char uuid[UUID_SIZE];
		CHECK(wanted_parse_uuid(list.items[i].uuid, uuid) == 0 && streq(uuid, list.items[i].uuid));
	}
	check_added(&list, root);
	made_read(&list, root, "");
	CHECK(list.count == 0);
}

static void check_lock(const struct root *root)
{
	struct lock_holder holder, again;
	if (!lock_read_holder(root, &holder))
		return;
	CHECK(strlen(holder.run_name) < sizeof(holder.run_name) && strlen(holder.step) < sizeof(holder.step));
	CHECK(holder.run_name[0] && !strchr(holder.run_name, ' '));
	int fd = openat(root->run, "gvt-early/lock", O_RDWR | O_TRUNC | O_CLOEXEC);
	CHECK(fd >= 0);
	lock_note(fd,
		  &(struct lock_note){ .deadline_us = holder.deadline_us,
				       .step_us = holder.step_us,
				       .run_name = holder.run_name,
				       .step = holder.step });
	close(fd);
	CHECK(lock_read_holder(root, &again));
	CHECK(again.pid == getpid() && again.deadline_us == holder.deadline_us && again.step_us == holder.step_us);
	CHECK(starts_with(holder.run_name, again.run_name) && starts_with(holder.step, again.step));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct root *root = tree_fill(files, ARRAY_SIZE(files), data, size);
	check_made(root);
	check_lock(root);
	files[0].there = true; // made_add() has written it
	return 0;
}
